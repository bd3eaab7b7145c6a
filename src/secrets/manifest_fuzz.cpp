// Any text has the values of its Secrets, or none: each lies in the text, in order, and is long
// enough to be one.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "secrets/manifest.h"
#include "text/base64.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::uint64_t last = 0;
    for (const auto& value : secrets::kubernetes_secret_values(text)) {
        MERLON_ASSERT(value.begin >= last && value.begin < value.end && value.end <= size);
        MERLON_ASSERT(value.plain.size() >= 8 && value.plain.find('\n') == std::string::npos);
        last = value.begin;
        const std::string_view written = text.substr(value.begin, value.end - value.begin);
        // Without escapes or line ends in it, what is written is what is meant.
        if (written.find_first_of("\\'\r\n") != std::string_view::npos) continue;
        if (value.field == secrets::ManifestValue::Field::kStringData) {
            MERLON_ASSERT(value.plain == written);
        } else {
            const auto plain = text::decode_base64(written, text::Base64Alphabet::kStandard);
            MERLON_ASSERT(plain.ok() && plain.value() == value.plain);
        }
    }
    return 0;
}
