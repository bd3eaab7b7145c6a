#pragma once

// match::Regex asked in the words of Go's regexp package, for the comparison with it: the whole
// engine, and each machine in it alone, so that one that is right only because another is asked
// first is found out.
//
// One thread. Cost: that of the engines.

#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "match/regex.h"
#include "regexp_oracle.h"
#include "text/utf8.h"

namespace merlon::peers {

class GoRegexp {
  public:
    static Result<GoRegexp> compile(const Question& question) {
        GoRegexp result;
        for (const Engine& engine : kEngines) {
            match::CompileOptions options;
            options.syntax = static_cast<match::SyntaxKind>(question.flags);
            options.kind = question.is_longest ? match::MatchKind::kLeftmostLongest
                                               : match::MatchKind::kLeftmostFirst;
            options.engine = engine.choice;
            options.automaton_bytes = engine.automaton_bytes;
            result.regexes_.push_back(MERLON_TRY(match::Regex::compile(question.pattern, options)));
        }
        return result;
    }

    const std::vector<std::string>& group_names() const { return regexes_[0].capture_names(); }
    static std::size_t engine_count() { return std::size(kEngines); }
    static std::string engine_name(std::size_t engine) { return kEngines[engine].name; }

    bool is_match(std::size_t engine, const std::string& text) const {
        return regexes_[engine].is_match(text);
    }
    // All matches with their groups, each search begun where the one before ended.
    std::vector<Positions> find_all(std::size_t engine, const std::string& text) {
        const match::Subject subject(text);
        std::vector<Positions> matches;
        int last_end = -1;
        for (std::size_t from = 0; from <= text.size();) {
            auto found = search(engine, subject, from);
            if (!found) break;
            const int begin = (*found)[0];
            const int end = (*found)[1];
            // regexp.allMatches: an empty match that touches the one before it does not count.
            if (begin != end || begin != last_end) matches.push_back(*std::move(found));
            last_end = end;
            from = static_cast<std::size_t>(end);
            if (begin == end)
                from += from < text.size()
                            ? text::decode_utf8(std::string_view(text).substr(from)).width
                            : 1;
        }
        return matches;
    }
    // What Regex::find_all gives, which has a way of its own.
    std::vector<Positions> find_all_wholes(std::size_t engine, const std::string& text) const {
        std::vector<match::Span> spans;
        regexes_[engine].find_all(match::Subject(text), spans);
        std::vector<Positions> wholes;
        for (const match::Span& span : spans)
            wholes.push_back({static_cast<int>(span.begin), static_cast<int>(span.end)});
        return wholes;
    }
    std::vector<Positions> find_from(std::size_t engine, const std::string& text,
                                     std::size_t from) {
        auto found = search(engine, match::Subject(text), from);
        return found ? std::vector<Positions>{*std::move(found)} : std::vector<Positions>();
    }
    std::string replace(const std::string& text, const std::string& replacement) const {
        return regexes_[0].replace(text, replacement);
    }
    std::string replace_literal(const std::string& text, const std::string& replacement) const {
        return regexes_[0].replace_literal(text, replacement);
    }
    std::vector<std::string> split(const std::string& text, int limit) const {
        std::vector<std::string> parts;
        for (const std::string_view part : regexes_[0].split(text, limit)) parts.emplace_back(part);
        return parts;
    }

  private:
    struct Engine {
        const char* name;
        match::EngineChoice choice;
        std::size_t automaton_bytes;
    };
    static constexpr Engine kEngines[] = {
        {"all", match::EngineChoice::kAuto, std::size_t{2} << 20},
        {"pike", match::EngineChoice::kPike, std::size_t{2} << 20},
        {"backtracker", match::EngineChoice::kBacktracker, std::size_t{2} << 20},
        {"automata", match::EngineChoice::kAutomata, std::size_t{2} << 20},
        {"small automata", match::EngineChoice::kAutomata, 1000},
    };

    std::optional<Positions> search(std::size_t engine, const match::Subject& subject,
                                    std::size_t from) {
        const std::string_view text = subject.searchable();
        if (!regexes_[engine].captures_in({text, from, text.size(), match::Anchor::kNone}, groups_))
            return std::nullopt;
        Positions positions;
        for (const match::Span& group : groups_) {
            positions.push_back(group.matched() ? static_cast<int>(group.begin) : -1);
            positions.push_back(group.matched() ? static_cast<int>(group.end) : -1);
        }
        return positions;
    }

    std::vector<match::Regex> regexes_;  // by engine
    std::vector<match::Span> groups_;
};

}  // namespace merlon::peers
