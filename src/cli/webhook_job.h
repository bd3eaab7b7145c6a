#pragma once

// Delivers what one webhook has not heard yet, and where its key is found.
//
// The idea: in the order of the events, each noted before the next is sent, so that a worker that
// is killed sends one message twice at most. The first that is refused ends the job until its next
// attempt: a receiver sees events in their order.
//
// Not thread-safe. Cost: one request for each event.

#include <string>

#include "cli/environment.h"
#include "evidence/worker.h"

namespace merlon::cli {

// The key that "env:NAME" or "file:PATH" leads to. Fails where there is none, naming the place.
Result<std::string> webhook_key(const std::string& place, const Environment& environment);

evidence::JobEnd run_webhook_job(const evidence::JobContext& context,
                                 const Environment& environment);

}  // namespace merlon::cli
