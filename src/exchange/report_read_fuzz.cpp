// Whatever the report says, it is read or refused, and what was read is the same twice.

#include <cstdint>
#include <cstdlib>

#include "exchange/report_read.h"
#include "model/serialize.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto first = exchange::read_report(bytes);
    if (!first.ok()) return 0;
    const auto second = exchange::read_report(bytes);
    if (!second.ok() || model::serialize(first.value()) != model::serialize(second.value()))
        std::abort();
    return 0;
}
