#pragma once

// A store in open formats, and a store made of such an export: nobody is locked in.
//
// The idea: a folder. `documents/` holds what was imported, byte for byte, by its SHA-256; beside
// it each table is a file of JSON Lines (jsonlines.org), one object for each row, in the order of
// its key; `manifest.json` says what there is, with digests and numbers of lines. docs/store.md
// says what the columns mean. Whatever the store holds of its past is in it: findings with their
// identities, presences, decisions, the audit log with its checkpoints. What only works on the
// store (jobs, the outbox) is not.
//
// An import goes into an empty store, in one transaction: each line and digest is checked as it
// is read, and then the store as `store check` does. So the same rows are there, on whatever
// database, and exporting them gives the same bytes.
//
// Bytes are base64, digests and hashes hexadecimal. A text that is no UTF-8 is an object
// {"base64": …}. The export holds what the store does, the key of secrets' identities too: keep it
// as you keep the store.
//
// Not thread-safe. Cost: a pass over everything; memory for a document.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "evidence/database.h"

namespace merlon::evidence {

enum class ExportType : std::uint8_t { kInteger, kText, kBytes, kHex };
struct ExportColumn {
    std::string_view name;
    ExportType type = ExportType::kInteger;
    // The schema that brought it, and what rows of older ones have in its place; a text has none.
    std::int64_t since = 0;
    std::int64_t otherwise = 0;
};
struct ExportTable {
    std::string_view name;
    std::string_view order;
    std::span<const ExportColumn> columns;
    // Whether the database numbers its rows.
    enum class Numbers : std::uint8_t { kGiven, kByDatabase } numbers = Numbers::kGiven;
    std::int64_t since = 0;  // the schema that brought it; older exports have no such file
};
// The oldest schema whose exports are read; before, rows meant something else.
inline constexpr std::int64_t kOldestExport = 5;
// In an order in which rows come after those that they refer to.
std::span<const ExportTable> export_tables();
// Tables that are not exported: what works on the store, and what is made anew.
std::span<const std::string_view> unexported_tables();

struct ExportTally {
    std::uint64_t documents = 0, rows = 0, bytes = 0;
};

// Into the folder, which is made and must not be there; where it fails, it is taken away again.
Result<ExportTally> export_store(Database& database, const std::string& folder);

// Into the store, which must be empty. Errors name the file and, where there is one, the line.
// `check` looks at the whole before it is committed, and fails where it is not sound.
Result<ExportTally> import_store(Database& database, const std::string& folder,
                                 const std::function<Status()>& check);

// A value of one row, as an export has it.
using ExportValue = std::variant<std::monostate, std::int64_t, std::string>;
// Fails for a line that is no row of the table, as that schema has it: another column, a missing
// one, another type.
Result<std::vector<ExportValue>> read_export_row(const ExportTable& table, std::string_view line,
                                                 std::int64_t schema = INT64_MAX);
std::string export_row(const ExportTable& table, Cells row);

}  // namespace merlon::evidence
