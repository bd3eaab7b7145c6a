#pragma once

// The flags that several verbs share, and what tables of them are made of: scan_flags.h,
// database_flags.h, evidence_flags.h and gate_flags.h have those of each verb, and the verbs that
// take them are in files beside them (scan_verbs.h and so on).
//
// The idea: a flag that several verbs share stands once, and a verb's table is made of parts at
// compile time, so that help, man page, completions and reference say the same of it everywhere.
//
// Constant tables; internal to command_table.cpp.

#include <algorithm>
#include <array>
#include <iterator>

#include "base/flags.h"

namespace merlon::cli {

// The flags that most verbs are made of.
constexpr Flag text_flag(std::string_view name, std::string_view value_name,
                         std::string_view help) {
    return {.name = name, .kind = ValueKind::kText, .value_name = value_name, .help = help};
}
constexpr Flag file_flag(std::string_view name, std::string_view help) {
    return {.name = name, .kind = ValueKind::kPath, .value_name = "FILE", .help = help};
}
// One that may be named several times.
constexpr Flag files_flag(std::string_view name, std::string_view help,
                          std::string_view value_name = "FILE") {
    return {.name = name,
            .kind = ValueKind::kPath,
            .value_name = value_name,
            .help = help,
            .repeat = Repeat::kMany};
}

inline constexpr Flag kGlobalFlags[] = {
    {.name = "format",
     .short_name = 'f',
     .kind = ValueKind::kChoice,
     .value_name = "FORMAT",
     .default_text = "table",
     .choices = "table|json|sarif|junit|markdown|html|csv",
     .help = "how to print the answer; most verbs that are no scan know table and json",
     .only_for = "scan|hook run|diff|licenses|sbom diff|rules list|rules show|rules checks|rules "
                 "test|doctor|man|db update|db info|"
                 "db diff|import|findings|trace|store info|audit log|audit checkpoint|audit verify|"
                 "audit rotate|gate|"
                 "jobs list|jobs show|webhooks list"},
    {.name = "output",
     .short_name = 'o',
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "write the report to FILE, or as FORMAT=FILE in another format; - is standard output",
     .repeat = Repeat::kMany,
     .only_for = "scan|hook run|sbom|diff|licenses"},
    {.name = "config",
     .short_name = 'c',
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help =
         "the configuration; by default .merlon.yaml at the root of the repository, else in PATH",
     .only_for =
         "scan|hook run|diff|licenses|db update|gate pr|gate release|gate deploy|findings report|"
         "approve|reject|except"},
    {.name = "quiet", .short_name = 'q', .help = "no progress, no notices, no summary"},
    {.name = "no-color", .help = "no colour, as with NO_COLOR in the environment"},
    {.name = "threads",
     .short_name = 'j',
     .kind = ValueKind::kInteger,
     .value_name = "N",
     .default_text = "0",
     .help = "workers; 0 is one for each processor",
     .only_for = "scan|hook run|sbom|diff|licenses|db build|db update"},
};

inline constexpr Flag kBaselineFlag = {.name = "baseline",
                                       .kind = ValueKind::kPath,
                                       .value_name = "FILE",
                                       .help = "findings that are known and do not count"};
inline constexpr Flag kWriteBaselineFlag = {
    .name = "write-baseline",
    .kind = ValueKind::kPath,
    .value_name = "FILE",
    .help = "write today's findings as a baseline, and exit with 0 for them"};
inline constexpr Flag kExcludeFlag = {.name = "exclude",
                                      .kind = ValueKind::kText,
                                      .value_name = "GLOB",
                                      .help = "leave out what matches, as in .gitignore",
                                      .repeat = Repeat::kMany};

inline constexpr Flag kStoreFlag = {
    .name = "store",
    .kind = ValueKind::kPath,
    .value_name = "FILE",
    .help = "the evidence store, by default evidence.db in the state directory"};

inline constexpr Flag kRepositoryFlag = {
    .name = "repository",
    .kind = ValueKind::kText,
    .value_name = "NAME",
    .help = "what was looked at, such as github.com/acme/shop; by default what the report says"};

// The flags of a verb that takes more than another one.
template <std::size_t kMore, std::size_t kCount>
constexpr std::array<Flag, kCount + kMore> with_flags(const Flag (&flags)[kCount],
                                                      const Flag (&more)[kMore]) {
    std::array<Flag, kCount + kMore> all{};
    std::ranges::copy(flags, all.begin());
    std::ranges::copy(more, all.begin() + kCount);
    return all;
}

}  // namespace merlon::cli
