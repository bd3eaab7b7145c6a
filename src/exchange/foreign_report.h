#pragma once

// Reports of any tool that is known, told apart by what stands in them.
//
// The idea: one table of formats, each with the mark by which a file is known and the reader that
// makes our reports of it. A new format is a reader and a row. What no row takes is refused with
// the names of those that there are. Whoever knows better names the format: an empty list is the
// report of four tools.
//
// A document that holds secrets is kept, and reported of, with a mask in their places
// (exchange/masked_document.h).
//
// Thread-safe: no state. Cost: that of the reader.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/foreign_documents.h"
#include "exchange/foreign_readers.h"
#include "exchange/secret_masker.h"
#include "value/value.h"

namespace merlon::exchange {

struct ForeignFormat {
    std::string_view name;   // "sarif"
    std::string_view title;  // "SARIF 2.1.0"
    // Whether a file that begins so is one.
    bool (*looks_like)(std::string_view first_bytes);
    ReadReports (*read)(const ForeignInput& input);  // null: of read_document
    // Says what in its JSON is secret; null: nothing is.
    void (*find_secrets)(const value::Value& root, SecretMasker& masker) = nullptr;
    Result<ReadDocument> (*read_document)(const ForeignInput& input) = nullptr;
};

std::span<const ForeignFormat> foreign_formats();

// Whether the tool's own reports have a category for each kind of finding that is in them, so that
// of a kind that is not there nothing may have been found.
bool has_categories_of_content(std::string_view tool);

struct ForeignReport {
    std::string_view format;
    std::vector<ReadReport> reports;  // one for each run
    // Of a document that is no scanner's report: what it is, and what is in it.
    std::string title = {};
    std::uint64_t packages = 0;
    std::uint64_t statements = 0;
    ForeignDecisions decided = {};
    std::vector<Link> links = {};
    std::optional<std::string> bill_of = {};  // as in ReadDocument
    // What is to be kept of a document that has secrets in it; nothing: the document itself.
    std::optional<std::string> masked = {};
};

// `format` is a name of the table; empty: what the content says. Fails with line, column and
// reason, and once input.cancel is set; nothing of a document that has a defect is taken.
Result<ForeignReport> read_foreign_report(const ForeignInput& input, std::string_view format = {});

}  // namespace merlon::exchange
