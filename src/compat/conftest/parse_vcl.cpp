// VCL, the language of Varnish and Fastly, as KeisukeYamashita/go-vcl reads it and conftest writes
// it down: blocks by their words, what is assigned in them, and what stands there alone, as the
// addresses of an acl do. Conditions, calls and returns leave nothing, and what the library does
// not know is passed over; its words and their ends are kept here, so that the rest means the same.
//
// The library ends at a value that is no literal, at a block without braces, at one that needs a
// name and has none, and where a file has no blocks: these are errors here.

#include <algorithm>
#include <charconv>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "compat/conftest/parsers.h"
#include "text/utf8.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;

struct VclToken {
    enum class Kind : unsigned char {
        kEnd,
        kIdentifier,
        kInteger,
        kPercentage,
        kText,
        kNetwork,
        kTrue,
        kFalse,
        kAssign,
        kMatch,
        kPlus,
        kBang,
        kOperator,
        kComma,
        kSemicolon,
        kColon,
        kComment,
        kCommentBegin,
        kCommentEnd,
        kLeftParen,
        kRightParen,
        kLeftBrace,
        kRightBrace,
        kIf,
        kElse,
        kReturn,
        kBlock,
        kCall,
        kOther
    };
    Kind kind = Kind::kOther;
    std::string text;
};
using Kind = VclToken::Kind;

bool continues_word(char c) {
    const char lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || c == '_' || c == '.' || is_digit(c);
}

class VclWords {
  public:
    explicit VclWords(std::string_view text) : text_(text) {}

    Result<VclToken> next() {
        at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
        const char c = look();
        if (c == '\0') return VclToken{Kind::kEnd, ""};
        if (is_digit(c)) return number();
        if (continues_word(c)) return word();
        switch (c) {
            case '#':
                ++at_;
                return comment();
            case '"':
                return text();
            case '=':
                return pair('=', Kind::kOperator, Kind::kAssign);
            case '|':
            case '&':
                return pair(c, Kind::kOperator, Kind::kOther);
            case '*':
                return pair('/', Kind::kCommentEnd, Kind::kOther);
            case '/':
                if (look(1) != '/') return pair('*', Kind::kCommentBegin, Kind::kOther);
                at_ += 2;
                return comment();
            default:
                break;
        }
        static constexpr std::pair<char, Kind> kSigns[] = {
            {':', Kind::kColon},     {'~', Kind::kMatch},      {',', Kind::kComma},
            {';', Kind::kSemicolon}, {'(', Kind::kLeftParen},  {')', Kind::kRightParen},
            {'{', Kind::kLeftBrace}, {'}', Kind::kRightBrace}, {'!', Kind::kBang},
            {'+', Kind::kPlus},
        };
        const auto* const sign = std::ranges::find(kSigns, c, &std::pair<char, Kind>::first);
        ++at_;
        return VclToken{sign == std::end(kSigns) ? Kind::kOther : sign->second, std::string(1, c)};
    }

    Error wrong(std::string_view what) const {
        const auto end = text_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, text_.size()));
        return Error{"VCL: line " + std::to_string(1 + std::count(text_.begin(), end, '\n')) +
                     ": " + std::string(what)};
    }

  private:
    char look(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    VclToken pair(char second, Kind both, Kind alone) {
        const std::size_t width = look(1) == second ? 2 : 1;
        at_ += width;
        return {width == 2 ? both : alone, std::string(text_.substr(at_ - width, width))};
    }
    VclToken word() {
        static constexpr std::pair<std::string_view, Kind> kWords[] = {
            {"sub", Kind::kBlock},      {"acl", Kind::kBlock},   {"backend", Kind::kBlock},
            {"director", Kind::kBlock}, {"table", Kind::kBlock}, {"import", Kind::kOther},
            {"call", Kind::kCall},      {"true", Kind::kTrue},   {"false", Kind::kFalse},
            {"if", Kind::kIf},          {"else", Kind::kElse},   {"return", Kind::kReturn},
        };
        const std::size_t begin = at_;
        while (continues_word(look())) ++at_;
        const std::string_view name = text_.substr(begin, at_ - begin);
        const auto* const known =
            std::ranges::find(kWords, name, &std::pair<std::string_view, Kind>::first);
        return {known == std::end(kWords) ? Kind::kIdentifier : known->second, std::string(name)};
    }
    VclToken number() {
        const std::size_t begin = at_;
        while (is_digit(look())) ++at_;
        const Kind kind = look() == '%' ? Kind::kPercentage : Kind::kInteger;
        if (kind == Kind::kPercentage) ++at_;
        return {kind, std::string(text_.substr(begin, at_ - begin))};
    }
    // Behind the sign. The character that follows it is taken for a space.
    Result<VclToken> comment() {
        const std::size_t begin = at_ + 1;
        if (look() == '\n' || at_ >= text_.size()) return wrong("an empty comment has no space");
        const std::size_t end =
            std::min(text_.find_first_of(std::string_view("\n\0", 2), begin), text_.size());
        at_ = std::min(end + 1, text_.size());
        return VclToken{Kind::kComment, std::string(text_.substr(begin, end - begin))};
    }
    // Up to a quote that no '/' follows, or to a semicolon. One with a '/' is a network, and keeps
    // its first quote.
    VclToken text() {
        const std::size_t begin = ++at_;
        while (look() != '\0' && look() != ';' && (look() != '"' || look(1) == '/')) ++at_;
        const std::string_view inside = text_.substr(begin, at_ - begin);
        at_ = std::min(at_ + 1, text_.size());
        if (inside.find('/') == std::string_view::npos) return {Kind::kText, std::string(inside)};
        return {Kind::kNetwork, "\"" + std::string(inside)};
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

struct VclBody;
struct VclBlock {
    std::string type;
    std::vector<std::string> labels = {};
    std::vector<VclBody> body;  // one; none: it had no braces
};
// What stands alone in a body: a value, or a block of braces.
struct VclFlat {
    Value value;
    std::vector<VclBlock> block;  // none or one
};
struct VclBody {
    std::map<std::string, Value, std::less<>> attributes;
    std::vector<std::string> without_value;  // attributes whose value the library drops
    std::vector<VclBlock> blocks;
    std::vector<VclFlat> flats;
    std::vector<std::string> comments;
};

struct VclExpression {
    // kNone: the word begins no expression; kWrong: it does, and the rest does not fit.
    enum class Kind : unsigned char {
        kNone,
        kWrong,
        kText,
        kNetwork,
        kPercentage,
        kNumber,
        kBoolean,
        kName,
        kBlock,
        kOther
    };
    Kind kind = Kind::kNone;
    Value value = {};
    VclBlock block = {};
};
using Form = VclExpression::Kind;

class VclReader {
  public:
    VclReader(std::string_view text, Reading& reading) : words_(text), values_(reading.values) {}

    Result<Value> document() {
        MERLON_TRY(step());
        MERLON_TRY(step());
        VclBody body;
        while (now_.kind != Kind::kEnd) {
            MERLON_TRY(statement(body));
            MERLON_TRY(step());
        }
        if (body.attributes.empty() && body.without_value.empty() && body.blocks.empty()) {
            return Error{
                "VCL: the file has neither blocks nor assignments, of which conftest has none"};
        }
        std::map<std::string, Value, std::less<>> members = body.attributes;
        for (const auto& [type, blocks] : by_type(body.blocks)) {
            std::map<std::string, Value, std::less<>> named;
            for (const VclBlock* const block : blocks) {
                named[block->labels.empty() ? "" : block->labels[0]] =
                    MERLON_TRY(top_block(*block));
            }
            members[type] = object(named);
        }
        return object(members);
    }

  private:
    static constexpr std::size_t kMaxDepth = 300;

    Status step() {
        now_ = std::move(next_);
        next_ = MERLON_TRY(words_.next());
        return {};
    }
    // Goes on where the next word is of that kind.
    Result<bool> takes(Kind kind) {
        if (next_.kind != kind) return false;
        MERLON_TRY(step());
        return true;
    }
    Status skip(Kind kind) {
        if (next_.kind == kind) MERLON_TRY(step());
        return {};
    }
    // An error but where nothing is kept.
    Status wrong_unless_passed_over(const std::string& what) const {
        if (passed_over_ > 0) return {};
        return words_.wrong(what);
    }
    Value string(std::string_view text) { return values_.string(text::to_valid_utf8(text)); }

    Status statement(VclBody& body) {
        switch (now_.kind) {
            case Kind::kIdentifier:
                if (next_.kind == Kind::kAssign) return assignment(body);
                break;
            case Kind::kText:
                if (next_.kind == Kind::kColon) return field(body);
                break;
            case Kind::kComment:
                body.comments.push_back(now_.text);
                return {};
            case Kind::kCommentBegin:
                while (now_.kind != Kind::kCommentEnd && now_.kind != Kind::kEnd)
                    MERLON_TRY(step());
                if (now_.kind == Kind::kCommentEnd) body.comments.emplace_back("/*");
                return {};
            case Kind::kReturn:
                return return_statement();
            case Kind::kCall:
                MERLON_TRY(step());
                MERLON_TRY(expression(kLowest));
                return skip(Kind::kSemicolon);
            default:
                break;
        }
        VclExpression made = MERLON_TRY(expression(kLowest));
        MERLON_TRY(skip(Kind::kSemicolon));
        if (made.kind == Form::kBlock) {
            if (made.block.body.empty()) return wrong_unless_passed_over("a block has no braces");
            if (made.block.type == "{") {
                body.flats.push_back({Value(), {std::move(made.block)}});
            } else {
                body.blocks.push_back(std::move(made.block));
            }
        } else if (made.kind == Form::kText || made.kind == Form::kNetwork ||
                   made.kind == Form::kNumber || made.kind == Form::kBoolean) {
            body.flats.push_back({made.value, {}});
        }
        return {};
    }

    Status assignment(VclBody& body) {
        const std::string name = now_.text;
        MERLON_TRY(step());
        MERLON_TRY(step());
        VclExpression made = MERLON_TRY(expression(kLowest));
        MERLON_TRY(skip(Kind::kSemicolon));
        if (made.kind == Form::kNone || made.kind == Form::kWrong || made.kind == Form::kOther) {
            return wrong_unless_passed_over("the value of " + name +
                                            " is no literal, of which conftest has none");
        }
        if (made.kind != Form::kBlock) {
            body.attributes[name] = made.value;
            return {};
        }
        if (made.block.body.empty()) return wrong_unless_passed_over("a block has no braces");
        body.blocks.push_back({name, {}, std::move(made.block.body)});
        return {};
    }

    // "key": "text", in a table. Other values are dropped.
    Status field(VclBody& body) {
        const std::string name = now_.text;
        MERLON_TRY(step());
        MERLON_TRY(step());
        const VclExpression made = MERLON_TRY(expression(kLowest));
        if (made.kind == Form::kText) {
            body.attributes[name] = made.value;
        } else {
            body.attributes.erase(name);
            body.without_value.push_back(name);
        }
        return skip(Kind::kComma);
    }

    Status return_statement() {
        if (!MERLON_TRY(takes(Kind::kLeftParen))) return {};
        MERLON_TRY(step());
        MERLON_TRY(expression(kLowest));
        if (!MERLON_TRY(takes(Kind::kRightParen))) return {};
        return skip(Kind::kSemicolon);
    }

    // How strongly an operator binds.
    static constexpr int kLowest = 1;
    static constexpr int kEquals = 2;
    static constexpr int kSum = 4;
    static constexpr int kPrefix = 6;
    static int strength(Kind kind) {
        if (kind == Kind::kMatch || kind == Kind::kOperator) return kEquals;
        return kind == Kind::kPlus ? kSum : kLowest;
    }

    Result<VclExpression> expression(int least) {
        if (++depth_ > kMaxDepth) return words_.wrong("the file is nested too deeply");
        VclExpression made = MERLON_TRY(prefix());
        while (made.kind != Form::kNone && next_.kind != Kind::kSemicolon &&
               least < strength(next_.kind)) {
            if (next_.kind == Kind::kOperator) break;
            MERLON_TRY(step());
            const int operator_strength = strength(now_.kind);
            MERLON_TRY(step());
            MERLON_TRY(expression(operator_strength));
            made = {.kind = Form::kOther};
        }
        --depth_;
        return made;
    }

    // What an expression begins with.
    Result<VclExpression> prefix() {
        switch (now_.kind) {
            case Kind::kIdentifier:
                return VclExpression{.kind = Form::kName, .value = string(now_.text)};
            case Kind::kText:
                return VclExpression{.kind = Form::kText, .value = string(now_.text)};
            case Kind::kNetwork:
                return VclExpression{.kind = Form::kNetwork, .value = string(now_.text)};
            case Kind::kPercentage:
                return VclExpression{.kind = Form::kPercentage, .value = string(now_.text)};
            case Kind::kTrue:
            case Kind::kFalse:
                return VclExpression{.kind = Form::kBoolean,
                                     .value = values_.boolean(now_.kind == Kind::kTrue)};
            case Kind::kInteger:
                return integer();
            case Kind::kBang:
                MERLON_TRY(step());
                MERLON_TRY(expression(kPrefix));
                return VclExpression{.kind = Form::kOther};
            case Kind::kLeftParen:
                return group();
            case Kind::kIf:
                return condition();
            case Kind::kBlock:
                return block();
            case Kind::kLeftBrace: {
                VclExpression made{.kind = Form::kBlock, .block = {.type = "{", .body = {}}};
                if (next_.kind != Kind::kSemicolon) made.block.body.push_back(MERLON_TRY(body()));
                return made;
            }
            default:
                return VclExpression{};
        }
    }
    // A leading zero makes it octal; what does not fit is nothing.
    Result<VclExpression> integer() {
        std::int64_t number = 0;
        const std::string& digits = now_.text;
        const int base = digits.size() > 1 && digits[0] == '0' ? 8 : 10;
        const char* const end = digits.data() + digits.size();
        const auto [at, failed] = std::from_chars(digits.data(), end, number, base);
        if (at != end || failed != std::errc{}) return VclExpression{.kind = Form::kWrong};
        return VclExpression{.kind = Form::kNumber,
                             .value = go_number(values_, static_cast<double>(number))};
    }
    Result<VclExpression> group() {
        MERLON_TRY(step());
        VclExpression made = MERLON_TRY(expression(kLowest));
        if (!MERLON_TRY(takes(Kind::kRightParen)) || made.kind == Form::kNone) {
            return VclExpression{.kind = Form::kWrong};
        }
        return made;
    }
    // Leaves nothing: what stands inside may be wrong.
    Result<VclExpression> condition() {
        ++passed_over_;
        const bool is_whole = MERLON_TRY(skip_condition());
        --passed_over_;
        return VclExpression{.kind = is_whole ? Form::kOther : Form::kWrong};
    }
    Result<bool> skip_condition() {
        if (!MERLON_TRY(takes(Kind::kLeftParen))) return false;
        MERLON_TRY(step());
        MERLON_TRY(expression(kLowest));
        if (!MERLON_TRY(takes(Kind::kRightParen))) return false;
        if (!MERLON_TRY(takes(Kind::kLeftBrace))) return false;
        MERLON_TRY(body());
        if (!MERLON_TRY(takes(Kind::kElse))) return true;
        if (!MERLON_TRY(takes(Kind::kLeftBrace))) return false;
        MERLON_TRY(body());
        return true;
    }
    Result<VclExpression> block() {
        VclExpression made{.kind = Form::kBlock, .block = {.type = now_.text, .body = {}}};
        while (next_.kind != Kind::kLeftBrace && next_.kind != Kind::kSemicolon) {
            if (next_.kind == Kind::kEnd) return words_.wrong("a block has no braces");
            MERLON_TRY(step());
            made.block.labels.push_back(now_.text);
        }
        if (MERLON_TRY(takes(Kind::kLeftBrace))) made.block.body.push_back(MERLON_TRY(body()));
        return made;
    }
    Result<VclBody> body() {
        VclBody made;
        MERLON_TRY(step());
        while (now_.kind != Kind::kRightBrace) {
            if (now_.kind == Kind::kEnd) return words_.wrong("a block does not end: expected '}'");
            MERLON_TRY(statement(made));
            MERLON_TRY(step());
        }
        return made;
    }

    static std::map<std::string, std::vector<const VclBlock*>, std::less<>> by_type(
        const std::vector<VclBlock>& blocks) {
        std::map<std::string, std::vector<const VclBlock*>, std::less<>> made;
        for (const VclBlock& block : blocks) made[block.type].push_back(&block);
        return made;
    }
    Value object(const std::map<std::string, Value, std::less<>>& members) {
        std::vector<value::Builder::Entry> entries;
        for (const auto& [name, value] : members) {
            entries.emplace_back(values_.key(text::to_valid_utf8(name)), value);
        }
        return values_.object(entries);
    }
    // The first label stands inside.
    Value labelled(Value value, std::span<const std::string> labels) {
        for (const std::string& label : labels) value = object({{label, value}});
        return value;
    }

    Result<Value> top_block(const VclBlock& block) {
        const VclBody& body = block.body[0];
        if (body.attributes.empty() && body.without_value.empty() && body.blocks.empty()) {
            return flats(body);
        }
        if (block.labels.empty()) {
            return Error{"VCL: a block " + block.type +
                         " has no name, which conftest does not read"};
        }
        return labelled(inner_block(block), std::span(block.labels).subspan(1));
    }
    Value inner_block(const VclBlock& block) {
        std::map<std::string, Value, std::less<>> members;
        for (const auto& [name, value] : block.body[0].attributes) {
            const std::size_t begin = std::min(name.find_first_not_of('.'), name.size());
            const std::size_t end = name.find_last_not_of('.') + 1;
            members[begin < end ? name.substr(begin, end - begin) : ""] = value;
        }
        for (const auto& [type, blocks] : by_type(block.body[0].blocks)) {
            if (blocks.size() == 1) {
                members[type] = inner_block(*blocks[0]);
                continue;
            }
            std::vector<Value> made;
            for (const VclBlock* const one : blocks) {
                made.push_back(labelled(inner_block(*one), one->labels));
            }
            members[type] = values_.array(made);
        }
        return object(members);
    }
    // Blocks of braces keep the fields of the library's own structures.
    Value flats(const VclBody& body) {
        std::vector<Value> made;
        for (const VclFlat& flat : body.flats) {
            made.push_back(flat.block.empty() ? flat.value : structure(flat.block[0]));
        }
        return values_.array(made);
    }
    Value texts(const std::vector<std::string>& list) {
        std::vector<Value> made;
        for (const std::string& text : list) made.push_back(string(text));
        return values_.array(made);
    }
    Value structure(const VclBlock& block) {
        const VclBody& body = block.body[0];
        std::map<std::string, Value, std::less<>> attributes;
        const auto add = [&](const std::string& name, const Value& value) {
            attributes[name] = object({{"Name", string(name)}, {"Value", value}});
        };
        for (const std::string& name : body.without_value) add(name, Value());
        for (const auto& [name, value] : body.attributes) add(name, value);
        std::vector<Value> blocks;
        for (const VclBlock& one : body.blocks) blocks.push_back(structure(one));
        const Value inside = object({{"Attributes", object(attributes)},
                                     {"Blocks", blocks.empty() ? Value() : values_.array(blocks)},
                                     {"Flats", flats(body)},
                                     {"Comments", texts(body.comments)}});
        return object({{"Type", string(block.type)},
                       {"Labels", block.labels.empty() ? Value() : texts(block.labels)},
                       {"Body", inside}});
    }

    VclWords words_;
    value::Builder& values_;
    VclToken now_;
    VclToken next_;
    std::size_t depth_ = 0;
    std::size_t passed_over_ = 0;  // conditions around this place
};

}  // namespace

Result<Value> parse_vcl(std::string_view bytes, Reading& reading) {
    return VclReader(bytes, reading).document();
}

}  // namespace merlon::compat::conftest
