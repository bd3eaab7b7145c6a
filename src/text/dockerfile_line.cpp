#include "text/dockerfile_line.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/interner.h"
#include "text/json.h"

namespace merlon::text {
namespace {

// Between the words of a line, which has no line feed.
constexpr std::string_view kDockerBlanks = "\t\v\f\r ";

bool is_docker_blank(char c) { return kDockerSpaces.find(c) != std::string_view::npos; }

// How the arguments of an instruction are written.
enum class DockerForm : unsigned char {
    kText,         // all of it is one
    kWords,        // between blanks
    kNames,        // words, in which quotes hold blanks together
    kPairs,        // name=value …, or "name value"
    kJsonOrText,   // a JSON array, or all of it
    kJsonOrWords,  // a JSON array, or words
    kHealth,       // a word, and a JSON array or the rest
    kInstruction,  // another instruction
};
enum class FlagKind : unsigned char { kBoolean, kText, kTexts };
struct FlagRule {
    std::string_view name;
    FlagKind kind;
};
constexpr FlagRule kAddFlags[] = {
    {"chown", FlagKind::kText},    {"chmod", FlagKind::kText},
    {"link", FlagKind::kBoolean},  {"keep-git-dir", FlagKind::kBoolean},
    {"checksum", FlagKind::kText}, {"unpack", FlagKind::kBoolean},
    {"exclude", FlagKind::kTexts}};
constexpr FlagRule kCopyFlags[] = {{"chown", FlagKind::kText},    {"from", FlagKind::kText},
                                   {"chmod", FlagKind::kText},    {"link", FlagKind::kBoolean},
                                   {"exclude", FlagKind::kTexts}, {"parents", FlagKind::kBoolean}};
constexpr FlagRule kFromFlags[] = {{"platform", FlagKind::kText}};
constexpr FlagRule kHealthFlags[] = {{"interval", FlagKind::kText},
                                     {"timeout", FlagKind::kText},
                                     {"start-period", FlagKind::kText},
                                     {"start-interval", FlagKind::kText},
                                     {"retries", FlagKind::kText}};
constexpr FlagRule kRunFlags[] = {{"mount", FlagKind::kTexts},
                                  {"network", FlagKind::kText},
                                  {"security", FlagKind::kText},
                                  {"device", FlagKind::kTexts}};

constexpr std::size_t kAnyCount = SIZE_MAX;
enum class Flags : unsigned char { kChecked, kIgnored };
struct InstructionRule {
    std::string_view name;
    DockerForm form;
    std::size_t least = 0;
    std::size_t most = kAnyCount;
    std::span<const FlagRule> flags = {};
    Flags flag_check = Flags::kChecked;
};
constexpr InstructionRule kDockerRules[] = {
    {"add", DockerForm::kJsonOrWords, 2, kAnyCount, kAddFlags},
    {"arg", DockerForm::kNames, 1, kAnyCount, {}, Flags::kIgnored},
    {"cmd", DockerForm::kJsonOrText},
    {"copy", DockerForm::kJsonOrWords, 2, kAnyCount, kCopyFlags},
    {"entrypoint", DockerForm::kJsonOrText},
    {"env", DockerForm::kPairs, 1},
    {"expose", DockerForm::kWords, 1},
    {"from", DockerForm::kWords, 1, kAnyCount, kFromFlags},
    {"healthcheck", DockerForm::kHealth, 1, kAnyCount, kHealthFlags},
    {"label", DockerForm::kPairs, 1},
    {"maintainer", DockerForm::kText, 1, 1},
    {"onbuild", DockerForm::kInstruction},
    {"run", DockerForm::kJsonOrText, 0, kAnyCount, kRunFlags},
    {"shell", DockerForm::kJsonOrText, 1},
    {"stopsignal", DockerForm::kText, 1, 1, {}, Flags::kIgnored},
    {"user", DockerForm::kText, 1, 1},
    {"volume", DockerForm::kJsonOrWords, 1},
    {"workdir", DockerForm::kText, 1, 1},
};
const InstructionRule* docker_rule_of(std::string_view command) {
    const auto found = std::ranges::find(kDockerRules, command, &InstructionRule::name);
    return found == std::end(kDockerRules) ? nullptr : found;
}

std::string docker_upper_case(std::string_view text) {
    std::string upper(text);
    for (char& c : upper) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return upper;
}

// The flags at the start, without quotes and escapes; what follows them remains in `line`.
std::vector<std::string> take_flags(std::string_view& line, char escape) {
    std::vector<std::string> flags;
    std::size_t at = 0;
    while (true) {
        while (at < line.size() && is_docker_blank(line[at])) ++at;
        if (!line.substr(at).starts_with("--")) break;
        std::string word;
        char quote = 0;
        bool has_quotes = false;
        for (; at < line.size() && (quote != 0 || !is_docker_blank(line[at])); ++at) {
            char c = line[at];
            if (quote != 0 ? c == quote : c == '\'' || c == '"') {
                quote = quote != 0 ? '\0' : c;
                has_quotes = true;
                continue;
            }
            if (c == escape) {
                if (at + 1 == line.size()) continue;
                c = line[++at];
            }
            word += c;
        }
        if (word == "--") break;
        if (has_quotes || !word.empty()) flags.push_back(std::move(word));
    }
    line = line.substr(std::min(at, line.size()));
    return flags;
}

// Words between blanks; quotes and escapes are kept, and hold blanks together.
std::vector<std::string> quoted_words(std::string_view text, char escape) {
    std::vector<std::string> words;
    std::size_t at = 0;
    while (true) {
        while (at < text.size() && is_docker_blank(text[at])) ++at;
        if (at == text.size()) return words;
        std::string word;
        char quote = 0;
        bool has_quotes = false;
        for (; at < text.size() && (quote != 0 || !is_docker_blank(text[at])); ++at) {
            const char c = text[at];
            if (quote != 0 && c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '\'' || c == '"')) {
                quote = c;
                has_quotes = true;
            } else if (c == escape && quote != '\'') {
                if (at + 1 == text.size()) continue;
                word += c;
                ++at;
            }
            word += text[at];
        }
        if (has_quotes || !word.empty()) words.push_back(std::move(word));
    }
}

// Between runs of blanks; nothing where there is nothing.
std::vector<std::string> plain_words(std::string_view text) {
    std::vector<std::string> words;
    if (text.empty()) return words;
    while (true) {
        const std::size_t end = text.find_first_of(kDockerBlanks);
        words.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return words;
        text.remove_prefix(std::min(text.find_first_not_of(kDockerBlanks, end), text.size()));
        if (text.empty()) words.emplace_back();
        if (text.empty()) return words;
    }
}

// A JSON array of texts. Nothing: it is no array, and means something else; an error: it holds
// other things.
Result<std::optional<std::vector<std::string>>> json_texts(std::string_view text) {
    using Texts = std::optional<std::vector<std::string>>;
    text = trim_docker(text);
    if (!text.starts_with('[')) return Texts();
    Arena arena;
    Interner interner;
    const auto document = read_json(text, arena, interner);
    if (!document.ok()) return Texts();
    std::vector<std::string> texts;
    for (const value::Value& item : document.value().root->items()) {
        if (!item.is_string()) {
            return Error{"when using JSON array syntax, arrays must be comprised of strings only"};
        }
        texts.emplace_back(item.as_string());
    }
    return Texts(std::move(texts));
}

Status read_pairs(std::string_view text, char escape, DockerInstruction& made) {
    const std::vector<std::string> words = quoted_words(text, escape);
    if (words.empty()) return {};
    if (words[0].find('=') == std::string::npos) {
        const std::size_t end = text.find_first_of(kDockerBlanks);
        if (end == std::string_view::npos) {
            return Error{docker_upper_case(made.command) + " must have two arguments"};
        }
        std::string_view value = text.substr(end);
        value.remove_prefix(std::min(value.find_first_not_of(kDockerBlanks), value.size()));
        made.arguments = {std::string(text.substr(0, end)), std::string(value), ""};
        return {};
    }
    for (const std::string& word : words) {
        const std::size_t sign = word.find('=');
        if (sign == std::string::npos) {
            return Error{"Syntax error - can't find = in \"" + word +
                         "\". Must be of the form: name=value"};
        }
        made.arguments.insert(made.arguments.end(),
                              {word.substr(0, sign), word.substr(sign + 1), "="});
    }
    return {};
}

Status read_json_or(std::string_view text, DockerForm form, DockerInstruction& made) {
    auto texts = MERLON_TRY(json_texts(text));
    made.is_json = texts.has_value();
    if (texts) {
        made.arguments.insert(made.arguments.end(), texts->begin(), texts->end());
    } else if (form == DockerForm::kJsonOrWords) {
        made.arguments = plain_words(text);
    } else if (!text.empty()) {
        made.arguments.emplace_back(text);
    }
    return {};
}

Status read_arguments(std::string_view text, DockerForm form, char escape,
                      DockerInstruction& made) {
    switch (form) {
        case DockerForm::kText:
            if (!text.empty()) made.arguments.emplace_back(text);
            return {};
        case DockerForm::kWords:
            made.arguments = plain_words(text);
            return {};
        case DockerForm::kNames:
            made.arguments = quoted_words(text, escape);
            return {};
        case DockerForm::kPairs:
            return read_pairs(text, escape, made);
        case DockerForm::kJsonOrText:
        case DockerForm::kJsonOrWords:
            return read_json_or(text, form, made);
        case DockerForm::kHealth: {
            const std::size_t end = std::min(text.find_first_of(kDockerSpaces), text.size());
            if (end == 0) return {};
            made.arguments.emplace_back(text.substr(0, end));
            return read_json_or(trim_docker(text.substr(end)), DockerForm::kJsonOrText, made);
        }
        case DockerForm::kInstruction: {
            if (text.empty()) return {};
            if (lower_case(text).starts_with("onbuild")) {
                return Error{"Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"};
            }
            DockerInstruction inner = MERLON_TRY(read_docker_line(text, escape));
            made.sub_command = std::string(text.substr(0, text.find_first_of(kDockerSpaces)));
            made.is_json = inner.is_json;
            made.arguments = std::move(inner.arguments);
            return {};
        }
    }
    return {};
}

Status check_flags(const DockerInstruction& instruction, std::span<const FlagRule> rules) {
    std::vector<std::string_view> used;
    for (const std::string_view flag : instruction.flags) {
        if (flag == "--") return {};
        const std::size_t sign = flag.find('=');
        const std::string name(flag.substr(0, sign));
        const auto rule =
            std::ranges::find(rules, std::string_view(name).substr(2), &FlagRule::name);
        if (rule == rules.end()) return Error{"unknown flag: " + name};
        const bool is_used = std::ranges::find(used, rule->name) != used.end();
        if (is_used && rule->kind != FlagKind::kTexts) {
            return Error{"duplicate flag specified: " + name};
        }
        used.push_back(rule->name);
        const bool has_value = sign != std::string_view::npos;
        const std::string value = has_value ? lower_case(flag.substr(sign + 1)) : "true";
        const bool is_missing = rule->kind == FlagKind::kBoolean ? value.empty() : !has_value;
        if (is_missing) return Error{"missing a value on flag: " + name};
        if (rule->kind == FlagKind::kBoolean && value != "true" && value != "false") {
            return Error{"expecting boolean value for flag " + name + ", not: " + value};
        }
    }
    return {};
}

Status check_stage(const std::vector<std::string>& arguments) {
    if (arguments.size() == 1) return {};
    if (arguments.size() != 3 || !equal_without_case(arguments[1], "as")) {
        return Error{"FROM requires either one or three arguments"};
    }
    const std::string name = lower_case(arguments[2]);
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const bool is_valid =
        !name.empty() && is_letter(name[0]) && std::ranges::all_of(name, [&](char c) {
            return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
        });
    if (is_valid) return {};
    return Error{"invalid name for build stage: \"" + arguments[2] +
                 "\", name can't start with a number or contain symbols"};
}

Status check_health(const DockerInstruction& instruction) {
    const std::string kind = docker_upper_case(instruction.arguments[0]);
    const std::size_t count = instruction.arguments.size() - 1;
    if (kind == "NONE") {
        if (count > 0) return Error{"HEALTHCHECK NONE takes no arguments"};
        return {};
    }
    if (kind != "CMD") return Error{"Unknown type \"" + kind + "\" in HEALTHCHECK (try CMD)"};
    if (count == 0) return Error{"Missing command after HEALTHCHECK CMD"};
    return {};
}

Status check_names(const DockerInstruction& instruction, std::string_view name) {
    const std::vector<std::string>& arguments = instruction.arguments;
    const std::size_t step = instruction.command == "arg" ? 1 : 3;
    for (std::size_t i = 0; i < arguments.size(); i += step) {
        if (arguments[i].empty() || arguments[i].starts_with('=')) {
            return Error{std::string(name) + " names can not be blank"};
        }
    }
    return {};
}

}  // namespace

std::string_view trim_docker_start(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(kDockerSpaces), text.size()));
    return text;
}

std::string_view trim_docker(std::string_view text) {
    text = trim_docker_start(text);
    return text.substr(0, text.find_last_not_of(kDockerSpaces) + 1);
}

Result<DockerInstruction> read_docker_line(std::string_view line, char escape) {
    line = trim_docker(line);
    const std::size_t end = line.find_first_of(kDockerBlanks);
    DockerInstruction made;
    made.word = std::string(line.substr(0, end));
    made.command = lower_case(made.word);
    std::string_view arguments;
    if (end != std::string_view::npos) {
        made.has_flags = true;
        arguments = line.substr(end);
        made.flags = take_flags(arguments, escape);
        arguments = trim_docker(arguments);
    }
    const InstructionRule* const rule = docker_rule_of(made.command);
    if (rule == nullptr) {
        made.arguments.emplace_back();  // as BuildKit's parser has it, which asks later
        return made;
    }
    MERLON_TRY(read_arguments(arguments, rule->form, escape, made));
    return made;
}

Status check_docker_instruction(const DockerInstruction& instruction) {
    const InstructionRule* const known = docker_rule_of(instruction.command);
    if (known == nullptr) return Error{"unknown instruction: " + instruction.word};
    const InstructionRule& rule = *known;
    const std::string name = docker_upper_case(instruction.command);
    const std::size_t count = instruction.arguments.size();
    if (rule.form == DockerForm::kInstruction) {
        if (instruction.sub_command.empty()) {
            return Error{"ONBUILD requires at least one argument"};
        }
        const std::string inner = docker_upper_case(instruction.sub_command);
        if (inner == "MAINTAINER" || inner == "FROM") {
            return Error{inner + " isn't allowed as an ONBUILD trigger"};
        }
    }
    if (count < rule.least || count > rule.most) {
        if (rule.most == 1) return Error{name + " requires exactly one argument"};
        if (rule.least == 2) {
            return Error{name +
                         " requires at least two arguments, but only one was provided. "
                         "Destination could not be determined"};
        }
        if (name != "FROM") return Error{name + " requires at least one argument"};
    }
    if (name == "FROM") MERLON_TRY(check_stage(instruction.arguments));
    if (rule.flag_check == Flags::kChecked) MERLON_TRY(check_flags(instruction, rule.flags));
    if (name == "HEALTHCHECK") return check_health(instruction);
    if (name == "ENV" || name == "LABEL" || name == "ARG") return check_names(instruction, name);
    if (name == "SHELL" && !instruction.is_json) {
        return Error{"SHELL requires the arguments to be in JSON form"};
    }
    return {};
}

std::vector<DockerHeredoc> docker_heredocs(const DockerInstruction& instruction,
                                           std::string_view line) {
    std::vector<DockerHeredoc> found;
    const std::string command = instruction.command == "onbuild"
                                    ? lower_case(instruction.sub_command)
                                    : instruction.command;
    const bool can_have = command == "add" || command == "copy" || command == "run";
    if (!can_have || instruction.is_json || line.find("<<") == std::string_view::npos) return found;
    for (const std::string& word : quoted_words(line, '\\')) {
        std::size_t at = word.find_first_not_of("0123456789");
        if (at == std::string::npos || word.compare(at, 2, "<<") != 0) continue;
        at += 2;
        DockerHeredoc heredoc;
        heredoc.ignores_tabs = word.compare(at, 1, "-") == 0;
        if (heredoc.ignores_tabs) ++at;
        for (const char c : word.substr(at)) {
            if (c != '"' && c != '\'' && c != '\\') heredoc.name += c;
        }
        if (heredoc.name.empty() || heredoc.name.find('<') != std::string::npos) continue;
        found.push_back(std::move(heredoc));
    }
    return found;
}

}  // namespace merlon::text
