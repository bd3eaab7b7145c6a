#pragma once

// Where a repository comes from: the address that `git ls-remote --get-url` prints; and the remotes
// that are set up (git-config, remote.<name>.url, url.<base>.insteadOf, url.<base>.pushInsteadOf).
//
// The idea: the remote of the branch that is checked out, else the only one, else "origin"; its
// first url, with url.*.insteadOf of the repository's own config file applied. What decides whom to
// trust reads the user's and the machine's settings too. Files that any of these include are not
// followed.
//
// Thread-safe: no state. Cost: some small files.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/git/repository.h"
#include "connect/git/user_settings.h"

namespace merlon::connect::git {

// Nothing where no remote is set up.
Result<std::optional<std::string>> remote_address(const Repository& repository);

struct RemoteSetup {
    std::string name;
    std::string address;       // what its references are fetched from: the first url, rewritten
    std::string push_address;  // how a push to that url is addressed; pushurl is not looked at
    std::vector<std::string> fetch;  // refspecs
};

// The reference here that stands for the remote's `name` (gitrevisions, "refspec"); empty: none.
std::string tracking_name(const RemoteSetup& remote, std::string_view name);
// Whether a fetch from the remote may write the reference `local`.
bool writes_tracking(const RemoteSetup& remote, std::string_view local);

// In the order of the names. Remotes without an address are among them.
Result<std::vector<RemoteSetup>> configured_remotes(const Repository& repository,
                                                    const Variables& variables);

}  // namespace merlon::connect::git
