#include "cli/ssh_signing.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "base/child_process.h"
#include "base/file.h"
#include "gate/decisions.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

// People are asked for a password, and touch their token.
constexpr std::chrono::milliseconds kSigningLimit{120'000};

// The program of that name in PATH.
Result<std::string> find_program(const Environment& environment, const std::string& name) {
    std::string path = environment.variable("PATH").value_or("/usr/bin:/bin");
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find(':', begin), path.size());
        const std::string file = path.substr(begin, end - begin) + "/" + name;
        if (end > begin && file_status(file, FollowLinks::kYes).ok()) return file;
        begin = end + 1;
    }
    return Error{
        fmt::format("{} is not in PATH; install OpenSSH's client ('merlon approve' takes what was "
                    "signed elsewhere, too: --write-statement FILE, then --signature FILE)",
                    name)};
}

}  // namespace

Result<std::string> sign_decision(const std::string& statement, const std::string& key,
                                  const Environment& environment) {
    ChildCommand child;
    child.arguments = {MERLON_TRY(find_program(environment, "ssh-keygen")),
                       "-q",
                       "-Y",
                       "sign",
                       "-n",
                       std::string(gate::kDecisionNamespace),
                       "-f",
                       key};
    child.time_limit = kSigningLimit;
    for (const char* name : {"PATH", "HOME", "SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY", "TERM"})
        if (const auto value = environment.variable(name))
            child.environment.push_back(fmt::format("{}={}", name, *value));
    const ChildResult result = MERLON_TRY(run_child(child, statement, *environment.cancel));
    if (!result.succeeded()) {
        return Error{fmt::format("ssh-keygen {}: {}", describe_end(result, child),
                                 text::to_printable(result.errors))};
    }
    return result.output;
}

}  // namespace merlon::cli
