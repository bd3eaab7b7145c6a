// INI as go-ini/ini reads it with its default options.

#include <algorithm>
#include <cmath>

#include "compat/conftest/parsers.h"
#include "text/utf8.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;
using IniSection = std::map<std::string, std::string, std::less<>>;

// Both ends have the quote, and it stands nowhere between.
bool is_surrounded(std::string_view text, char quote) {
    return text.size() >= 2 && text.front() == quote && text.find(quote, 1) == text.size() - 1;
}

class IniReader {
  public:
    explicit IniReader(std::string_view bytes) : text_(bytes), rest_(bytes) {}

    Result<std::map<std::string, IniSection, std::less<>>> all() {
        for (const std::string_view mark : {"\xFE\xFF", "\xFF\xFE", "\xEF\xBB\xBF"}) {
            if (!rest_.starts_with(mark)) continue;
            rest_.remove_prefix(mark.size());
            break;
        }
        std::string section = "DEFAULT";
        sections_[section];
        std::size_t count = 1;
        while (!is_end_) {
            const std::string_view line = trim_go_start(read_line());
            if (line.empty() || line[0] == '#' || line[0] == ';') continue;
            if (line[0] == '[') {
                const std::size_t close = line.rfind(']');
                if (close == std::string_view::npos) {
                    return Error{"unclosed section: " + std::string(line), place_of(line)};
                }
                section = std::string(line.substr(1, close - 1));
                if (section.empty()) return Error{"empty section name", place_of(line)};
                sections_[section];
                count = 1;
                continue;
            }
            const Key key = MERLON_TRY(read_key(line));
            std::string name = key.name;
            if (name == "-") name = "#" + std::to_string(count++);
            const std::string value = MERLON_TRY(read_value(line.substr(key.end)));
            if (name.empty()) {
                return Error{"error creating new key: empty key name", place_of(line)};
            }
            sections_[section][name] = value;
        }
        return std::move(sections_);
    }

  private:
    struct Key {
        std::string name;
        std::size_t end = 0;  // behind the delimiter
    };

    // With its line feed; the last one has none, and may be empty.
    std::string_view read_line() {
        const std::size_t end = rest_.find('\n');
        is_end_ = end == std::string_view::npos;
        const std::string_view line = is_end_ ? rest_ : rest_.substr(0, end + 1);
        rest_.remove_prefix(line.size());
        return line;
    }

    std::size_t place_of(std::string_view line) const {
        return static_cast<std::size_t>(line.data() - text_.data());
    }

    Result<Key> read_key(std::string_view line) const {
        std::string_view quote;
        if (line[0] == '"') quote = line.size() > 6 && line.starts_with(R"(""")") ? R"(""")" : "\"";
        if (line[0] == '`') quote = "`";
        const Error no_delimiter{"key-value delimiter not found: " + std::string(line),
                                 place_of(line)};
        if (!quote.empty()) {
            const std::size_t close = line.find(quote, quote.size());
            if (close == std::string_view::npos) {
                return Error{"missing closing key quote: " + std::string(line), place_of(line)};
            }
            const std::size_t from = close + quote.size();
            const std::size_t delimiter = line.find_first_of("=:", from);
            if (delimiter == std::string_view::npos) return no_delimiter;
            return Key{std::string(trim_go(line.substr(quote.size(), close - quote.size()))),
                       delimiter + 1};
        }
        const std::size_t delimiter = line.find_first_of("=:");
        if (delimiter == std::string_view::npos) return no_delimiter;
        if (delimiter == 0) {
            return Error{"empty key name: " + std::string(line), place_of(line)};
        }
        return Key{std::string(trim_go(line.substr(0, delimiter))), delimiter + 1};
    }

    Result<std::string> read_value(std::string_view text) {
        std::string_view line = trim_go_start(text);
        if (line.empty()) return std::string();
        std::string_view quote;
        if (line.size() > 3 && line.starts_with(R"(""")")) {
            quote = R"(""")";
        } else if (line[0] == '`') {
            quote = "`";
        }
        if (!quote.empty()) {
            const std::string_view behind = line.substr(quote.size());
            const std::size_t close = behind.rfind(quote);
            if (close == std::string_view::npos) {
                auto lines = read_lines(std::string(behind), quote);
                if (!lines.ok()) return Error{lines.error().message, place_of(line)};
                return lines;
            }
            return std::string(behind.substr(0, close));
        }
        line = trim_go(line);
        if (line.ends_with('\\')) {
            return read_continued(std::string(line.substr(0, line.size() - 1)));
        }
        if (const std::size_t comment = line.find_first_of("#;");
            comment != std::string_view::npos) {
            line = trim_go(line.substr(0, comment));
        }
        if (is_surrounded(line, '\'') || is_surrounded(line, '"')) {
            line = line.substr(1, line.size() - 2);
        }
        return std::string(line);
    }

    // A value in quotes that goes on.
    Result<std::string> read_lines(std::string value, std::string_view quote) {
        while (true) {
            const std::string_view next = read_line();
            const std::size_t close = next.rfind(quote);
            if (close != std::string_view::npos) return value.append(next.substr(0, close));
            value += next;
            if (is_end_) return Error{"missing closing key quote"};
        }
    }

    // A line that ends with a backslash goes on.
    Result<std::string> read_continued(std::string value) {
        while (true) {
            const std::string_view next = trim_go(read_line());
            if (next.empty()) return value;
            value += next;
            if (!value.ends_with('\\')) return value;
            value.pop_back();
        }
    }

    std::string_view text_;
    std::string_view rest_;
    bool is_end_ = false;
    std::map<std::string, IniSection, std::less<>> sections_;
};

// Numbers before truth: "1" is a number.
Value typed(const std::string& text, value::Builder& values) {
    const auto number = parse_go_float(text);
    if (number && std::isfinite(*number)) return go_number(values, *number);
    const auto truth = parse_go_bool(text);
    return truth ? values.boolean(*truth) : values.string(text::to_valid_utf8(text));
}

}  // namespace

Result<Value> parse_ini(std::string_view bytes, Reading& reading) {
    Growing root = Growing::object();
    for (const auto& [name, section] : MERLON_TRY(IniReader(bytes).all())) {
        if (name == "DEFAULT") continue;
        Growing& made = root.members[name] = Growing::object();
        for (const auto& [key, text] : section) {
            made.members[key] = Growing::of(typed(text, reading.values));
        }
    }
    return root.finish(reading.values);
}

}  // namespace merlon::compat::conftest
