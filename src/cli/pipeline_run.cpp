#include "cli/pipeline_run.h"

#include <string_view>
#include <utility>

namespace merlon::cli {
namespace {

class Variables {
  public:
    explicit Variables(const Environment& environment) : environment_(environment) {}
    std::string operator()(const char* name) const {
        return environment_.variable(name).value_or("");
    }
    bool has(const char* name) const { return !(*this)(name).empty(); }

  private:
    const Environment& environment_;
};

// docs.github.com, "Default environment variables".
PipelineRun of_github(const Variables& variables) {
    const std::string server = variables("GITHUB_SERVER_URL");
    const std::string repository = server + "/" + variables("GITHUB_REPOSITORY");
    PipelineRun made{.run = repository + "/actions/runs/" + variables("GITHUB_RUN_ID")};
    if (variables.has("GITHUB_RUN_ATTEMPT"))
        made.run += "/attempts/" + variables("GITHUB_RUN_ATTEMPT");
    // "acme/shop/.github/workflows/ci.yml@refs/heads/main"
    const std::string workflow = variables("GITHUB_WORKFLOW_REF");
    if (!workflow.empty()) made.pipeline = server + "/" + workflow.substr(0, workflow.find('@'));
    if (variables.has("GITHUB_ACTOR")) made.identity = server + "/" + variables("GITHUB_ACTOR");
    constexpr std::string_view kPull = "refs/pull/";
    if (std::string ref = variables("GITHUB_REF"); ref.starts_with(kPull)) {
        ref.erase(0, kPull.size());
        made.pull_request = repository + "/pull/" + ref.substr(0, ref.find('/'));
    }
    return made;
}

// docs.gitlab.com, "Predefined CI/CD variables reference".
PipelineRun of_gitlab(const Variables& variables) {
    PipelineRun made{.run = variables("CI_PIPELINE_URL")};
    const std::string file = variables("CI_CONFIG_PATH");
    if (variables.has("CI_PROJECT_URL"))
        made.pipeline =
            variables("CI_PROJECT_URL") + "/" + (file.empty() ? ".gitlab-ci.yml" : file);
    if (variables.has("GITLAB_USER_LOGIN"))
        made.identity = variables("CI_SERVER_URL") + "/" + variables("GITLAB_USER_LOGIN");
    if (variables.has("CI_MERGE_REQUEST_IID"))
        made.pull_request = variables("CI_MERGE_REQUEST_PROJECT_URL") + "/-/merge_requests/" +
                            variables("CI_MERGE_REQUEST_IID");
    return made;
}

// learn.microsoft.com, "Use predefined variables" of Azure Pipelines.
PipelineRun of_azure(const Variables& variables) {
    const std::string project =
        variables("SYSTEM_COLLECTIONURI") + variables("SYSTEM_TEAMPROJECT") + "/_build";
    PipelineRun made{.run = project + "/results?buildId=" + variables("BUILD_BUILDID")};
    if (variables.has("SYSTEM_DEFINITIONID"))
        made.pipeline = project + "?definitionId=" + variables("SYSTEM_DEFINITIONID");
    made.identity = variables("BUILD_REQUESTEDFOREMAIL");
    if (variables.has("SYSTEM_PULLREQUEST_PULLREQUESTID"))
        made.pull_request = variables("BUILD_REPOSITORY_URI") + "/pullrequest/" +
                            variables("SYSTEM_PULLREQUEST_PULLREQUESTID");
    return made;
}

}  // namespace

PipelineRun pipeline_run(const Environment& environment) {
    const Variables variables(environment);
    if (variables.has("GITHUB_RUN_ID") && variables.has("GITHUB_REPOSITORY"))
        return of_github(variables);
    if (variables.has("CI_PIPELINE_URL")) return of_gitlab(variables);
    if (variables.has("SYSTEM_COLLECTIONURI") && variables.has("BUILD_BUILDID"))
        return of_azure(variables);
    return {};
}

std::vector<exchange::Link> links_of_run(const PipelineRun& run,
                                         const std::vector<std::string>& commits) {
    std::vector<exchange::Link> links;
    const auto add = [&links](exchange::LinkEnd from, std::string_view relation,
                              exchange::LinkEnd to) {
        if (from.name.empty() || to.name.empty()) return;
        links.push_back({.from = std::move(from),
                         .relation = std::string(relation),
                         .to = std::move(to),
                         .confidence = exchange::Confidence::kTold,
                         .collector = "the pipeline's environment"});
    };
    const exchange::LinkEnd here{"run", run.run};
    add({"pipeline", run.pipeline}, "ran as", here);
    add({"identity", run.identity}, "started", here);
    for (const std::string& commit : commits) {
        const exchange::LinkEnd of{"commit", commit};
        add(of, "analysed in", here);
        add(of, "proposed in", {"pull request", run.pull_request});
    }
    return links;
}

}  // namespace merlon::cli
