#include "cli/evidence_store.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "cli/outputs.h"
#include "evidence/person_name.h"
#include "evidence/postgres_database.h"
#include "text/utf8.h"

namespace merlon::cli {

Result<std::string> store_place(const ParsedCommand& command, const Environment& environment) {
    if (command.is_set("store")) return command.text("store");
    const std::string state = state_directory(environment);
    if (state.empty())
        return Error{"which store? Neither XDG_DATA_HOME nor HOME is set; name one with --store"};
    return state + "/evidence.db";
}

void make_store_folder(const ParsedCommand& command, const std::string& place) {
    if (command.is_set("store")) return;
    std::error_code failure;
    std::filesystem::create_directories(parent_directory(place), failure);
}

Result<evidence::Store> open_store(const ParsedCommand& command, const Environment& environment,
                                   evidence::Access access) {
    const std::string place = MERLON_TRY(store_place(command, environment));
    if (access == evidence::Access::kWrite) make_store_folder(command, place);
    evidence::Store store =
        MERLON_TRY(evidence::Store::open({.place = place,
                                          .access = access,
                                          .command = "merlon " + std::string(command.verb->path)}));
    if (!store.database().note().empty())
        environment.write_error("merlon: note: " + text::to_printable(store.database().note()) +
                                "\n");
    // Who writes says itself what of it may be stopped.
    if (access == evidence::Access::kRead) store.database().stop_by(environment.cancel);
    return store;
}

bool is_store_there(const std::string& place) {
    return place.contains("://") || file_status(place, FollowLinks::kYes).ok();
}

Status check_store_is_there(const std::string& place) {
    if (!is_store_there(place))
        return Error{"there is no store at " + place + "; 'merlon import' makes one"};
    return {};
}

Result<evidence::Store> open_store_that_is_there(const ParsedCommand& command,
                                                 const Environment& environment) {
    const std::string place = MERLON_TRY(store_place(command, environment));
    MERLON_TRY(check_store_is_there(place));
    // Who writes to a server makes the tables where none are; who reads says that they are not.
    if (evidence::is_postgres(place)) MERLON_TRY(evidence::open_postgres(place, {}));
    return open_store(command, environment, evidence::Access::kWrite);
}

Result<std::string> audit_key_path(const ParsedCommand& command, const Environment& environment) {
    const std::string place = MERLON_TRY(store_place(command, environment));
    if (place.find("://") == std::string::npos) return place + "-audit.key";
    const std::string state = state_directory(environment);
    if (state.empty()) return Error{"where is the key? Neither XDG_DATA_HOME nor HOME is set"};
    std::error_code failure;
    std::filesystem::create_directories(state, failure);
    return state + "/audit.key";
}

std::string actor_of(const Environment& environment) {
    std::string name;
    for (const char* variable : {"LOGNAME", "USER"})
        if (name.empty()) name = environment.variable(variable).value_or("");
    const std::string number = fmt::format("uid {}", effective_user());
    return name.empty() ? number : fmt::format("{} ({})", text::to_printable(name), number);
}

bool is_plain_name(std::string_view name) {
    constexpr char kDelete = 0x7F;
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == kDelete;
    };
    return !name.starts_with(' ') && !name.ends_with(' ') && std::ranges::none_of(name, is_control);
}

Result<std::string> person_asked(const ParsedCommand& command, const Environment& environment) {
    if (!command.is_set("as")) return actor_of(environment);
    const std::string& person = command.text("as");
    if (person.empty() || !is_plain_name(person))
        return Error{fmt::format(
            "--as '{}': expected a name on one line, without blanks in front and behind",
            text::to_printable(person))};
    if (Status name = evidence::check_person_name(person); !name.ok())
        return Error{"--as: " + name.error().message};
    return person;
}

std::string import_lines(std::string_view document,
                         const std::vector<evidence::ImportedRun>& runs) {
    std::string lines;
    for (const evidence::ImportedRun& run : runs) {
        const evidence::MergeCounts& counts = run.counts;
        std::string line =
            fmt::format("{}: {} in {}: {} found", document, run.tool, run.scope, counts.found);
        if (run.is_known) {
            lines += line + "; imported before, nothing is new\n";
            continue;
        }
        const bool is_older = run.incomplete_because == evidence::kOlderReport;
        line += fmt::format(", {} new", counts.fresh);
        const std::uint64_t moved = counts.maybe - counts.maybe_rekeyed;  // those are told below
        if (moved > 0) line += fmt::format(" ({} may be known ones that moved)", moved);
        line += fmt::format(", {} known", counts.known);
        if (counts.moved > 0) line += fmt::format(", {} of them moved", counts.moved);
        if (counts.reopened > 0) line += fmt::format(", {} are back", counts.reopened);
        line += fmt::format(", {} closed", counts.closed);
        if (counts.unknown > 0) line += fmt::format(", {} unknown", counts.unknown);
        if (is_older)
            line += "; it was made before the last report of its kind, so nothing is closed by it";
        else if (!run.is_complete)
            line += fmt::format(
                "; the run was not complete ({}), so nothing is closed by it",
                run.incomplete_because.empty() ? "it does not say why" : run.incomplete_because);
        else if (run.is_assumed && counts.closed > 0)
            line +=
                "; nothing says that the run was complete, and it is taken for that (if it was "
                "not: --coverage partial)";
        if (run.incomplete_because.find("unstated-coverage") != std::string::npos)
            line += "; if it was, say so with --coverage complete";
        lines += text::to_printable(line) + "\n";
        if (counts.repeats > 0)
            lines += fmt::format("  {} more say exactly what another one says, place included\n",
                                 counts.repeats);
        if (counts.rekeyed > 0)
            lines += fmt::format(
                "  {} under another key than before, and known again by what is shown of {}\n",
                counts.rekeyed == 1 ? "1 secret is" : fmt::format("{} secrets are", counts.rekeyed),
                counts.rekeyed == 1 ? "it" : "them");
        if (counts.maybe_rekeyed > 0)
            lines += fmt::format(
                "  {} under another key than before, and new, because what is shown fits several "
                "places, or not quite: 'merlon findings show' names which one each may be\n",
                counts.maybe_rekeyed == 1 ? "1 secret is"
                                          : fmt::format("{} secrets are", counts.maybe_rekeyed));
        if (run.by_place_only > 0)
            lines += fmt::format(
                "  {} told apart by {} place only, because the report says nothing of the value: "
                "what stands where another one was is taken for it, and what moves is new; "
                "MERLON_KEY in the scan mends it\n",
                run.by_place_only == 1 ? "1 secret is"
                                       : fmt::format("{} secrets are", run.by_place_only),
                run.by_place_only == 1 ? "its" : "their");
    }
    return lines;
}

}  // namespace merlon::cli
