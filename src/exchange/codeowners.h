#pragma once

// Whose a file is, by CODEOWNERS: GitHub's ("About code owners") and GitLab's ("Code Owners
// syntax"), which adds sections.
//
// The idea: lines of pattern and owners; the last pattern that matches decides, and one without
// owners takes them away again. GitLab's sections ("[Docs][2] @writers", "^[Optional]") each decide
// by themselves, with owners of their own for lines that name none, and what they say is joined;
// "!pattern" takes a path out of its section. A file without sections is one section, in which a
// "!pattern" is a defect.
//
// Patterns are those of .gitignore, but for three things: "docs/*" is of that folder alone; there
// are no classes ([a-z]) and no negation on GitHub, where such lines are said to be ignored: here
// they are defects that the caller can show.
//
// Thread-safe: a value. Cost: a look at each line for each path; lines are bounded.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::exchange {

class CodeOwners {
  public:
    // Fails where there are too many lines. What one line has wrong is in defects().
    static Result<CodeOwners> parse(std::string_view text);

    // "acme/payments", "ana", "ana@example.com": without the '@' in front, in the order of the
    // file, each once; empty: nobody's.
    std::vector<std::string> owners_of(std::string_view path) const;

    struct Defect {
        std::uint32_t line = 0;
        std::string reason;
    };
    const std::vector<Defect>& defects() const { return defects_; }

  private:
    struct Line {
        std::uint32_t number = 0;
        std::string pattern = {};  // for glob_matches, of the file itself
        std::string below = {};    // of what lies below; empty: a file only
        bool is_taken_out = false;
        std::vector<std::string> owners = {};
    };
    struct Section {
        std::string name;
        std::vector<std::string> owners;  // of lines that name none
        std::vector<Line> lines;
    };
    bool begin_section(std::string_view line);
    void add_line(std::string_view line, std::uint32_t number);
    void leave_out_negations();
    Section& section_of(std::string_view name);

    std::vector<Section> sections_;
    std::size_t current_ = 0;
    bool has_sections_ = false;
    std::vector<Defect> defects_;
};

}  // namespace merlon::exchange
