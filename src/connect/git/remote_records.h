#pragma once

// What `merlon/remotes.json` holds (remote_memory.h): for each remote the address that it is
// fetched from, and the addresses for which its references are trusted, each with the tips that are
// not.
//
// Thread-safe: no state. Cost: one pass.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connect/git/object_id.h"

namespace merlon::connect::git {

struct RemoteRecord {
    struct Address {
        std::string address;
        std::vector<ObjectId> foreign = {};  // tips that came from elsewhere, sorted
        // What the last fetch had left when the remote contradicted its references here; empty: it
        // did not.
        std::string contradicted_after = {};
        bool operator==(const Address&) const = default;
    };
    std::string name;
    std::string fetched_from;
    std::vector<Address> addresses;
    bool operator==(const RemoteRecord&) const = default;
};

Result<std::vector<RemoteRecord>> parse_remote_records(std::string_view text);
// Texts that are no UTF-8 cannot be kept.
std::string print_remote_records(std::span<const RemoteRecord> remotes);

}  // namespace merlon::connect::git
