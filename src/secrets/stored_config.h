#pragma once

// A loaded configuration as bytes, for the file cache: reading TOML is half of a small scan's time.
//
// The idea: what load_config() made is written field by field, expressions as their text, and read
// back without TOML, extension or validation. The form is private to this file and has a version;
// a reader that meets anything else gives nothing, and the caller loads the text again.
//
// Thread-safe: no state. Cost: linear, and parsing each expression once.

#include <optional>
#include <string>
#include <string_view>

#include "secrets/config.h"

namespace merlon::secrets {

std::string store_config(const Config& config);

// The configuration that these bytes were made of; nullopt for other bytes.
std::optional<Config> restore_config(std::string_view bytes);

}  // namespace merlon::secrets
