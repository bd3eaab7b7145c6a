// setup.py (setuptools, "Keywords"): the lists of requirements that it states.
//
// It is a program, and only its literals are read: a list where it is asked for, or one that a
// variable of that name was set to. What a program computes is an unknown of the source.

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "inventory/python_names.h"
#include "inventory/readers.h"
#include "inventory/source_tokens.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Scope;

constexpr std::size_t kMaxTokens = 1'000'000;

struct Keyword {
    std::string_view name;
    Scope scope;
};
constexpr std::array<Keyword, 4> kKeywords{{{"install_requires", Scope::kRuntime},
                                            {"setup_requires", Scope::kBuild},
                                            {"tests_require", Scope::kTest},
                                            {"extras_require", Scope::kOptional}}};

class SetupReader {
  public:
    explicit SetupReader(Reading& reading) : reading_(reading) {
        SourceTokens tokens(reading.bytes, SourceLanguage::kPython);
        for (Token token = tokens.next();
             token.kind != TokenKind::kEnd && tokens_.size() < kMaxTokens; token = tokens.next()) {
            if (token.kind != TokenKind::kLineEnd) tokens_.push_back(token);
        }
    }

    void read() {
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (tokens_[i].kind == TokenKind::kName && is_mark(i + 1, "=") && is_open(i + 2))
                lists_.emplace(tokens_[i].text, i + 2);
        }
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            for (const Keyword& keyword : kKeywords) {
                // As an argument, or as a key of a dictionary of them.
                if (tokens_[i].text != keyword.name) continue;
                const bool is_name = tokens_[i].kind == TokenKind::kName;
                if (is_mark(i + 1, is_name ? "=" : ":")) read_value(i + 2, keyword);
            }
        }
    }

  private:
    bool is_mark(std::size_t at, std::string_view text) const {
        return at < tokens_.size() && tokens_[at].kind == TokenKind::kMark &&
               tokens_[at].text == text;
    }
    bool is_open(std::size_t at) const {
        return is_mark(at, "[") || is_mark(at, "(") || is_mark(at, "{");
    }
    bool is_close(std::size_t at) const {
        return is_mark(at, "]") || is_mark(at, ")") || is_mark(at, "}");
    }
    std::size_t offset_of(std::string_view text) const {
        return static_cast<std::size_t>(text.data() - reading_.bytes.data());
    }

    void read_value(std::size_t at, const Keyword& keyword) {
        if (at >= tokens_.size()) return;
        const bool is_variable = tokens_[at].kind == TokenKind::kName && !is_open(at + 1);
        const auto list = is_variable ? lists_.find(tokens_[at].text) : lists_.end();
        if (is_open(at)) {
            read_list(at, keyword.scope);
        } else if (list != lists_.end()) {
            read_list(list->second, keyword.scope);
        } else if (tokens_[at].kind == TokenKind::kString) {
            add(tokens_[at].text, keyword.scope);
        } else {
            reading_.unknown(offset_of(tokens_[at].text),
                             std::string(keyword.name) + " is computed");
        }
    }

    // All strings up to the closing bracket, apart from keys.
    void read_list(std::size_t at, Scope scope) {
        std::size_t depth = 0;
        for (; at < tokens_.size(); ++at) {
            if (is_open(at)) ++depth;
            if (is_close(at) && --depth == 0) return;
            if (tokens_[at].kind == TokenKind::kString && !is_mark(at + 1, ":"))
                add(tokens_[at].text, scope);
        }
    }

    void add(std::string_view text, Scope scope) {
        const std::string_view trimmed = trim(text);
        if (trimmed.empty()) return;
        const Requirement requirement = parse_requirement(trimmed);
        if (requirement.name.empty()) {
            reading_.unknown(offset_of(text), "not a requirement: " + std::string(trimmed));
            return;
        }
        add_requirement(reading_, requirement, offset_of(trimmed)).scope = scope;
    }

    Reading& reading_;
    std::vector<Token> tokens_;
    std::map<std::string_view, std::size_t> lists_;  // by the variable's name: the opening bracket
};

}  // namespace

Status read_setup_py(Reading& reading) {
    SetupReader(reading).read();
    return {};
}

// setup.cfg (setuptools, "Configuring setuptools using setup.cfg files"): values that go on in
// lines which begin with a blank; each line of a list is a requirement.
Status read_setup_cfg(Reading& reading) {
    std::string_view section, key;
    const auto add = [&](std::string_view text) {
        const bool is_extra = section == "options.extras_require";
        const auto* keyword = std::ranges::find(kKeywords, key, &Keyword::name);
        if (!is_extra && (section != "options" || keyword == kKeywords.end())) return;
        const auto offset = static_cast<std::size_t>(text.data() - reading.bytes.data());
        const Requirement requirement = parse_requirement(text);
        if (text.starts_with("file:") || text.starts_with("attr:")) {
            reading.unknown(offset, std::string(key) + " stands elsewhere: " + std::string(text));
        } else if (requirement.name.empty()) {
            reading.unknown(offset, "not a requirement: " + std::string(text));
        } else {
            add_requirement(reading, requirement, offset).scope =
                is_extra ? Scope::kOptional : keyword->scope;
        }
    };
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view whole = reading.lines().line_text(number);
        std::string_view line = trim(whole);
        if (line.empty() || line[0] == '#' || line[0] == ';') continue;
        if (line[0] == '[' && line.ends_with(']')) {
            section = line.substr(1, line.size() - 2);
            key = {};
            continue;
        }
        if (whole[0] != ' ' && whole[0] != '\t') {
            const std::size_t equals = line.find_first_of("=:");
            key = trim(line.substr(0, equals));
            line = equals == std::string_view::npos ? std::string_view()
                                                    : trim(line.substr(equals + 1));
        }
        for (const std::string_view part : split(line.substr(0, line.find(" #")), '\n'))
            if (!key.empty()) add(part);
    }
    return {};
}

}  // namespace merlon::inventory
