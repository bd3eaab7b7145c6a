#include "cli/store_rematch_command.h"

#include <fmt/core.h>

#include "cli/database_store.h"
#include "cli/evidence_store.h"
#include "cli/outputs.h"
#include "cli/rematch.h"
#include "evidence/jobs.h"

namespace merlon::cli {
namespace {

Result<std::string> queue(evidence::Database& database, const Environment& environment) {
    evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(database));
    // One that waits will do: it takes the advisories that there are when it runs.
    const std::int64_t job =
        MERLON_TRY(evidence::enqueue(database,
                                     {.kind = std::string(kRematchKind),
                                      .key = std::string(kRematchKind),
                                      .if_one_waits = evidence::NewJob::Rival::kKeep,
                                      .author = actor_of(environment)},
                                     environment.clock->now()));
    MERLON_TRY(transaction.commit());
    return fmt::format("job {}\n", job);
}

Result<std::string> rematch(const ParsedCommand& command, const Environment& environment) {
    if (command.is_set("queue")) {
        evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
        return queue(store.database(), environment);
    }
    const std::string path = database_path(command, environment);
    if (path.empty()) return Error{"which advisories? Name the database with --database"};
    evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
    const Rematch done =
        MERLON_TRY(rematch_bills(store.database(), {.advisories = path,
                                                    .actor = actor_of(environment),
                                                    .clock = environment.clock,
                                                    .cancel = environment.cancel}));
    return done.lines;
}

}  // namespace

int run_store_rematch(const ParsedCommand& command, const Environment& environment) {
    const Result<std::string> done = rematch(command, environment);
    return done.ok() ? print(environment, done.value())
                     : fail(environment, done.error().to_string());
}

}  // namespace merlon::cli
