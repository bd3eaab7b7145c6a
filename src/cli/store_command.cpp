#include "cli/store_command.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "cli/evidence_store.h"
#include "cli/outputs.h"
#include "evidence/export.h"
#include "evidence/key_rotation.h"
#include "evidence/rule_families.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

std::string info_as_json(const evidence::StoreInfo& info) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_object().member("store", info.place).key("schema").integer(info.schema);
    json.key("bytes").integer(static_cast<std::int64_t>(info.bytes));
    json.key("documents").integer(info.documents);
    json.key("documentBytes").integer(info.document_bytes);
    json.key("analyses").integer(info.analyses).key("findings").integer(info.findings);
    json.key("open").integer(info.open).key("unowned").integer(info.unowned);
    json.key("events").integer(info.events);
    json.member("lastEventHash", info.last_hash).end_object();
    return out + "\n";
}

std::string info_as_text(const evidence::StoreInfo& info) {
    return fmt::format(
        "{}: {:.1f} MB, schema {}\n"
        "  {} findings, {} of them open, and {} of those nobody's\n"
        "  {} analyses from {} documents ({:.1f} MB before packing)\n"
        "  {} events in the audit log, the last one {}\n",
        info.place, static_cast<double>(info.bytes) / 1e6, info.schema, info.findings, info.open,
        info.unowned, info.analyses, info.documents, static_cast<double>(info.document_bytes) / 1e6,
        info.events, info.last_hash.empty() ? "not there yet" : info.last_hash);
}

std::string tally_text(const evidence::ExportTally& tally) {
    return fmt::format("{} documents and {} rows, {:.1f} MB\n", tally.documents, tally.rows,
                       static_cast<double>(tally.bytes) / 1e6);
}

Result<evidence::ExportTally> import_into(const std::string& place, const std::string& folder,
                                          const Environment& environment) {
    evidence::Store store = MERLON_TRY(evidence::Store::open(
        {.place = place, .access = evidence::Access::kWrite, .command = "merlon store import"}));
    store.database().stop_by(environment.cancel);
    return evidence::import_store(store.database(), folder, [&]() -> Status {
        std::string problem;
        MERLON_TRY(store.check([&](std::string_view text) {
            if (problem.empty()) problem = text;
        }));
        return problem.empty() ? Status() : Status(Error{"the export is not sound: " + problem});
    });
}

// Where no store is yet, it is made under another name: what is refused leaves none behind.
Result<evidence::ExportTally> import_export(const ParsedCommand& command,
                                            const Environment& environment) {
    const std::string place = MERLON_TRY(store_place(command, environment));
    const std::string& folder = command.arguments[0];
    make_store_folder(command, place);
    if (is_store_there(place)) return import_into(place, folder, environment);
    const std::string draft = fmt::format("{}.import-{}", place, ::getpid());
    Result<evidence::ExportTally> made = import_into(draft, folder, environment);
    if (made.ok() && ::link(draft.c_str(), place.c_str()) != 0)  // replaces nothing
        made = Error{place + ": " + std::strerror(errno)};
    for (const char* ending : {"", "-wal", "-shm", "-writer"}) ::unlink((draft + ending).c_str());
    return made;
}

// For reading, so that read-only media will do; a store of an older schema is renewed.
Result<evidence::Store> open_for_export(const ParsedCommand& command,
                                        const Environment& environment) {
    const std::string place = MERLON_TRY(store_place(command, environment));
    MERLON_TRY(check_store_is_there(place));
    Result<evidence::Store> read = open_store(command, environment, evidence::Access::kRead);
    if (read.ok()) return read;
    Result<evidence::Store> renewed = open_store(command, environment, evidence::Access::kWrite);
    return renewed.ok() ? std::move(renewed) : std::move(read);
}

// Whether everything in it is as it was written; false: its schema is an older one, which nobody
// checks. Fails where something is not.
Result<bool> check_backup(const std::string& backup) {
    Result<evidence::Store> store = evidence::Store::open(
        {.place = backup, .access = evidence::Access::kRead, .command = "merlon store restore"});
    // What is no store at all restoring says; one of another schema it takes as it is.
    if (!store.ok()) return false;
    std::string problem;
    MERLON_TRY(store.value().check([&](std::string_view text) {
        if (problem.empty()) problem = text;
    }));
    if (problem.empty()) return true;
    return Error{
        fmt::format("{} is not as it was written, and nothing was restored: {}; 'merlon store "
                    "check --store {}' says all of it",
                    backup, problem, backup)};
}

}  // namespace

int run_store_info(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    Result<evidence::Store> store = open_store(command, environment, evidence::Access::kRead);
    if (!store.ok()) return fail(environment, store.error().to_string());
    const Result<evidence::StoreInfo> info = store.value().info(environment.clock->now());
    if (!info.ok()) return fail(environment, info.error().to_string());
    return print(environment,
                 *json_asked ? info_as_json(info.value()) : info_as_text(info.value()));
}

int run_store_check(const ParsedCommand& command, const Environment& environment) {
    Result<evidence::Store> store = open_store(command, environment, evidence::Access::kRead);
    if (!store.ok()) return fail(environment, store.error().to_string());
    std::string out;
    std::size_t problems = 0;
    const Status checked = store.value().check([&](std::string_view problem) {
        out += fmt::format("{}\n", problem);
        ++problems;
    });
    if (!checked.ok()) return fail(environment, checked.error().to_string());
    if (problems == 0) out = "everything is as it was written\n";
    const auto notes =
        evidence::decisions_about_several(store.value().database(), environment.clock->now());
    if (!notes.ok()) return fail(environment, notes.error().to_string());
    const auto breaks = evidence::breaks_of_key(store.value().database());
    if (!breaks.ok()) return fail(environment, breaks.error().to_string());
    for (const std::int64_t event : breaks.value())
        out += fmt::format(
            "note: event {} begins with a new key of the audit log, as the one before was lost; "
            "'merlon audit verify' tells of it\n",
            event);
    for (const std::string& note : notes.value()) out += "note: " + text::to_printable(note) + "\n";
    const int code = print(environment, out);
    return code == kClean && problems > 0 ? kFindings : code;
}

int run_store_backup(const ParsedCommand& command, const Environment& environment) {
    if (command.arguments.size() != 1)
        return fail(environment, "where to? merlon store backup FILE");
    Result<evidence::Store> store = open_store(command, environment, evidence::Access::kRead);
    if (!store.ok()) return fail(environment, store.error().to_string());
    const Status done = store.value().database().back_up(command.arguments[0]);
    if (!done.ok()) return fail(environment, done.error().to_string());
    std::string said = fmt::format("written: {}\n", command.arguments[0]);
    const Result<std::string> key = audit_key_path(command, environment);
    std::error_code none;
    if (key.ok() && std::filesystem::exists(key.value(), none))
        said += fmt::format(
            "keep {} as well, at a safe place: checkpoints are signed with it, and no copy of it "
            "is in the backup\n",
            key.value());
    return print(environment, said);
}

int run_store_export(const ParsedCommand& command, const Environment& environment) {
    if (command.arguments.size() != 1)
        return fail(environment, "where to? merlon store export DIR");
    Result<evidence::Store> store = open_for_export(command, environment);
    if (!store.ok()) return fail(environment, store.error().to_string());
    store.value().database().stop_by(environment.cancel);
    const auto tally = evidence::export_store(store.value().database(), command.arguments[0]);
    if (!tally.ok()) return fail(environment, tally.error().to_string());
    return print(environment, "exported: " + tally_text(tally.value()));
}

int run_store_import(const ParsedCommand& command, const Environment& environment) {
    if (command.arguments.size() != 1)
        return fail(environment, "from where? merlon store import DIR");
    const auto tally = import_export(command, environment);
    if (!tally.ok()) return fail(environment, tally.error().to_string());
    return print(environment, "imported: " + tally_text(tally.value()));
}

int run_store_restore(const ParsedCommand& command, const Environment& environment) {
    if (command.arguments.size() != 1)
        return fail(environment, "from where? merlon store restore FILE");
    const Result<std::string> place = store_place(command, environment);
    if (!place.ok()) return fail(environment, place.error().to_string());
    const std::string& backup = command.arguments[0];
    const Result<bool> is_checked = check_backup(backup);
    if (!is_checked.ok()) return fail(environment, is_checked.error().to_string());
    const Status done = evidence::restore_sqlite(backup, place.value());
    if (!done.ok()) return fail(environment, done.error().to_string());
    const std::string_view rest =
        is_checked.value()
            ? ""
            : "its schema is an older one, and what it says was not checked: run 'merlon "
              "store check' after the next import\n";
    return print(environment, fmt::format("restored: {}\n{}", place.value(), rest));
}

}  // namespace merlon::cli
