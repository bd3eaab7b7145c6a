#include <fmt/core.h>

#include <algorithm>

#include "base/flags.h"
#include "base/terminal.h"

namespace merlon {
namespace {

constexpr Flag kHelpFlag{.name = "help", .short_name = 'h', .help = "show this page"};

std::vector<const Flag*> shown_flags(std::span<const Flag> flags) {
    std::vector<const Flag*> shown;
    for (const Flag& flag : flags) {
        if (flag.visibility == Visibility::kShown) shown.push_back(&flag);
    }
    return shown;
}

// Those of the global flags that do something for a verb.
std::vector<Flag> global_flags_of(const CommandTable& table, const Verb& verb) {
    std::vector<Flag> flags;
    for (const Flag& flag : table.global_flags) {
        if (!takes(verb, flag)) continue;
        flags.push_back(flag);
        flags.back().only_for = {};  // as the page of the verb says
    }
    return flags;
}

std::vector<const Verb*> shown_verbs(const CommandTable& table) {
    std::vector<const Verb*> shown;
    for (const Verb& verb : table.verbs) {
        if (verb.visibility == Visibility::kShown) shown.push_back(&verb);
    }
    return shown;
}

std::string joined_choices(std::string_view choices, std::string_view separator) {
    std::string text;
    for (const char c : choices) {
        if (c == '|') {
            text += separator;
        } else {
            text += c;
        }
    }
    return text;
}

// "-q, --quiet" or "    --format FORMAT"
std::string spelling(const Flag& flag) {
    std::string text = flag.short_name != 0 ? std::string("-") + flag.short_name + ", " : "    ";
    text += "--" + std::string(flag.name);
    if (flag.kind != ValueKind::kNone) text += ' ' + std::string(flag.value_name);
    return text;
}

std::string explanation(const Flag& flag) {
    std::string text(flag.help);
    if (!flag.choices.empty()) text += ": " + joined_choices(flag.choices, ", ");
    if (flag.repeat == Repeat::kMany) text += " (repeatable)";
    if (!flag.default_text.empty()) text += " [default " + std::string(flag.default_text) + "]";
    if (!flag.only_for.empty()) text += "; for " + joined_choices(flag.only_for, ", ");
    return text;
}

// Appends `text` broken at spaces so that no line, indented, is wider than `width`.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent, std::size_t width,
                    std::size_t used) {
    bool line_is_empty = true;
    while (!text.empty()) {
        const std::size_t space = text.find(' ');
        const std::string_view word = text.substr(0, space);
        if (!line_is_empty && used + 1 + display_width(word) > width) {
            out += '\n' + std::string(indent, ' ');
            used = indent;
            line_is_empty = true;
        }
        if (!line_is_empty) {
            out += ' ';
            ++used;
        }
        out += word;
        used += display_width(word);
        line_is_empty = false;
        text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    }
    out += '\n';
}

struct Row {
    std::string left, right;
};

void append_rows(std::string& out, const std::vector<Row>& rows, std::size_t width) {
    constexpr std::size_t kWidest = 34;
    std::size_t column = 0;
    for (const Row& row : rows) {
        const std::size_t left = display_width(row.left);
        if (left <= kWidest) column = std::max(column, left);
    }
    const std::size_t indent = column + 4;
    for (const Row& row : rows) {
        out += "  " + row.left;
        const std::size_t used = 2 + display_width(row.left);
        out +=
            used + 2 > indent ? '\n' + std::string(indent, ' ') : std::string(indent - used, ' ');
        append_wrapped(out, row.right, indent, std::max(width, indent + 30), indent);
    }
}

template <typename Visit>
void for_each_line(std::string_view text, const Visit& visit) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        visit(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

void append_text(std::string& out, std::string_view text, std::size_t width) {
    for_each_line(text, [&](std::string_view line) { append_wrapped(out, line, 0, width, 0); });
}

std::string usage(const CommandTable& table, const Verb& verb) {
    std::string text = std::string(table.program) + ' ' + std::string(verb.path);
    if (verb.rest == Verb::Rest::kOurs) text += " [FLAGS]";
    if (!verb.arguments.empty()) text += ' ' + std::string(verb.arguments);
    return text;
}

std::vector<Row> flag_rows(std::span<const Flag> flags) {
    std::vector<Row> rows;
    for (const Flag* flag : shown_flags(flags)) {
        rows.push_back({spelling(*flag), explanation(*flag)});
    }
    return rows;
}

// A flag and its variable, of those that people know best: "--fail-on is MERLON_FAIL_ON".
std::string example_of_variables(const CommandTable& table) {
    for (const std::string_view name : {"fail-on", "format", "output"}) {
        for (const Verb* verb : shown_verbs(table)) {
            const auto flags = shown_flags(verb->flags);
            if (std::ranges::find(flags, name, &Flag::name) == flags.end()) continue;
            return "--" + std::string(name) + " is " + environment_name(table, name);
        }
    }
    return "--flag is " + environment_name(table, "flag");
}

std::string overview(const CommandTable& table, unsigned width) {
    std::string out;
    append_text(out, table.summary, width);
    out += "\nUsage:\n  " + std::string(table.program) + " COMMAND [FLAGS] [ARGUMENTS]\n";
    out += "\nCommands:\n";
    std::vector<Row> rows;
    for (const Verb* verb : shown_verbs(table)) {
        rows.push_back({std::string(verb->path), std::string(verb->summary)});
    }
    append_rows(out, rows, width);
    out += table.global_flags.empty() ? "\nFlags of all commands:\n" : "\nGlobal flags:\n";
    rows = flag_rows(table.global_flags);
    rows.push_back({spelling(kHelpFlag), std::string(kHelpFlag.help)});
    append_rows(out, rows, width);
    out += "\nExit codes:\n";
    for_each_line(table.exit_codes, [&](std::string_view line) {
        out += "  ";
        append_wrapped(out, line, 4, width, 2);
    });
    out += "\nFlags are also environment variables: " + example_of_variables(table) + ".\n";
    return out;
}

// roff: a backslash, and a dot or quote at a line's start, are commands.
std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
            out += "\\&";
            out += c;
        } else {
            out += c;
        }
    }
    return out;
}

void append_roff_paragraphs(std::string& out, std::string_view text) {
    for_each_line(
        text, [&](std::string_view line) { out += line.empty() ? ".PP\n" : roff(line) + '\n'; });
}

void append_roff_flags(std::string& out, std::span<const Flag> flags) {
    for (const Flag* flag : shown_flags(flags)) {
        out += ".TP\n\\fB";
        if (flag->short_name != 0) out += std::string("\\-") + flag->short_name + "\\fR, \\fB";
        out += roff("--" + std::string(flag->name)) + "\\fR";
        if (flag->kind != ValueKind::kNone) out += " \\fI" + roff(flag->value_name) + "\\fR";
        out += '\n' + roff(explanation(*flag)) + '\n';
    }
}

void append_markdown_flags(std::string& out, const CommandTable& table,
                           std::span<const Flag> flags) {
    if (shown_flags(flags).empty()) return;
    out += "| flag | meaning | environment |\n|---|---|---|\n";
    for (const Flag* flag : shown_flags(flags)) {
        std::string name = flag->short_name != 0 ? std::string("-") + flag->short_name + ", " : "";
        name += "--" + std::string(flag->name);
        if (flag->kind != ValueKind::kNone) name += ' ' + std::string(flag->value_name);
        std::string meaning;
        for (const char c : explanation(*flag)) meaning += c == '|' ? "\\|" : std::string(1, c);
        const std::string variable = flag->in_environment == InEnvironment::kYes
                                         ? "`" + environment_name(table, flag->name) + "`"
                                         : "none";
        out += fmt::format("| `{}` | {} | {} |\n", name, meaning, variable);
    }
    out += '\n';
}

void append_commands_below(std::string& out, const CommandTable& table, std::string_view path,
                           unsigned width) {
    std::vector<Row> rows;
    for (const Verb* verb : shown_verbs(table)) {
        if (verb->path.starts_with(std::string(path) + ' ')) {
            rows.push_back({std::string(verb->path), std::string(verb->summary)});
        }
    }
    if (rows.empty()) return;
    out += "\nCommands:\n";
    append_rows(out, rows, width);
}

}  // namespace

std::string group_help(const CommandTable& table, std::string_view path, unsigned width) {
    std::string out = "Usage:\n  " + std::string(table.program) + ' ' + std::string(path) +
                      " COMMAND [FLAGS] [ARGUMENTS]\n";
    for (const VerbGroup& group : table.groups) {
        if (group.path != path) continue;
        out += '\n';
        append_text(out, group.description, width);
    }
    append_commands_below(out, table, path, width);
    out += "\nSee '" + std::string(table.program) + " help " + std::string(path) +
           " COMMAND' for each.\n";
    return out;
}

std::string help_text(const CommandTable& table, const Verb* verb, unsigned width) {
    if (verb == nullptr) return overview(table, width);
    std::string out;
    append_text(out, verb->summary, width);
    out += "\nUsage:\n  " + usage(table, *verb) + '\n';
    if (!verb->description.empty()) {
        out += '\n';
        append_text(out, verb->description, width);
    }
    append_commands_below(out, table, verb->path, width);
    if (!shown_flags(verb->flags).empty()) {
        out += "\nFlags:\n";
        append_rows(out, flag_rows(verb->flags), width);
    }
    const std::vector<Flag> global_flags = global_flags_of(table, *verb);
    if (!shown_flags(global_flags).empty()) {
        out += "\nGlobal flags:\n";
        append_rows(out, flag_rows(global_flags), width);
    }
    if (!verb->examples.empty()) {
        out += "\nExamples:\n";
        for_each_line(verb->examples,
                      [&](std::string_view line) { out += "  " + std::string(line) + '\n'; });
    }
    return out;
}

std::string man_page(const CommandTable& table, std::string_view date) {
    std::string title;
    for (const char c : table.program)
        title += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    std::string out = ".TH " + title + " 1 \"" + std::string(date) + "\" \"" +
                      std::string(table.program) + ' ' + std::string(table.version) + "\"\n";
    out += ".SH NAME\n" + std::string(table.program) + " \\- " + roff(table.summary) + '\n';
    out += ".SH SYNOPSIS\n.B " + std::string(table.program) +
           "\n.I command\n[\\fIflags\\fR] [\\fIarguments\\fR]\n";
    out += ".SH COMMANDS\n";
    for (const Verb* verb : shown_verbs(table)) {
        out += ".SS " + roff(usage(table, *verb)) + '\n' + roff(verb->summary) + ".\n";
        if (!verb->description.empty()) {
            out += ".PP\n";
            append_roff_paragraphs(out, verb->description);
        }
        append_roff_flags(out, verb->flags);
        if (!verb->examples.empty()) {
            out += ".PP\nExamples:\n.PP\n.nf\n";
            for_each_line(verb->examples, [&](std::string_view line) { out += roff(line) + '\n'; });
            out += ".fi\n";
        }
    }
    out += ".SH GLOBAL FLAGS\n";
    append_roff_flags(out, table.global_flags);
    out += ".SH EXIT STATUS\n";
    for_each_line(table.exit_codes, [&](std::string_view line) {
        const std::size_t space = line.find(' ');
        out += ".TP\n\\fB" + std::string(line.substr(0, space)) + "\\fR\n";
        out += roff(space == std::string_view::npos ? "" : line.substr(space + 1)) + '\n';
    });
    out +=
        ".SH ENVIRONMENT\nFlags are also environment variables: \\fB\\-\\-fail\\-on\\fR is "
        "\\fB" +
        environment_name(table, "fail-on") + "\\fR.\n";
    return out;
}

std::string markdown_reference(const CommandTable& table) {
    std::string out = "# Flags\n\nGenerated from the flag table by `" + std::string(table.program) +
                      " man --format markdown`. Flags are also "
                      "environment variables;\na flag wins over the environment, that over "
                      "`.merlon.yaml`, and that over the default.\n\n## Global flags\n\n";
    append_markdown_flags(out, table, table.global_flags);
    for (const Verb* verb : shown_verbs(table)) {
        out += "## " + std::string(table.program) + ' ' + std::string(verb->path) + "\n\n" +
               std::string(verb->summary) + ".\n\n```\n" + usage(table, *verb) + "\n```\n\n";
        if (!verb->description.empty()) out += std::string(verb->description) + "\n\n";
        append_markdown_flags(out, table, verb->flags);
        if (!verb->examples.empty()) {
            out += "```sh\n" + std::string(verb->examples) +
                   (verb->examples.ends_with('\n') ? "" : "\n") + "```\n\n";
        }
    }
    out += "## Exit codes\n\n";
    for_each_line(table.exit_codes, [&](std::string_view line) {
        const std::size_t space = line.find(' ');
        out += "- **" + std::string(line.substr(0, space)) + "** " +
               std::string(space == std::string_view::npos ? "" : line.substr(space + 1)) + '\n';
    });
    return out;
}

}  // namespace merlon
