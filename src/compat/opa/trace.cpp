#include "compat/opa/trace.h"

#include <algorithm>

#include "compat/opa/trace_json.h"
#include "rego/syntax/copy.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"
#include "rego/term.h"
#include "text/utf8.h"

namespace merlon::compat::opa {

using rego::syntax::Expression;
using rego::syntax::Term;
using rego::syntax::TermKind;
using rego::watch::Event;
using rego::watch::Node;
using rego::watch::NodeKind;
using rego::watch::Operation;
using value::Value;

namespace {

constexpr std::size_t kMaxVariableText = 32;
constexpr std::size_t kColumnPadding = 4;

// Gives variables the names that people know.
struct Renamer {
    EventText& text;
    Arena& arena;

    bool enter(Term& term) {
        if (term.kind == TermKind::kVariable)
            term.text = arena.copy(std::string_view(text.name(term.text)));
        return true;
    }
    static bool enter(Expression& /*expression*/) { return true; }
    static bool enter(rego::syntax::With& /*with*/) { return true; }
};

// Of a name that the compiler made, as OPA writes it.
std::string generated_name(std::string_view name) {
    std::string shown(name);
    if (shown.ends_with('~')) shown.replace(shown.size() - 1, 1, "__");
    return shown;
}

std::string cut(std::string text, std::size_t most) {
    if (text.size() > most) text = text.substr(0, most - 3) + "...";
    return text;
}

// The variables and references of a term or expression.
struct VariableGatherer {
    std::vector<const Term*>& found;
    std::vector<const Term*>& references;

    bool enter(Term& term) {
        if (term.kind == TermKind::kVariable) found.push_back(&term);
        if (term.kind == TermKind::kReference) references.push_back(&term);
        return true;
    }
    static bool enter(Expression& /*expression*/) { return true; }
    static bool enter(rego::syntax::With& /*with*/) { return true; }
};

}  // namespace

std::string_view name_of(Operation operation) {
    switch (operation) {
        case Operation::kEnter:
            return "Enter";
        case Operation::kExit:
            return "Exit";
        case Operation::kEval:
            return "Eval";
        case Operation::kRedo:
            return "Redo";
        case Operation::kFail:
            return "Fail";
        case Operation::kDuplicate:
            return "Duplicate";
        case Operation::kNote:
            return "Note";
        case Operation::kIndex:
            return "Index";
        case Operation::kUnify:
            return "Unify";
        case Operation::kTestCase:
            return "TestCase";
    }
    return "";
}

Explain explain_of(std::string_view name) {
    if (name == "notes") return Explain::kNotes;
    if (name == "fails") return Explain::kFails;
    if (name == "full") return Explain::kFull;
    return name == "debug" ? Explain::kDebug : Explain::kOff;
}

EventText::EventText(rego::watch::Watcher& watcher) : watcher_(watcher) {}

bool EventText::is_written(std::string_view variable) const {
    return watcher_.library().prepared().written_names->contains(variable);
}

std::string EventText::name(std::string_view variable) const {
    const auto& prepared = watcher_.library().prepared();
    const auto found = prepared.written_names->find(variable);
    if (found != prepared.written_names->end()) {
        return rego::syntax::is_wildcard(found->second) ? "_" : std::string(found->second);
    }
    if (rego::syntax::is_wildcard(variable)) return "_";
    for (const auto& names : prepared.captured) {
        if (std::ranges::find(names, variable) != names.end()) return "_";
    }
    return rego::compiler::is_generated(variable) ? generated_name(variable)
                                                  : std::string(variable);
}

std::string EventText::compiled_name(std::string_view variable) const {
    // Values of a query's expressions are counted where there are any.
    std::size_t number = 0;
    for (const auto& names : watcher_.library().prepared().captured) {
        for (const std::string_view one : names) {
            if (one.empty()) continue;
            ++number;
            if (one == variable) return "$term" + std::to_string(number);
        }
    }
    return rego::compiler::is_generated(variable) ? generated_name(variable)
                                                  : std::string(variable);
}

std::string EventText::expression_text(const Expression& expression, EveryKeys keys) {
    Expression* const copied = rego::syntax::copy(expression, scratch_);
    // A key that nobody named is not shown where the expression is told by itself.
    if (keys == EveryKeys::kNamed && copied->kind == rego::syntax::ExpressionKind::kEvery &&
        copied->terms[0] != nullptr) {
        const std::string_view key = copied->terms[0]->text;
        if (!is_written(key) || name(key).starts_with("__local")) copied->terms[0] = nullptr;
    }
    Renamer renamer{*this, scratch_};
    rego::syntax::walk(*copied, renamer);
    std::string text = rego::syntax::to_text(*copied);
    scratch_.reset();
    return text;
}

// The part of its path that is known.
std::string EventText::rule_text(const rego::watch::RuleSteps& rule) const {
    const rego::syntax::Terms path = rule.source->head->reference;
    std::size_t count = 1;
    while (count < path.size() && path[count]->kind <= TermKind::kString) ++count;
    return rego::syntax::to_text(path.first(count));
}

std::string EventText::term_text(const Term& term) {
    Term* const copied = rego::syntax::copy(&term, scratch_);
    Renamer renamer{*this, scratch_};
    rego::syntax::walk(*copied, renamer);
    std::string text = rego::syntax::to_text(*copied);
    scratch_.reset();
    return text;
}

std::string EventText::node_text(const Node& node) {
    if (node.kind == NodeKind::kValue) return rego::term_text(node.value);
    if (node.kind == NodeKind::kVariable) return name(node.name);
    if (node.source != nullptr) return term_text(*node.source);
    std::string text;
    if (node.kind == NodeKind::kReference) {
        text = node_text(*node.parts[0]);
        for (const Node* part : node.parts.subspan(1)) {
            const bool is_word = part->kind == NodeKind::kValue && part->value.is_string() &&
                                 std::ranges::all_of(part->value.as_string(), [](char c) {
                                     return c == '_' || (c >= 'a' && c <= 'z') ||
                                            (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                                 });
            text +=
                is_word ? "." + std::string(part->value.as_string()) : "[" + node_text(*part) + "]";
        }
        return text;
    }
    const bool is_object = node.kind == NodeKind::kObject;
    for (std::size_t i = 0; i < node.parts.size(); ++i) {
        if (i > 0) text += is_object && i % 2 == 1 ? ": " : ", ";
        text += node_text(*node.parts[i]);
    }
    return node.kind == NodeKind::kArray ? "[" + text + "]" : "{" + text + "}";
}

std::string EventText::subject(const Event& event) {
    if (event.rule != nullptr) return rule_text(*event.rule);
    if (!event.subject.empty()) return event.subject;
    if (event.left != nullptr) return node_text(*event.left) + " = " + node_text(*event.right);
    if (event.block != nullptr) {
        std::string text;
        for (const Expression* one : event.block->source) {
            text += (text.empty() ? "" : "; ") + expression_text(*one, EveryKeys::kAll);
        }
        return text;
    }
    return event.step == nullptr ? std::string()
                                 : expression_text(*event.step->source, EveryKeys::kNamed);
}

std::string EventText::place(const Event& event) const {
    if (event.location == nullptr) return {};
    const auto& files = watcher_.library().prepared().files;
    std::string file = event.file < files.size() ? files[event.file] : "";
    if (file.empty()) file = "query";  // also of what was said in a conversation
    return file + ":" + std::to_string(event.location->row);
}

std::string EventText::variables(const Event& event) {
    if (event.operation == Operation::kTestCase) return "{}";
    std::vector<const Term*> found;
    std::vector<const Term*> references;
    VariableGatherer gatherer{found, references};
    if (event.rule != nullptr) {
        rego::syntax::walk(*event.rule->source->head, gatherer);
    } else if (event.block != nullptr) {
        rego::syntax::walk(event.block->source, gatherer);
    } else if (event.step != nullptr) {
        rego::syntax::walk(const_cast<Expression&>(*event.step->source), gatherer);
    }
    std::map<std::string, std::string> shown;
    for (const Term* term : found) {
        if (event.bindings->find(term->text) == nullptr) continue;
        const Node* const variable = watcher_.maker().variable(term->text);
        const Node* const value = watcher_.maker().plug(variable, event.bindings);
        shown[name(term->text)] = node_text(*value);
    }
    // What rules have given, of the references whose beginning is known.
    for (const Term* reference : references) {
        if (event.rule != nullptr || !rego::syntax::is_variable(*reference->terms[0], "data")) {
            continue;
        }
        std::vector<Value> path;
        for (const Term* part : reference->terms.subspan(1)) {
            if (part->kind > TermKind::kString) break;
            path.push_back(part->constant);
        }
        const Value* const known = watcher_.known_result(path);
        if (known == nullptr) continue;
        shown[rego::syntax::to_text(reference->terms.first(path.size() + 1))] =
            rego::term_text(*known);
    }
    std::string text;
    for (const auto& [title, value] : shown) {
        if (!text.empty()) text += ", ";
        text += title + ": " + cut(value, kMaxVariableText);
    }
    return "{" + text + "}";
}

TraceRecorder::TraceRecorder(Explain explain, Variables variables, TraceForm form)
    : explain_(explain), variables_(variables), form_(form) {}

TraceRecorder::~TraceRecorder() = default;

void TraceRecorder::attach(EventText* text) {
    text_ = text;
    event_json_ = form_ == TraceForm::kJson ? std::make_unique<EventJson>(*text) : nullptr;
}

bool TraceRecorder::may_be_wanted(const Event& event) const {
    switch (explain_) {
        case Explain::kDebug:
            return true;
        case Explain::kFull:
            return event.operation != Operation::kUnify;
        default:
            break;
    }
    switch (event.operation) {
        case Operation::kNote:
            return explain_ != Explain::kFails;
        case Operation::kFail:
            return explain_ != Explain::kNotes;
        case Operation::kEnter:
        case Operation::kRedo:
            return event.rule != nullptr || event.block != nullptr;
        default:
            return false;
    }
}

std::string_view TraceRecorder::subject(const Event& event) {
    const void* const node = event.rule != nullptr    ? static_cast<const void*>(event.rule)
                             : event.block != nullptr ? static_cast<const void*>(event.block)
                                                      : static_cast<const void*>(event.step);
    const bool is_once = node == nullptr || !event.subject.empty();
    if (is_once) return arena_.copy(std::string_view(text_->subject(event)));
    const auto [at, is_new] = subjects_.try_emplace(node);
    if (is_new) at->second = arena_.copy(std::string_view(text_->subject(event)));
    return at->second;
}

void TraceRecorder::heard(const Event& event) {
    if (!may_be_wanted(event) || is_full()) return;
    TraceRow row{.operation = event.operation,
                 .is_expression = event.step != nullptr || event.left != nullptr,
                 .is_rule_or_body = event.rule != nullptr || event.block != nullptr,
                 .query = event.query,
                 .parent = event.parent,
                 .place = {},
                 .subject = {}};
    if (event_json_ != nullptr) {
        row.json = arena_.copy(std::string_view(event_json_->text(event)));
        rows_.push_back(row);
        return;
    }
    if (event.location != nullptr) {
        const auto [at, is_new] = places_.try_emplace({event.file, event.location->row});
        if (is_new) at->second = arena_.copy(std::string_view(text_->place(event)));
        row.place = at->second;
    }
    if (event.operation == Operation::kNote) {
        row.subject = arena_.copy(std::string_view("\"" + event.message + "\""));
    } else {
        row.subject = subject(event);
        if (!event.message.empty()) row.message = arena_.copy(std::string_view(event.message));
    }
    if (variables_ == Variables::kShown) {
        row.variables = arena_.copy(std::string_view(text_->variables(event)));
    }
    rows_.push_back(row);
}

// With a filter: what it wants, and below which rules and bodies that came about.
std::vector<const TraceRow*> TraceRecorder::picked() const {
    std::vector<const TraceRow*> picked;
    if (explain_ == Explain::kFull || explain_ == Explain::kDebug) {
        for (const TraceRow& row : rows_) picked.push_back(&row);
        return picked;
    }
    const auto is_wanted = [this](const TraceRow& row) {
        const bool is_note = row.operation == Operation::kNote;
        const bool is_fail = row.operation == Operation::kFail;
        return (is_note && explain_ != Explain::kFails) || (is_fail && explain_ != Explain::kNotes);
    };
    std::map<std::uint64_t, const TraceRow*> entered;
    const auto of_query = [&entered](std::uint64_t query) {
        const auto found = entered.find(query);
        return found == entered.end() ? nullptr : found->second;
    };
    for (const TraceRow& row : rows_) {
        if (is_wanted(row)) {
            std::vector<const TraceRow*> path{&row};
            const TraceRow* previous = nullptr;
            const TraceRow* current = of_query(row.query);
            while (current != nullptr && current != previous) {
                path.push_back(current);
                previous = current;
                current = of_query(current->parent);
            }
            picked.insert(picked.end(), path.rbegin(), path.rend());
            entered.clear();
        }
        const bool opens = row.operation == Operation::kEnter || row.operation == Operation::kRedo;
        if (opens && row.is_rule_or_body) entered[row.query] = &row;
    }
    return picked;
}

std::vector<std::string_view> TraceRecorder::json() const {
    std::vector<std::string_view> events;
    for (const TraceRow* row : picked()) events.push_back(row->json);
    return events;
}

std::string TraceRecorder::finish(std::string_view margin, Places places) const {
    const std::vector<const TraceRow*> picked = this->picked();
    std::map<std::uint64_t, std::size_t> depths;
    std::vector<std::vector<std::string>> table;
    std::vector<std::size_t> widths(3);
    for (const TraceRow* row : picked) {
        std::size_t& depth = depths[row->query];
        if (depth == 0) depth = depths[row->parent] + 1;
        const bool is_outside = row->operation == Operation::kEnter ||
                                (row->operation == Operation::kRedo && !row->is_expression);
        std::string text;
        for (std::size_t i = is_outside ? 1 : 0; i < depth; ++i) text += "| ";
        text += std::string(name_of(row->operation)) + " " + std::string(row->subject);
        if (!row->message.empty()) text += " " + std::string(row->message);
        std::vector<std::string> cells;
        if (places == Places::kShown) cells.emplace_back(row->place);
        cells.push_back(std::move(text));
        if (variables_ == Variables::kShown) cells.emplace_back(row->variables);
        for (std::size_t i = 0; i < cells.size(); ++i) {
            widths[i] = std::max(widths[i], cells[i].size());
        }
        table.push_back(std::move(cells));
    }
    std::string out;
    for (const std::vector<std::string>& cells : table) {
        for (std::size_t i = 0; i + 1 < cells.size(); ++i) {
            const std::size_t wide = widths[i] + kColumnPadding;
            const std::size_t used = text::count_code_points(cells[i]);
            out += margin;
            out += cells[i] + std::string(wide > used ? wide - used : 0, ' ') + " ";
        }
        out += margin;
        out += cells.back();
        out += margin;
        out += '\n';
    }
    return out;
}

}  // namespace merlon::compat::opa
