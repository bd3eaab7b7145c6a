#include "text/glob.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace merlon::text {
namespace {

using Byte = unsigned char;

// The classes of POSIX (XBD, section 9.3.5) in the C locale, as Git has them; nothing for other
// names.
std::optional<bool> in_named_class(std::string_view name, Byte c) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool upper = c >= 'A' && c <= 'Z';
    const bool digit = c >= '0' && c <= '9';
    const bool graph = c > 0x20 && c < 0x7F;
    if (name == "alpha") return lower || upper;
    if (name == "alnum") return lower || upper || digit;
    if (name == "digit") return digit;
    if (name == "lower") return lower;
    if (name == "upper") return upper;
    if (name == "xdigit") return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (name == "space") return c == ' ' || (c >= '\t' && c <= '\r');
    if (name == "blank") return c == ' ' || c == '\t';
    if (name == "cntrl") return c < 0x20 || c == 0x7F;
    if (name == "print") return graph || c == ' ';
    if (name == "graph") return graph;
    if (name == "punct") return graph && !lower && !upper && !digit;
    return std::nullopt;
}

// The name, which may be empty, of `[:name:]` at the start of `text`.
std::optional<std::string_view> class_name(std::string_view text) {
    if (!text.starts_with("[:")) return std::nullopt;
    const std::size_t end = text.find(']', 2);
    if (end == std::string_view::npos || end < 3 || text[end - 1] != ':') return std::nullopt;
    return text.substr(2, end - 3);
}

// A class at pattern[at] == '['; `next` is set behind it. One that is not closed matches nothing.
bool class_matches(std::string_view pattern, std::size_t at, char character, std::size_t& next) {
    const Byte c = static_cast<Byte>(character);
    std::size_t i = at + 1;
    const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
    if (negated) ++i;
    bool matched = false;
    bool known = true;  // a class with an unknown name in it matches nothing, negated or not
    for (bool first = true; i < pattern.size() && (pattern[i] != ']' || first); first = false) {
        if (const auto name = class_name(pattern.substr(i)); name.has_value()) {
            const std::optional<bool> inside = in_named_class(*name, c);
            known = known && inside.has_value();
            matched = matched || inside.value_or(false);
            i += name->size() + 4;
            continue;
        }
        if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
        const Byte low = static_cast<Byte>(pattern[i++]);
        Byte high = low;
        if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
            const bool escaped = pattern[i + 1] == '\\' && i + 2 < pattern.size();
            high = static_cast<Byte>(pattern[escaped ? i + 2 : i + 1]);
            i += escaped ? 3 : 2;
        }
        // As in Git, the first character counts in `[c-a]` too.
        matched = matched || c == low || (low <= c && c <= high);
    }
    next = i + 1;
    return i < pattern.size() && known && matched != negated && c != '/';
}

struct ClassEnd {
    std::size_t next = 0;  // behind the class
    bool is_closed = false;
    bool is_known = true;
};

// Of a class at pattern[at] == '['.
ClassEnd class_end(std::string_view pattern, std::size_t at) {
    ClassEnd end;
    std::size_t i = at + 1;
    if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) ++i;
    for (bool first = true; i < pattern.size() && (pattern[i] != ']' || first); first = false) {
        if (const auto name = class_name(pattern.substr(i)); name.has_value()) {
            end.is_known = end.is_known && in_named_class(*name, 0).has_value();
            i += name->size() + 4;
        } else {
            i += pattern[i] == '\\' ? 2 : 1;
        }
    }
    end.is_closed = i < pattern.size();
    end.next = i + 1;
    return end;
}

// Matches with one place to go back to for `*` and one for `**`, as wildcard matchers without
// recursion do: a later star makes the earlier one final.
bool matches(std::string_view pattern, std::string_view path) {
    constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    std::size_t p = 0;
    std::size_t s = 0;
    std::size_t star = kNone;
    std::size_t star_at = 0;
    std::size_t deep = kNone;  // behind a `**`
    std::size_t deep_at = 0;
    while (true) {
        if (p < pattern.size()) {
            const std::string_view rest = pattern.substr(p);
            if (rest.starts_with("**") && (p == 0 || pattern[p - 1] == '/')) {
                const std::size_t stars = std::min(rest.find_first_not_of('*'), rest.size());
                const std::string_view behind = rest.substr(stars);
                // A last `**` takes everything, `**/` no folder or any number of them, and with an
                // escaped slash at least one.
                if (behind.empty()) return true;
                const bool escaped = behind.starts_with("\\/");
                if (escaped || behind[0] == '/') {
                    const std::size_t slash = escaped ? path.find('/', s) : s;
                    if (slash == std::string_view::npos) return false;
                    if (escaped) s = slash + 1;
                    p += stars + (escaped ? 2 : 1);
                    deep = p;
                    deep_at = s;
                    star = kNone;
                    continue;
                }
            }
            if (rest[0] == '*') {
                while (p < pattern.size() && pattern[p] == '*') ++p;
                star = p;
                star_at = s;
                continue;
            }
            if (s < path.size()) {
                std::size_t next = p + 1;
                bool same = false;
                if (rest[0] == '?') {
                    same = path[s] != '/';
                } else if (rest[0] == '[') {
                    same = class_matches(pattern, p, path[s], next);
                } else if (rest[0] == '\\') {
                    same = rest.size() > 1 && path[s] == rest[1];
                    next = p + 2;
                } else {
                    same = path[s] == rest[0];
                }
                if (same) {
                    p = next;
                    ++s;
                    continue;
                }
            }
        } else if (s == path.size()) {
            return true;
        }
        if (star != kNone && star_at < path.size() && path[star_at] != '/') {
            p = star;
            s = ++star_at;
            continue;
        }
        // The next folder for the last `**/`.
        const std::size_t slash = deep == kNone ? std::string_view::npos : path.find('/', deep_at);
        if (slash == std::string_view::npos) return false;
        p = deep;
        s = deep_at = slash + 1;
        star = kNone;
    }
}

// Git compares what stands before the first wildcard by itself and takes the rest for a pattern of
// its own, so that in `/a**/b` the `**` begins one.
bool matches_from_folder(std::string_view pattern, std::size_t literal, std::string_view path) {
    return path.starts_with(pattern.substr(0, literal)) &&
           matches(pattern.substr(literal), path.substr(literal));
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view path) {
    return matches(pattern, path);
}

std::string_view glob_defect(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] == '\\') {
            if (at + 1 == pattern.size()) return "ends with a backslash that escapes nothing";
            at += 2;
        } else if (pattern[at] == '[') {
            const ClassEnd end = class_end(pattern, at);
            if (!end.is_closed) return "has a '[' without its ']'";
            if (!end.is_known) return "has a class of an unknown name, such as '[:alhpa:]'";
            at = end.next;
        } else {
            ++at;
        }
    }
    return {};
}

IgnoreRules IgnoreRules::parse(std::string_view text) {
    IgnoreRules rules;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        // Trailing spaces count only when they are escaped.
        while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        Rule rule;
        if (line.starts_with('!')) {
            rule.negated = true;
            line.remove_prefix(1);
        }
        if (line.ends_with('/')) {
            rule.only_directories = true;
            line.remove_suffix(1);
        }
        // A slash anywhere but at the end ties the pattern to the file's folder.
        rule.anchored = line.find('/') != std::string_view::npos;
        if (line.starts_with('/')) line.remove_prefix(1);
        if (line.empty()) continue;
        rule.pattern = line;
        rule.literal = std::min(line.find_first_of("*?[\\"), line.size());
        rules.rules_.push_back(std::move(rule));
    }
    return rules;
}

IgnoreVerdict IgnoreRules::verdict(std::string_view path, EntryKind kind) const {
    const std::string_view name = path.substr(path.find_last_of('/') + 1);
    for (std::size_t i = rules_.size(); i-- > 0;) {
        const Rule& rule = rules_[i];
        if (rule.only_directories && kind != EntryKind::kDirectory) continue;
        if (rule.anchored ? matches_from_folder(rule.pattern, rule.literal, path)
                          : glob_matches(rule.pattern, name)) {
            return rule.negated ? IgnoreVerdict::kKept : IgnoreVerdict::kIgnored;
        }
    }
    return IgnoreVerdict::kUndecided;
}

}  // namespace merlon::text
