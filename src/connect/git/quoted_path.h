#pragma once

// Paths as git prints them and reads them in its own files: in double quotes with C's escapes where
// they hold a quote, a backslash, a control character or, as core.quotePath has it by default, a
// byte above 0x7F (git-config(1)).
//
// Thread-safe: no state.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace merlon::connect::git {

bool needs_quotes(std::string_view path);
// `path` itself if it needs no quotes.
std::string quote_path(std::string_view path);

struct UnquotedPath {
    std::string path;
    std::size_t length = 0;  // bytes read, with both quotes
};

// Reads the quoted path at the start of `text`; nothing if there is none or it is not well formed.
std::optional<UnquotedPath> unquote_path(std::string_view text);

}  // namespace merlon::connect::git
