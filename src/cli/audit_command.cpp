#include "cli/audit_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/file.h"
#include "base/hex.h"
#include "cli/audit_places.h"
#include "cli/evidence_store.h"
#include "cli/outputs.h"
#include "cli/page_limit.h"
#include "evidence/audit.h"
#include "report/grid.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

constexpr std::int64_t kMaxEvents = 100'000;
constexpr std::uint64_t kMaxExportBytes = std::uint64_t{4} << 30;
constexpr std::uint64_t kMaxNoteBytes = 64 << 10;
constexpr std::size_t kBodyBytes = 80;

std::string moment(std::int64_t at_ms) { return format_rfc3339({at_ms * 1'000'000}); }

void append_event(const evidence::Event& event, text::JsonWriter& json) {
    json.begin_object().key("seq").integer(event.seq).member("at", moment(event.at_ms));
    json.member("actor", event.actor).member("kind", event.kind).member("body", event.body);
    json.member("hash", to_hex(event.hash)).end_object();
}

std::string events_as_json(const std::vector<evidence::Event>& events) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_array();
    for (const evidence::Event& event : events) append_event(event, json);
    json.end_array();
    return out + "\n";
}

struct ReadEvents {
    std::vector<evidence::Event> events;
    bool has_more = false;  // the log goes on behind them
};

std::string events_as_table(const ReadEvents& read) {
    const std::vector<evidence::Event>& events = read.events;
    std::vector<report::GridRow> rows;
    for (const evidence::Event& event : events) {
        std::string body = text::to_printable(event.body.substr(0, kBodyBytes));
        if (event.body.size() > kBodyBytes) body += "…";
        rows.push_back({std::to_string(event.seq), moment(event.at_ms),
                        text::to_printable(event.actor), text::to_printable(event.kind), body});
    }
    std::string out;
    if (!rows.empty())
        report::draw_grid(report::GridStyle::kColumns, {"EVENT", "AT", "BY", "KIND", "WHAT"}, rows,
                          out);
    out += fmt::format("{} {}\n", events.size(), events.size() == 1 ? "event" : "events");
    if (read.has_more)
        out += fmt::format("there are more: --after {}, or another --limit\n", events.back().seq);
    return out;
}

Result<ReadEvents> read_events(const ParsedCommand& command, const Environment& environment) {
    const std::size_t limit = MERLON_TRY(page_limit(command, kMaxEvents));
    evidence::Store store = MERLON_TRY(open_store(command, environment, evidence::Access::kRead));
    const std::int64_t after = std::max<std::int64_t>(command.integer("after").value_or(0), 0);
    ReadEvents read;
    MERLON_TRY(
        evidence::each_event(store.database(), after, limit + 1,
                             [&](const evidence::Event& event) { read.events.push_back(event); }));
    read.has_more = read.events.size() > limit;
    if (read.has_more) read.events.pop_back();
    return read;
}

// --- checkpoint ---

struct Signed {
    std::string note;
    std::string key;
};

Result<Signed> sign(evidence::Store& store, const ParsedCommand& command,
                    const Environment& environment) {
    const std::string path = MERLON_TRY(audit_key_path(command, environment));
    evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(store.database()));
    const evidence::NoteSigner signer = MERLON_TRY(evidence::log_signer(store.database(), path));
    Signed made{.note = MERLON_TRY(evidence::sign_log(
                    store.database(), signer,
                    {.actor = actor_of(environment), .now = environment.clock->now()})),
                .key = evidence::to_string(MERLON_TRY(evidence::verifier_of(signer)))};
    MERLON_TRY(transaction.commit());
    return made;
}

Result<Signed> sign_store(const ParsedCommand& command, const Environment& environment) {
    evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
    return sign(store, command, environment);
}

// --- export ---

Status export_to(const ParsedCommand& command, const Environment& environment, std::string& said) {
    const std::string& place = command.text("to");
    if (command.integer("after").value_or(0) != 0 && !is_syslog(place))
        return Error{"--after goes with --to syslog://HOST:PORT: a file holds the whole log"};
    evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
    const Signed made = MERLON_TRY(sign(store, command, environment));
    const AuditExport request{
        .store = store,
        .note = made.note,
        .key = made.key,
        .after = std::max<std::int64_t>(command.integer("after").value_or(0), 0)};
    return export_audit(place, request, environment, said);
}

// --- verify ---

Result<evidence::AuditTrust> trust_of(const ParsedCommand& command) {
    evidence::AuditTrust trust;
    if (command.is_set("key"))
        trust.key = MERLON_TRY(evidence::parse_verifier(command.text("key")));
    for (const std::string& path : command.list("checkpoint"))
        trust.notes.push_back(
            {.name = path, .text = MERLON_TRY(read_text_file(path, kMaxNoteBytes))});
    for (const std::string& number : command.list("accept-break")) {
        std::int64_t event = 0;
        const char* const end = number.data() + number.size();
        const auto read = std::from_chars(number.data(), end, event);
        if (read.ec != std::errc{} || read.ptr != end || event < 1)
            return Error{fmt::format("--accept-break '{}': expected the number of an event",
                                     text::to_printable(number))};
        trust.breaks.push_back(event);
    }
    return trust;
}

struct Verified {
    evidence::LogSummary log;
    std::optional<evidence::ProvenEvent> proven;
    std::string key;  // that was believed; empty: none
    bool has_kept_checkpoint = false;
    std::vector<std::string> problems;
};

Result<Verified> verify_file(const std::string& path, const evidence::AuditTrust& trust) {
    Verified made;
    const std::string bytes = MERLON_TRY(read_text_file(path, kMaxExportBytes));
    if (evidence::is_event_proof(bytes)) {
        made.proven =
            MERLON_TRY(evidence::verify_event_proof(bytes, trust.key ? &*trust.key : nullptr));
        if (!made.proven->problem.empty()) {
            made.problems.push_back(made.proven->problem);
            made.proven.reset();  // it proves nothing
            return made;
        }
        if (trust.key) made.key = evidence::to_string(*trust.key);
        made.has_kept_checkpoint = !trust.notes.empty();
        for (const evidence::AuditTrust::Note& note : trust.notes) {
            const auto kept = MERLON_TRY(evidence::read_checkpoint(note.text, nullptr)).checkpoint;
            if (kept.size != made.proven->checkpoint.size ||
                kept.root != made.proven->checkpoint.root)
                made.problems.push_back("the proof is for another checkpoint than " + note.name);
        }
        return made;
    }
    Result<evidence::AuditVerdict> verdict = evidence::verify_export(
        bytes, trust, [&](std::string_view problem) { made.problems.emplace_back(problem); });
    if (!verdict.ok()) {
        Error error = std::move(verdict).error();
        const std::uint32_t line = error.line;
        return std::move(error).at(path, line, 0);
    }
    made.log = verdict.value().log;
    made.key = evidence::to_string(verdict.value().key);
    return made;
}

Result<Verified> verify_store(const ParsedCommand& command, const Environment& environment,
                              const evidence::AuditTrust& trust) {
    evidence::Store store = MERLON_TRY(open_store(command, environment, evidence::Access::kRead));
    Verified made;
    made.log =
        MERLON_TRY(evidence::check_log(store.database(), trust, [&](std::string_view problem) {
            made.problems.emplace_back(problem);
        }));
    if (trust.key) made.key = evidence::to_string(*trust.key);
    return made;
}

// A proof leads to a checkpoint: unless that was signed by a key that is believed, or was kept,
// anybody can have made both.
bool is_unfounded(const Verified& verified) {
    return verified.proven && !verified.proven->is_signed && !verified.has_kept_checkpoint;
}

std::string verdict_as_json(const Verified& verified) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_object().key("sound").boolean(verified.problems.empty() && !is_unfounded(verified));
    json.key("problems").begin_array();
    for (const std::string& problem : verified.problems) json.string(problem);
    json.end_array();
    if (verified.proven) {
        json.key("event");
        append_event(verified.proven->event, json);
        json.key("signed").boolean(verified.proven->is_signed);
    } else {
        const std::pair<std::string_view, std::uint64_t> counts[] = {
            {"events", verified.log.events},
            {"signedEvents", verified.log.signed_events},
            {"checkpoints", verified.log.checkpoints}};
        for (const auto& [name, count] : counts)
            json.key(name).integer(static_cast<std::int64_t>(count));
        json.member("root", to_hex(evidence::bytes_of(verified.log.root)));
    }
    if (!verified.key.empty()) json.member("key", verified.key);
    if (!verified.proven) {
        json.key("keys").begin_array();
        for (const evidence::LogKey& key : verified.log.keys) {
            json.begin_object().member("key", evidence::to_string(key.key));
            json.key("since").integer(key.since).key("break").boolean(key.is_break).end_object();
        }
        json.end_array();
    }
    json.end_object();
    return out + "\n";
}

std::string verdict_as_text(const Verified& verified, const evidence::AuditTrust& trust) {
    std::string out;
    for (const std::string& problem : verified.problems) out += text::to_printable(problem) + "\n";
    if (verified.proven) {
        const evidence::Event& event = verified.proven->event;
        out += text::to_printable(
            fmt::format("event {} is in the log of {} events of {}: {} by {} at {}: {}", event.seq,
                        verified.proven->checkpoint.size, verified.proven->checkpoint.origin,
                        event.kind, event.actor, moment(event.at_ms), event.body));
        out += "\n";
    } else if (verified.problems.empty()) {
        out += fmt::format(
            "{} {}; {} {} {}\n", verified.log.events,
            verified.log.events == 1 ? "event is as it was written"
                                     : "events are as they were written",
            verified.log.checkpoints,
            verified.log.checkpoints == 1 ? "checkpoint vouches for" : "checkpoints vouch for",
            verified.log.signed_events);
    }
    for (const evidence::LogKey& key : verified.log.keys)
        if (key.since > 0)
            out += text::to_printable(fmt::format(
                       "since event {} the key is {}, {}", key.since, evidence::to_string(key.key),
                       key.is_break ? "for which nobody vouches: the one before was lost"
                                    : "which the one before has signed")) +
                   "\n";
    if (!trust.key && trust.notes.empty() && !verified.proven && verified.problems.empty())
        out +=
            "it is whole in itself; whether it is the one that was, say --key and --checkpoint, "
            "kept elsewhere\n";
    return out;
}

}  // namespace

int run_audit_log(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    const auto events = read_events(command, environment);
    if (!events.ok()) return fail(environment, events.error().to_string());
    return print(environment, *json_asked ? events_as_json(events.value().events)
                                          : events_as_table(events.value()));
}

int run_audit_checkpoint(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    const Result<Signed> made = sign_store(command, environment);
    if (!made.ok()) return fail(environment, made.error().to_string());
    if (!*json_asked) {
        environment.write_error(fmt::format("signed with {}\n", made.value().key));
        return print(environment, made.value().note);
    }
    std::string out;
    text::JsonWriter(out, "  ")
        .begin_object()
        .member("checkpoint", made.value().note)
        .member("key", made.value().key)
        .end_object();
    return print(environment, out + "\n");
}

int run_audit_export(const ParsedCommand& command, const Environment& environment) {
    std::string said;
    const Status done = export_to(command, environment, said);
    if (!done.ok()) return fail(environment, done.error().to_string());
    if (!said.empty()) environment.write_error(said);
    return kClean;
}

int run_audit_verify(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    const Result<evidence::AuditTrust> trust = trust_of(command);
    if (!trust.ok()) return fail(environment, trust.error().to_string());
    const Result<Verified> verified = command.arguments.empty()
                                          ? verify_store(command, environment, trust.value())
                                          : verify_file(command.arguments[0], trust.value());
    if (!verified.ok()) return fail(environment, verified.error().to_string());
    const int code =
        print(environment, *json_asked ? verdict_as_json(verified.value())
                                       : verdict_as_text(verified.value(), trust.value()));
    if (code == kClean && !verified.value().problems.empty()) return kFindings;
    if (code != kClean || !is_unfounded(verified.value())) return code;
    return fail(environment,
                "the proof is whole in itself, and nothing shows that its checkpoint is of a log "
                "that there is: name the key with --key, or a checkpoint that was kept with "
                "--checkpoint");
}

int run_audit_prove(const ParsedCommand& command, const Environment& environment) {
    std::int64_t seq = 0;
    const std::string argument = command.arguments.empty() ? "" : command.arguments[0];
    const char* const end = argument.data() + argument.size();
    const auto read = std::from_chars(argument.data(), end, seq);
    if (argument.empty() || read.ec != std::errc{} || read.ptr != end)
        return fail(environment, "which event? merlon audit prove N");
    Result<evidence::Store> store = open_store(command, environment, evidence::Access::kRead);
    if (!store.ok()) return fail(environment, store.error().to_string());
    const Result<std::string> proof = evidence::prove_event(store.value().database(), seq);
    return proof.ok() ? print(environment, proof.value())
                      : fail(environment, proof.error().to_string());
}

}  // namespace merlon::cli
