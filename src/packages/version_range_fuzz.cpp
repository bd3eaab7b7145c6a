// Any text in any syntax of ranges: its intervals are sorted and apart, hold what the range holds,
// and its VERS reads back.
//
// The first byte chooses the syntax, or VERS; the second the scheme; a line feed ends the range,
// and the rest is a version.

#include "packages/version_range.h"

#include <cstdlib>

#include "packages/version.h"
#include "packages/version_key.h"

namespace {

using namespace merlon::packages;

void require(bool holds) {
    if (!holds) std::abort();
}

void check(const VersionRange& range, std::string_view version) {
    (void)range.contains(version);
    const auto intervals = range.intervals();
    if (!has_exact_keys(range.scheme)) return;
    for (std::size_t at = 0; at < intervals.size(); ++at) {
        require(at == 0 || intervals[at].lower.has_value());
        require(at + 1 == intervals.size() || intervals[at].upper.has_value());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > 4096) return 0;
    constexpr auto kSyntaxes = static_cast<std::size_t>(RangeSyntax::kAdvisory) + 1;
    constexpr auto kSchemes = static_cast<std::size_t>(VersionScheme::kLexicographic) + 1;
    const std::size_t chosen = data[0] % (kSyntaxes + 1);
    const auto scheme = static_cast<VersionScheme>(data[1] % kSchemes);
    std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::string_view text = take_part(rest, '\n');
    if (chosen == kSyntaxes) {
        const auto vers = parse_vers(text);
        if (!vers.ok()) return 0;
        check(vers.value().range(), rest);
        const auto again = parse_vers(to_string(vers.value()));
        require(again.ok() && to_string(again.value()) == to_string(vers.value()));
        return 0;
    }
    const auto range = parse_version_range(static_cast<RangeSyntax>(chosen), scheme, text);
    if (!range.ok()) return 0;
    check(range.value(), rest);
    (void)to_string(vers_of(range.value(), "semver"));
    return 0;
}
