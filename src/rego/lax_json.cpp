#include "rego/lax_json.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/ascii.h"
#include "rego/term.h"
#include "text/utf8.h"

namespace merlon::rego {
namespace {

struct RawMember {
    std::string_view name;
    std::string_view kind;
    std::string_view text;  // of a string, with its escapes
};

class LaxReader {
  public:
    explicit LaxReader(std::string_view text) : rest_(text) { skip_space(); }

    // The members of the object that the text is; none where it is something else.
    Result<std::vector<RawMember>> run() {
        const auto root = value(0);
        if (!root.ok()) {
            return Error{"cannot parse JSON: " + root.error().message +
                         "; unparsed tail: " + shown_rest()};
        }
        skip_space();
        if (!rest_.empty()) return Error{"unexpected tail: " + shown_rest()};
        return std::move(members_);
    }

  private:
    static constexpr int kMaxDepth = 300;

    std::string shown_rest() const {
        constexpr std::size_t kLongest = 80;
        constexpr std::size_t kPart = 40;
        std::string shown(rest_);
        if (rest_.size() > kLongest) {
            shown = std::string(rest_.substr(0, kPart)) + "..." +
                    std::string(rest_.substr(rest_.size() - kPart));
        }
        return syntax::go_quoted(shown);
    }

    void skip_space() {
        while (!rest_.empty() && is_space(rest_[0])) rest_.remove_prefix(1);
    }
    bool take(char c) {
        skip_space();
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    Result<RawMember> value(int depth) {
        if (rest_.empty()) return Error{"cannot parse empty string"};
        if (++depth > kMaxDepth) {
            return Error{"too big depth for the nested JSON; it exceeds " +
                         std::to_string(kMaxDepth)};
        }
        const auto within = [](std::string_view what, const Error& error) {
            return Error{"cannot parse " + std::string(what) + ": " + error.message};
        };
        if (rest_[0] == '{') {
            const Status read = object(depth);
            if (!read.ok()) return within("object", read.error());
            return RawMember{{}, "object", {}};
        }
        if (rest_[0] == '[') {
            const Status read = array(depth);
            if (!read.ok()) return within("array", read.error());
            return RawMember{{}, "array", {}};
        }
        if (rest_[0] == '"') {
            const auto text = string();
            if (!text.ok()) return within("string", text.error());
            return RawMember{{}, "string", text.value()};
        }
        for (const std::string_view word : {"true", "false", "null"}) {
            if (rest_[0] != word[0]) continue;
            if (rest_.starts_with(word)) {
                rest_.remove_prefix(word.size());
                return RawMember{{}, word, {}};
            }
            if (word != "null" || !equal_without_case(rest_.substr(0, 3), "nan")) {
                return Error{"unexpected value found: " + syntax::go_quoted(rest_)};
            }
            rest_.remove_prefix(3);
            return RawMember{{}, "number", {}};
        }
        const Status read = number();
        if (!read.ok()) return within("number", read.error());
        return RawMember{{}, "number", {}};
    }

    Status object(int depth) {
        rest_.remove_prefix(1);
        skip_space();
        if (rest_.empty()) return Error{"missing '}'"};
        if (take('}')) return {};
        for (;;) {
            skip_space();
            if (!rest_.starts_with('"')) {
                return Error{"cannot find opening '\"\" for object key"};
            }
            const auto name = string();
            if (!name.ok()) return Error{"cannot parse object key: " + name.error().message};
            if (!take(':')) return Error{"missing ':' after object key"};
            skip_space();
            auto read = value(depth);
            if (!read.ok()) return Error{"cannot parse object value: " + read.error().message};
            if (depth == 1) {
                members_.push_back(read.value());
                members_.back().name = name.value();
            }
            skip_space();
            if (rest_.empty()) return Error{"unexpected end of object"};
            if (take('}')) return {};
            if (!take(',')) return Error{"missing ',' after object value"};
        }
    }

    Status array(int depth) {
        rest_.remove_prefix(1);
        skip_space();
        if (rest_.empty()) return Error{"missing ']'"};
        if (take(']')) return {};
        for (;;) {
            skip_space();
            const auto read = value(depth);
            if (!read.ok()) return Error{"cannot parse array value: " + read.error().message};
            skip_space();
            if (rest_.empty()) return Error{"unexpected end of array"};
            if (take(']')) return {};
            if (!take(',')) return Error{"missing ',' after array value"};
        }
    }

    // Up to the next quote that has an even number of backslashes in front of it.
    Result<std::string_view> string() {
        rest_.remove_prefix(1);
        for (std::size_t at = 0; at < rest_.size(); ++at) {
            if (rest_[at] == '\\') {
                ++at;
            } else if (rest_[at] == '"') {
                const std::string_view text = rest_.substr(0, at);
                rest_.remove_prefix(at + 1);
                return text;
            }
        }
        rest_ = {};
        return Error{"missing closing '\"'"};
    }

    // A run of the characters that numbers have, or one that is none.
    Status number() {
        const auto end = std::min(rest_.find_first_not_of("0123456789.-eE+"), rest_.size());
        const bool is_sign = end == 1 && (rest_[0] == '-' || rest_[0] == '+');
        if (end < rest_.size() && (end == 0 || is_sign)) {
            const std::string_view word = rest_.substr(end, 3);
            if (!equal_without_case(word, "inf") && !equal_without_case(word, "nan")) {
                return Error{"unexpected char: " + syntax::go_quoted(rest_.substr(0, 1))};
            }
            rest_.remove_prefix(end + 3);
            return {};
        }
        rest_.remove_prefix(end);
        return {};
    }

    std::string_view rest_;
    std::vector<RawMember> members_;
};

std::optional<std::uint32_t> hexadecimal(std::string_view digits) {
    std::uint32_t unit = 0;
    if (digits.size() != 4) return std::nullopt;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + 4, unit, 16);
    if (code != std::errc{} || end != digits.data() + 4) return std::nullopt;
    return unit;
}

// A code unit of UTF-16 behind "\u", with the second one of a pair. What is none stays as it is.
void append_unit(std::string& out, std::string_view& raw) {
    const auto is_surrogate = [](std::uint32_t unit) { return unit >= 0xD800 && unit < 0xE000; };
    const auto unit = hexadecimal(raw.substr(0, 4));
    if (!unit) {
        out += "\\u";
        return;
    }
    const std::string_view digits = raw.substr(0, 4);
    raw.remove_prefix(4);
    if (!is_surrogate(*unit)) return text::append_utf8(out, *unit);
    const auto second = raw.starts_with("\\u") ? hexadecimal(raw.substr(2, 4)) : std::nullopt;
    if (!second) {
        out += "\\u" + std::string(digits);
        return;
    }
    raw.remove_prefix(6);
    const bool is_pair = *unit < 0xDC00 && *second >= 0xDC00 && *second < 0xE000;
    text::append_utf8(out,
                      is_pair ? 0x10000 + ((*unit - 0xD800) << 10) + (*second - 0xDC00) : 0xFFFD);
}

std::string without_escapes(std::string_view raw) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    std::string out;
    while (!raw.empty()) {
        const std::size_t plain = std::min(raw.find('\\'), raw.size());
        out += raw.substr(0, plain);
        raw.remove_prefix(std::min(plain + 1, raw.size()));
        if (raw.empty()) break;
        const char letter = raw[0];
        raw.remove_prefix(1);
        if (letter == 'u') {
            append_unit(out, raw);
        } else if (const auto known = kLetters.find(letter); known != kLetters.npos) {
            out += kMeant[known];
        } else {
            out += '\\';
            out += letter;
        }
    }
    return out;
}

}  // namespace

Result<std::optional<LaxMember>> lax_json_member(std::string_view json, std::string_view name) {
    const std::vector<RawMember> members = MERLON_TRY(LaxReader(json).run());
    auto found = std::ranges::find(members, name, &RawMember::name);
    if (found == members.end()) {
        found = std::ranges::find_if(members, [name](const RawMember& member) {
            return without_escapes(member.name) == name;
        });
    }
    if (found == members.end()) return std::optional<LaxMember>();
    return std::optional(LaxMember{found->kind, without_escapes(found->text)});
}

}  // namespace merlon::rego
