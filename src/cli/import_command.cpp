#include "cli/import_command.h"

#include <fmt/core.h>

#include "base/file.h"
#include "base/sandbox.h"
#include "cli/evidence_store.h"
#include "cli/outputs.h"
#include "cli/standard_input.h"
#include "exchange/foreign_report.h"
#include "text/json.h"

namespace merlon::cli {
namespace {

constexpr std::uint64_t kMaxDocumentBytes = std::uint64_t{2} << 30;

struct Imported {
    std::string name;
    std::string_view format;
    std::vector<evidence::ImportedRun> runs;
};

Result<Imported> import_file(const std::string& name, const ParsedCommand& command,
                             const Environment& environment, evidence::Store& store) {
    const std::string bytes = MERLON_TRY(name == "-" ? read_whole_input(environment)
                                                     : read_text_file(name, kMaxDocumentBytes));
    Result<exchange::ForeignReport> read = exchange::read_foreign_report(bytes);
    if (!read.ok()) {
        Error error = std::move(read).error();
        const std::uint32_t line = error.line, column = error.column;
        return std::move(error).at(name, line, column);
    }
    Imported imported{.name = name, .format = read.value().format, .runs = {}};
    imported.runs = MERLON_TRY(evidence::import_reports(store.database(),
                                                        {.bytes = bytes,
                                                         .kind = imported.format,
                                                         .name = name,
                                                         .scope = command.text("repository"),
                                                         .ref = command.text("ref"),
                                                         .revision = command.text("commit"),
                                                         .actor = actor_of(environment),
                                                         .now = environment.clock->now()},
                                                        read.value().reports));
    return imported;
}

void append_json(const Imported& imported, text::JsonWriter& json) {
    json.begin_object().member("document", imported.name).member("format", imported.format);
    json.key("runs").begin_array();
    for (const evidence::ImportedRun& run : imported.runs) {
        json.begin_object().member("repository", run.scope).member("tool", run.tool);
        json.member("category", run.category).member("ref", run.ref);
        json.key("complete").boolean(run.is_complete);
        json.key("importedBefore").boolean(run.is_known).key("counts").begin_object();
        for (const auto& [name, count] : evidence::counts_by_name(run.counts))
            json.key(name).integer(static_cast<std::int64_t>(count));
        json.end_object().end_object();
    }
    json.end_array().end_object();
}

}  // namespace

int run_import(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    if (command.arguments.empty())
        return fail(environment, "which reports? merlon import FILE…; - is standard input");
    Result<evidence::Store> opened = open_store(command, environment, evidence::Access::kWrite);
    if (!opened.ok()) return fail(environment, opened.error().to_string());
    evidence::Store store = std::move(opened).value();
    const Result<std::string> place = store_place(command, environment);
    apply_sandbox({.writable_paths = {parent_directory(behind_links(place.value()))}});

    std::string out;
    bool is_whole = true;
    text::JsonWriter json(out, "  ");
    if (*json_asked) json.begin_array();
    for (const std::string& name : command.arguments) {
        const Result<Imported> imported = import_file(name, command, environment, store);
        if (!imported.ok()) {
            is_whole = false;
            fail(environment, imported.error().to_string());
        } else if (*json_asked) {
            append_json(imported.value(), json);
        } else {
            out += import_lines(name, imported.value().runs);
        }
    }
    if (*json_asked) json.end_array();
    if (*json_asked) out += '\n';
    const int code = print(environment, out);
    return is_whole ? code : kIncomplete;
}

}  // namespace merlon::cli
