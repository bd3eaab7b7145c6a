#pragma once

// A feed that is a Git repository behind HTTP: one commit of it, kept as a bare repository beside
// the database, without its history.
//
// The idea: the server is asked which commit a name stands for; where that is the one that is here,
// nothing more is asked. Else what was added since that one is fetched, or, where nothing leads
// from there to the new one, the new one's trees and blobs alone. What is fetched is not looked
// into: that happens in finish_git_mirror(), when there is no network any more. Until then, and
// where the pack turns out to be damaged, the repository has the commit that it had.
//
// One process for a folder at a time. Memory: a packet; an index of the pack when it is finished.
// Source: gitprotocol-http, gitprotocol-v2.

#include <cstdint>
#include <string>
#include <string_view>

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

// Brings `folder` to the commit; makes it where it is not there. What is there stays where this
// fails.
Result<GitMirror> fetch_git_mirror(net::HttpClient& client, const GitAddress& address,
                                   const std::string& folder);

// The commit that `folder` has, or will have once it is finished; empty: none.
std::string mirrored_commit(const std::string& folder);

// Indexes what was fetched and makes it the folder's HEAD. Fails where the pack is damaged, which
// is removed then.
Status finish_git_mirror(const std::string& folder);

}  // namespace merlon::scan
