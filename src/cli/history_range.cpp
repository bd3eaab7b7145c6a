#include "cli/history_range.h"

#include <utility>

namespace merlon::cli {
namespace {

Result<HistoryRange> commits_between(const std::string& range) {
    if (range.find("..") == std::string::npos || range.front() == '-') {
        return Error{"--range '" + range + "': expected A..B"};
    }
    return HistoryRange{{range}, "--range '" + range + "'"};
}

Result<HistoryRange> commits_of_pipeline(const EnvironmentLookup& variable) {
    scan::CiRange found = MERLON_TRY(scan::ci_range(variable));
    std::string source = "--ci (" + found.forge + ")";
    return HistoryRange{{}, std::move(source), std::move(found)};
}

Result<HistoryRange> commits_since(const std::string& since, const std::string& branch) {
    for (const std::string* name : {&since, &branch}) {
        if (name->starts_with("-") || name->find("..") != std::string::npos) {
            return Error{"'" + *name + "' is no name of a commit"};
        }
    }
    HistoryRange range;
    range.revisions = {branch.empty() ? "HEAD" : branch};
    if (!since.empty()) {
        range.revisions.push_back("^" + since);
        range.source = "--since-commit '" + since + "'";
    }
    if (!branch.empty()) {
        range.source += (since.empty() ? "" : " ") + ("--branch '" + branch + "'");
    }
    return range;
}

}  // namespace

Result<HistoryRange> read_history_range(const ParsedCommand& command,
                                        const std::vector<std::string>& arguments,
                                        const EnvironmentLookup& variable) {
    const std::string& range = command.text("range");
    const std::string& since = command.text("since-commit");
    const std::string& branch = command.text("branch");
    const bool has_parts = !since.empty() || !branch.empty();
    const int ways = (range.empty() ? 0 : 1) + (has_parts ? 1 : 0) + (command.is_set("ci") ? 1 : 0);
    if (!command.is_set("history")) {
        if (ways == 0) return HistoryRange{};
        return Error{"--range, --since-commit, --branch and --ci need --history"};
    }
    if (arguments.size() > 1 || arguments[0] == "-") {
        return Error{"--history takes one repository, not " +
                     (arguments[0] == "-" ? std::string("standard input")
                                          : std::to_string(arguments.size()))};
    }
    if (ways > 1) {
        return Error{
            "--range, --ci, and --since-commit with --branch each name the commits; "
            "use one of them"};
    }
    if (command.is_set("ci")) return commits_of_pipeline(variable);
    if (!range.empty()) return commits_between(range);
    if (has_parts) return commits_since(since, branch);
    return HistoryRange{};
}

}  // namespace merlon::cli
