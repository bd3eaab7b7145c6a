#pragma once

// The command line of gitleaks 8.30.1, read as gitleaks reads it.
//
// The idea: one table of flags (name, short name, kind, which commands take it) and one reader with
// the habits of Go's pflag: "--flag=value" and "--flag value", "-c FILE", "-cFILE", "-c=FILE",
// clusters of short switches ("-vc FILE"), "--" ends the flags, flags may stand before and after
// the command, a switch takes a value only behind '=', and --redact alone means 100.
//
// Thread-safe: no state. The errors carry gitleaks's exit code, because scripts test it: 126 for an
// unknown long flag, 1 for every other mistake.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/flags.h"

namespace merlon::compat::gitleaks {

enum class Command : std::uint8_t {
    kNone,
    kHelp,
    kVersion,
    kDirectory,
    kStandardInput,
    kGit,
    kDetect,
    kProtect,
};

enum class Compatibility : std::uint8_t {
    kLoud,   // what gitleaks passes over in silence ends with exit code 2
    kExact,  // --exact-exit: gitleaks's own exit code
};

struct Options {
    Command command = Command::kNone;
    std::vector<std::string> arguments;

    std::string config_path;
    std::string report_path;
    std::string report_format;
    std::string report_template;
    std::string baseline_path;
    std::string ignore_path = ".";
    std::string log_level = "info";
    std::string source = ".";
    std::string log_options;
    std::string platform;
    std::vector<std::string> enabled_rules;
    std::int64_t exit_code = 1;
    std::int64_t max_target_megabytes = 0;
    std::int64_t max_decode_depth = 5;
    std::int64_t max_archive_depth = 0;
    std::int64_t timeout_seconds = 0;
    std::int64_t threads = 0;  // ours; 0: all cores
    std::uint64_t redact_percent = 0;
    bool verbose = false;
    bool no_color = false;
    bool no_banner = false;
    bool ignore_allow_comments = false;
    bool follow_symlinks = false;
    bool no_git = false;
    bool pipe = false;
    bool staged = false;
    bool pre_commit = false;
    bool trust_repository = false;  // ours
    Compatibility compatibility = Compatibility::kLoud;
};

struct UsageError {
    std::string message;
    int exit_code = 1;
};

struct ParsedOptions {
    Options options;
    std::optional<UsageError> error;
};

ParsedOptions parse_options(std::span<const std::string> arguments);

// The same commands and flags for completions, which have no other use for them.
const CommandTable& command_table();

// The help of the whole front, or of one command.
std::string help_text(Command command);

}  // namespace merlon::compat::gitleaks
