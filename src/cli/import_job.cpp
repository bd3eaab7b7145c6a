#include "cli/import_job.h"

#include <fmt/core.h>

#include "cli/evidence_store.h"
#include "evidence/import.h"
#include "evidence/secret_key.h"
#include "exchange/field_reader.h"
#include "exchange/foreign_report.h"
#include "text/json.h"

namespace merlon::cli {
namespace {

using evidence::JobEnd;

struct Part {
    std::string_view name;
    std::string ImportOrder::* text;
};
constexpr Part kParts[] = {
    {"name", &ImportOrder::name},
    {"from", &ImportOrder::from},
    {"repository", &ImportOrder::repository},
    {"ref", &ImportOrder::ref},
    {"commit", &ImportOrder::commit},
    {"category", &ImportOrder::category},
    {"coverage", &ImportOrder::coverage},
};

Result<ImportOrder> read_order(std::string_view payload) {
    ImportOrder order;
    MERLON_TRY(exchange::read_fields(payload, exchange::RecordSyntax::kJson,
                                     [&](const value::Value& root, exchange::FieldReader& fields) {
                                         if (!fields.is_object(root)) return;
                                         for (const Part& part : kParts)
                                             order.*part.text = fields.text(root, part.name);
                                     }));
    return order;
}

evidence::ImportRequest::Coverage coverage_of(std::string_view told) {
    using Coverage = evidence::ImportRequest::Coverage;
    if (told.empty()) return Coverage::kAsStated;
    return told == "complete" ? Coverage::kComplete : Coverage::kPartial;
}

// One line for the job's outcome.
std::string outcome_of(const ImportOrder& order, const std::vector<evidence::ImportedRun>& runs) {
    std::string lines = import_lines(order.name, runs);
    while (lines.ends_with('\n')) lines.pop_back();
    return lines.empty() ? order.name + ": kept" : lines;
}

}  // namespace

Result<std::int64_t> queue_import(evidence::Database& database, const ImportOrder& order,
                                  std::string_view document, std::string_view actor,
                                  Timestamp now) {
    if (document.empty()) return Error{order.name + " is empty"};
    std::string payload;
    text::JsonWriter json(payload);
    json.begin_object();
    for (const Part& part : kParts)
        if (!(order.*part.text).empty()) json.member(part.name, order.*part.text);
    json.end_object();
    return evidence::enqueue(database,
                             {.kind = std::string(kImportKind),
                              .scope = order.repository,
                              .payload = std::move(payload),
                              .input = document,
                              .author = std::string(actor)},
                             now);
}

Status check_says_something(const exchange::ForeignReport& read, const std::string& name) {
    if (!read.reports.empty() || !read.title.empty()) return {};
    return Error{name + ": no run of a tool is in it, so it says nothing and is not kept"};
}

JobEnd run_import_job(const evidence::JobContext& context) {
    using How = JobEnd::How;
    evidence::Database& database = context.database;
    const Result<ImportOrder> order = read_order(context.job.payload);
    if (!order.ok()) return {How::kFailedForGood, order.error().to_string()};
    const Result<std::string> bytes = evidence::job_input(database, context.job.lease.job);
    if (!bytes.ok()) return {How::kFailedForNow, bytes.error().to_string()};
    const Result<std::string> key = evidence::secret_key(database);
    if (!key.ok()) return {How::kFailedForNow, key.error().to_string()};
    Result<exchange::ForeignReport> read = exchange::read_foreign_report(
        {.bytes = bytes.value(), .secret_key = key.value()}, order.value().from);
    if (!read.ok()) {
        Error error = std::move(read).error();
        const std::uint32_t line = error.line, column = error.column;
        return {How::kFailedForGood,
                std::move(error).at(order.value().name, line, column).to_string()};
    }
    const Status says = check_says_something(read.value(), order.value().name);
    if (!says.ok()) return {How::kFailedForGood, says.error().to_string()};
    if (context.cancel.cancelled()) return {How::kStopped, "stopped before anything was written"};
    std::string outcome;
    evidence::ImportRequest request{
        .bytes = read.value().masked ? std::string_view(*read.value().masked)
                                     : std::string_view(bytes.value()),
        .kind = read.value().format,
        .name = order.value().name,
        .scope = order.value().repository,
        .ref = order.value().ref,
        .revision = order.value().commit,
        .category = order.value().category,
        .coverage = coverage_of(order.value().coverage),
        .owner_of = {},
        .actor = context.job.author,
        .now = context.clock.now(),
        .also = [&](const std::vector<evidence::ImportedRun>& runs) {
            outcome = outcome_of(order.value(), runs);
            return evidence::finish_job(database, context.job.lease, outcome, context.clock.now());
        }};
    const auto runs = evidence::import_reports(database, request, std::move(read.value().reports));
    if (runs.ok()) return {How::kFinished, outcome};
    // Cancelled or lost: nothing was written. Anything else is the store's matter.
    return {context.cancel.cancelled() ? How::kStopped : How::kFailedForNow,
            runs.error().to_string()};
}

}  // namespace merlon::cli
