// Where an evaluation stands: the frames from the innermost out, each with its expression.

#include <algorithm>

#include "rego/compiler/nodes.h"
#include "rego/term.h"
#include "rego/watch/watcher.h"

namespace merlon::rego::watch {
namespace {

using syntax::Expression;
using syntax::ExpressionKind;
using syntax::Location;
using syntax::Term;
using syntax::TermKind;

constexpr std::size_t kLongestText = 80;  // code points

// The variables that an expression reads. What it declares, and what is local to a comprehension,
// is not known where the expression stands.
struct ReadVariables {
    std::vector<const Term*> found;

    void add(const Term& term) {
        if (term.kind == TermKind::kVariable) found.push_back(&term);
        const std::size_t first = term.kind == TermKind::kCall ? 1 : 0;
        if (compiler::is_comprehension(term)) return;
        for (const Term* part : term.terms.subspan(std::min(first, term.terms.size()))) add(*part);
    }
    void add(const Expression& expression) {
        if (expression.kind == ExpressionKind::kEvery) {
            add(*expression.terms[2]);
            for (const Expression* one : expression.left) add(*one);
        } else {
            const std::size_t first = expression.kind == ExpressionKind::kCall ? 1 : 0;
            for (const Term* term : expression.terms.subspan(first)) {
                if (term != nullptr) add(*term);
            }
        }
        for (const syntax::With* with : expression.with) add(*with->value);
    }
};

// Where the term's text stands in that of the expression; npos where it does not.
std::size_t place_in(const Location& expression, const Term& term) {
    if (term.location == nullptr || term.location->text.empty()) return std::string_view::npos;
    if (term.location->offset < expression.offset) return std::string_view::npos;
    const std::string_view text = term.location->text;
    const std::size_t at = term.location->offset - expression.offset;
    const bool is_inside = at + text.size() <= expression.text.size() &&
                           expression.text.substr(at, text.size()) == text;
    return is_inside ? at : std::string_view::npos;
}

}  // namespace

std::string frame_text(std::string_view text) {
    std::string line;
    std::size_t length = 0;
    for (const char byte : text) {
        const bool is_space = byte == ' ' || (byte >= '\t' && byte <= '\r');
        if (is_space && (line.empty() || line.back() == ' ')) continue;
        const bool continues = (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
        if (!continues && length++ == kLongestText) return line + "...";
        line += is_space ? ' ' : byte;
    }
    while (line.ends_with(' ')) line.pop_back();
    return line;
}

std::string StackFrame::to_string() const {
    if (row == 0) return "<unknown>";
    const std::string place = file.empty() ? std::to_string(row) + ":" + std::to_string(column)
                                           : file + ":" + std::to_string(row);
    return text.empty() ? place : place + ": " + text;
}

std::string Watcher::text_of(const Frame& frame, const Expression& expression) {
    const Location& location = *expression.location;
    ReadVariables read;
    read.add(expression);
    struct Known {
        std::size_t begin;
        std::size_t size;
        std::string value;
    };
    std::vector<Known> known;
    for (const Term* variable : read.found) {
        const std::size_t at = place_in(location, *variable);
        if (at == std::string_view::npos || frame.bindings->find(variable->text) == nullptr) {
            continue;
        }
        const value::Value* const value =
            maker_.plugged_value(maker_.variable(variable->text), frame.bindings);
        if (value == nullptr) continue;
        std::string text = term_text(*value);
        if (text.size() <= kLongestText) {
            known.push_back({at, variable->location->text.size(), std::move(text)});
        }
    }
    std::ranges::stable_sort(known, {}, &Known::begin);
    std::string text;
    std::size_t end = 0;
    for (const Known& one : known) {
        // One that is reached twice, or stands in another, is there.
        if (one.begin < end) continue;
        text += location.text.substr(end, one.begin - end);
        text += one.value;
        end = one.begin + one.size;
    }
    return frame_text(text + std::string(location.text.substr(end)));
}

Stack Watcher::stack_of(const Frame& innermost) {
    Stack stack;
    const auto& files = library_.prepared().files;
    for (const Frame* frame = &innermost; frame != nullptr; frame = frame->outer) {
        StackFrame& shown = stack.emplace_back(StackFrame{.query = frame->id});
        if (frame->block->steps.empty()) continue;
        const std::size_t last = frame->block->steps.size() - 1;
        const Expression& expression = *frame->block->steps[std::min(frame->index, last)].source;
        if (expression.location == nullptr) continue;
        if (frame->file < files.size()) shown.file = files[frame->file];
        shown.row = expression.location->row;
        shown.column = expression.location->column;
        shown.text = text_of(*frame, expression);
    }
    return stack;
}

}  // namespace merlon::rego::watch
