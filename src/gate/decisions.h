#pragma once

// What people decide about a gate, signed by their SSH keys: approvals, rejections, exceptions.
//
// The idea: a decision is a small statement in JSON, and the bytes of it are what is signed, under
// a namespace of its own. The statement names subject, environment, time and verdict, so that a
// signature taken from one decision says nothing about another artefact, place or day. Who signed,
// the key says; whether that person may, the people and groups of the target branch say
// (.merlon/people, in OpenSSH's format of allowed signers). A decision that does not count is shown
// with the reason, and never dropped.
//
// An exception lets one condition that fails pass until a day. Where the condition lists what
// stands against it by keys (findings, licences of packages), the exception is for those that it
// listed when it was made, and not for what is found later. It holds when somebody of the groups
// that may make it has signed it, another one of them has approved it and none rejects it.
//
// Of each person the last word counts; of two of one moment the rejection. An approval lapses; a
// rejection stands until the person takes it back, by an approval that may have lapsed since.
// Break-glass is an exception from everything, for hours.
//
// Standard: OpenSSH's PROTOCOL.sshsig. Thread-safe: no state. Cost: one verification for each.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/allowed_signers.h"
#include "gate/input.h"

namespace merlon::gate {

// `ssh-keygen -Y sign -n merlon-decision-v1`
inline constexpr std::string_view kDecisionNamespace = "merlon-decision-v1";

struct Decision {
    std::string kind;  // "approve", "reject", "except", "break-glass"
    std::string person;
    std::string repository, subject, environment;
    std::string verdict;    // that the person looked at; empty: none
    std::string condition;  // of an exception
    std::string about;      // of an approval of an exception: its id
    std::string reason;
    std::string time;     // RFC 3339, UTC; decision_time()
    std::string expires;  // of an exception
    // Of an exception: the keys of the evidence that it is for, in order, each as often as the
    // verdict had it. Nothing: for the whole condition, as those of an older Merlon are (their
    // statements have version 1) and break-glass is.
    std::optional<std::vector<std::string>> covers = {};
};

// "2026-11-28T14:00:00.123Z": to the millisecond, because what a person says and what the same
// person says next may be of one second.
std::string decision_time(Timestamp now);

// One line of JSON: what is signed.
std::string decision_statement(const Decision& decision);
// Fails for what decision_statement() would not have written.
Result<Decision> parse_decision_statement(std::string_view statement);

// Fills in what a gate's input is about.
Status read_place(std::string_view input, Decision& decision);

struct SignedDecision {
    std::string statement;
    std::string signature;  // armoured
};
std::string write_signed_decision(const SignedDecision& decision);
Result<SignedDecision> read_signed_decision(std::string_view document);

// Whose a decision is, by its signature.
struct SignerCheck {
    std::string key;                 // its fingerprint; empty: the signature is none
    std::vector<std::string> names;  // of the person who has the key, as the file has them
    std::string refused_because;     // empty: the key is the person's, and held at that time
};
SignerCheck check_signer(const SignedDecision& signed_one, const Decision& decision,
                         const crypto::AllowedSigners& people);

struct People {
    crypto::AllowedSigners signers;
    std::map<std::string, std::vector<std::string>> groups;  // names of people
};

// What is judged, and by which rules decisions count.
struct DecisionRules {
    std::string repository, subject, environment;
    Timestamp now;
    std::int64_t approval_age_s = 24 * 3600;
    std::vector<std::string> exceptions_by;   // groups
    std::vector<std::string> break_glass_by;  // groups
    std::int64_t break_glass_s = 4 * 3600;
};

// Nothing where it is about another repository, subject or environment. `document` is what
// write_signed_decision() gave; what is none of that is a decision that does not count.
std::vector<SeenDecision> check_decisions(const std::vector<std::string>& documents,
                                          const People& people, const DecisionRules& rules);

// Those of `decisions` that hold now.
std::vector<HoldingException> holding_exceptions(const std::vector<SeenDecision>& decisions,
                                                 const DecisionRules& rules);

}  // namespace merlon::gate
