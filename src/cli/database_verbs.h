#pragma once

// Verbs of the advisory database; see command_table.cpp.
//
// Constant tables; internal to it.

#include "cli/database_flags.h"

namespace merlon::cli {

inline constexpr Verb kDatabaseVerbs[] = {
    {.path = "db build",
     .summary = "Build the advisory database from feeds in files",
     .description =
         "Reads advisories from files, directories and archives, and writes one file that 'scan "
         "packages' maps into memory. Nothing is fetched. The same records give the same bytes, "
         "with SOURCE_DATE_EPOCH the same file.\n"
         "\n"
         "What cannot be read is named, counted in the database, and makes the exit code 2. A feed "
         "that has less than half of the records that it has in the database it would replace is "
         "refused: that is what a broken mirror looks like.",
     .flags = kDbBuildFlags,
     .examples = "merlon db build --osv vulndb/data/osv --osv advisory-database/vulns\n"
                 "merlon db build --osv all.zip --kev kev.json --epss epss_scores.csv.gz\n"
                 "merlon db build --secdb secdb --debian-tracker tracker.json --database os.db"},
    {.path = "db update",
     .summary = "Fetch what has changed of the feeds, and build the advisory database of it",
     .description =
         "The one command that needs a network. Without --source and --feeds it fetches the "
         "addresses that publishers document (--list shows them). What was fetched is kept beside "
         "the database, so that an unchanged feed costs one request and an interrupted one is "
         "gone on with. HTTPS_PROXY, HTTP_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR are "
         "honoured. What has changed is appended to the database as a segment. An address that "
         "ends "
         "in .git is a Git repository, of which one commit is fetched.\n"
         "\n"
         "A feed that cannot be fetched or read is named, what is stored of it stays in use, and "
         "the exit code is 2. With --rescan the exit code is 1 where a bill of materials has a "
         "weakness that it had not before.",
     .flags = kDbUpdateFlags,
     .examples = "merlon db update\n"
                 "merlon db update --only kev --only epss\n"
                 "merlon db update --source osv=https://mirror.example/all.zip --ca-file ca.pem\n"
                 "merlon db update --rescan sboms/ --format json"},
    {.path = "db info",
     .summary = "Say what the advisory database holds: feeds, their ages and licences",
     .flags = kDbFlags,
     .examples = "merlon db info --format json"},
    {.path = "db verify",
     .summary = "Check each page of the advisory database, and its signature",
     .flags = kDbVerifyFlags,
     .examples = "merlon db verify"},
    {.path = "db export",
     .summary = "Print the records as OSV JSON, one a line",
     .flags = kDbFlags,
     .examples = "merlon db export > advisories.jsonl"},
    {.path = "db diff",
     .summary = "List the records that two databases do not have in common",
     .description = "Exit code 1 where there are any.",
     .arguments = "OLD NEW",
     .max_arguments = 2,
     .examples = "merlon db diff yesterday.db today.db"},
    {.path = "db compare",
     .summary = "Compare two versions as an ecosystem's own tool does",
     .description =
         "Prints <, = or >. SCHEME is semver, npm, cargo, go, pypi, maven, gem, composer, nuget, "
         "pub, hex, hackage, cran, dpkg, rpm, apk, alpm, gentoo, conan, conda, openssl, nginx, "
         "intdot, datetime or lexicographic. With - in place of the versions, reads a pair 'A B' "
         "a line from standard input (or A and B with a tabulator between) and prints one sign a "
         "line; a line that is no pair gives ?, and the exit code is 2.",
     .arguments = "SCHEME A B|-",
     .max_arguments = 3,
     .argument_kind = ArgumentKind::kText,
     .flags = kDbCompareFlags,
     .examples = "merlon db compare maven 1.0-alpha-1 1.0\n"
                 "merlon db compare pypi 1.0rc1 1.0.post1 --explain\n"
                 "merlon db compare dpkg - < pairs.txt"},
};

}  // namespace merlon::cli
