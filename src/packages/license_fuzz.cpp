// Any text as a licence expression: what is read is written and read again as the same, and its
// normal form is stable.

#include "packages/license.h"
#include "packages/license_alias.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::packages;
    if (size > 4096) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    // What a table gives in place of names is an expression of SPDX.
    const std::string meant = spdx_expression(text);
    if (meant != text && !parse_license(meant).ok()) std::abort();
    const auto expression = parse_license(text);
    if (!expression.ok()) return 0;
    const auto again = parse_license(to_string(expression.value()));
    if (!again.ok() || again.value() != expression.value()) std::abort();
    const LicenseExpression normal = normalize(expression.value());
    if (normalize(normal) != normal) std::abort();
    const LicensePolicy policy{.allowed = {"MIT", "Apache-*"}, .denied = {"GPL-*"}};
    (void)evaluate(normal, policy);
    return 0;
}
