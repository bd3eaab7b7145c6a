#pragma once

// The flags of the advisory database; see command_flags.h.
//
// Constant tables; internal to command_table.cpp.

#include "cli/command_flags.h"

namespace merlon::cli {

inline constexpr Flag kDatabaseFlag = {
    .name = "database",
    .kind = ValueKind::kPath,
    .value_name = "FILE",
    .help = "the advisory database, by default advisories.db in the state directory"};

// A feed that may be named several times.
constexpr Flag feed_flag(std::string_view name, std::string_view help) {
    return files_flag(name, help, "PATH");
}

inline constexpr Flag kSignKeyFlag = {
    .name = "sign-key",
    .kind = ValueKind::kPath,
    .value_name = "FILE",
    .help = "sign with the Ed25519 key in FILE: 64 hexadecimal digits"};
inline constexpr Flag kForceFlag = {
    .name = "force",
    .help = "replace what is there, also by feeds that have lost half of their records"};

inline constexpr Flag kDbBuildFlags[] = {
    kDatabaseFlag,
    feed_flag("osv", "OSV records as JSON or YAML: a directory, a file, a zip or tar"),
    feed_flag("secdb", "secdb files of Alpine, Wolfi or Chainguard"),
    feed_flag("debian-tracker", "the JSON of Debian's security tracker"),
    feed_flag("rustsec", "RustSec's advisories in Markdown"),
    feed_flag("rubysec", "the ruby-advisory-db"),
    feed_flag("kev", "CISA's known exploited vulnerabilities, JSON or CSV"),
    feed_flag("epss", "FIRST's exploit predictions, CSV, also with .gz"),
    feed_flag("nvd", "NVD's JSON 2.0, also with .gz: severities of what states none"),
    feed_flag("csaf", "CSAF advisories and VEX of Red Hat and SUSE"),
    kSignKeyFlag,
    kForceFlag,
};

inline constexpr Flag kDbUpdateFlags[] = {
    kDatabaseFlag,
    {.name = "store",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "the evidence store whose bills of materials are held against what is new; by default "
             "the one in the state directory, where there is one"},
    {.name = "feeds",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "a list of feeds instead of Merlon's own; see rules/advisories/feeds.toml"},
    {.name = "source",
     .kind = ValueKind::kText,
     .value_name = "KIND=ADDRESS",
     .help = "read this instead of the list: an address, a file, a folder, a Git repository",
     .repeat = Repeat::kMany},
    {.name = "only",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "fetch this feed alone; of the others what is stored stays in use",
     .repeat = Repeat::kMany},
    {.name = "mirror",
     .kind = ValueKind::kText,
     .value_name = "URL",
     .help = "fetch URL/HOST/PATH in place of each https://HOST/PATH"},
    {.name = "ca-file",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "believe these certificate authorities (PEM), beside the system's"},
    {.name = "idle-timeout",
     .kind = ValueKind::kInteger,
     .value_name = "SECONDS",
     .help = "give a connection up when nothing came for so long [default 30]"},
    {.name = "rescan",
     .kind = ValueKind::kPath,
     .value_name = "DIR",
     .help = "then say what the database says anew of the bills of materials in DIR"},
    {.name = "offline", .help = "fetch nothing; build from what was fetched before"},
    {.name = "compact", .help = "make one of the database and its segments, as db build does"},
    {.name = "list", .help = "print the feeds with their addresses and licences, and stop"},
    kSignKeyFlag,
    kForceFlag,
    {.name = "no-sandbox", .help = "keep network and writing while the feeds are read"},
};

inline constexpr Flag kDbFlags[] = {kDatabaseFlag};

inline constexpr Flag kDbVerifyFlags[] = {
    kDatabaseFlag,
    {.name = "public-key",
     .kind = ValueKind::kText,
     .value_name = "HEX",
     .help = "fail unless this key signed it"},
};

inline constexpr Flag kDbCompareFlags[] = {
    {.name = "explain", .help = "say what decided, and what the scheme's own tool refuses"},
};

}  // namespace merlon::cli
