#include "cli/streams_command.h"

#include <fmt/core.h>

#include <charconv>

#include "cli/evidence_store.h"
#include "cli/outputs.h"
#include "evidence/filter.h"
#include "evidence/seconds.h"
#include "evidence/streams.h"
#include "report/grid.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

constexpr std::size_t kDayLength = sizeof("2026-11-28") - 1;

std::string_view state_word(const evidence::KnownStream& stream) {
    if (stream.is_retired) return "retired";
    return stream.is_stale ? "stale" : "";
}

std::string streams_as_text(const std::vector<evidence::KnownStream>& streams) {
    std::vector<report::GridRow> rows;
    std::uint64_t stale = 0, held = 0;
    for (const evidence::KnownStream& one : streams) {
        if (one.is_stale) {
            ++stale;
            held += one.open;
        }
        std::string of = one.below.empty() ? "." : one.below;
        if (!one.category.empty()) of += fmt::format(" [{}]", one.category);
        rows.push_back(
            {std::to_string(one.id), text::to_printable(one.scope), text::to_printable(one.tool),
             text::to_printable(of), text::to_printable(one.ref),
             format_rfc3339(evidence::at_second(one.last_s)).substr(0, kDayLength),
             std::to_string(one.there), std::to_string(one.open), std::string(state_word(one))});
    }
    std::string out;
    if (!rows.empty())
        report::draw_grid(
            report::GridStyle::kColumns,
            {"ID", "REPOSITORY", "TOOL", "OF", "REF", "LAST SEEN", "THERE", "OPEN", "STATE"}, rows,
            out);
    out += fmt::format("{} {}", streams.size(), streams.size() == 1 ? "stream" : "streams");
    if (stale > 0)
        out += fmt::format(
            "; {} stale, with {} open findings: where nothing is reported of it any more, end it "
            "with 'merlon findings retire ID --reason …'",
            stale, held);
    return out + "\n";
}

std::string streams_as_json(const std::vector<evidence::KnownStream>& streams) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_array();
    for (const evidence::KnownStream& one : streams) {
        json.begin_object().key("stream").integer(one.id).member("repository", one.scope);
        json.member("tool", one.tool).member("category", one.category);
        json.member("below", one.below).member("ref", one.ref);
        json.member("lastSeen", format_rfc3339(evidence::at_second(one.last_s)));
        json.key("there").integer(static_cast<std::int64_t>(one.there));
        json.key("open").integer(static_cast<std::int64_t>(one.open));
        json.key("stale").boolean(one.is_stale).key("retired").boolean(one.is_retired);
        json.end_object();
    }
    json.end_array();
    return out + "\n";
}

Result<std::vector<evidence::KnownStream>> streams(const ParsedCommand& command,
                                                   const Environment& environment) {
    const auto age = evidence::parse_span_s(command.text("stale"));
    if (!age || *age < 0)
        return Error{fmt::format("--stale '{}': expected an age, as 30d or 12h",
                                 text::to_printable(command.text("stale")))};
    evidence::Store store = MERLON_TRY(open_store(command, environment, evidence::Access::kRead));
    return evidence::known_streams(store.database(), environment.clock->now(), *age);
}

Result<evidence::Retirement> retirement_of(const ParsedCommand& command,
                                           const Environment& environment) {
    if (command.arguments.empty())
        return Error{"which streams? Their numbers, as 'merlon findings streams' lists them"};
    evidence::Retirement asked{.streams = {},
                               .reason = command.text("reason"),
                               .person = MERLON_TRY(person_asked(command, environment))};
    if (asked.reason.find_first_not_of(" \t\r\n") == std::string::npos)
        return Error{"why? What ends a stream needs a --reason"};
    for (const std::string& argument : command.arguments) {
        const char* const end = argument.data() + argument.size();
        const auto read = std::from_chars(argument.data(), end, asked.streams.emplace_back());
        if (read.ec != std::errc{} || read.ptr != end || asked.streams.back() < 1)
            return Error{"'" + text::to_printable(argument) + "' is no number of a stream"};
    }
    return asked;
}

Result<std::string> retire(const ParsedCommand& command, const Environment& environment) {
    const evidence::Retirement asked = MERLON_TRY(retirement_of(command, environment));
    evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
    const auto runs = MERLON_TRY(evidence::retire_streams(
        store.database(), asked, actor_of(environment), environment.clock->now()));
    std::string out;
    for (const evidence::ImportedRun& run : runs) {
        const evidence::KnownStream stream{.scope = run.scope,
                                           .tool = run.tool,
                                           .category = run.category,
                                           .below = run.below,
                                           .ref = run.ref};
        out += text::to_printable(
                   fmt::format("stream {}: {}: retired; {} {} gone, which no other stream has",
                               run.stream, evidence::to_string(stream), run.counts.closed,
                               run.counts.closed == 1 ? "finding" : "findings")) +
               "\n";
    }
    return out;
}

}  // namespace

int run_findings_streams(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    const auto found = streams(command, environment);
    if (!found.ok()) return fail(environment, found.error().to_string());
    return print(environment,
                 *json_asked ? streams_as_json(found.value()) : streams_as_text(found.value()));
}

int run_findings_retire(const ParsedCommand& command, const Environment& environment) {
    const Result<std::string> out = retire(command, environment);
    return out.ok() ? print(environment, out.value()) : fail(environment, out.error().to_string());
}

}  // namespace merlon::cli
