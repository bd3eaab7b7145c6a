#pragma once

// A loaded configuration as bytes, for the file cache: reading TOML and compiling expressions is
// most of a small scan's time.
//
// The idea: what load_config() made is written field by field and read back without TOML, extension
// or validation. Behind the fields stand blocks, which are used where they lie: the program of each
// expression, the stopwords of each list, and the set of all expressions; nothing is parsed or
// compiled. The form is private to this file and has a version; a reader that meets anything else
// gives nothing, and the caller loads the text again.
//
// Thread-safe: no state. Cost of restoring: linear in the fields; programs are looked at when they
// are first needed.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "secrets/config.h"

namespace merlon::secrets {

// Compiles every expression; `config.patterns` is stored too where it is there.
std::string store_config(const Config& config);

// The configuration that these bytes were made of; nullopt for other bytes. It uses them where they
// lie, and keeps `owner`, which keeps them.
std::optional<Config> restore_config(std::string_view bytes, std::shared_ptr<const void> owner);

// The fields alone, the same for equal configurations: what a digest is made of.
std::string describe_config(const Config& config);

}  // namespace merlon::secrets
