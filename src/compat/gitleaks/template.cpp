#include "compat/gitleaks/template.h"

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "compat/gitleaks/template_value.h"

namespace merlon::compat::gitleaks {

namespace {

constexpr int kMaxDepth = 64;
constexpr std::string_view kBlank = " \t\r\n";

// One operand or one call. An operand alone is a call without arguments.
struct Term {
    enum class Kind : std::uint8_t { kDot, kVariable, kLiteral, kCall, kPipeline };
    Kind kind = Kind::kDot;
    std::string name;                 // of the variable or function
    std::vector<std::string> fields;  // .A.B behind it
    TemplateValue literal;
    std::vector<Term> parts;  // arguments, or the commands of a pipeline
};

}  // namespace

struct Template::Node {
    enum class Kind : std::uint8_t { kText, kPrint, kIf, kWith, kRange, kList };
    Kind kind = Kind::kText;
    std::string text;
    std::vector<std::string> variables;  // that the pipeline sets
    Term pipeline;
    std::vector<Node> body;
    std::vector<Node> otherwise;
};

namespace {

using Node = Template::Node;

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
    explicit ActionParser(std::string_view text) : rest_(text) {}

    std::string word() {
        skip_blank();
        std::size_t length = 0;
        while (length < rest_.size() && is_word(rest_[length])) ++length;
        return take(length);
    }

    // "$a, $b := pipeline", "$a := pipeline" or a pipeline.
    Result<Term> declaration(std::vector<std::string>& variables) {
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
            if (mark > 0) return pipeline(0);
            break;
        }
        variables.clear();
        rest_ = before;
        return pipeline(0);
    }

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
            if (!result.parts.empty()) rest_.remove_prefix(1);
            result.parts.push_back(MERLON_TRY(command(depth)));
            skip_blank();
        } while (rest_.starts_with('|'));
        return result;
    }

    Result<Term> command(int depth) {
        Term first = MERLON_TRY(operand(depth));
        skip_blank();
        while (!rest_.empty() && rest_[0] != '|' && rest_[0] != ')') {
            if (first.kind != Term::Kind::kCall)
                return Error{"template: only a function takes arguments"};
            first.parts.push_back(MERLON_TRY(operand(depth)));
            skip_blank();
        }
        return first;
    }

    Result<Term> operand(int depth) {
        skip_blank();
        if (rest_.empty() || depth > kMaxDepth) return Error{"template: a value is missing"};
        Term term;
        const char c = rest_[0];
        if (c == '"' || c == '`' || c == '-' || (c >= '0' && c <= '9')) return literal();
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
            if (term.name == "true" || term.name == "false") {
                term.kind = Term::Kind::kLiteral;
                term.literal = term.name == "true";
                return term;
            }
            term.kind = Term::Kind::kCall;
            if (!is_template_function(term.name))
                return Error{fmt::format("template: function \"{}\" is not supported", term.name)};
            return term;
        } else if (rest_.size() == 1 || !is_word(rest_[1])) {
            rest_.remove_prefix(1);
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
        const char quote = rest_[0];
        if (quote == '"' || quote == '`') {
            std::string text;
            std::size_t i = 1;
            for (; i < rest_.size() && rest_[i] != quote; ++i) {
                if (rest_[i] != '\\' || quote == '`') {
                    text.push_back(rest_[i]);
                    continue;
                }
                const char escape = ++i < rest_.size() ? rest_[i] : '?';
                if (escape != 'n' && escape != 't' && escape != '"' && escape != '\\')
                    return Error{"template: this escape is not supported"};
                text.push_back(escape == 'n' ? '\n' : escape == 't' ? '\t' : escape);
            }
            if (i >= rest_.size()) return Error{"template: unterminated string"};
            rest_.remove_prefix(i + 1);
            term.literal = std::move(text);
            return term;
        }
        const bool negative = quote == '-';
        if (negative) rest_.remove_prefix(1);
        std::int64_t number = 0;
        const std::string digits = word_here();
        for (const char d : digits) {
            if (d < '0' || d > '9' || number > 1'000'000'000'000)
                return Error{"template: this number is not supported"};
            number = number * 10 + (d - '0');
        }
        if (digits.empty()) return Error{"template: a value is missing"};
        term.literal = negative ? -number : number;
        return term;
    }

    std::string_view rest_;
};

// Splits text and actions, and nests the blocks.
class Parser {
  public:
    explicit Parser(std::string_view text) : rest_(text) {}

    Result<Node> parse() {
        Node root;
        root.kind = Node::Kind::kList;
        const std::string stop = MERLON_TRY(read(root.body, 0));
        if (!stop.empty()) return Error{"template: unexpected {{" + stop + "}}"};
        return root;
    }

  private:
    // Reads until the end, "else…" or "end", and returns that word's action.
    Result<std::string> read(std::vector<Node>& nodes, int depth) {
        if (depth > kMaxDepth) return Error{"template: nested too deeply"};
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
            const std::string action = MERLON_TRY(take_action(trims ? 3 : 2));
            if (action.starts_with("/*")) continue;
            ActionParser inside(action);
            const std::string word = inside.word();
            if (word == "end" || word == "else") return action;
            Node& node = nodes.emplace_back();
            if (word != "if" && word != "with" && word != "range") {
                if (word == "define" || word == "block" || word == "template" || word == "break" ||
                    word == "continue")
                    return Error{"template: {{" + word + "}} is not supported"};
                node.kind = Node::Kind::kPrint;
                inside = ActionParser(action);
            } else {
                node.kind = word == "if"     ? Node::Kind::kIf
                            : word == "with" ? Node::Kind::kWith
                                             : Node::Kind::kRange;
            }
            node.pipeline = MERLON_TRY(inside.declaration(node.variables));
            if (const Status status = inside.at_end(); !status.ok()) return status.error();
            if (node.kind == Node::Kind::kPrint) continue;
            // `nodes` may move while the body is read, but only the body's own lists grow.
            std::string stop = MERLON_TRY(read(node.body, depth + 1));
            if (stop == "else") stop = MERLON_TRY(read(node.otherwise, depth + 1));
            if (stop != "end") return Error{"template: {{" + word + "}} has no {{end}}"};
        }
    }

    Result<std::string> take_action(std::size_t prefix) {
        rest_.remove_prefix(prefix);
        std::size_t close = 0;
        for (char quote = 0; close < rest_.size(); ++close) {
            if (quote == 0 && rest_.substr(close).starts_with("}}")) break;
            if (quote == '"' && rest_[close] == '\\') {
                ++close;
            } else if (quote != 0) {
                if (rest_[close] == quote) quote = 0;
            } else if (rest_[close] == '"' || rest_[close] == '`') {
                quote = rest_[close];
            }
        }
        if (close >= rest_.size()) return Error{"template: unclosed action"};
        std::string_view action = rest_.substr(0, close);
        rest_.remove_prefix(close + 2);
        trim_next_ = action.ends_with(" -") || action.ends_with("\n-") || action.ends_with("\t-");
        if (trim_next_) action.remove_suffix(1);
        return std::string(trim_right(trim_left(action)));
    }

    std::string_view rest_;
    bool trim_next_ = false;
};

class Renderer {
  public:
    Status run(const Node& node, const TemplateValue& dot) {
        switch (node.kind) {
            case Node::Kind::kText:
                out += node.text;
                return {};
            case Node::Kind::kList:
                return all(node.body, dot);
            case Node::Kind::kPrint: {
                TemplateValue value = MERLON_TRY(evaluate(node.pipeline, dot, nullptr));
                if (node.variables.empty()) {
                    out += template_text(value);
                } else {
                    set(node.variables[0], std::move(value));
                }
                return {};
            }
            case Node::Kind::kIf:
            case Node::Kind::kWith:
                return branch(node, dot);
            case Node::Kind::kRange:
                return loop(node, dot);
        }
        return {};
    }

    void set(const std::string& name, TemplateValue value) {
        variables_.emplace_back(name, std::move(value));
    }

    std::string out;

  private:
    Status all(const std::vector<Node>& nodes, const TemplateValue& dot) {
        const std::size_t scope = variables_.size();
        for (const Node& node : nodes)
            if (Status status = run(node, dot); !status.ok()) return status;
        variables_.resize(scope);
        return {};
    }

    Status branch(const Node& node, const TemplateValue& dot) {
        const TemplateValue value = MERLON_TRY(evaluate(node.pipeline, dot, nullptr));
        const std::size_t scope = variables_.size();
        if (!node.variables.empty()) set(node.variables[0], value);
        const bool inner = node.kind == Node::Kind::kWith;
        Status status =
            template_truth(value) ? all(node.body, inner ? value : dot) : all(node.otherwise, dot);
        variables_.resize(scope);
        return status;
    }

    Status loop(const Node& node, const TemplateValue& dot) {
        const TemplateValue value = MERLON_TRY(evaluate(node.pipeline, dot, nullptr));
        const auto* list = std::get_if<TemplateList>(&value.data);
        if (list == nullptr) return Error{"template: range needs a list"};
        if (list->empty()) return all(node.otherwise, dot);
        for (std::size_t i = 0; i < list->size(); ++i) {
            const std::size_t scope = variables_.size();
            const std::size_t names = node.variables.size();
            if (names == 2) set(node.variables[0], static_cast<std::int64_t>(i));
            if (names > 0) set(node.variables[names - 1], (*list)[i]);
            if (Status status = all(node.body, (*list)[i]); !status.ok()) return status;
            variables_.resize(scope);
        }
        return {};
    }

    // `piped`: what the pipeline hands on, the last argument of a call.
    Result<TemplateValue> evaluate(const Term& term, const TemplateValue& dot,
                                   const TemplateValue* piped) {
        TemplateValue value;
        switch (term.kind) {
            case Term::Kind::kLiteral:
                value = term.literal;
                break;
            case Term::Kind::kDot:
                value = dot;
                break;
            case Term::Kind::kVariable:
                value = MERLON_TRY(variable(term.name));
                break;
            case Term::Kind::kPipeline:
                for (std::size_t i = 0; i < term.parts.size(); ++i) {
                    const TemplateValue before = std::move(value);
                    value = MERLON_TRY(evaluate(term.parts[i], dot, i == 0 ? nullptr : &before));
                }
                break;
            case Term::Kind::kCall: {
                TemplateList arguments;
                for (const Term& part : term.parts)
                    arguments.push_back(MERLON_TRY(evaluate(part, dot, nullptr)));
                if (piped != nullptr) arguments.push_back(*piped);
                return call_template_function(term.name, arguments);
            }
        }
        for (const std::string& field : term.fields)
            value = MERLON_TRY(template_field(value, field));
        return value;
    }

    Result<TemplateValue> variable(const std::string& name) const {
        for (auto it = variables_.rbegin(); it != variables_.rend(); ++it)
            if (it->first == name) return it->second;
        return Error{"template: undefined variable \"" + name + "\""};
    }

    std::vector<std::pair<std::string, TemplateValue>> variables_;
};

}  // namespace

Result<Template> Template::parse(std::string_view text) {
    Template parsed;
    parsed.root_ = std::make_shared<const Node>(MERLON_TRY(Parser(text).parse()));
    return parsed;
}

Result<std::string> Template::render(std::span<const Row> rows) const {
    TemplateList list;
    for (const Row& row : rows) list.push_back(&row);
    const TemplateValue dot(std::move(list));
    Renderer renderer;
    renderer.set("$", dot);
    if (const Status status = renderer.run(*root_, dot); !status.ok()) return status.error();
    return std::move(renderer.out);
}

}  // namespace merlon::compat::gitleaks
