// Whatever the report says, it is read or refused, and what was read is the same twice.

#include <cstdint>
#include <cstdlib>

#include "exchange/sarif_read.h"
#include "model/serialize.h"

namespace {

using namespace merlon;

std::string written(const std::vector<exchange::ReadReport>& reports) {
    std::string all;
    for (const exchange::ReadReport& one : reports)
        all += model::serialize(one.report) + one.category + one.repository;
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto first = exchange::read_sarif(bytes);
    if (!first.ok()) return 0;
    const auto second = exchange::read_sarif(bytes);
    if (!second.ok() || written(first.value()) != written(second.value())) std::abort();
    return 0;
}
