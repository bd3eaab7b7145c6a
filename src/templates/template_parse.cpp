#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "templates/template_functions.h"
#include "templates/template_tree.h"
#include "text/utf8.h"

namespace merlon::templates {
namespace {

using Node = Template::Node;
using Term = TemplateTerm;

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::string_view kOpenComment = "/*";
constexpr std::string_view kCloseAction = "}}";

std::string_view trim_left(std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(kBlank), text.size()));
}
std::string_view trim_right(std::string_view text) {
    return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Reads the inside of one action.
class ActionParser {
  public:
    ActionParser(std::string_view text, const Template::Parsed& parsed)
        : rest_(text), parsed_(parsed) {}

    std::string word() {
        skip_blank();
        std::size_t length = 0;
        while (length < rest_.size() && is_word(rest_[length])) ++length;
        is_behind_word_ = length > 0;
        return take(length);
    }

    // "$a, $b := pipeline", "$a := pipeline" or a pipeline.
    Result<Term> declaration(Node& node) {
        constexpr std::string_view kWordEnds = " \t\r\n.,|:)(";
        if (is_behind_word_ && !rest_.empty() && !kWordEnds.contains(rest_[0])) {
            return Error{fmt::format("template: bad character '{}'", rest_.substr(0, 1))};
        }
        std::vector<std::string>& variables = node.variables;
        const std::string_view before = rest_;
        for (;;) {
            skip_blank();
            if (!rest_.starts_with('$')) break;
            rest_.remove_prefix(1);
            variables.push_back("$" + word());
            skip_blank();
            if (rest_.starts_with(',')) {
                rest_.remove_prefix(1);
                continue;
            }
            const std::size_t mark = rest_.starts_with(":=") ? 2 : rest_.starts_with('=') ? 1 : 0;
            rest_.remove_prefix(mark);
            node.assigns = mark == 1;
            if (mark > 0) return pipeline(0);
            break;
        }
        variables.clear();
        rest_ = before;
        return pipeline(0);
    }

    // The name behind `define`, `block` and `template`.
    Result<std::string> quoted_name() {
        skip_blank();
        if (!rest_.starts_with('"') && !rest_.starts_with('`'))
            return Error{"template: a name in quotes is missing"};
        const Term name = MERLON_TRY(literal());
        return template_text(name.literal);
    }

    bool is_at_end() {
        skip_blank();
        return rest_.empty();
    }

    Result<Term> pipeline() { return pipeline(0); }

    Status at_end() {
        skip_blank();
        if (rest_.empty()) return {};
        return Error{fmt::format("template: \"{}\" is not supported", rest_)};
    }

  private:
    std::string take(std::size_t length) {
        std::string taken(rest_.substr(0, length));
        rest_.remove_prefix(length);
        return taken;
    }
    void skip_blank() { rest_ = trim_left(rest_); }

    Result<Term> pipeline(int depth) {
        Term result{Term::Kind::kPipeline, {}, {}, {}, {}};
        do {
            if (!result.parts.empty()) {
                rest_.remove_prefix(1);
                skip_blank();
                // Go takes a bar behind which nothing stands.
                if (rest_.empty() || rest_[0] == ')') break;
            }
            result.parts.push_back(MERLON_TRY(command(depth)));
            skip_blank();
        } while (rest_.starts_with('|'));
        return result;
    }

    Result<Term> command(int depth) {
        Term first = MERLON_TRY(spaced_operand(depth));
        skip_blank();
        if (first.kind == Term::Kind::kLiteral && first.name == "nil")
            return Error{"template: nil is not a command"};
        while (!rest_.empty() && rest_[0] != '|' && rest_[0] != ')') {
            if (first.kind != Term::Kind::kCall)
                return Error{"template: only a function takes arguments"};
            Term argument = MERLON_TRY(spaced_operand(depth));
            // A function by its name alone, such as `now`, is called without arguments.
            first.parts.push_back(std::move(argument));
            skip_blank();
        }
        return first;
    }

    // Something that is no operand has to stand between two of them.
    Result<Term> spaced_operand(int depth) {
        Term term = MERLON_TRY(operand(depth));
        const bool is_apart = rest_.empty() || rest_[0] == '|' || rest_[0] == ')' ||
                              kBlank.find(rest_[0]) != std::string_view::npos;
        if (is_apart) return term;
        return Error{fmt::format("template: unexpected \"{}\" in operand", rest_.substr(0, 1))};
    }

    Result<Term> operand(int depth) {
        skip_blank();
        if (rest_.empty() || depth > kMaxTemplateDepth)
            return Error{"template: a value is missing"};
        Term term;
        const char c = rest_[0];
        const auto is_digit_at = [this](std::size_t at) {
            return at < rest_.size() && rest_[at] >= '0' && rest_[at] <= '9';
        };
        if (c == '"' || c == '`' || c == '\'' || c == '-' || c == '+' || is_digit_at(0) ||
            (c == '.' && is_digit_at(1)))
            return literal();
        if (c == '(') {
            rest_.remove_prefix(1);
            term = MERLON_TRY(pipeline(depth + 1));
            if (!rest_.starts_with(')')) return Error{"template: unclosed left paren"};
            rest_.remove_prefix(1);
        } else if (c == '$') {
            rest_.remove_prefix(1);
            term.kind = Term::Kind::kVariable;
            term.name = "$" + word_here();
        } else if (c != '.') {
            term.name = word_here();
            if (term.name == "nil") {
                term.kind = Term::Kind::kLiteral;
                return term;
            }
            if (term.name == "true" || term.name == "false") {
                term.kind = Term::Kind::kLiteral;
                term.literal = term.name == "true";
                return term;
            }
            term.kind = Term::Kind::kCall;
            const bool is_common = parsed_.common == CommonFunctions::kGo
                                       ? is_go_function(term.name)
                                       : is_template_function(term.name);
            if (!parsed_.own.contains(term.name) && !is_common)
                return Error{fmt::format("template: function \"{}\" is not supported", term.name)};
            if (rest_.size() < 2 || rest_[0] != '.' || !is_word(rest_[1])) return term;
            // A member of what it gives without arguments.
            Term called{Term::Kind::kPipeline, {}, {}, {}, {}};
            called.parts.push_back(std::move(term));
            term = std::move(called);
        } else if (rest_.size() == 1 || !is_word(rest_[1])) {
            rest_.remove_prefix(1);
            if (rest_.starts_with('.')) return Error{"template: unexpected . after term \".\""};
        }
        while (rest_.size() > 1 && rest_[0] == '.' && is_word(rest_[1])) {
            rest_.remove_prefix(1);
            term.fields.push_back(word_here());
        }
        return term;
    }

    std::string word_here() {
        std::size_t length = 0;
        while (length < rest_.size() && is_word(rest_[length])) ++length;
        return take(length);
    }

    Result<Term> literal() {
        Term term;
        term.kind = Term::Kind::kLiteral;
        const char first = rest_[0];
        if (first == '"' || first == '`' || first == '\'') {
            std::string text = MERLON_TRY(quoted(first));
            if (first == '\'') {
                const text::CodePoint point = text::decode_utf8(text + " ");
                if (text.empty() || point.width != text.size()) {
                    return Error{"template: malformed character constant: '" + text + "'"};
                }
                term.literal = static_cast<std::int64_t>(point.value);
            } else {
                term.literal = std::move(text);
            }
            return term;
        }
        std::size_t length = 1;
        while (length < rest_.size() && (is_word(rest_[length]) || rest_[length] == '.' ||
                                         ((rest_[length] == '-' || rest_[length] == '+') &&
                                          (rest_[length - 1] | 0x20) == 'e'))) {
            ++length;
        }
        std::string number = take(length);
        if (number.starts_with('+')) number.erase(0, 1);
        const char* end = number.data() + number.size();
        std::int64_t whole = 0;
        if (const auto read = std::from_chars(number.data(), end, whole);
            read.ec == std::errc{} && read.ptr == end) {
            term.literal = whole;
            return term;
        }
        if (number.find_first_not_of("-0123456789") == std::string::npos) {
            return Error{fmt::format("template: integer overflow: {}", number)};
        }
        double real = 0;
        if (const auto read = std::from_chars(number.data(), end, real);
            read.ec == std::errc{} && read.ptr == end) {
            term.literal = real;
            return term;
        }
        return Error{fmt::format("template: the number \"{}\" is not supported", number)};
    }

    // strconv.Unquote.
    Result<std::string> quoted(char quote) {
        std::string text;
        std::size_t i = 1;
        for (; i < rest_.size() && rest_[i] != quote; ++i) {
            if (rest_[i] != '\\' || quote == '`') {
                text.push_back(rest_[i]);
                continue;
            }
            constexpr std::string_view kNamed = "abfnrtv\\\"'";
            constexpr std::string_view kMeant = "\a\b\f\n\r\t\v\\\"'";
            const char escape = ++i < rest_.size() ? rest_[i] : '?';
            if (const std::size_t at = kNamed.find(escape); at != std::string_view::npos) {
                text.push_back(kMeant[at]);
                continue;
            }
            if (escape >= '0' && escape <= '7') {
                unsigned byte = 0;
                const std::string_view octal = rest_.substr(i, 3);
                const auto read =
                    std::from_chars(octal.data(), octal.data() + octal.size(), byte, 8);
                if (octal.size() < 3 || read.ptr != octal.data() + 3 || byte > 0xFF) {
                    return Error{"template: invalid syntax in a string"};
                }
                text.push_back(static_cast<char>(byte));
                i += 2;
                continue;
            }
            const std::size_t digits = escape == 'x'   ? 2
                                       : escape == 'u' ? 4
                                       : escape == 'U' ? 8
                                                       : 0;
            std::uint32_t point = 0;
            const std::string_view hex = rest_.substr(std::min(i + 1, rest_.size()), digits);
            const auto read = std::from_chars(hex.data(), hex.data() + hex.size(), point, 16);
            if (digits == 0 || hex.size() < digits || read.ec != std::errc{} ||
                read.ptr != hex.data() + hex.size())
                return Error{"template: this escape is not supported"};
            if (escape == 'x') {
                text.push_back(static_cast<char>(point));
            } else {
                text::append_utf8(text, point);
            }
            i += digits;
        }
        if (i >= rest_.size()) return Error{"template: unterminated string"};
        rest_.remove_prefix(i + 1);
        return text;
    }

    std::string_view rest_;
    bool is_behind_word_ = false;
    const Template::Parsed& parsed_;
};

// Splits text and actions, and nests the blocks.
class Parser {
  public:
    Parser(std::string_view text, OwnFunctions own, CommonFunctions common) : rest_(text) {
        parsed_.own = std::move(own);
        parsed_.common = common;
    }

    Result<Template::Parsed> parse() {
        parsed_.root.kind = Node::Kind::kList;
        const std::string stop = MERLON_TRY(read(parsed_.root.body, 0));
        if (!stop.empty()) return Error{"template: unexpected {{" + stop + "}}"};
        return std::move(parsed_);
    }

  private:
    // Reads until the end, "else…" or "end", and returns that word's action.
    Result<std::string> read(std::vector<Node>& nodes, int depth) {
        if (depth > kMaxTemplateDepth) return Error{"template: nested too deeply"};
        for (;;) {
            const std::size_t open = rest_.find("{{");
            std::string_view text = rest_.substr(0, open);
            rest_.remove_prefix(std::min(open, rest_.size()));
            const bool trims = rest_.starts_with("{{-") && rest_.size() > 3 &&
                               kBlank.find(rest_[3]) != std::string_view::npos;
            if (trim_next_) text = trim_left(text);
            if (trims) text = trim_right(text);
            trim_next_ = false;
            if (!text.empty()) nodes.emplace_back().text = text;
            if (rest_.empty()) return std::string();
            rest_.remove_prefix(trims ? 3 : 2);
            if (trims) rest_.remove_prefix(1);
            if (rest_.starts_with(kOpenComment)) {
                MERLON_TRY(skip_comment());
                continue;
            }
            const std::string action = MERLON_TRY(take_action());
            ActionParser inside(action, parsed_);
            const std::string word = inside.word();
            if (word == "end" || word == "else") return action;
            if (Status status = read_action(word, action, inside, nodes, depth); !status.ok())
                return status.error();
        }
    }

    Status read_action(const std::string& word, const std::string& action, ActionParser& inside,
                       std::vector<Node>& nodes, int depth) {
        if (word == "define" || word == "block") return read_named(word, inside, nodes, depth);
        Node node;
        if (word == "break" || word == "continue") {
            if (loops_ == 0) return Error{"template: {{" + word + "}} outside {{range}}"};
            node.kind = word == "break" ? Node::Kind::kBreak : Node::Kind::kContinue;
            nodes.push_back(std::move(node));
            return inside.at_end();
        }
        if (word == "template") {
            node.kind = Node::Kind::kTemplate;
            node.text = MERLON_TRY(inside.quoted_name());
            node.pipeline.kind = Term::Kind::kLiteral;  // nil
            if (!inside.is_at_end()) node.pipeline = MERLON_TRY(inside.pipeline());
            nodes.push_back(std::move(node));
            return inside.at_end();
        }
        if (word == "if" || word == "with" || word == "range") {
            if (Status status = read_branch(word, inside, node, depth); !status.ok()) return status;
        } else {
            node.kind = Node::Kind::kPrint;
            ActionParser whole(action, parsed_);
            node.pipeline = MERLON_TRY(whole.declaration(node));
            MERLON_TRY(check_declared(node, "command", 1));
            if (Status status = whole.at_end(); !status.ok()) return status;
        }
        nodes.push_back(std::move(node));
        return {};
    }

    static Status check_declared(const Node& node, const std::string& where, std::size_t most) {
        if (node.variables.size() <= most) return {};
        return Error{"template: too many declarations in " + where};
    }

    // From behind the word to its {{end}}. {{else if x}} is {{else}}{{if x}} … {{end}}{{end}}.
    Status read_branch(const std::string& word, ActionParser& inside, Node& node, int depth) {
        node.kind = word == "if"     ? Node::Kind::kIf
                    : word == "with" ? Node::Kind::kWith
                                     : Node::Kind::kRange;
        node.pipeline = MERLON_TRY(inside.declaration(node));
        MERLON_TRY(check_declared(node, word, word == "range" ? 2 : 1));
        if (Status status = inside.at_end(); !status.ok()) return status;
        loops_ += word == "range" ? 1 : 0;
        const std::string stop = MERLON_TRY(read(node.body, depth + 1));
        loops_ -= word == "range" ? 1 : 0;
        if (stop.starts_with("else")) {
            ActionParser behind(stop, parsed_);
            (void)behind.word();
            if (behind.is_at_end()) {
                if (MERLON_TRY(read(node.otherwise, depth + 1)) == "end") return {};
            } else {
                const std::string next = behind.word();
                if (next == word && word != "range") {
                    Node other;
                    Status status = read_branch(word, behind, other, depth + 1);
                    node.otherwise.push_back(std::move(other));
                    return status;
                }
            }
        }
        if (stop == "end") return {};
        return Error{"template: {{" + word + "}} has no {{end}}"};
    }

    // {{define "name"}} … {{end}}; {{block "name" pipeline}} also shows it where it stands.
    Status read_named(const std::string& word, ActionParser& inside, std::vector<Node>& nodes,
                      int depth) {
        const std::string name = MERLON_TRY(inside.quoted_name());
        if (word == "define" && depth > 0) return Error{"template: unexpected {{define}}"};
        if (word == "block") {
            Node& node = nodes.emplace_back();
            node.kind = Node::Kind::kTemplate;
            node.text = name;
            node.pipeline = MERLON_TRY(inside.pipeline());
        }
        if (Status status = inside.at_end(); !status.ok()) return status;
        Node body;
        body.kind = Node::Kind::kList;
        if (MERLON_TRY(read(body.body, depth + 1)) != "end")
            return Error{"template: {{" + word + "}} has no {{end}}"};
        parsed_.defined.insert_or_assign(name, std::move(body));
        return {};
    }

    // Whatever stands in a comment says nothing; its end has to be the action's.
    Status skip_comment() {
        constexpr std::string_view kCloseComment = "*/";
        const std::size_t end = rest_.find(kCloseComment, kOpenComment.size());
        if (end == std::string_view::npos) return Error{"template: unclosed comment"};
        rest_.remove_prefix(end + kCloseComment.size());
        trim_next_ = rest_.size() > 1 && kBlank.contains(rest_[0]) && rest_[1] == '-';
        if (trim_next_) rest_.remove_prefix(2);
        if (!rest_.starts_with(kCloseAction))
            return Error{"template: comment ends before closing delimiter"};
        rest_.remove_prefix(kCloseAction.size());
        return {};
    }

    Result<std::string> take_action() {
        std::size_t close = 0;
        for (char quote = 0; close < rest_.size(); ++close) {
            const char c = rest_[close];
            if (quote == 0 && rest_.substr(close).starts_with(kCloseAction)) break;
            if (quote != 0 && quote != '`' && c == '\\') {
                ++close;
            } else if (quote != 0 && quote != '`' && c == '\n') {
                return Error{"template: unterminated string"};
            } else if (quote != 0) {
                if (c == quote) quote = 0;
            } else if (c == '"' || c == '`' || c == '\'') {
                quote = c;
            }
        }
        if (close >= rest_.size()) return Error{"template: unclosed action"};
        std::string_view action = rest_.substr(0, close);
        rest_.remove_prefix(close + kCloseAction.size());
        trim_next_ = action.ends_with(" -") || action.ends_with("\n-") || action.ends_with("\t-");
        if (trim_next_) action.remove_suffix(1);
        return std::string(trim_right(trim_left(action)));
    }

    std::string_view rest_;
    bool trim_next_ = false;
    int loops_ = 0;  // that are open
    Template::Parsed parsed_;
};

}  // namespace

Result<Template::Parsed> parse_template(std::string_view text, OwnFunctions own,
                                        CommonFunctions common) {
    return Parser(text, std::move(own), common).parse();
}

}  // namespace merlon::templates
