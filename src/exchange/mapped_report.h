#pragma once

// Any report as a tree, and a report of ours from what a mapping makes of that tree: how tools are
// imported for which there is no reader.
//
// The idea: a document in JSON, JSON Lines, CSV or XML becomes one value of a plain shape; whoever
// maps it (`merlon import --mapping`, in Rego) answers with an object of the shape below, which is
// checked member by member, so that a slip in a mapping is an error and never a finding less.
//
// A tree of CSV is a list of objects, by the names in its first line. An element of XML is
// {"name", "attributes", "text", "children"}.
//
// Thread-safe: no state. Cost: linear; memory of the tree and of the report.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/interner.h"
#include "base/result.h"
#include "exchange/read_report.h"
#include "value/value.h"

namespace merlon::exchange {

enum class TreeSyntax : std::uint8_t {
    kByContent,  // JSON, JSON Lines or XML, whichever it is; one line alone is JSON
    kCsv,
    kJsonLines,  // a list, also of one record or none
};

// The document as a value in `arena`. Fails with line, column and reason, and once `cancel` is set,
// which may be null.
Result<value::Value> read_plain_tree(std::string_view bytes, TreeSyntax syntax, Arena& arena,
                                     Interner& interner, const CancelToken* cancel = nullptr);

// {"tool": "…", "findings": [{"rule": "…", "message": "…", …}], "complete": true, …}:
// docs/import.md has the members. Fails with the first that is not as it should be, and where:
// "findings[3]: …".
Result<ReadReport> mapped_report(const value::Value& answer);

// Where a mapping made no finding of what may be the one record that JSON Lines had left, nothing
// is closed by it.
void doubt_empty(ReadReport& report);

// Takes the values of what the mapping says are secrets ("properties": {"kind": "secret"}) out of
// the report, and out of the document: that for keeping, or nothing where it has none.
Result<std::optional<std::string>> mask_mapped(std::string_view bytes, std::string_view secret_key,
                                               ReadReport& report,
                                               const CancelToken* cancel = nullptr);

}  // namespace merlon::exchange
