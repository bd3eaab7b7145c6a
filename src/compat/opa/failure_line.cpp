#include "compat/opa/failure_line.h"

#include <algorithm>
#include <set>

#include "compat/opa/test_report.h"
#include "rego/term.h"
#include "text/utf8.h"

namespace merlon::compat::opa {

using rego::syntax::Expression;
using rego::syntax::Location;
using rego::syntax::Term;
using rego::syntax::TermKind;
using rego::watch::Event;
using value::Value;

namespace {

constexpr std::size_t kMaxValueText = 64;

std::string cut(std::string text) {
    if (text.size() > kMaxValueText) text = text.substr(0, kMaxValueText - 3) + "...";
    return text;
}

// Which of the columns of a line are tabs.
std::set<std::uint32_t> tabs_of(std::string_view line) {
    std::set<std::uint32_t> tabs;
    std::uint32_t column = 0;
    for (const char c : line) {
        if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++column;
        if (c == '\t') tabs.insert(column);
    }
    return tabs;
}

enum class Unknown : std::uint8_t { kLeftOut, kUndefined };

struct ValueGatherer {
    const Event& event;
    EventText& text;
    ShownValues found;
    bool is_own = true;                         // the event's expression: what rules gave is known
    std::set<std::string_view> own_names = {};  // variables in it

    void expression(const Expression& expression, Unknown unknown);
    void term(const Term& term, Unknown unknown);
    void reference(const Term& term);
};

void ValueGatherer::expression(const Expression& expression, Unknown unknown) {
    const std::size_t first = expression.kind == rego::syntax::ExpressionKind::kCall ? 1 : 0;
    for (const Term* term : expression.terms.subspan(first)) {
        if (term != nullptr) this->term(*term, unknown);
    }
    for (const Expression* one : expression.left) this->expression(*one, unknown);
    for (const Expression* one : expression.right) this->expression(*one, unknown);
    for (const rego::syntax::With* with : expression.with) {
        term(*with->value, unknown);
    }
}

// `tc.data` shows what it selects, beside what `tc` is; what rules gave is known as well.
void ValueGatherer::reference(const Term& term) {
    auto& watcher = text.watcher();
    const Term& head = *term.terms[0];
    if (head.kind != TermKind::kVariable || head.location == nullptr) return;
    const bool is_document = head.text == "data";
    if (is_document && !is_own) return;
    std::vector<Value> path;
    for (const Term* part : term.terms.subspan(1)) {
        const Value* value = nullptr;
        if (part->kind <= TermKind::kString) {
            value = &part->constant;
        } else if (!is_document && part->kind == TermKind::kVariable &&
                   event.bindings->find(part->text) != nullptr) {
            value =
                watcher.maker().plugged_value(watcher.maker().variable(part->text), event.bindings);
        }
        if (value == nullptr) break;
        path.push_back(*value);
    }
    if (is_document) {
        const Value* const known = watcher.known_result(path);
        if (known == nullptr) return;
        const std::string title(head.location->text);
        found[title] = {title, rego::term_text(*known), head.location->row, head.location->column};
        return;
    }
    if (path.size() + 1 != term.terms.size() || term.location == nullptr) return;
    if (event.bindings->find(head.text) == nullptr) return;
    const Value* value =
        watcher.maker().plugged_value(watcher.maker().variable(head.text), event.bindings);
    for (const Value& step : path) {
        if (value != nullptr) value = rego::element_of(*value, step);
    }
    if (value == nullptr) return;
    const std::string title(term.location->text);
    const auto known = found.find(title);
    if (known != found.end() && known->second.value) return;
    found[title] = {title, rego::term_text(*value), term.location->row, term.location->column};
}

void ValueGatherer::term(const Term& term, Unknown unknown) {
    if (rego::compiler::is_comprehension(term)) return;
    if (term.kind == TermKind::kReference) reference(term);
    // The key that `some x in xs` has by itself stands nowhere.
    const bool is_unnamed_key = term.kind == TermKind::kVariable && text.is_written(term.text) &&
                                rego::compiler::is_generated(text.name(term.text));
    if (term.kind == TermKind::kVariable && term.location != nullptr && !is_unnamed_key) {
        const bool is_bound = event.bindings->find(term.text) != nullptr;
        if (is_own) own_names.insert(term.text);
        const bool is_known =
            is_bound || (own_names.contains(term.text) && text.is_written(term.text));
        if (is_known || unknown == Unknown::kUndefined) {
            ShownValue shown{.title = std::string(term.location->text),
                             .value = {},
                             .row = term.location->row,
                             .column = term.location->column};
            if (shown.title.empty()) shown.title = text.name(term.text);
            if (is_bound) {
                auto& maker = text.watcher().maker();
                shown.value =
                    text.node_text(*maker.plug(maker.variable(term.text), event.bindings));
            }
            const auto known = found.find(shown.title);
            if (known == found.end() || !known->second.value) found[shown.title] = shown;
        }
    }
    const std::size_t first = term.kind == TermKind::kCall ? 1 : 0;
    for (const Term* part : term.terms.subspan(first)) this->term(*part, unknown);
}

}  // namespace

const Expression& written_expression(const Expression& expression,
                                     const rego::compiler::Offspring& offspring) {
    for (const auto& [original, made] : offspring) {
        if (std::ranges::find(made, &expression) != made.end()) {
            return written_expression(*original, offspring);
        }
    }
    return expression;
}

namespace {

void gather_offspring(const Expression& expression, const rego::compiler::Offspring& offspring,
                      ValueGatherer& gatherer) {
    gatherer.expression(expression, Unknown::kLeftOut);
    const auto made = offspring.find(&expression);
    if (made == offspring.end()) return;
    for (const Expression* one : made->second) gather_offspring(*one, offspring, gatherer);
}

}  // namespace

ShownValues values_in(const Event& event, const Expression& expression, EventText& text) {
    ValueGatherer gatherer{.event = event, .text = text, .found = {}};
    // Of what is negated nobody knows why it has no value.
    gatherer.expression(expression,
                        expression.is_negated ? Unknown::kLeftOut : Unknown::kUndefined);
    gatherer.is_own = false;
    const rego::compiler::Offspring& offspring = *text.watcher().library().prepared().offspring;
    gather_offspring(written_expression(expression, offspring), offspring, gatherer);
    return std::move(gatherer.found);
}

void FailureLine::heard(const Event& event) {
    if (event.operation != rego::watch::Operation::kFail || event.query == 0) return;
    if (event.step == nullptr || event.location == nullptr) return;
    if (event.step->kind == rego::watch::StepKind::kEvery) return;
    place_ = text_->place(event);
    const auto& prepared = text_->watcher().library().prepared();
    const std::string file = event.file < prepared.files.size() ? prepared.files[event.file] : "";
    const Expression& base = written_expression(*event.step->source, *prepared.offspring);
    shown_ = padded(file, *base.location);
    if (variables_ == Variables::kHidden) {
        shown_ += '\n';
    } else {
        shown_ += arrows(file, values_in(event, *event.step->source, *text_));
    }
}

std::string FailureLine::text() const {
    if (place_.empty()) return {};
    return "  " + place_ + ":\n" + indent_lines(shown_, 4) + "\n";
}

std::string FailureLine::padded(const std::string& file, const Location& location) const {
    const std::set<std::uint32_t> tabs = tabs_of(line_of_(file, location.row));
    std::string text;
    for (std::uint32_t column = 1; column < location.column; ++column) {
        text += tabs.contains(column) ? '\t' : ' ';
    }
    return text + std::string(location.text);
}

std::string FailureLine::arrows(const std::string& file, const ShownValues& found) const {
    std::vector<const ShownValue*> shown;
    std::map<std::uint32_t, std::set<std::uint32_t>> tabs;  // of each line
    bool has_tabs = false;
    for (const auto& [title, one] : found) {
        shown.push_back(&one);
        const auto [at, is_new] = tabs.try_emplace(one.row);
        if (is_new) at->second = tabs_of(line_of_(file, one.row));
        has_tabs = has_tabs || (!at->second.empty() && *at->second.begin() < one.column);
    }
    if (shown.empty()) return {};
    const auto value_of = [](const ShownValue& one) {
        return cut(one.value.value_or("undefined"));
    };
    std::string text;
    // Tabs of several lines leave no column in common.
    if (has_tabs && tabs.size() > 1) {
        text = "\n\nWhere:\n";
        for (const auto& [title, one] : found) text += "\n" + title + ": " + value_of(one);
        return text;
    }
    std::ranges::sort(shown, [](const ShownValue* first, const ShownValue* second) {
        if (first->column != second->column) return first->column < second->column;
        if (first->row != second->row) return first->row > second->row;
        return first->title < second->title;
    });
    const auto write = [&](std::size_t count, bool has_value) {
        std::uint32_t previous = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const ShownValue& one = *shown[i];
            const bool is_last = i + 1 == count;
            if (!is_last && one.column == shown[i + 1]->column) continue;
            for (std::uint32_t column = previous + 1; column < one.column; ++column) {
                text += tabs[one.row].contains(column) ? '\t' : ' ';
            }
            previous = one.column;
            if (!is_last || !has_value) {
                text += '|';
                continue;
            }
            const bool is_shared = (i > 0 && shown[i - 1]->column == one.column) ||
                                   (i + 1 < shown.size() && shown[i + 1]->column == one.column);
            text += is_shared ? one.title + ": " + value_of(one) : value_of(one);
        }
    };
    text += "\n";
    write(shown.size(), false);
    for (std::size_t i = shown.size(); i > 0; --i) {
        text += "\n";
        write(i, true);
    }
    return text;
}

}  // namespace merlon::compat::opa
