// Whatever the vector is, its scores are tenths from 0 to 10.

#include <cstdlib>

#include "exchange/cvss.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const auto scores =
        exchange::score_cvss(std::string_view(reinterpret_cast<const char*>(data), size));
    if (!scores.ok()) return 0;
    if (scores.value().base_tenths > 100 || scores.value().temporal_tenths > 100 ||
        scores.value().environmental_tenths > 100) {
        std::abort();
    }
    return 0;
}
