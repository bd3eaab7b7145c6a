#pragma once

// A JSON document, or one of JSON Lines, without the secrets that stand in it, for keeping.
//
// The idea: some members say that they are secrets ("Secret" in gitleaks' report). These are
// replaced in place, and so is each of them wherever else it stands in the document; every other
// byte stays (exchange/secret_masker.h).
//
// Thread-safe: no state. Cost: reads the document once, with its places.

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "exchange/secret_masker.h"
#include "value/value.h"

namespace merlon::exchange {

// Says to the masker what of a document is secret.
using FindSecrets = std::function<void(const value::Value& root, SecretMasker& masker)>;

// The texts of members of these names, wherever they stand.
void add_members(const value::Value& at, std::span<const std::string_view> names,
                 SecretMasker& masker);

// Of JSON Lines each record is a root. `masker` has what was found in it afterwards. Fails for what
// is not JSON, and once `cancel` is set, which may be null.
Result<std::string> masked_document(std::string_view bytes, const FindSecrets& find,
                                    SecretMasker& masker, const CancelToken* cancel = nullptr);

}  // namespace merlon::exchange
