#pragma once

// What the fronts of other package scanners (compat/trivy, compat/grype, compat/osv_scanner) share:
// how their command lines are read, how their arguments become examined packages, and how an
// incomplete run is told. The fronts keep what is the peer's alone: its flags, its words and its
// outputs.
//
// The idea: one table of flags for each front, read by the program's own reader of flags, so that
// help and completions follow; a row says whether Merlon does what the flag asks for. A flag that
// it does not serve yet ends the run with exit code 2 before anything is scanned, because what was
// asked for would not have been looked at. Everything of the outside comes in through PeerOutside.
//
// Not thread-safe; a scan starts its own workers.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/flags.h"
#include "base/result.h"
#include "base/text_sink.h"
#include "exchange/bom.h"
#include "scan/packages_scan.h"
#include "scan/peer_settings.h"
#include "scan/weakness_bom.h"
#include "scan/weakness_words.h"
#include "secrets/program.h"

namespace merlon::scan {

inline constexpr int kPeerIncomplete = 2;

// What becomes of a peer's flag.
enum class Served : std::uint8_t {
    kYes,
    kWithoutEffect,  // about something that Merlon does not do: downloads, caches, progress
    kNotYet,         // would change the result
};

struct PeerFlag {
    Flag flag;
    Served served = Served::kYes;
    std::string_view neutral = {};  // of kNotYet: the value that asks for nothing
};

// Rows of such a table: with one value, with several, with none.
constexpr PeerFlag text_flag(std::string_view name, std::string_view help,
                             Served served = Served::kYes, char short_name = 0) {
    return {{.name = name,
             .short_name = short_name,
             .kind = ValueKind::kText,
             .value_name = "VALUE",
             .help = help},
            served};
}
constexpr PeerFlag list_flag(std::string_view name, std::string_view help,
                             Served served = Served::kYes, char short_name = 0) {
    PeerFlag flag = text_flag(name, help, served, short_name);
    flag.flag.repeat = Repeat::kMany;
    return flag;
}
constexpr PeerFlag switch_flag(std::string_view name, std::string_view help,
                               Served served = Served::kYes, char short_name = 0) {
    return {{.name = name, .short_name = short_name, .help = help}, served};
}

// A command that a peer has and Merlon does not serve yet: it takes anything, and is refused.
constexpr Verb verb_not_yet(std::string_view path) {
    return {.path = path,
            .summary = "not served yet",
            .arguments = "[ARGUMENTS…]",
            .max_arguments = kAnyNumber,
            .visibility = Visibility::kHidden};
}

// Merlon's own, which every front takes.
inline constexpr std::array kOwnPeerFlags{
    PeerFlag{{.name = "database",
              .kind = ValueKind::kPath,
              .value_name = "FILE",
              .help = "Merlon: the advisory database; by default the one that 'merlon db' keeps"}},
    PeerFlag{{.name = "max-database-age",
              .kind = ValueKind::kInteger,
              .value_name = "DAYS",
              .default_text = "7",
              .help = "Merlon: an older database makes the run incomplete; 0: any age will do"}},
    PeerFlag{{.name = "exact-exit",
              .help = "Merlon: the peer's exit code even where something could not be read"}},
    PeerFlag{{.name = "threads",
              .kind = ValueKind::kInteger,
              .value_name = "N",
              .default_text = "0",
              .help = "Merlon: workers; 0 is one for each processor"}},
};

// A front's flags with Merlon's own behind them, and the same as the flag reader takes them.
template <std::size_t kCount>
constexpr auto with_own_flags(const std::array<PeerFlag, kCount>& flags) {
    std::array<PeerFlag, kCount + kOwnPeerFlags.size()> all;
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = i < kCount ? flags[i] : kOwnPeerFlags[i - kCount];
    return all;
}
template <std::size_t kCount>
constexpr auto plain_flags(const std::array<PeerFlag, kCount>& flags) {
    std::array<Flag, kCount> plain;
    for (std::size_t i = 0; i < kCount; ++i) plain[i] = flags[i].flag;
    return plain;
}

struct PeerOutside {
    EnvironmentLookup variable;
    std::function<Status(std::string_view text)> write_output;
    std::function<void(std::string_view text)> write_error;
    const Clock* clock = nullptr;
    const CancelToken* cancel = nullptr;
    std::string database;  // where 'merlon db' keeps it; empty: nowhere
    std::string version;   // Merlon's
    // Merlon's own rules for secrets, compiled when they are asked for.
    std::function<Result<secrets::Program>()> secret_rules;
};

struct PeerCommand {
    std::string_view tool;  // "trivy"
    const CommandTable* table = nullptr;
    std::span<const PeerFlag> flags;
};

// Reads the words behind the peer's name. A switch may have a value behind '='. The variables are
// the peer's own (TRIVY_SEVERITY), for Merlon's flags MERLON_….
Result<ParsedCommand> parse_peer_command(const PeerCommand& peer, std::vector<std::string> words,
                                         const EnvironmentLookup& variable);
// Fails for a command or a flag that is not served yet, and names it.
Status check_served(const PeerCommand& peer, const ParsedCommand& command);
// The values of a flag that takes several behind each other, or with commas between.
std::vector<std::string> comma_list(const ParsedCommand& command, std::string_view flag);
// The same in lower case; fails for one that is not among `known`.
Result<std::vector<std::string>> known_words(const ParsedCommand& command, std::string_view flag,
                                             std::span<const std::string_view> known);

// Sets the flags that neither the command line nor a variable set; what is not known is a notice.
Status apply_settings(const PeerSettings& settings, const std::string& path, ParsedCommand& command,
                      std::vector<std::string>& notices);

struct PeerScan {
    // kNone: the packages alone are asked for, and no database is needed.
    enum class Matching : std::uint8_t { kAdvisories, kNone };

    std::vector<std::string> arguments;  // as of InventoryScan
    connect::WalkOptions walk;           // what is anchored in its excludes is below the argument
    // kTake: what osv-scanner.toml says beside each source, as its own scanner does.
    enum class FolderIgnores : std::uint8_t { kLeave, kTake };

    ForeignIgnores ignores;
    FolderIgnores folder_ignores = FolderIgnores::kLeave;
    PackageFilter filter;
    std::vector<std::string> vex_paths;
    KeepRecords keep_records = KeepRecords::kShown;
    Matching matching = Matching::kAdvisories;
    std::vector<std::string> outputs;  // files that will be written; empty names are none
};

struct PeerFile {
    std::string shown;     // relative to the argument that led to it
    std::string absolute;  // on this machine
    bool is_bill_of_materials = false;
};

struct PeerResult {
    ExaminedPackages examined;
    std::vector<PeerFile> files;  // of each of examined.sources

    // The weaknesses of one entry of a source; none where it has none.
    std::span<const std::size_t> weaknesses_of(const packages::Package& package) const;
};

// Opens the database, gives up the right to write anything but the outputs, and scans.
Result<PeerResult> examine_for_peer(const PeerScan& scan, const ParsedCommand& command,
                                    const PeerOutside& outside);

// The same walk with what is anchored where the walk of `argument` looks for it.
connect::WalkOptions walk_of(const PeerScan& scan, const std::string& argument);

// Reads the ignore file at `path` as the one called `name`; does nothing where there is none.
Status add_ignores(const std::string& path, std::string_view name, ForeignIgnores& ignores);

// "-" and nothing are standard output; a file is replaced whole or not at all.
Status write_peer_output(const std::string& path, std::string_view text,
                         const PeerOutside& outside);

// The bill of materials of what was examined, with its weaknesses; `request` says which of them,
// and its subject is made here.
exchange::Bom bom_of(const PeerResult& result, const PeerScan& scan, const PeerOutside& outside,
                     WeaknessBom request = {});

// What `write` writes, as one text.
std::string text_of(const std::function<void(TextSink& sink)>& write);

// Says on standard error what could not be looked at and what was ignored with a notice; returns
// the exit code: 2 where the run is not whole and --exact-exit was not given, else `exit_code`.
int finish_peer_run(const PeerResult& result, const ParsedCommand& command,
                    const PeerOutside& outside, int exit_code);

// "trivy: <message>" on standard error; returns `exit_code`.
int fail_peer_run(const PeerCommand& peer, const PeerOutside& outside, const Error& error,
                  int exit_code = kPeerIncomplete);

// Prints what --help and --version ask for; nothing where the command asks for a scan.
std::optional<int> answer_peer_question(const PeerCommand& peer, const ParsedCommand& command,
                                        const PeerOutside& outside);

// The report as SARIF.
std::string sarif_of(const model::Report& report);

}  // namespace merlon::scan
