#pragma once

// Whether a match can be a secret at all, by its own letters: what people call a false alarm is
// mostly a word, an identifier, or a placeholder.
//
// The idea: count the bits that nobody can guess. Letters that form words, or run on as English
// does, hold few; repeated and ascending characters hold none; a character in a random key holds
// four to six. A rule says in [rules.merlon] how its secrets look:
//
//   precision = "format"    the provider's own format; only placeholders and counting
//                           (1234567890) are doubted; the default
//   precision = "random"    made by a machine: below kMinRandomBits it is no key
//   precision = "password"  chosen by a person: words alone and placeholders are doubted
//
// Measured on labelled data: docs/rules-secrets.md has method and figures.
// Thread-safe: no state. Cost: a few hashes for each letter of a match.

#include <cstdint>
#include <optional>
#include <string_view>

namespace merlon::secrets {

enum class Precision : std::uint8_t { kFormat, kRandom, kPassword };

// Why a match is no secret.
enum class Doubt : std::uint8_t { kNone, kPlaceholder, kWords };

inline constexpr double kMinRandomBits = 32;

// "format", "random", "password"; nothing else is one.
std::optional<Precision> parse_precision(std::string_view name);

// The bits of `text` that no word, no sequence and no repetition explains.
double unguessable_bits(std::string_view text);

// `secret`: at least one byte. It is data, not a template: quotes and prefixes are not part of it.
Doubt doubt_secret(Precision precision, std::string_view secret);

// Whether a path looks like tests, samples or documents: a finding there is less sure.
bool is_test_like(std::string_view path);

}  // namespace merlon::secrets
