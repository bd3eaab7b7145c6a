#pragma once

// How long the answers of servers are kept for other evaluations, and how one that is no longer
// fresh is asked about (RFC 9111, sections 4.2 and 4.3).
//
// Standard: OPA 1.22.2, which knows max-age from Date on, Expires and no-store. Thread-safe: no
// state. Cost: linear in the fields.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/response_parser.h"

namespace merlon::compat::opa {

// Whether an answer with this status and these fields may be kept at all.
bool may_be_kept(int status, std::span<const net::HeaderField> fields);
// Until when it is fresh, in nanoseconds since 1970; in the past where it says nothing of that.
Result<std::int64_t> fresh_until(std::span<const net::HeaderField> fields);
// What to ask with whether it is still the answer; nothing where the server gave no mark of it.
std::vector<net::HeaderField> conditions_for(std::span<const net::HeaderField> fields);
// The fields of an answer that a 304 with `newer` has confirmed.
std::vector<net::HeaderField> renewed(std::span<const net::HeaderField> fields,
                                      std::span<const net::HeaderField> newer);

}  // namespace merlon::compat::opa
