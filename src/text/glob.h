#pragma once

// Glob patterns over paths, and git's ignore rules made of them (gitignore(5), "PATTERN FORMAT").
//
// `*` and `?` do not match '/'; `**/` matches any folders, `/**` everything below; `[a-z]`,
// `[[:alpha:]]` and backslash escapes as in fnmatch(3) with FNM_PATHNAME. A class that is not
// closed or has an unknown name in it and a last backslash match nothing, as in Git
// (tests/git/ignore_differential.py and tests/cli/ignore_test.py compare the two).
//
// Thread-safe: values. Cost: quadratic at worst in the pattern's stars, never exponential.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace merlon::text {

// Whether the whole `path` matches.
bool glob_matches(std::string_view pattern, std::string_view path);
// Why a pattern matches nothing at all; empty where it may match something.
std::string_view glob_defect(std::string_view pattern);

enum class EntryKind : std::uint8_t { kFile, kDirectory };
enum class IgnoreVerdict : std::uint8_t { kUndecided, kIgnored, kKept };

// The rules of one ignore file; paths are relative to its folder.
class IgnoreRules {
  public:
    static IgnoreRules parse(std::string_view text);

    // What the last rule that matches says. The caller asks for folders first and does not look
    // below an ignored one.
    IgnoreVerdict verdict(std::string_view path, EntryKind kind) const;
    bool empty() const { return rules_.empty(); }

  private:
    struct Rule {
        std::string pattern;
        bool negated = false;
        bool only_directories = false;
        std::size_t literal = 0;  // bytes before the first wildcard
        bool anchored = false;    // holds from the file's folder, not at any depth
    };
    std::vector<Rule> rules_;
};

}  // namespace merlon::text
