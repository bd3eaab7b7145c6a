#pragma once

// Links into a forge's pages, as gitleaks 8.30.1 makes them (--platform, or by the remote's host).
//
// The idea: each forge has one shape of address for a file, a commit and lines; the remote's
// address is made one of the web first ("git@host:group/name.git" becomes https). Where gitleaks
// makes no link, neither do we.
//
// Values; thread-safe.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "compat/gitleaks/report.h"

namespace merlon::compat::gitleaks {

enum class Platform : std::uint8_t {
    kUnknown,
    kNone,
    kGithub,
    kGitlab,
    kAzureDevops,
    kGitea,
    kBitbucket
};

// The value of --platform, in any case; "" and "unknown" ask the remote.
std::optional<Platform> parse_platform(std::string_view text);

struct Remote {
    Platform platform = Platform::kNone;
    std::string address;  // of the web, without user, without ".git"
    std::string remark;   // for people: why there are no links
};

// `address` is what `git ls-remote --get-url` prints; nothing where no remote is set up.
Remote make_remote(Platform platform, const std::optional<std::string>& address);

// Empty where the platform has none, or the row names no commit.
std::string make_link(const Remote& remote, const Row& row);

}  // namespace merlon::compat::gitleaks
