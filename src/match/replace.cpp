// Replacing and splitting, which are loops around searches (regexp.ReplaceAll, Expand, Split).

#include <algorithm>
#include <functional>

#include "match/regex.h"
#include "text/utf8.h"

namespace merlon::match {
namespace {

bool is_in_table(std::string_view key, char32_t point) {
    const auto table = find_unicode_table(key);
    return table && std::any_of(table->begin(), table->end(), [point](CodePointRange range) {
               return range.low <= point && point <= range.high;
           });
}

bool is_name_character(char32_t point) {
    if (point < 0x80) return is_word_byte(static_cast<std::uint8_t>(point));
    return is_in_table("L", point) || is_in_table("Nd", point);
}

// A reference to a group behind '$': how many bytes it takes, and its name.
struct Reference {
    std::string_view name;
    std::size_t size = 0;
};

std::optional<Reference> read_reference(std::string_view text) {
    const bool in_braces = text.starts_with('{');
    const std::size_t begin = in_braces ? 1 : 0;
    std::size_t at = begin;
    while (at < text.size()) {
        const text::CodePoint point = text::decode_utf8(text.substr(at));
        if (!is_name_character(point.value)) break;
        at += point.width;
    }
    if (at == begin) return std::nullopt;
    if (in_braces && (at >= text.size() || text[at] != '}')) return std::nullopt;
    return Reference{text.substr(begin, at - begin), in_braces ? at + 1 : at};
}

// The number that a name is; nullopt where it is a name, or a number that begins with 0.
std::optional<std::size_t> number_of(std::string_view name) {
    if (name.size() > 1 && name.front() == '0') return std::nullopt;
    std::size_t number = 0;
    for (const char c : name) {
        if (c < '0' || c > '9' || number >= 100'000'000) return std::nullopt;
        number = number * 10 + static_cast<std::size_t>(c - '0');
    }
    return number;
}

void append_group(std::string& out, std::string_view text, std::string_view name,
                  const std::vector<Span>& groups, const std::vector<std::string>& names) {
    const auto append = [&](std::size_t group) {
        out += text.substr(groups[group].begin, groups[group].end - groups[group].begin);
    };
    if (const auto number = number_of(name)) {
        if (*number < groups.size() && groups[*number].matched()) append(*number);
        return;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name && groups[i].matched()) {
            append(i);
            return;
        }
    }
}

// regexp.Expand.
void expand(std::string& out, std::string_view text, std::string_view replacement,
            const std::vector<Span>& groups, const std::vector<std::string>& names) {
    while (!replacement.empty()) {
        const std::size_t dollar = std::min(replacement.find('$'), replacement.size());
        out += replacement.substr(0, dollar);
        if (dollar == replacement.size()) return;
        replacement.remove_prefix(dollar + 1);
        if (replacement.starts_with('$')) {
            out.push_back('$');
            replacement.remove_prefix(1);
        } else if (const auto reference = read_reference(replacement)) {
            append_group(out, text, reference->name, groups, names);
            replacement.remove_prefix(reference->size);
        } else {
            out.push_back('$');
        }
    }
}

using Append = std::function<void(std::string& out, const std::vector<Span>& groups)>;

enum class Need : std::uint8_t { kPlaces, kGroups };

// regexp.replaceAll, whose rule for empty matches is not that of FindAll.
// Nothing where the text would be larger than `max_bytes`.
std::optional<std::string> replace_all(const Regex& regex, std::string_view text, Need need,
                                       std::size_t max_bytes, const Append& append) {
    const Subject subject(text);
    const std::string_view clean = subject.searchable_by(regex.program());
    std::string out;
    std::vector<Span> groups(1);
    std::size_t last_end = 0;
    std::size_t from = 0;
    while (from <= text.size()) {
        const SearchInput input{clean, from, clean.size(), Anchor::kNone};
        if (need == Need::kGroups) {
            if (!regex.captures_in(input, groups)) break;
        } else {
            const auto found = regex.find_in(input);
            if (!found) break;
            groups[0] = *found;
        }
        const auto [begin, end] = groups[0];
        out += text.substr(last_end, begin - last_end);
        if (end > last_end || begin == 0) append(out, groups);
        if (out.size() > max_bytes) return std::nullopt;
        last_end = end;
        const std::size_t width =
            from < text.size() ? text::decode_utf8(text.substr(from)).width : 0;
        if (from + width > end) {
            from += width;
        } else if (from + 1 > end) {
            ++from;
        } else {
            from = end;
        }
    }
    out += text.substr(last_end);
    if (out.size() > max_bytes) return std::nullopt;
    return out;
}

}  // namespace

std::string Regex::replace(std::string_view text, std::string_view replacement) const {
    return replace_within(text, replacement, SIZE_MAX).value();
}

std::optional<std::string> Regex::replace_within(std::string_view text,
                                                 std::string_view replacement,
                                                 std::size_t max_bytes) const {
    const bool is_literal = replacement.find('$') == std::string_view::npos;
    return replace_all(*this, text, is_literal ? Need::kPlaces : Need::kGroups, max_bytes,
                       [&](std::string& out, const std::vector<Span>& groups) {
                           if (is_literal) {
                               out += replacement;
                           } else {
                               expand(out, text, replacement, groups, capture_names());
                           }
                       });
}

std::string Regex::replace_literal(std::string_view text, std::string_view replacement) const {
    return replace_all(*this, text, Need::kPlaces, SIZE_MAX,
                       [&](std::string& out, const std::vector<Span>&) { out += replacement; })
        .value();
}

std::vector<std::string_view> Regex::split(std::string_view text, int limit) const {
    if (limit == 0) return {};
    if (!pattern().empty() && text.empty()) return {text};
    std::vector<Span> matches;
    find_all(Subject(text), matches);
    std::vector<std::string_view> pieces;
    std::size_t begin = 0;
    std::size_t end = 0;
    // Go looks for `limit` matches only, and then stops one piece earlier.
    for (const Span& match : matches) {
        if (limit > 0 && pieces.size() + 1 == static_cast<std::size_t>(limit)) break;
        end = match.begin;
        if (match.end != 0) pieces.push_back(text.substr(begin, end - begin));
        begin = match.end;
    }
    if (end != text.size()) pieces.push_back(text.substr(begin));
    return pieces;
}

}  // namespace merlon::match
