// Any three texts in any scheme: the order is total and antisymmetric, transitive where keys decide
// alone, and keys never say otherwise than the comparison.
//
// The first byte chooses the scheme; line feeds divide the texts.

#include <cstdlib>

#include "packages/version.h"
#include "packages/version_key.h"

namespace {

using namespace merlon::packages;

void require(bool holds) {
    if (!holds) std::abort();
}

void check_pair(VersionScheme scheme, std::string_view left, std::string_view right) {
    const auto order = compare_versions(scheme, left, right);
    require(compare_versions(scheme, right, left) == (0 <=> order));
    require(compare_versions(scheme, left, left) == 0);
    std::string l, r;
    append_version_key(scheme, left, l);
    append_version_key(scheme, right, r);
    const auto said = compare_version_keys(scheme, l, r);
    require(!said || *said == order);
    require(said || !has_exact_keys(scheme));
    (void)parse_problem(scheme, left);
    (void)explain_comparison(scheme, left, right);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1 || size > 4096) return 0;
    constexpr auto kSchemes = static_cast<std::size_t>(VersionScheme::kLexicographic) + 1;
    const auto scheme = static_cast<VersionScheme>(data[0] % kSchemes);
    std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string_view a = take_part(rest, '\n');
    const std::string_view b = take_part(rest, '\n');
    const std::string_view c = take_part(rest, '\n');
    check_pair(scheme, a, b);
    check_pair(scheme, b, c);
    check_pair(scheme, a, c);
    if (!has_exact_keys(scheme)) return 0;
    const auto ab = compare_versions(scheme, a, b);
    const auto bc = compare_versions(scheme, b, c);
    const auto ac = compare_versions(scheme, a, c);
    if (ab <= 0 && bc <= 0) require(ac <= 0 && ((ab == 0 && bc == 0) == (ac == 0)));
    return 0;
}
