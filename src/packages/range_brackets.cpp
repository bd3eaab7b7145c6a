// Maven's and NuGet's intervals in brackets, the lists of nginx and OpenSSL, and which syntax is
// whose.

#include <algorithm>
#include <array>

#include "packages/range_syntax.h"
#include "packages/version.h"
#include "packages/version_key.h"

namespace merlon::packages {
namespace {

using enum Comparator;

Error wrong(std::string_view what, std::string_view text) {
    return Error{"range: " + std::string(what) + ": '" + std::string(text) + "'"};
}

// "[1.0,2.0)": from the bracket up to its partner, which is taken off.
Result<Constraints> take_interval(std::string_view& text) {
    const std::size_t end = text.find_first_of("])");
    if (end == std::string_view::npos) return wrong("no bracket closes", text);
    const bool low_inside = text.front() == '[';
    const bool high_inside = text[end] == ']';
    std::string_view inside = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    if (inside.find(',') == std::string_view::npos) {
        if (!low_inside || !high_inside || trim(inside).empty())
            return wrong("one version stands in square brackets", inside);
        return Constraints{{kEqual, std::string(trim(inside))}};
    }
    const std::string_view low = trim(take_part(inside, ','));
    const std::string_view high = trim(inside);
    if (high.find(',') != std::string_view::npos) return wrong("three bounds", high);
    Constraints constraints;
    if (!low.empty())
        constraints.push_back({low_inside ? kGreaterOrEqual : kGreater, std::string(low)});
    if (!high.empty())
        constraints.push_back({high_inside ? kLessOrEqual : kLess, std::string(high)});
    return constraints;
}

// NuGet: 1.0 is at least that; 1.* is the newest of 1. Maven: 1.0 is a wish that anything fulfils,
// and what a lock-step build gets is that version.
Result<VersionRange> bare_version(RangeSyntax syntax, VersionScheme scheme, std::string_view text) {
    if (syntax == RangeSyntax::kNuget && text.find('*') != std::string_view::npos)
        return parse_word_range(RangeSyntax::kPoetry, scheme, text);
    const Comparator comparator = syntax == RangeSyntax::kNuget ? kGreaterOrEqual : kEqual;
    return VersionRange{scheme, {{{comparator, std::string(text)}}}, {}};
}

// nginx: 1.4.1+ is that and the later ones of a stable branch, whose second number is even; of the
// main line, without an end.
Result<Constraints> nginx_part(std::string_view part) {
    if (part.ends_with('+')) {
        part.remove_suffix(1);
        Constraints constraints{{kGreaterOrEqual, std::string(part)}};
        std::string_view rest = part;
        const std::string_view major = take_part(rest, '.');
        const std::string_view minor = take_part(rest, '.');
        if (!all_digits(major) || !all_digits(minor) || minor.size() > 9)
            return wrong("no version of nginx", part);
        const int number = std::stoi(std::string(minor));
        if (number % 2 == 0)
            constraints.push_back(
                {kLess, std::string(major) + '.' + std::to_string(number + 1) + ".0"});
        return constraints;
    }
    const std::size_t dash = part.find('-');
    if (dash == std::string_view::npos) return Constraints{{kEqual, std::string(part)}};
    return Constraints{{kGreaterOrEqual, std::string(trim(part.substr(0, dash)))},
                       {kLessOrEqual, std::string(trim(part.substr(dash + 1)))}};
}

struct SyntaxRow {
    Ecosystem ecosystem;
    RangeSyntax syntax;
    std::string_view vers_type;
};
constexpr std::array kSyntaxes{
    SyntaxRow{Ecosystem::kNpm, RangeSyntax::kNpm, "npm"},
    SyntaxRow{Ecosystem::kJsr, RangeSyntax::kNpm, "jsr"},
    SyntaxRow{Ecosystem::kPypi, RangeSyntax::kPip, "pypi"},
    SyntaxRow{Ecosystem::kMaven, RangeSyntax::kMaven, "maven"},
    SyntaxRow{Ecosystem::kGo, RangeSyntax::kGo, "golang"},
    SyntaxRow{Ecosystem::kCargo, RangeSyntax::kCargo, "cargo"},
    SyntaxRow{Ecosystem::kNuget, RangeSyntax::kNuget, "nuget"},
    SyntaxRow{Ecosystem::kGem, RangeSyntax::kGem, "gem"},
    SyntaxRow{Ecosystem::kCocoapods, RangeSyntax::kGem, "cocoapods"},
    SyntaxRow{Ecosystem::kComposer, RangeSyntax::kComposer, "composer"},
    SyntaxRow{Ecosystem::kConan, RangeSyntax::kConan, "conan"},
    SyntaxRow{Ecosystem::kPub, RangeSyntax::kPub, "pub"},
    SyntaxRow{Ecosystem::kHex, RangeSyntax::kHex, "hex"},
    SyntaxRow{Ecosystem::kTerraform, RangeSyntax::kHex, "terraform"},
    SyntaxRow{Ecosystem::kUnknown, RangeSyntax::kNginx, "nginx"},
    SyntaxRow{Ecosystem::kUnknown, RangeSyntax::kOpenssl, "openssl"},
};

}  // namespace

std::optional<RangeSyntax> range_syntax_of(Ecosystem ecosystem) {
    if (ecosystem == Ecosystem::kUnknown) return std::nullopt;
    for (const SyntaxRow& row : kSyntaxes)
        if (row.ecosystem == ecosystem) return row.syntax;
    return std::nullopt;
}

std::optional<RangeSyntax> range_syntax_of_vers_type(std::string_view type) {
    for (const SyntaxRow& row : kSyntaxes)
        if (row.vers_type == type) return row.syntax;
    return std::nullopt;
}

Result<VersionRange> parse_bracket_range(RangeSyntax syntax, VersionScheme scheme,
                                         std::string_view text) {
    text = trim(text);
    if (text.empty()) return wrong("no range", text);
    if (text.front() != '[' && text.front() != '(') return bare_version(syntax, scheme, text);
    VersionRange range{.scheme = scheme, .alternatives = {}, .excluded = {}};
    while (!text.empty()) {
        if (text.front() != '[' && text.front() != '(') return wrong("no bracket opens", text);
        if (range.alternatives.size() == kMaxConstraints) return wrong("too many intervals", text);
        range.alternatives.push_back(MERLON_TRY(take_interval(text)));
        text = trim(text);
        if (text.empty()) break;
        if (text.front() != ',') return wrong("no comma between intervals", text);
        text = trim(text.substr(1));
        if (text.empty()) return wrong("nothing behind the comma", text);
    }
    return range;
}

Result<VersionRange> parse_version_list(RangeSyntax syntax, VersionScheme scheme,
                                        std::string_view text) {
    VersionRange range{.scheme = scheme, .alternatives = {}, .excluded = {}};
    if (trim(text) == "all") {
        range.alternatives.emplace_back();
        return range;
    }
    while (!text.empty()) {
        const std::string_view part = trim(take_part(text, ','));
        if (part.empty()) return wrong("no version between two commas", text);
        if (range.alternatives.size() == kMaxConstraints) return wrong("too many versions", text);
        if (syntax == RangeSyntax::kNginx)
            range.alternatives.push_back(MERLON_TRY(nginx_part(part)));
        else
            range.alternatives.push_back({{kEqual, std::string(part)}});
    }
    return range;
}

Result<VersionRange> parse_version_range(RangeSyntax syntax, VersionScheme scheme,
                                         std::string_view text) {
    if (text.size() > kMaxRangeBytes) return Error{"range: it is longer than 64 KiB"};
    if (has_word_syntax(syntax)) return parse_word_range(syntax, scheme, text);
    if (syntax == RangeSyntax::kMaven || syntax == RangeSyntax::kNuget)
        return parse_bracket_range(syntax, scheme, text);
    return parse_version_list(syntax, scheme, text);
}

}  // namespace merlon::packages
