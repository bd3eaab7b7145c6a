#pragma once

// Words of commands that people and scripts give to a POSIX shell.
//
// Thread-safe: no state. Cost: linear.

#include <algorithm>
#include <string>
#include <string_view>

namespace merlon {

// In single quotes: what ends the quotes is put outside them.
inline std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + "'";
}

// The same, but without quotes where none are needed: for commands that people read.
inline std::string shell_word(std::string_view text) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_-./:@%+=,").contains(c);
    };
    return !text.empty() && std::ranges::all_of(text, is_plain) ? std::string(text)
                                                                : shell_quoted(text);
}

}  // namespace merlon
