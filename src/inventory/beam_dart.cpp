// Elixir's mix.lock, Erlang's rebar.lock and the resource files of its applications, which are
// terms of these languages, and Dart's pubspec.lock.

#include <algorithm>
#include <map>

#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using packages::Scope;
using value::Value;

// One piece of a term: a text, an atom or number, or a bracket. Enough for both files.
struct Token {
    enum class Kind : std::uint8_t { kText, kWord, kOpen, kClose, kEnd };
    Kind kind = Kind::kEnd;
    std::string_view text;
    std::size_t offset = 0;
};

class Tokens {
  public:
    explicit Tokens(std::string_view text) : text_(text) {}

    Token next() {
        skip_blanks();
        Token token;
        token.offset = at_;
        if (at_ >= text_.size()) return token;
        const char c = text_[at_];
        if (c == '"') {
            const std::size_t end = std::min(text_.find('"', at_ + 1), text_.size());
            token.kind = Token::Kind::kText;
            token.text = text_.substr(at_ + 1, end - at_ - 1);
            at_ = std::min(end + 1, text_.size());
            return token;
        }
        if (kBrackets.find(c) != std::string_view::npos) {
            token.kind = c == '{' || c == '[' ? Token::Kind::kOpen : Token::Kind::kClose;
            token.text = text_.substr(at_++, 1);
            return token;
        }
        const std::size_t end =
            std::min(text_.find_first_of(" \t\r\n,\"{}[]<>#%", at_ + 1), text_.size());
        token.kind = Token::Kind::kWord;
        token.text = text_.substr(at_, end - at_);
        at_ = end;
        return token;
    }

  private:
    static constexpr std::string_view kBrackets = "{}[]";

    // Commas, and the << >> around Erlang's binaries, say nothing that is needed here; Elixir's
    // maps begin with '%', as do Erlang's comments.
    void skip_blanks() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '#' || (c == '%' && at_ + 1 < text_.size() && text_[at_ + 1] != '{')) {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (std::string_view(" \t\r\n,<>%").find(c) != std::string_view::npos) {
                ++at_;
            } else {
                return;
            }
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

// A tuple or list as its flat tokens, up to the bracket that closes it.
std::vector<Token> take_group(Tokens& tokens) {
    std::vector<Token> group;
    std::size_t depth = 1;
    while (true) {
        const Token token = tokens.next();
        if (token.kind == Token::Kind::kEnd) return group;
        if (token.kind == Token::Kind::kOpen) ++depth;
        if (token.kind == Token::Kind::kClose && --depth == 0) return group;
        group.push_back(token);
    }
}

std::string_view without_colon(std::string_view atom) {
    return atom.starts_with(':') ? atom.substr(1) : atom;
}

// 'an atom' that has other characters than a name.
std::string_view trim_quotes(std::string_view atom) {
    const bool is_quoted = atom.size() > 1 && atom.front() == '\'' && atom.back() == '\'';
    return is_quoted ? atom.substr(1, atom.size() - 2) : atom;
}

std::vector<std::string_view> texts_of(const std::vector<Token>& group) {
    std::vector<std::string_view> texts;
    std::size_t depth = 0;
    for (const Token& token : group) {
        if (token.kind == Token::Kind::kOpen) ++depth;
        if (token.kind == Token::Kind::kClose) --depth;
        if (token.kind == Token::Kind::kText && depth == 0) texts.push_back(token.text);
    }
    return texts;
}

}  // namespace

// %{ "name": {:hex, :package, "version", "inner", [:mix], [{:need, "~> 1", […]}], "hexpm",
// "outer"},
//    "other": {:git, "address", "commit", […]} }
Status read_mix_lock(Reading& reading) {
    Tokens tokens(reading.bytes);
    if (const Token first = tokens.next(); first.text != "{")
        return Error{"mix.lock: expected a map \"%{…}\""};
    std::map<std::string, std::uint32_t, std::less<>> names;
    std::vector<std::pair<std::uint32_t, std::string_view>> wanted;
    Token key = tokens.next();
    while (key.kind != Token::Kind::kEnd && key.kind != Token::Kind::kClose) {
        Token token = tokens.next();  // the ':' behind a quoted key
        while (token.kind == Token::Kind::kWord) token = tokens.next();
        if (token.kind != Token::Kind::kOpen) {
            reading.unknown(key.offset, "mix.lock: expected a tuple behind the name");
            key = token;
            continue;
        }
        const std::vector<Token> group = take_group(tokens);
        const auto texts = texts_of(group);
        const std::string_view kind = group.empty() ? std::string_view() : group[0].text;
        if (kind == ":hex" && group.size() > 1 && !texts.empty()) {
            Package& package = reading.add(without_colon(group[1].text), texts[0], key.offset);
            // The last text is of the file that is fetched; old files have only that of its inside.
            if (texts.size() >= 4 && texts.back().size() == 64)
                package.checksums.push_back({"sha256", std::string(texts.back())});
            for (std::size_t i = 2; i + 1 < group.size(); ++i)
                if (group[i].text == "{" && group[i + 1].text.starts_with(':'))
                    wanted.emplace_back(reading.count() - 1, without_colon(group[i + 1].text));
        } else if (kind == ":git" && texts.size() >= 2) {
            Package& package = reading.add(key.text, "", key.offset);
            package.download_url = texts[0];
            package.commit = texts[1];
        } else {
            reading.unknown(key.offset,
                            "mix.lock: a source that is not known: " + std::string(kind));
            key = tokens.next();
            continue;
        }
        names.emplace(key.text, reading.count() - 1);
        key = tokens.next();
    }
    for (const auto& [from, name] : wanted)
        if (const auto found = names.find(name); found != names.end())
            reading.require(from, found->second);
    return {};
}

// {"1.2.0", [{<<"name">>, {pkg, <<"package">>, <<"version">>}, 0}, …]}.
// [{pkg_hash, [{<<"name">>, <<"HEX">>}]}, {pkg_hash_ext, […]}].
Status read_rebar_lock(Reading& reading) {
    Tokens tokens(reading.bytes);
    std::vector<Token> all;
    for (Token token = tokens.next(); token.kind != Token::Kind::kEnd; token = tokens.next())
        all.push_back(token);
    if (all.empty() || all[0].kind != Token::Kind::kOpen)
        return Error{"rebar.lock: expected a list or tuple"};
    std::map<std::string_view, std::uint32_t> names;
    std::string_view list;
    const auto word = [&](std::size_t i) {
        return i < all.size() ? all[i].text : std::string_view();
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (word(i) == "pkg_hash" || word(i) == "pkg_hash_ext") list = word(i);
        if (all[i].text != "{" || i + 2 >= all.size() || all[i + 1].kind != Token::Kind::kText)
            continue;
        const std::string_view name = word(i + 1);
        if (list.empty() && word(i + 2) == "{") {
            const bool is_package = word(i + 3) == "pkg";
            Package& package =
                reading.add(is_package ? word(i + 4) : name,
                            is_package ? word(i + 5) : std::string_view(), all[i + 1].offset);
            std::size_t level = i + 7;  // behind {pkg, name, version}
            if (!is_package) {
                package.download_url = word(i + 4);
                package.commit = word(i + 7);  // {git, "address", {ref, "commit"}}
                level = i + 10;
            }
            package.relation = word(level) == "0" ? Relation::kDirect : Relation::kTransitive;
            names.emplace(name, reading.count() - 1);
        } else if (list == "pkg_hash_ext" && all[i + 2].kind == Token::Kind::kText) {
            if (const auto found = names.find(name); found != names.end())
                add_checksum(reading.at(found->second), "sha256:" + std::string(word(i + 2)));
        }
    }
    return {};
}

// Erlang/OTP, app(4): {application, name, [{description, "…"}, {vsn, "version"}, …]}.
Status read_otp_application(Reading& reading) {
    Tokens tokens(reading.bytes);
    tokens.next();
    if (tokens.next().text != "application") return {};  // of a Mac, or of whoever else
    const Token name = tokens.next();
    Package& package = reading.add(trim_quotes(name.text), "", name.offset);
    package.scope = Scope::kRuntime;
    const std::vector<Token> rest = take_group(tokens);
    for (std::size_t i = 0; i + 2 < rest.size(); ++i) {
        if (rest[i].text != "{" || rest[i + 1].text != "vsn") continue;
        if (rest[i + 2].kind == Token::Kind::kText) package.version = rest[i + 2].text;
        break;
    }
    if (package.name.empty()) return Error{"an application's resource file: it has no name"};
    // Before it is built a version may stand for the repository's own: {vsn, git}.
    if (package.version.empty()) reading.unknown(name.offset, "an application without a version");
    return {};
}

// dart.dev, "pubspec.lock".
Status read_pubspec_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.yaml());
    if (object_in(root, "packages") == nullptr)
        return Error{"pubspec.lock: expected a mapping \"packages\""};
    each_entry(object_in(root, "packages"), [&](std::string_view name, const Value& entry) {
        const Value* description = object_in(&entry, "description");
        const std::string_view source = string_in(&entry, "source");
        Package& package =
            reading.add(name, text_of(entry.find("version")), reading.offset_of(&entry));
        const std::string_view dependency = string_in(&entry, "dependency");
        package.relation =
            dependency.starts_with("direct") ? Relation::kDirect : Relation::kTransitive;
        if (dependency == "direct dev") package.scope = Scope::kDevelopment;
        if (dependency == "direct main") package.scope = Scope::kRuntime;
        package.local = source == "path" || source == "sdk";
        if (source == "git") {
            package.download_url = string_in(description, "url");
            package.commit = string_in(description, "resolved-ref");
        }
        if (const std::string_view digest = string_in(description, "sha256"); !digest.empty())
            package.checksums.push_back({"sha256", std::string(digest)});
    });
    return {};
}

}  // namespace merlon::inventory
