// Any bytes as an ignore file and a path: the verdict is that of a slow reference, which tries
// every way that gitignore(5), "PATTERN FORMAT", leaves open instead of remembering the last star.

#include <algorithm>
#include <bitset>
#include <cctype>
#include <cstdlib>
#include <utility>

#include "text/glob.h"

namespace {

using namespace merlon::text;

struct Class {
    std::bitset<256> bytes;
    std::size_t size = 0;      // in the pattern; 0: not closed
    bool has_unknown = false;  // a name that is none: the class matches nothing
};

constexpr std::pair<std::string_view, int (*)(int)> kNamed[] = {
    {"alnum", std::isalnum}, {"alpha", std::isalpha}, {"blank", std::isblank},
    {"cntrl", std::iscntrl}, {"digit", std::isdigit}, {"graph", std::isgraph},
    {"lower", std::islower}, {"print", std::isprint}, {"punct", std::ispunct},
    {"space", std::isspace}, {"upper", std::isupper}, {"xdigit", std::isxdigit},
};

// Adds the class that `[:name:]` at the start of `text` names; returns its length, or 0.
std::size_t add_named(std::string_view text, Class& made) {
    if (!text.starts_with("[:")) return 0;
    const std::size_t end = text.find(']', 2);
    if (end == std::string_view::npos || end < 3 || text[end - 1] != ':') return 0;
    bool is_known = false;
    for (const auto& [name, holds] : kNamed) {
        if (name != text.substr(2, end - 3)) continue;
        is_known = true;
        for (int byte = 0; byte < 128; ++byte) {
            if (holds(byte) != 0) made.bytes.set(static_cast<std::size_t>(byte));
        }
    }
    made.has_unknown = made.has_unknown || !is_known;
    return end + 1;
}

// `pattern` stands at '['.
Class read_class(std::string_view pattern) {
    Class made;
    std::size_t at = 1;
    const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
    if (negated) ++at;
    const auto next = [&]() -> std::size_t {
        if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
        return static_cast<unsigned char>(pattern[at++]);
    };
    for (const std::size_t first = at; at < pattern.size();) {
        if (pattern[at] == ']' && at > first) {
            if (negated) made.bytes.flip();
            made.bytes.reset('/');
            if (made.has_unknown) made.bytes.reset();
            made.size = at + 1;
            return made;
        }
        if (const std::size_t named = add_named(pattern.substr(at), made); named > 0) {
            at += named;
            continue;
        }
        const std::size_t low = next();
        std::size_t high = low;
        if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
            ++at;
            high = next();
        }
        made.bytes.set(low);  // of `[c-a]` too
        for (std::size_t byte = low; byte <= high; ++byte) made.bytes.set(byte);
    }
    return made;
}

// `begins` says whether a component of the pattern begins here.
bool matches_slowly(std::string_view pattern, std::string_view path, std::string_view whole) {
    if (pattern.empty()) return path.empty();
    const bool begins =
        pattern.size() == whole.size() || whole[whole.size() - pattern.size() - 1] == '/';
    const std::size_t stars = std::min(pattern.find_first_not_of('*'), pattern.size());
    if (begins && stars >= 2) {
        std::string_view rest = pattern.substr(stars);
        if (rest.empty()) return true;
        // An escaped slash asks for one folder at least.
        const bool is_escaped = rest.starts_with("\\/");
        if (is_escaped || rest[0] == '/') {
            rest.remove_prefix(is_escaped ? 2 : 1);
            if (!is_escaped && matches_slowly(rest, path, whole)) return true;
            for (std::size_t at = 0; at < path.size(); ++at) {
                if (path[at] == '/' && matches_slowly(rest, path.substr(at + 1), whole))
                    return true;
            }
            return false;
        }
    }
    if (pattern[0] == '*') {
        const std::string_view rest = pattern.substr(stars);
        for (std::size_t taken = 0;; ++taken) {
            if (matches_slowly(rest, path.substr(taken), whole)) return true;
            if (taken == path.size() || path[taken] == '/') return false;
        }
    }
    if (path.empty()) return false;
    if (pattern[0] == '?')
        return path[0] != '/' && matches_slowly(pattern.substr(1), path.substr(1), whole);
    if (pattern[0] == '[') {
        const Class made = read_class(pattern);
        return made.size > 0 && made.bytes.test(static_cast<unsigned char>(path[0])) &&
               matches_slowly(pattern.substr(made.size), path.substr(1), whole);
    }
    if (pattern[0] == '\\') pattern.remove_prefix(1);
    return !pattern.empty() && pattern[0] == path[0] &&
           matches_slowly(pattern.substr(1), path.substr(1), whole);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 40) return 0;  // the reference is exponential in the stars
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = std::min(bytes.find('\0'), bytes.size());
    const std::string_view pattern = bytes.substr(0, cut);
    const std::string_view path = bytes.substr(std::min(cut + 1, bytes.size()));
    if (glob_matches(pattern, path) != matches_slowly(pattern, path, pattern)) std::abort();

    // A later line wins, whatever stands before it.
    const std::string all = std::string(pattern) + "\n*\n";
    if (IgnoreRules::parse(all).verdict("a", EntryKind::kFile) != IgnoreVerdict::kIgnored)
        std::abort();
    if (IgnoreRules::parse(all + "!a\n").verdict("a", EntryKind::kFile) != IgnoreVerdict::kKept)
        std::abort();
    return 0;
}
