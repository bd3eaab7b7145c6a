#include "scan/bypass_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::scan {
namespace {

Error system_error(std::string_view doing, const std::string& path) {
    return Error{.message = std::string(doing) + ": " + std::strerror(errno), .file = path};
}

}  // namespace

std::string bypass_line(const Bypass& bypass, const model::Report& report) {
    std::string line;
    text::JsonWriter json(line);
    json.begin_object();
    json.key("version").integer(1);
    json.member("time", format_rfc3339(bypass.time));
    json.member("who", text::to_valid_utf8(bypass.who));
    json.member("reason", text::to_valid_utf8(bypass.reason));
    json.member("reference", text::to_valid_utf8(bypass.reference));
    json.member("before", bypass.before);
    json.member("after", bypass.after);
    json.key("findings").begin_array();
    for (const model::Finding& finding : report.findings) {
        if (!finding.suppressed_by.empty()) continue;
        json.begin_object();
        json.member("rule", finding.rule_id);
        json.member("place", text::to_valid_utf8(model::to_string(finding.location)));
        const auto commit = finding.properties.find("commit");
        if (commit != finding.properties.end()) json.member("commit", commit->second);
        json.end_object();
    }
    json.end_array();
    json.key("gaps").begin_array();
    for (const model::Gap& gap : report.coverage.gaps) {
        json.begin_object();
        json.member("cause", model::name(gap.cause));
        json.member("path", text::to_valid_utf8(gap.path));
        json.end_object();
    }
    json.end_array();
    json.end_object();
    line.push_back('\n');
    return line;
}

Status append_line(const std::string& path, std::string_view line) {
    const int descriptor = ::open(
        path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (descriptor < 0) return system_error("cannot be opened", path);
    // A pipe or a device would swallow the line, or wait for a reader for ever.
    struct stat status{};
    Status written;
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        written = Error{.message = "is no regular file, so no line would stay in it", .file = path};
    } else {
        written = write_all(descriptor, line);
    }
    if (written.ok() && ::fsync(descriptor) != 0) written = system_error("cannot be kept", path);
    ::close(descriptor);
    return written;
}

}  // namespace merlon::scan
