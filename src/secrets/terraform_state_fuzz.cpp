// Any text has the secrets of its resources, or none: each lies in the text, in order, between
// quotes, and is long enough to be one.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "secrets/terraform_state.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::uint64_t last = 0;
    for (const auto& value : secrets::terraform_state_values(text)) {
        MERLON_ASSERT(value.begin > last && value.begin < value.end && value.end < size);
        MERLON_ASSERT(text[value.begin - 1] == '"' && text[value.end] == '"');
        MERLON_ASSERT(value.plain.size() >= 8 && value.plain.find('\n') == std::string::npos);
        last = value.begin;
        const std::string_view written = text.substr(value.begin, value.end - value.begin);
        // Without escapes in it, what is written is what is meant.
        if (written.find('\\') == std::string_view::npos) MERLON_ASSERT(value.plain == written);
    }
    return 0;
}
