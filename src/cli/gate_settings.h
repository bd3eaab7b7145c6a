#pragma once

// Whose settings a gate obeys: those of the branch that a change goes to, never the change's own.
//
// The idea: settings, people and policy files are read from the tree of the target's commit,
// through Git, so that a change which loosens its own gate changes nothing. Who stands outside of a
// repository, or knows better, names a file with --config; its neighbours are then read beside it.
//
// Not thread-safe. Cost: some objects of Git.

#include <memory>
#include <string>

#include "base/flags.h"
#include "base/result.h"
#include "cli/environment.h"
#include "connect/git/repository.h"
#include "gate/ready.h"

namespace merlon::cli {

struct GateSettings {
    std::shared_ptr<const connect::git::Repository> repository;  // null: outside of one
    std::string head = "HEAD";                                   // names of commits
    std::string target;                                          // empty: nobody says
    std::string target_name;                                     // as people say it: "main"
    std::string text;  // of the configuration; empty: there is none
    std::string from;  // where it was read: "origin/main:.merlon.yaml"; empty: nowhere
    gate::ReadPolicyFile read_file;
};

// Fails where nobody says which branch it goes to.
Result<GateSettings> find_gate_settings(const ParsedCommand& command,
                                        const Environment& environment);

// The repository of the current directory, where nothing stands for an object of it; null outside
// of one.
Result<std::shared_ptr<const connect::git::Repository>> repository_here(
    const Environment& environment);
// The branch that --target or a pipeline's variables name; empty: nobody says it.
std::string target_branch(const ParsedCommand& command, const Environment& environment);
// What the branch is called there: a pipeline has it as one of its remote only.
std::string branch_here(const connect::git::Repository& repository, const std::string& name);
// The files of the branch's commit. Fails where there is no such branch.
Result<gate::ReadPolicyFile> files_of_branch(
    std::shared_ptr<const connect::git::Repository> repository, const std::string& name);

// The first of `names` that is set.
std::string first_variable(const Environment& environment,
                           std::initializer_list<const char*> names);

}  // namespace merlon::cli
