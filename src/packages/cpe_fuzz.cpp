// Any bytes as a CPE name: what is read is written and read again as the same, and is compared with
// another one without harm.

#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "packages/cpe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::packages;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t line = text.find('\n');
    const auto name = parse_cpe(text.substr(0, line));
    if (!name.ok()) return 0;
    const std::string written = to_string(name.value());
    if (written.size() <= kMaxCpeBytes) {
        const auto again = parse_cpe(written);
        MERLON_ASSERT(again.ok() && again.value() == name.value());
    }
    if (line == std::string_view::npos) return 0;
    const auto other = parse_cpe(text.substr(line + 1));
    if (!other.ok()) return 0;
    for (std::size_t i = 0; i < kCpeAttributeCount; ++i) {
        const CpeRelation one = compare(name.value().values[i], other.value().values[i]);
        const CpeRelation two = compare(other.value().values[i], name.value().values[i]);
        MERLON_ASSERT((one == CpeRelation::kEqual) == (two == CpeRelation::kEqual));
        MERLON_ASSERT(one != CpeRelation::kSuperset || two != CpeRelation::kSuperset);
    }
    return 0;
}
