#pragma once

// What commands say of arguments that could not be loaded.
//
// Thread-safe: no state.

#include <string>
#include <vector>

#include "compat/opa/shown_error.h"

namespace merlon::compat::opa {

// Of bundles the first that is wrong, or that their roots overlap; of files all. There is at least
// one error.
ShownError load_failure(const std::vector<ShownError>& errors);

}  // namespace merlon::compat::opa
