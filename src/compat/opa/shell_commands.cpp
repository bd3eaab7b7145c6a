#include "compat/opa/shell_commands.h"

#include <algorithm>

namespace merlon::compat::opa {
namespace {

constexpr int kMaxDepth = 64;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// Words that begin or go on with a compound command, where a command's name may stand.
bool is_reserved(std::string_view word) {
    constexpr std::string_view kWords[] = {"if",    "then",  "elif", "else", "fi",   "for",
                                           "while", "until", "do",   "done", "case", "esac",
                                           "{",     "}",     "!",    "in"};
    return std::ranges::find(kWords, word) != std::end(kWords);
}

class Reader {
  public:
    Reader(std::string_view text, std::vector<ShellCommand>& commands, int depth)
        : text_(text), commands_(commands), depth_(depth) {}

    Status read() {
        if (depth_ > kMaxDepth) return Error{"commands are nested too deeply"};
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (is_blank(c)) {
                ++at_;
            } else if (text_.substr(at_).starts_with("\\\n")) {
                at_ += 2;
            } else if (c == '#' && word_.empty()) {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (c == '\n' || c == ';' || c == '&' || c == '|') {
                read_separator();
            } else if (c == '(' || c == ')') {
                finish_command();
                ++at_;
            } else if (c == '<' || c == '>') {
                MERLON_TRY(read_redirection());
            } else {
                MERLON_TRY(read_word());
                finish_word();
            }
        }
        finish_command();
        return {};
    }

  private:
    void read_separator() {
        // "2>&1" and "&>" are redirections, and are read as such where they begin.
        if (text_.substr(at_).starts_with("&>")) {
            ++at_;
            return;
        }
        finish_command();
        ++at_;
    }

    // The operator and the word behind it belong to no command's words.
    Status read_redirection() {
        while (at_ < text_.size() && std::string_view("<>&|-").find(text_[at_]) != text_.npos) {
            ++at_;
        }
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
        if (at_ < text_.size() && std::string_view("\n;()").find(text_[at_]) == text_.npos) {
            MERLON_TRY(read_word());
        }
        word_.clear();
        return {};
    }

    void finish_word() {
        const bool is_descriptor = at_ < text_.size() && (text_[at_] == '<' || text_[at_] == '>') &&
                                   word_.find_first_not_of("0123456789") == std::string::npos;
        if (is_descriptor || (command_.empty() && is_reserved(word_))) {
            word_.clear();
            return;
        }
        // NAME=value before a command's name is no word of it.
        const std::size_t equals = word_.find('=');
        const bool is_assignment = command_.empty() && equals != std::string::npos && equals > 0 &&
                                   std::ranges::all_of(word_.substr(0, equals), [](char c) {
                                       return c == '_' || (c >= 'a' && c <= 'z') ||
                                              (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                                   });
        if (!is_assignment) command_.push_back(word_);
        word_.clear();
    }

    void finish_command() {
        if (!command_.empty()) commands_.push_back(std::move(command_));
        command_.clear();
        std::ranges::move(inner_, std::back_inserter(commands_));
        inner_.clear();
    }

    // Up to what ends a word; quotes and expansions stay as they are written.
    Status read_word() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (is_blank(c) || std::string_view("\n;&|()<>").find(c) != std::string_view::npos) {
                return {};
            }
            if (c == '\\') {
                if (text_.substr(at_).starts_with("\\\n")) {
                    at_ += 2;
                } else {
                    take(std::min<std::size_t>(2, text_.size() - at_));
                }
            } else if (c == '\'') {
                const std::size_t end = text_.find('\'', at_ + 1);
                if (end == std::string_view::npos)
                    return Error{"reached EOF without closing quote '"};
                take(end + 1 - at_);
            } else if (c == '"') {
                MERLON_TRY(read_double_quotes());
            } else if (c == '`' || c == '$') {
                MERLON_TRY(read_expansion());
            } else {
                take(1);
            }
        }
        return {};
    }

    Status read_double_quotes() {
        take(1);
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\\') {
                take(std::min<std::size_t>(2, text_.size() - at_));
            } else if (text_[at_] == '`' || text_[at_] == '$') {
                MERLON_TRY(read_expansion());
            } else {
                take(1);
            }
        }
        if (at_ >= text_.size()) return Error{"reached EOF without closing quote \""};
        take(1);
        return {};
    }

    // $(…), ${…}, `…`; a lone '$' stands for itself.
    Status read_expansion() {
        if (text_[at_] == '`') {
            const std::size_t end = text_.find('`', at_ + 1);
            if (end == std::string_view::npos) return Error{"reached EOF without closing quote `"};
            MERLON_TRY(read_inside(text_.substr(at_ + 1, end - at_ - 1)));
            take(end + 1 - at_);
            return {};
        }
        const std::string_view rest = text_.substr(at_);
        const char open = rest.size() > 1 ? rest[1] : '\0';
        if (open != '(' && open != '{') {
            take(1);
            return {};
        }
        const char close = open == '(' ? ')' : '}';
        int depth = 0;
        char quote = '\0';
        for (std::size_t i = 1; i < rest.size(); ++i) {
            const char c = rest[i];
            if (c == '\\' && quote != '\'') {
                ++i;
            } else if (quote != '\0') {
                if (c == quote) quote = '\0';
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == open) {
                ++depth;
            } else if (c == close && --depth == 0) {
                const bool is_arithmetic = rest.starts_with("$((");
                if (open == '(' && !is_arithmetic) MERLON_TRY(read_inside(rest.substr(2, i - 2)));
                take(i + 1);
                return {};
            }
        }
        return Error{std::string("reached EOF without matching $") + open + " with " + close};
    }

    Status read_inside(std::string_view text) { return Reader(text, inner_, depth_ + 1).read(); }

    void take(std::size_t count) {
        word_ += text_.substr(at_, count);
        at_ += count;
    }

    std::string_view text_;
    std::vector<ShellCommand>& commands_;
    int depth_;
    std::size_t at_ = 0;
    std::string word_;
    ShellCommand command_;
    std::vector<ShellCommand> inner_;  // of expansions in the words of this command
};

}  // namespace

Result<std::vector<ShellCommand>> shell_commands(std::string_view text) {
    std::vector<ShellCommand> commands;
    MERLON_TRY(Reader(text, commands, 0).read());
    return commands;
}

}  // namespace merlon::compat::opa
