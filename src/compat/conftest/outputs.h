#pragma once

// conftest's formats of results: stdout, json, tap, table, junit, github, azuredevops, sarif.
//
// Facts of conftest 0.71.1, down to the bytes. Thread-safe: no state. Cost: linear.

#include <span>
#include <string>
#include <string_view>

#include "compat/conftest/results.h"

namespace merlon::compat::conftest {

enum class Colors : unsigned char { kNone, kAnsi };
enum class Skipped : unsigned char { kHidden, kCounted };
enum class Exceptions : unsigned char { kShown, kHidden };
enum class JunitMessages : unsigned char { kShown, kHidden };
enum class PassedFiles : unsigned char { kShown, kHidden };

struct OutputOptions {
    Colors colors = Colors::kAnsi;
    Skipped skipped = Skipped::kHidden;
    Exceptions exceptions = Exceptions::kShown;
    JunitMessages junit_messages = JunitMessages::kShown;
    PassedFiles github_passed = PassedFiles::kShown;
    std::string folder = {};  // the working directory, for paths relative to it
};

// An unknown format is stdout with colours, as for conftest.
std::string output_text(std::string_view format, std::span<const CheckResult> results,
                        const OutputOptions& options);

// What --trace shows beside them.
std::string trace_text(std::span<const CheckResult> results, const OutputOptions& options);

std::string standard_text(std::span<const CheckResult> results, const OutputOptions& options);
std::string json_text(std::span<const CheckResult> results);
std::string tap_text(std::span<const CheckResult> results);
std::string table_text(std::span<const CheckResult> results);
std::string junit_text(std::span<const CheckResult> results, const OutputOptions& options);
std::string github_text(std::span<const CheckResult> results, const OutputOptions& options);
std::string azure_text(std::span<const CheckResult> results);
std::string sarif_text(std::span<const CheckResult> results);

}  // namespace merlon::compat::conftest
