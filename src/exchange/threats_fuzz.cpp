// Probabilities stay within their scale, whatever the table says.

#include <cstdlib>

#include "exchange/threats.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    (void)exchange::read_kev_json(bytes);
    (void)exchange::read_kev_csv(bytes);
    const auto epss = exchange::read_epss_csv(bytes);
    if (!epss.ok()) return 0;
    for (const auto& record : epss.value()) {
        if (record.epss_100000ths > 100'000 || record.percentile_100000ths > 100'000) std::abort();
    }
    return 0;
}
