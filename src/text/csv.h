#pragma once

// Comma-separated values (RFC 4180), as feeds write them.
//
// Quoted fields may hold commas, line breaks and doubled quotes; LF ends a line as CRLF does. A
// quote inside an unquoted field is an error, as is one that is never closed.
//
// Not thread-safe; one text each, which it borrows. Cost: one pass.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::text {

class CsvReader {
  public:
    explicit CsvReader(std::string_view text) : text_(text) {}

    // Replaces `row` by the next line's fields: true, or false at the end. Empty lines are skipped.
    // Fails with the line.
    Result<bool> next(std::vector<std::string>& row);
    // The 1-based line that the last row began in.
    std::uint32_t line() const { return row_line_; }

  private:
    Status read_quoted(std::string& field);

    std::string_view text_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    std::uint32_t row_line_ = 0;
};

}  // namespace merlon::text
