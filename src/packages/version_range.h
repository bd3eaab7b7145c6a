#pragma once

// Ranges of versions: as VERS writes them (package-url/vers-spec), as advisories do, and as the
// manifests of each ecosystem do.
//
// The idea: every syntax becomes alternatives of constraints: a version is inside if all
// constraints of one alternative hold. That is how most syntaxes are written, it keeps each bound
// as it was stated, and it is right where the order of versions has circles. Sorted intervals and
// the VERS text are derived from it.
//
// A bound such as npm's ^1.2.3 stops before the prereleases of 2.0.0, and >1.0 of Python begins
// behind the post-releases of 1.0: an Edge says so, because no version does.
//
// Value types, thread-safe. Cost: linear in the text, at most kMaxRangeBytes and kMaxConstraints;
// the intervals cost as much for each exclusion.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "packages/ecosystem.h"

namespace merlon::packages {

inline constexpr std::size_t kMaxRangeBytes = 1 << 16;
inline constexpr std::size_t kMaxConstraints = 4096;
inline constexpr std::size_t kMaxExclusions = 128;  // each divides intervals

enum class Comparator : std::uint8_t {
    kLess,
    kLessOrEqual,
    kEqual,
    kNotEqual,
    kGreaterOrEqual,
    kGreater
};

enum class Edge : std::uint8_t {
    kExact,
    kBeforePrereleases,  // below every prerelease of the version, too
    kBehindRevisions,    // above every post-release of the version, too
};

struct Constraint {
    Comparator comparator = Comparator::kEqual;
    std::string version;
    Edge edge = Edge::kExact;
    bool operator==(const Constraint&) const = default;
};

// All of them hold; none: every version.
using Constraints = std::vector<Constraint>;

// One side of an interval; inclusive unless the comparator is < or >.
struct Interval {
    std::optional<Constraint> lower, upper;
    bool operator==(const Interval&) const = default;
};

struct VersionRange {
    VersionScheme scheme = VersionScheme::kSemver;
    std::vector<Constraints> alternatives;  // none: no version
    // Of what VERS may write in any place: versions that are out, whatever else holds.
    std::vector<std::string> excluded;

    bool contains(std::string_view version) const;
    // The same as intervals that do not touch, ascending. What is excluded divides one.
    std::vector<Interval> intervals() const;
};

// How an ecosystem, or a kind of advisory, writes ranges.
enum class RangeSyntax : std::uint8_t {
    kNpm,       // node-semver: ^1.2 || ~1.2.3 || 1.x || 1.0 - 2.0
    kPip,       // PEP 440 specifiers: ~=1.2, !=1.3.*
    kPoetry,    // those, with ^, ~ and ||
    kGem,       // ~> 1.2, != 1.3
    kComposer,  // ^1.2 || ~1.2 || 1.2.* || 1.0 - 2.0
    kMaven,     // [1.0,2.0),(3.0,]
    kNuget,     // the same, 1.0 for at least that, 1.*
    kCargo,     // bare is ^
    kHex,       // ~> 1.2 and != 1.3 or 2.0.0
    kPub,       // ^1.2.3, >=1.0.0 <2.0.0, any
    kConan,     // >1 <2 || ^3.2
    kNginx,     // 0.8.40+, 0.7.52-0.8.39
    kOpenssl,   // versions with commas between
    kGo,        // what a go.mod asks for: that or later, of the same major version
    kAdvisory,  // GitHub's and Grype's: >= 1, < 2 || = 3
};

// The syntax that the manifests of an ecosystem use; nothing where it has none.
std::optional<RangeSyntax> range_syntax_of(Ecosystem ecosystem);
// By a name of VERS: "npm", "pypi", "gem".
std::optional<RangeSyntax> range_syntax_of_vers_type(std::string_view type);

// `scheme` orders the versions; of most syntaxes it is the ecosystem's own. Fails with the part
// that is no constraint.
Result<VersionRange> parse_version_range(RangeSyntax syntax, VersionScheme scheme,
                                         std::string_view text);

enum class VersSpelling : std::uint8_t {
    kCanonical,  // as the specification wants it: sorted, no space, canonical percent-encoding
    kForgiving,  // in any order
};

// A range as VERS writes it, with its constraints sorted.
struct Vers {
    std::string type;
    VersionScheme scheme = VersionScheme::kSemver;
    Constraints constraints;
    bool any = false;  // vers:npm/*

    VersionRange range() const;
};

Result<Vers> parse_vers(std::string_view text, VersSpelling spelling = VersSpelling::kForgiving);
// What a range is in VERS; edges are lost, as VERS has none.
Vers vers_of(const VersionRange& range, std::string_view type);
std::string to_string(const Vers& vers);

}  // namespace merlon::packages
