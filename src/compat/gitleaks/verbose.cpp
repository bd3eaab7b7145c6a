#include "compat/gitleaks/verbose.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "text/utf8.h"

namespace merlon::compat::gitleaks {
namespace {

constexpr std::size_t kExcerptBytes = 20;  // shown on each side of the match
constexpr std::size_t kMaxSecretBytes = 100;

std::string_view trim(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n\v\f";
    const std::size_t begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::string field(std::string_view name, std::string_view text) {
    return fmt::format("{:<12} {}\n", name, text);
}

// Columns on a terminal: two for what East Asian fonts show wide, none for marks and controls.
std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        const char32_t c = point.value;
        const bool is_mark = c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x300 && c <= 0x36F) ||
                             (c >= 0x200B && c <= 0x200F);
        const bool is_wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                             (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                             (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                             (c >= 0x1F300 && c <= 0x1F64F) || (c >= 0x1F900 && c <= 0x1F9FF);
        width += is_mark ? 0 : is_wide ? 2 : 1;
        text.remove_prefix(point.width);
    }
    return width;
}

// Each line between `before` and `after`, and all lines made as wide as the widest, as the library
// that gitleaks prints with does with text of several lines.
std::string as_block(std::string_view text, std::string_view before, std::string_view after) {
    std::vector<std::string_view> lines;
    std::size_t widest = 0;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        widest = std::max(widest, display_width(lines.back()));
        begin = end + 1;
    }
    std::string out;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0) out += '\n';
        out += before;
        out += lines[i];
        out += after;
        if (lines.size() > 1) out.append(widest - display_width(lines[i]), ' ');
    }
    return out;
}

// Bold and italic, the way gitleaks's output carries them even without a terminal.
std::string styled_secret(std::string_view secret) {
    std::string shown(secret.substr(0, kMaxSecretBytes));
    if (secret.size() > kMaxSecretBytes) shown += "...";
    return as_block(shown, "\x1b[1;3;m", "\x1b[0m");
}

// The match with a little of its line, or nothing where it does not stand in its line as it is.
std::string excerpt(std::string_view line, std::string_view match, std::string_view secret) {
    const std::size_t at = line.find(match);
    if (at == std::string_view::npos) return {};
    std::string before(line.substr(0, at));
    if (at > kExcerptBytes) before = "..." + before.substr(at - kExcerptBytes);
    before.erase(0, std::min(before.find_first_not_of(' '), before.size()));
    if (before.starts_with('\n')) before.erase(0, 1);
    std::size_t end = at + match.size();
    if (line.size() <= end + 1) end = line.size();
    std::string after(line.substr(end));
    if (after.size() > kExcerptBytes) after = after.substr(0, kExcerptBytes) + "...";
    const std::size_t secret_at = std::min(match.find(secret), match.size());
    return before + as_block(match.substr(0, secret_at), {}, {}) + styled_secret(secret) +
           as_block(match.substr(std::min(secret_at + secret.size(), match.size())), {}, {}) +
           after;
}

}  // namespace

std::string verbose_text(const Row& row, Styles styles) {
    const std::string_view match = trim(row.match);
    const std::string_view secret = trim(row.secret);
    const bool is_path = match.starts_with("file detected:");
    const std::string shown = is_path || styles == Styles::kPlain
                                  ? std::string()
                                  : excerpt(trim(row.line), match, secret);
    std::string out = field("Finding:", shown.empty() ? match : std::string_view(shown));
    out += field("Secret:", shown.empty() ? std::string(secret) : styled_secret(secret));
    out += field("RuleID:", row.rule_id);
    out += field("Entropy:", fmt::format("{:.6f}", row.entropy));
    if (!row.file.empty()) {
        if (!row.tags.empty()) out += field("Tags:", fmt::format("[{}]", fmt::join(row.tags, " ")));
        out += field("File:", row.file);
        out += field("Line:", std::to_string(row.start_line));
        if (!row.commit.empty()) {
            out += field("Commit:", row.commit);
            out += field("Author:", row.author);
            out += field("Email:", row.email);
            out += field("Date:", row.date);
        }
        out += field("Fingerprint:", row.fingerprint);
        if (!row.link.empty()) out += field("Link:", row.link);
    }
    std::string_view label = "Required:";
    for (const std::string& companion : row.required)
        out += field(std::exchange(label, ""), companion);
    return out + "\n";
}

}  // namespace merlon::compat::gitleaks
