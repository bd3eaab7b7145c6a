#include <set>

#include "base/flags.h"

namespace merlon {
namespace {

// In single quotes for a POSIX shell: what ends the quotes is put outside them.
std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + "'";
}

std::string spaced(std::string_view choices) {
    std::string text;
    for (const char c : choices) text += c == '|' ? ' ' : c;
    return text;
}

struct Node {
    std::string path;                    // "", "scan", "scan secrets"
    const Verb* verb = nullptr;          // null: only the beginning of others
    std::vector<std::string> next = {};  // the words that may follow
    std::vector<std::string_view> summaries = {};
};

// The tree of the verbs' words, the root first.
std::vector<Node> nodes_of(const CommandTable& table) {
    std::set<std::string> paths = {""};
    for (const Verb& verb : table.verbs) {
        if (verb.visibility == Visibility::kHidden) continue;
        for (std::size_t at = verb.path.find(' '); at != std::string_view::npos;
             at = verb.path.find(' ', at + 1)) {
            paths.emplace(verb.path.substr(0, at));
        }
        paths.emplace(verb.path);
    }
    std::vector<Node> nodes;
    for (const std::string& path : paths) {
        Node node{.path = path, .verb = find_verb(table, path)};
        const std::string prefix = path.empty() ? "" : path + ' ';
        for (const std::string& longer : paths) {
            if (longer.empty() || !longer.starts_with(prefix) || longer == path) continue;
            const std::string rest = longer.substr(prefix.size());
            if (rest.find(' ') != std::string::npos) continue;
            node.next.push_back(rest);
            const Verb* verb = find_verb(table, longer);
            node.summaries.push_back(verb != nullptr ? verb->summary : std::string_view());
        }
        nodes.push_back(std::move(node));
    }
    return nodes;
}

std::vector<const Flag*> flags_of(const CommandTable& table, const Node& node) {
    std::vector<const Flag*> flags;
    if (node.verb != nullptr) {
        for (const Flag& flag : node.verb->flags) flags.push_back(&flag);
    }
    for (const Flag& flag : table.global_flags) flags.push_back(&flag);
    std::erase_if(flags, [](const Flag* flag) { return flag->visibility == Visibility::kHidden; });
    return flags;
}

std::string bash_completion(const CommandTable& table) {
    const std::string program(table.program);
    std::string out = "# bash completion for " + program + "\n_" + program + "() {\n";
    out += R"(    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
    local path='' word i
    for ((i = 1; i < COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        case "$path${path:+ }$word" in
)";
    const std::vector<Node> nodes = nodes_of(table);
    for (const Node& node : nodes) {
        if (!node.path.empty()) {
            out += "            " + shell_quoted(node.path) + ") path=" + shell_quoted(node.path) +
                   " ;;\n";
        }
    }
    out += "        esac\n    done\n    case \"$path:$previous\" in\n";
    for (const Node& node : nodes) {
        for (const Flag* flag : flags_of(table, node)) {
            if (flag->kind == ValueKind::kNone) continue;
            out += "        " + shell_quoted(node.path + ":--" + std::string(flag->name)) + ") ";
            if (flag->kind == ValueKind::kChoice) {
                out += "COMPREPLY=($(compgen -W " + shell_quoted(spaced(flag->choices)) +
                       " -- \"$current\")); return ;;\n";
            } else if (flag->kind == ValueKind::kPath) {
                out += "COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n";
            } else {
                out += "return ;;\n";
            }
        }
    }
    out += "    esac\n    case \"$path\" in\n";
    for (const Node& node : nodes) {
        std::string words;
        for (const std::string& next : node.next) words += next + ' ';
        for (const Flag* flag : flags_of(table, node)) {
            words += "--" + std::string(flag->name) + ' ';
        }
        out += "        " + shell_quoted(node.path) + ") COMPREPLY=($(compgen -W " +
               shell_quoted(words + "--help") + " -- \"$current\")) ;;\n";
    }
    out += "    esac\n    [[ ${#COMPREPLY[@]} -gt 0 || $current == -* ]] ||\n";
    out += "        COMPREPLY=($(compgen -f -- \"$current\"))\n}\n";
    return out + "complete -o filenames -F _" + program + ' ' + program + '\n';
}

// In zsh's specifications, brackets and colons are syntax.
std::string zsh_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string zsh_completion(const CommandTable& table) {
    const std::string program(table.program);
    std::string out = "#compdef " + program + "\n_" + program + "() {\n";
    out += R"(    local path='' word i
    for ((i = 2; i < CURRENT; i++)); do
        word="${words[i]}"
        case "$path${path:+ }$word" in
)";
    const std::vector<Node> nodes = nodes_of(table);
    for (const Node& node : nodes) {
        if (!node.path.empty()) {
            out += "            " + shell_quoted(node.path) + ") path=" + shell_quoted(node.path) +
                   " ;;\n";
        }
    }
    out += "        esac\n    done\n    local -a verbs\n    case \"$path\" in\n";
    for (const Node& node : nodes) {
        out += "        " + shell_quoted(node.path) + ")\n            verbs=(";
        for (std::size_t i = 0; i < node.next.size(); ++i) {
            out += ' ' + shell_quoted(node.next[i] + ':' + zsh_escaped(node.summaries[i]));
        }
        out +=
            " )\n            (( ${#verbs} )) && _describe command verbs\n            _arguments -s";
        for (const Flag* flag : flags_of(table, node)) {
            std::string specification = flag->repeat == Repeat::kMany ? "*" : "";
            specification += "--" + std::string(flag->name);
            specification += '[' + zsh_escaped(flag->help) + ']';
            if (flag->kind != ValueKind::kNone) {
                specification += ':' + zsh_escaped(flag->value_name) + ':';
                if (flag->kind == ValueKind::kChoice) {
                    specification += '(' + spaced(flag->choices) + ')';
                }
                if (flag->kind == ValueKind::kPath) specification += "_files";
            }
            out += " \\\n                " + shell_quoted(specification);
        }
        out += " \\\n                '*:file:_files'\n            ;;\n";
    }
    out += "    esac\n}\n";
    return out + "if [ \"$funcstack[1]\" = \"_" + program + "\" ]; then _" + program +
           " \"$@\"; else compdef _" + program + ' ' + program + "; fi\n";
}

// The words of a path that must all have been typed.
std::string fish_condition(const Node& node) {
    std::string condition;
    std::string_view rest = node.path;
    while (!rest.empty()) {
        const std::size_t space = rest.find(' ');
        if (!condition.empty()) condition += "; and ";
        condition += "__fish_seen_subcommand_from " + std::string(rest.substr(0, space));
        rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
    }
    if (node.path.empty()) condition = "__fish_use_subcommand";
    return condition;
}

std::string fish_completion(const CommandTable& table) {
    const std::string program(table.program);
    std::string out = "# fish completion for " + program + '\n';
    for (const Node& node : nodes_of(table)) {
        const std::string start =
            "complete -c " + program + " -n " + shell_quoted(fish_condition(node));
        for (std::size_t i = 0; i < node.next.size(); ++i) {
            out += start + " -a " + shell_quoted(node.next[i]) + " -d " +
                   shell_quoted(node.summaries[i]) + '\n';
        }
        if (node.verb == nullptr) continue;
        for (const Flag& flag : node.verb->flags) {
            if (flag.visibility == Visibility::kHidden) continue;
            out += start + " -l " + std::string(flag.name);
            if (flag.kind == ValueKind::kChoice) {
                out += " -x -a " + shell_quoted(spaced(flag.choices));
            } else if (flag.kind == ValueKind::kPath) {
                out += " -r -F";
            } else if (flag.kind != ValueKind::kNone) {
                out += " -x";
            }
            out += " -d " + shell_quoted(flag.help) + '\n';
        }
    }
    for (const Flag& flag : table.global_flags) {
        if (flag.visibility == Visibility::kHidden) continue;
        out += "complete -c " + program + " -l " + std::string(flag.name);
        if (flag.short_name != 0) out += std::string(" -s ") + flag.short_name;
        if (flag.kind == ValueKind::kChoice) out += " -x -a " + shell_quoted(spaced(flag.choices));
        if (flag.kind == ValueKind::kPath) out += " -r -F";
        if (flag.kind == ValueKind::kText || flag.kind == ValueKind::kInteger) out += " -x";
        out += " -d " + shell_quoted(flag.help) + '\n';
    }
    return out;
}

}  // namespace

std::string completion(const CommandTable& table, Shell shell) {
    switch (shell) {
        case Shell::kBash:
            return bash_completion(table);
        case Shell::kZsh:
            return zsh_completion(table);
        case Shell::kFish:
            return fish_completion(table);
    }
    return {};
}

}  // namespace merlon
