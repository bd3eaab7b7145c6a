#include "connect/git/shallow_advice.h"

namespace merlon::connect::git {

std::string shallow_advice(const std::string& checkout_advice) {
    const std::string every_forge =
        "'fetch-depth: 0' of actions/checkout (GitHub, Forgejo), 'GIT_DEPTH: 0' (GitLab), "
        "'fetchDepth: 0' (Azure DevOps)";
    return "fetch them with 'git fetch --unshallow', or check out with " +
           (checkout_advice.empty() ? every_forge : checkout_advice);
}

}  // namespace merlon::connect::git
