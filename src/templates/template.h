#pragma once

// Report templates: the part of Go's text/template and of the sprig functions that
// docs/templates.md names.
//
// The idea: a template is parsed once into a tree of nodes and rendered over what a front hands in,
// which are records with the fields of the program that it stands for (TemplateRecord). What is
// not in that part (another function) is an error of parse(), with its name, so that no report is
// written that looks right and is not.
//
// Immutable once parsed, thread-safe.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "templates/template_value.h"

namespace merlon::templates {

// A function that one front has beside those that all have.
struct OwnFunction {
    std::size_t arguments = 0;  // how many it takes
    std::function<Result<TemplateValue>(std::span<const TemplateValue> arguments)> run;
};
// Which functions there are beside a front's own.
enum class CommonFunctions : std::uint8_t {
    kSprig,  // Go's and those of sprig
    kGo,     // only what text/template has by itself
};
using OwnFunctions = std::map<std::string, OwnFunction, std::less<>>;

// Nodes that a template may show, rounds of its loops included: more than any report needs, and few
// enough to come to an end.
inline constexpr std::uint64_t kMaxTemplateSteps = 1'000'000'000;

class Template {
  public:
    struct Node;
    struct Parsed;

    // `own` are functions that only this front has, by name; one of a common name goes before it.
    static Result<Template> parse(std::string_view text, OwnFunctions own = {},
                                  CommonFunctions common = CommonFunctions::kSprig);
    // Whether Go would take what parse() or render() refused: a function that we do not have.
    static bool is_unsupported(const Error& error);
    // Appends to `out`; what was rendered before a failure stays there, as in Go. `now` is for
    // templates that print the time. Fails where the report is larger than 1 GiB or takes more than
    // `max_steps`; and where `spend`, which is told of some thousand steps at a time, says no.
    using Spend = std::function<bool(std::uint64_t steps)>;
    Status render(const TemplateValue& dot, Timestamp now, std::string& out,
                  std::uint64_t max_steps = kMaxTemplateSteps, const Spend& spend = {}) const;

  private:
    std::shared_ptr<const Parsed> parsed_;
};

}  // namespace merlon::templates
