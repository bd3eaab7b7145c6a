#include "compat/opa/story.h"

#include <algorithm>

#include "base/ascii.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"
#include "rego/term.h"

namespace merlon::compat::opa {

using rego::syntax::Expression;
using rego::syntax::Term;
using rego::syntax::TermKind;
using rego::watch::Event;
using rego::watch::Operation;
using rego::watch::Step;
using rego::watch::StepKind;
using value::Value;

namespace {

constexpr std::size_t kMaxFacts = 12;
constexpr std::size_t kMaxResults = 20;
constexpr std::size_t kMaxTries = 5;  // whose values are told
constexpr std::size_t kMaxText = 120;
constexpr std::size_t kMaxKeys = 8;

std::string told_text(std::string text) {
    if (text.size() > kMaxText) text = text.substr(0, kMaxText - 3) + "...";
    return text;
}

void add_fact(std::vector<std::string>& facts, std::string fact) {
    if (facts.size() >= kMaxFacts || std::ranges::find(facts, fact) != facts.end()) return;
    facts.push_back(std::move(fact));
}

// The references that an expression fails for where they are undefined: those of an equality, and
// one that stands alone.
std::vector<const Term*> looked_up(const Expression& expression) {
    std::vector<const Term*> found;
    const bool is_equality = rego::compiler::is_equality(expression);
    if (!is_equality && expression.kind != rego::syntax::ExpressionKind::kTerm) return found;
    for (const Term* term : expression.terms.subspan(is_equality ? 1 : 0)) {
        if (term->kind == TermKind::kReference) found.push_back(term);
    }
    return found;
}

// Titles of what somebody wrote as a part: not the whole of a declaration.
bool is_part(std::string_view title) {
    return !title.empty() && !title.starts_with("__local") && !title.starts_with("some ") &&
           !title.starts_with("every ") && title != "_";
}

bool is_bare_name_byte(char c) {
    return c == '_' || is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}
bool is_bare_name(std::string_view title) {
    return !title.empty() && std::ranges::all_of(title, is_bare_name_byte);
}

// Whether a name stands for the beginning of a reference to data.
struct AliasFinder {
    std::string_view title;
    bool is_found;

    bool enter(Term& term) {
        const bool is_data =
            term.kind == TermKind::kReference && rego::syntax::is_variable(*term.terms[0], "data");
        if (is_data && term.location != nullptr && term.location->text == title) is_found = true;
        return true;
    }
    static bool enter(Expression& /*expression*/) { return true; }
    static bool enter(rego::syntax::With& /*with*/) { return true; }
};

std::string reference_path(const rego::watch::RuleSteps& rule) {
    const rego::syntax::Terms path = rule.source->head->reference;
    std::size_t count = 1;
    while (count < path.size() && path[count]->kind <= TermKind::kString) ++count;
    return rego::syntax::to_text(path.first(count));
}

struct ReferenceGatherer {
    std::set<std::string>& paths;

    bool enter(Term& term) {
        if (term.kind != TermKind::kReference) return true;
        if (!rego::syntax::is_variable(*term.terms[0], "data")) return true;
        // Each part of it may be where a rule stands.
        for (std::size_t count = 2; count <= term.terms.size(); ++count) {
            if (term.terms[count - 1]->kind > TermKind::kString) break;
            paths.insert(rego::syntax::to_text(term.terms.first(count)));
        }
        return true;
    }
    static bool enter(Expression& /*expression*/) { return true; }
    static bool enter(rego::syntax::With& /*with*/) { return true; }
};

}  // namespace

std::string one_line_of(std::string_view text) {
    std::string line;
    bool is_space = false;
    for (const char c : text) {
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            is_space = true;
            continue;
        }
        if (is_space && !line.empty()) line += ' ';
        is_space = false;
        line += c;
    }
    return told_text(line);
}

void Story::heard(const Event& event) {
    parents_[event.query] = event.parent;
    if (event.operation == Operation::kEnter && event.rule != nullptr) {
        Attempt& attempt = attempts_[event.query];
        attempt.rule = event.rule;
        attempt.parent = event.parent;
        return;
    }
    const auto found = attempts_.find(event.query);
    if (event.operation == Operation::kExit && event.rule != nullptr && found != attempts_.end()) {
        return note_result(event, found->second);
    }
    if (event.operation != Operation::kFail || event.step == nullptr) return;
    if (found != attempts_.end()) {
        Attempt& attempt = found->second;
        return note_failure(event, attempt.failure, attempt.reached, attempt.failed);
    }
    if (event.query == 0) {
        return note_failure(event, query_failure_, query_reached_, query_failed_);
    }
    // Inside of `every`, `not` or a comprehension: it may be why the whole of it fails.
    inner_facts_[event.parent] = facts(event);
}

// What failed farthest down counts, and of its failures the values of the first few.
void Story::note_failure(const Event& event, Finding& failure, std::size_t& reached,
                         const Step*& failed) {
    const bool is_first = failed == nullptr;
    if (!is_first && event.step->place < reached) return;
    if (is_first || event.step->place > reached) {
        reached = event.step->place;
        failed = event.step;
        failure = finding(event);
        failure.times = 1;
        return;
    }
    ++failure.times;
    if (failure.times > kMaxTries) return;
    for (std::string& fact : facts(event)) add_fact(failure.facts, std::move(fact));
}

void Story::note_result(const Event& event, Attempt& attempt) {
    const bool is_first = !attempt.has_held;
    attempt.has_held = true;
    auto& maker = text_->watcher().maker();
    const rego::watch::Node* const given =
        event.rule->is_multi_value ? event.rule->key : event.rule->value;
    if (given != nullptr && attempt.results.size() < kMaxResults) {
        add_fact(attempt.results, told_text(text_->node_text(*maker.plug(given, event.bindings))));
    }
    if (!is_first) return;
    const auto& offspring = *text_->watcher().library().prepared().offspring;
    const Expression* last = nullptr;
    for (const Step& step : event.rule->body->steps) {
        const Expression& written = written_expression(*step.source, offspring);
        const bool is_made = &written != step.source || step.source->is_generated;
        if (is_made || written.location == nullptr) continue;
        if (last != nullptr && last->location == written.location) continue;
        last = &written;
        Event at = event;
        at.step = &step;
        Finding held = finding(at);
        const bool has_facts = !held.facts.empty();
        // What an earlier line has told is not told again.
        std::erase_if(held.facts, [&attempt](const std::string& fact) {
            return std::ranges::any_of(attempt.held, [&fact](const Finding& before) {
                return std::ranges::find(before.facts, fact) != before.facts.end();
            });
        });
        if (has_facts || step.is_negated) attempt.held.push_back(std::move(held));
    }
}

Finding Story::finding(const Event& event) {
    const auto& offspring = *text_->watcher().library().prepared().offspring;
    const Expression& written = written_expression(*event.step->source, offspring);
    Finding made;
    made.expression = &written;
    if (written.location != nullptr) {
        made.row = written.location->row;
        made.text = one_line_of(written.location->text);
    }
    made.facts = facts(event);
    return made;
}

// Why the reference leads nowhere; empty where it does not, or where nobody knows.
// "input.user is undefined: input has no "user"; it has "ip", "role""
std::string Story::undefined_fact(const Event& event, const Term& term) {
    const Term& head = *term.terms[0];
    const std::string title = text_->term_text(term);
    auto& maker = text_->watcher().maker();
    const Value* value = nullptr;
    std::string known = "input";
    if (rego::syntax::is_variable(head, "input")) {
        if (!*event.input) return title + " is undefined: there is no input";
        value = &**event.input;
    } else if (head.kind == TermKind::kVariable && event.bindings->find(head.text) != nullptr) {
        value = maker.plugged_value(maker.variable(head.text), event.bindings);
        known = text_->name(head.text);
    }
    if (value == nullptr) {
        const bool is_made = event.step->source->is_generated;
        return is_made ? title + " is undefined" : std::string();
    }
    for (const Term* part : term.terms.subspan(1)) {
        const Value* key = part->kind <= TermKind::kString ? &part->constant : nullptr;
        if (part->kind == TermKind::kVariable && event.bindings->find(part->text) != nullptr) {
            key = maker.plugged_value(maker.variable(part->text), event.bindings);
        }
        if (key == nullptr) {
            if (value->size() > 0) return {};
            return known + " is " + told_text(rego::term_text(*value)) + ": there is nothing in it";
        }
        const Value* const next = rego::element_of(*value, *key);
        if (next == nullptr) {
            const std::string fact =
                title + " is undefined: " + known + " has no " + rego::term_text(*key);
            if (!value->is_object()) return fact + "; it is " + told_text(rego::term_text(*value));
            std::string keys;
            for (std::size_t i = 0; i < value->size() && i < kMaxKeys; ++i) {
                keys += (i == 0 ? "" : ", ") + rego::term_text(value->keys()[i]);
            }
            if (value->size() > kMaxKeys) keys += ", ...";
            return fact + (keys.empty() ? "; it is empty" : "; it has " + keys);
        }
        known += key->is_string() ? "." + std::string(key->as_string())
                                  : "[" + rego::term_text(*key) + "]";
        value = next;
    }
    return {};
}

std::vector<std::string> Story::facts(const Event& event) {
    std::vector<std::string> facts;
    const Expression& source = *event.step->source;
    const bool has_failed = event.operation == Operation::kFail;
    if (has_failed && event.step->kind == StepKind::kEvery) {
        const auto inner = inner_facts_.find(event.query);
        if (inner != inner_facts_.end()) return inner->second;
    }
    // What is negated holds where it leads nowhere.
    if (has_failed != source.is_negated) {
        for (const Term* reference : looked_up(source)) {
            std::string fact = undefined_fact(event, *reference);
            if (fact.empty()) continue;
            facts.push_back(std::move(fact));
            return facts;
        }
    }
    const ShownValues shown_values = values_in(event, source, *text_);
    const auto is_named_too = [&shown_values](const std::string& title, const std::string& value) {
        return std::ranges::any_of(shown_values, [&](const auto& other) {
            return other.first != title && is_bare_name(other.first) && other.second.value == value;
        });
    };
    for (const auto& [title, shown] : shown_values) {
        if (!is_part(title) || (!shown.value && !has_failed)) continue;
        const std::string value = shown.value.value_or("undefined");
        if (value == title) continue;
        // What a name was given is told of the name.
        const bool is_given = !has_failed && rego::compiler::is_equality(source) && shown.value &&
                              !is_bare_name(title) && is_named_too(title, value);
        if (!is_given) {
            add_fact(facts,
                     one_line_of(full_title(event, title, shown)) + " is " + told_text(value));
        }
    }
    return facts;
}

// Of a name that an import gave to a part of `data`, what was written behind it goes with it.
std::string Story::full_title(const Event& event, const std::string& title,
                              const ShownValue& shown) const {
    const auto& offspring = *text_->watcher().library().prepared().offspring;
    const Expression& written = written_expression(*event.step->source, offspring);
    if (!is_bare_name(title) || written.location == nullptr) return title;
    AliasFinder finder{title, false};
    rego::syntax::walk(const_cast<Expression&>(*event.step->source), finder);
    const rego::syntax::Location& place = *written.location;
    if (!finder.is_found || shown.row != place.row || shown.column < place.column) return title;
    // An import's name has one byte for each column.
    const std::string_view text = place.text;
    std::size_t end = shown.column - place.column;
    if (text.substr(std::min(end, text.size())).substr(0, title.size()) != title) return title;
    const std::size_t begin = end;
    end += title.size();
    while (end < text.size() && (is_bare_name_byte(text[end]) || text[end] == '.')) ++end;
    return std::string(text.substr(begin, end - begin));
}

std::vector<const Attempt*> Story::attempts_at(const std::string& path) const {
    std::vector<const Attempt*> found;
    for (const auto& [query, attempt] : attempts_) {
        if (reference_path(*attempt.rule) == path) found.push_back(&attempt);
    }
    return found;
}

std::vector<const Attempt*> Story::attempts_behind(const Step& step) const {
    std::set<std::string> paths;
    ReferenceGatherer gatherer{paths};
    rego::syntax::walk(const_cast<Expression&>(*step.source), gatherer);
    if (step.callee != nullptr && step.callee->rules != nullptr) paths.insert(step.callee->name);
    std::vector<const Attempt*> found;
    for (const auto& [query, attempt] : attempts_) {
        if (paths.contains(reference_path(*attempt.rule))) found.push_back(&attempt);
    }
    return found;
}

}  // namespace merlon::compat::opa
