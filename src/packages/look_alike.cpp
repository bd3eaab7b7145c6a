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

struct Forms {
    std::string plain;
    std::string skeleton;
    std::string words;
};

Forms forms_of(Ecosystem ecosystem, std::string_view name) {
    Forms forms;
    if (ecosystem == Ecosystem::kGo) {
        forms.plain = lower_case(name);  // separators of an import path are part of it
    } else {
        for (const char c : lower_case(name))
            if (kSeparators.find(c) == std::string_view::npos) forms.plain += c;
    }
    forms.skeleton = skeleton_of(forms.plain);
    forms.words = sorted_words(name);
    return forms;
}

// PEP 503: names that differ in case, or in which separator stands between the same words, are one.
std::string normal_python_name(std::string_view name) {
    std::string normal;
    for (const char c : lower_case(name)) {
        const bool is_separator = c == '-' || c == '_' || c == '.';
        if (!is_separator) {
            normal += c;
        } else if (!normal.ends_with('-')) {
            normal += '-';
        }
    }
    return normal;
}

// Equal for all ways to write one name.
std::string canonical_name(Ecosystem ecosystem, std::string_view name) {
    if (ecosystem == Ecosystem::kNuget) return lower_case(name);
    return ecosystem == Ecosystem::kPypi ? normal_python_name(name) : std::string(name);
}

constexpr std::uint32_t two(char left, char right) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(left)) << 8 |
           static_cast<unsigned char>(right);
}
std::uint32_t first_two(std::string_view text) { return two(text[0], text[1]); }
// Not to be mixed up with the first two of another name.
std::uint32_t last_two(std::string_view text) {
    return 1u << 16 | two(text[text.size() - 2], text.back());
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

void PopularNames::add(Ecosystem ecosystem, std::string_view name, Imitated& imitated) {
    const auto position = static_cast<Position>(imitated.names.size());
    imitated.names.emplace_back(name);
    const Forms forms = forms_of(ecosystem, name);
    imitated.by_plain.emplace(forms.plain, position);
    imitated.by_skeleton.emplace(forms.skeleton, position);
    imitated.by_words.emplace(forms.words, position);
    const std::string_view own = own_part(name);
    if (own.size() < kLeastSlipLength) return;
    imitated.by_ends[first_two(own)].push_back(position);
    imitated.by_ends[last_two(own)].push_back(position);
}

Result<PopularNames> PopularNames::parse(std::string_view text, const std::string& file) {
    const auto kept = std::make_shared<const std::string>(text);
    PopularNames popular = MERLON_TRY(parse_lines(*kept, file));
    popular.text_ = kept;
    return popular;
}

Result<PopularNames> PopularNames::parse_lines(std::string_view text, const std::string& file) {
    PopularNames popular;
    std::uint32_t number = 0;
    // Lines of one ecosystem follow each other.
    std::string_view type;
    Names* names = nullptr;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        const bool is_imitated = !line.starts_with('~');
        if (!is_imitated) line.remove_prefix(1);
        const std::size_t blank = line.find(' ');
        if (names == nullptr || type != line.substr(0, blank)) {
            type = line.substr(0, blank);
            const auto ecosystem = ecosystem_of_purl_type(type);
            names = nullptr;
            if (ecosystem) {
                auto& made = popular.names_[*ecosystem];
                if (made == nullptr) made = std::make_unique<Names>();
                names = made.get();
            }
        }
        if (blank == std::string_view::npos || names == nullptr || blank + 1 == line.size()) {
            return Error{
                "expected 'TYPE NAME' with the type of a package URL, such as 'npm lodash'"}
                .at(file, number, 1);
        }
        (is_imitated ? names->imitated : names->others).push_back(line.substr(blank + 1));
    }
    return popular;
}

const PopularNames::Imitated& PopularNames::forms_in(Ecosystem ecosystem, Names& names) {
    std::call_once(names.forms_made, [&] {
        for (const std::string_view name : names.imitated) add(ecosystem, name, names.forms);
    });
    return names.forms;
}

bool PopularNames::holds(Ecosystem ecosystem, std::string_view name, Names& names) {
    std::call_once(names.spellings_made, [&] {
        for (const auto* list : {&names.imitated, &names.others})
            for (const std::string_view known : *list)
                names.spellings.insert(canonical_name(ecosystem, known));
    });
    return names.spellings.contains(canonical_name(ecosystem, name));
}

const PopularNames& PopularNames::own() {
    static const PopularNames names = [] {
        const std::string_view text(
            merlon_popular_names_begin,
            static_cast<std::size_t>(merlon_popular_names_end - merlon_popular_names_begin));
        Result<PopularNames> parsed = parse_lines(text, "popular_names.txt");
        return parsed.ok() ? std::move(parsed).value() : PopularNames();
    }();
    return names;
}

bool PopularNames::has(Ecosystem ecosystem, std::string_view name) const {
    const auto known = names_.find(ecosystem);
    return known != names_.end() && holds(ecosystem, name, *known->second);
}

std::optional<LookAlike> PopularNames::find(Ecosystem ecosystem, std::string_view name) const {
    const auto known = names_.find(ecosystem);
    if (known == names_.end()) return std::nullopt;
    std::optional<LookAlike> found = find_in(forms_in(ecosystem, *known->second), ecosystem, name);
    // Most names look like none, and are not searched for among all.
    if (found && holds(ecosystem, name, *known->second)) found.reset();
    return found;
}

std::optional<LookAlike> PopularNames::find_in(const Imitated& imitated, Ecosystem ecosystem,
                                               std::string_view name) {
    const Forms forms = forms_of(ecosystem, name);
    const auto among = [&](const std::unordered_map<std::string, Position>& map,
                           const std::string& form,
                           std::string_view how) -> std::optional<LookAlike> {
        const auto found = map.find(form);
        if (found == map.end()) return std::nullopt;
        return LookAlike{imitated.names[found->second], how};
    };
    auto found = among(imitated.by_plain, forms.plain, "separators or case differ");
    if (!found) found = among(imitated.by_words, forms.words, "its words are in another order");
    if (!found) found = among(imitated.by_skeleton, forms.skeleton, "characters look alike");
    return found ? found : find_slip(imitated, name);
}

std::optional<LookAlike> PopularNames::find_slip(const Imitated& imitated, std::string_view name) {
    const std::string_view own = own_part(name);
    if (own.size() < kLeastSlipLength) return std::nullopt;
    for (const std::uint32_t end : {first_two(own), last_two(own)}) {
        const auto alike = imitated.by_ends.find(end);
        if (alike == imitated.by_ends.end()) continue;
        for (const Position position : alike->second) {
            const std::string_view known = imitated.names[position];
            if (is_one_slip(own_part(known), own) && prefix_of(known) == prefix_of(name))
                return LookAlike{std::string(known), "one character differs"};
        }
    }
    return std::nullopt;
}

}  // namespace merlon::packages
