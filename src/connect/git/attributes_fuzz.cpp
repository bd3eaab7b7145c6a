// Any bytes as an attribute file and a path: an answer in bounded time, and a quoted path that
// reads back as itself.

#include "connect/git/attributes.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "connect/git/quoted_path.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::connect::git;
    if (size > 4096) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = std::min(bytes.find('\0'), bytes.size());
    const std::string text(bytes.substr(0, cut));
    const std::string_view path = bytes.substr(std::min(cut + 1, bytes.size()));

    const Attributes attributes(text, [&](std::string_view) { return text; });
    const AttributeValue value = attributes.find(path, "diff");
    if (value != attributes.find(path, "diff")) std::abort();

    const std::string quoted = quote_path(path);
    if (const auto unquoted = unquote_path(quoted); unquoted && unquoted->path != path) {
        if (quoted.size() != path.size()) std::abort();
    }
    (void)unquote_path(text);
    return 0;
}
