// Formats of lines: .env, Java's properties, ignore files and CODEOWNERS.

#include <algorithm>

#include "base/ascii.h"
#include "compat/conftest/parsers.h"
#include "match/regex.h"
#include "text/encoding.h"
#include "text/utf8.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;
using LineTexts = std::map<std::string, std::string, std::less<>>;

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
    return text;
}

// subosito/gotenv: name, '=' or ':', and a value that quotes may stretch over lines. $NAME and
// ${NAME} are the process's variables, or those before.
class DotEnv {
  public:
    DotEnv(std::string_view bytes, const Reading& reading)
        : rest_(bytes), size_(bytes.size()), reading_(reading) {}

    Result<LineTexts> all() {
        if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
        while (!rest_.empty()) {
            const std::size_t begin = size_ - rest_.size();
            std::string line(trim_go(read_line()));
            if (line.empty() || line[0] == '#') continue;
            char quote = open_quote(line);
            while (quote != 0 && !rest_.empty()) {
                const std::string_view more = read_line();
                line += "\n" + std::string(more);
                const std::size_t close = more.rfind(quote);
                const bool is_escaped =
                    close != std::string_view::npos && close > 0 && more[close - 1] == '\\';
                if (close != std::string_view::npos && !is_escaped) quote = 0;
            }
            if (quote != 0) return Error{"missing quotes", begin};
            MERLON_TRY(take(line, begin));
        }
        return std::move(variables_);
    }

  private:
    // Without what ends it: a line feed, a carriage return, or both.
    std::string_view read_line() {
        const std::size_t end = std::min(rest_.find_first_of("\r\n"), rest_.size());
        const std::string_view line = rest_.substr(0, end);
        const std::size_t ending = rest_.substr(end).starts_with("\r\n") ? 2 : 1;
        rest_.remove_prefix(std::min(end + ending, rest_.size()));
        return line;
    }

    // The quote that the value opens and does not close on this line; 0: none.
    static char open_quote(std::string_view line) {
        std::size_t sign = line.find('=');
        if (sign == std::string_view::npos) sign = line.find(':');
        if (sign == std::string_view::npos || sign == 0 || sign + 1 >= line.size()) return 0;
        const std::string_view value = trim_go(line.substr(sign + 1));
        if (value.empty() || (value[0] != '"' && value[0] != '\'')) return 0;
        const std::string_view behind = trim_go(value.substr(1));
        const std::size_t close = behind.rfind(value[0]);
        // The byte that is looked at is one before the quote, counted in the untrimmed value.
        if (close != std::string_view::npos && value[close] != '\\') return 0;
        return value[0];
    }

    static const Result<match::Regex>& line_form() {
        static const Result<match::Regex> form = match::Regex::compile(
            R"re(\A\s*(?:export\s+)?([\w.]+)(?:\s*=\s*|:\s+?)('(?s:.*)'|"(?s:.*)"|[^#\n]+)?\s*(?:\s*#.*)?\z)re");
        return form;
    }

    // `begin` is where the line begins.
    Status take(const std::string& line, std::size_t begin) {
        std::vector<match::Span> groups;
        if (!line_form().ok()) return line_form().error();
        if (!line_form().value().captures(line, groups)) {
            return Error{"line `" + line + "` doesn't match format", begin};
        }
        const auto group = [&](std::size_t i) {
            return groups[i].matched() ? std::string_view(line).substr(
                                             groups[i].begin, groups[i].end - groups[i].begin)
                                       : std::string_view();
        };
        std::string value(trim_go(group(2)));
        const char quote =
            value.size() >= 2 && value.front() == value.back() ? value.front() : '\0';
        const bool is_quoted = quote == '"' || quote == '\'';
        if (is_quoted) value = value.substr(1, value.size() - 2);
        if (quote == '"') value = unescaped(replaced(replaced(value, "\\n", "\n"), "\\r", "\r"));
        if (quote != '\'') value = expanded(value);
        variables_[std::string(trim_go(group(1)))] = std::move(value);
        return {};
    }

    // A backslash before anything but '$' goes.
    static std::string unescaped(std::string_view text) {
        std::string made;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool is_escape = text[i] == '\\' && i + 1 < text.size() && text[i + 1] != '$';
            if (is_escape) ++i;
            made += text[i];
        }
        return made;
    }

    static bool is_name(char c) { return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_'; }

    std::string expanded(std::string_view text) const {
        std::string made;
        for (std::size_t i = 0; i < text.size();) {
            const bool is_escaped = text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '$';
            if (text[i] != '$' && !is_escaped) {
                made += text[i++];
                continue;
            }
            std::size_t end = i + (is_escaped ? 2 : 1);
            if (end < text.size() && text[end] == '{') ++end;
            const std::size_t name_begin = end;
            while (end < text.size() && is_name(text[end])) ++end;
            const std::string name(text.substr(name_begin, end - name_begin));
            if (end < text.size() && text[end] == '}') ++end;
            if (is_escaped) {
                made += text.substr(i + 1, end - i - 1);
            } else if (name.empty()) {
                made += text.substr(i, end - i);
            } else {
                made += variable(name);
            }
            i = end;
        }
        return made;
    }

    std::string variable(const std::string& name) const {
        if (reading_.variable) {
            if (auto found = reading_.variable(name)) return *found;
        }
        const auto found = variables_.find(name);
        return found == variables_.end() ? std::string() : found->second;
    }

    std::string_view rest_;
    std::size_t size_;  // of all
    const Reading& reading_;
    LineTexts variables_;
};

// magiconair/properties: as Java's, and ${key} must lead somewhere, though it is not replaced.
class Properties {
  public:
    explicit Properties(std::string_view bytes) : text_(bytes) {
        if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    }

    Result<LineTexts> all() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (is_line_end(c) || is_blank(c)) {
                ++at_;
            } else if (c == '#' || c == '!') {
                at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
            } else {
                const std::size_t begin = at_;
                const std::string key = MERLON_TRY(read_key());
                const std::string value = MERLON_TRY(read_value());
                if (key.empty()) return Error{"properties: a value without key", begin};
                values_[key] = value;
                begins_[key] = begin;
            }
        }
        for (const auto& [key, value] : values_) {
            std::vector<std::string_view> keys = {key};
            const Status checked = check(value, keys);
            if (!checked.ok()) return Error{checked.error().message, begins_.at(key)};
        }
        return std::move(values_);
    }

  private:
    static bool is_line_end(char c) { return c == '\n' || c == '\r'; }
    static bool is_blank(char c) { return c == ' ' || c == '\f' || c == '\t'; }
    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }

    Result<std::string> read_key() {
        std::string key;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '\\') {
                MERLON_TRY(read_escape(key));
            } else if (is_blank(c) || is_line_end(c) || c == ':' || c == '=') {
                break;
            } else {
                key += c;
                ++at_;
            }
        }
        return key;
    }

    Result<std::string> read_value() {
        skip_blanks();
        if (at_ < text_.size() && (text_[at_] == ':' || text_[at_] == '=')) ++at_;
        skip_blanks();
        std::string value;
        while (at_ < text_.size() && !is_line_end(text_[at_])) {
            if (text_[at_] != '\\') {
                value += text_[at_++];
            } else if (at_ + 1 < text_.size() && is_line_end(text_[at_ + 1])) {
                at_ += 2;
                skip_blanks();
            } else {
                MERLON_TRY(read_escape(value));
            }
        }
        return value;
    }

    Status read_escape(std::string& out) {
        if (++at_ >= text_.size()) return Error{"properties: premature EOF", at_};
        const char c = text_[at_++];
        constexpr std::string_view kLetters = "fnrt";
        constexpr std::string_view kMeanings = "\f\n\r\t";
        if (const std::size_t found = kLetters.find(c); found != std::string_view::npos) {
            out += kMeanings[found];
            return {};
        }
        if (c != 'u') {
            out += c;
            return {};
        }
        char32_t value = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            const char digit = at_ < text_.size() ? to_lower(text_[at_]) : ' ';
            const bool is_letter = digit >= 'a' && digit <= 'f';
            if (!is_digit(digit) && !is_letter) {
                return Error{"properties: invalid unicode literal", at_};
            }
            value = value * 16 + static_cast<char32_t>(is_letter ? digit - 'a' + 10 : digit - '0');
        }
        text::append_utf8(out, value);
        return {};
    }

    // ${a} whose a leads back to itself, or that is not closed, is an error.
    Status check(std::string_view value, std::vector<std::string_view>& keys) const {
        constexpr std::size_t kMaxDepth = 64;
        if (keys.size() > kMaxDepth) return Error{"expansion too deep"};
        for (std::size_t at = value.find("${"); at != std::string_view::npos;
             at = value.find("${", at)) {
            const std::size_t end = value.find('}', at + 2);
            if (end == std::string_view::npos) return Error{"malformed expression"};
            const std::string_view key = value.substr(at + 2, end - at - 2);
            if (std::ranges::find(keys, key) != keys.end()) {
                return Error{"circular reference of " + std::string(key)};
            }
            if (const auto found = values_.find(key); found != values_.end()) {
                keys.push_back(key);
                MERLON_TRY(check(found->second, keys));
                keys.pop_back();
            }
            at = end;
        }
        return {};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    LineTexts values_;
    std::map<std::string, std::size_t, std::less<>> begins_;  // of each key
};

// shteou/go-ignore keeps of backslashes every second one.
// conftest takes each byte for a character: "é" becomes "Ã©".
std::string without_escapes(std::string_view text) {
    std::string made;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            text::append_utf8(made, static_cast<unsigned char>(text[i]));
        } else if (i + 1 < text.size() && text[i + 1] == '\\') {
            made += text[i++];
        }
    }
    return made;
}

// Spaces at the end, but for one that a backslash keeps.
std::string_view without_end_spaces(std::string_view line) {
    std::size_t end = line.size();
    while (end > 0 && line[end - 1] == ' ') --end;
    if (end > 0 && end < line.size() && line[end - 1] == '\\') ++end;
    return line.substr(0, end);
}

struct Owner {
    std::string_view type;
    std::string_view value;
};
// hmarr/codeowners: an address, @organisation/team or @user.
std::optional<Owner> owner_of(std::string_view word) {
    const auto all = [](std::string_view text, std::string_view others) {
        return !text.empty() && std::ranges::all_of(text, [others](char c) {
            const char lower = to_lower(c);
            return (lower >= 'a' && lower <= 'z') || is_digit(c) ||
                   others.find(c) != std::string_view::npos;
        });
    };
    const std::size_t at = word.find('@');
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view behind = word.substr(at + 1);
    if (at > 0) {
        const std::size_t dot = behind.rfind('.');
        if (dot == std::string_view::npos || dot == 0) return std::nullopt;
        const std::string_view top = behind.substr(dot + 1);
        const bool is_address = all(word.substr(0, at), "._%+-") && all(behind, ".-") &&
                                top.size() >= 2 && top.size() <= 6 &&
                                top.find_first_of("0123456789-") == std::string_view::npos;
        if (is_address) return Owner{"email", word};
        return std::nullopt;
    }
    const std::size_t slash = behind.find('/');
    if (slash == std::string_view::npos) {
        if (all(behind, "-_")) return Owner{"username", behind};
        return std::nullopt;
    }
    const bool is_team = all(behind.substr(0, slash), "-") && all(behind.substr(slash + 1), "_-");
    if (is_team) return Owner{"team", behind};
    return std::nullopt;
}

// One rule of a CODEOWNERS file: a pattern, then owners. Errors are those of hmarr/codeowners,
// which counts bytes of the line from 1 on.
class OwnerRule {
  public:
    OwnerRule(std::string_view line, std::size_t number, value::Builder& values)
        : line_(line), number_(number), values_(values) {}

    Result<Value> read() {
        const std::size_t sharp = std::min(line_.find('#'), line_.size());
        const std::string_view content = line_.substr(0, sharp);
        const std::string_view comment =
            sharp < line_.size() ? trim_go(line_.substr(sharp + 1)) : std::string_view();
        const std::string_view pattern = MERLON_TRY(read_pattern(content));
        std::vector<Value> owners;
        while (at_ < content.size()) {
            const std::size_t begin = at_;
            while (at_ < content.size() && !is_blank(content[at_])) {
                if (!is_word(content[at_], "._%+-@/")) return unexpected();
                ++at_;
            }
            if (at_ > begin) {
                // Of the last word the place is counted from the end of the line, comment or not.
                const std::size_t end = at_ == content.size() ? line_.size() : at_;
                owners.push_back(MERLON_TRY(owner(content.substr(begin, at_ - begin), end)));
            }
            ++at_;
        }
        const value::Builder::Entry entries[] = {
            {values_.key("pattern"), values_.string(text::to_valid_utf8(pattern))},
            {values_.key("owners"), values_.array(owners)},
            {values_.key("comment"), values_.string(text::to_valid_utf8(comment))},
            {values_.key("lineNumber"), values_.integer(static_cast<std::int64_t>(number_))}};
        return values_.object(entries);
    }

  private:
    static bool is_blank(char c) { return c == ' ' || c == '\t'; }
    static bool is_word(char c, std::string_view others) {
        const char lower = to_lower(c);
        return (lower >= 'a' && lower <= 'z') || is_digit(c) ||
               others.find(c) != std::string_view::npos;
    }
    Error fail(const std::string& what) const {
        return Error{"line " + std::to_string(number_) + ": " + what};
    }
    Error unexpected() const {
        const text::CodePoint point = text::decode_utf8(line_.substr(at_));
        std::string shown;
        text::append_utf8(shown, point.value);
        return fail("unexpected character '" + shown + "' at position " + std::to_string(at_ + 1));
    }

    Result<std::string_view> read_pattern(std::string_view content) {
        bool is_escaped = false;
        while (at_ < content.size() && (is_escaped || !is_blank(content[at_]))) {
            const char c = content[at_];
            const bool is_kept = is_word(c, "*?./@_+-\\()") || is_blank(c);
            if (!is_kept) return unexpected();
            is_escaped = c == '\\';
            ++at_;
        }
        const std::string_view pattern = content.substr(0, at_);
        if (pattern.empty()) return fail("unexpected end of rule");
        if (pattern.find("***") != std::string_view::npos) {
            return fail("pattern cannot contain three consecutive asterisks");
        }
        return pattern;
    }

    Result<Value> owner(std::string_view word, std::size_t end) {
        const auto found = owner_of(word);
        if (!found) {
            return fail("invalid owner format '" + std::string(word) + "' at position " +
                        std::to_string(end + 1 - word.size()));
        }
        const value::Builder::Entry entries[] = {
            {values_.key("type"), values_.string(found->type)},
            {values_.key("value"), values_.string(found->value)}};
        return values_.object(entries);
    }

    std::string_view line_;
    std::size_t number_;
    value::Builder& values_;
    std::size_t at_ = 0;
};

}  // namespace

Result<Value> parse_dotenv(std::string_view bytes, Reading& reading) {
    std::string decoded;
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
        decoded = text::utf16_to_utf8(bytes, bytes[0] == '\xFF' ? text::Encoding::kUtf16LittleEndian
                                                                : text::Encoding::kUtf16BigEndian);
        bytes = decoded;
    }
    auto variables = DotEnv(bytes, reading).all();
    if (!variables.ok()) {
        Error error = variables.error();
        // Places are those of the file.
        if (!decoded.empty()) error.offset = kNoOffset;
        return error;
    }
    return text_object(variables.value(), reading.values);
}

Result<Value> parse_properties(std::string_view bytes, Reading& reading) {
    return text_object(MERLON_TRY(Properties(bytes).all()), reading.values);
}

Result<Value> parse_ignore(std::string_view bytes, Reading& reading) {
    value::Builder& values = reading.values;
    std::vector<Value> entries;
    for (std::size_t begin = 0; begin <= bytes.size();) {
        const std::size_t end = std::min(bytes.find('\n', begin), bytes.size());
        const std::string_view line = bytes.substr(begin, end - begin);
        begin = end + 1;
        const std::string_view content = without_end_spaces(line);
        std::string_view kind = "Path";
        std::string value = without_escapes(content);
        if (content.empty()) {
            kind = "Empty";
            value = line;
        } else if (line.starts_with('#')) {
            kind = "Comment";
            value = trim_go(content.substr(1));
        } else if (line.starts_with('!')) {
            kind = "NegatedPath";
            value = without_escapes(content.substr(1));
        }
        const value::Builder::Entry members[] = {
            {values.key("Kind"), values.string(kind)},
            {values.key("Value"), values.string(text::to_valid_utf8(value))},
            {values.key("Original"), values.string(text::to_valid_utf8(line))}};
        entries.push_back(values.object(members));
    }
    const Value file = values.array(entries);
    return values.array({&file, 1});
}

Result<Value> parse_codeowners(std::string_view bytes, Reading& reading) {
    std::vector<Value> rules;
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < bytes.size();) {
        const std::size_t end = std::min(bytes.find('\n', begin), bytes.size());
        const std::string_view line = trim_go(bytes.substr(begin, end - begin));
        begin = end + 1;
        ++number;
        if (line.empty() || line[0] == '#') continue;
        auto rule = OwnerRule(line, number, reading.values).read();
        if (!rule.ok()) return Error{"failed to parse CODEOWNERS: " + rule.error().message};
        rules.push_back(rule.value());
    }
    const value::Builder::Entry entry(reading.values.key("rules"),
                                      rules.empty() ? Value() : reading.values.array(rules));
    return reading.values.object({&entry, 1});
}

}  // namespace merlon::compat::conftest
