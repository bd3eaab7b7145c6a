#include <algorithm>
#include <set>

#include "base/flags.h"
#include "base/shell.h"

namespace merlon {
namespace {

std::string spaced(std::string_view choices) {
    std::string text(choices);
    std::ranges::replace(text, '|', ' ');
    return text;
}

// What may stand behind some words.
struct Node {
    struct Next {
        std::string word;
        std::string_view summary;
    };
    std::string path;  // "", "scan", "scan secrets", "help scan"
    std::vector<Next> next = {};
    std::vector<const Flag*> flags = {};
    std::string_view listed_by = {};  // the verb whose lines begin with words that may follow
    bool has_paths = false;           // files may follow
};

class NodeMaker {
  public:
    // All nodes of the table, the root first, those of each foreign table behind its verb.
    static std::vector<Node> make(const CommandTable& table,
                                  std::span<const ForeignTable> foreign) {
        NodeMaker maker;
        maker.add_table(table, {});
        for (const Verb& verb : table.verbs) {
            if (verb.argument_kind == ArgumentKind::kCommand) maker.add_commands(verb.path);
        }
        for (const ForeignTable& other : foreign) {
            const auto replaced = [&](const Node& node) { return node.path == other.path; };
            std::erase_if(maker.nodes_, replaced);
            maker.add_table(*other.table, std::string(other.path));
        }
        return std::move(maker.nodes_);
    }

  private:
    // `where`: the words that the table's words stand behind.
    void add_table(const CommandTable& table, const std::string& where) {
        std::set<std::string> paths = {""};
        for (const Verb& verb : table.verbs) {
            if (verb.visibility == Visibility::kHidden) continue;
            for (std::size_t at = verb.path.find(' '); at != std::string_view::npos;
                 at = verb.path.find(' ', at + 1)) {
                paths.emplace(verb.path.substr(0, at));
            }
            paths.emplace(verb.path);
        }
        for (const std::string& path : paths) {
            const Verb* verb = find_verb(table, path);
            Node node{.path = where};
            if (!path.empty()) node.path += (where.empty() ? "" : " ") + path;
            const std::string prefix = path.empty() ? "" : path + ' ';
            for (const std::string& longer : paths) {
                if (longer.empty() || !longer.starts_with(prefix) || longer == path) continue;
                const std::string rest = longer.substr(prefix.size());
                if (rest.find(' ') != std::string::npos) continue;
                const Verb* behind = find_verb(table, longer);
                node.next.push_back({rest, behind != nullptr ? behind->summary : ""});
            }
            add_arguments(verb, node);
            add_flags(table, verb, node);
            nodes_.push_back(std::move(node));
        }
    }

    static void add_arguments(const Verb* verb, Node& node) {
        if (verb == nullptr || verb->arguments.empty()) return;
        node.has_paths = verb->argument_kind == ArgumentKind::kPath;
        if (verb->argument_kind == ArgumentKind::kListed) node.listed_by = verb->listed_by;
        for (std::string_view words = verb->argument_words; !words.empty();) {
            const std::size_t end = std::min(words.find('|'), words.size());
            node.next.push_back({std::string(words.substr(0, end)), ""});
            words.remove_prefix(std::min(end + 1, words.size()));
        }
    }

    static void add_flags(const CommandTable& table, const Verb* verb, Node& node) {
        if (verb != nullptr) {
            for (const Flag& flag : verb->flags) node.flags.push_back(&flag);
        }
        for (const Flag& flag : table.global_flags) {
            if (verb == nullptr || takes(*verb, flag)) node.flags.push_back(&flag);
        }
        std::erase_if(node.flags,
                      [](const Flag* flag) { return flag->visibility == Visibility::kHidden; });
    }

    // Behind a verb that explains others, their words.
    void add_commands(std::string_view path) {
        const std::vector<Node> all = nodes_;
        for (const Node& node : all) {
            if (node.path == path) continue;
            Node behind{.path = std::string(path)};
            if (!node.path.empty()) behind.path += ' ' + node.path;
            for (const Node::Next& next : node.next) {
                const std::string longer = node.path + (node.path.empty() ? "" : " ") + next.word;
                const bool is_command = std::ranges::any_of(
                    all, [&](const Node& other) { return other.path == longer; });
                if (is_command) behind.next.push_back(next);
            }
            const auto same = [&](const Node& other) { return other.path == behind.path; };
            std::erase_if(nodes_, same);
            nodes_.push_back(std::move(behind));
        }
    }

    std::vector<Node> nodes_;
};

std::vector<std::string> spellings(const Flag& flag) {
    std::vector<std::string> all = {"--" + std::string(flag.name)};
    if (flag.short_name != 0) all.push_back(std::string("-") + flag.short_name);
    return all;
}

// The cases of a POSIX shell that follow the words to the longest path they are.
std::string path_cases(const std::vector<Node>& nodes) {
    std::string out;
    for (const Node& node : nodes) {
        if (node.path.empty()) continue;
        out += "            " + shell_quoted(node.path) + ") node=" + shell_quoted(node.path) +
               " ;;\n";
    }
    return out;
}

void append_bash_values(std::string& out, const Node& node) {
    for (const Flag* flag : node.flags) {
        if (flag->kind == ValueKind::kNone) continue;
        out += "        ";
        for (const std::string& spelling : spellings(*flag)) {
            if (out.back() != ' ') out += '|';
            out += shell_quoted(node.path + ':' + spelling);
        }
        out += ") ";
        if (flag->kind == ValueKind::kChoice) {
            out += "COMPREPLY=($(compgen -W " + shell_quoted(spaced(flag->choices)) +
                   " -- \"$current\")); ";
        } else if (flag->kind == ValueKind::kPath) {
            out += "COMPREPLY=($(compgen -f -- \"$current\")); ";
        }
        out += "return ;;\n";
    }
}

// What a program prints is never taken for the shell's own words.
void append_bash_words(std::string& out, const std::string& program, const Node& node) {
    std::string flags;
    for (const Flag* flag : node.flags) {
        for (const std::string& spelling : spellings(*flag)) flags += spelling + ' ';
    }
    std::string words;
    for (const Node::Next& next : node.next) words += next.word + ' ';
    out += "        " + shell_quoted(node.path) +
           ")\n            flags=" + shell_quoted(flags + "--help") +
           " words=" + shell_quoted(words);
    if (node.has_paths) out += " files=1";
    if (!node.listed_by.empty()) {
        out +=
            "\n            while read -r word i; do [[ $current == -* || $word != \"$current\"* ]] "
            "|| COMPREPLY+=(\"$word\")\n            done < <(" +
            program + ' ' + std::string(node.listed_by) + " --quiet 2>/dev/null)";
    }
    out += " ;;\n";
}

std::string bash_completion(const std::string& program, const std::vector<Node>& nodes) {
    std::string out = "# bash completion for " + program + "\n_" + program + "() {\n";
    // Bash takes --flag=value for three words.
    out += R"(    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
    [[ $previous == '=' && $COMP_CWORD -gt 1 ]] && previous="${COMP_WORDS[COMP_CWORD-2]}"
    [[ $current == '=' ]] && current=''
    local node='' word i flags='' words='' files=''
    for ((i = 1; i < COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        case "$node${node:+ }$word" in
)";
    out += path_cases(nodes) + "        esac\n    done\n    COMPREPLY=()\n" +
           "    case \"$node:$previous\" in\n";
    for (const Node& node : nodes) append_bash_values(out, node);
    out += "    esac\n    case \"$node\" in\n";
    for (const Node& node : nodes) append_bash_words(out, program, node);
    out += R"(    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$flags" -- "$current"))
        return
    fi
    COMPREPLY+=($(compgen -W "$words" -- "$current"))
    [[ -z $files ]] || COMPREPLY+=($(compgen -f -- "$current"))
    [[ ${#COMPREPLY[@]} -gt 0 || -n $current ]] || COMPREPLY=($(compgen -W "$flags"))
}
)";
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

void append_zsh_flag(std::string& out, const Flag& flag) {
    const std::vector<std::string> all = spellings(flag);
    std::string others;
    for (const std::string& spelling : all) others += (others.empty() ? "" : " ") + spelling;
    for (const std::string& spelling : all) {
        std::string specification = flag.repeat == Repeat::kMany ? "*" : '(' + others + ')';
        specification += spelling;
        if (flag.kind != ValueKind::kNone) specification += spelling[1] == '-' ? '=' : '+';
        specification += '[' + zsh_escaped(flag.help) + ']';
        if (flag.kind != ValueKind::kNone) {
            specification += ':' + zsh_escaped(flag.value_name) + ':';
            if (flag.kind == ValueKind::kChoice) specification += '(' + spaced(flag.choices) + ')';
            if (flag.kind == ValueKind::kPath) specification += "_files";
        }
        out += " \\\n                " + shell_quoted(specification);
    }
}

void append_zsh_words(std::string& out, const std::string& program, const Node& node) {
    out += "        " + shell_quoted(node.path) + ")\n            verbs=(";
    for (const Node::Next& next : node.next) {
        const std::string summary = next.summary.empty() ? "" : ':' + zsh_escaped(next.summary);
        out += ' ' + shell_quoted(next.word + summary);
    }
    out += " )\n";
    if (!node.listed_by.empty()) {
        out += "            verbs+=(${${${(f)\"$(" + program + ' ' + std::string(node.listed_by) +
               " --quiet 2>/dev/null)\"}%% *}//:/\\\\:})\n";
    }
    out +=
        "            [[ $PREFIX == -* ]] || (( ! ${#verbs} )) || _describe word verbs\n"
        "            _arguments -s";
    for (const Flag* flag : node.flags) append_zsh_flag(out, *flag);
    out += " \\\n                '(- *)--help[show help]'";
    out += node.has_paths ? " \\\n                '*:file:_files'\n"
                          : " \\\n                '*: : '\n";
    out += "            ;;\n";
}

// A variable called path would be the shell's own PATH.
std::string zsh_completion(const std::string& program, const std::vector<Node>& nodes) {
    std::string out = "#compdef " + program + "\n_" + program + "() {\n";
    out += R"(    local node='' word i
    for ((i = 2; i < CURRENT; i++)); do
        word="${words[i]}"
        case "$node${node:+ }$word" in
)";
    out += path_cases(nodes);
    out += "        esac\n    done\n    local -a verbs\n    case \"$node\" in\n";
    for (const Node& node : nodes) append_zsh_words(out, program, node);
    out += "    esac\n}\n";
    return out + "if [ \"$funcstack[1]\" = \"_" + program + "\" ]; then _" + program +
           " \"$@\"; else compdef _" + program + ' ' + program + "; fi\n";
}

// For fish, a backslash within single quotes is one only before a quote or another one.
std::string fish_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string fish_completion(const std::string& program, const std::vector<Node>& nodes) {
    const std::string at = "__" + program + "_at";
    std::string out = "# fish completion for " + program + "\nfunction " + at +
                      "\n    set -l path ''\n    set -l words (commandline -opc)\n"
                      "    for word in $words[2..-1]\n"
                      "        switch (string trim -- \"$path $word\")\n";
    for (const Node& node : nodes) {
        if (node.path.empty()) continue;
        out += "            case " + fish_quoted(node.path) + "\n                set path " +
               fish_quoted(node.path) + '\n';
    }
    out += "        end\n    end\n    test \"$path\" = \"$argv[1]\"\nend\n";
    for (const Node& node : nodes) {
        const std::string start =
            "complete -c " + program + " -n " + fish_quoted(at + ' ' + fish_quoted(node.path));
        if (!node.has_paths) out += start + " -f\n";
        for (const Node::Next& next : node.next) {
            out += start + " -a " + fish_quoted(next.word);
            if (!next.summary.empty()) out += " -d " + fish_quoted(next.summary);
            out += '\n';
        }
        if (!node.listed_by.empty()) {
            out += start + " -a " +
                   fish_quoted('(' + program + ' ' + std::string(node.listed_by) +
                               " --quiet 2>/dev/null | string replace -r ' .*' '')") +
                   '\n';
        }
        for (const Flag* flag : node.flags) {
            out += start + " -l " + std::string(flag->name);
            if (flag->short_name != 0) out += std::string(" -s ") + flag->short_name;
            if (flag->kind == ValueKind::kChoice) {
                out += " -x -a " + fish_quoted(spaced(flag->choices));
            } else if (flag->kind == ValueKind::kPath) {
                out += " -r -F";
            } else if (flag->kind != ValueKind::kNone) {
                out += " -x";
            }
            out += " -d " + fish_quoted(flag->help) + '\n';
        }
        out += start + " -l help -d 'show help'\n";
    }
    return out;
}

}  // namespace

std::string completion(const CommandTable& table, std::span<const ForeignTable> foreign,
                       Shell shell) {
    const std::string program(table.program);
    const std::vector<Node> nodes = NodeMaker::make(table, foreign);
    switch (shell) {
        case Shell::kBash:
            return bash_completion(program, nodes);
        case Shell::kZsh:
            return zsh_completion(program, nodes);
        case Shell::kFish:
            return fish_completion(program, nodes);
    }
    return {};
}

}  // namespace merlon
