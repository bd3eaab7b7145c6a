#pragma once

// What people write in place of an SPDX identifier: "Apache License, Version 2.0", "GPLv3", "New
// BSD".
//
// The idea: a name is brought to bare words (case, punctuation, "the", "license" and "version" say
// nothing), and a table of those says which identifier is meant. A name that means several licences
// ("BSD", "GPL", "Artistic") is in no table: it stays as it is, unknown, and is shown.
//
// Thread-safe: constant table. Cost: linear, and a look-up for each operand.

#include <optional>
#include <string>
#include <string_view>

namespace merlon::packages {

// The identifier that a name means; nothing where no table knows it, or it means several.
std::optional<std::string_view> license_of_name(std::string_view name);

// `stated` with each operand that is such a name replaced by its identifier. What is an expression
// of SPDX already, and what nobody knows, stays as it is.
std::string spdx_expression(std::string_view stated);

}  // namespace merlon::packages
