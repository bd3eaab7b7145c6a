#include "gate/audit_report.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/interner.h"
#include "crypto/digest.h"
#include "evidence/audit.h"
#include "evidence/event_log.h"
#include "evidence/seconds.h"
#include "gate/audit_controls.h"
#include "gate/decisions.h"
#include "gate/fields.h"
#include "gate/record.h"
#include "text/json.h"

namespace merlon::gate {
namespace {

using evidence::Cells;
using evidence::Event;
using evidence::integer_of;
using evidence::text_of;
using value::Value;

namespace event_kind = evidence::event_kind;

// What was only proposed or refused, what wants a second person, and what a fix has ended.
constexpr std::string_view kBesideDecisions[] = {event_kind::kDecisionProposed,
                                                 event_kind::kDecisionRefused,
                                                 event_kind::kSecondPerson, event_kind::kFixFound};

constexpr std::string_view kStatementStart = "{\"statement\":";
constexpr const char* kNobodySays = "nobody says whose key it is";

// A decision that somebody has signed, as its document in the store has it.
struct SignedFact {
    Event event;
    Decision decision;
    SignerCheck signer;  // refused_because: why the signature shows nothing
    bool is_verified() const { return signer.refused_because.empty(); }
};

// Who may not approve, in lower case.
struct Asked {
    std::string by;
    std::vector<std::string> names;  // who asked, and the authors of the change
};

std::string moment(std::int64_t at_ms) { return format_rfc3339({at_ms * 1'000'000}); }

class Reporter {
  public:
    Reporter(evidence::Database& database, const AuditPeriod& period, const ReportPeople& people,
             Timestamp now)
        : database_(database), period_(period), people_(people), now_(now), json_(report_.json) {}

    Result<AuditReport> write() {
        MERLON_TRY(read_events());
        for (const Event& event : decisions_)
            if (event.kind == event_kind::kGateDecision)
                signed_.push_back(MERLON_TRY(check_signed(event)));
        json_.begin_object().member("schema", "merlon-audit-report").key("version").integer(1);
        json_.member("from", format_rfc3339(period_.from));
        json_.member("to", format_rfc3339(period_.to)).member("made", format_rfc3339(now_));
        json_.key("people").begin_object().key("known").boolean(people_.signers != nullptr);
        json_.member("from", people_.from).end_object();
        MERLON_TRY(write_verdicts());
        MERLON_TRY(write_people());
        write_decisions();
        MERLON_TRY(write_gaps());
        write_controls();
        json_.end_object();
        return std::move(report_);
    }

  private:
    Status read_events() {
        const std::int64_t from = period_.from.nanoseconds / 1'000'000;
        const std::int64_t to = period_.to.nanoseconds / 1'000'000;
        return evidence::each_event(database_, 0, evidence::kAllEvents, [&](const Event& event) {
            if (event.kind == event_kind::kGateVerdict) note_input(event);
            if (event.at_ms < from || event.at_ms >= to) return;
            ++counts_["events"];
            if (event.kind == event_kind::kImport) ++counts_["analyses"];
            if (event.kind == event_kind::kGateVerdict) verdicts_.push_back(event);
            if (event.kind == event_kind::kGateDecision || event.kind == event_kind::kDecision)
                decisions_.push_back(event);
            if (std::ranges::find(kBesideDecisions, event.kind) != std::end(kBesideDecisions))
                beside_decisions_.push_back(event);
        });
    }

    void write_head(const Event& event) {
        json_.key("event").integer(event.seq).member("at", moment(event.at_ms));
        json_.member("actor", event.actor);
    }

    // What a verdict was: its conditions, from the statement that the event names.
    Status write_verdicts() {
        json_.key("releases").begin_array();
        for (const Event& event : verdicts_) {
            ++report_.verdicts;
            ++counts_["verdicts"];
            Arena arena;
            Interner interner;
            const auto body = MERLON_TRY(text::read_json(event.body, arena, interner));
            json_.begin_object();
            write_head(event);
            for (const char* key : {"verdict", "gate", "environment", "subject", "outcome",
                                    "expires", "policy", "input"})
                json_.member(key, text_at(*body.root, key));
            const auto asked = MERLON_TRY(asked_for(text_at(*body.root, "verdict")));
            json_.member("requestedBy", asked ? asked->by : "");
            json_.key("requesterIsRegistered").boolean(asked && is_registered(asked->by));
            const FoundDocument statement =
                MERLON_TRY(find_document(database_, kVerdictKind, text_at(*body.root, "verdict")));
            const auto read = MERLON_TRY(text::read_json(statement.bytes, arena, interner));
            const Value* const predicate = read.root->find("predicate");
            const Value* const conditions =
                predicate == nullptr ? nullptr : predicate->find("merlon_conditions");
            json_.key("conditions").begin_array();
            if (conditions != nullptr && conditions->is_array()) {
                for (const Value& one : conditions->items()) {
                    json_.begin_object().member("id", text_at(one, "id"));
                    json_.member("status", text_at(one, "status")).end_object();
                }
            }
            json_.end_array().end_object();
        }
        json_.end_array();
        return {};
    }

    // Approvals may be of verdicts from before the period.
    void note_input(const Event& event) {
        Arena arena;
        Interner interner;
        const auto body = text::read_json(event.body, arena, interner);
        if (body.ok())
            inputs_[text_at(*body.value().root, "verdict")] = text_at(*body.value().root, "input");
    }

    // What the verdict was made from says who asked for it; nothing where the store does not have
    // it.
    Result<std::optional<Asked>> asked_for(const std::string& verdict) {
        const auto known = inputs_.find(verdict);
        if (known == inputs_.end()) return std::optional<Asked>();
        const FoundDocument input = MERLON_TRY(find_document(database_, kInputKind, known->second));
        Arena arena;
        Interner interner;
        const auto read = MERLON_TRY(text::read_json(input.bytes, arena, interner));
        Asked asked{.by = text_at(*read.root, "requested_by"), .names = {}};
        if (!asked.by.empty()) asked.names.push_back(lower_case(asked.by));
        const Value* const change = read.root->find("change");
        const Value* const authors = change == nullptr ? nullptr : change->find("authors");
        if (authors == nullptr || !authors->is_array()) return std::optional(asked);
        for (const Value& author : authors->items())
            for (const char* key : {"name", "email"})
                asked.names.push_back(lower_case(text_at(author, key)));
        return std::optional(asked);
    }

    // The document that the event names, its signature, and whose key that is.
    Result<SignedFact> check_signed(const Event& event) {
        SignedFact fact{.event = event, .decision = {}, .signer = {}};
        Arena arena;
        Interner interner;
        const auto body = MERLON_TRY(text::read_json(event.body, arena, interner));
        if (const Value* const said = body.root->find("statement"); said != nullptr) {
            fact.decision.kind = text_at(*said, "decision");
            fact.decision.person = text_at(*said, "person");
        }
        std::string& because = fact.signer.refused_because;
        const auto found = find_document(database_, kDecisionKind, text_at(*body.root, "document"));
        if (!found.ok()) {
            because = found.error().message;
            return fact;
        }
        const auto signed_one = read_signed_decision(found.value().bytes);
        const auto decision = signed_one.ok()
                                  ? parse_decision_statement(signed_one.value().statement)
                                  : Result<Decision>(signed_one.error());
        if (!decision.ok()) {
            because = decision.error().message;
            return fact;
        }
        if (!event.body.contains("\"statement\":" + signed_one.value().statement)) {
            because = "the event says something else than what was signed";
            return fact;
        }
        fact.decision = decision.value();
        const crypto::AllowedSigners nobody;
        fact.signer = check_signer(signed_one.value(), fact.decision,
                                   people_.signers == nullptr ? nobody : *people_.signers);
        if (people_.signers == nullptr && !fact.signer.key.empty()) because = kNobodySays;
        return fact;
    }

    // The signature of the second person of a decision about findings; nothing where there is none.
    std::optional<SignerCheck> check_approval(const Event& event) const {
        Arena arena;
        Interner interner;
        const auto body = text::read_json(event.body, arena, interner);
        if (!body.ok()) return std::nullopt;
        const std::string document = text_at(*body.value().root, "approval");
        if (document.empty()) return std::nullopt;
        // What was proposed, as it was written (evidence::decision_event_start): in texts inside of
        // it quotes are escaped.
        std::string_view statement = event.body;
        statement = statement.substr(0, statement.find(",\"approvedBy\":"));
        statement.remove_prefix(std::min(kStatementStart.size(), statement.size()));
        const auto signed_one = read_signed_decision(document);
        const auto decision = signed_one.ok()
                                  ? parse_decision_statement(signed_one.value().statement)
                                  : Result<Decision>(signed_one.error());
        SignerCheck checked;
        if (!decision.ok()) {
            checked.refused_because = decision.error().message;
            return checked;
        }
        const crypto::AllowedSigners nobody;
        checked = check_signer(signed_one.value(), decision.value(),
                               people_.signers == nullptr ? nobody : *people_.signers);
        if (people_.signers == nullptr && !checked.key.empty())
            checked.refused_because = kNobodySays;
        const bool is_of_it = decision.value().kind == "approve" &&
                              decision.value().about == crypto::sha256(statement).to_string() &&
                              decision.value().person == text_at(*body.value().root, "approvedBy");
        if (!is_of_it) checked.refused_because = "it approves something else, or by somebody else";
        return checked;
    }

    // Who has signed what, by name: what is verified by kind, and the rest as what it is.
    Status write_people() {
        std::map<std::string, std::map<std::string, std::int64_t>> people;
        for (const SignedFact& fact : signed_) {
            auto& kinds = people[fact.decision.person];
            if (!fact.is_verified()) {
                ++kinds["unverified"];
                ++report_.unverified;
                continue;
            }
            ++kinds[fact.decision.kind];
            if (fact.decision.kind != "approve") continue;
            ++counts_["approvals"];
            const auto asked = MERLON_TRY(asked_for(fact.decision.verdict));
            if (asked && !asked->by.empty() && !is_one_of(fact.signer.names, asked->names))
                ++counts_["approvalsByOthers"];
        }
        json_.key("approvers").begin_array();
        for (const auto& [person, kinds] : people) {
            json_.begin_object().member("person", person);
            for (const auto& [kind, count] : kinds) json_.key(kind).integer(count);
            json_.end_object();
        }
        json_.end_array();
        return {};
    }

    static bool is_one_of(const std::vector<std::string>& names,
                          const std::vector<std::string>& others) {
        return std::ranges::any_of(names, [&](const std::string& name) {
            return std::ranges::find(others, lower_case(name)) != others.end();
        });
    }

    bool is_registered(const std::string& name) const {
        return people_.signers != nullptr &&
               std::ranges::any_of(people_.signers->signers, [&](const auto& signer) {
                   return is_one_of(signer.principals, {lower_case(name)});
               });
    }

    // Whose word it is: that of a verified key, or nobody's that can be shown.
    void write_signature(const SignerCheck& signer) {
        json_.key("signature").begin_object();
        json_.member("status", signer.refused_because.empty() ? "verified" : "unverified");
        json_.member("key", signer.key);
        if (!signer.refused_because.empty()) json_.member("because", signer.refused_because);
        json_.end_object();
    }

    // Approvals and exceptions as they were signed, and what was decided about findings.
    void write_decisions() {
        const auto is_exception = [](const SignedFact& fact) {
            return fact.decision.kind == "except" || fact.decision.kind == "break-glass";
        };
        const auto write_signed = [&](std::string_view key, const auto& is_one) {
            json_.key(key).begin_array();
            for (const SignedFact& fact : signed_) {
                if (!is_one(fact)) continue;
                json_.begin_object();
                write_head(fact.event);
                write_signature(fact.signer);
                json_.key("said").raw(fact.event.body).end_object();
            }
            json_.end_array();
        };
        write_signed("exceptions", is_exception);
        write_signed("approvals", [&](const SignedFact& fact) { return !is_exception(fact); });
        // Who has decided about a finding, and the second person, are names, but where that one has
        // signed: the actor is who ran the program.
        json_.key("decisions").begin_array();
        for (const Event& event : decisions_) {
            if (event.kind != event_kind::kDecision) continue;
            json_.begin_object();
            write_head(event);
            if (const auto signer = check_approval(event)) {
                if (!signer->refused_because.empty()) ++report_.unverified;
                write_signature(*signer);
            }
            json_.key("said").raw(event.body).end_object();
        }
        json_.end_array();
        json_.key("besideDecisions").begin_array();
        for (const Event& event : beside_decisions_) {
            json_.begin_object();
            write_head(event);
            json_.member("kind", event.kind).key("said").raw(event.body).end_object();
        }
        json_.end_array();
        report_.decisions = decisions_.size();
        counts_["decisions"] = static_cast<std::int64_t>(decisions_.size());
    }

    // Analyses of the period that did not see everything.
    Status write_gaps() {
        json_.key("coverageGaps").begin_array();
        MERLON_TRY(database_.each_row(
            "SELECT s.name, t.tool, t.category, t.ref, a.revision, a.incomplete_because, "
            "a.received FROM analysis a JOIN stream t ON t.id = a.stream "
            "JOIN scope s ON s.id = t.scope WHERE a.complete = 0 AND a.received >= $1 "
            "AND a.received < $2 ORDER BY a.id",
            {evidence::seconds_of(period_.from), evidence::seconds_of(period_.to)}, [&](Cells row) {
                ++report_.gaps;
                json_.begin_object().member("repository", text_of(row[0]));
                json_.member("tool", text_of(row[1])).member("category", text_of(row[2]));
                json_.member("ref", text_of(row[3])).member("commit", text_of(row[4]));
                json_.member("because", text_of(row[5]));
                json_.member("at", moment(integer_of(row[6]) * 1000)).end_object();
            }));
        json_.end_array();
        return {};
    }

    void write_controls() {
        json_.key("controls").begin_array();
        for (const AuditControl& control : kAuditControls) {
            const std::int64_t count = counts_[std::string(control.facts)];
            json_.begin_object().member("framework", control.framework).member("id", control.id);
            json_.member("title", control.title).member("shownBy", control.facts);
            json_.key("facts").integer(count);
            const bool is_of_people = control.facts.starts_with("approvals");
            json_.member("status", count > 0 ? "shown"
                                   : is_of_people && report_.unverified > 0
                                       ? "nothing that is verified in this period"
                                       : "nothing in this period");
            json_.end_object();
        }
        json_.end_array();
    }

    evidence::Database& database_;
    const AuditPeriod& period_;
    const ReportPeople& people_;
    Timestamp now_;
    AuditReport report_;
    text::JsonWriter json_;
    std::vector<Event> verdicts_, decisions_, beside_decisions_;
    std::vector<SignedFact> signed_;             // of the decisions, in their order
    std::map<std::string, std::string> inputs_;  // of verdicts: the digest of what they judged
    std::map<std::string, std::int64_t, std::less<>> counts_;
};

}  // namespace

Result<AuditReport> audit_report(evidence::Database& database, const AuditPeriod& period,
                                 const ReportPeople& people, Timestamp now) {
    return Reporter(database, period, people, now).write();
}

}  // namespace merlon::gate
