#include "packages/look_alike.h"

#include <algorithm>
#include <array>

#include "packages/version_key.h"

#ifndef MERLON_POPULAR_NAMES
#error "MERLON_POPULAR_NAMES names src/packages/popular_names.txt"
#endif

__asm__(
    ".pushsection .rodata\n"
    ".global merlon_popular_names_begin\n"
    ".global merlon_popular_names_end\n"
    "merlon_popular_names_begin:\n"
    ".incbin \"" MERLON_POPULAR_NAMES
    "\"\n"
    "merlon_popular_names_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" const char merlon_popular_names_begin[];
extern "C" const char merlon_popular_names_end[];

namespace merlon::packages {
namespace {

constexpr std::size_t kLeastSlipLength = 5;
constexpr std::string_view kSeparators = "-_./@:";

// What stands for what, longest first: Latin look-alikes, and the Cyrillic and Greek letters that
// no font tells apart (Unicode Technical Standard #39, confusables).
constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kAlike{{
    {"rn", "m"},       {"vv", "w"},       {"0", "o"},        {"1", "l"},        {"i", "l"},
    {"5", "s"},        {"\xD0\xB0", "a"}, {"\xD0\xB5", "e"}, {"\xD0\xBE", "o"}, {"\xD1\x80", "p"},
    {"\xD1\x81", "c"}, {"\xD1\x83", "y"}, {"\xD1\x85", "x"}, {"\xD1\x96", "l"}, {"\xD1\x95", "s"},
    {"\xD0\xBA", "k"}, {"\xD1\x82", "t"}, {"\xD0\xBC", "m"}, {"\xCE\xBF", "o"}, {"\xCE\xB1", "a"},
    {"\xCF\x81", "p"}, {"\xCE\xBD", "v"},
}};

std::string skeleton_of(std::string_view plain) {
    std::string skeleton;
    while (!plain.empty()) {
        const auto alike = std::ranges::find_if(
            kAlike, [&](const auto& pair) { return plain.starts_with(pair.first); });
        if (alike != kAlike.end()) {
            skeleton += alike->second;
            plain.remove_prefix(alike->first.size());
        } else {
            skeleton += plain[0];
            plain.remove_prefix(1);
        }
    }
    return skeleton;
}

std::string sorted_words(std::string_view name) {
    std::vector<std::string> words;
    while (!name.empty()) {
        const std::string_view word = name.substr(0, name.find_first_of(kSeparators));
        if (!word.empty()) words.push_back(lower_case(word));
        name.remove_prefix(std::min(name.size(), word.size() + 1));
    }
    std::ranges::sort(words);
    std::string all;
    for (const std::string& word : words) all += word + ' ';
    return all;
}

// The name without what all names of its ecosystem may have in common: a host, a scope.
std::string_view own_part(std::string_view name) {
    const std::size_t slash = name.rfind('/');
    return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

std::string_view prefix_of(std::string_view name) {
    return name.substr(0, name.size() - own_part(name).size());
}

}  // namespace

bool is_one_slip(std::string_view left, std::string_view right) {
    if (left.size() > right.size()) std::swap(left, right);
    if (right.size() - left.size() > 1 || left == right) return false;
    std::size_t begin = 0;
    while (begin < left.size() && left[begin] == right[begin]) ++begin;
    std::string_view rest = left.substr(begin), other = right.substr(begin);
    if (left.size() < right.size()) return rest == other.substr(1);
    if (rest.substr(1) == other.substr(1)) return true;
    return rest.size() > 1 && rest[0] == other[1] && rest[1] == other[0] &&
           rest.substr(2) == other.substr(2);
}

PopularNames::Known PopularNames::known_of(Ecosystem ecosystem, std::string_view name) {
    Known known{.name = std::string(name), .plain = {}, .skeleton = {}, .words = {}};
    for (const char c : lower_case(name)) {
        // PEP 503 and Go's import paths: separators of one are no other name, or part of it.
        if (kSeparators.find(c) == std::string_view::npos) known.plain += c;
    }
    if (ecosystem == Ecosystem::kGo) known.plain = lower_case(name);
    known.skeleton = skeleton_of(known.plain);
    known.words = sorted_words(name);
    return known;
}

Result<PopularNames> PopularNames::parse(std::string_view text, const std::string& file) {
    PopularNames popular;
    std::uint32_t number = 0;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        const std::size_t blank = line.find(' ');
        const auto ecosystem = ecosystem_of_purl_type(line.substr(0, blank));
        if (blank == std::string_view::npos || !ecosystem || blank + 1 == line.size()) {
            return Error{
                "expected 'TYPE NAME' with the type of a package URL, such as 'npm lodash'"}
                .at(file, number, 1);
        }
        popular.names_[*ecosystem].push_back(known_of(*ecosystem, line.substr(blank + 1)));
    }
    return popular;
}

const PopularNames& PopularNames::own() {
    static const PopularNames names = [] {
        const std::string_view text(
            merlon_popular_names_begin,
            static_cast<std::size_t>(merlon_popular_names_end - merlon_popular_names_begin));
        Result<PopularNames> parsed = parse(text, "popular_names.txt");
        return parsed.ok() ? std::move(parsed).value() : PopularNames();
    }();
    return names;
}

bool PopularNames::has(Ecosystem ecosystem, std::string_view name) const {
    const auto names = names_.find(ecosystem);
    return names != names_.end() &&
           std::ranges::find(names->second, name, &Known::name) != names->second.end();
}

std::optional<LookAlike> PopularNames::find(Ecosystem ecosystem, std::string_view name) const {
    const auto names = names_.find(ecosystem);
    if (names == names_.end()) return std::nullopt;
    const Known asked = known_of(ecosystem, name);
    std::optional<LookAlike> found;
    for (const Known& known : names->second) {
        if (known.name == name) return std::nullopt;
        // Of PyPI and NuGet, names that differ in case alone (PEP 503: or in separators) are one.
        const bool is_same_name =
            (ecosystem == Ecosystem::kPypi && known.plain == asked.plain &&
             known.words == asked.words) ||
            (ecosystem == Ecosystem::kNuget && lower_case(known.name) == lower_case(name));
        if (is_same_name) return std::nullopt;
        if (found) continue;
        const bool has_same_prefix = prefix_of(known.name) == prefix_of(name);
        if (known.plain == asked.plain) {
            found = LookAlike{known.name, "separators or case differ"};
        } else if (known.words == asked.words) {
            found = LookAlike{known.name, "its words are in another order"};
        } else if (known.skeleton == asked.skeleton) {
            found = LookAlike{known.name, "characters look alike"};
        } else if (has_same_prefix && own_part(name).size() >= kLeastSlipLength &&
                   own_part(known.name).size() >= kLeastSlipLength &&
                   is_one_slip(own_part(known.name), own_part(name))) {
            found = LookAlike{known.name, "one character differs"};
        }
    }
    return found;
}

}  // namespace merlon::packages
