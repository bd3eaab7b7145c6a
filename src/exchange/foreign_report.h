#pragma once

// Reports of any tool that is known, told apart by what stands in them.
//
// The idea: one table of formats, each with the mark by which a file is known and the reader that
// makes our reports of it. A new format is a reader and a row. What no row takes is refused with
// the names of those that there are.
//
// Thread-safe: no state. Cost: that of the reader.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/read_report.h"

namespace merlon::exchange {

struct ForeignFormat {
    std::string_view name;   // "sarif"
    std::string_view title;  // "SARIF 2.1.0"
    // Whether a file that begins so is one.
    bool (*looks_like)(std::string_view first_bytes);
    Result<std::vector<ReadReport>> (*read)(std::string_view bytes);
};

std::span<const ForeignFormat> foreign_formats();

struct ForeignReport {
    std::string_view format;
    std::vector<ReadReport> reports;  // one for each run
};

// Fails with line, column and reason; nothing of a document that has a defect is taken.
Result<ForeignReport> read_foreign_report(std::string_view bytes);

}  // namespace merlon::exchange
