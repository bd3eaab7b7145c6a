#include "text/csv.h"

#include <algorithm>

namespace merlon::text {
namespace {

Error error_in(std::uint32_t line, std::string message) {
    Error error{"CSV: " + std::move(message)};
    error.line = line;
    return error;
}

}  // namespace

// Section 2, 5 to 7; `at_` is behind the opening quote.
Status CsvReader::read_quoted(std::string& field) {
    const std::uint32_t opened = line_;
    for (;;) {
        const std::size_t quote = text_.find('"', at_);
        if (quote == std::string_view::npos) return error_in(opened, "a quote is never closed");
        const std::string_view part = text_.substr(at_, quote - at_);
        line_ += static_cast<std::uint32_t>(std::count(part.begin(), part.end(), '\n'));
        field += part;
        at_ = quote + 1;
        if (!text_.substr(at_).starts_with('"')) return {};
        field += '"';
        ++at_;
    }
}

Result<bool> CsvReader::next(std::vector<std::string>& row) {
    row.clear();
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) {
        if (text_[at_] == '\n') ++line_;
        ++at_;
    }
    if (at_ == text_.size()) return false;
    row_line_ = line_;
    for (;;) {
        std::string field;
        if (text_.substr(at_).starts_with('"')) {
            ++at_;
            if (Status read = read_quoted(field); !read.ok()) return std::move(read).error();
        } else {
            const std::size_t end = std::min(text_.find_first_of(",\n\r\"", at_), text_.size());
            field = text_.substr(at_, end - at_);
            at_ = end;
        }
        row.push_back(std::move(field));
        if (at_ == text_.size()) return true;
        const char separator = text_[at_];
        if (separator == '\n' || separator == '\r') return true;
        if (separator != ',') return error_in(line_, "a quote inside of a field, or behind one");
        ++at_;
    }
}

}  // namespace merlon::text
