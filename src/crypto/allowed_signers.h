#pragma once

// OpenSSH's file of allowed signers (ssh-keygen(1), "ALLOWED SIGNERS"): who signs with which key.
//
// The idea: one line for each key: principals, options, key. What this reader does not take
// (certificate authorities, patterns among the principals, options that nobody knows) is a problem
// with its line and never a signer: a file that says more than was understood lets nobody in by it.
//
// Times without a Z are taken in UTC; ssh-keygen takes the zone of its machine.
//
// Thread-safe: no state. Cost: linear; bounded by kMaxSigners.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/ssh_key.h"

namespace merlon::crypto {

inline constexpr std::size_t kMaxSigners = 100'000;

struct AllowedSigner {
    std::vector<std::string> principals;
    std::vector<std::string> namespaces;  // empty: any
    std::int64_t valid_after_s = INT64_MIN;
    std::int64_t valid_before_s = INT64_MAX;
    SshKey key;
    std::uint32_t line = 0;

    bool holds(std::string_view name_space, std::int64_t at_s) const;
};

struct AllowedSigners {
    std::vector<AllowedSigner> signers;
    struct Problem {
        std::uint32_t line = 0;
        std::string message;
    };
    std::vector<Problem> problems;
};

AllowedSigners parse_allowed_signers(std::string_view text);

}  // namespace merlon::crypto
