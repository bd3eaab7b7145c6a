// Any bytes as a package URL: what is read is written and read again as the same, and so is the
// package that it names where it names one.

#include "packages/package_url.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::packages;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto url = parse_package_url(text);
    if (!url.ok()) return 0;
    const std::string written = to_string(url.value());
    const auto again = parse_package_url(written, PurlSpelling::kStandard);
    if (!again.ok() || again.value() != url.value() || to_string(again.value()) != written)
        std::abort();
    const auto back = package_url_of(package_of(url.value()));
    if (back.ok() && !parse_package_url(to_string(back.value())).ok()) std::abort();
    return 0;
}
