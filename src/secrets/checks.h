#pragma once

// Offline checks: what a token's own format says about whether it can be real.
//
// The idea: some providers put a checksum or a structure into their tokens, so that a scanner needs
// no network. One that holds makes a finding sure, one that does not makes it doubtful, and so does
// a token that says it has expired; nothing is dropped, since a format may change. A rule names its
// check in [rules.merlon]. Each family of checks is a file; the table here is all that a new one is
// added to, and docs/rules-secrets.md is written from it.
//
// Thread-safe: no state. Cost: linear in the secret, and only for what a rule has matched.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace merlon::secrets {

enum class CheckVerdict : std::uint8_t {
    kUnknown,  // the format says nothing either way
    kValid,    // its checksum or structure is right
    kInvalid,  // the provider cannot have made it
    kExpired,  // it says itself that its time is over
};

// "unknown", "valid", "invalid", "expired".
std::string_view name(CheckVerdict verdict);

struct CheckResult {
    CheckVerdict verdict = CheckVerdict::kUnknown;
    std::string remark = {};  // for a person; empty: nothing to add. Never holds the secret.
};

struct Check {
    std::string_view name;      // as a rule writes it
    std::string_view looks_at;  // what is recomputed or parsed
    std::string_view source;    // where the format is published
    CheckResult (*run)(std::string_view secret, Timestamp now);
};

// Every check there is, by name.
std::span<const Check> checks();

// The check of that name; null where there is none.
const Check* find_check(std::string_view name);

// `now` is for what says when it expires. Kept unknown for an empty name.
CheckResult check_secret(std::string_view check, std::string_view secret, Timestamp now);

// The table of docs/rules-secrets.md, in Markdown.
std::string checks_table();

}  // namespace merlon::secrets
