#include "cli/store_rematch_command.h"

#include <fmt/core.h>

#include "base/thread_pool.h"
#include "cli/command_table.h"
#include "cli/database_store.h"
#include "cli/evidence_store.h"
#include "cli/outputs.h"
#include "connect/files/files.h"
#include "evidence/bills.h"
#include "evidence/import.h"
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
                              const Environment& environment) {
    scan::InventoryScan inventory;
    inventory.threads = available_cores();
    inventory.cancel = environment.cancel;
    scan::PackagesScan request;
    request.database = &database;
    request.scope = {bill.key.artifact};
    request.version = version();
    request.threads = inventory.threads;
    request.clock = environment.clock;
    return scan::scan_packages(request, scan::take_inventory(inventory, files_of(bill)));
}

Result<std::vector<evidence::ImportedRun>> keep(evidence::Database& store,
                                                const evidence::StoredBill& bill,
                                                const model::Report& report,
                                                const Environment& environment) {
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
                                     .actor = actor_of(environment),
                                     .now = environment.clock->now()},
                                    std::move(read));
}

Result<std::string> rematch(const ParsedCommand& command, const Environment& environment) {
    const std::string path = database_path(command, environment);
    if (path.empty()) return Error{"which advisories? Name the database with --database"};
    Result<sca::Database> opened = sca::Database::open(path);
    if (!opened.ok()) return std::move(opened).error().within("opening the advisories " + path);
    evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
    const std::vector<evidence::StoredBill> bills =
        MERLON_TRY(evidence::stored_bills(store.database()));
    std::string out;
    for (const evidence::StoredBill& bill : bills) {
        const model::Report report = MERLON_TRY(matched(bill, opened.value(), environment));
        out += import_lines(bill.key.artifact,
                            MERLON_TRY(keep(store.database(), bill, report, environment)));
    }
    out += fmt::format("{} {} of materials matched\n", bills.size(),
                       bills.size() == 1 ? "bill" : "bills");
    return out;
}

}  // namespace

int run_store_rematch(const ParsedCommand& command, const Environment& environment) {
    const Result<std::string> done = rematch(command, environment);
    return done.ok() ? print(environment, done.value())
                     : fail(environment, done.error().to_string());
}

}  // namespace merlon::cli
