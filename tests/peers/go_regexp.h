#pragma once

// match::Regex asked in the words of Go's regexp package, for the comparison with it. What the
// engine cannot be asked gives nothing, and is not compared; the runner prints how much that was.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "match/regex.h"
#include "regexp_oracle.h"

namespace merlon::peers {

class GoRegexp {
  public:
    static bool has_mode(const Question&) { return true; }
    static Result<GoRegexp> compile(const Question& question) {
        match::CompileOptions options;
        options.syntax = static_cast<match::SyntaxKind>(question.flags);
        if (question.is_longest) options.kind = match::MatchKind::kLeftmostLongest;
        GoRegexp all;
        for (const auto& [name, engine] : kEngines) {
            options.engine = engine;
            all.regexes_.emplace(name,
                                 MERLON_TRY(match::Regex::compile(question.pattern, options)));
        }
        return all;
    }

    std::optional<std::vector<std::string>> group_names() const { return plain().capture_names(); }
    bool is_match(const std::string& text) const { return plain().is_match(text); }

    std::vector<std::string> engines() const {
        std::vector<std::string> names;
        for (const auto& [name, engine] : kEngines) names.emplace_back(name);
        return names;
    }
    // All matches with their groups.
    std::optional<std::vector<Positions>> find_all(const std::string& engine,
                                                   const std::string& text) const {
        std::vector<std::vector<match::Span>> found;
        regexes_.at(engine).captures_all(match::Subject(text), found);
        std::vector<Positions> matches;
        for (const auto& groups : found) matches.push_back(positions_of(groups));
        return matches;
    }
    std::optional<std::vector<Positions>> find_from(const std::string& text,
                                                    std::size_t from) const {
        const match::Subject subject(text);
        const std::string_view clean = subject.searchable();
        std::vector<match::Span> groups;
        std::vector<Positions> matches;
        if (plain().captures_in({clean, from, clean.size(), match::Anchor::kNone}, groups)) {
            matches.push_back(positions_of(groups));
        }
        return matches;
    }
    std::optional<std::string> replace(const std::string& text,
                                       const std::string& replacement) const {
        return plain().replace(text, replacement);
    }
    std::optional<std::string> replace_literal(const std::string& text,
                                               const std::string& replacement) const {
        return plain().replace_literal(text, replacement);
    }
    std::optional<std::vector<std::string>> split(const std::string& text, int limit) const {
        const auto pieces = plain().split(text, limit);
        return std::vector<std::string>(pieces.begin(), pieces.end());
    }

  private:
    static constexpr std::pair<const char*, match::EngineChoice> kEngines[] = {
        {"auto", match::EngineChoice::kAuto},
        {"pike", match::EngineChoice::kPike},
        {"backtracker", match::EngineChoice::kBacktracker},
        {"automata", match::EngineChoice::kAutomata},
    };

    const match::Regex& plain() const { return regexes_.at("auto"); }

    static Positions positions_of(const std::vector<match::Span>& groups) {
        Positions positions;
        for (const match::Span& group : groups) {
            positions.push_back(group.matched() ? static_cast<int>(group.begin) : -1);
            positions.push_back(group.matched() ? static_cast<int>(group.end) : -1);
        }
        return positions;
    }

    std::map<std::string, match::Regex, std::less<>> regexes_;
};

}  // namespace merlon::peers
