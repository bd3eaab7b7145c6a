#pragma once

// A loaded configuration as bytes, for the file cache: reading TOML and compiling expressions is
// most of a small scan's time.
//
// The idea: what load_config() made is written field by field and read back without TOML, extension
// or validation. Behind the fields stand blocks: the program of each expression, the stopwords of
// each list, and the set of all expressions; nothing is parsed or compiled, and programs stay where
// they are until they are needed. The form is private to this file and has a version; a reader that
// meets anything else gives nothing, and the caller loads the text again. Examples are left out:
// only a test of the rules asks for them, and it reads the text.
//
// Thread-safe: no state. Cost of restoring: linear in the fields.

#include <optional>
#include <string>

#include "base/block_source.h"
#include "secrets/config.h"

namespace merlon::secrets {

// Compiles every expression; `config.patterns` is stored too where it is there.
std::string store_config(const Config& config);

// The configuration that these bytes were made of; nullopt for other bytes.
std::optional<Config> restore_config(const StoredBlock& stored);

// Of the fields alone, the same for configurations that find the same.
std::string digest_of(const Config& config);

}  // namespace merlon::secrets
