#pragma once

// An import that a worker does later: what 'merlon import --queue' puts into the store.
//
// The idea: the document goes into the store with the job, so that any worker can take it, and a
// document that is refused fails its job for good with the line that is wrong. The job ends in the
// import's own transaction: killed at any moment, it is done once.
//
// Not thread-safe. Cost: that of the import.

#include <string>
#include <string_view>
#include <vector>

#include "cli/import_mapping.h"
#include "cli/import_owners.h"
#include "evidence/import.h"
#include "evidence/worker.h"
#include "exchange/foreign_report.h"

namespace merlon::cli {

// What is told of a document, as --repository and its like say it, now or for later.
struct ImportOrder {
    std::string name, from, repository, ref, commit, category, coverage;
    std::string root;                   // absolute, with a '/' at its end; empty: none was named
    std::string mapping_name, mapping;  // the mapping's text; empty: none
    OwnerFiles owners = {};             // of the root
    std::string may_be = {};            // cli/branch_name.h, of the reference
};

// Of `--root`.
std::string absolute_root(const std::string& root);
// Whether there is such a file below an absolute root.
bool is_in_root(const std::string& root, std::string_view path);

// Reads the document as it is told; `mapping` is the compiled one of the order, or null.
Result<exchange::ForeignReport> read_document(const ImportOrder& order, const Mapping* mapping,
                                              const exchange::ForeignInput& input);

// What the store is asked for, but for owners, actor and time; both have to live as long, and
// `bytes`, which are what was read.
evidence::ImportRequest import_request(const ImportOrder& order,
                                       const exchange::ForeignReport& read, std::string_view bytes);

// Within a transaction; the job's number.
Result<std::int64_t> queue_import(evidence::Database& database, const ImportOrder& order,
                                  std::string_view document, std::string_view actor, Timestamp now);

// Fails where a document is a report of no run, which says nothing of anything.
Status check_says_something(const exchange::ForeignReport& read, const std::string& name);

evidence::JobEnd run_import_job(const evidence::JobContext& context);

}  // namespace merlon::cli
