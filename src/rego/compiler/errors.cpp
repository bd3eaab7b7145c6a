#include "rego/compiler/errors.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace merlon::rego::compiler {

std::string CompileError::to_string() const {
    std::string text;
    if (!file.empty()) {
        text = file + ":" + std::to_string(row) + ": ";
    } else if (row > 0) {
        text = std::to_string(row) + ":" + std::to_string(column) + ": ";
    }
    text += code + ": " + message;
    for (const std::string& line : details.lines) text += "\n\t" + line;
    return text;
}

std::string to_string(const std::vector<CompileError>& errors) {
    if (errors.empty()) return "no error(s)";
    std::string text = errors.size() == 1 ? "1 error occurred: "
                                          : std::to_string(errors.size()) + " errors occurred:\n";
    for (std::size_t i = 0; i < errors.size(); ++i) {
        if (i > 0) text += '\n';
        text += errors[i].to_string();
    }
    return text;
}

void ErrorList::add(CompileError error, Gravity gravity) {
    error.file = file_;
    found_.push_back({std::move(error), stage_, gravity, is_query_});
    is_final_ = is_final_ || gravity == Gravity::kFinal;
}

void ErrorList::add(std::string_view code, const syntax::Location* location, std::string message,
                    Gravity gravity) {
    CompileError error{.code = std::string(code), .message = std::move(message)};
    if (location != nullptr) {
        error.row = location->row;
        error.column = location->column;
    }
    add(std::move(error), gravity);
}

void ErrorList::add_at(Stage stage, std::string_view code, const syntax::Location* location,
                       std::string message, Gravity gravity) {
    const Stage before = std::exchange(stage_, stage);
    add(code, location, std::move(message), gravity);
    stage_ = before;
}

void ErrorList::order_rule(std::size_t first, std::size_t middle) {
    const auto begin = found_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto body =
        std::rotate(begin, found_.begin() + static_cast<std::ptrdiff_t>(middle), found_.end());
    const auto is_final = [](const Found& one) { return one.gravity == Gravity::kFinal; };
    std::stable_partition(begin, body, is_final);
    std::stable_partition(body, found_.end(), is_final);
}

std::vector<CompileError> ErrorList::take(std::size_t max_errors) {
    const bool has_module_errors =
        std::ranges::any_of(found_, [](const Found& one) { return !one.is_query; });
    std::erase_if(found_, [=](const Found& one) { return has_module_errors && one.is_query; });
    std::ranges::stable_sort(found_, {}, &Found::stage);
    // Of a query whatever is wrong is final.
    const auto last = has_module_errors
                          ? std::ranges::find(found_, Gravity::kFinal, &Found::gravity)
                          : found_.begin();
    if (last != found_.end()) {
        const Stage stage = last->stage;
        std::erase_if(found_, [stage](const Found& one) { return one.stage > stage; });
    }
    std::vector<CompileError> errors;
    for (Found& one : found_) errors.push_back(std::move(one.error));
    found_.clear();
    const bool is_too_many = max_errors > 0 && errors.size() >= max_errors;
    if (is_too_many) errors.resize(max_errors);
    // Of a query errors stay in the order in which they were found.
    if (has_module_errors) {
        std::ranges::stable_sort(errors, [](const CompileError& left, const CompileError& right) {
            // What has no place comes last.
            const auto place = [](const CompileError& error) {
                return std::tuple(error.row == 0, std::string_view(error.file), error.row,
                                  error.column);
            };
            if (place(left) != place(right)) return place(left) < place(right);
            return left.to_string() < right.to_string();
        });
    }
    if (is_too_many) {
        errors.push_back({.code = std::string(kCompileError), .message = "error limit reached"});
    }
    return errors;
}

}  // namespace merlon::rego::compiler
