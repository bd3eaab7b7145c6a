#pragma once

// What a change is, from Git: its files, who wrote it, whether it touches what pipelines are made
// of.
//
// The idea: the commits that the head has and the target has not, and the files that differ from
// their merge base. What cannot be read makes the change unknown, with the reason: a gate that asks
// for its authors then does not know.
//
// Thread-safe: no state. Cost: a walk of both histories, and the trees that differ.

#include <string>

#include "connect/git/repository.h"
#include "gate/input.h"

namespace merlon::gate {

// Names of commits as Git takes them.
Change read_change(const connect::git::Repository& repository, const std::string& head,
                   const std::string& target);

// Whether pipelines are made of this file.
bool is_workflow(std::string_view path);

}  // namespace merlon::gate
