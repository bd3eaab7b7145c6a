#include "gate/audit_report.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "evidence/audit.h"
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

constexpr std::string_view kVerdictEvent = "gate.verdict";
constexpr std::string_view kSignedEvent = "gate.decision";
constexpr std::string_view kFindingEvent = "decision";
// What was only proposed or refused, what wants a second person, and what a fix has ended.
constexpr std::string_view kBesideDecisions[] = {"decision.proposed", "decision.refused",
                                                 "store.second_person", "decision.fix_found"};
constexpr std::string_view kImportEvent = "import";

// Which facts show that a control is at work. Nothing here says that it is enough.
struct Control {
    std::string_view framework, id, title, facts;
};
constexpr std::array kControls{
    Control{"NIST SSDF 1.1", "PO.4.1", "Criteria for software security checks are used",
            "verdicts"},
    Control{"NIST SSDF 1.1", "PS.3.1", "Each release is kept with what it was judged by",
            "verdicts"},
    Control{"NIST SSDF 1.1", "PW.7.2", "Code is analysed and the results are recorded", "analyses"},
    Control{"NIST SSDF 1.1", "RV.2.2", "Risk responses are decided and recorded", "decisions"},
    Control{"ISO/IEC 27001:2022", "A.5.3", "Segregation of duties: others approve", "approvals"},
    Control{"ISO/IEC 27001:2022", "A.8.8", "Technical vulnerabilities are managed", "analyses"},
    Control{"ISO/IEC 27001:2022", "A.8.15", "Events are logged, and the log is protected",
            "events"},
    Control{"ISO/IEC 27001:2022", "A.8.32", "Changes are controlled", "verdicts"},
    Control{"SOC 2 (TSC 2017)", "CC7.1", "New vulnerabilities are detected", "analyses"},
    Control{"SOC 2 (TSC 2017)", "CC8.1", "Changes are authorized and approved", "approvals"},
};

std::string moment(std::int64_t at_ms) { return format_rfc3339({at_ms * 1'000'000}); }

class Reporter {
  public:
    Reporter(evidence::Database& database, const AuditPeriod& period, Timestamp now)
        : database_(database), period_(period), now_(now), json_(report_.json) {}

    Result<AuditReport> write() {
        MERLON_TRY(read_events());
        json_.begin_object().member("schema", "merlon-audit-report").key("version").integer(1);
        json_.member("from", format_rfc3339(period_.from));
        json_.member("to", format_rfc3339(period_.to)).member("made", format_rfc3339(now_));
        MERLON_TRY(write_verdicts());
        write_people();
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
            if (event.at_ms < from || event.at_ms >= to) return;
            ++counts_["events"];
            if (event.kind == kImportEvent) ++counts_["analyses"];
            if (event.kind == kVerdictEvent) verdicts_.push_back(event);
            if (event.kind == kSignedEvent || event.kind == kFindingEvent)
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

    static std::string kind_of(const Event& event) {
        Arena arena;
        Interner interner;
        const auto body = text::read_json(event.body, arena, interner);
        const Value* const statement = body.ok() ? body.value().root->find("statement") : nullptr;
        return statement == nullptr ? std::string() : text_at(*statement, "decision");
    }

    static std::string person_of(const Event& event) {
        Arena arena;
        Interner interner;
        const auto body = text::read_json(event.body, arena, interner);
        const Value* const statement = body.ok() ? body.value().root->find("statement") : nullptr;
        return statement == nullptr ? std::string() : text_at(*statement, "person");
    }

    // Who has signed what, by name.
    void write_people() {
        std::map<std::string, std::map<std::string, std::int64_t>> people;
        for (const Event& event : decisions_) {
            if (event.kind != kSignedEvent) continue;
            const std::string kind = kind_of(event);
            ++people[person_of(event)][kind];
            if (kind == "approve") ++counts_["approvals"];
        }
        json_.key("approvers").begin_array();
        for (const auto& [person, kinds] : people) {
            json_.begin_object().member("person", person);
            for (const auto& [kind, count] : kinds) json_.key(kind).integer(count);
            json_.end_object();
        }
        json_.end_array();
    }

    // Approvals and exceptions as they were signed, and what was decided about findings.
    void write_decisions() {
        const auto write_those = [this](std::string_view key, const auto& is_one) {
            json_.key(key).begin_array();
            for (const Event& event : decisions_) {
                if (!is_one(event)) continue;
                json_.begin_object();
                write_head(event);
                json_.key("said").raw(event.body).end_object();
            }
            json_.end_array();
        };
        const auto is_exception = [](const Event& event) {
            if (event.kind != kSignedEvent) return false;
            const std::string kind = kind_of(event);
            return kind == "except" || kind == "break-glass";
        };
        write_those("exceptions", is_exception);
        write_those("approvals", [&](const Event& event) {
            return event.kind == kSignedEvent && !is_exception(event);
        });
        write_those("decisions", [](const Event& event) { return event.kind == kFindingEvent; });
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
            {period_.from.nanoseconds / 1'000'000'000, period_.to.nanoseconds / 1'000'000'000},
            [&](Cells row) {
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
        for (const Control& control : kControls) {
            const std::int64_t count = counts_[std::string(control.facts)];
            json_.begin_object().member("framework", control.framework).member("id", control.id);
            json_.member("title", control.title).member("shownBy", control.facts);
            json_.key("facts").integer(count);
            json_.member("status", count > 0 ? "shown" : "nothing in this period").end_object();
        }
        json_.end_array();
    }

    evidence::Database& database_;
    const AuditPeriod& period_;
    Timestamp now_;
    AuditReport report_;
    text::JsonWriter json_;
    std::vector<Event> verdicts_, decisions_, beside_decisions_;
    std::map<std::string, std::int64_t, std::less<>> counts_;
};

}  // namespace

Result<AuditReport> audit_report(evidence::Database& database, const AuditPeriod& period,
                                 Timestamp now) {
    return Reporter(database, period, now).write();
}

}  // namespace merlon::gate
