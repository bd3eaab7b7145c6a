#include "connect/git/gitdiff_view.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "connect/git/quoted_path.h"
#include "text/utf8.h"

namespace merlon::connect::git {
namespace {

// Go's unicode.IsSpace.
bool is_space(char32_t point) {
    return (point >= 0x09 && point <= 0x0D) || point == 0x20 || point == 0x85 || point == 0xA0 ||
           point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 ||
           point == 0x2029 || point == 0x202F || point == 0x205F || point == 0x3000;
}

std::size_t leading_space(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const text::CodePoint point = text::decode_utf8(text.substr(at));
        if (!is_space(point.value)) break;
        at += point.width;
    }
    return at;
}

std::string_view without_trailing_space(std::string_view text) {
    std::size_t end = 0;
    for (std::size_t at = 0; at < text.size();) {
        const text::CodePoint point = text::decode_utf8(text.substr(at));
        at += point.width;
        if (!is_space(point.value)) end = at;
    }
    return text.substr(0, end);
}

std::string_view trimmed(std::string_view text) {
    return without_trailing_space(text.substr(leading_space(text)));
}

// Lines as bufio.Scanner gives them: without "\n" or "\r\n"; it gives up at a line of 64 KiB.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool next() {
        constexpr std::size_t kMaxToken = 64 * 1024;
        if (text_.empty() || failed_) return false;
        const std::size_t end = text_.find('\n');
        if (std::min(end, text_.size()) >= kMaxToken) {
            failed_ = true;
            return false;
        }
        line_ = text_.substr(0, end);
        text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
        if (line_.ends_with('\r')) line_.remove_suffix(1);
        return true;
    }
    std::string_view line() const { return line_; }
    bool failed() const { return failed_; }

  private:
    std::string_view text_;
    std::string_view line_;
    bool failed_ = false;
};

// A date without a zone is one of the place where gitleaks runs.
std::int64_t seconds_of_local_time(const CivilTime& time) {
    std::tm local{};
    local.tm_year = static_cast<int>(time.year - 1900);
    local.tm_mon = time.month - 1;
    local.tm_mday = time.day;
    local.tm_hour = time.hour;
    local.tm_min = time.minute;
    local.tm_sec = time.second;
    local.tm_isdst = -1;
    return std::mktime(&local);
}

// Go's layout "Mon Jan 2 15:04:05 2006 -0700": four digits for the year and the zone, the zone's
// within 24 hours and 60 minutes.
std::optional<std::string> utc_date(const LogDate& author) {
    std::string printed = log_date(author);
    const bool has_zone = author.zone != kZoneNotPrinted;
    if (!has_zone) printed += " +0000";
    const std::size_t zone_at = printed.rfind(' ') + 1;
    const std::size_t year_at = printed.rfind(' ', zone_at - 2) + 1;
    if (zone_at - 1 - year_at != 4 || printed.size() - zone_at != 5) return std::nullopt;
    const int distance = std::abs(author.zone);
    if (distance / 100 > 24 || distance % 100 > 60) return std::nullopt;

    auto seconds = static_cast<std::int64_t>(author.seconds);
    if (!has_zone) seconds = seconds_of_local_time(civil_time(seconds - 60));
    const CivilTime time = civil_time(seconds);
    std::array<char, 96> text;
    std::snprintf(text.data(), text.size(), "%04lld-%02d-%02dT%02d:%02d:%02dZ",
                  static_cast<long long>(time.year), time.month, time.day, time.hour, time.minute,
                  time.second);
    return text.data();
}

struct Title {
    std::string text;
    std::string indent;
};

Title scan_title(Scanner& lines) {
    Title title;
    for (bool first = true; lines.next(); first = false) {
        const std::string_view line = trimmed(lines.line());
        if (line.empty()) break;
        if (first) title.indent = lines.line().substr(0, leading_space(lines.line()));
        if (!title.text.empty()) title.text.push_back(' ');
        title.text.append(line);
    }
    return title;
}

std::string scan_body(Scanner& lines, std::string_view indent) {
    std::string body;
    bool after_blank = false;
    while (lines.next()) {
        std::string_view line = without_trailing_space(lines.line());
        if (line.starts_with(indent)) line.remove_prefix(indent.size());
        if (line.empty()) {
            after_blank = true;
            continue;
        }
        if (!body.empty()) body.append(after_blank ? "\n\n" : "\n");
        after_blank = false;
        body.append(line);
    }
    return body;
}

// The name that both halves of "a/P b/P" agree on, where go-gitdiff finds it: the first blank at
// which what stands before equals what stands behind, without a first folder on either side.
std::string default_name(std::string_view path) {
    if (path.find_first_of(" \t") == std::string_view::npos) return std::string(path);
    const std::string halves = std::string(path) + " b/" + std::string(path);
    const std::string_view text = halves;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (text[i] != ' ' && text[i] != '\t') continue;
        std::string_view second = text.substr(i + 1);
        const std::size_t slash = second.find('/');
        second = slash == std::string_view::npos ? std::string_view() : second.substr(slash + 1);
        if (text.substr(0, i) == second) return std::string(second);
    }
    return {};
}

// Of two names on one line, the reader takes the first quote that no backslash stands before for
// the end of the first.
bool has_lost_quote(std::string_view path) { return needs_quotes(path) && path.ends_with('\\'); }

}  // namespace

Result<GitdiffHeader> gitdiff_header(const ObjectId& id, std::string_view commit_bytes,
                                     const Mailmap& mailmap, const std::optional<LogNote>& note) {
    const LogText log = MERLON_TRY(log_text(id, commit_bytes, mailmap, note));
    GitdiffHeader header;
    header.is_recoded = log.is_recoded;

    GitdiffCommit commit;
    commit.id = id.hex();
    commit.date = "0001-01-01T00:00:00Z";  // Go's zero time, where there is no author line
    if (log.date) {
        const std::optional<std::string> date = utc_date(*log.date);
        if (!date) return header;
        commit.date = *date;
    }
    Scanner lines(log.text);
    lines.next();  // "commit <id>"
    while (lines.next()) {
        std::string_view line = lines.line();
        if (trimmed(line).empty()) break;
        if (!line.starts_with("Author:")) continue;
        line.remove_prefix(std::string_view("Author:").size());
        const std::size_t open = line.find('<');
        const std::size_t close = line.find('>', open);
        if (open == std::string_view::npos || close == std::string_view::npos) return header;
        commit.author_name = trimmed(line.substr(0, open));
        commit.author_mail = trimmed(line.substr(open + 1, close - open - 1));
    }
    const Title title = scan_title(lines);
    commit.message = title.text;
    if (!title.text.empty()) {
        const std::string body = scan_body(lines, title.indent);
        if (!body.empty()) commit.message += "\n\n" + body;
    }
    if (!lines.failed()) header.commit = std::move(commit);
    return header;
}

std::optional<std::string> gitdiff_path(const FileChange& change, PatchKind kind) {
    if (has_lost_quote(change.path_before())) return std::nullopt;
    if (change.kind == ChangeKind::kRenamed) return change.path;
    const bool has_marker_lines = kind == PatchKind::kText;
    const std::string name = needs_quotes(change.path) ? change.path : default_name(change.path);
    if (!has_marker_lines) return name.empty() ? std::nullopt : std::optional(name);
    if (change.kind == ChangeKind::kAdded && !name.empty() && name != change.path)
        return std::nullopt;
    return change.path;
}

}  // namespace merlon::connect::git
