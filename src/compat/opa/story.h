#pragma once

// Why a query has the answer that it has, for somebody who has just been denied: which rules were
// tried, how far each of them came, which expression ended it and on which values.
//
// The idea: a Watcher tells of every step; of each time that a rule is tried, this keeps the
// expression that failed farthest down (there was most to hope for) and the values of its parts at
// that moment, and of rules that hold, what they gave. When the run is over, the rules of the
// document that was asked for are told, and below each expression the rules that it depends on.
//
// Not thread-safe. Cost: as the Watcher's; some text for each failure.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compat/opa/failure_line.h"
#include "compat/opa/trace.h"
#include "text/json.h"

namespace merlon::compat::opa {

// An expression, and what is to be said of it.
struct Finding {
    const rego::syntax::Expression* expression = nullptr;
    std::uint32_t row = 0;
    std::string text;                // as it was written, on one line
    std::vector<std::string> facts;  // "input.user is \"bob\""
    std::size_t times = 0;           // how often it failed, with other values each time
};

// One time that a rule was tried.
struct Attempt {
    const rego::watch::RuleSteps* rule = nullptr;
    std::uint64_t parent = 0;
    bool has_held = false;
    std::size_t reached = 0;  // the place in the body of what failed farthest down
    Finding failure = {};
    const rego::watch::Step* failed = nullptr;
    std::vector<std::string> results = {};  // that it gave, some of them
    std::vector<Finding> held = {};         // what held when it gave the first one
};

class Story : public rego::watch::EventListener {
  public:
    // Before the first event.
    void attach(EventText* text) { text_ = text; }
    void heard(const rego::watch::Event& event) override;

    // What was tried for the rules at a path (data.a.b).
    std::vector<const Attempt*> attempts_at(const std::string& path) const;
    // The rules that the expression asked for while the attempt was at it; all that are known of
    // them where it did not have to ask again.
    std::vector<const Attempt*> attempts_behind(const rego::watch::Step& step) const;
    // Of the query itself: the expression that failed, if one has.
    const Finding& query_failure() const { return query_failure_; }
    const rego::watch::Step* query_failed() const { return query_failed_; }

  private:
    Finding finding(const rego::watch::Event& event);
    std::string undefined_fact(const rego::watch::Event& event, const rego::syntax::Term& term);
    std::string full_title(const rego::watch::Event& event, const std::string& title,
                           const ShownValue& shown) const;
    std::vector<std::string> facts(const rego::watch::Event& event);
    void note_failure(const rego::watch::Event& event, Finding& finding, std::size_t& reached,
                      const rego::watch::Step*& failed);
    void note_result(const rego::watch::Event& event, Attempt& attempt);

    EventText* text_ = nullptr;
    std::map<std::uint64_t, Attempt> attempts_;  // by query
    std::map<std::uint64_t, std::uint64_t> parents_;
    std::map<std::uint64_t, std::vector<std::string>> inner_facts_;  // why an `every` failed
    Finding query_failure_;
    const rego::watch::Step* query_failed_ = nullptr;
    std::size_t query_reached_ = 0;
};

// The text of an expression on one line.
std::string one_line_of(std::string_view text);

}  // namespace merlon::compat::opa
