#include "connect/git/quoted_path.h"

#include <algorithm>

namespace merlon::connect::git {
namespace {

constexpr std::string_view kEscaped = "\a\b\t\n\v\f\r\"\\";
constexpr std::string_view kLetters = "abtnvfr\"\\";

bool needs_quotes(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x7F || c == '"' || c == '\\';
}

}  // namespace

bool needs_quotes(std::string_view path) {
    return std::ranges::any_of(path, [](char c) { return needs_quotes(c); });
}

std::string quote_path(std::string_view path) {
    if (!needs_quotes(path)) return std::string(path);

    std::string quoted = "\"";
    for (const char c : path) {
        if (!needs_quotes(c)) {
            quoted.push_back(c);
            continue;
        }
        quoted.push_back('\\');
        const std::size_t known = kEscaped.find(c);
        if (known != std::string_view::npos) {
            quoted.push_back(kLetters[known]);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        for (const int shift : {6, 3, 0})
            quoted.push_back(static_cast<char>('0' + (byte >> shift & 7)));
    }
    quoted.push_back('"');
    return quoted;
}

std::optional<UnquotedPath> unquote_path(std::string_view text) {
    if (!text.starts_with('"')) return std::nullopt;
    UnquotedPath unquoted;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            unquoted.length = i + 1;
            return unquoted;
        }
        if (text[i] != '\\') {
            unquoted.path.push_back(text[i]);
            continue;
        }
        if (++i == text.size()) return std::nullopt;
        const std::size_t letter = kLetters.find(text[i]);
        if (letter != std::string_view::npos) {
            unquoted.path.push_back(kEscaped[letter]);
            continue;
        }
        // Three octal digits, of which the first fits a byte.
        if (text.size() - i < 3 || text[i] < '0' || text[i] > '3') return std::nullopt;
        unsigned byte = 0;
        for (const std::size_t end = i + 2;; ++i) {
            if (text[i] < '0' || text[i] > '7') return std::nullopt;
            byte = byte * 8 + static_cast<unsigned>(text[i] - '0');
            if (i == end) break;
        }
        unquoted.path.push_back(static_cast<char>(byte));
    }
    return std::nullopt;
}

}  // namespace merlon::connect::git
