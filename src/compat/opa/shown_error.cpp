#include "compat/opa/shown_error.h"

#include <algorithm>

#include "rego/compiler/nodes.h"
#include "rego/go_json.h"
#include "rego/syntax/walk.h"

namespace merlon::compat::opa {

std::string ShownError::to_string() const {
    std::string text;
    if (!file.empty()) {
        text = file;
        if (row > 0 || has_place) text += ":" + std::to_string(row);
        text += ": ";
    } else if (!place_text.empty()) {
        text = place_text + ": ";
    } else if (has_place && row > 0) {
        text = std::to_string(row) + ":" + std::to_string(column) + ": ";
    }
    if (!code.empty()) text += code + ": ";
    text += message + hint;
    for (const std::string& one : detail) text += "\n\t" + one;
    return text;
}

ShownError shown(const rego::syntax::SyntaxError& error, const std::string& file) {
    ShownError made{.message = error.message,
                    .code = error.code,
                    .file = file,
                    .row = error.row,
                    .column = error.column,
                    .has_place = !error.code.empty(),
                    .line = error.line,
                    .line_index = error.line_index,
                    .has_line = error.has_detail};
    // The parser writes its own detail below the message.
    const std::string whole = error.to_string(file);
    // The message may have lines of its own.
    const std::size_t message = std::min(whole.find(error.message), whole.size());
    const std::size_t below = whole.find('\n', message + error.message.size());
    std::string_view rest =
        below == std::string::npos ? std::string_view() : std::string_view(whole).substr(below + 1);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        if (line.starts_with('\t')) line.remove_prefix(1);
        made.detail.emplace_back(line);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return made;
}

ShownError shown(const rego::compiler::CompileError& error) {
    return {.message = error.message,
            .code = error.code,
            .file = error.file,
            .row = error.row,
            .column = error.column,
            .has_place = error.row > 0,
            .detail = error.details.lines,
            .details_json = error.details.json};
}

ShownError shown(const rego::EvaluationError& error) {
    return {.message = error.message,
            .code = std::string(rego::code(error.kind)),
            .file = error.file,
            .row = error.row,
            .column = error.column,
            .has_place = true};
}

namespace {

// What stands at a place of a query: the shortest call of that function, or the whole expression.
struct TextFinder {
    std::uint32_t row;
    std::uint32_t column;
    std::string_view function;
    std::string_view call = {};
    std::string_view whole = {};

    bool enter(rego::syntax::Term& term) {
        look(term.location, term.kind == rego::syntax::TermKind::kCall ? term.terms[0] : nullptr);
        return true;
    }
    bool enter(rego::syntax::Expression& expression) {
        const bool is_call = expression.kind == rego::syntax::ExpressionKind::kCall;
        look(expression.location, is_call ? expression.terms[0] : nullptr);
        return true;
    }
    static bool enter(rego::syntax::With& /*with*/) { return true; }

    void look(const rego::syntax::Location* at, const rego::syntax::Term* operation) {
        if (at == nullptr || at->row != row || at->column != column) return;
        if (at->text.size() > whole.size()) whole = at->text;
        if (operation == nullptr || rego::compiler::operator_name(*operation) != function) return;
        if (call.empty() || at->text.size() < call.size()) call = at->text;
    }
};

}  // namespace

ShownError shown(const rego::EvaluationError& error, rego::syntax::Body query) {
    ShownError made = shown(error);
    if (!error.file.empty() || error.row == 0) return made;
    const std::string_view message = error.message;
    TextFinder finder{error.row, error.column, message.substr(0, message.find(':'))};
    rego::syntax::walk(query, finder);
    made.place_text = finder.call.empty() ? finder.whole : finder.call;
    return made;
}

std::string to_string(std::span<const ShownError> errors, std::string_view during) {
    std::string text = std::to_string(errors.size()) +
                       (errors.size() == 1 ? " error occurred" : " errors occurred");
    text += during;
    text += errors.size() == 1 ? ": " : ":\n";
    for (std::size_t i = 0; i < errors.size(); ++i) {
        if (i > 0) text += '\n';
        text += errors[i].to_string();
        if (errors[i].stack.empty()) continue;
        text += "\n\nTraceback:";
        for (const rego::watch::StackFrame& frame : errors[i].stack) {
            text += "\n  " + frame.to_string();
        }
    }
    return text;
}

namespace {

// A JSON value as it stands, laid out as the writer does; names keep their order.
void write_laid_out(text::JsonWriter& json, std::string_view value) {
    if (value.starts_with('{')) {
        json.begin_object();
        for (const rego::JsonMember& member : rego::json_members(value)) {
            write_laid_out(json.key(member.name), member.value);
        }
        json.end_object();
    } else if (value.starts_with('[')) {
        json.begin_array();
        for (const std::string_view element : rego::json_elements(value)) {
            write_laid_out(json, element);
        }
        json.end_array();
    } else {
        json.raw(value);
    }
}

}  // namespace

void write_errors(text::JsonWriter& json, std::span<const ShownError> errors) {
    json.key("errors").begin_array();
    for (const ShownError& error : errors) {
        json.begin_object().member("message", error.message);
        if (!error.code.empty()) json.member("code", error.code);
        if (error.has_place) {
            json.key("location").begin_object().member("file", error.file);
            json.key("row").integer(error.row).key("col").integer(error.column).end_object();
        }
        if (!error.details_json.empty()) {
            write_laid_out(json.key("details"), error.details_json);
        } else if (error.has_line) {
            json.key("details").begin_object().member("line", error.line);
            json.key("idx").integer(error.line_index).end_object();
        }
        write_stack(json, error.stack);
        json.end_object();
    }
    json.end_array();
}

void write_stack(text::JsonWriter& json, const rego::watch::Stack& stack) {
    if (stack.empty()) return;
    json.key("stack_trace").begin_array();
    for (const rego::watch::StackFrame& frame : stack) {
        json.begin_object().key("query_id").integer(static_cast<std::int64_t>(frame.query));
        if (frame.row > 0) {
            json.key("location").begin_object().member("file", frame.file);
            json.key("row").integer(frame.row).key("col").integer(frame.column).end_object();
        }
        json.end_object();
    }
    json.end_array();
}

std::string errors_json(std::span<const ShownError> errors, const JsonMember& more) {
    std::string text;
    text::JsonWriter json(text, "  ", text::JsonEscapes::kGo);
    json.begin_object();
    write_errors(json, errors);
    if (!more.name.empty()) write_laid_out(json.key(more.name), more.json);
    json.end_object();
    return text + "\n";
}

ShownError unread(const Error& error, std::string_view name) {
    ShownError made;
    if (!name.empty()) made.message = std::string(name) + ": ";
    made.message += error.message;
    // Of YAML OPA's own words have the line.
    if (error.line > 0) {
        made.hint = " (line " + std::to_string(error.line) + ", column " +
                    std::to_string(error.column) + ")";
    }
    return made;
}

}  // namespace merlon::compat::opa
