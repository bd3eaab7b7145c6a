#pragma once

// How a shallow clone is mended, in the words of messages (git-fetch, --unshallow).
//
// Thread-safe: no state.

#include <string>

namespace merlon::connect::git {

// "fetch them with …, or check out with …". `checkout_advice`: the setting that mends it where this
// runs; empty: those of all forges.
std::string shallow_advice(const std::string& checkout_advice = {});

}  // namespace merlon::connect::git
