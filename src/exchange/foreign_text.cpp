#include "exchange/foreign_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "base/ascii.h"
#include "text/encoding.h"

namespace merlon::exchange {
namespace {

using model::Severity;

constexpr std::array<std::pair<std::string_view, Severity>, 21> kWords{{
    {"critical", Severity::kCritical}, {"emergency", Severity::kCritical},
    {"alert", Severity::kCritical},    {"blocker", Severity::kCritical},
    {"high", Severity::kHigh},         {"error", Severity::kHigh},
    {"important", Severity::kHigh},    {"major", Severity::kHigh},
    {"medium", Severity::kMedium},     {"moderate", Severity::kMedium},
    {"warning", Severity::kMedium},    {"low", Severity::kLow},
    {"minor", Severity::kLow},         {"note", Severity::kLow},
    {"notice", Severity::kLow},        {"negligible", Severity::kInfo},
    {"none", Severity::kInfo},         {"info", Severity::kInfo},
    {"information", Severity::kInfo},  {"informational", Severity::kInfo},
    {"debug", Severity::kInfo},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kEntities{{
    {"&lt;", "<"},
    {"&gt;", ">"},
    {"&quot;", "\""},
    {"&#39;", "'"},
    {"&nbsp;", " "},
    {"&amp;", "&"},
}};

}  // namespace

Status check_is_utf8(std::string_view bytes) {
    using enum text::Encoding;
    const text::Encoding encoding = text::detect_encoding(bytes);
    const bool is_utf16 = encoding == kUtf16LittleEndian || encoding == kUtf16BigEndian;
    if (!is_utf16 && encoding != kUtf32LittleEndian && encoding != kUtf32BigEndian) return {};
    const std::string name = is_utf16 ? "UTF-16" : "UTF-32";
    return Error{"the file is in " + name +
                 ", and reports are in UTF-8: convert it, for example with "
                 "iconv -f " +
                 name + " -t UTF-8, or let the tool write the file itself"};
}

std::optional<Severity> severity_of_word(std::string_view word) {
    for (const auto& [name, severity] : kWords)
        if (equal_without_case(name, word)) return severity;
    return std::nullopt;
}

std::optional<Severity> severity_of_score(std::string_view score) {
    double number = -1;
    const auto [end, error] = std::from_chars(score.data(), score.data() + score.size(), number);
    if (error != std::errc{} || end != score.data() + score.size() || !(number >= 0))
        return std::nullopt;
    if (number >= 9) return Severity::kCritical;
    if (number >= 7) return Severity::kHigh;
    if (number >= 4) return Severity::kMedium;
    return number > 0 ? Severity::kLow : Severity::kInfo;
}

std::uint32_t line_number(std::optional<std::int64_t> number) {
    constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
    return number && *number > 0 ? static_cast<std::uint32_t>(std::min(*number, kMost)) : 0;
}

namespace {

// Whether tidying leaves it as it is, which is what most tools write.
bool is_tidy(std::string_view path) {
    if (path.empty() || path.contains('\\') || path.ends_with('/')) return false;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view part = path.substr(at, end - at);
        if ((part.empty() && at > 0) || part == "." || part == "..") return false;
        at = end + 1;
    }
    return true;
}

}  // namespace

std::string tidy_path(std::string_view path) {
    if (is_tidy(path)) return std::string(path);
    // What has backslashes alone is a path of Windows.
    if (path.contains('\\') && !path.contains('/')) {
        std::string with_slashes(path);
        std::ranges::replace(with_slashes, '\\', '/');
        return tidy_path(with_slashes);
    }
    const bool is_rooted = path.starts_with('/');
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view part = path.substr(at, end - at);
        at = end + 1;
        if (part.empty() || part == ".") continue;
        if (part == ".." && !parts.empty() && parts.back() != "..") {
            parts.pop_back();
        } else {
            parts.push_back(part);
        }
    }
    std::string tidied = is_rooted ? "/" : "";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) tidied += '/';
        tidied += parts[i];
    }
    return tidied;
}

std::string folder_name(std::string_view path) {
    std::string name = tidy_path(path);
    while (name.size() > 1 && name.ends_with('/')) name.pop_back();
    return name.empty() ? "." : name;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.emplace_back(line);
        at = end + 1;
    }
    return lines;
}

std::string image_name(std::string_view reference) {
    reference = reference.substr(0, reference.find('@'));
    const std::size_t colon = reference.rfind(':');
    const std::size_t slash = reference.rfind('/');
    const bool is_tag =
        colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
    return std::string(is_tag ? reference.substr(0, colon) : reference);
}

std::string plain_of_html(std::string_view html) {
    std::string plain;
    for (std::size_t at = 0; at < html.size();) {
        const std::string_view rest = html.substr(at);
        if (rest[0] == '<') {
            const std::size_t end = rest.find('>');
            if (end != std::string_view::npos) {
                if (rest.starts_with("</p>") || rest.starts_with("<br")) plain += '\n';
                at += end + 1;
                continue;
            }
        }
        const auto* const entity = std::ranges::find_if(
            kEntities, [&](const auto& known) { return rest.starts_with(known.first); });
        if (entity != kEntities.end()) {
            plain += entity->second;
            at += entity->first.size();
        } else {
            plain += rest[0];
            ++at;
        }
    }
    while (plain.ends_with('\n') || plain.ends_with(' ')) plain.pop_back();
    return plain;
}

}  // namespace merlon::exchange
