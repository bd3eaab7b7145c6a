// Addresses and the exceptions of proxies: what is taken says itself again, and shows no
// credentials.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "net/http_url.h"
#include "net/proxy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::net;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t line = text.find('\n');
    const auto url = parse_http_url(text.substr(0, line));
    if (!url.ok()) return 0;
    const auto again = parse_http_url(url.value().text());
    MERLON_ASSERT(again.ok());
    HttpUrl bare = url.value();
    bare.credentials.clear();
    MERLON_ASSERT(again.value() == bare);
    if (line != std::string_view::npos) (void)is_excepted(bare, text.substr(line + 1));
    return 0;
}
