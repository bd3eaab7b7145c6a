#pragma once

// Offline checks: what a token's own format says about whether it can be real.
//
// The idea: some providers put a checksum or a structure into their tokens so that a scanner needs
// no network. A valid one makes a finding sure, an invalid one makes it doubtful; nothing is
// dropped, since a format may change. A rule names its check in [rules.merlon].
//
//   github-crc32       the last 6 characters are the CRC-32, in base 62, of those behind the prefix
//   npm-crc32          the same, as npm publishes it
//   azure-storage-key  64 bytes in base64 (Azure Storage, "Authorize with Shared Key")
//   jwt                a JSON header with an algorithm, a JSON object as payload (RFC 7519,
//   section 7.2)
//
// Thread-safe: no state. Cost: linear in the secret.

#include <cstdint>
#include <string>
#include <string_view>

namespace merlon::secrets {

enum class CheckVerdict : std::uint8_t { kUnknown, kValid, kInvalid };

struct CheckResult {
    CheckVerdict verdict = CheckVerdict::kUnknown;
    std::string remark;  // for a person; empty: nothing to add
};

// kUnknown for a check that this version does not have.
CheckResult check_secret(std::string_view check, std::string_view secret);

}  // namespace merlon::secrets
