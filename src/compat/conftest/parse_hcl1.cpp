// HCL 1 (github.com/hashicorp/hcl 1.0.0): the values that its decoder makes of a file.
//
// The idea: the decoder puts each object that is a member of another one into an array, so that
// blocks of one name follow each other there; each label of a block is such a member.

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "compat/conftest/parsers.h"
#include "text/utf8.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;

enum class Hcl1Kind : unsigned char {
    kEnd,
    kName,
    kNumber,
    kFloat,
    kBoolean,
    kText,
    kHeredoc,
    kSign  // one of [ ] { } , =
};
struct Hcl1Token {
    Hcl1Kind kind = Hcl1Kind::kEnd;
    std::string_view text;

    bool is(char sign) const { return kind == Hcl1Kind::kSign && text[0] == sign; }
    bool is_key() const { return kind == Hcl1Kind::kName || kind == Hcl1Kind::kText; }
};

bool begins_hcl1_name(char c) {
    const char lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

class Hcl1Scanner {
  public:
    explicit Hcl1Scanner(std::string_view source) : source_(source) {}

    Result<Hcl1Token> next() {
        MERLON_TRY(skip_blanks());
        if (at_ == source_.size()) return Hcl1Token{};
        const char c = source_[at_];
        if (begins_hcl1_name(c)) return name();
        if (is_digit(c) || c == '-' || c == '.') return number();
        if (c == '"') return text();
        if (c == '<') return heredoc();
        if (std::string_view("[]{},=").find(c) == std::string_view::npos) {
            return wrong("illegal character");
        }
        return take(Hcl1Kind::kSign, at_ + 1);
    }
    Error wrong(std::string message) const { return Error{std::move(message), at_}; }

  private:
    Hcl1Token take(Hcl1Kind kind, std::size_t end) {
        const Hcl1Token token{kind, source_.substr(at_, end - at_)};
        at_ = end;
        return token;
    }
    char look(std::size_t at) const { return at < source_.size() ? source_[at] : '\0'; }

    Status skip_blanks() {
        while (at_ < source_.size()) {
            if (is_space(source_[at_])) {
                ++at_;
            } else if (source_[at_] == '#' || source_.substr(at_).starts_with("//")) {
                at_ = std::min(source_.find('\n', at_), source_.size());
            } else if (source_.substr(at_).starts_with("/*")) {
                const std::size_t end = source_.find("*/", at_ + 2);
                if (end == std::string_view::npos) return wrong("comment not terminated");
                at_ = end + 2;
            } else {
                return {};
            }
        }
        return {};
    }

    Result<Hcl1Token> name() {
        std::size_t end = at_;
        while (begins_hcl1_name(look(end)) || is_digit(look(end)) || look(end) == '-' ||
               look(end) == '.') {
            ++end;
        }
        Hcl1Token token = take(Hcl1Kind::kName, end);
        if (token.text == "true" || token.text == "false") token.kind = Hcl1Kind::kBoolean;
        return token;
    }

    Result<Hcl1Token> number() {
        std::size_t end = look(at_) == '-' ? at_ + 1 : at_;
        if (!is_digit(look(end)) && !(look(end) == '.' && is_digit(look(end + 1)))) {
            return wrong("illegal character");
        }
        if (look(end) == '0' && to_lower(look(end + 1)) == 'x') {
            end += 2;
            while (is_digit(look(end)) ||
                   (to_lower(look(end)) >= 'a' && to_lower(look(end)) <= 'f'))
                ++end;
            return take(Hcl1Kind::kNumber, end);
        }
        Hcl1Kind kind = Hcl1Kind::kNumber;
        while (is_digit(look(end))) ++end;
        if (look(end) == '.') {
            kind = Hcl1Kind::kFloat;
            ++end;
            while (is_digit(look(end))) ++end;
        }
        if (to_lower(look(end)) == 'e') {
            kind = Hcl1Kind::kFloat;
            ++end;
            if (look(end) == '+' || look(end) == '-') ++end;
            while (is_digit(look(end))) ++end;
        }
        return take(kind, end);
    }

    // In ${…} neither quotes nor line feeds end a text.
    Result<Hcl1Token> text() {
        std::size_t braces = 0;
        for (std::size_t at = at_ + 1; at < source_.size(); ++at) {
            const char c = source_[at];
            if (c == '\n' && braces == 0) break;
            if (c == '"' && braces == 0) return take(Hcl1Kind::kText, at + 1);
            if (braces == 0 && c == '$' && look(at + 1) == '{') {
                braces = 1;
                ++at;
            } else if (braces > 0 && c == '{') {
                ++braces;
            } else if (braces > 0 && c == '}') {
                --braces;
            } else if (c == '\\') {
                ++at;
            }
        }
        return wrong("literal not terminated");
    }

    Result<Hcl1Token> heredoc() {
        std::size_t at = at_ + 2;
        if (look(at_ + 1) != '<') return wrong("heredoc expected second '<', didn't see it");
        if (look(at) == '-') ++at;
        const std::size_t name_begin = at;
        while (begins_hcl1_name(look(at)) || is_digit(look(at))) ++at;
        const std::string_view marker = source_.substr(name_begin, at - name_begin);
        if (look(at) == '\r') ++at;
        if (look(at) != '\n' || marker.empty())
            return wrong("invalid characters in heredoc anchor");
        for (std::size_t begin = at + 1;;) {
            const std::size_t end = source_.find('\n', begin);
            if (end == std::string_view::npos) return wrong("heredoc not terminated");
            std::string_view line = source_.substr(begin, end - begin);
            line.remove_prefix(std::min(line.find_first_not_of(" \t\v\f\r"), line.size()));
            while (line.ends_with('\r')) line.remove_suffix(1);
            if (line == marker) return take(Hcl1Kind::kHeredoc, end + 1);
            begin = end + 1;
        }
    }

    std::string_view source_;
    std::size_t at_ = 0;
};

// A file, or a part of one.
struct Hcl1Node;
struct Hcl1Item {
    std::vector<std::string> keys;
    const Hcl1Node* value = nullptr;
};
struct Hcl1Node {
    enum class Form : unsigned char { kLiteral, kObject, kList };
    Form form = Form::kLiteral;
    Growing literal = {};
    std::vector<Hcl1Item> items = {};
    std::vector<const Hcl1Node*> elements = {};
};

// strconv.Unquote of this language: what stands in ${…} stays as it is.
Result<std::string> hcl1_unquoted(std::string_view quoted) {
    const std::string_view text = quoted.substr(1, quoted.size() - 2);
    const Error wrong{"unquote " + std::string(quoted) + ": invalid syntax"};
    constexpr std::string_view kLetters = "abfnrtv\\\"";
    constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\\"";
    std::string made;
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at).starts_with("${")) {
            std::size_t braces = 0;
            do {
                if (text[at] == '{') ++braces;
                if (text[at] == '}') --braces;
                made += text[at++];
            } while (at < text.size() && (braces > 0 || made.ends_with('$')));
            if (braces > 0) return wrong;
            continue;
        }
        if (text[at] != '\\') {
            made += text[at++];
            continue;
        }
        const char c = at + 1 < text.size() ? text[at + 1] : '\0';
        const bool is_octal = c >= '0' && c <= '7';
        if (const std::size_t found = kLetters.find(c); found != std::string_view::npos) {
            made += kMeanings[found];
            at += 2;
            continue;
        }
        const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : is_octal ? 3 : 0;
        const std::size_t begin = at + (is_octal ? 1 : 2);
        if (digits == 0 || begin + digits > text.size()) return wrong;
        std::uint32_t value = 0;
        const char* const end = text.data() + begin + digits;
        const auto [stop, failed] =
            std::from_chars(text.data() + begin, end, value, is_octal ? 8 : 16);
        if (failed != std::errc{} || stop != end || (is_octal && value > 255)) return wrong;
        if (digits <= 3) {
            made += static_cast<char>(static_cast<unsigned char>(value));
        } else {
            text::append_utf8(made, value);
        }
        at = begin + digits;
    }
    return made;
}

// "<<-": each line loses the indentation of the last one, which is the marker's.
std::string heredoc_text(std::string_view heredoc) {
    const std::size_t first = heredoc.find('\n');
    const std::size_t marker_size = first - (heredoc[2] == '-' ? 3 : 2);
    std::string_view content = heredoc.substr(first + 1);
    content.remove_suffix(1);
    const std::size_t last = content.rfind('\n') + 1;
    std::string_view indent = content.substr(last);
    indent.remove_suffix(std::min(marker_size, indent.size()));
    content = content.substr(0, last);
    if (heredoc[2] != '-') return std::string(content) + std::string(indent);
    std::string made;
    for (std::string_view rest = content; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n') + 1);
        if (!line.starts_with(indent)) return std::string(content);
        made += line.substr(indent.size());
        rest.remove_prefix(line.size());
    }
    return made;
}

class Hcl1Parser {
  public:
    Hcl1Parser(std::string_view source, Reading& reading)
        : scanner_(source), values_(reading.values) {}

    Result<const Hcl1Node*> file() {
        MERLON_TRY(advance());
        return object_until_end();
    }

  private:
    static constexpr std::size_t kMaxDepth = 200;

    Status advance() {
        token_ = MERLON_TRY(scanner_.next());
        return {};
    }
    Hcl1Node* make(Hcl1Node::Form form) {
        nodes_.push_back(std::make_unique<Hcl1Node>(Hcl1Node{.form = form}));
        return nodes_.back().get();
    }
    bool is_end(bool is_file) const {
        return is_file ? token_.kind == Hcl1Kind::kEnd : token_.is('}');
    }

    Result<const Hcl1Node*> object_until_end() { return items(true); }

    // The members of a file or of an object, whose brace is read.
    Result<const Hcl1Node*> items(bool is_file) {  // NOLINT: private
        if (++depth_ > kMaxDepth) return scanner_.wrong("objects are nested too deeply");
        Hcl1Node* const node = make(Hcl1Node::Form::kObject);
        while (!is_end(is_file)) {
            Hcl1Item item;
            while (token_.is_key()) {
                item.keys.push_back(token_.kind == Hcl1Kind::kText
                                        ? MERLON_TRY(hcl1_unquoted(token_.text))
                                        : std::string(token_.text));
                MERLON_TRY(advance());
            }
            if (item.keys.empty())
                return scanner_.wrong("expected: IDENT | STRING | ASSIGN | LBRACE");
            if (token_.is('=')) {
                if (item.keys.size() > 1) return scanner_.wrong("nested object expected: LBRACE");
                MERLON_TRY(advance());
                item.value = MERLON_TRY(value());
            } else if (token_.is('{')) {
                item.value = MERLON_TRY(value());
            } else {
                return scanner_.wrong("key '" + item.keys[0] +
                                      "' expected start of object ('{') or assignment ('=')");
            }
            node->items.push_back(std::move(item));
            if (token_.is(',')) MERLON_TRY(advance());
        }
        --depth_;
        return node;
    }

    Result<const Hcl1Node*> value() {
        if (token_.is('{')) {
            MERLON_TRY(advance());
            const Hcl1Node* const node = MERLON_TRY(items(false));
            MERLON_TRY(advance());
            return node;
        }
        if (token_.is('[')) return list();
        Hcl1Node* const node = make(Hcl1Node::Form::kLiteral);
        node->literal = MERLON_TRY(literal());
        MERLON_TRY(advance());
        return node;
    }

    Result<const Hcl1Node*> list() {
        if (++depth_ > kMaxDepth) return scanner_.wrong("lists are nested too deeply");
        Hcl1Node* const node = make(Hcl1Node::Form::kList);
        bool needs_comma = false;
        MERLON_TRY(advance());
        while (!token_.is(']')) {
            if (token_.is(',')) {
                needs_comma = false;
                MERLON_TRY(advance());
                continue;
            }
            if (needs_comma) return scanner_.wrong("expected comma or list end");
            needs_comma = !token_.is('[');
            node->elements.push_back(MERLON_TRY(value()));
        }
        --depth_;
        MERLON_TRY(advance());
        return node;
    }

    Result<Growing> literal() {
        switch (token_.kind) {
            case Hcl1Kind::kBoolean:
                return Growing::of(values_.boolean(token_.text == "true"));
            case Hcl1Kind::kText:
                return Growing::of(
                    values_.string(text::to_valid_utf8(MERLON_TRY(hcl1_unquoted(token_.text)))));
            case Hcl1Kind::kHeredoc:
                return Growing::of(values_.string(text::to_valid_utf8(heredoc_text(token_.text))));
            case Hcl1Kind::kFloat: {
                const auto number = parse_go_float(token_.text);
                if (!number) return scanner_.wrong("this is no number");
                return Growing::of(go_number(values_, *number));
            }
            case Hcl1Kind::kNumber:
                return integer();
            default:
                return scanner_.wrong("Unknown token");
        }
    }

    // strconv.ParseInt with base 0.
    Result<Growing> integer() {
        std::string_view digits = token_.text;
        const bool is_negative = digits.starts_with('-');
        if (is_negative) digits.remove_prefix(1);
        int base = 10;
        if (digits.size() > 1 && digits[0] == '0') {
            base = to_lower(digits[1]) == 'x' ? 16 : 8;
            digits.remove_prefix(base == 16 ? 2 : 1);
        }
        std::int64_t number = 0;
        const std::string text = (is_negative ? "-" : "") + std::string(digits);
        const auto [at, failed] =
            std::from_chars(text.data(), text.data() + text.size(), number, base);
        if (failed != std::errc{} || at != text.data() + text.size()) {
            return scanner_.wrong("this is no 64-bit integer");
        }
        return Growing::of(values_.integer(number));
    }

    Hcl1Scanner scanner_;
    value::Builder& values_;
    Hcl1Token token_;
    std::size_t depth_ = 0;
    std::vector<std::unique_ptr<Hcl1Node>> nodes_;
};

Result<Growing> decode_items(std::span<const Hcl1Item> items);

Result<Growing> decode(const Hcl1Node& node) {
    if (node.form == Hcl1Node::Form::kLiteral) return node.literal;
    if (node.form == Hcl1Node::Form::kObject) return decode_items(node.items);
    Growing list = Growing::array();
    for (const Hcl1Node* element : node.elements)
        list.items.push_back(MERLON_TRY(decode(*element)));
    return list;
}

// What a member is: an object becomes the one element of an array.
Result<Growing> decode_member(const Hcl1Node& node) {
    Growing made = MERLON_TRY(decode(node));
    if (node.form != Hcl1Node::Form::kObject) return made;
    Growing list = Growing::array();
    list.items.push_back(std::move(made));
    return list;
}

// Arrays of one name follow each other; anything else takes the place of what was before.
void put_hcl1(Growing& into, const std::string& key, Growing made) {
    Growing& member = into.members[key];
    if (member.kind != Growing::Kind::kArray || made.kind != Growing::Kind::kArray) {
        member = std::move(made);
        return;
    }
    std::ranges::move(made.items, std::back_inserter(member.items));
}

Result<Growing> decode_items(std::span<const Hcl1Item> items) {
    Growing made = Growing::object();
    std::vector<std::string_view> done;
    for (const Hcl1Item& item : items) {
        if (item.keys.empty()) return Error{"map must have string keys"};
        const std::string& key = item.keys[0];
        if (std::ranges::find(done, key) != done.end()) continue;
        if (item.keys.size() == 1) {
            put_hcl1(made, key, MERLON_TRY(decode_member(*item.value)));
            continue;
        }
        // All blocks whose first word is this one, whatever its case, at once.
        done.push_back(key);
        Growing list = Growing::array();
        for (const Hcl1Item& other : items) {
            if (other.keys.empty() || !equal_without_case(other.keys[0], key)) continue;
            const Hcl1Item inner{{other.keys.begin() + 1, other.keys.end()}, other.value};
            list.items.push_back(MERLON_TRY(decode_items({&inner, 1})));
        }
        put_hcl1(made, key, std::move(list));
    }
    return made;
}

}  // namespace

Result<Value> parse_hcl1(std::string_view bytes, Reading& reading) {
    std::string source;
    source.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (!bytes.substr(i).starts_with("\r\n")) source += bytes[i];
    }
    const std::size_t first = source.find_first_not_of(" \t\r\n\v\f");
    if (first != std::string::npos && source[first] == '{') {
        return not_served("HCL 1 as JSON");
    }
    Hcl1Parser parser(source, reading);
    const Hcl1Node* const file = MERLON_TRY(parser.file());
    return MERLON_TRY(decode_items(file->items)).finish(reading.values);
}

}  // namespace merlon::compat::conftest
