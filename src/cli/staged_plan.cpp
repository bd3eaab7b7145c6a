#include "cli/staged_plan.h"

#include "connect/files/files.h"
#include "scan/changes_scan.h"

namespace merlon::cli {

namespace git = connect::git;

ScanPlan staged_plan(const ParsedCommand& command, const Environment& environment) {
    ScanPlan plan;
    plan.scope = command.arguments;
    if (plan.scope.empty()) plan.scope = {"."};
    const std::string place = plan.scope.front();
    const std::string root = connect::repository_root(place);
    plan.home = root.empty() ? place : root;
    plan.scan = [place, &command, &environment, count = plan.scope.size()](
                    const scan::SecretsScan& request) -> Result<model::Report> {
        if (count > 1) {
            return Error{
                "--staged looks at one repository; name one, or none for the current "
                "directory's"};
        }
        const git::Variables variables = git_variables(environment);
        const git::Repository repository =
            MERLON_TRY(git::open_with_variables(place, variables, repository_options(command)));
        const git::OpenChanges open = MERLON_TRY(
            git::read_open_changes(repository, git::ChangeSide::kStaged, place, variables));
        scan::Changes changes = scan::changes_of(open);
        for (model::Gap& gap : repository.gaps()) changes.gaps.push_back(std::move(gap));
        return scan::scan_changes(request, changes);
    };
    return plan;
}

git::OpenOptions repository_options(const ParsedCommand& command) {
    git::OpenOptions options;
    // What is committed and pushed are the true objects, whatever stands for them here.
    options.replacements = git::OpenOptions::Replacements::kDisregard;
    if (command.is_set("trust-repository")) {
        options.ownership = git::OpenOptions::Ownership::kTrust;
    }
    return options;
}

git::Variables git_variables(const Environment& environment) {
    return
        [&environment](std::string_view name) { return environment.variable(std::string(name)); };
}

}  // namespace merlon::cli
