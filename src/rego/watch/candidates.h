#pragma once

// Which rules of a set an evaluation looks at: those that what is known of `input`, `data` and the
// arguments does not exclude.
//
// The idea: a body says of references what they must be (`input.x == "a"`, `input.role in roles`,
// `startswith(input.path, "/v1")`); a rule one of whose references is something else cannot hold.
// What looks like a detail of speed can be seen: traces, coverage and profiles leave out what is
// excluded.
//
// Standard: OPA 1.22.2, ast.RuleIndex; what `and` and `or` say is not taken into account.
// Not thread-safe. Cost: a look at each constraint of each rule.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "rego/watch/nodes.h"

namespace merlon::rego::watch {

enum class Root : std::uint8_t { kInput, kData, kArgument };

// A reference without variables, or an argument by its number.
struct KnownReference {
    Root root = Root::kInput;
    std::vector<value::Value> path = {};
    std::size_t argument = 0;

    bool operator==(const KnownReference& other) const = default;
};

enum class Indexing : std::uint8_t { kOn, kOff };

struct Candidates {
    // The first rules of the chains of `else` that are left, each with what is left behind it.
    std::vector<std::vector<const RuleSteps*>> chains = {};
    const RuleSteps* fallback = nullptr;
    bool ends_early = false;  // they all give one constant: the first that holds decides

    bool is_empty() const { return chains.empty() && fallback == nullptr; }
    bool has_else() const {
        return std::ranges::any_of(chains, [](const auto& chain) { return chain.size() > 1; });
    }
};

// The longest path that any of the rules has, but no more than `most`.
std::size_t longest_path(const Candidates& candidates, std::size_t most);

class CandidateFinder {
  public:
    // What the reference is now; nothing where it is undefined; the unknown excludes no rule.
    using Resolve = std::function<std::optional<value::Value>(const KnownReference&)>;

    CandidateFinder(const RuleSet& rules, const compiler::RuleTree& tree);

    // Whether all rules that are found are looked at, or none behind the first that holds.
    enum class Asked : std::uint8_t { kFirstThatHolds, kAll };
    Candidates find(const Resolve& resolve, Indexing indexing,
                    Asked asked = Asked::kFirstThatHolds) const;

  private:
    enum class Kind : std::uint8_t {
        kAnything,
        kEqual,
        kShape,  // an array with variables
        kPrefix,
        kSuffix,
        kMember,
        kGlob,
    };
    struct Constraint {
        KnownReference reference;
        Kind kind = Kind::kAnything;
        std::string_view variable = {};  // of kAnything: it has the reference's value
        value::Value value = {};
        Nodes shape = {};
        std::vector<std::string> glob = {};  // its parts; "*" is any
        std::string delimiters = {};
    };
    struct Membership {
        KnownReference key;
        KnownReference collection;
    };
    struct Ruled {
        std::vector<Constraint> constraints;
        std::vector<Membership> memberships;
    };
    struct Reading;  // of one rule's body

    static bool fits(const Constraint& constraint, const value::Value& value);
    static bool fits_all(const Ruled& ruled, const Resolve& resolve);
    static bool is_member(const Membership& membership, const Resolve& resolve);

    const RuleSet& rules_;
    std::vector<Ruled> ruled_;  // beside rules_.rules
    bool may_end_early_ = false;
};

}  // namespace merlon::rego::watch
