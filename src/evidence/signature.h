#pragma once

// By what a finding is known again in a later analysis.
//
// The idea: no single hash survives every change, so an occurrence has a set of signatures, each of
// which leaves out what its algorithm does not care for. None but kPlace holds a path or a line:
// where a finding stands is a fact beside them, and evidence/matching.h weighs both. A number of
// the table below means one algorithm in one version for ever; a better one gets a new number, and
// old signatures lead to the same findings for as long as they are there.
//
// A fingerprint that ends in the number of its equals ("…:2", "…_1") is taken without that number:
// when the first of two equal lines goes, the second becomes number one and would pass for it.
// Values that are the same for everything ("requires login") are no fingerprints, nor is what a
// tool says there of the commit: its number, author, address, date.
//
// Of a package its name and version are all there is: our reports' hash of it, which leaves the
// version out, would make one of two versions in a lock file.
//
// A secret's keyed hash is another one under another key, so the key's number stands beside it, and
// what is shown of the secret, which depends on no key.
//
// Of a secret whose report says nothing of its value, everything else may be that of another one:
// line, context and message are masked. It has its place and nothing besides, and never moves.
//
// Thread-safe: no state. Cost: one SHA-256 for each signature.

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/finding.h"

namespace merlon::evidence {

// From the strongest to the weakest.
enum class Algorithm : std::uint8_t {
    kSecret = 1,           // the keyed hash of a secret's content
    kFingerprint = 2,      // what the tool says: SARIF's fingerprints, correlationGuid
    kPackage = 3,          // the package without its version
    kResource = 4,         // the fully qualified name of what it is about
    kDistinctContent = 5,  // the marked lines, white space left out, if there is enough of them
    kContent = 6,          // the same of short lines, which say little elsewhere
    kContext = 7,          // our fingerprint of masked lines, which numbers its equals
    // 8 was kSurround without the place of the marked lines: two neighbours had the same one.
    kMessage = 9,  // what the tool says of it, where there is nothing else
    kSurround =
        10,       // the lines above the marked ones, and those below: tells equals apart, no more
    kBlock = 11,  // the marked lines with those around them, if there is enough of them
    kPlace = 12,  // path and line of a secret of whose value nothing is said
    kPackageVersion = 13,  // the package with its version
    // Of secrets in our reports, for when their key changes (evidence/key_change.h), and no more:
    kSecretKey = 14,   // which key kSecret is by
    kMasked = 15,      // all that is shown of it, without path and line
    kMaskedLook = 16,  // its mask and its length alone
    kCode = 17,        // the marked lines without the comments behind them, where there are some
};
inline constexpr std::size_t kSignatureBytes = 16;

struct AlgorithmFacts {
    Algorithm algorithm;
    std::string_view name;
    // Whether equal values in different files are one finding that has moved, if nothing else has
    // that value.
    bool reaches_other_files = false;
    // Whether two findings that both have some, and none in common, cannot be one.
    bool separates = false;
    // Whether equal values mean nothing at another line, unless the code around says so: there is
    // no text of the code itself.
    bool needs_place = false;
    // Whether equal values in different files mean nothing where the code around is another.
    bool heeds_surround = false;
    // Whether it is the text of the marked lines and no more, which may be written twice.
    bool is_of_lines = false;
    // Whether it is of that text and of what stands around it, or of what a tool takes for that.
    bool is_from_lines = false;
};
inline constexpr std::array kAlgorithms{
    AlgorithmFacts{Algorithm::kSecret, "secret", true, true},
    // Before what a tool says: its fingerprint is often that of all versions.
    AlgorithmFacts{Algorithm::kPackageVersion, "package version", true, false},
    AlgorithmFacts{Algorithm::kFingerprint, "fingerprint", true, false, false, false, false, true},
    // Another version in another lock file is another program's matter.
    AlgorithmFacts{Algorithm::kPackage, "package", false, true},
    // "aws_s3_bucket.logs" is in each environment's folder.
    AlgorithmFacts{Algorithm::kResource, "resource", false, false},
    AlgorithmFacts{Algorithm::kBlock, "block", true, false, false, false, false, true},
    AlgorithmFacts{Algorithm::kDistinctContent, "content", true, false, false, true, true},
    AlgorithmFacts{Algorithm::kContent, "short content", false, false, false, false, true},
    AlgorithmFacts{Algorithm::kCode, "code", false, false, false, false, true},
    AlgorithmFacts{Algorithm::kContext, "context", false, false, false, false, true},
    AlgorithmFacts{Algorithm::kPlace, "place", false, false},
    AlgorithmFacts{Algorithm::kMessage, "message", false, false, true},
};

struct Signature {
    Algorithm algorithm = Algorithm::kMessage;
    std::array<char, kSignatureBytes> value{};
    auto operator<=>(const Signature&) const = default;
    std::string_view bytes() const { return {value.data(), value.size()}; }
};
using Signatures = std::vector<Signature>;

// The package URL up to its version, of a finding about a package; else nothing. A view into it.
std::string_view package_of(const model::Finding& finding);
// Its version, decoded; empty where the tool does not say.
std::string package_version_of(const model::Finding& finding);
// "component:NAME", as its tool calls it; empty where the finding is about no package.
std::string component_of(const model::Finding& finding);
// "pkg:npm/a@1.0?x=y" as "pkg:npm/a" and "1.0".
struct PurlParts {
    std::string_view package;
    std::string version;
};
PurlParts purl_parts(std::string_view purl);

// By which key a secret of our reports is hashed, or that it is by none: a property of it, given by
// name_secret_key().
inline constexpr std::string_view kSecretKeyProperty = "secretKey";
inline constexpr std::string_view kNoSecretKey = "none";

// Whether it is only said what others are, and never by itself that two findings are one.
constexpr bool is_beside(Algorithm algorithm) {
    return algorithm == Algorithm::kSurround || algorithm == Algorithm::kSecretKey ||
           algorithm == Algorithm::kMasked || algorithm == Algorithm::kMaskedLook;
}

// Whether a finding is looked up by one of its signatures in the whole repository: not by what
// others are told apart by alone, nor by lines with their comments where they have a signature
// without these.
bool is_looked_up(const Signature& one, const Signatures& all);

// Whether it is a secret of whose value the report says nothing.
bool is_told_by_place_only(const model::Finding& finding);

inline constexpr std::string_view kMask = "****";  // how a masked secret ends

// The characters that stay when code is indented or wrapped anew.
std::string without_space(std::string_view text);

// The marked lines without white space and the comments behind them; empty where they are not
// known, or masked.
std::string code_text(const model::Finding& finding);

// Ascending, each once. The rule is not among what is hashed: two rules never share findings, and a
// rule may get a new name.
Signatures signatures_of(const model::Finding& finding);

// Over everything that the tool says of it, place included: equal prints are the same news.
std::array<char, kSignatureBytes> print_of(std::string_view finding_as_json);

// As they stand in the store, and back. Fails for what signatures never look like.
std::string packed(const Signatures& signatures);
Result<Signatures> unpacked(std::string_view bytes);

}  // namespace merlon::evidence
