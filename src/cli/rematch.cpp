#include "cli/rematch.h"

#include <fmt/core.h>

#include <utility>
#include <vector>

#include "base/thread_pool.h"
#include "cli/command_table.h"
#include "cli/evidence_store.h"
#include "connect/files/files.h"
#include "evidence/bills.h"
#include "evidence/import.h"
#include "exchange/foreign_documents.h"
#include "report/report.h"
#include "sca/database.h"
#include "scan/packages_scan.h"

namespace merlon::cli {
namespace {

// A name by which the reader of bills takes it; what it is, its content says.
std::string path_of(const evidence::StoredBill& bill) {
    const std::size_t first = bill.bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    const char begin = first == std::string::npos ? ' ' : bill.bytes[first];
    return bill.key.artifact + (begin == '{'   ? "/sbom.json"
                                : begin == '<' ? "/bom.xml"
                                               : "/bom.spdx");
}

scan::InventoryFiles files_of(const evidence::StoredBill& bill) {
    scan::InventoryFiles files;
    files.entries.emplace_back().path = path_of(bill);
    files.read = [&bill](std::size_t, const connect::FileEntry& file,
                         const connect::ReadOptions& options, const CancelToken& cancel,
                         model::Coverage& coverage,
                         const std::function<void(const model::Document&)>& on_document) {
        const model::Origin origin = {{model::OriginStep::Kind::kFile, file.path, {}}};
        connect::documents_of(bill.bytes, origin, options, cancel, coverage, on_document);
    };
    return files;
}

Result<model::Report> matched(const evidence::StoredBill& bill, const sca::Database& database,
                              const RematchRequest& asked) {
    scan::InventoryScan inventory;
    inventory.threads = available_cores();
    inventory.cancel = asked.cancel;
    scan::PackagesScan request;
    request.database = &database;
    request.scope = {bill.key.artifact};
    request.version = version();
    request.threads = inventory.threads;
    request.clock = asked.clock;
    return scan::scan_packages(request, scan::take_inventory(inventory, files_of(bill)));
}

Result<std::vector<evidence::ImportedRun>> keep(evidence::Database& store,
                                                const evidence::StoredBill& bill,
                                                const model::Report& report,
                                                const RematchRequest& asked) {
    std::vector<exchange::ReadReport> read(1);
    read.front().report = report;
    const std::string bytes = report::write(report, report::Format::kJson, {});
    return evidence::import_reports(store,
                                    {.bytes = bytes,
                                     .kind = "merlon-report",
                                     .name = "store rematch " + bill.key.artifact,
                                     .scope = bill.key.scope,
                                     .ref = bill.key.ref,
                                     .revision = bill.revision,
                                     .category = "bill",
                                     .actor = asked.actor,
                                     .now = asked.clock->now(),
                                     .cancel = asked.cancel},
                                    std::move(read));
}

}  // namespace

Result<Rematch> rematch_bills(evidence::Database& store, const RematchRequest& request) {
    Result<sca::Database> opened = sca::Database::open(request.advisories);
    if (!opened.ok())
        return std::move(opened).error().within("opening the advisories " + request.advisories);
    std::vector<evidence::StoredBill> bills = MERLON_TRY(evidence::stored_bills(store));
    Rematch done;
    for (evidence::StoredBill& bill : bills) {
        // A bill may be inside of a signed statement.
        bill.bytes = MERLON_TRY(exchange::payload_in(std::move(bill.bytes)));
        const model::Report report = MERLON_TRY(matched(bill, opened.value(), request));
        const auto runs = MERLON_TRY(keep(store, bill, report, request));
        ++done.bills;
        for (const evidence::ImportedRun& run : runs) {
            done.fresh += run.counts.fresh + run.counts.reopened;
            done.closed += run.counts.closed;
        }
        done.lines += import_lines(bill.key.artifact, runs);
    }
    done.lines +=
        fmt::format("{} {} of materials matched\n", done.bills, done.bills == 1 ? "bill" : "bills");
    return done;
}

evidence::JobEnd run_rematch_job(const evidence::JobContext& context,
                                 const std::string& advisories) {
    using How = evidence::JobEnd::How;
    if (advisories.empty())
        return {How::kFailedForGood, "the worker has no advisories: start it with --database"};
    const Result<Rematch> done = rematch_bills(context.database, {.advisories = advisories,
                                                                  .actor = context.job.author,
                                                                  .clock = &context.clock,
                                                                  .cancel = &context.cancel});
    // Each bill is its own transaction, and the same again changes nothing.
    if (done.ok())
        return {How::kDone,
                fmt::format("{} bills of materials matched, {} findings new, {} closed",
                            done.value().bills, done.value().fresh, done.value().closed)};
    return {context.cancel.cancelled() ? How::kStopped : How::kFailedForNow,
            done.error().to_string()};
}

}  // namespace merlon::cli
