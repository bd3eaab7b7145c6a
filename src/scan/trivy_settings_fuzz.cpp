// Arbitrary bytes as a trivy.yaml: read or refused, the same way twice.

#include <cstdint>
#include <cstdlib>

#include "scan/trivy_settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto first = scan::read_trivy_settings(text);
    const auto second = scan::read_trivy_settings(text);
    if (first.ok() != second.ok()) std::abort();
    if (!first.ok()) return 0;
    if (first.value().unknown_keys != second.value().unknown_keys) std::abort();
    for (const scan::PeerSetting& setting : first.value().settings) {
        if (setting.flag.empty()) std::abort();
    }
    return 0;
}
