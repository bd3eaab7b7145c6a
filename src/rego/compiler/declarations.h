#pragma once

// What built-in functions take and give: their operands' types and their result's, in OPA's words
// ("any<string, array[string]>"), which its errors quote.
//
// Facts of OPA 1.22.2 (its capabilities.json). Thread-safe: constants. Cost: a binary search.

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "rego/builtins.h"

namespace merlon::rego::compiler {

struct Declaration {
    std::string_view name;
    std::string_view operands;  // "name: type", with "; " between them; some have no name
    std::string_view result;    // empty: it succeeds and yields nothing

    int arity() const;
    // print takes any number of operands.
    bool is_variadic() const { return name == "print"; }
    // walk yields all elements of its result, one after the other.
    bool is_relation() const { return name == "walk"; }
};

// OPA's, by name.
std::span<const Declaration> all_declarations();

// A built-in of the program around the engine, as Trivy and tests have some.
struct ExtraBuiltin {
    Declaration declaration;
    Builtin builtin;
};

// OPA's built-ins and those that a compilation brings: what a name stands for.
class KnownBuiltins {
  public:
    using NameSet = std::set<std::string, std::less<>>;

    KnownBuiltins() = default;
    // `only`: the others are as good as absent; null: all are there. Both are borrowed.
    explicit KnownBuiltins(std::span<const ExtraBuiltin> extras, const NameSet* only = nullptr)
        : extras_(extras), only_(only) {}

    // Null where there is no built-in of that name.
    const Declaration* declaration(std::string_view name) const;
    const Builtin* function(std::string_view name) const;

  private:
    std::span<const ExtraBuiltin> extras_;
    const NameSet* only_ = nullptr;
};

// Whether what is called must be known. Where it need not, bodies keep their order and nothing is
// said of variables that are not bound: what an unknown function binds is not known either. Such a
// policy can be looked into and not run.
enum class UnknownCalls : std::uint8_t { kWrong, kAllowed };

// What a built-in gets to know beyond its operands.
enum class Reach : std::uint8_t { kNothing, kNetwork, kClock, kEnvironment, kChance };
Reach reach_of(std::string_view name);

}  // namespace merlon::rego::compiler
