#pragma once

// Go's regexp package in a process of its own (tests/peers/regexp_oracle), asked over a pipe.
//
// The idea: questions go out in batches, and one batch may be on its way while the answers to the
// one before are compared, so that both processes work. The frames are described in the program
// itself.
//
// One thread. The process ends with the object.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::peers {

// One expression and what is asked of it.
struct Question {
    struct Text {
        std::string bytes;
        std::size_t from =
            0;  // where a search that sees the whole text begins; between code points
    };
    int flags = 0;  // Go's syntax.Flags
    bool is_longest = false;
    std::string pattern;
    std::string replacement;  // in Go's template syntax
    int split_limit = -1;
    std::vector<Text> texts;
};

// Begin and end of each group, -1 for one that took no part.
using Positions = std::vector<int>;

struct Answer {
    struct Text {
        std::vector<Positions> matches;
        std::optional<Positions> later;  // the first match from `from` on
        std::string replaced;
        std::string replaced_literally;
        std::vector<std::string> parts;
        bool operator==(const Text&) const = default;
    };
    std::string error;  // empty: the expression was accepted
    std::vector<std::string> group_names;
    std::vector<Text> texts;
};

class RegexpOracle {
  public:
    static Result<RegexpOracle> start(const std::string& program);
    RegexpOracle(RegexpOracle&& other) noexcept;
    RegexpOracle(const RegexpOracle&) = delete;
    RegexpOracle& operator=(const RegexpOracle&) = delete;
    RegexpOracle& operator=(RegexpOracle&&) = delete;
    ~RegexpOracle();

    // Sends a batch. At most two may be without their answers.
    Result<void> ask(const std::vector<Question>& questions);
    // The answers to the oldest batch that has none yet; `questions` is that batch again.
    Result<std::vector<Answer>> answers(const std::vector<Question>& questions);
    // Texts that `pattern` probably matches; none where Go refuses it.
    Result<std::vector<std::string>> samples(std::string_view pattern, std::uint32_t seed,
                                             int count);

  private:
    RegexpOracle(pid_t child, int to_child, int from_child)
        : child_(child), to_child_(to_child), from_child_(from_child) {}
    Result<void> send(std::string_view frame) const;
    Result<std::string> receive() const;

    pid_t child_;
    int to_child_;
    int from_child_;
};

}  // namespace merlon::peers
