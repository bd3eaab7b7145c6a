#include "compat/gitleaks/options.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "templates/go_numbers.h"

namespace merlon::compat::gitleaks {
namespace {

enum class Kind : std::uint8_t { kSwitch, kText, kPath, kInteger, kPercent, kList, kIgnored };

// Which commands take a flag; kEverywhere are the persistent flags of the root command.
enum Scope : std::uint8_t {
    kEverywhere = 0xFF,
    kOnDirectory = 1,
    kOnDetect = 2,
    kOnProtect = 4,
    kOnGit = 8,
};

struct Flag {
    std::string_view name;
    char short_name;
    Kind kind;
    unsigned scope;
    std::string_view help;
    std::string Options::* text = nullptr;
    std::int64_t Options::* integer = nullptr;
    bool Options::* truth = nullptr;
    std::string_view choices = {};  // for completions
};

constexpr std::array kFlags = {
    Flag{"config", 'c', Kind::kPath, kEverywhere,
         "rules to use; else $GITLEAKS_CONFIG, $GITLEAKS_CONFIG_TOML, TARGET/.gitleaks.toml",
         &Options::config_path},
    Flag{"report-path", 'r', Kind::kPath, kEverywhere, "where the report goes, - for stdout",
         &Options::report_path},
    Flag{"report-format", 'f', Kind::kText, kEverywhere, "json, csv, junit, sarif or template",
         &Options::report_format, nullptr, nullptr, "json|csv|junit|sarif|template"},
    Flag{"report-template", 0, Kind::kPath, kEverywhere, "file with the template of the report",
         &Options::report_template},
    Flag{"baseline-path", 'b', Kind::kPath, kEverywhere, "JSON report with findings to leave out",
         &Options::baseline_path},
    Flag{"gitleaks-ignore-path", 'i', Kind::kPath, kEverywhere,
         ".gitleaksignore file, or the folder that holds one", &Options::ignore_path},
    Flag{"log-level", 'l', Kind::kText, kEverywhere, "trace, debug, info, warn, error or fatal",
         &Options::log_level, nullptr, nullptr, "trace|debug|info|warn|error|fatal"},
    Flag{"enable-rule", 0, Kind::kList, kEverywhere, "use only the rules with these ids"},
    Flag{"exit-code", 0, Kind::kInteger, kEverywhere, "exit code when something is found (1)",
         nullptr, &Options::exit_code},
    Flag{"max-target-megabytes", 0, Kind::kInteger, kEverywhere, "skip files above this size",
         nullptr, &Options::max_target_megabytes},
    Flag{"max-decode-depth", 0, Kind::kInteger, kEverywhere,
         "how often decoded text is decoded again (5)", nullptr, &Options::max_decode_depth},
    Flag{"max-archive-depth", 0, Kind::kInteger, kEverywhere,
         "how deep archives in archives are opened (0: not at all)", nullptr,
         &Options::max_archive_depth},
    Flag{"timeout", 0, Kind::kInteger, kEverywhere, "stop after this many seconds", nullptr,
         &Options::timeout_seconds},
    Flag{"redact", 0, Kind::kPercent, kEverywhere, "hide this percentage of each secret (100)"},
    Flag{"verbose", 'v', Kind::kSwitch, kEverywhere, "print each finding", nullptr, nullptr,
         &Options::verbose},
    Flag{"no-color", 0, Kind::kSwitch, kEverywhere, "no colours", nullptr, nullptr,
         &Options::no_color},
    Flag{"no-banner", 0, Kind::kSwitch, kEverywhere, "no banner", nullptr, nullptr,
         &Options::no_banner},
    Flag{"ignore-gitleaks-allow", 0, Kind::kSwitch, kEverywhere,
         "report lines with a gitleaks:allow comment too", nullptr, nullptr,
         &Options::ignore_allow_comments},
    Flag{"diagnostics", 0, Kind::kIgnored, kEverywhere, "accepted, without effect"},
    Flag{"diagnostics-dir", 0, Kind::kIgnored, kEverywhere, "accepted, without effect"},
    Flag{"threads", 0, Kind::kInteger, kEverywhere, "Merlon: worker threads (all cores)", nullptr,
         &Options::threads},
    Flag{"exact-exit", 0, Kind::kSwitch, kEverywhere,
         "Merlon: gitleaks's exit code even where something could not be read"},
    Flag{"follow-symlinks", 0, Kind::kSwitch, kOnDirectory | kOnDetect,
         "scan files that links lead to", nullptr, nullptr, &Options::follow_symlinks},
    Flag{"no-git", 0, Kind::kSwitch, kOnDetect, "scan files and not the history", nullptr, nullptr,
         &Options::no_git},
    Flag{"pipe", 0, Kind::kSwitch, kOnDetect, "scan standard input", nullptr, nullptr,
         &Options::pipe},
    Flag{"source", 's', Kind::kPath, kOnDetect | kOnProtect, "what to scan (.)", &Options::source},
    Flag{"log-opts", 0, Kind::kText, kOnDetect | kOnProtect | kOnGit, "options of git log",
         &Options::log_options},
    Flag{"platform", 0, Kind::kText, kOnDetect | kOnGit, "forge that links lead to",
         &Options::platform},
    Flag{"staged", 0, Kind::kSwitch, kOnProtect | kOnGit, "scan what is staged", nullptr, nullptr,
         &Options::staged},
    Flag{"trust-repository", 0, Kind::kSwitch, kOnDetect | kOnProtect | kOnGit,
         "Merlon: read a repository that belongs to another user", nullptr, nullptr,
         &Options::trust_repository},
    Flag{"pre-commit", 0, Kind::kSwitch, kOnGit, "scan what is not committed", nullptr, nullptr,
         &Options::pre_commit},
};

struct CommandName {
    std::string_view name;
    Command command;
    unsigned scope;
};
constexpr std::array kCommands = {
    CommandName{"dir", Command::kDirectory, kOnDirectory},
    CommandName{"directory", Command::kDirectory, kOnDirectory},
    CommandName{"file", Command::kDirectory, kOnDirectory},
    CommandName{"stdin", Command::kStandardInput, 0},
    CommandName{"git", Command::kGit, kOnGit},
    CommandName{"detect", Command::kDetect, kOnDetect},
    CommandName{"protect", Command::kProtect, kOnProtect},
    CommandName{"version", Command::kVersion, 0},
    CommandName{"help", Command::kHelp, 0},
};

constexpr ValueKind value_kind(const Flag& flag) {
    if (!flag.choices.empty()) return ValueKind::kChoice;
    switch (flag.kind) {
        case Kind::kSwitch:
        case Kind::kPercent:  // which is given behind '=' or left out
            return ValueKind::kNone;
        case Kind::kPath:
            return ValueKind::kPath;
        case Kind::kInteger:
            return ValueKind::kInteger;
        case Kind::kText:
        case Kind::kList:
        case Kind::kIgnored:
            break;
    }
    return ValueKind::kText;
}

constexpr bool is_on(const Flag& flag, unsigned scope) {
    return scope == kEverywhere ? flag.scope == kEverywhere
                                : flag.scope != kEverywhere && (flag.scope & scope) != 0;
}

// The flags of one scope alone, as the flag table of the program has them.
template <unsigned kScope>
constexpr auto kFlagsOf = [] {
    constexpr auto kCount =
        std::ranges::count_if(kFlags, [](const Flag& flag) { return is_on(flag, kScope); });
    std::array<merlon::Flag, static_cast<std::size_t>(kCount)> flags{};
    std::size_t next = 0;
    for (const Flag& flag : kFlags) {
        if (!is_on(flag, kScope)) continue;
        flags[next++] = {.name = flag.name,
                         .short_name = flag.short_name,
                         .kind = value_kind(flag),
                         .value_name = "VALUE",
                         .choices = flag.choices,
                         .help = flag.help,
                         .repeat = flag.kind == Kind::kList ? Repeat::kMany : Repeat::kOnce};
    }
    return flags;
}();

constexpr Verb verb_of(std::string_view path, std::string_view summary,
                       std::string_view arguments = {}, std::span<const merlon::Flag> flags = {}) {
    return {.path = path,
            .summary = summary,
            .arguments = arguments,
            .max_arguments = arguments.empty() ? 0 : std::size_t{1},
            .flags = flags};
}

constexpr Verb kVerbs[] = {
    verb_of("dir", "scan a folder or file", "[PATH]", kFlagsOf<kOnDirectory>),
    verb_of("file", "scan a folder or file", "[PATH]", kFlagsOf<kOnDirectory>),
    verb_of("directory", "scan a folder or file", "[PATH]", kFlagsOf<kOnDirectory>),
    verb_of("stdin", "scan standard input"),
    verb_of("git", "scan the history of a repository", "[PATH]", kFlagsOf<kOnGit>),
    verb_of("detect", "as git; --no-git as dir, --pipe as stdin", {}, kFlagsOf<kOnDetect>),
    verb_of("protect", "as git --pre-commit; --staged as git --staged", {}, kFlagsOf<kOnProtect>),
    verb_of("version", "print the version"),
    verb_of("help", "print the help"),
};

constexpr CommandTable kTable{.program = "gitleaks",
                              .version = "8.30.1",
                              .summary = "",
                              .exit_codes = "",
                              .verbs = kVerbs,
                              .global_flags = kFlagsOf<kEverywhere>};

bool takes_value(const Flag& flag) { return flag.kind != Kind::kSwitch; }

const Flag* find_flag(std::string_view name, unsigned scope) {
    for (const Flag& flag : kFlags)
        if (flag.name == name && (flag.scope == kEverywhere || (flag.scope & scope) != 0))
            return &flag;
    return nullptr;
}

const Flag* find_short_flag(char name, unsigned scope) {
    for (const Flag& flag : kFlags)
        if (flag.short_name == name && name != 0 &&
            (flag.scope == kEverywhere || (flag.scope & scope) != 0))
            return &flag;
    return nullptr;
}

// Go's strconv.ParseBool.
std::optional<bool> parse_truth(std::string_view text) {
    for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"})
        if (text == yes) return true;
    for (const std::string_view no : {"0", "f", "F", "FALSE", "false", "False"})
        if (text == no) return false;
    return std::nullopt;
}

// pflag reads a list as one line of CSV.
std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    if (text.empty()) return items;
    std::string item;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quoted && text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            item.push_back('"');
            ++i;
        } else if (text[i] == '"' && (quoted || item.empty())) {
            quoted = !quoted;
        } else if (text[i] == ',' && !quoted) {
            items.push_back(std::exchange(item, {}));
        } else {
            item.push_back(text[i]);
        }
    }
    items.push_back(std::move(item));
    return items;
}

class Parser {
  public:
    explicit Parser(std::span<const std::string> arguments) : arguments_(arguments) {}

    ParsedOptions parse() {
        find_command();
        for (next_ = 0; next_ < arguments_.size() && !parsed_.error && !help_;) {
            if (next_ == command_at_) {
                ++next_;
            } else {
                read_one(arguments_[next_]);
            }
        }
        if (!parsed_.error) finish();
        return std::move(parsed_);
    }

  private:
    // The command is the first argument that is neither a flag nor a flag's value, as cobra looks
    // for it.
    void find_command() {
        for (std::size_t i = 0; i < arguments_.size(); ++i) {
            const std::string& argument = arguments_[i];
            if (argument == "--") return;
            if (argument.size() > 1 && argument[0] == '-') {
                if (value_follows(argument)) ++i;
                continue;
            }
            for (const CommandName& known : kCommands) {
                if (known.name != argument) continue;
                command_at_ = i;
                parsed_.options.command = known.command;
                scope_ = known.scope;
                return;
            }
            parsed_.error =
                UsageError{fmt::format("unknown command \"{}\" for \"gitleaks\"", argument), 1};
            return;
        }
    }

    static bool value_follows(std::string_view argument) {
        if (argument.find('=') != std::string_view::npos) return false;
        const Flag* flag = nullptr;
        if (argument.starts_with("--")) {
            flag = find_flag(argument.substr(2), 0);
        } else if (argument.size() == 2) {
            flag = find_short_flag(argument[1], 0);
        }
        return flag != nullptr && takes_value(*flag) && flag->kind != Kind::kPercent;
    }

    void read_one(const std::string& argument) {
        ++next_;
        if (only_arguments_ || argument.size() < 2 || argument[0] != '-') {
            parsed_.options.arguments.push_back(argument);
        } else if (argument == "--") {
            only_arguments_ = true;
        } else if (argument[1] == '-') {
            read_long(std::string_view(argument).substr(2));
        } else {
            read_short(std::string_view(argument).substr(1));
        }
    }

    void read_long(std::string_view text) {
        const std::size_t equals = text.find('=');
        const std::string_view name = text.substr(0, equals);
        if (name.empty() || name[0] == '-') return fail(fmt::format("bad flag syntax: --{}", text));
        if (name == "help") {
            help_ = true;
            return;
        }
        if (name == "version" && scope_ == 0 && parsed_.options.command == Command::kNone) {
            parsed_.options.command = Command::kVersion;
            return;
        }
        const Flag* flag = find_flag(name, scope_);
        if (flag == nullptr) return fail(fmt::format("unknown flag: --{}", name), 126);
        if (equals != std::string_view::npos) return set(*flag, text.substr(equals + 1));
        if (!takes_value(*flag)) return set(*flag, "true");
        if (flag->kind == Kind::kPercent) return set(*flag, "100");
        take_next(*flag, fmt::format("flag needs an argument: --{}", name));
    }

    void read_short(std::string_view cluster) {
        for (std::size_t i = 0; i < cluster.size() && !parsed_.error; ++i) {
            if (cluster[i] == 'h') {
                help_ = true;
                return;
            }
            const Flag* flag = find_short_flag(cluster[i], scope_);
            if (flag == nullptr)
                return fail(
                    fmt::format("unknown shorthand flag: '{}' in -{}", cluster[i], cluster));
            const std::string_view rest = cluster.substr(i + 1);
            if (rest.size() > 1 && rest[0] == '=') return set(*flag, rest.substr(1));
            if (!takes_value(*flag)) {
                set(*flag, "true");
                continue;
            }
            if (!rest.empty()) return set(*flag, rest);
            return take_next(
                *flag, fmt::format("flag needs an argument: '{}' in -{}", cluster[i], cluster));
        }
    }

    void take_next(const Flag& flag, std::string missing) {
        if (next_ == command_at_) ++next_;
        if (next_ >= arguments_.size()) return fail(std::move(missing));
        set(flag, arguments_[next_++]);
    }

    void set(const Flag& flag, std::string_view value) {
        Options& options = parsed_.options;
        switch (flag.kind) {
            case Kind::kText:
            case Kind::kPath:
                options.*flag.text = value;
                return;
            case Kind::kSwitch:
                return set_switch(flag, value);
            case Kind::kInteger:
                if (const auto number = templates::parse_integer(value)) {
                    options.*flag.integer = *number;
                    return;
                }
                return fail_value(flag, value, "strconv.ParseInt");
            case Kind::kPercent:
                if (const auto number = templates::parse_magnitude(value)) {
                    options.redact_percent = *number;
                    return;
                }
                return fail_value(flag, value, "strconv.ParseUint");
            case Kind::kList:
                for (std::string& item : split_list(value))
                    options.enabled_rules.push_back(std::move(item));
                return;
            case Kind::kIgnored:
                return;
        }
    }

    void set_switch(const Flag& flag, std::string_view value) {
        const auto truth = parse_truth(value);
        if (!truth) return fail_value(flag, value, "strconv.ParseBool");
        if (flag.truth != nullptr) {
            parsed_.options.*flag.truth = *truth;
        } else {
            parsed_.options.compatibility = *truth ? Compatibility::kExact : Compatibility::kLoud;
        }
    }

    void fail(std::string message, int exit_code = 1) {
        parsed_.error = UsageError{std::move(message), exit_code};
    }

    void fail_value(const Flag& flag, std::string_view value, std::string_view function) {
        fail(
            fmt::format("invalid argument \"{0}\" for \"--{1}\" flag: {2}: parsing \"{0}\": "
                        "invalid syntax",
                        value, flag.name, function));
    }

    void finish() {
        Options& options = parsed_.options;
        if (help_) {
            options.arguments.clear();
            for (const CommandName& known : kCommands)
                if (known.command == options.command) {
                    options.arguments.emplace_back(known.name);
                    break;
                }
            options.command = Command::kHelp;
        } else if (options.command == Command::kNone) {
            options.command = Command::kHelp;
        }
    }

    std::span<const std::string> arguments_;
    ParsedOptions parsed_;
    std::size_t next_ = 0;
    std::size_t command_at_ = static_cast<std::size_t>(-1);
    unsigned scope_ = 0;
    bool only_arguments_ = false;
    bool help_ = false;
};

}  // namespace

const CommandTable& command_table() { return kTable; }

ParsedOptions parse_options(std::span<const std::string> arguments) {
    return Parser(arguments).parse();
}

std::string help_text(Command command) {
    std::string text =
        "Takes the command line, configuration and report formats of gitleaks 8.30.1.\n\n"
        "Usage:\n"
        "  merlon compat gitleaks dir [flags] [path]    scan a folder or file (also: file, "
        "directory)\n"
        "  merlon compat gitleaks stdin [flags]         scan standard input\n"
        "  merlon compat gitleaks git [flags] [path]    scan the history of a repository\n"
        "  merlon compat gitleaks git --staged [path]   scan what is staged; --pre-commit: what is "
        "changed and not staged\n"
        "  merlon compat gitleaks detect [flags]        as git; --no-git as dir, --pipe as stdin\n"
        "  merlon compat gitleaks protect [flags]       as git --pre-commit; --staged as git "
        "--staged\n"
        "  merlon compat gitleaks version\n\nFlags:\n";
    unsigned scope = 0;
    for (const CommandName& known : kCommands)
        if (known.command == command) scope = known.scope;
    for (const Flag& flag : kFlags) {
        if (flag.scope != kEverywhere && (flag.scope & scope) == 0) continue;
        const std::string short_name =
            flag.short_name != 0 ? fmt::format("-{}, ", flag.short_name) : "    ";
        text += fmt::format("  {}--{:<24}{}\n", short_name, flag.name, flag.help);
    }
    return text;
}

}  // namespace merlon::compat::gitleaks
