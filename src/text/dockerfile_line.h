#pragma once

// One instruction of a Dockerfile, its lines joined. A part of dockerfile.h.
//
// Thread-safe: no state. Cost: linear.

#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/dockerfile.h"

namespace merlon::text {

inline constexpr std::string_view kDockerSpaces = " \t\n\v\f\r";
std::string_view trim_docker_start(std::string_view text);
std::string_view trim_docker(std::string_view text);

// `escape` is '\' or '`'.
Result<DockerInstruction> read_docker_line(std::string_view line, char escape);

// Whether BuildKit would take it: arguments and flags.
Status check_docker_instruction(const DockerInstruction& instruction);

// The names of the heredocs that the line opens, in order.
struct DockerHeredoc {
    std::string name;
    bool ignores_tabs = false;  // "<<-"
};
std::vector<DockerHeredoc> docker_heredocs(const DockerInstruction& instruction,
                                           std::string_view line);

}  // namespace merlon::text
