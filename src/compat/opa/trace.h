#pragma once

// Traces as OPA prints them: what a Watcher told, one line for each event.
//
// The idea: what an event points to does not stay, so it becomes a row at once; the texts of
// expressions and places, which come again and again, are made once. Events that the filter cannot
// want are no rows. Columns come at the end.
//
// Standard: OPA 1.22.2, `--explain`. Not thread-safe. Cost: linear in the events, whose number is
// bounded by the Watcher's steps.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rego/watch/watcher.h"

namespace merlon::compat::opa {

enum class Explain : std::uint8_t { kOff, kNotes, kFails, kFull, kDebug, kFailsAndNotes };
// Of "notes", "fails", …; kOff for anything else.
Explain explain_of(std::string_view name);

enum class Variables : std::uint8_t { kHidden, kShown };
enum class Places : std::uint8_t { kHidden, kShown };
enum class TraceForm : std::uint8_t { kLines, kJson };

class EventJson;

struct TraceRow {
    rego::watch::Operation operation = rego::watch::Operation::kEval;
    bool is_expression = false;
    bool is_rule_or_body = false;
    std::uint64_t query = 0;
    std::uint64_t parent = 0;
    std::string_view place;    // "p.rego:3"
    std::string_view subject;  // the expression, rule or body
    std::string_view message = {};
    std::string_view variables = {};
    std::string_view json = {};  // of kJson
};

// The names and values of a Watcher's events as people know them.
class EventText {
  public:
    explicit EventText(rego::watch::Watcher& watcher);

    // The expression, rule or body that it is about.
    std::string subject(const rego::watch::Event& event);
    std::string place(const rego::watch::Event& event) const;
    // {x: 1, y: 2}: what is known of the variables in it.
    std::string variables(const rego::watch::Event& event);
    std::string node_text(const rego::watch::Node& node);
    std::string term_text(const rego::syntax::Term& term);
    // The name that somebody gave to it; "__local3__" where nobody did.
    std::string name(std::string_view variable) const;
    // The one that OPA's compiler gives to it: "__local3__", "$term1".
    std::string compiled_name(std::string_view variable) const;
    bool is_written(std::string_view variable) const;
    rego::watch::Watcher& watcher() { return watcher_; }

  private:
    enum class EveryKeys : std::uint8_t { kAll, kNamed };
    std::string expression_text(const rego::syntax::Expression& expression, EveryKeys keys);
    std::string rule_text(const rego::watch::RuleSteps& rule) const;

    rego::watch::Watcher& watcher_;
    Arena scratch_;
};

// Keeps the rows that the filter may want; `finish` picks them.
class TraceRecorder : public rego::watch::EventListener {
  public:
    TraceRecorder(Explain explain, Variables variables, TraceForm form = TraceForm::kLines);
    ~TraceRecorder() override;

    // Before the first event.
    void attach(EventText* text);
    void heard(const rego::watch::Event& event) override;
    // In the order of the events; each line ends. `margin` stands before each cell and each end of
    // a line, as OPA indents the traces of tests.
    std::string finish(std::string_view margin = {}, Places places = Places::kShown) const;
    // Of kJson: an event each, in their order.
    std::vector<std::string_view> json() const;
    // Whether more was heard than there is room for: the rest is not kept.
    bool is_full() const { return arena_.bytes_used() > kMaxBytes; }

  private:
    static constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

    bool may_be_wanted(const rego::watch::Event& event) const;
    std::string_view subject(const rego::watch::Event& event);
    std::vector<const TraceRow*> picked() const;

    Explain explain_;
    Variables variables_;
    TraceForm form_;
    EventText* text_ = nullptr;
    std::unique_ptr<EventJson> event_json_;
    Arena arena_;
    std::unordered_map<const void*, std::string_view> subjects_;  // by node
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::string_view> places_;
    std::vector<TraceRow> rows_;
};

}  // namespace merlon::compat::opa
