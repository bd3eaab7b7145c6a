#include <algorithm>
#include <memory>

#include "base/nearest.h"
#include "compat/opa/commands.h"
#include "compat/opa/compile_flags.h"
#include "compat/opa/policy_host.h"
#include "compat/opa/question.h"
#include "compat/opa/seen_world.h"
#include "compat/opa/story.h"
#include "compat/opa/watching.h"
#include "rego/machine.h"
#include "rego/syntax/print.h"
#include "rego/term.h"

namespace merlon::compat::opa {
namespace {

using value::Value;

constexpr std::size_t kMaxToldDepth = 4;
constexpr std::size_t kMaxRules = 20;  // below one expression
constexpr std::size_t kMaxShown = 400;
constexpr std::size_t kMaxAnswers = 5;

// A rule and why it did or did not hold, as it is told.
struct ToldRule {
    std::string name;
    std::string file;
    std::uint32_t row = 0;
    bool has_held = false;
    bool is_default = false;
    std::vector<std::string> results;
    struct Line {
        Finding finding;
        std::vector<ToldRule> behind;  // the rules that it depends on
    };
    std::vector<Line> lines;
};

std::string place_of(const ToldRule& rule) { return rule.file + ":" + std::to_string(rule.row); }

// Rules of one definition that were tried several times: the time that came farthest.
std::vector<const Attempt*> best_of(std::vector<const Attempt*> attempts) {
    std::vector<const Attempt*> best;
    for (const Attempt* one : attempts) {
        const auto same = std::ranges::find(best, one->rule, &Attempt::rule);
        if (same == best.end()) {
            best.push_back(one);
        } else if (!(*same)->has_held && (one->has_held || one->reached > (*same)->reached)) {
            *same = one;
        }
    }
    std::ranges::stable_sort(best, [](const Attempt* first, const Attempt* second) {
        const auto place = [](const Attempt* one) {
            return std::pair(one->rule->file, one->rule->source->head->location->row);
        };
        return place(first) < place(second);
    });
    return best;
}

class Explanation {
  public:
    Explanation(const Story& story, EventText& text)
        : story_(story), text_(text), prepared_(text.watcher().library().prepared()) {}

    std::vector<ToldRule> rules(std::vector<const Attempt*> attempts, std::size_t depth) {
        std::vector<ToldRule> told;
        for (const Attempt* attempt : best_of(std::move(attempts))) {
            if (told.size() >= kMaxRules) break;
            if (seen_.contains(attempt->rule)) continue;
            told.push_back(rule(*attempt, depth));
        }
        return told;
    }

    std::vector<ToldRule> behind(const rego::watch::Step& step, std::size_t depth) {
        if (depth >= kMaxToldDepth) return {};
        return rules(story_.attempts_behind(step), depth + 1);
    }

  private:
    ToldRule rule(const Attempt& attempt, std::size_t depth) {
        seen_.insert(attempt.rule);
        ToldRule told;
        const rego::syntax::Rule& source = *attempt.rule->source;
        rego::syntax::Term name;
        name.kind = rego::syntax::TermKind::kReference;
        name.terms = source.head->reference;
        told.name = text_.term_text(name);
        told.is_default = source.is_default;
        told.file = prepared_.files[attempt.rule->file];
        told.row = source.head->location->row;
        told.has_held = attempt.has_held;
        told.results = attempt.results;
        if (attempt.has_held) {
            for (const Finding& finding : attempt.held) {
                told.lines.push_back({finding, behind_finding(*attempt.rule, finding, depth)});
            }
        } else if (attempt.failed != nullptr) {
            told.lines.push_back({attempt.failure, behind(*attempt.failed, depth)});
        }
        seen_.erase(attempt.rule);
        return told;
    }

    std::vector<ToldRule> behind_finding(const rego::watch::RuleSteps& rule, const Finding& finding,
                                         std::size_t depth) {
        for (const rego::watch::Step& step : rule.body->steps) {
            if (step.source == finding.expression) return behind(step, depth);
        }
        return {};
    }

    const Story& story_;
    EventText& text_;
    const rego::compiler::Prepared& prepared_;
    std::set<const rego::watch::RuleSteps*> seen_;  // on the way down
};

void write_rule(std::string& out, const ToldRule& rule, std::size_t indent) {
    const std::string margin(indent, ' ');
    out += margin + place_of(rule) + ": " + rule.name;
    if (rule.is_default) {
        out += " has the default " + (rule.results.empty() ? "value" : rule.results[0]) + "\n";
        return;
    }
    if (rule.has_held) {
        out += " holds";
        if (!rule.results.empty()) {
            out += " and gives ";
            for (std::size_t i = 0; i < rule.results.size(); ++i) {
                out += (i == 0 ? "" : ", ") + rule.results[i];
            }
        }
        out += rule.lines.empty() ? "\n" : ", because:\n";
    } else {
        out += rule.lines.empty() ? " does not hold: its arguments are others\n"
                                  : " does not hold. What failed:\n";
    }
    for (const ToldRule::Line& line : rule.lines) {
        out += margin + "  line " + std::to_string(line.finding.row) + ": " + line.finding.text;
        if (!rule.has_held && line.finding.times > 1) {
            out += "  (tried " + std::to_string(line.finding.times) + " times)";
        }
        out += "\n";
        for (const std::string& fact : line.finding.facts) out += margin + "      " + fact + "\n";
        for (const ToldRule& below : line.behind) write_rule(out, below, indent + 6);
    }
}

void write_json(text::JsonWriter& json, const ToldRule& rule) {
    json.begin_object().member("rule", rule.name);
    json.member("file", rule.file).key("row").integer(rule.row);
    json.key("holds").boolean(rule.has_held);
    if (!rule.results.empty()) {
        json.key("gives").begin_array();
        for (const std::string& result : rule.results) json.string(result);
        json.end_array();
    }
    json.key("expressions").begin_array();
    for (const ToldRule::Line& line : rule.lines) {
        json.begin_object().member("text", line.finding.text);
        json.key("row").integer(line.finding.row);
        if (!rule.has_held) {
            json.key("failures").integer(static_cast<std::int64_t>(line.finding.times));
        }
        json.key("facts").begin_array();
        for (const std::string& fact : line.finding.facts) json.string(fact);
        json.end_array();
        json.key("because").begin_array();
        for (const ToldRule& below : line.behind) write_json(json, below);
        json.end_array().end_object();
    }
    json.end_array().end_object();
}

// The documents at the path that the query is, "data.a.b", also of "data.a.b[x]"; empty where it
// is no such path.
std::string asked_path(rego::syntax::Body query) {
    if (query.size() != 1 || query[0]->kind != rego::syntax::ExpressionKind::kTerm) return {};
    const rego::syntax::Term& term = *query[0]->terms[0];
    if (term.kind != rego::syntax::TermKind::kReference) return {};
    if (!rego::syntax::is_variable(*term.terms[0], "data")) return {};
    std::size_t known = 1;
    while (known < term.terms.size() &&
           term.terms[known]->kind == rego::syntax::TermKind::kString) {
        ++known;
    }
    const bool is_rest_open =
        std::ranges::all_of(term.terms.subspan(known), [](const rego::syntax::Term* part) {
            return part->kind == rego::syntax::TermKind::kVariable;
        });
    return is_rest_open ? rego::syntax::to_text(term.terms.first(known)) : std::string();
}

// The nearest name where no rule stands: "did you mean data.app.allow?"
std::string absence(const std::string& path, const rego::compiler::Prepared& prepared) {
    std::vector<std::string> known;
    for (const rego::compiler::PlacedRule& placed : prepared.rules) {
        const rego::syntax::Terms reference = placed.rule->head->reference;
        std::size_t count = 1;
        while (count < reference.size() &&
               reference[count]->kind == rego::syntax::TermKind::kString) {
            ++count;
        }
        known.push_back(rego::syntax::to_text(reference.first(count)));
    }
    std::ranges::sort(known);
    known.erase(std::unique(known.begin(), known.end()), known.end());
    const std::vector<std::string_view> candidates(known.begin(), known.end());
    std::string text = "There is no rule and no data at " + path + ".\n";
    const std::string_view near = nearest(path, candidates);
    if (!near.empty()) return text + "Did you mean " + std::string(near) + "?\n";
    if (known.empty()) return text + "No policies were loaded; --data names them.\n";
    text += "The policies that were loaded have:\n";
    for (std::size_t i = 0; i < known.size() && i < kMaxRules; ++i) text += "  " + known[i] + "\n";
    return text;
}

// What was asked for, what came out and why.
struct Answer {
    std::string query;
    std::string outcome;  // "is undefined", "is false", "is [..]"
    std::string remark;
    std::vector<ToldRule> rules;
    Finding failure;  // of the query itself
};

std::string text_of(const Answer& answer) {
    std::string out = answer.query + " " + answer.outcome + ".\n" + answer.remark;
    if (!answer.failure.text.empty()) {
        out += "What failed: " + answer.failure.text + "\n";
        for (const std::string& fact : answer.failure.facts) out += "    " + fact + "\n";
    }
    for (const ToldRule& rule : answer.rules) {
        out += "\n";
        write_rule(out, rule, 0);
    }
    return out;
}

std::string json_of(const Answer& answer) {
    std::string out;
    text::JsonWriter json(out, "  ", text::JsonEscapes::kGo);
    json.begin_object().member("query", answer.query).member("outcome", answer.outcome);
    if (!answer.remark.empty()) json.member("remark", answer.remark);
    if (!answer.failure.text.empty()) {
        json.key("failed").begin_object().member("text", answer.failure.text);
        json.key("facts").begin_array();
        for (const std::string& fact : answer.failure.facts) json.string(fact);
        json.end_array().end_object();
    }
    json.key("rules").begin_array();
    for (const ToldRule& rule : answer.rules) write_json(json, rule);
    json.end_array().end_object();
    return out + "\n";
}

int fail(const Outside& outside, const std::vector<ShownError>& errors) {
    outside.write_error(to_string(errors) + "\n");
    return kFailed;
}

std::string shortened(std::string text) {
    if (text.size() > kMaxShown) text = text.substr(0, kMaxShown - 3) + "...";
    return text;
}

// The value of the query's last expression; null: there is none.
const Value* value_of(const Value& result) {
    const auto values = result.items()[1].items();
    return values.empty() ? nullptr : &values.back();
}

// "2 (x is 2)"
std::string answer_text(const Value& result) {
    const Value* const value = value_of(result);
    std::string text = value == nullptr ? "true" : shortened(rego::term_text(*value));
    const Value& bindings = result.items()[0];
    std::string names;
    for (std::size_t i = 0; i < bindings.size(); ++i) {
        names += (names.empty() ? "" : ", ") + std::string(bindings.keys()[i].as_string()) +
                 " is " + shortened(rego::term_text(bindings.values()[i]));
    }
    return names.empty() ? text : text + " (" + names + ")";
}

std::string outcome_of(std::span<const Value> results) {
    if (results.empty()) return "is undefined";
    if (results.size() == 1) return "is " + answer_text(results[0]);
    std::string text = "has " + std::to_string(results.size()) + " answers: ";
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (i > 0) text += ", ";
        if (i == kMaxAnswers) return text + "...";
        text += answer_text(results[i]);
    }
    return text;
}

// Why the value is what it is, before the rules are told.
std::string remark_on(const Value* value, const std::vector<ToldRule>& rules) {
    const bool has_held = std::ranges::any_of(
        rules, [](const ToldRule& rule) { return rule.has_held && !rule.is_default; });
    if (rules.empty() || has_held) return {};
    if (value == nullptr) {
        return rules.size() == 1 ? "Its only rule does not hold, and it has no default.\n"
                                 : "None of its " + std::to_string(rules.size()) +
                                       " rules holds, and it has no default.\n";
    }
    if (value->is_set() || value->is_object()) return "No rule adds anything to it.\n";
    return "No rule holds, so it has its default.\n";
}

}  // namespace

int run_explain(const ParsedCommand& command, const Outside& given) {
    if (command.arguments.size() != 1) {
        return wrongly_asked(command, given, "specify exactly one query argument");
    }
    const auto timeout = timeout_of(command);
    if (!timeout.ok()) return wrongly_asked(command, given, timeout.error().message);
    const OutsideUntil until(timeout.value(), given, allowed_hosts(command));
    const Outside& outside = until.outside();
    Question question(command, outside);
    if (!question.load_policies() || !question.read_input() || !question.read_query()) {
        return fail(outside, question.errors());
    }
    const rego::compiler::SourceQuery queries[] = {
        question.source(rego::compiler::QueryResult::kBindingsAndValues)};
    const auto compiling =
        CompileFlags().options(rego::compiler::Prints::kKept, outside, question.loader());
    const auto compiled = rego::compiler::compile(question.loader().modules(), queries, compiling);
    if (compiled.program == nullptr) {
        std::vector<ShownError> errors;
        for (const auto& error : compiled.errors) errors.push_back(shown(error));
        return fail(outside, errors);
    }
    rego::MachineOptions options;
    options.cancel = outside.cancel;
    SeenWorld seen(outside);
    options.world = seen.next_run(outside);
    rego::Machine machine(*compiled.program, options);
    const rego::Evaluation& evaluation = machine.run(0, question.input(), question.loader().data());
    if (evaluation.error) return fail(outside, {shown(*evaluation.error)});

    rego::watch::Library library(
        rego::compiler::prepare(in_order_of_files(question.loader().modules()), queries, compiling,
                                rego::compiler::TestEqualities::kNamedEverywhere));
    Story story;
    rego::watch::WatchOptions watching;
    watching.cancel = outside.cancel;
    watching.world = seen.next_run(outside);
    watching.indexing = rego::watch::Indexing::kOff;
    watching.early_exits = rego::watch::EarlyExits::kNotTaken;
    rego::watch::Watcher watcher(library, story, watching);
    EventText text(watcher);
    story.attach(&text);
    const auto stopped = watcher.run(0, question.input(), question.loader().data());
    if (stopped) return fail(outside, {shown(*stopped)});

    Answer answer;
    answer.query = one_line_of(question.text());
    const Value* const value =
        evaluation.results.empty() ? nullptr : value_of(evaluation.results[0]);
    answer.outcome = outcome_of(evaluation.results);
    const std::string path = asked_path(question.body());
    Explanation explanation(story, text);
    if (!path.empty()) answer.rules = explanation.rules(story.attempts_at(path), 0);
    const bool is_false = value != nullptr && value->is_boolean() && !value->as_boolean();
    const bool has_failed = evaluation.results.empty() || is_false;
    if (answer.rules.empty() && has_failed && story.query_failed() != nullptr) {
        if (path.empty()) answer.failure = story.query_failure();
        answer.rules = explanation.behind(*story.query_failed(), 0);
    }
    answer.remark = remark_on(value, answer.rules);
    if (value == nullptr && answer.rules.empty() && !path.empty()) {
        answer.remark = absence(path, library.prepared());
    }
    const bool is_json = command.text("format") == "json";
    return print(outside, is_json ? json_of(answer) : text_of(answer), 0);
}

}  // namespace merlon::compat::opa
