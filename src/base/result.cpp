#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace merlon {

void fail_assertion(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "merlon: assertion failed at %s:%d: %s\n", file, line, condition);
    std::abort();
}

Error Error::within(std::string doing) && {
    context.push_back(std::move(doing));
    return std::move(*this);
}

Error Error::at(std::string_view path, std::uint32_t at_line, std::uint32_t at_column) && {
    if (file.empty()) file = path;
    if (line == 0) {
        line = at_line;
        column = at_column;
    }
    return std::move(*this);
}

std::string Error::to_string() const {
    std::string text;
    if (!file.empty()) {
        text += file;
        if (line != 0) {
            text += ':' + std::to_string(line);
            if (column != 0) text += ':' + std::to_string(column);
        }
        text += ": ";
    } else if (line != 0) {
        text += "line " + std::to_string(line) + ": ";
    }
    text += message;
    for (const std::string& doing : context) text += " (while " + doing + ')';
    return text;
}

}  // namespace merlon
