#pragma once

// The one language in which findings are asked for: on the command line, in the API, in the pages.
//
//   is:open sev:>=high tool:semgrep path:src/** -rule:todo owner:payments age:>30d "sql injection"
//
// The idea: a list of terms that all have to hold. A term is key:value or a word; values separated
// by commas are alternatives; a minus in front turns a term round. What is not known is an error
// that names what is, because a filter that silently means something else hides findings.
//
//   is      open, closed (not open), suppressed (by its tool or a decision), present, unknown,
//   gone,
//           unowned
//   sev     critical … info; with >=, >, <=, < in front a range
//   tool    the tool's name in lower case; it, a repo and a ref may have * for any characters, and
//           one that the store does not have is an error
//   rule    the rule's id, or with * a pattern
//   path    a file or folder, or a glob
//   repo    the scope's name; ref: a branch that it is present in
//   owner   whose it is, or one of several: acme/payments or payments; none: nobody's
//   age     since it was first seen: >30d, <=12h, with h, d, w, y
//   decision  what was decided: none, false_positive, not_affected, accepted, will_fix, affected,
//           under_investigation, fixed
//   expires until its decision ends: <30d
//   id      its number
// A word is looked for at the beginnings of words in title, rule and path, whatever their case:
// "pass" finds "hardcodedPassword". What has spaces or signs in it stands there as it is.
//
// Thread-safe: no state. Cost: linear in the text, which is bounded.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::evidence {

enum class FilterKey : std::uint8_t {
    kIs,
    kSeverity,
    kTool,
    kRule,
    kPath,
    kScope,
    kRef,
    kOwner,
    kAge,
    kDecision,
    kExpires,
    kId,
    kText,
};

enum class Comparison : std::uint8_t { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

struct FilterTerm {
    FilterKey key = FilterKey::kText;
    bool is_negated = false;
    Comparison comparison = Comparison::kEqual;
    // Alternatives. Severities, verdicts, ids, and times in seconds stand in `numbers`.
    std::vector<std::string> texts = {};
    std::vector<std::int64_t> numbers = {};
    bool operator==(const FilterTerm&) const = default;
};

using Filter = std::vector<FilterTerm>;

// "30d" in seconds, with h, d, w or y; nothing for any other form.
std::optional<std::int64_t> parse_span_s(std::string_view text);

// Fails with the offset of the term that is wrong.
Result<Filter> parse_filter(std::string_view text);

}  // namespace merlon::evidence
