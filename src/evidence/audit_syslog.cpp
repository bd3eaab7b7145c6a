#include "evidence/audit_syslog.h"

#include <fmt/core.h>

#include "base/clock.h"
#include "evidence/audit_lines.h"

namespace merlon::evidence {
namespace {

constexpr int kPriority = 13 * 8 + 5;  // section 6.2.1: log audit, notice
constexpr std::size_t kMaxIdBytes = 32;

// Section 6.2.7: printable ASCII without spaces.
std::string message_id(std::string_view kind) {
    std::string id;
    for (const char c : kind.substr(0, kMaxIdBytes)) id += c > ' ' && c < 0x7F ? c : '_';
    return id.empty() ? "-" : id;
}

std::string frame(std::int64_t at_ms, std::string_view kind, std::string_view line) {
    const std::int64_t ms = (at_ms % 1000 + 1000) % 1000;
    const std::string second = format_rfc3339({(at_ms - ms) / 1000 * 1'000'000'000});
    line.remove_suffix(1);  // its break
    const std::string message =
        fmt::format("<{}>1 {}.{:03}Z - merlon - {} - {}", kPriority,
                    second.substr(0, second.size() - 1), ms, message_id(kind), line);
    return fmt::format("{} {}", message.size(), message);
}

}  // namespace

std::string syslog_frame(const Event& event) {
    return frame(event.at_ms, event.kind, event_line(event));
}

std::string syslog_checkpoint_frame(std::string_view note, std::int64_t at_ms) {
    return frame(at_ms, "checkpoint", checkpoint_line(note));
}

}  // namespace merlon::evidence
