#pragma once

// match::Regex asked in the words of Go's regexp package, for the comparison with it. What the
// engine cannot be asked gives nothing, and is not compared; the runner prints how much that was.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "match/regex.h"
#include "regexp_oracle.h"

namespace merlon::peers {

class GoRegexp {
  public:
    static bool has_mode(const Question& question) {
        constexpr int kPerl = 4 | 16 | 64 | 128;
        return question.flags == kPerl && !question.is_longest;
    }
    static Result<GoRegexp> compile(const Question& question) {
        match::Regex regex = MERLON_TRY(match::Regex::compile(question.pattern));
        return GoRegexp(std::move(regex));
    }

    std::optional<std::vector<std::string>> group_names() const { return std::nullopt; }
    bool is_match(const std::string& text) const { return regex_.is_match(text); }

    std::vector<std::string> engines() const { return {"auto"}; }
    // All matches with their groups.
    std::optional<std::vector<Positions>> find_all(const std::string& engine,
                                                   const std::string& text) const {
        (void)engine;
        std::vector<match::Span> found;
        regex_.find_all(match::Subject(text), found);
        std::vector<match::Span> groups;
        std::vector<Positions> matches;
        if (found.empty()) return matches;
        if (!regex_.captures(text, groups)) return matches;
        matches.push_back(positions_of(groups));
        if (found.size() == 1) return matches;
        return std::nullopt;
    }
    std::optional<std::vector<Positions>> find_from(const std::string&, std::size_t) const {
        return std::nullopt;
    }
    std::optional<std::string> replace(const std::string&, const std::string&) const {
        return std::nullopt;
    }
    std::optional<std::string> replace_literal(const std::string&, const std::string&) const {
        return std::nullopt;
    }
    std::optional<std::vector<std::string>> split(const std::string&, int) const {
        return std::nullopt;
    }

  private:
    explicit GoRegexp(match::Regex regex) : regex_(std::move(regex)) {}

    static Positions positions_of(const std::vector<match::Span>& groups) {
        Positions positions;
        for (const match::Span& group : groups) {
            positions.push_back(group.matched() ? static_cast<int>(group.begin) : -1);
            positions.push_back(group.matched() ? static_cast<int>(group.end) : -1);
        }
        return positions;
    }

    match::Regex regex_;
};

}  // namespace merlon::peers
