#pragma once

// What a team has said about findings and gaps that it knows: inline comments, ignore entries, the
// baseline, accepted gaps.
//
// The idea: a suppression is bound to the content of the secret and not to its place, so it
// survives moves and never hides a new secret that happens to stand on the same line. The content
// is held as HMAC-SHA256 under the repository's key. Every entry has a reason and may have an
// expiry; an expired one reports again.
//
// Values; thread-safe to read. Errors name file and line.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/coverage.h"
#include "model/finding.h"
#include "secrets/config.h"

namespace merlon::scan {

// A line of `.merlon/ignore`: ID RULE EXPIRES REASON…, where ID is a finding's secret id, RULE a
// rule id or '*', EXPIRES a date or '-'. '#' begins a comment.
struct IgnoreEntry {
    std::string secret_id;
    std::string rule_id;
    std::string expires;  // empty: never
    std::string reason;
    std::string place;  // "FILE:LINE", for who has to mend it
};

Result<std::vector<IgnoreEntry>> read_ignore_entries(std::string_view text,
                                                     const std::string& file);

// A line of `.merlon/revoked`: ID DATE REASON…, where DATE is the day on which it was noted. What
// stands there opens nothing any more: it is shown, and fails no run.
struct RevokedEntry {
    std::string secret_id;
    std::string date;
    std::string reason;
};

Result<std::vector<RevokedEntry>> read_revoked_entries(std::string_view text,
                                                       const std::string& file);

// The findings that a team starts with: (rule, secret id), in a JSON file of version 1.
struct BaselineEntry {
    std::string rule_id;
    std::string secret_id;
    auto operator<=>(const BaselineEntry&) const = default;
};

Result<std::vector<BaselineEntry>> read_baseline(std::string_view json, const std::string& file,
                                                 const CancelToken* cancel = nullptr);
std::string write_baseline(std::span<const model::Finding> findings);

// A gap of `.merlon.yaml` (coverage.accept).
struct GapAcceptance {
    std::string path;  // a glob over the gap's path
    model::GapCause cause = model::GapCause::kReadError;
    std::string reason;
    std::string expires;  // empty: never
};

struct Suppressions {
    std::vector<IgnoreEntry> ignored;
    std::vector<RevokedEntry> revoked;
    std::vector<BaselineEntry> baseline;  // sorted
    std::vector<GapAcceptance> accepted_gaps;
};

// Marks findings that are ignored, revoked or in the baseline; expired entries leave a notice
// instead.
void apply(const Suppressions& suppressions, Timestamp now, std::vector<model::Finding>& findings,
           std::vector<std::string>& notices);

// What each ignore entry says that names a rule which is none of `config`, and so counts for
// nothing.
std::vector<std::string> unknown_rule_notices(std::span<const IgnoreEntry> entries,
                                              const secrets::Config& config);

// Moves accepted gaps from `coverage.gaps` to `coverage.accepted`.
void accept_gaps(const Suppressions& suppressions, Timestamp now, model::Coverage& coverage,
                 std::vector<std::string>& notices);

// The lines for `.merlon.yaml` that would accept these gaps.
std::string acceptance_lines(std::span<const model::Gap> gaps);

// What comments in the lines of a finding say about its rule.
struct InlineAllowance {
    std::optional<std::string> reason;  // it is allowed
    bool names_no_rule = false;         // a `merlon:allow` alone, which allows nothing
    std::string other_rule;             // else the first rule that one names
};

// `merlon:allow RULE reason` in one of `lines`, for this rule (or '*'); gitleaks's `gitleaks:allow`
// holds for every rule.
InlineAllowance inline_allowance(std::span<const std::string_view> lines, std::string_view rule_id);

// The text of a key file as the key.
Result<std::string> parse_key(std::string_view text, const std::string& key_file);

// The key that secrets are hashed under: `environment_key` (MERLON_KEY) if set, else the file,
// which is made where `create` says so. nullopt where there is none.
enum class CreateKey : std::uint8_t { kNo, kYes };
Result<std::optional<std::string>> repository_key(const std::optional<std::string>& environment_key,
                                                  const std::string& key_file, CreateKey create);

}  // namespace merlon::scan
