#pragma once

// In which run of which pipeline this program runs, from what CI systems put into the environment.
//
// The idea: a run is named by its address, as provenance names it, so that both are one node of the
// graph (evidence/graph.h). GitHub Actions, GitLab CI and Azure Pipelines; elsewhere there is none.
//
// Thread-safe: no state. Cost: some look-ups of variables.

#include <string>
#include <vector>

#include "cli/environment.h"
#include "exchange/link.h"

namespace merlon::cli {

struct PipelineRun {
    std::string run = {};       // its address; empty: this is no pipeline, or none that we know
    std::string pipeline = {};  // the address of its definition
    std::string identity = {};  // who started it
    std::string pull_request = {};
};
PipelineRun pipeline_run(const Environment& environment);

// What the run tells of these commits, which it has analysed.
std::vector<exchange::Link> links_of_run(const PipelineRun& run,
                                         const std::vector<std::string>& commits);

}  // namespace merlon::cli
