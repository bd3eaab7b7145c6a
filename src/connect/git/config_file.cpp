#include "connect/git/config_file.h"

#include <algorithm>

#include "connect/git/truth.h"

namespace merlon::connect::git {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

class ConfigReader {
  public:
    explicit ConfigReader(std::string_view text) : text_(text) {
        if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    }

    Result<std::vector<ConfigFile::Entry>> read() {
        while (skip_blank()) {
            if (peek() == '[') {
                MERLON_TRY(read_section());
            } else {
                MERLON_TRY(read_entry());
            }
        }
        return std::move(entries_);
    }

  private:
    bool at_end() const { return at_ >= text_.size(); }
    char peek() const { return at_end() ? '\n' : text_[at_]; }

    Error malformed(std::string what) const {
        const auto line =
            1 + std::ranges::count(text_.substr(0, std::min(at_, text_.size())), '\n');
        return Error{.message = std::move(what) + ", which git's config syntax does not allow",
                     .offset = at_,
                     .line = static_cast<std::uint32_t>(line)};
    }

    // Over white space and comments; false at the end.
    bool skip_blank() {
        while (!at_end()) {
            const char c = text_[at_];
            if (c == '#' || c == ';') {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                ++at_;
            } else {
                return true;
            }
        }
        return false;
    }

    // [section] or [section "Subsection"] or the old [section.subsection].
    Status read_section() {
        ++at_;
        section_.clear();
        while (is_name(peek()) || peek() == '.') section_ += lower(text_[at_++]);
        if (peek() == ' ' || peek() == '\t') {
            while (peek() == ' ' || peek() == '\t') ++at_;
            if (peek() != '"')
                return malformed("a section's name without quotes around its second part");
            ++at_;
            section_ += '.';
            while (peek() != '"') {
                if (peek() == '\n') return malformed("a section's name that does not end");
                if (peek() == '\\') ++at_;
                if (peek() == '\n') return malformed("a section's name that does not end");
                section_ += text_[at_++];
            }
            ++at_;
        }
        if (peek() != ']' || at_end()) return malformed("a section without ']'");
        ++at_;
        return {};
    }

    Status read_entry() {
        ConfigFile::Entry entry{section_ + '.', "", true};
        if (section_.empty() || !is_name(peek())) return malformed("a line that is no setting");
        while (is_name(peek())) entry.key += lower(text_[at_++]);
        while (peek() == ' ' || peek() == '\t') ++at_;
        if (peek() == '=') {
            ++at_;
            entry.value = MERLON_TRY(read_value());
        } else if (peek() == '\n' || peek() == '#' || peek() == ';' || peek() == '\r') {
            entry.has_value = false;
        } else {
            return malformed("a setting without '='");
        }
        entries_.push_back(std::move(entry));
        return {};
    }

    Result<std::string> read_value() {
        while (peek() == ' ' || peek() == '\t') ++at_;
        std::string value;
        std::size_t keep = 0;  // what is quoted stays, white space behind it goes
        bool quoted = false;
        while (!at_end()) {
            const char c = text_[at_];
            if (c == '\n') {
                if (quoted) return malformed("a quoted value that does not end");
                break;
            }
            ++at_;
            if (c == '"') {
                quoted = !quoted;
                keep = value.size();
            } else if (c == '\\') {
                if (peek() == '\r' && text_.substr(at_).starts_with("\r\n")) ++at_;
                const char escaped = at_end() ? '\n' : text_[at_++];
                switch (escaped) {
                    case '\n':
                        continue;  // the value goes on
                    case 'n':
                        value += '\n';
                        break;
                    case 't':
                        value += '\t';
                        break;
                    case 'b':
                        value += '\b';
                        break;
                    case '\\':
                    case '"':
                        value += escaped;
                        break;
                    default:
                        return malformed("an unknown escape in a value");
                }
                keep = value.size();
            } else if (!quoted && (c == '#' || c == ';')) {
                at_ = std::min(text_.find('\n', at_), text_.size());
                break;
            } else {
                value += c;
                if (quoted || (c != ' ' && c != '\t' && c != '\r')) keep = value.size();
            }
        }
        value.resize(keep);
        return value;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string section_;
    std::vector<ConfigFile::Entry> entries_;
};

}  // namespace

Result<ConfigFile> ConfigFile::parse(std::string_view text) {
    ConfigFile file;
    file.entries_ = MERLON_TRY(ConfigReader(text).read());
    return file;
}

const ConfigFile::Entry* ConfigFile::find_entry(std::string_view key) const {
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
        if (entry->key == key) return &*entry;
    }
    return nullptr;
}

std::optional<std::string> ConfigFile::find(std::string_view key) const {
    const Entry* const entry = find_entry(key);
    return entry != nullptr ? std::optional(entry->value) : std::nullopt;
}

bool ConfigFile::is_true(std::string_view key) const {
    const Entry* const entry = find_entry(key);
    return entry != nullptr && (!entry->has_value || parse_truth(entry->value).value_or(false));
}

}  // namespace merlon::connect::git
