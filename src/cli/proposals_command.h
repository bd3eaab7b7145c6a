#pragma once

// `merlon findings proposals|approve|refuse` and `merlon store second-person`: decisions about
// findings that want two people (evidence/second_person.h).
//
// Not thread-safe. Cost: a few statements.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_findings_proposals(const ParsedCommand& command, const Environment& environment);
int run_findings_approve(const ParsedCommand& command, const Environment& environment);
int run_findings_refuse(const ParsedCommand& command, const Environment& environment);
int run_store_second_person(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
