#pragma once

// The advisory database as the verbs of `db` share it: where it stands, what it is signed with, and
// how a new one takes the place of an old one.
//
// Thread-safe: no state. Errors say what to do.

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/flags.h"
#include "base/result.h"
#include "cli/environment.h"
#include "crypto/digest.h"
#include "crypto/signature.h"
#include "sca/database.h"
#include "scan/advisories.h"

namespace merlon::cli {

// "2026-01-31T23:59:59Z"
std::string time_text(std::int64_t seconds);

// Reproducible builds (reproducible-builds.org/specs/source-date-epoch): the time that is written
// in place of now.
Result<std::optional<std::int64_t>> source_date(const Environment& environment);
std::int64_t now_s(const Environment& environment);

// A key as hexadecimal digits; white space behind them is left out.
template <typename Key>
Result<Key> parse_key(std::string text, std::string_view what) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
        text.pop_back();
    }
    const auto raw = crypto::from_hex(text);
    Key key{};
    if (!raw.ok() || raw.value().size() != key.size()) {
        return Error{
            fmt::format("{} is not a key: expected {} hexadecimal digits", what, 2 * key.size())};
    }
    std::ranges::copy(raw.value(), key.begin());
    return key;
}

// What --sign-key names.
Result<std::optional<crypto::SecretKey>> sign_key_of(const ParsedCommand& command);

// --threads, or the number of cores.
unsigned threads_of(const ParsedCommand& command);

// The database that --database names, else the one in the state directory.
std::string database_path(const ParsedCommand& command, const Environment& environment);

// What it holds, for people.
void append_info(const sca::DatabaseInfo& info, const std::string& path, std::string& out);

// Writes what was built to where the command says, and appends what it holds to `out`. Fails where
// that would replace another program's file, or a feed has lost half of its records, unless --force
// is set; what is there stays then. A database that another version of Merlon wrote is replaced;
// what its feeds held is then what `remembered` says.
Status store_database(const ParsedCommand& command, const Environment& environment,
                      std::string bytes, std::span<const sca::FeedInfo> remembered,
                      std::string& out);

// The first of them on standard error, and how many more there are.
void tell_problems(const Environment& environment, std::span<const scan::FeedProblem> problems);

}  // namespace merlon::cli
