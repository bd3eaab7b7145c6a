#include "compat/gitleaks/verbose.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

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

// Bold and italic, the way gitleaks's output carries them even without a terminal.
std::string styled_secret(std::string_view secret) {
    std::string shown(secret.substr(0, kMaxSecretBytes));
    if (secret.size() > kMaxSecretBytes) shown += "...";
    return shown.empty() ? shown : "\x1b[1;3;m" + shown + "\x1b[0m";
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
    return before + std::string(match.substr(0, secret_at)) + styled_secret(secret) +
           std::string(match.substr(std::min(secret_at + secret.size(), match.size()))) + after;
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
        out += field("Fingerprint:", row.fingerprint);
    }
    std::string_view label = "Required:";
    for (const std::string& companion : row.required)
        out += field(std::exchange(label, ""), companion);
    return out + "\n";
}

}  // namespace merlon::compat::gitleaks
