#pragma once

// Whose a folder is, by Backstage's catalog-info.yaml (Descriptor Format of Catalog Entities).
//
// The idea: the first entity of the file that names an owner (spec.owner) speaks for the folder.
//
// Thread-safe: no state. Cost: one pass.

#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::exchange {

// "payments" for "group:default/payments"; empty where the file names nobody. Fails with line and
// column for what is not YAML.
Result<std::string> catalog_owner(std::string_view bytes);

}  // namespace merlon::exchange
