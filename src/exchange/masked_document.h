#pragma once

// A JSON document without the secrets that stand in it, for keeping.
//
// The idea: what some members are called says that they hold secrets ("Secret" in gitleaks'
// report). Their texts are replaced in place, and every other byte stays; the mask is made of the
// secret's keyed hash, so that another secret makes another document.
//
// Thread-safe: no state. Cost: reads the document once, with its places.

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::exchange {

// `members` are names, wherever they stand. Fails for what is not JSON.
Result<std::string> masked_document(std::string_view bytes,
                                    std::span<const std::string_view> members,
                                    std::string_view secret_key);

}  // namespace merlon::exchange
