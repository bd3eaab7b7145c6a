#pragma once

// The commands of this front; the way in is run.h.

#include "base/flags.h"
#include "compat/opa/run.h"
#include "rego/builtins.h"
#include "rego/bundle/bundle.h"
#include "rego/compiler/compiler.h"
#include "rego/syntax/parser.h"

namespace merlon::compat::opa {

// OPA's: everything that is wrong, and everything that could not be looked at.
inline constexpr int kFailed = 2;
// Flags or arguments that contradict each other.
inline constexpr int kWronglyAsked = 1;

int run_eval(const ParsedCommand& command, const Outside& outside);
int run_fmt(const ParsedCommand& command, const Outside& outside);
int run_check(const ParsedCommand& command, const Outside& outside);
int run_parse(const ParsedCommand& command, const Outside& outside);
int run_test(const ParsedCommand& command, const Outside& outside);
// run_test() now and whenever a file of the arguments changes, until it is cancelled.
int watch_tests(const ParsedCommand& command, const Outside& outside);
int run_bench(const ParsedCommand& command, const Outside& outside);
int run_repl(const ParsedCommand& command, const Outside& outside);
int run_build(const ParsedCommand& command, const Outside& outside);
int run_inspect(const ParsedCommand& command, const Outside& outside);
int run_deps(const ParsedCommand& command, const Outside& outside);
int run_capabilities(const ParsedCommand& command, const Outside& outside);
int run_exec(const ParsedCommand& command, const Outside& outside);
int run_sign(const ParsedCommand& command, const Outside& outside);
int run_explain(const ParsedCommand& command, const Outside& outside);

// What --v0-compatible says.
rego::syntax::RegoVersion version_of(const ParsedCommand& command);
// Of a flag that takes a list: commas part its values as well.
std::vector<std::string> values_of(const ParsedCommand& command, std::string_view flag);
class Loader;
// Reads the arguments of check and test: policies and data, or bundles with --bundle. Once for a
// loader; what is wrong is in its errors.
void load_arguments(const ParsedCommand& command, const Outside& outside, Loader& loader);
// Of commands that hand on what a bundle says: the one that is signed and that nobody verified, as
// an error; empty: none.
std::string unverified_bundle(const ParsedCommand& command, const Loader& loader);
// What --signing-key and its like say.
Result<rego::bundle::Signing> signing_of(const ParsedCommand& command, Loader& loader);
// Reads --data and --bundle; of the two those that the command has.
void load_data(const ParsedCommand& command, const Outside& outside, Loader& loader);
// Time, chance and time zones, as an evaluation sees them.
rego::World world_of(const Outside& outside);

// "Error: …" and how the command is called on standard error, as cobra does; kWronglyAsked.
int wrongly_asked(const ParsedCommand& command, const Outside& outside, std::string_view text);

// Writes an answer; `code`, or kFailed with the reason on standard error.
int print(const Outside& outside, std::string_view text, int code);

}  // namespace merlon::compat::opa
