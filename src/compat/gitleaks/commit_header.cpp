#include "compat/gitleaks/commit_header.h"

#include <algorithm>
#include <string_view>

#include "base/clock.h"
#include "text/utf8.h"

namespace merlon::compat::gitleaks {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// unicode.IsSpace beyond ASCII, as far as it takes two bytes or three.
std::size_t blank_at_end(std::string_view text) {
    if (text.empty()) return 0;
    if (is_blank(text.back())) return 1;
    for (const std::string_view blank :
         {"\xC2\x85", "\xC2\xA0", "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF",
          "\xE2\x81\x9F", "\xE3\x80\x80"}) {
        if (text.ends_with(blank)) return blank.size();
    }
    // U+2000 to U+200A
    if (text.size() >= 3 && text.substr(text.size() - 3, 2) == "\xE2\x80" &&
        static_cast<unsigned char>(text.back()) >= 0x80 &&
        static_cast<unsigned char>(text.back()) <= 0x8A) {
        return 3;
    }
    return 0;
}

std::string_view trimmed_right(std::string_view text) {
    for (std::size_t width = blank_at_end(text); width != 0; width = blank_at_end(text)) {
        text.remove_suffix(width);
    }
    return text;
}

std::string_view trimmed(std::string_view text) {
    text = trimmed_right(text);
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    return text;
}

// git prints messages and names as UTF-8 whatever the commit's encoding; an encoding that is not
// known leaves the bytes alone, as git does without iconv.
std::string as_utf8(std::string_view bytes, std::string_view encoding) {
    std::string lowered(encoding);
    std::ranges::transform(lowered, lowered.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    std::erase_if(lowered, [](char c) { return c == '-' || c == '_'; });
    if (lowered != "iso88591" && lowered != "latin1") return std::string(bytes);
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            text += c;
        } else {
            text += static_cast<char>(0xC0 | byte >> 6);
            text += static_cast<char>(0x80 | (byte & 0x3F));
        }
    }
    return text;
}

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

// git log moves a tab in a message to the next column of eight (--expand-tabs), counted in columns
// of a terminal; here each code point is one.
std::string with_expanded_tabs(std::string_view line) {
    constexpr std::size_t kTabColumns = 8;
    std::string out;
    std::size_t column = 0;
    for (const char c : line) {
        if (c == '\t') {
            const std::size_t width = kTabColumns - column % kTabColumns;
            out.append(width, ' ');
            column += width;
        } else {
            out += c;
            if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++column;
        }
    }
    return out;
}

// git indents each line by four blanks; the reader takes the first line's indentation, those four
// and the line's own, off every line of the body.
std::string title_and_body(std::string_view message) {
    // git drops empty lines at the start.
    while (!message.empty()) {
        std::string_view rest = message;
        if (!trimmed(take_line(rest)).empty()) break;
        message = rest;
    }
    std::string title;
    std::string indent;
    bool first = true;
    while (!message.empty()) {
        const std::string line = with_expanded_tabs(take_line(message));
        const std::string_view text = trimmed(line);
        if (text.empty()) break;
        if (first) {
            std::size_t width = 0;
            while (width < line.size() && is_blank(line[width])) ++width;
            indent = line.substr(0, width);
        } else {
            title += ' ';
        }
        first = false;
        title += text;
    }
    std::string body;
    std::size_t empty = 0;
    while (!message.empty()) {
        std::string_view line = trimmed_right(take_line(message));
        // The whole indentation or nothing: "    " and what the first line had of its own.
        std::string printed = line.empty() ? std::string() : "    " + with_expanded_tabs(line);
        const std::string prefix = "    " + indent;
        if (printed.starts_with(prefix)) printed.erase(0, prefix.size());
        if (printed.empty()) {
            ++empty;
            continue;
        }
        if (!body.empty()) {
            body += '\n';
            if (empty > 0) body += '\n';
        }
        empty = 0;
        body += printed;
    }
    if (body.empty()) return title;
    return title + "\n\n" + body;
}

}  // namespace

CommitHeader read_commit_header(const connect::git::Commit& commit) {
    CommitHeader header;
    const std::string author = as_utf8(commit.author, commit.encoding);
    if (const auto identity = connect::git::parse_identity(author); identity.has_value()) {
        header.author = trimmed(identity->name);
        header.email = trimmed(identity->email);
        constexpr std::uint64_t kLastSecond = 9'223'372'036;  // of a Timestamp
        const std::uint64_t seconds = std::min(identity->seconds, kLastSecond);
        header.date = format_rfc3339({static_cast<std::int64_t>(seconds) * 1'000'000'000});
    }
    header.message = title_and_body(as_utf8(commit.message, commit.encoding));
    return header;
}

}  // namespace merlon::compat::gitleaks
