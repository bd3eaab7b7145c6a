// HOCON (github.com/lightbend/config, HOCON.md) as go-akka/configuration reads it and conftest
// writes it down: objects are objects, everything else is the text that the library prints, and a
// number or boolean where Go's strconv reads that text as one. Lists are texts, therefore.
//
// The library ends where something else than an object stands at the top, at a comma between
// objects without '=', and at references in circles: that is an error here. So are files that end
// inside of braces or go on behind them, of which the library drops the rest.

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "compat/conftest/hocon_answers.h"
#include "compat/conftest/parsers.h"
#include "text/utf8.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;

constexpr std::string_view kNotInText = "$\"{}[]:=+,#`^?!@*&\\";
constexpr std::string_view kNotInKey = "$\"{}[]:=+,#`^?!@*&\\.";
// The library takes a byte for a character: that of U+00A0 is in others, too.
constexpr std::string_view kHoconSpaces = " \t\n\v\f\r\xA0";

// Text between dots; quotes part them, too.
std::vector<std::string> path_elements(std::string_view path) {
    std::vector<std::string> elements(1);
    for (const char c : path) {
        if (c == '.' || c == '"') {
            elements.emplace_back();
        } else {
            elements.back() += c;
        }
    }
    std::erase(elements, "");
    return elements;
}

class HoconReader {
  public:
    HoconReader(std::string_view text, Reading& reading) : text_(text), reading_(reading) {}

    Result<Value> document() {
        skip_space_and_comments();
        MERLON_TRY(object(root_, Braces::kNone, ""));
        for (HoconReference* const one : references_) MERLON_TRY(resolve(*one));
        std::vector<value::Builder::Entry> entries;
        for (const std::string& key : answers_.object_of(&root_)->keys) {
            HoconNode* const node = find(key);
            HoconObject* const object = answers_.object_of(node);
            MERLON_TRY(sound());
            if (object == nullptr) {
                return Error{"HOCON: " + key +
                             " at the top is no object, of which conftest has none"};
            }
            entries.emplace_back(reading_.values.key(key), MERLON_TRY(shape(*object, key, 0)));
        }
        return reading_.values.object(entries);
    }

  private:
    static constexpr std::size_t kMaxDepth = 400;
    // How an object begins: a path's rest has one key.
    enum class Braces : unsigned char { kNone, kOpen, kPath };
    enum class Token : unsigned char {
        kDot,
        kObjectStart,
        kObjectEnd,
        kAssign,
        kAppend,
        kKey,
        kOther,
        kEnd
    };

    Error wrong(std::string_view what) const {
        const auto line =
            1 + std::count(text_.begin(),
                           text_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, text_.size())),
                           '\n');
        return Error{"HOCON: line " + std::to_string(line) + ": " + std::string(what)};
    }
    Status sound() const {
        if (answers_.failure().empty()) return {};
        return Error{"HOCON: " + answers_.failure()};
    }
    bool is_end() const { return at_ >= text_.size(); }
    char look() const { return is_end() ? '\0' : text_[at_]; }
    bool stands(std::string_view what) const { return text_.substr(at_).starts_with(what); }
    // The library does not see these as the last of a text.
    bool stands_before_end(std::string_view what) const {
        return at_ + what.size() < text_.size() && stands(what);
    }
    bool is_space() const {
        return !is_end() && kHoconSpaces.find(text_[at_]) != std::string_view::npos;
    }
    bool is_comment() const { return stands_before_end("#") || stands_before_end("//"); }
    bool is_text() const {
        return !is_end() && !is_space() && !is_comment() &&
               kNotInText.find(text_[at_]) == std::string_view::npos;
    }
    bool is_blank() const { return stands_before_end(" ") || stands_before_end("\t"); }
    bool is_value() const {
        return look() == '[' || look() == '{' || stands_before_end("${") || look() == '"' ||
               is_text();
    }

    void skip_space_and_comments() {
        while (true) {
            while (is_space()) ++at_;
            if (!is_comment()) return;
            while (is_comment()) at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1;
        }
    }

    Result<std::string> quoted() {
        std::string made;
        for (++at_; !is_end() && look() != '"';) {
            if (look() != '\\') {
                made += text_[at_++];
                continue;
            }
            ++at_;
            constexpr std::string_view kLetters = "\"\\/bfnrt";
            constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
            const std::size_t known = is_end() ? kLetters.npos : kLetters.find(look());
            if (known != kLetters.npos) {
                made += kMeanings[known];
                ++at_;
            } else if (look() == 'u' && text_.size() - at_ > 4) {
                // It stays what it is, with small letters.
                std::string digits(text_.substr(at_ + 1, 4));
                std::ranges::transform(digits, digits.begin(), [](char c) {
                    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
                });
                made += "\\u" + digits.substr(0, digits.find_first_of(kGoSpaces));
                at_ += 5;
            } else {
                return wrong("this is no escape sequence");
            }
        }
        if (is_end()) return wrong("a quoted text does not end");
        ++at_;
        return made;
    }

    bool is_include() const {
        constexpr std::string_view kWord = "include";
        if (!stands(kWord)) return false;
        const std::size_t next = text_.find_first_not_of(kHoconSpaces, at_ + kWord.size());
        return next != std::string_view::npos && next > at_ + kWord.size() && text_[next] == '"';
    }

    // `key_` is the key's text.
    Result<Token> token() {
        skip_space_and_comments();
        if (is_end()) return Token::kEnd;
        if (is_include()) return not_served("HOCON's include");
        if (stands("+=")) {
            at_ += 2;
            return Token::kAppend;
        }
        switch (look()) {
            case '.':
                return taken(Token::kDot);
            case '{':
                return taken(Token::kObjectStart);
            case '}':
                return taken(Token::kObjectEnd);
            case '[':
            case ']':
                return taken(Token::kOther);
            case '=':
            case ':':
                if (at_ + 1 < text_.size()) return taken(Token::kAssign);
                break;
            case '"':
                key_ = MERLON_TRY(quoted());
                return Token::kKey;
            default:
                break;
        }
        if (kNotInKey.find(look()) != std::string_view::npos) {
            return wrong("expected a key, '=', '{' or '}'");
        }
        const std::size_t begin = at_;
        while (!is_end() && !is_comment() && kNotInKey.find(text_[at_]) == std::string_view::npos) {
            ++at_;
        }
        key_ = trim_go(text_.substr(begin, at_ - begin));
        return Token::kKey;
    }
    Token taken(Token token) {
        ++at_;
        return token;
    }

    HoconNode& new_node() { return nodes_.emplace_back(); }
    HoconReference* new_reference(std::string path, bool is_optional) {
        references_.push_back(&all_references_.emplace_back(std::move(path), is_optional));
        return references_.back();
    }

    // What `other` has and `object` has not, also inside of members.
    Status merge(HoconObject& object, const HoconObject& other, std::size_t depth) {
        if (depth > kMaxDepth) return wrong("objects are nested too deeply");
        if (&object == &other) return {};
        for (const std::string& key : other.keys) {
            if (!budget_.spend()) return wrong("there is too much to merge");
            HoconNode* const theirs = other.members.find(key)->second;
            const auto [mine, is_new] = object.members.emplace(key, theirs);
            if (is_new) {
                object.keys.push_back(key);
                continue;
            }
            HoconObject* const inner = answers_.object_of(mine->second);
            const HoconObject* const inner_other = inner ? answers_.object_of(theirs) : nullptr;
            if (inner_other != nullptr) MERLON_TRY(merge(*inner, *inner_other, depth + 1));
        }
        return {};
    }

    Status object(HoconNode& owner, Braces braces, const std::string& path) {
        if (++depth_ > kMaxDepth) return wrong("objects are nested too deeply");
        if (answers_.object_of(&owner) == nullptr) {
            owner.parts = {{.kind = HoconPart::Kind::kObject, .object = &objects_.emplace_back()}};
        }
        for (HoconNode* node = &owner; node->before != nullptr; node = node->before) {
            const HoconObject* const old = answers_.object_of(node->before);
            HoconObject* const now = answers_.object_of(node);
            if (old == nullptr || now == nullptr) break;
            MERLON_TRY(merge(*now, *old, 0));
        }
        HoconObject& members = *answers_.object_of(&owner);
        std::size_t open = braces == Braces::kOpen ? 1 : 0;
        while (true) {
            const Token next = MERLON_TRY(token());
            if (next == Token::kEnd) {
                if (open > 0) return wrong("an object does not end: expected '}'");
                break;
            }
            if (next == Token::kObjectStart && braces == Braces::kNone) open = 1;
            if (next == Token::kObjectEnd) {
                if (braces == Braces::kNone) MERLON_TRY(end_of_file(open));
                break;
            }
            if (next != Token::kKey) continue;
            const std::string key = key_;
            HoconNode& member = new_node();
            const auto [place, is_new] = members.members.emplace(key, &member);
            if (is_new) {
                members.keys.push_back(key);
            } else {
                member.before = place->second;
                place->second = &member;
            }
            MERLON_TRY(content(member, path.empty() ? key : path + "." + key));
            if (braces == Braces::kPath) break;
        }
        --depth_;
        return {};
    }

    Status end_of_file(std::size_t open) {
        skip_space_and_comments();
        if (open == 0) return wrong("'}' without '{'");
        if (!is_end()) return wrong("text behind the last '}'");
        return {};
    }

    // What stands behind a key.
    Status content(HoconNode& node, const std::string& path) {
        while (true) {
            const Token next = MERLON_TRY(token());
            switch (next) {
                case Token::kDot:
                    return object(node, Braces::kPath, path);
                case Token::kObjectStart:
                    return object(node, Braces::kOpen, path);
                case Token::kAssign:
                case Token::kAppend:
                    if (answers_.object_of(&node) == nullptr) node.parts.clear();
                    return values(node, next, path);
                case Token::kEnd:
                    return wrong("a key without a value");
                default:
                    break;
            }
        }
    }

    static void append(HoconNode& node, std::string text) {
        node.parts.push_back({.kind = HoconPart::Kind::kText, .text = std::move(text)});
    }
    void append_reference(HoconNode& node, std::string path, bool is_optional) {  // NOLINT
        node.parts.push_back({.kind = HoconPart::Kind::kReference,
                              .reference = new_reference(std::move(path), is_optional)});
    }
    void append_text(HoconNode& node, std::string text) {
        if (answers_.object_of(&node) != nullptr) node.parts.clear();
        append(node, std::move(text));
    }

    // Values that stand side by side.
    Status values(HoconNode& node, Token how, const std::string& path) {
        if (++depth_ > kMaxDepth) return wrong("values are nested too deeply");
        if (is_end()) return wrong("expected a value");
        skip_space_and_comments();
        while (is_value()) {
            if (how == Token::kAppend) append_reference(node, path, false);
            MERLON_TRY(one_value(node, path));
            const std::size_t begin = at_;
            while (is_blank()) ++at_;
            if (at_ > begin) append(node, std::string(text_.substr(begin, at_ - begin)));
        }
        if (look() == ',') ++at_;
        if (stands("\\n")) at_ += 2;
        --depth_;
        return {};
    }

    Status one_value(HoconNode& node, const std::string& path) {
        if (look() == '{') {
            ++at_;
            return object(node, Braces::kOpen, path);
        }
        if (stands("\"\"\"")) {
            const std::size_t end = text_.find("\"\"\"", at_ + 3);
            if (end == std::string_view::npos) return wrong("a quoted text does not end");
            append_text(node, std::string(text_.substr(at_ + 3, end - at_ - 3)));
            at_ = end + 3;
            return {};
        }
        if (look() == '"') {
            append_text(node, MERLON_TRY(quoted()));
            return {};
        }
        if (is_text()) {
            append_text(node, plain());
            return {};
        }
        if (look() == '[') return array(node, path);
        at_ += 2;
        const bool is_optional = look() == '?';
        if (is_optional) ++at_;
        append_reference(node, plain(), is_optional);
        if (!is_end()) ++at_;
        return {};
    }
    std::string plain() {
        const std::size_t begin = at_;
        while (is_text()) ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }

    Status array(HoconNode& node, const std::string& path) {
        HoconPart part{.kind = HoconPart::Kind::kArray};
        for (++at_; look() != ']';) {
            if (is_end()) return wrong("an array does not end: expected ']'");
            HoconNode& item = new_node();
            const std::size_t begin = at_;
            MERLON_TRY(values(item, Token::kAssign, path));
            part.items.push_back(&item);
            skip_space_and_comments();
            if (at_ == begin) return wrong("expected a value or ']'");
        }
        ++at_;
        node.parts.push_back(std::move(part));
        return {};
    }

    HoconNode* find(std::string_view path) {
        HoconNode* node = &root_;
        for (const std::string& element : path_elements(path)) {
            const HoconObject* const object = answers_.object_of(node);
            if (object == nullptr) return nullptr;
            const auto found = object->members.find(element);
            if (found == object->members.end()) return nullptr;
            node = found->second;
        }
        return node;
    }

    Status resolve(HoconReference& reference) {
        reference.target = find(reference.path);
        MERLON_TRY(sound());
        if (reference.target != nullptr) return {};
        const auto variable = reading_.variable ? reading_.variable(reference.path) : std::nullopt;
        if (variable) {
            reference.target = &new_node();
            append(*reference.target, *variable);
        } else if (!reference.is_optional) {
            return Error{"HOCON: unresolved substitution: " + reference.path};
        }
        return {};
    }

    Result<Value> shape(const HoconObject& object, const std::string& path, std::size_t depth) {
        if (depth > kMaxDepth) return Error{"HOCON: objects are nested too deeply"};
        std::vector<value::Builder::Entry> entries;
        for (const std::string& key : object.keys) {
            const std::string inner = path + "." + key;
            HoconNode* const node = find(inner);
            HoconObject* const members = answers_.object_of(node);
            MERLON_TRY(sound());
            if (node == nullptr) return Error{"HOCON: " + inner + " is no path of this file"};
            entries.emplace_back(reading_.values.key(key),
                                 members ? MERLON_TRY(shape(*members, inner, depth + 1))
                                         : MERLON_TRY(scalar(*node)));
        }
        return reading_.values.object(entries);
    }

    Result<Value> scalar(HoconNode& node) {
        const std::string text = answers_.printed(node, 0);
        MERLON_TRY(sound());
        if (const auto number = parse_go_float(text)) {
            if (!std::isfinite(*number)) return Error{"HOCON: " + text + " is no number of JSON"};
            return go_number(reading_.values, *number);
        }
        if (const auto boolean = parse_go_bool(text)) return reading_.values.boolean(*boolean);
        return reading_.values.string(text::to_valid_utf8(text));
    }

    std::string_view text_;
    Reading& reading_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::string key_;
    std::deque<HoconNode> nodes_;
    std::deque<HoconObject> objects_;
    std::deque<HoconReference> all_references_;
    std::vector<HoconReference*> references_;
    HoconNode root_;
    HoconBudget budget_;
    HoconAnswers answers_{budget_};
};

}  // namespace

Result<Value> parse_hocon(std::string_view bytes, Reading& reading) {
    return HoconReader(bytes, reading).document();
}

}  // namespace merlon::compat::conftest
