// Whatever the document says, it is read or refused, the same way twice.

#include <cstdlib>

#include "exchange/vex.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto first = exchange::read_vex(bytes);
    if (!first.ok()) return 0;
    const auto second = exchange::read_vex(bytes);
    if (!second.ok() || first.value() != second.value()) std::abort();
    return 0;
}
