#pragma once

// The flag table: every verb and flag of the program, said once. Parsing, --help, the man page, the
// completions of three shells and the reference in docs/ come from it, so none of them can differ.
//
// The idea: constant data. A table is an array of Verb, each with its Flags, all string views into
// the program; nothing is built at start. A value comes from the command line, else from the
// environment (MERLON_<FLAG>), else from the configuration, else from its default, and the parsed
// command knows which.
//
// Thread-safe: constant tables, value results. Errors name the nearest flag or verb.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon {

enum class ValueKind : std::uint8_t { kNone, kText, kInteger, kChoice, kPath };
enum class Repeat : std::uint8_t { kOnce, kMany };
enum class Visibility : std::uint8_t { kShown, kHidden };
// Whether a flag may be set in the environment: not where the variable of its name is another
// setting's.
enum class InEnvironment : std::uint8_t { kYes, kNo };

struct Flag {
    std::string_view name;  // "fail-on"
    char short_name = 0;    // 'q'; 0: none
    ValueKind kind = ValueKind::kNone;
    std::string_view value_name = {};    // "SEVERITY"
    std::string_view default_text = {};  // empty: unset
    std::string_view choices = {};       // "table|json|sarif", for kChoice
    std::string_view help = {};          // one sentence, lower case, no full stop
    Repeat repeat = Repeat::kOnce;
    Visibility visibility = Visibility::kShown;
    // Of a global flag: the verbs for which it does something, "scan|hook run", those that begin
    // so among them; empty: all. Others refuse it.
    std::string_view only_for = {};
    InEnvironment in_environment = InEnvironment::kYes;
};

// What the arguments of a verb are, for completions.
enum class ArgumentKind : std::uint8_t {
    kPath,
    kText,     // only who asks knows
    kCommand,  // verbs of the table
    kListed,   // the first words of what another verb prints
};

struct Verb {
    std::string_view path;              // "scan secrets"
    std::string_view summary;           // one line
    std::string_view description = {};  // paragraphs, separated by empty lines
    std::string_view arguments = {};    // "[PATH…]"; empty: takes none
    std::size_t max_arguments = 0;      // kAnyNumber: no limit
    ArgumentKind argument_kind = ArgumentKind::kPath;
    std::string_view argument_words = {};  // that an argument may be: "bash|zsh|fish"
    std::string_view listed_by = {};       // for kListed: the verb, "rules list"
    // One by the name of a global flag stands in its place; the global's variable is not for it.
    std::span<const Flag> flags = {};
    std::string_view examples = {};  // "command # what it does", one a line
    Visibility visibility = Visibility::kShown;
    // Everything behind the verb belongs to another program's syntax and is not looked at.
    enum class Rest : std::uint8_t { kOurs, kForeign } rest = Rest::kOurs;
};
inline constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);

// What verbs with the same beginning have in common: for `help rules`. A group that is not listed
// is explained by its verbs alone.
struct VerbGroup {
    std::string_view path;
    std::string_view description;
};

struct CommandTable {
    std::string_view program;  // "merlon"
    std::string_view version;
    std::string_view summary;
    std::string_view exit_codes;  // "0 clean", one a line
    std::span<const Verb> verbs;
    std::span<const Flag> global_flags;  // --help and --version are understood without being here
    std::span<const VerbGroup> groups = {};
};

enum class ValueSource : std::uint8_t { kDefault, kConfiguration, kEnvironment, kFlag };

// Where a value stands in a configuration.
struct ValuePlace {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

struct FlagValue {
    std::vector<std::string> values;  // kNone flags: empty, or "true"
    ValueSource source = ValueSource::kDefault;
    std::vector<ValuePlace> places = {};  // of the values, where the source is a configuration
};

class ParsedCommand {
  public:
    enum class Request : std::uint8_t { kRun, kHelp, kVersion };

    Request request = Request::kRun;
    const Verb* verb = nullptr;          // null: no verb was named
    std::string words;                   // that name the verb, or only begin verbs ("rules")
    std::vector<std::string> arguments;  // or, for a foreign verb, all that follows it

    // Whether a flag without a value is on, or one with a value has any.
    bool is_set(std::string_view flag) const;
    // The last value, or "".
    const std::string& text(std::string_view flag) const;
    const std::vector<std::string>& list(std::string_view flag) const;
    // The value of an integer flag; the table's check has passed already.
    std::optional<std::int64_t> integer(std::string_view flag) const;
    ValueSource source(std::string_view flag) const;
    // Whether the verb has the flag, or a global one does something for it.
    bool takes(std::string_view flag) const { return flags_.contains(flag); }

    // Takes `values` from the configuration where neither flag nor environment said anything. Fails
    // for values that the flag would not take; `flag` must be one of the verb's or global.
    Status apply_configuration(std::string_view flag, const std::vector<std::string>& values,
                               const std::vector<ValuePlace>& places = {});
    // An error about a value of the flag: where the configuration says it, with that place, which
    // is the one of the value that the error names. An error inside of a file keeps its own place.
    Error at_value(Error error, std::string_view flag) const;
    // The same of what may have failed.
    template <typename T>
    Result<T> at_value(Result<T> result, std::string_view flag) const {
        if (result.ok()) return result;
        return at_value(std::move(result).error(), flag);
    }

  private:
    friend class CommandParser;
    std::map<std::string_view, FlagValue> values_;
    std::map<std::string_view, const Flag*> flags_;
};

using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;

// Reads the words behind the program's name. Global flags may stand anywhere; "--" ends the flags;
// -x VALUE, -xVALUE, --name VALUE and --name=VALUE are the same.
// In the environment, a repeatable flag's values are separated by line feeds, and a flag without a
// value is on for 1, true, yes, on and off for 0, false, no, off and nothing.
Result<ParsedCommand> parse_command(const CommandTable& table, std::span<const std::string> words,
                                    const EnvironmentLookup& environment);

// "MERLON_FAIL_ON" for program "merlon", flag "fail-on".
std::string environment_name(const CommandTable& table, std::string_view flag);

// The variable that a name of the program's prefix was meant to be: one of a flag, or of `others`;
// empty where it is one, or is near to none and so may be somebody else's.
std::string meant_variable(const CommandTable& table, std::string_view name,
                           std::span<const std::string_view> others);

const Verb* find_verb(const CommandTable& table, std::string_view path);

// Whether `path` is the beginning of verbs, as "rules" is of "rules list".
bool is_group(const CommandTable& table, std::string_view path);
// What the verbs that begin with `path` do.
std::string group_help(const CommandTable& table, std::string_view path, unsigned width = 100);
// The overview for null, else the verb's page.
std::string help_text(const CommandTable& table, const Verb* verb, unsigned width = 100);
// merlon.1 in man(7) macros, dated `date` (YYYY-MM-DD; empty: no date).
std::string man_page(const CommandTable& table, std::string_view date);
// docs/flags.md
std::string markdown_reference(const CommandTable& table);

// Whether a global flag does something for the verb.
bool takes(const Verb& verb, const Flag& global_flag);

// What follows a verb whose rest is foreign, as the other program takes it: for completions.
struct ForeignTable {
    std::string_view path;  // of the verb
    const CommandTable* table = nullptr;
};

enum class Shell : std::uint8_t { kBash, kZsh, kFish };
std::string completion(const CommandTable& table, std::span<const ForeignTable> foreign,
                       Shell shell);

}  // namespace merlon
