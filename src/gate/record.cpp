#include "gate/record.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <span>

#include "base/arena.h"
#include "base/hex.h"
#include "base/interner.h"
#include "crypto/digest.h"
#include "evidence/event_log.h"
#include "evidence/graph.h"
#include "evidence/import_check.h"
#include "evidence/seconds.h"
#include "gate/fields.h"
#include "text/json.h"
#include "text/zstd.h"

namespace merlon::gate {
namespace {

using evidence::Bytes;
using evidence::Cells;
using evidence::integer_of;
using evidence::text_of;
using value::Value;
namespace event_kind = evidence::event_kind;

constexpr int kPackingLevel = 3;
constexpr std::size_t kMaxDocumentBytes = std::size_t{1} << 30;
constexpr std::size_t kDigestDigits = 64;
constexpr std::string_view kDigestPrefix = "sha256:";
constexpr std::size_t kFewestDigits = 8;

std::string event_body(const Verdict& verdict, const std::string& repository,
                       const std::string& input_edges, const std::string& verdict_edges) {
    std::string out;
    text::JsonWriter json(out);
    json.begin_object().member("verdict", verdict.id).member("gate", verdict.gate);
    json.member("repository", repository);
    json.member("environment", verdict.environment).member("subject", verdict.subject_digest);
    json.member("outcome", name(verdict.outcome)).member("time", verdict.time);
    json.member("expires", verdict.expires).member("policy", verdict.policy_digest);
    json.member("input", verdict.input_digest);
    if (!input_edges.empty()) json.member("inputEdges", input_edges);
    if (!verdict_edges.empty()) json.member("verdictEdges", verdict_edges);
    json.end_object();
    return out;
}

// Calls `use` for each event of this kind, the oldest first.
Status each_event(evidence::Database& database, std::string_view kind, std::int64_t from_ms,
                  const std::function<void(std::int64_t at_ms, const Value& body)>& use) {
    return database.each_row(
        "SELECT at_ms, body FROM event WHERE kind = $1 AND at_ms >= $2 ORDER BY seq",
        {kind, from_ms}, [&](Cells row) {
            Arena arena;
            Interner interner;
            const auto body = text::read_json(text_of(row[1]), arena, interner);
            if (body.ok()) use(integer_of(row[0]), *body.value().root);
        });
}

// Of the document with this digest ("sha256:…").
Result<std::int64_t> number_of(evidence::Database& database, std::string_view digest) {
    const std::string bytes = MERLON_TRY(crypto::from_hex(digest.substr(kDigestPrefix.size())));
    return database.number("SELECT id FROM document WHERE digest = $1", {Bytes{bytes}}, 0);
}

// What a gate lets through goes where it was asked for: evidence of the deployment.
Status link_deployment(evidence::Database& database, const Verdict& verdict, Timestamp now) {
    const bool is_deployment = verdict.gate == "deploy" && verdict.outcome == Outcome::kPass &&
                               !verdict.environment.empty();
    if (!is_deployment) return {};
    const std::int64_t document = MERLON_TRY(number_of(database, verdict.id));
    const exchange::Link link{.from = {"artifact", verdict.subject_digest},
                              .relation = "deployed to",
                              .to = {"deployment", verdict.environment},
                              .confidence = exchange::Confidence::kRecorded,
                              .collector = "merlon gate deploy",
                              .valid_from = verdict.time,
                              .valid_until = verdict.expires};
    const auto written = evidence::write_links(
        database, {.document = document, .analysis = 0, .collector = "merlon", .observed = now},
        std::span(&link, 1));
    return written.ok() ? Status() : Status(written.error());
}

}  // namespace

Status write_document(evidence::Database& database, std::string_view kind, std::string_view name,
                      std::string_view bytes, Timestamp now) {
    const std::string packed = text::pack_zstd(bytes, kPackingLevel);
    const crypto::Digest digest = crypto::sha256(bytes);
    return database.run(
        "INSERT INTO document (digest, kind, name, size, received, packed) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (digest) DO NOTHING",
        {Bytes{digest.bytes()}, kind, name, static_cast<std::int64_t>(bytes.size()),
         evidence::seconds_of(now), Bytes{packed}});
}

Status record_verdict(evidence::Database& database, const Verdict& verdict, const Policy& policy,
                      std::string_view input, std::string_view actor, Timestamp now,
                      std::span<const exchange::Link> links) {
    MERLON_TRY(write_document(database, kPolicyKind, "policy", policy.document(), now));
    MERLON_TRY(write_document(database, kInputKind, "input", input, now));
    MERLON_TRY(write_document(database, kVerdictKind, verdict.gate, verdict.statement, now));
    MERLON_TRY(link_deployment(database, verdict, now));
    const std::int64_t document = MERLON_TRY(number_of(database, verdict.input_digest));
    MERLON_TRY(evidence::write_links(
        database, {.document = document, .analysis = 0, .collector = "merlon", .observed = now},
        links));
    Decision place;
    MERLON_TRY(read_place(input, place));
    const std::string input_edges = MERLON_TRY(evidence::edges_digest(database, document));
    const std::int64_t statement = MERLON_TRY(number_of(database, verdict.id));
    const std::string verdict_edges = MERLON_TRY(evidence::edges_digest(database, statement));
    MERLON_TRY(evidence::append_event(
        database, {.at = now,
                   .actor = std::string(actor),
                   .kind = event_kind::kGateVerdict,
                   .body = event_body(verdict, place.repository, input_edges, verdict_edges)}));
    return {};
}

Result<FoundDocument> find_document(evidence::Database& database, std::string_view kind,
                                    std::string_view digest) {
    std::string_view digits = digest;
    if (digits.starts_with("sha256:")) digits.remove_prefix(7);
    if (digits.size() < kFewestDigits || digits.size() > kDigestDigits)
        return Error{fmt::format("'{}' is no digest; expected at least {} of its digits", digest,
                                 kFewestDigits)};
    const std::string rest_low(kDigestDigits - digits.size(), '0');
    const std::string rest_high(kDigestDigits - digits.size(), 'f');
    const std::string low = MERLON_TRY(crypto::from_hex(std::string(digits) + rest_low));
    const std::string high = MERLON_TRY(crypto::from_hex(std::string(digits) + rest_high));
    std::vector<FoundDocument> found;
    MERLON_TRY(database.each_row(
        "SELECT digest, packed FROM document WHERE kind = $1 AND digest >= $2 AND digest <= $3 "
        "ORDER BY digest",
        {kind, Bytes{low}, Bytes{high}}, [&](Cells row) {
            Result<std::string> bytes =
                text::unpack_zstd(evidence::bytes_of(row[1]), kMaxDocumentBytes);
            found.push_back(
                {"sha256:" + to_hex(evidence::bytes_of(row[0])), std::move(bytes).value_or({})});
        }));
    if (found.empty()) return Error{fmt::format("the store has no {} {}", kind, digest)};
    if (found.size() > 1)
        return Error{
            fmt::format("{} documents begin with {}; write more of it", found.size(), digest)};
    if (crypto::sha256(found[0].bytes).to_string() != found[0].digest)
        return Error{fmt::format("the {} {} is not as it was written", kind, found[0].digest)};
    return std::move(found[0]);
}

Result<std::vector<std::string>> decisions_about(evidence::Database& database,
                                                 const std::string& subject) {
    std::vector<std::string> documents;
    MERLON_TRY(database.each_row(
        "SELECT packed FROM document WHERE kind = $1 AND name IN ('', $2) ORDER BY id",
        {kDecisionKind, std::string_view(subject)}, [&](Cells row) {
            // One that is damaged is a decision that does not count, and is shown as such.
            documents.push_back(
                text::unpack_zstd(evidence::bytes_of(row[0]), kMaxDocumentBytes).value_or({}));
        }));
    return documents;
}

Result<std::string> record_decision(evidence::Database& database, const SignedDecision& decision,
                                    std::string_view actor, Timestamp now) {
    const Decision stated = MERLON_TRY(parse_decision_statement(decision.statement));
    const std::string document = write_signed_decision(decision);
    const std::string digest = crypto::sha256(document).to_string();
    MERLON_TRY(write_document(database, kDecisionKind, stated.subject, document, now));
    std::string body;
    text::JsonWriter json(body);
    json.begin_object().member("document", digest).member("kind", kDecisionKind);
    json.member("name", stated.subject).key("statement").raw(decision.statement).end_object();
    MERLON_TRY(evidence::append_event(database, {.at = now,
                                                 .actor = std::string(actor),
                                                 .kind = event_kind::kGateDecision,
                                                 .body = std::move(body)}));
    return digest;
}

Result<std::vector<VerdictEntry>> verdicts_since(evidence::Database& database, Timestamp from) {
    std::vector<VerdictEntry> all;
    MERLON_TRY(each_event(database, event_kind::kGateVerdict, from.nanoseconds / 1'000'000,
                          [&](std::int64_t at_ms, const Value& body) {
                              all.push_back({.id = text_at(body, "verdict"),
                                             .gate = text_at(body, "gate"),
                                             .environment = text_at(body, "environment"),
                                             .subject = text_at(body, "subject"),
                                             .outcome = text_at(body, "outcome"),
                                             .time = text_at(body, "time"),
                                             .expires = text_at(body, "expires"),
                                             .policy = text_at(body, "policy"),
                                             .input = text_at(body, "input"),
                                             .repository = text_at(body, "repository"),
                                             .at_ms = at_ms});
                          }));
    return all;
}

namespace {

// The verdicts whose deployments were said to be over.
Result<std::set<std::string, std::less<>>> verdicts_done(evidence::Database& database) {
    std::set<std::string, std::less<>> over;
    MERLON_TRY(each_event(database, event_kind::kGateDone, 0, [&](std::int64_t, const Value& body) {
        over.insert(text_at(body, "verdict"));
    }));
    return over;
}

bool is_same_repository(const VerdictEntry& verdict, std::string_view repository) {
    return verdict.repository.empty() || repository.empty() || verdict.repository == repository;
}

// Times of one form in UTC are ordered as texts are.
bool holds_lock(const VerdictEntry& verdict, const std::set<std::string, std::less<>>& over,
                const std::string& moment) {
    return verdict.outcome == name(Outcome::kPass) && verdict.expires > moment &&
           !over.contains(verdict.id);
}

}  // namespace

Result<EnvironmentHistory> history_of(evidence::Database& database, const DeploymentPlace& place,
                                      Timestamp now) {
    EnvironmentHistory history{
        .is_known = true, .requested = format_rfc3339(now), .locked_by = {}, .locked_until = {}};
    const auto over = MERLON_TRY(verdicts_done(database));
    const std::string moment = format_rfc3339(now);
    bool is_asked = false;
    for (const VerdictEntry& one : MERLON_TRY(verdicts_since(database, {}))) {
        if (one.environment != place.environment || !is_same_repository(one, place.repository))
            continue;
        if (one.subject == place.subject) {
            if (!is_asked) history.requested = one.time;
            is_asked = true;
            continue;
        }
        if (!holds_lock(one, over, moment)) continue;
        history.locked_by = one.id;
        history.locked_until = one.expires;
    }
    return history;
}

Result<DoneDeployment> record_done(evidence::Database& database, const std::string& verdict,
                                   std::string_view actor, Timestamp now) {
    const std::vector<VerdictEntry> all = MERLON_TRY(verdicts_since(database, {}));
    const auto found = std::ranges::find(all, verdict, &VerdictEntry::id);
    if (found == all.end())
        return Error{fmt::format("no event of the store's log tells of the verdict {}", verdict)};
    if (found->outcome != name(Outcome::kPass))
        return Error{
            fmt::format("the verdict {} is not PASS: it let nothing through that could be "
                        "over, and holds no lock",
                        verdict)};
    if (found->environment.empty())
        return Error{
            fmt::format("the verdict {} is of no environment; only deployments are over", verdict)};
    auto over = MERLON_TRY(verdicts_done(database));
    DoneDeployment done{.environment = found->environment,
                        .was_over = !over.insert(verdict).second,
                        .locked_by = {}};
    for (const VerdictEntry& one : all)
        if (one.environment == done.environment && is_same_repository(one, found->repository) &&
            holds_lock(one, over, format_rfc3339(now)))
            done.locked_by = one.id;
    if (done.was_over) return done;
    std::string body;
    text::JsonWriter(body).begin_object().member("verdict", verdict).end_object();
    MERLON_TRY(evidence::append_event(database, {.at = now,
                                                 .actor = std::string(actor),
                                                 .kind = event_kind::kGateDone,
                                                 .body = std::move(body)}));
    return done;
}

}  // namespace merlon::gate
