// recognize_licenses over any bytes: no crash, percentages are percentages, each licence once.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "packages/license_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::packages;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::set<std::string> known;
    for (const FoundLicense& one : recognize_licenses(text)) {
        if (one.similarity_percent > 100 || !known.insert(one.id).second) std::abort();
    }
    return 0;
}
