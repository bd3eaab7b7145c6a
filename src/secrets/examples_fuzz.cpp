// Any bytes as an example's template: a text that is the same each time, or an error that points
// into the template.

#include <algorithm>
#include <cstdlib>

#include "secrets/examples.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::secrets;
    if (size > 256) return 0;  // each generator may make 100,000 characters
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto expanded = expand_example(bytes, "rule");
    if (!expanded.ok()) {
        if (expanded.error().message.empty() || expanded.error().offset >= size) std::abort();
        return 0;
    }
    const std::string& text = expanded.value();
    if (expand_example(bytes, "rule").value() != text) std::abort();
    if (bytes.find_first_of("{}") == std::string_view::npos && text != bytes) std::abort();
    const auto braces = static_cast<std::size_t>(std::ranges::count(bytes, '{'));
    if (text.size() > size * 2 + braces * 100'100) std::abort();

    // Doubled braces are how any text is written as a template.
    std::string escaped;
    for (const char c : bytes) escaped.append(c == '{' || c == '}' ? 2 : 1, c);
    if (expand_example(escaped, "rule").value() != bytes) std::abort();
    return 0;
}
