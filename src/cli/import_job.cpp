#include "cli/import_job.h"

#include <fmt/core.h>

#include <filesystem>
#include <optional>
#include <system_error>

#include "base/file.h"
#include "cli/evidence_store.h"
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
    {"root", &ImportOrder::root},
    {"mappingName", &ImportOrder::mapping_name},
    {"mapping", &ImportOrder::mapping},
};
constexpr std::string_view kOwners = "owners";

Result<ImportOrder> read_order(std::string_view payload) {
    ImportOrder order;
    MERLON_TRY(
        exchange::read_fields(payload, exchange::RecordSyntax::kJson,
                              [&](const value::Value& root, exchange::FieldReader& fields) {
                                  if (!fields.is_object(root)) return;
                                  for (const Part& part : kParts)
                                      order.*part.text = fields.text(root, part.name);
                                  const value::Value* const owners = fields.object(root, kOwners);
                                  if (owners == nullptr) return;
                                  for (std::size_t i = 0; i < owners->size(); ++i)
                                      order.owners[std::string(owners->keys()[i].as_string())] =
                                          fields.text_of(owners->values()[i]);
                              }));
    return order;
}

evidence::ImportRequest::Coverage coverage_of(std::string_view told) {
    using Coverage = evidence::ImportRequest::Coverage;
    if (told.empty()) return Coverage::kAsStated;
    return told == "complete" ? Coverage::kComplete : Coverage::kPartial;
}

// What a mapping gets a document as.
exchange::TreeSyntax syntax_of(const ImportOrder& order) {
    const auto is = [&](std::string_view from, std::string_view ending) {
        return order.from == from || (order.from.empty() && order.name.ends_with(ending));
    };
    if (is("csv", ".csv")) return exchange::TreeSyntax::kCsv;
    if (is("jsonl", ".jsonl") || is("jsonl", ".ndjson")) return exchange::TreeSyntax::kJsonLines;
    return exchange::TreeSyntax::kByContent;
}

void make_relative(const std::string& root, model::Location& location) {
    auto* const file = std::get_if<model::FileLocation>(&location);
    if (file != nullptr && file->path.starts_with(root)) file->path.erase(0, root.size());
}

// Tools that write absolute paths name the machine's folders, which are others tomorrow.
void leave_out_root(const std::string& root, std::vector<exchange::ReadReport>& reports) {
    for (exchange::ReadReport& report : reports) {
        for (std::string& below : report.report.analysis.scope) {
            if (below + '/' == root)
                below = ".";
            else if (below.starts_with(root))
                below.erase(0, root.size());
        }
        if (report.looked_at)
            for (std::string& path : *report.looked_at)
                if (path.starts_with(root)) path.erase(0, root.size());
        for (model::Finding& finding : report.report.findings) {
            make_relative(root, finding.location);
            for (model::Location& also : finding.also_at) make_relative(root, also);
        }
    }
}

// One line for the job's outcome.
std::string outcome_of(const ImportOrder& order, const std::vector<evidence::ImportedRun>& runs) {
    std::string lines = import_lines(order.name, runs);
    while (lines.ends_with('\n')) lines.pop_back();
    return lines.empty() ? order.name + ": kept" : lines;
}

}  // namespace

bool is_in_root(const std::string& root, std::string_view path) {
    return file_status(root + std::string(path), FollowLinks::kNo).ok();
}

std::string absolute_root(const std::string& root) {
    std::error_code failure;
    std::string absolute = std::filesystem::weakly_canonical(root, failure).string();
    if (!absolute.ends_with('/')) absolute += '/';
    return absolute;
}

Result<exchange::ForeignReport> read_document(const ImportOrder& order, const Mapping* mapping,
                                              const exchange::ForeignInput& input) {
    Result<exchange::ForeignReport> read = Error{};
    if (mapping != nullptr) {
        read = mapping->read(input, syntax_of(order));
        if (read.ok())
            read.value().masked = MERLON_TRY(exchange::mask_mapped(
                input.bytes, input.secret_key, read.value().reports.front(), input.cancel));
    } else {
        read = exchange::read_foreign_report(input, order.from);
    }
    if (input.cancel != nullptr && input.cancel->cancelled()) return evidence::interrupted();
    if (!read.ok()) {
        Error error = std::move(read).error();
        const std::uint32_t line = error.line, column = error.column;
        return std::move(error).at(order.name, line, column);
    }
    if (!order.root.empty()) leave_out_root(order.root, read.value().reports);
    return read;
}

evidence::ImportRequest import_request(const ImportOrder& order,
                                       const exchange::ForeignReport& read,
                                       std::string_view bytes) {
    return {.bytes = read.masked ? std::string_view(*read.masked) : bytes,
            .kind = read.format,
            .name = order.name,
            .scope = order.repository,
            .ref = order.ref,
            .revision = order.commit,
            .category = order.category,
            .coverage = coverage_of(order.coverage),
            .owner_of = {},
            .decisions = read.decided.decisions,
            .links = read.links,
            .bill_of = read.bill_of,
            .actor = {},
            .now = {}};
}

Result<std::int64_t> queue_import(evidence::Database& database, const ImportOrder& order,
                                  std::string_view document, std::string_view actor,
                                  Timestamp now) {
    if (document.empty()) return Error{order.name + " is empty"};
    std::string payload;
    text::JsonWriter json(payload);
    json.begin_object();
    for (const Part& part : kParts)
        if (!(order.*part.text).empty()) json.member(part.name, order.*part.text);
    if (!order.root.empty()) {
        json.key(kOwners).begin_object();
        for (const auto& [name, text] : order.owners) json.member(name, text);
        json.end_object();
    }
    json.end_object();
    return evidence::enqueue(
        database,
        {.kind = std::string(evidence::kImportJob),
         .scope = MERLON_TRY(evidence::scope_called(database, order.repository)),
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
    std::optional<Mapping> mapping;
    if (!order.value().mapping.empty()) {
        Result<Mapping> made = Mapping::compile(order.value().mapping_name, order.value().mapping);
        if (!made.ok()) return {How::kFailedForGood, made.error().to_string()};
        mapping = std::move(made).value();
    }
    Result<exchange::ForeignReport> read =
        read_document(order.value(), mapping ? &*mapping : nullptr,
                      {.bytes = bytes.value(),
                       .secret_key = key.value(),
                       .beside = {},
                       .now = context.clock.now(),
                       .cancel = &context.cancel});
    if (context.cancel.cancelled()) return {How::kStopped, "stopped before anything was written"};
    if (!read.ok()) return {How::kFailedForGood, read.error().to_string()};
    std::optional<ImportOwners> owners;
    if (!order.value().root.empty()) {
        Result<ImportOwners> made = ImportOwners::from_files(order.value().owners);
        if (!made.ok()) return {How::kFailedForGood, made.error().to_string()};
        owners = std::move(made).value();
    }
    const Status says = check_says_something(read.value(), order.value().name);
    if (!says.ok()) return {How::kFailedForGood, says.error().to_string()};
    if (context.cancel.cancelled()) return {How::kStopped, "stopped before anything was written"};
    std::string outcome;
    evidence::ImportRequest request = import_request(order.value(), read.value(), bytes.value());
    request.actor = context.job.author;
    request.cancel = &context.cancel;
    request.now = context.clock.now();
    constexpr std::int64_t kNanoseconds = 1'000'000;  // in a millisecond
    request.queued = Timestamp{context.job.created_ms * kNanoseconds};
    request.also = [&](const std::vector<evidence::ImportedRun>& runs) {
        outcome = outcome_of(order.value(), runs);
        if (owners)
            for (const std::string& problem : owners->problems()) outcome += "\n" + problem;
        return evidence::finish_job(database, context.job.lease, outcome, context.clock.now());
    };
    if (owners) request.owner_of = [&](std::string_view path) { return owners->owner_of(path); };
    const auto runs = evidence::import_reports(database, request, std::move(read.value().reports));
    if (runs.ok()) return {How::kFinished, outcome};
    // Cancelled or lost: nothing was written. Anything else is the store's matter.
    return {context.cancel.cancelled() ? How::kStopped : How::kFailedForNow,
            runs.error().to_string()};
}

}  // namespace merlon::cli
