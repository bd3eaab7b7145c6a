#pragma once

// The files that are tested: which they are, and what they hold.
//
// The idea: folders are walked in the order of their names, and a file belongs where a parser takes
// it by its name. A value that is an array is several configurations of one file.
//
// Facts of conftest 0.71.1; it goes through files in no order, here they are in that of their
// names. Not thread-safe. Cost: linear in the files.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "compat/conftest/values.h"
#include "compat/opa/run.h"

namespace merlon::compat::conftest {

// The files of the arguments; `ignored` is an expression for paths, or empty.
Result<std::vector<std::string>> list_files(std::span<const std::string> arguments,
                                            const std::string& ignored);

using Configurations = std::map<std::string, value::Value>;

// Reads the files; "-" is standard input. `parser` empty: by their names.
// `parser`: of all files; empty: by their names. `definition_folders` hold the .proto files that
// textprotos need.
struct Parsing {
    std::string parser = {};
    std::vector<std::string> definition_folders = {};
};
Result<Configurations> read_configurations(std::span<const std::string> files,
                                           const Parsing& parsing, const opa::Outside& outside,
                                           Reading& reading);

// [{"path": …, "contents": …}], one for each configuration.
value::Value combined(const Configurations& configurations, value::Builder& values);

}  // namespace merlon::compat::conftest
