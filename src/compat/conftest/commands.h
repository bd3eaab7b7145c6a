#pragma once

// The commands of this front; the way in is run.h.

#include <string>
#include <vector>

#include "base/flags.h"
#include "compat/conftest/outputs.h"
#include "compat/conftest/run.h"

namespace merlon::compat::conftest {

// As conftest's: what is wrong with the files, the policies or the command.
inline constexpr int kFailed = 1;
// Ours: what conftest would do is not served.
inline constexpr int kNotServed = 2;

int run_test(const ParsedCommand& command, const Outside& outside);
int run_verify(const ParsedCommand& command, const Outside& outside);
int run_parse(const ParsedCommand& command, const Outside& outside);
int run_fmt(const ParsedCommand& command, const Outside& outside);

// The values of a flag that takes a list: commas part them, and it may be given several times.
std::vector<std::string> list_of(const ParsedCommand& command, std::string_view flag);
// The namespaces among `known` that a pattern of path.Match takes, in their order.
Result<std::vector<std::string>> matching_namespaces(const std::vector<std::string>& known,
                                                     const std::vector<std::string>& patterns);
struct PolicyPaths;
// --policy, --data, --rego-version and --strict.
PolicyPaths policy_paths(const ParsedCommand& command);
OutputOptions output_options(const ParsedCommand& command);

// Writes results in the format that was asked for, and what --trace shows on standard error.
int print_results(const ParsedCommand& command, const Outside& outside,
                  std::span<const CheckResult> results, const OutputOptions& options, int code);
// Writes an answer; `code`, or kNotServed with the reason on standard error.
int print(const Outside& outside, std::string_view text, int code);
// "Error: …" on standard error; kFailed.
int fail(const Outside& outside, std::string_view text);
int refuse(const Outside& outside, std::string_view text);

}  // namespace merlon::compat::conftest
