#pragma once

// Dockerfiles (docs.docker.com/reference/dockerfile) to a list of instructions.
//
// The idea: lines are joined first (continuations, comments between them, heredocs), then each
// instruction is taken apart as its kind wants: a JSON array, words, or name and value in turn.
// What each instruction needs (arguments, flags) is checked as BuildKit does, so that a file that
// cannot be built is an error here.
//
// Not read: the options inside of RUN --mount=…; names that shells expand.
//
// Thread-safe: no shared state. Cost: one pass. Bounds: a line has at most kMaxLineBytes, as in
// BuildKit.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::text {

struct DockerInstruction {
    std::string command;             // in lower case
    std::string word;                // the command as it was written
    std::string sub_command;         // of ONBUILD, as it was written
    bool is_json = false;            // its arguments are a JSON array
    bool has_flags = false;          // something follows the command, be it no flag
    std::vector<std::string> flags;  // "--from=x"
    // ENV and LABEL: name, value, and "=" (or nothing, in the old form) in turn.
    std::vector<std::string> arguments;
    std::vector<std::string> comments;  // of the lines before it
    std::uint32_t stage = 0;
    std::uint32_t begin_line = 0;  // 1-based
    std::uint32_t end_line = 0;
};

inline constexpr std::size_t kMaxDockerLineBytes = 65'535;

// Fails with the line and what is wrong there, in BuildKit's words.
Result<std::vector<DockerInstruction>> read_dockerfile(std::string_view bytes);

}  // namespace merlon::text
