#include "connect/git/author_filter.h"

#include <algorithm>

#include "connect/git/commit.h"

namespace merlon::connect::git {
namespace {

std::string literal(char c) {
    const bool is_special = std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos;
    return is_special ? std::string{'\\', c} : std::string(1, c);
}

// A basic regular expression in Go's syntax.
Result<std::string> translated(const std::string& pattern) {
    const Error unsupported{"--author=" + pattern +
                            ": of regular expressions only '.', '*', '^', '$' and backslashes "
                            "before them are supported here"};
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        switch (c) {
            case '[':
                return unsupported;
            case '\\':
                if (i + 1 == pattern.size() ||
                    std::string_view(".*[]^$\\/-@").find(pattern[i + 1]) ==
                        std::string_view::npos) {
                    return unsupported;
                }
                ++i;
                out += literal(pattern[i]);
                break;
            case '^':
                out += i == 0 ? "(?m:^)" : "\\^";
                break;
            case '$':
                out += i + 1 == pattern.size() ? "(?m:$)" : "\\$";
                break;
            case '*':
                // At the beginning it stands for itself.
                out += i == 0 || (i == 1 && pattern[0] == '^') ? "\\*" : "*";
                break;
            case '.':
                out += '.';
                break;
            default:
                out += literal(c);
        }
    }
    return out;
}

}  // namespace

Result<AuthorFilter> AuthorFilter::make(std::span<const std::string> patterns) {
    AuthorFilter filter;
    for (const std::string& pattern : patterns) {
        const std::string expression = MERLON_TRY(translated(pattern));
        filter.patterns_.push_back(MERLON_TRY(match::Regex::compile(expression)));
    }
    return filter;
}

bool AuthorFilter::accepts(std::string_view author, const Mailmap& mailmap) const {
    std::string text(author.substr(0, author.rfind('>') + 1));
    if (const auto identity = parse_identity(author); identity && !mailmap.empty()) {
        const Mailmap::Person person = mailmap.resolve(identity->name, identity->email);
        text = person.name + " <" + person.mail + ">";
    }
    return std::ranges::any_of(patterns_,
                               [&](const match::Regex& pattern) { return pattern.is_match(text); });
}

}  // namespace merlon::connect::git
