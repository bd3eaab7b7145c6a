#include "rego/compiler/errors.h"

#include <algorithm>
#include <tuple>

namespace merlon::rego::compiler {

std::string CompileError::to_string() const {
    std::string text;
    if (!file.empty()) {
        text = file + ":" + std::to_string(row) + ": ";
    } else if (row > 0) {
        text = std::to_string(row) + ":" + std::to_string(column) + ": ";
    }
    return text + code + ": " + message;
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

void ErrorList::add(std::string_view code, const syntax::Location* location, std::string message) {
    CompileError& error = errors_.emplace_back();
    error.code = code;
    error.message = std::move(message);
    error.file = file_;
    if (location == nullptr) return;
    error.row = location->row;
    error.column = location->column;
}

std::vector<CompileError> ErrorList::take() {
    const auto place = [](const CompileError& error) {
        return std::tie(error.file, error.row, error.column);
    };
    std::ranges::stable_sort(errors_, {}, place);
    const auto same = [](const CompileError& left, const CompileError& right) {
        return left.to_string() == right.to_string() && left.column == right.column;
    };
    errors_.erase(std::unique(errors_.begin(), errors_.end(), same), errors_.end());
    return std::move(errors_);
}

}  // namespace merlon::rego::compiler
