#pragma once

// A feed that is a Git repository behind HTTP: one commit of it, kept as a bare repository beside
// the database, without its history.
//
// The idea: the server is asked which commit a name stands for; where that is the one that is here,
// nothing more is asked. Else what its tree has and the known one's has not is fetched, or, where
// nothing leads from there to the new one, all of its tree. What is fetched waits beside the
// repository and is not looked into: that happens in finish_git_mirror(), when there is no network
// any more. There the pack is made whole and indexed, and the commit read from end to end, before
// HEAD moves to it. Until then the repository has the commit that it had, and what was fetched
// before stays until something newer is here.
//
// One process for a folder at a time. Memory: a packet; an index of the pack when it is finished.
// Source: gitprotocol-http, gitprotocol-v2.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "net/http_client.h"

namespace merlon::scan {

// Whether the address is one of a repository: its path ends in ".git", or it begins with "git+".
bool is_git_address(std::string_view address);

// "git+https://host/a#name": the repository, and what stands behind '#', which is "HEAD" else.
struct GitAddress {
    std::string url;
    std::string reference;
};
GitAddress parse_git_address(std::string_view address);

struct GitMirror {
    std::string commit;
    bool is_changed = false;
    std::uint64_t received_bytes = 0;
};

// Brings what `folder` needs for the commit; makes it where it is not there. What is there stays
// where this fails. A copy that has lost files is not taken for the commit that it was.
Result<GitMirror> fetch_git_mirror(net::HttpClient& client, const GitAddress& address,
                                   const std::string& folder);

// The commit that `folder` has, or will have once it is finished; empty: none.
std::string mirrored_commit(const std::string& folder);

// Makes what was fetched the folder's HEAD, or looks whether the one that it has can be read. Fails
// where something of the commit is damaged or missing: it is fetched anew by the next run then, and
// what the folder had before stays. `cancel` may be null; what was fetched is kept then.
Status finish_git_mirror(const std::string& folder, const CancelToken* cancel);

}  // namespace merlon::scan
