#include "secrets/escaped_starts.h"

#include <algorithm>

namespace merlon::secrets {
namespace {

bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

// RFC 8259, section 7; YAML 1.2.2, section 5.7; the same in C and what came after it.
bool is_escape_letter(char c) { return c == 'n' || c == 'r' || c == 't'; }

bool ends_word(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'' || c == '`' || c == '\\';
}

// What stands in front of a value, and in front of anything that a quote opens.
constexpr std::string_view kAssigns = ":=,(";
constexpr std::string_view kOpens = ":=,([{ \t\r\n\"'";
constexpr std::size_t kMostBackslashes = 16;

bool continues_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

// Whether the quote behind the backslashes that begin at `run` opens a value: it stands behind what
// assigns one. How a quote is written inside of a string that is inside of another, and so on.
bool EscapedStarts::opens_value(std::size_t run) const {
    constexpr std::size_t kMostBlanks = 4;
    for (std::size_t blanks = 0; run > 0 && blanks <= kMostBlanks; ++blanks, --run) {
        if (text_[run - 1] != ' ') return kAssigns.find(text_[run - 1]) != std::string_view::npos;
    }
    return false;
}

bool EscapedStarts::is_start(std::size_t at) const {
    if (at < 2 || at >= text_.size() || text_[at - 2] != '\\') return false;
    if (is_escape_letter(text_[at - 1])) return is_word(text_[at]);
    if (text_[at - 1] != '"' || ends_word(text_[at])) return false;
    std::size_t run = at - 2;
    while (run > 0 && at - run < kMostBackslashes && text_[run - 1] == '\\') --run;
    return opens_value(run);
}

// Of what was copied last, from `from` on: each escaped quote becomes a quote and blanks, so that a
// name and a value end where they did.
void EscapedStarts::unescape_quotes(std::size_t from) {
    for (std::size_t quote = copies_.find("\\\"", from); quote != std::string::npos;
         quote = copies_.find("\\\"", quote + 2)) {
        std::size_t run = quote;
        while (run > from && copies_[run - 1] == '\\') --run;
        const bool opens = run == 0 || kOpens.find(copies_[run - 1]) != std::string_view::npos;
        std::fill(copies_.begin() + static_cast<std::ptrdiff_t>(run),
                  copies_.begin() + static_cast<std::ptrdiff_t>(quote + 2), ' ');
        copies_[opens ? quote + 1 : run] = '"';
    }
}

std::size_t EscapedStarts::next_escape(std::size_t from) const {
    std::size_t at = text_.find('\\', from);
    while (at != std::string_view::npos && !is_start(at + 2)) at = text_.find('\\', at + 1);
    return at;
}

void EscapedStarts::copy_around(std::size_t escape) {
    const std::size_t start = escape + 2;
    const std::size_t longest = std::min(text_.size(), start + kLongestWord);
    std::size_t end = start;
    while (end < longest && !ends_word(text_[end])) ++end;
    end = std::min(text_.size(), end + kBytesAround);
    while (end < text_.size() && continues_code_point(text_[end])) ++end;
    std::size_t begin = escape - std::min(escape, kBytesAround);
    while (begin < escape && continues_code_point(text_[begin])) ++begin;
    if (parts_.empty() || begin > copied_) {
        copies_ += '\n';
        parts_.push_back({copies_.size(), begin});
        copied_ = begin;
    }
    if (end > copied_) {
        const std::size_t from = copies_.size();
        copies_ += text_.substr(copied_, end - copied_);
        copied_ = end;
        unescape_quotes(from);
    }
    const Part& part = parts_.back();
    starts_.push_back(part.in_copies + (start - part.in_text));
    const char letter = text_[escape + 1];
    if (is_escape_letter(letter)) copies_[starts_.back() - 1] = letter == 't' ? '\t' : '\n';
}

bool EscapedStarts::next() {
    copies_.clear();
    parts_.clear();
    starts_.clear();
    for (std::size_t escape = next_escape(at_);
         escape != std::string_view::npos && copies_.size() < kBatchBytes;
         escape = next_escape(at_)) {
        copy_around(escape);
        at_ = escape + 2;
    }
    return !starts_.empty();
}

std::optional<std::size_t> EscapedStarts::place(std::size_t begin, std::size_t end) const {
    const auto start = std::lower_bound(starts_.begin(), starts_.end(), begin);
    if (start == starts_.end() || *start >= end) return std::nullopt;
    const auto after = std::upper_bound(
        parts_.begin(), parts_.end(), begin,
        [](std::size_t place, const Part& part) { return place < part.in_copies; });
    if (after == parts_.begin()) return std::nullopt;
    // The line feed in front of a part is none of the text's.
    if (after != parts_.end() && end >= after->in_copies) return std::nullopt;
    const Part& part = *(after - 1);
    return part.in_text + (begin - part.in_copies);
}

}  // namespace merlon::secrets
