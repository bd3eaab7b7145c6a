#pragma once

// The secrets in a Terraform state or plan whose attributes have an ordinary name: `result` of a
// random_password, `value` of an azurerm_key_vault_secret.
//
// The idea: what an attribute means, the type of its resource says, which stands before it, in a
// state of version 3 and 4 ("type", "instances") and in what `terraform show -json` writes ("type",
// "values"; "change", "after") alike. So the tree is walked, and below an object with a known type
// the attributes that the table names for it are taken, in every instance. An expression over the
// text finds the first of them only.
//
// Thread-safe: no state. Cost: a search for the types that are known; the text is parsed as JSON
// where it has one, up to kMaxStateBytes.
// https://developer.hashicorp.com/terraform/internals/json-format

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"

namespace merlon::secrets {

inline constexpr std::size_t kMaxStateBytes = std::size_t{16} << 20;

struct StateValue {
    // Where the value stands, without quotes.
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::string plain;  // without JSON's escapes
};

// In the order of the text. Values of less than eight bytes are none.
std::vector<StateValue> terraform_state_values(std::string_view text,
                                               const CancelToken* cancel = nullptr);

}  // namespace merlon::secrets
