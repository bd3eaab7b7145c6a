#pragma once

// What people, and policies in their name, have said about findings, and for how long it holds.
//
// The idea: a decision is a row that is never edited. Its target is one finding, or all that some
// of repository, tool, rule and package name, those of tomorrow too. For each finding the narrowest
// decision that holds is the one that stands; of equals the latest; one that says kNone withdraws
// what was said about the same target before it. What stands is kept beside the finding, so that
// pages are read from an index, and is derived anew in the transaction that changes something.
//
// Every decision ends. Readers compare its end with their own clock, so nothing stays hidden
// because nobody wrote since; the next writer puts the rows right and leaves an event.
//
// Whether a finding is there, what was decided about it, and who works on it are three facts: a
// decision changes neither detection nor history.
//
// Not thread-safe: the connection belongs to one thread. Cost: a few statements for each decision,
// and a look-up for each finding that it holds for.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "evidence/database.h"
#include "evidence/history.h"

namespace merlon::evidence {

// Numbers stand in the store.
enum class Verdict : std::uint8_t {
    kNone = 0,           // withdraws
    kFalsePositive = 1,  // the tool is wrong
    kNotAffected = 2,    // as VEX has it: it is there, and does no harm here
    kAccepted = 3,       // a risk that is taken until the decision ends
    kWillFix = 4,        // stays open
    // What suppliers and other tools say besides (VEX):
    kAffected = 5,            // it was looked at, and it is real; stays open
    kUnderInvestigation = 6,  // stays open
    kFixed = 7,               // mended in this version, which the tool does not see
};
// "none", "false_positive", "not_affected", "accepted", "will_fix", "affected",
// "under_investigation", "fixed".
std::string_view name(Verdict verdict);
std::optional<Verdict> parse_verdict(std::string_view text);
// Whether a finding of this verdict is not open.
constexpr bool closes(Verdict verdict) {
    return verdict == Verdict::kFalsePositive || verdict == Verdict::kNotAffected ||
           verdict == Verdict::kAccepted || verdict == Verdict::kFixed;
}
// The same verdicts, in SQL.
inline constexpr std::string_view kClosingVerdicts = "(1, 2, 3, 7)";

// Why something is not affected: the status justifications of VEX (OpenVEX 0.2.0; CSAF's flags).
enum class Justification : std::uint8_t {
    kNone = 0,
    kComponentNotPresent = 1,
    kVulnerableCodeNotPresent = 2,
    kVulnerableCodeNotInExecutePath = 3,
    kVulnerableCodeCannotBeControlledByAdversary = 4,
    kInlineMitigationsAlreadyExist = 5,
};
// "component_not_present", …; "" for kNone.
std::string_view name(Justification justification);
std::optional<Justification> parse_justification(std::string_view text);

// All that is named has to fit; at least a finding, a rule or a package is.
struct DecisionTarget {
    std::int64_t finding = 0;  // then nothing else is named
    std::string scope = {};    // the repository's name; empty: everywhere
    std::string tool = {};     // in lower case; empty: of any
    std::string rule = {};     // under any name that it had: an advisory under its aliases
    std::string package = {};  // a package URL without version, or "component:NAME"
    std::string version = {};  // of the package; empty: all of them
    bool operator==(const DecisionTarget&) const = default;
};

// How a package is named of which nobody knows more than what its tool calls it.
inline constexpr std::string_view kComponentPrefix = "component:";

// "rule sql-injection of semgrep in github.com/acme/shop", "finding 12".
std::string to_string(const DecisionTarget& target);

// Numbers stand in the store.
enum class DecisionEnd : std::uint8_t {
    kByTime = 0,
    kWithFix = 1,  // when a version with the fix is known (evidence/fix_end.h), or by time
};

struct NewDecision {
    std::vector<DecisionTarget> targets = {};
    Verdict verdict = Verdict::kNone;
    Justification justification = Justification::kNone;  // with kNotAffected
    std::string reason = {};
    std::string author = {};       // who decided
    std::string approved_by = {};  // the second person; empty: nobody
    Timestamp made = {};           // for one that comes from elsewhere, when it was made there
    Timestamp expires = {};        // behind `made`, but for kNone
    std::string signature = {};    // by the author over decision_statement(), as bytes; empty: none
    // Of one that was made elsewhere: where, in words, and the document that says so.
    std::string origin = {};
    std::string document = {};  // "sha256:…"
    DecisionEnd ends = DecisionEnd::kByTime;
    // The second person's signed word, for the event (evidence/second_person.h); empty: none.
    std::string approval = {};
    std::int64_t proposal = 0;  // that it answers (evidence/second_person.h); 0: none
    // Whether it only proposes, also where the store wants no second person.
    enum class Standing : std::uint8_t { kDecides, kProposes } standing = Standing::kDecides;
};

// Whether it is complete and means something.
Status check_decision(const NewDecision& decision);

// What a signature is over: one line of JSON, the same for equal decisions. `approved_by`,
// `signature` and where it comes from are not in it.
std::string decision_statement(const NewDecision& decision);

// What the decision's event in the audit log begins with: all that its rows say.
std::string decision_event_start(const NewDecision& decision);

// What is named by more is narrower, and outweighs what is wider; one finding is narrower than
// anything else.
std::int64_t decision_weight(const DecisionTarget& target);

struct DecisionOutcome {
    std::int64_t event = 0;      // its number in the audit log
    std::uint64_t findings = 0;  // that the targets name today
    std::uint64_t closed = 0;    // of those: no longer open
    std::uint64_t opened = 0;    // of those: open again
    std::uint64_t fixed = 0;     // for which it does not hold: a fix is available already
    bool is_proposed = false;    // it waits for a second person, and nothing has changed
};

// Within a transaction, which the caller rolls back where this fails; writes the event, too. Where
// the store wants a second person and none has approved, it is proposed.
// `actor` is who runs the program. Fails where a target names nothing, or a finding that is not
// there.
Result<DecisionOutcome> decide(Database& database, const NewDecision& decision,
                               std::string_view actor, Timestamp now);

// Puts right what has ended since the last writer, with an event where something has. Within a
// transaction; the number of findings.
Result<std::uint64_t> settle_expired(Database& database, std::string_view actor, Timestamp now);

enum class DecisionState : std::uint8_t {
    kStands,
    kOutweighed,  // by a narrower one
    kSuperseded,  // by a later one of the same target
    kExpired,
    kWithdraws,
    kWaits,     // for a second person
    kAnswered,  // a proposal that somebody has approved: another row is the decision
    kRefused,   // a proposal
    kFixFound,  // it was until a fix is available, and there is one
};
// "in force", "outweighed", "superseded", "expired", "withdrawal", "waits for a second person",
// "approved", "refused", "ended, a fix is available".
std::string_view name(DecisionState state);

struct DecisionRow {
    std::int64_t id = 0;
    std::int64_t event = 0;
    DecisionTarget target;
    Verdict verdict = Verdict::kNone;
    Justification justification = Justification::kNone;
    std::string reason, author, approved_by;
    std::string signature;  // bytes
    std::string origin;     // empty: it was made here
    std::int64_t made_s = 0;
    std::int64_t expires_s = 0;
    DecisionEnd ends = DecisionEnd::kByTime;
    DecisionState state = DecisionState::kStands;
};

// All that concern the finding, the latest first; those that had been written by `as_of`, as they
// stood then.
Result<std::vector<DecisionRow>> decisions_of(Database& database, std::int64_t finding,
                                              Timestamp now, const AsOf& as_of = {});

}  // namespace merlon::evidence
