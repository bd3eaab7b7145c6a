#pragma once

// What Go's linker writes of a build into each program (debug/buildinfo, runtime/debug).
//
// Views into the file. Thread-safe: immutable. Cost: linear in the file.

#include <optional>
#include <string_view>

#include "inventory/binary_image.h"

namespace merlon::inventory {

struct GoBuild {
    std::string_view version;  // "go1.22.1"
    std::string_view modules;  // lines of tabbed words: ParseBuildInfo

    // The import path of the program's own package; empty where it is not said.
    std::string_view main_path() const;
    // Of a "build" line: "GOOS", "CGO_ENABLED"; empty where there is none.
    std::string_view setting(std::string_view key) const;
};

std::optional<GoBuild> find_go_build(std::string_view file, const BinaryImage& image);

}  // namespace merlon::inventory
