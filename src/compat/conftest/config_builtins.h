#pragma once

// The built-ins that conftest adds to Rego: parse_config, parse_config_file and
// parse_combined_config_files. Files are named from the folder of the policy that asks, and read
// by the Host (its kind "file").
//
// Facts of conftest 0.71.1. Thread-safe: constants.

#include <span>

#include "rego/compiler/declarations.h"

namespace merlon::compat::conftest {

std::span<const rego::compiler::ExtraBuiltin> config_builtins();

}  // namespace merlon::compat::conftest
