#pragma once

// Our own report (schemas/report.schema.json), read back: what `--format json` printed.
//
// The idea: what the printer writes is what this takes, field by field; names that it does not know
// are left alone, so that a report of the next version is read as far as it goes. A report is taken
// whole or refused with line, column and reason.
//
// Thread-safe: no state. Cost: linear; memory of the tree and of the report.

#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "exchange/field_reader.h"
#include "model/analysis.h"

namespace merlon::exchange {

// Whether a file that begins so may be one.
bool looks_like_report(std::string_view first_bytes);

Result<model::Report> read_report(std::string_view bytes, const CancelToken* cancel = nullptr);

// One of its findings, by itself.
Result<model::Finding> read_finding(std::string_view bytes);

}  // namespace merlon::exchange
