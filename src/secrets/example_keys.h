#pragma once

// Texts with the structure of a private key and numbers of chance inside: examples that a check of
// the structure takes for whole. None of them is a key.
//
// Thread-safe: no state.

#include <optional>
#include <string>
#include <string_view>

#include "secrets/example_random.h"

namespace merlon::secrets {

// A PEM text of that kind ("rsa", "dsa", "ec", "pkcs8", "encrypted", "openssh", "pgp", "ssh2"), its
// lines ended by line feeds; nullopt for another kind.
std::optional<std::string> example_pem(std::string_view kind, ExampleRandom& random);

// The same, with the second half of what it holds cut off.
std::optional<std::string> example_cut_pem(std::string_view kind, ExampleRandom& random);

// PuTTY's own format, version 3, not encrypted.
std::string example_putty_key(ExampleRandom& random);

}  // namespace merlon::secrets
