#include "packages/license_alias.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "packages/license.h"

namespace merlon::packages {
namespace {

constexpr std::size_t kMaxNameBytes = 200;

struct Alias {
    std::string_view words;  // as bare_words() gives them
    std::string_view id;
};

// Ascending by words.
constexpr std::array kAliases{
    Alias{"2 clause bsd", "BSD-2-Clause"},
    Alias{"3 clause bsd", "BSD-3-Clause"},
    Alias{"apache 1.1", "Apache-1.1"},
    Alias{"apache 2", "Apache-2.0"},
    Alias{"apache 2.0", "Apache-2.0"},
    Alias{"apache software", "Apache-2.0"},
    Alias{"apache software 1.1", "Apache-1.1"},
    Alias{"apache software 2", "Apache-2.0"},
    Alias{"apache software 2.0", "Apache-2.0"},
    Alias{"apache2", "Apache-2.0"},
    Alias{"apache2.0", "Apache-2.0"},
    Alias{"artistic 2.0", "Artistic-2.0"},
    Alias{"asl 2.0", "Apache-2.0"},
    Alias{"blueoak 1.0.0", "BlueOak-1.0.0"},
    Alias{"boost 1.0", "BSL-1.0"},
    Alias{"boost software 1.0", "BSL-1.0"},
    Alias{"bsd 0 clause", "0BSD"},
    Alias{"bsd 2 clause", "BSD-2-Clause"},
    Alias{"bsd 2 clause simplified", "BSD-2-Clause"},
    Alias{"bsd 3 clause", "BSD-3-Clause"},
    Alias{"bsd 3 clause new or revised", "BSD-3-Clause"},
    Alias{"bsd new", "BSD-3-Clause"},
    Alias{"bsd simplified", "BSD-2-Clause"},
    Alias{"bsd2", "BSD-2-Clause"},
    Alias{"bsd3", "BSD-3-Clause"},
    Alias{"cc by 3.0", "CC-BY-3.0"},
    Alias{"cc by 4.0", "CC-BY-4.0"},
    Alias{"cc by sa 4.0", "CC-BY-SA-4.0"},
    Alias{"cc0", "CC0-1.0"},
    Alias{"cc0 1.0", "CC0-1.0"},
    Alias{"cc0 1.0 universal", "CC0-1.0"},
    Alias{"cc0 1.0 universal public domain dedication", "CC0-1.0"},
    Alias{"cddl 1.0", "CDDL-1.0"},
    Alias{"cddl 1.1", "CDDL-1.1"},
    Alias{"common development and distribution 1.0", "CDDL-1.0"},
    Alias{"common public 1.0", "CPL-1.0"},
    Alias{"creative commons attribution 4.0 international", "CC-BY-4.0"},
    Alias{"eclipse distribution 1.0", "BSD-3-Clause"},
    Alias{"eclipse public 1.0", "EPL-1.0"},
    Alias{"eclipse public 2.0", "EPL-2.0"},
    Alias{"edl 1.0", "BSD-3-Clause"},
    Alias{"epl 1.0", "EPL-1.0"},
    Alias{"epl 2.0", "EPL-2.0"},
    Alias{"eupl 1.1", "EUPL-1.1"},
    Alias{"eupl 1.2", "EUPL-1.2"},
    Alias{"european union public 1.2", "EUPL-1.2"},
    Alias{"expat", "MIT"},
    Alias{"historical permission notice and disclaimer", "HPND"},
    Alias{"isc", "ISC"},
    Alias{"microsoft public", "MS-PL"},
    Alias{"mit", "MIT"},
    Alias{"mit no attribution", "MIT-0"},
    Alias{"mit x11", "MIT"},
    Alias{"modified bsd", "BSD-3-Clause"},
    Alias{"mozilla public 1.1", "MPL-1.1"},
    Alias{"mozilla public 2.0", "MPL-2.0"},
    Alias{"mpl 1.1", "MPL-1.1"},
    Alias{"mpl 2", "MPL-2.0"},
    Alias{"mpl 2.0", "MPL-2.0"},
    Alias{"mpl2", "MPL-2.0"},
    Alias{"new bsd", "BSD-3-Clause"},
    Alias{"postgresql", "PostgreSQL"},
    Alias{"psf", "PSF-2.0"},
    Alias{"python software foundation", "PSF-2.0"},
    Alias{"python software foundation 2", "PSF-2.0"},
    Alias{"revised bsd", "BSD-3-Clause"},
    Alias{"simplified bsd", "BSD-2-Clause"},
    Alias{"unlicense", "Unlicense"},
    Alias{"w3c software", "W3C"},
    Alias{"wtfpl", "WTFPL"},
    Alias{"x11", "X11"},
    Alias{"zlib", "Zlib"},
    Alias{"zlib libpng", "Zlib"},
    Alias{"zope public 2.1", "ZPL-2.1"},
    Alias{"zpl 2.1", "ZPL-2.1"},
};
static_assert(std::ranges::is_sorted(kAliases, {}, &Alias::words));

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool says_nothing(std::string_view word) {
    constexpr std::array<std::string_view, 10> kEmpty{
        "the", "license", "licence", "version", "v", "licensed", "under", "ver", "only", "any"};
    return std::ranges::find(kEmpty, word) != kEmpty.end();
}

// "Apache License, Version 2.0" to "apache 2.0"; "GPLv3+" to "gpl3+".
std::string bare_words(std::string_view name) {
    std::string words, word;
    const auto end_word = [&] {
        while (word.ends_with('.')) word.pop_back();
        std::string_view bare = word;
        if (bare.size() > 1 && bare[0] == 'v' && is_digit(bare[1])) bare.remove_prefix(1);
        std::string kept(bare);
        // "gplv3": the v belongs to the number.
        for (std::size_t i = 1; i + 1 < kept.size(); ++i)
            if (kept[i] == 'v' && is_digit(kept[i + 1]) && !is_digit(kept[i - 1])) kept.erase(i, 1);
        if (!kept.empty() && !says_nothing(kept)) words += (words.empty() ? "" : " ") + kept;
        word.clear();
    };
    for (const char raw : name) {
        const char c = to_lower(raw);
        if ((c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '+') {
            word += c;
        } else {
            end_word();
        }
    }
    end_word();
    return words;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The licences of GNU by their parts: "gnu general public 2 or later", "lgpl2.1+".
std::optional<std::string_view> gnu_license(std::string_view words) {
    struct Family {
        std::string_view words, id;
    };
    static constexpr std::array<Family, 9> kFamilies{{{"affero general public", "AGPL"},
                                                      {"affero gpl", "AGPL"},
                                                      {"agpl", "AGPL"},
                                                      {"general public", "GPL"},
                                                      {"gpl", "GPL"},
                                                      {"lesser general public", "LGPL"},
                                                      {"lesser gpl", "LGPL"},
                                                      {"lgpl", "LGPL"},
                                                      {"library general public", "LGPL"}}};
    constexpr std::string_view kGnu = "gnu ";
    if (words.starts_with(kGnu)) words.remove_prefix(kGnu.size());
    for (const Family& family : kFamilies) {
        if (!words.starts_with(family.words)) continue;
        std::string_view rest = trimmed(words.substr(family.words.size()));
        const std::size_t end = std::min(rest.find_first_not_of("0123456789."), rest.size());
        std::string number(rest.substr(0, end));
        if (number.find('.') == std::string::npos) number += ".0";
        rest = trimmed(rest.substr(end));
        const bool or_later = rest == "+" || rest == "or later" || rest == "or newer";
        if (!rest.empty() && !or_later) return std::nullopt;
        return find_license(std::string(family.id) + '-' + number +
                            (or_later ? "-or-later" : "-only"));
    }
    return std::nullopt;
}

std::optional<std::string_view> find_alias(std::string_view name) {
    const std::string words = bare_words(name);
    if (const auto gnu = gnu_license(words)) return gnu;
    const auto found = std::ranges::lower_bound(kAliases, words, {}, &Alias::words);
    if (found == kAliases.end() || found->words != words) return std::nullopt;
    return found->id;
}

bool is_known(std::string_view text) {
    const Result<LicenseExpression> parsed = parse_license(text);
    return parsed.ok() &&
           std::ranges::none_of(license_terms(parsed.value()), [](const LicenseTerm& term) {
               return term.kind == LicenseTerm::Kind::kUnknown;
           });
}

}  // namespace

std::optional<std::string_view> license_of_name(std::string_view name) {
    name = trimmed(name);
    if (name.empty() || name.size() > kMaxNameBytes) return std::nullopt;
    if (const auto listed = find_license(name)) return listed;
    if (const auto alias = find_alias(name)) return alias;
    // "Mozilla Public License 2.0 (MPL 2.0)" says it twice.
    const std::size_t open = name.rfind('(');
    if (open == std::string_view::npos || !name.ends_with(')')) return std::nullopt;
    if (const auto alias = find_alias(name.substr(0, open))) return alias;
    const std::string_view inside = name.substr(open + 1, name.size() - open - 2);
    if (const auto listed = find_license(inside)) return listed;
    return find_alias(inside);
}

std::string spdx_expression(std::string_view stated) {
    // A longer text is no expression, and is not looked through for its words.
    if (stated.size() > kMaxLicenseBytes || is_known(stated)) return std::string(stated);
    if (const auto id = license_of_name(stated)) return std::string(*id);
    constexpr std::array<std::string_view, 4> kOperators{" OR ", " or ", " AND ", " and "};
    std::string expression;
    std::string_view rest = stated;
    while (true) {
        std::size_t at = std::string_view::npos;
        std::string_view found;
        for (const std::string_view one : kOperators) {
            const std::size_t place = rest.find(one);
            if (place < at) at = place, found = one;
        }
        const std::string_view operand = trimmed(rest.substr(0, at));
        const auto id = license_of_name(operand);
        if (!id && !is_known(operand)) return std::string(stated);
        expression += id ? *id : operand;
        if (at == std::string_view::npos) return expression;
        expression += found == kOperators[0] || found == kOperators[1] ? " OR " : " AND ";
        rest.remove_prefix(at + found.size());
    }
}

}  // namespace merlon::packages
