// nginx's configuration as github.com/tufanbarisyildirim/gonginx reads it: directives with words
// and blocks. What it knows more of (http, server, upstream, location) is shown its way.

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/ascii.h"
#include "compat/conftest/nginx_directives.h"
#include "compat/conftest/parsers.h"
#include "text/utf8.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;

constexpr std::string_view kLuaSuffix = "_by_lua_block";

struct Token {
    enum class Kind : unsigned char { kEnd, kWord, kSemicolon, kOpen, kClose, kComment, kLineEnd };
    Kind kind = Kind::kEnd;
    std::string_view text;
    std::size_t offset = 0;
};

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text.substr(0, text.find('\0'))) {}

    Result<Token> next() {
        if (std::exchange(is_before_lua_, false)) MERLON_TRY(skip_lua());
        while (look() == ' ' || look() == '\t') ++at_;
        const Token::Kind before = std::exchange(latest_, Token::Kind::kEnd);
        switch (look()) {
            case '\0':
                return token(Token::Kind::kEnd, 0);
            case ';':
                return token(Token::Kind::kSemicolon, 1);
            case '{':
                is_before_lua_ = before == Token::Kind::kWord && latest_text_.ends_with(kLuaSuffix);
                return token(Token::Kind::kOpen, 1);
            case '}':
                return token(Token::Kind::kClose, 1);
            case '#':
                return token(Token::Kind::kComment,
                             std::min(text_.find_first_of("\r\n", at_), text_.size()) - at_);
            case '\r':
            case '\n':
                return token(Token::Kind::kLineEnd, 1);
            case '"':
            case '\'':
            case '`':
                return quoted();
            default:
                return token(Token::Kind::kWord, word_length());
        }
    }

  private:
    char look() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    Token token(Token::Kind kind, std::size_t length) {
        const Token made{kind, text_.substr(at_, length), at_};
        at_ += length;
        latest_ = kind;
        latest_text_ = made.text;
        return made;
    }

    // With its quotes and backslashes.
    Result<Token> quoted() {
        const char quote = look();
        for (std::size_t end = at_ + 1; end < text_.size(); ++end) {
            if (text_[end] == quote) return token(Token::Kind::kWord, end + 1 - at_);
            if (text_[end] == '\\' && end + 1 < text_.size() && text_[end + 1] == quote) ++end;
        }
        return Error{"unexpected end of file while scanning quoted string", at_};
    }

    // Braces belong to a word in "${name}".
    std::size_t word_length() const {
        bool is_in_variable = false;
        char before = text_[at_];
        std::size_t end = at_ + 1;
        for (; end < text_.size(); ++end) {
            const char c = text_[end];
            if (std::string_view(" \t;\r\n").contains(c)) break;
            if (c == '{') {
                if (before == '$') {
                    is_in_variable = true;
                } else if (!is_in_variable) {
                    break;
                }
            } else if (c == '}') {
                if (!std::exchange(is_in_variable, false)) break;
            } else {
                before = c;
            }
        }
        return end - at_;
    }

    // To the brace that ends the code; comments of nginx's kind may have braces of their own.
    Status skip_lua() {
        const std::size_t begin = at_;
        std::size_t depth = 0;
        for (; at_ < text_.size(); ++at_) {
            if (look() == '#') {
                at_ = std::min(text_.find_first_of("\r\n", at_), text_.size()) - 1;
            } else if (look() == '{') {
                ++depth;
            } else if (look() == '}' && depth-- == 0) {
                return {};
            }
        }
        return Error{"unexpected end of file while scanning lua code", begin};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Token::Kind latest_ = Token::Kind::kEnd;
    std::string_view latest_text_;
    bool is_before_lua_ = false;
};

struct Directive {
    std::string name;
    std::vector<std::string> words;
    bool has_block = false;
    std::vector<Directive> block;
};

// "server" in an upstream: its address, then what has a value, by name, then the rest.
Directive upstream_server(Directive given) {
    Directive made{.name = "server", .words = {std::string()}, .has_block = false, .block = {}};
    std::map<std::string, std::string> named;
    std::vector<std::string> flags;
    for (std::size_t i = 0; i < given.words.size(); ++i) {
        const std::size_t sign = given.words[i].find('=');
        if (i == 0) {
            made.words[0] = given.words[i];
        } else if (sign == std::string::npos) {
            flags.push_back(given.words[i]);
        } else {
            named[given.words[i].substr(0, sign)] = given.words[i].substr(sign + 1);
        }
    }
    for (const auto& [name, text] : named)
        made.words.push_back(std::string(name).append("=").append(text));
    made.words.insert(made.words.end(), flags.begin(), flags.end());
    return made;
}

// Those of the name stand behind the others.
template <typename IsLast>
void move_behind(std::vector<Directive>& directives, IsLast is_last) {
    std::vector<Directive> ordered;
    std::vector<Directive> last;
    for (Directive& one : directives) {
        const bool goes_last = is_last(one);
        (goes_last ? last : ordered).push_back(std::move(one));
    }
    std::ranges::move(last, std::back_inserter(ordered));
    directives = std::move(ordered);
}

class NginxReader {
  public:
    explicit NginxReader(std::string_view text) : lexer_(text) {}

    Result<std::vector<Directive>> all() {
        MERLON_TRY(advance());
        return block(Checks::kNames, 0);
    }

  private:
    // Whether names of directives have to be known.
    enum class Checks : unsigned char { kNames, kNothing };
    static constexpr std::size_t kMaxDepth = 200;

    Error wrong(std::string message) const { return Error{std::move(message), token_.offset}; }
    Status advance() {
        token_ = MERLON_TRY(lexer_.next());
        return {};
    }

    // To the brace that closes it, or to the end of the file; what stands behind a brace that
    // closes nothing is not read.
    Result<std::vector<Directive>> block(Checks checks, std::size_t depth) {
        if (depth > kMaxDepth) return wrong("blocks are nested too deeply");
        std::vector<Directive> found;
        for (; token_.kind != Token::Kind::kClose; MERLON_TRY(advance())) {
            if (token_.kind == Token::Kind::kEnd) {
                if (depth > 0) return wrong("unexpected eof in block");
                break;
            }
            if (token_.kind == Token::Kind::kWord) {
                found.push_back(MERLON_TRY(directive(checks, depth)));
            }
        }
        return found;
    }

    Result<Directive> directive(Checks checks, std::size_t depth) {
        Directive made;
        made.name = token_.text;
        if (checks == Checks::kNames && !is_nginx_directive(made.name)) {
            return wrong("unknown directive '" + made.name + "'");
        }
        for (;;) {
            MERLON_TRY(advance());
            switch (token_.kind) {
                case Token::Kind::kWord:
                    made.words.emplace_back(token_.text);
                    break;
                case Token::Kind::kSemicolon:
                    return without_block(std::move(made));
                case Token::Kind::kOpen:
                    MERLON_TRY(read_block(made, checks, depth));
                    return with_block(std::move(made));
                case Token::Kind::kComment:
                case Token::Kind::kLineEnd:
                    break;
                default:
                    return wrong("unexpected token '" + std::string(token_.text) + "'");
            }
        }
    }

    Status read_block(Directive& made, Checks checks, std::size_t depth) {
        made.has_block = true;
        if (made.name.ends_with(kLuaSuffix)) return skip_code();
        const bool is_free = made.name == "types" || made.name == "map";
        MERLON_TRY(advance());
        made.block = MERLON_TRY(block(is_free ? Checks::kNothing : checks, depth + 1));
        return {};
    }

    // A block of code that words stood before was not seen by the lexer.
    Status skip_code() {
        std::size_t depth = 1;
        while (true) {
            MERLON_TRY(advance());
            if (token_.kind == Token::Kind::kEnd) return {};
            if (token_.kind == Token::Kind::kOpen) ++depth;
            if (token_.kind == Token::Kind::kClose && --depth == 0) return {};
        }
    }

    Result<Directive> without_block(Directive made) const {
        if (made.name == "include" && made.words.size() != 1) {
            return wrong("include directive requires exactly 1 parameter, got " +
                         std::to_string(made.words.size()));
        }
        if (made.name == "server") return upstream_server(std::move(made));
        return made;
    }

    Result<Directive> with_block(Directive made) const {
        if (made.name == "location" && made.words.empty()) {
            return wrong("no enough parameter for location");
        }
        if (made.name == "location" && made.words.size() > 2) {
            return wrong("too many arguments for location directive");
        }
        if (made.name == "upstream" && made.words.empty()) {
            return wrong("upstream directive requires a name parameter");
        }
        if (made.name == "server" || made.name == "http") made.words.clear();
        if (made.name == "http") {
            move_behind(made.block,
                        [](const Directive& one) { return one.name == "server" && one.has_block; });
        }
        if (made.name == "upstream") {
            made.words.resize(1);
            for (Directive& one : made.block) {
                if (one.name == "server") one = upstream_server(std::move(one));
            }
            move_behind(made.block, [](const Directive& one) { return one.name == "server"; });
        }
        return made;
    }

    Lexer lexer_;
    Token token_;
};

Value value_of(const std::vector<Directive>& directives, value::Builder& values) {
    std::vector<Value> shown;
    for (const Directive& directive : directives) {
        std::vector<value::Builder::Entry> members;
        members.emplace_back(values.key("name"),
                             values.string(text::to_valid_utf8(directive.name)));
        if (!directive.words.empty()) {
            std::vector<Value> words;
            for (const std::string& word : directive.words)
                words.push_back(values.string(text::to_valid_utf8(word)));
            members.emplace_back(values.key("parameters"), values.array(words));
        }
        if (directive.has_block) {
            members.emplace_back(values.key("block"), value_of(directive.block, values));
        }
        shown.push_back(values.object(members));
    }
    const value::Builder::Entry all[] = {{values.key("directives"), values.array(shown)}};
    return values.object(all);
}

}  // namespace

Result<Value> parse_nginx(std::string_view bytes, Reading& reading) {
    const auto read = NginxReader(bytes).all();
    if (!read.ok()) return Error{"parse nginx: " + read.error().message, read.error().offset};
    return value_of(read.value(), reading.values);
}

}  // namespace merlon::compat::conftest
