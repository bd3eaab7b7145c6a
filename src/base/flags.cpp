#include "base/flags.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/nearest.h"

namespace merlon {
namespace {

using Words = std::span<const std::string>;

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::optional<std::int64_t> read_integer(std::string_view text) {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, code] = std::from_chars(text.data(), end, number);
    if (code != std::errc{} || stopped != end) return std::nullopt;
    return number;
}

// Fails when `flag` does not take `text`.
Status check_value(const Flag& flag, std::string_view text) {
    const std::string shown = "--" + std::string(flag.name);
    if (flag.kind == ValueKind::kInteger) {
        const auto number = read_integer(text);
        if (!number.has_value() || *number < 0) {
            return Error{quoted(text) + " is not a number for " + shown +
                         "; write a whole number of at least 0"};
        }
    }
    if (flag.kind == ValueKind::kChoice) {
        const std::vector<std::string_view> choices = split(flag.choices, '|');
        if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
            std::string listed;
            for (const std::string_view choice : choices) {
                listed += (listed.empty() ? "" : ", ") + std::string(choice);
            }
            return Error{quoted(text) + " is no value of " + shown + " (" + listed + ")" +
                         suggestion(text, choices)};
        }
    }
    if (flag.kind == ValueKind::kPath && text.empty()) {
        return Error{shown + " was given an empty path"};
    }
    return {};
}

std::optional<bool> read_switch(std::string_view text) {
    for (const std::string_view on : {"1", "true", "yes", "on"}) {
        if (text == on) return true;
    }
    for (const std::string_view off : {"0", "false", "no", "off", ""}) {
        if (text == off) return false;
    }
    return std::nullopt;
}

const std::string kNothing;
const std::vector<std::string> kNoValues;

}  // namespace

// One reading of the words, left to right.
class CommandParser {
  public:
    CommandParser(const CommandTable& table, Words words) : table_(table), words_(words) {}

    Result<ParsedCommand> parse(const EnvironmentLookup& environment) {
        if (Status read = read_words(); !read.ok()) return std::move(read).error();
        if (parsed_.request != ParsedCommand::Request::kRun) return std::move(parsed_);
        if (parsed_.verb == nullptr) {
            parsed_.request = ParsedCommand::Request::kHelp;
            return std::move(parsed_);
        }
        if (Status taken = check_global_flags(); !taken.ok()) return std::move(taken).error();
        if (Status taken = check_earlier_flags(); !taken.ok()) return std::move(taken).error();
        if (Status counted = check_arguments(); !counted.ok()) return std::move(counted).error();
        if (Status taken = take_environment(environment); !taken.ok()) {
            return std::move(taken).error();
        }
        for (const auto& [name, flag] : parsed_.flags_) {
            if (!flag->default_text.empty() && !parsed_.values_.contains(name)) {
                parsed_.values_[name].values = {std::string(flag->default_text)};
            }
        }
        return std::move(parsed_);
    }

  private:
    Status read_words() {
        for (const Flag& flag : table_.global_flags) parsed_.flags_[flag.name] = &flag;
        bool flags_ended = false;
        while (at_ < words_.size()) {
            const std::string& word = words_[at_];
            if (parsed_.verb != nullptr && parsed_.verb->rest == Verb::Rest::kForeign &&
                !extends_verb(word)) {
                parsed_.arguments.assign(words_.begin() + static_cast<std::ptrdiff_t>(at_),
                                         words_.end());
                return {};
            }
            ++at_;
            if (!flags_ended && word == "--") {
                flags_ended = true;
            } else if (!flags_ended && word.size() > 1 && word[0] == '-') {
                for (std::string rest = word; !rest.empty();) {
                    rest = MERLON_TRY(read_flag(rest));
                    if (parsed_.request != ParsedCommand::Request::kRun) return {};
                }
            } else if (!flags_ended && parsed_.arguments.empty() && extends_verb(word)) {
                path_ += (path_.empty() ? "" : " ") + word;
                if (const Verb* verb = find_verb(table_, path_)) use(*verb);
            } else if (parsed_.verb == nullptr) {
                return unknown_verb(word);
            } else {
                parsed_.arguments.push_back(word);
            }
        }
        // "rules" alone is no verb, only the beginning of some: show what there is.
        if (parsed_.verb == nullptr && !path_.empty()) return unknown_verb({});
        return {};
    }

    bool extends_verb(std::string_view word) const {
        const std::string longer =
            path_.empty() ? std::string(word) : path_ + ' ' + std::string(word);
        return std::any_of(table_.verbs.begin(), table_.verbs.end(), [&](const Verb& verb) {
            return verb.path == longer || verb.path.starts_with(longer + ' ');
        });
    }

    // A longer verb does not inherit: "scan packages" has not the flags of "scan".
    void use(const Verb& verb) {
        parsed_.verb = &verb;
        parsed_.flags_.clear();
        for (const Flag& flag : table_.global_flags) parsed_.flags_[flag.name] = &flag;
        for (const Flag& flag : verb.flags) parsed_.flags_[flag.name] = &flag;
    }

    Error unknown_verb(std::string_view word) const {
        std::vector<std::string_view> next;
        for (const Verb& verb : table_.verbs) {
            if (verb.visibility == Visibility::kHidden) continue;
            std::string_view rest = verb.path;
            if (!path_.empty()) {
                if (!rest.starts_with(path_ + ' ')) continue;
                rest.remove_prefix(path_.size() + 1);
            }
            next.push_back(rest.substr(0, rest.find(' ')));
        }
        const std::string before = std::string(table_.program) + (path_.empty() ? "" : " " + path_);
        if (word.empty()) {
            std::string listed;
            for (const std::string_view name : next) {
                listed += (listed.empty() ? "" : ", ") + std::string(name);
            }
            return Error{quoted(before) + " needs one more word: " + listed};
        }
        return Error{"unknown command " + quoted(word) + " for " + quoted(before) +
                     suggestion(word, next) + " (see " + quoted(before + " --help") + ")"};
    }

    const Flag* find_short(char letter) const {
        for (const auto& [name, flag] : parsed_.flags_) {
            if (flag->short_name == letter) return flag;
        }
        return nullptr;
    }

    Error unknown_flag(const std::string& shown) const {
        std::vector<std::string_view> names = {"help", "version"};
        for (const auto& [name, flag] : parsed_.flags_) {
            const bool fits = parsed_.verb == nullptr || takes(*parsed_.verb, *flag);
            if (fits && flag->visibility == Visibility::kShown) names.push_back(name);
        }
        std::string_view word = shown;
        word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
        const std::string_view near = nearest(word, names);
        std::string owner(table_.program);
        if (parsed_.verb != nullptr) owner += ' ' + std::string(parsed_.verb->path);
        return Error{"unknown flag " + quoted(shown) + " for " + quoted(owner) +
                     (near.empty() ? "; see " + quoted(owner + " --help")
                                   : "; did you mean '--" + std::string(near) + "'?")};
    }

    // What is left of a word of several short flags: "-f json" of "-qf json" (POSIX, Utility Syntax
    // Guidelines, 5).
    Result<std::string> read_flag(const std::string& word) {
        const bool is_long = word[1] == '-';
        const std::size_t equals = is_long ? word.find('=') : std::string::npos;
        const std::string name = is_long ? word.substr(2, equals - 2) : word.substr(1, 1);
        // A command may have a --version of its own: OPA's capabilities does.
        const bool asks_version = name == "version" && !parsed_.flags_.contains(name);
        if (name == "help" || asks_version || word == "-h") {
            MERLON_TRY(ask(asks_version ? ParsedCommand::Request::kVersion
                                        : ParsedCommand::Request::kHelp));
            return std::string();
        }

        const Flag* flag = nullptr;
        if (!is_long) {
            flag = find_short(word[1]);
        } else if (const auto found = parsed_.flags_.find(name); found != parsed_.flags_.end()) {
            flag = found->second;
        }
        if (flag == nullptr) return unknown_flag(is_long ? "--" + name : "-" + name);

        std::string value;
        std::string rest;
        if (flag->kind == ValueKind::kNone) {
            if (equals != std::string::npos) {
                return Error{"--" + std::string(flag->name) + " takes no value; write it alone"};
            }
            value = "true";
            if (!is_long && word.size() > 2) rest = '-' + word.substr(2);
        } else if (equals != std::string::npos) {
            value = word.substr(equals + 1);
        } else if (!is_long && word.size() > 2) {
            value = word.substr(2);
        } else if (at_ < words_.size()) {
            value = words_[at_++];
        } else {
            return Error{"--" + std::string(flag->name) + " needs a value: --" +
                         std::string(flag->name) + ' ' + std::string(flag->value_name)};
        }
        MERLON_TRY(check_value(*flag, value));
        FlagValue& held = parsed_.values_[flag->name];
        if (flag->repeat == Repeat::kOnce) {
            // The last of two numbers wins, as users expect of an alias; of two files the first
            // would be lost in silence.
            if (flag->kind == ValueKind::kPath && !held.values.empty() &&
                held.values.back() != value) {
                return Error{"--" + std::string(flag->name) + " is given twice, as " +
                             quoted(held.values.back()) + " and as " + quoted(value) +
                             "; it takes one"};
            }
            held.values.clear();
        }
        held.values.push_back(std::move(value));
        held.source = ValueSource::kFlag;
        return rest;
    }

    Status ask(ParsedCommand::Request request) {
        parsed_.request = request;
        parsed_.words = path_;
        // `merlon --help scan` is meant as `merlon scan --help`.
        while (request == ParsedCommand::Request::kHelp && at_ < words_.size() &&
               extends_verb(words_[at_])) {
            path_ += (path_.empty() ? "" : " ") + words_[at_++];
            parsed_.words = path_;
            if (const Verb* verb = find_verb(table_, path_)) use(*verb);
        }
        return {};
    }

    // What a flag is given for has to happen. One that stands in the environment is meant for
    // others.
    Status check_global_flags() {
        const Verb& verb = *parsed_.verb;
        for (const Flag& flag : table_.global_flags) {
            if (takes(verb, flag) || parsed_.flags_[flag.name] != &flag) continue;
            if (parsed_.values_.contains(flag.name)) {
                const std::string command =
                    quoted(std::string(table_.program) + ' ' + std::string(verb.path));
                return Error{verb.rest == Verb::Rest::kForeign
                                 ? "--" + std::string(flag.name) + " stands before " + command +
                                       ", which takes only flags of its own, behind it"
                                 : "--" + std::string(flag.name) + " does nothing for " + command +
                                       "; leave it out"};
            }
            parsed_.flags_.erase(flag.name);
        }
        return {};
    }

    // A verb's own flag by the name of a global one takes other values than the variable has.
    bool replaces_global(const Flag& flag) const {
        return std::ranges::any_of(table_.global_flags, [&](const Flag& global) {
            return global.name == flag.name && &global != &flag;
        });
    }

    // Those that stood before the verb's last word.
    Status check_earlier_flags() const {
        for (const auto& [name, value] : parsed_.values_) {
            if (parsed_.flags_.contains(name)) continue;
            return Error{
                "--" + std::string(name) + " does nothing for " +
                quoted(std::string(table_.program) + ' ' + std::string(parsed_.verb->path)) +
                "; leave it out"};
        }
        return {};
    }

    Status check_arguments() const {
        const Verb& verb = *parsed_.verb;
        if (verb.rest == Verb::Rest::kForeign || parsed_.arguments.size() <= verb.max_arguments) {
            return {};
        }
        std::string usage = std::string(table_.program) + ' ' + std::string(verb.path);
        if (!verb.arguments.empty()) usage += ' ' + std::string(verb.arguments);
        return Error{"unexpected argument " + quoted(parsed_.arguments[verb.max_arguments]) +
                     "; the command is " + quoted(usage)};
    }

    Status take_environment(const EnvironmentLookup& environment) {
        if (!environment) return {};
        for (const auto& [name, flag] : parsed_.flags_) {
            const bool has_variable =
                flag->in_environment == InEnvironment::kYes && !replaces_global(*flag);
            if (parsed_.values_.contains(name) || !has_variable) continue;
            const std::string variable = environment_name(table_, name);
            const std::optional<std::string> text = environment(variable);
            if (!text.has_value()) continue;
            FlagValue value{.values = {}, .source = ValueSource::kEnvironment};
            if (flag->kind == ValueKind::kNone) {
                const std::optional<bool> on = read_switch(*text);
                if (!on.has_value()) {
                    return Error{variable + " is " + quoted(*text) +
                                 "; write true or false, or unset it"};
                }
                if (*on) value.values = {"true"};
            } else if (text->empty()) {
                continue;  // CI systems set what they mean to leave out to nothing
            } else if (flag->repeat == Repeat::kMany) {
                for (const std::string_view part : split(*text, '\n')) {
                    if (!part.empty()) value.values.emplace_back(part);
                }
            } else {
                value.values = {*text};
            }
            for (const std::string& part : value.values) {
                if (flag->kind == ValueKind::kNone) break;
                if (Status checked = check_value(*flag, part); !checked.ok()) {
                    return std::move(checked).error().within("reading " + variable);
                }
            }
            parsed_.values_[name] = std::move(value);
        }
        return {};
    }

    const CommandTable& table_;
    Words words_;
    std::size_t at_ = 0;
    std::string path_;
    ParsedCommand parsed_;
};

bool ParsedCommand::is_set(std::string_view flag) const {
    const auto found = values_.find(flag);
    return found != values_.end() && !found->second.values.empty();
}

const std::string& ParsedCommand::text(std::string_view flag) const {
    const std::vector<std::string>& values = list(flag);
    return values.empty() ? kNothing : values.back();
}

const std::vector<std::string>& ParsedCommand::list(std::string_view flag) const {
    const auto found = values_.find(flag);
    return found == values_.end() ? kNoValues : found->second.values;
}

std::optional<std::int64_t> ParsedCommand::integer(std::string_view flag) const {
    return is_set(flag) ? read_integer(text(flag)) : std::nullopt;
}

ValueSource ParsedCommand::source(std::string_view flag) const {
    const auto found = values_.find(flag);
    return found == values_.end() ? ValueSource::kDefault : found->second.source;
}

Status ParsedCommand::apply_configuration(std::string_view flag,
                                          const std::vector<std::string>& values,
                                          const std::vector<ValuePlace>& places) {
    const auto known = flags_.find(flag);
    MERLON_ASSERT(known != flags_.end());
    for (std::size_t i = 0; i < values.size(); ++i) {
        Status checked = check_value(*known->second, values[i]);
        if (checked.ok()) continue;
        if (i >= places.size()) return checked;
        return std::move(checked).error().at(places[i].file, places[i].line, places[i].column);
    }
    FlagValue& held = values_[known->first];
    if (held.source > ValueSource::kConfiguration) return {};
    held = {.values = values, .source = ValueSource::kConfiguration, .places = places};
    return {};
}

Error ParsedCommand::at_value(Error error, std::string_view flag) const {
    const auto found = values_.find(flag);
    if (found == values_.end() || found->second.places.empty() || error.line != 0) return error;
    const FlagValue& value = found->second;
    if (!error.file.empty()) error.message = error.file + ": " + error.message;
    error.file.clear();
    std::size_t which = 0;
    while (which < value.values.size() && !error.message.contains(value.values[which])) ++which;
    const ValuePlace& place = value.places[which < value.places.size() ? which : 0];
    return std::move(error).at(place.file, place.line, place.column);
}

Result<ParsedCommand> parse_command(const CommandTable& table, Words words,
                                    const EnvironmentLookup& environment) {
    return CommandParser(table, words).parse(environment);
}

std::string environment_name(const CommandTable& table, std::string_view flag) {
    std::string name;
    name.reserve(table.program.size() + 1 + flag.size());
    const auto append = [&](std::string_view words) {
        for (const char c : words) {
            const bool is_between = c == '-' || c == ' ';
            name += is_between ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        }
    };
    append(table.program);
    name += '_';
    append(flag);
    return name;
}

std::string meant_variable(const CommandTable& table, std::string_view name,
                           std::span<const std::string_view> others) {
    const std::string prefix = environment_name(table, "");
    if (!name.starts_with(prefix)) return {};
    // Their ends are compared: the prefix is no likeness.
    name.remove_prefix(prefix.size());
    std::set<std::string> known;
    const auto know = [&](std::string_view variable) {
        known.emplace(variable.substr(prefix.size()));
    };
    for (const std::string_view other : others) know(other);
    const auto know_all = [&](std::span<const Flag> flags) {
        for (const Flag& flag : flags)
            if (flag.in_environment == InEnvironment::kYes)
                know(environment_name(table, flag.name));
    };
    know_all(table.global_flags);
    for (const Verb& verb : table.verbs) know_all(verb.flags);
    if (known.contains(std::string(name))) return {};
    const std::vector<std::string_view> candidates(known.begin(), known.end());
    const std::string_view meant = nearest(name, candidates);
    return meant.empty() ? std::string() : prefix + std::string(meant);
}

bool takes(const Verb& verb, const Flag& global_flag) {
    if (verb.rest == Verb::Rest::kForeign) return false;
    if (global_flag.only_for.empty()) return true;
    for (const std::string_view path : split(global_flag.only_for, '|')) {
        if (verb.path == path) return true;
        if (verb.path.starts_with(path) && verb.path[path.size()] == ' ') return true;
    }
    return false;
}

bool is_group(const CommandTable& table, std::string_view path) {
    return std::any_of(table.verbs.begin(), table.verbs.end(), [&](const Verb& verb) {
        return verb.path.starts_with(std::string(path) + ' ');
    });
}

const Verb* find_verb(const CommandTable& table, std::string_view path) {
    const auto found = std::find_if(table.verbs.begin(), table.verbs.end(),
                                    [path](const Verb& verb) { return verb.path == path; });
    return found == table.verbs.end() ? nullptr : &*found;
}

}  // namespace merlon
