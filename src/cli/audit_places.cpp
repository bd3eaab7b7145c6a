#include "cli/audit_places.h"

#include <fmt/core.h>
#include <unistd.h>

#include <charconv>

#include "base/child_process.h"
#include "base/file.h"
#include "evidence/audit.h"
#include "evidence/audit_syslog.h"
#include "net/connection.h"

namespace merlon::cli {
namespace {

constexpr std::string_view kSyslog = "syslog://";
constexpr std::string_view kGit = "git:";
constexpr std::string_view kExportFile = "merlon-audit.jsonl";
constexpr std::string_view kCheckpointFile = "merlon-audit.checkpoint";
constexpr std::size_t kSendBytes = 64 << 10;

Status write_file(const std::string& path, evidence::Database& database) {
    return write_file_atomically(path, [&](const WriteBytes& write) {
        return evidence::export_log(database, [&](std::string_view line) { return write(line); });
    });
}

// --- syslog ---

struct HostPort {
    std::string host;
    std::uint16_t port = 0;
};

Result<HostPort> parse_host_port(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    HostPort made;
    if (colon != std::string_view::npos && colon > 0) {
        made.host = text.substr(0, colon);
        if (made.host.starts_with('[') && made.host.ends_with(']'))
            made.host = made.host.substr(1, made.host.size() - 2);
        const char* const end = text.data() + text.size();
        const auto read = std::from_chars(text.data() + colon + 1, end, made.port);
        if (read.ec == std::errc{} && read.ptr == end && made.port > 0) return made;
    }
    return Error{fmt::format("--to {}{}: syslog://HOST:PORT is such a place", kSyslog, text)};
}

Status send_to_syslog(const HostPort& to, const AuditExport& request,
                      const Environment& environment, std::string& said) {
    const net::Waiting waiting(*environment.clock, environment.cancel, net::Timeouts());
    net::Connection connection = MERLON_TRY(net::Connection::open(to.host, to.port, waiting));
    std::string frames;
    std::int64_t count = 0, last_ms = 0;
    Status sent;
    const auto flush = [&] {
        if (sent.ok()) sent = connection.send(frames);
        frames.clear();
    };
    MERLON_TRY(evidence::each_event(request.store.database(), request.after, evidence::kAllEvents,
                                    [&](const evidence::Event& event) {
                                        frames += evidence::syslog_frame(event);
                                        last_ms = event.at_ms;
                                        ++count;
                                        if (frames.size() > kSendBytes) flush();
                                    }));
    frames += evidence::syslog_checkpoint_frame(request.note, last_ms);
    flush();
    said = fmt::format(
        "{} events and a checkpoint sent to {}:{}; syslog does not say that they "
        "arrived\n",
        count, to.host, to.port);
    return sent;
}

// --- Git ---

Result<std::string> program_of(std::string_view name, const Environment& environment) {
    const std::string path = environment.variable("PATH").value_or("");
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find(':', at), path.size());
        const std::string candidate = fmt::format("{}/{}", path.substr(at, end - at), name);
        if (end > at && ::access(candidate.c_str(), X_OK) == 0) return candidate;
        at = end + 1;
    }
    return Error{fmt::format("there is no program {} in PATH", name)};
}

class GitPlace {
  public:
    GitPlace(std::string folder, std::string program, const Environment& environment)
        : folder_(std::move(folder)), program_(std::move(program)), environment_(environment) {}

    Result<std::string> run(std::vector<std::string> words) const {
        ChildCommand command;
        command.arguments = {program_, "-C", folder_};
        command.arguments.insert(command.arguments.end(), words.begin(), words.end());
        for (const char* name :
             {"HOME", "PATH", "XDG_CONFIG_HOME", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL",
              "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_CONFIG_GLOBAL"}) {
            if (const auto value = environment_.variable(name))
                command.environment.push_back(std::string(name) + "=" + *value);
        }
        const ChildResult result = MERLON_TRY(run_child(command, {}, *environment_.cancel));
        if (result.succeeded()) return result.output;
        return Error{fmt::format("{}: git {} {}: {}", folder_, words[0],
                                 describe_end(result, command), result.errors)};
    }

    std::string path_of(std::string_view file) const { return fmt::format("{}/{}", folder_, file); }

    // What was committed last; empty: nothing was.
    Result<std::string> last_note() const {
        const std::string known =
            MERLON_TRY(run({"ls-tree", "--name-only", "HEAD", std::string(kCheckpointFile)}));
        if (known.empty()) return std::string();
        return run({"show", fmt::format("HEAD:{}", kCheckpointFile)});
    }

  private:
    std::string folder_, program_;
    const Environment& environment_;
};

Status commit_to_git(const std::string& folder, const AuditExport& request,
                     const Environment& environment, std::string& said) {
    const GitPlace git(folder, MERLON_TRY(program_of("git", environment)), environment);
    MERLON_TRY(git.run({"rev-parse", "--git-dir"}));
    if (git.run({"rev-parse", "--verify", "--quiet", "HEAD"}).ok()) {
        const std::string note = MERLON_TRY(git.last_note());
        evidence::AuditTrust trust;
        trust.key = MERLON_TRY(evidence::parse_verifier(request.key));
        if (!note.empty()) trust.notes.push_back({.name = folder, .text = note});
        std::string problem;
        MERLON_TRY(evidence::check_log(request.store.database(), trust, [&](std::string_view text) {
            if (problem.empty()) problem = text;
        }));
        if (!problem.empty()) return Error{"nothing is committed: " + problem};
    }
    MERLON_TRY(write_file(git.path_of(kExportFile), request.store.database()));
    MERLON_TRY(write_file_atomically(git.path_of(kCheckpointFile), request.note));
    const std::vector<std::string> files{"--", std::string(kExportFile),
                                         std::string(kCheckpointFile)};
    std::vector<std::string> add{"add", "--force"};
    add.insert(add.end(), files.begin(), files.end());
    MERLON_TRY(git.run(add));
    std::vector<std::string> status{"status", "--porcelain"};
    status.insert(status.end(), files.begin(), files.end());
    if (MERLON_TRY(git.run(status)).empty()) {
        said = fmt::format("{} has this log already\n", folder);
        return {};
    }
    std::vector<std::string> commit{"commit", "--quiet", "-m", "Audit log of Merlon"};
    commit.insert(commit.end(), files.begin(), files.end());
    MERLON_TRY(git.run(commit));
    said = fmt::format("committed in {}\n", folder);
    return {};
}

}  // namespace

bool is_syslog(std::string_view place) { return place.starts_with(kSyslog); }

Status export_audit(const std::string& place, const AuditExport& request,
                    const Environment& environment, std::string& said) {
    evidence::Database& database = request.store.database();
    if (place.empty() || place == "-") {
        return evidence::export_log(
            database, [&](std::string_view line) { return environment.write_output(line); });
    }
    if (place.starts_with(kSyslog)) {
        return send_to_syslog(MERLON_TRY(parse_host_port(place.substr(kSyslog.size()))), request,
                              environment, said);
    }
    if (place.starts_with(kGit))
        return commit_to_git(place.substr(kGit.size()), request, environment, said);
    MERLON_TRY(write_file(place, database));
    said = fmt::format("written: {}\n", place);
    return {};
}

}  // namespace merlon::cli
