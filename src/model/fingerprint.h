#pragma once

// Identity of findings across time, and what of a secret may be shown.
//
// The idea: what leaves the machine hashes the rule and the line with the secret masked, so it
// stays the same when lines shift, are indented anew or the file is renamed, and tells nobody the
// secret. What stands in the repository (baseline, ignore entries) is an HMAC of the secret's
// content.
//
// Thread-safe: no state. Cost: one SHA-256 of a line or two.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/finding.h"

namespace merlon::model {

inline constexpr std::string_view kContextAlgorithm = "merlon/context/v1";
inline constexpr std::string_view kLineHashAlgorithm = "primaryLocationLineHash";
// secret_id() below; among the signature versions of a report "+" and the key's number follow it.
inline constexpr std::string_view kSecretIdAlgorithm = "merlon/secret-id/v1";

// SHA-256 over the rule and the masked lines around the secret, white space folded; `occurrence`
// counts equal contexts in one file, from 0.
Fingerprint context_fingerprint(std::string_view rule_id, std::string_view masked_context,
                                std::uint32_t occurrence);

// The hash that GitHub's upload computes for a line, so that its alerts and ours stay the same:
// 64-bit, base 37, over the first 100 characters (UTF-16 code units) from the line's start on into
// the lines below; spaces and tabs left out, CR and CR LF as LF, 0xFFFF where the text ends, zeros
// behind it. In hexadecimal, then ":" and the occurrence from 1. `text` is the file from that
// line's first byte on, secret masked: enough of it to hold 100 characters, or all.
// In two steps, for those who count the occurrences: the number, then number and occurrence.
std::uint64_t line_hash_value(std::string_view text);
std::string line_hash(std::uint64_t value, std::uint32_t occurrence);
std::string line_hash(std::string_view text, std::uint32_t occurrence);

// What a report shows of a secret: nothing of one below 16 characters, else its first characters,
// at most four and never more than a fifth of it; then stars that do not tell its length.
std::string mask_secret(std::string_view secret);

// Hex of HMAC-SHA256(key, "secret\0" + content): equal contents have equal ids under one key.
std::string secret_id(std::string_view key, std::string_view secret);
// Which key: "merlon/secret-id/v1+" and 16 hexadecimal digits, which say nothing else of it.
std::string secret_key_name(std::string_view key);
// Whether it may be one: 64 lower-case hexadecimal digits. The error says so.
Status check_secret_id(std::string_view id);

}  // namespace merlon::model
