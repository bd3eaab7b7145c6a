#include "scan/ci_range.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/interner.h"
#include "text/json.h"

namespace merlon::scan {
namespace {

constexpr std::uint64_t kMaxEventBytes = std::uint64_t{64} << 20;

// A push of a new branch has no commit before it: all forges write zeros.
bool is_no_commit(std::string_view id) {
    return id.find_first_not_of('0') == std::string_view::npos;
}

// The forge's words go into a revision: they must be commits' ids and nothing else.
Result<std::vector<std::string>> range(const std::string& before, const std::string& after) {
    for (const std::string* id : {&before, &after}) {
        if (id->find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
            return Error{"--ci: the pipeline names '" + *id + "', which is no id of a commit"};
        }
    }
    if (is_no_commit(before)) return std::vector{after};
    return std::vector{before + ".." + after};
}

class CiReader {
  public:
    explicit CiReader(const EnvironmentLookup& variable) : variable_(variable) {}

    Result<CiRange> read() const {
        if (!value("FORGEJO_ACTIONS").empty()) return read_actions("Forgejo");
        if (!value("GITEA_ACTIONS").empty()) return read_actions("Gitea");
        if (!value("GITHUB_ACTIONS").empty()) return read_actions("GitHub");
        if (!value("GITLAB_CI").empty()) return read_gitlab();
        if (!value("TF_BUILD").empty()) return read_azure();
        return Error{
            "--ci: no pipeline of GitHub, GitLab, Azure DevOps or Forgejo is known by its "
            "variables (GITHUB_ACTIONS, GITLAB_CI, TF_BUILD, FORGEJO_ACTIONS); use --range "
            "A..B"};
    }

  private:
    std::string value(const char* name) const { return variable_(name).value_or(""); }

    Result<std::string> needed(const char* name) const {
        std::string found = value(name);
        if (found.empty()) return Error{std::string("--ci: the variable ") + name + " is not set"};
        // A revision, not an option or a range of its own.
        if (found.front() == '-' || found.find("..") != std::string::npos) {
            return Error{std::string("--ci: ") + name + " is '" + found + "', which is no commit"};
        }
        return found;
    }

    static std::string text_at(const value::Value& root,
                               std::initializer_list<std::string_view> names) {
        const value::Value* at = &root;
        for (const std::string_view name : names) {
            at = at->is_object() ? at->find(name) : nullptr;
            if (at == nullptr) return {};
        }
        return at->is_string() ? std::string(at->as_string()) : std::string();
    }

    Result<CiRange> read_actions(std::string forge) const {
        CiRange found{std::move(forge), {}, "'fetch-depth: 0' of actions/checkout"};
        const std::string path = MERLON_TRY(needed("GITHUB_EVENT_PATH"));
        const std::string event = MERLON_TRY(read_text_file(path, kMaxEventBytes));
        Arena arena;
        Interner interner;
        Result<value::ValueDocument> document = text::read_json(event, arena, interner);
        if (!document.ok()) return std::move(document).error().at(path, 0, 0);
        const value::Value& root = *document.value().root;
        const std::string base = text_at(root, {"pull_request", "base", "sha"});
        const std::string head = text_at(root, {"pull_request", "head", "sha"});
        const std::string queue_base = text_at(root, {"merge_group", "base_sha"});
        const std::string queue_head = text_at(root, {"merge_group", "head_sha"});
        const std::string before = text_at(root, {"before"});
        const std::string after = text_at(root, {"after"});
        if (!base.empty() && !head.empty()) {
            found.revisions = MERLON_TRY(range(base, head));
        } else if (!queue_base.empty() && !queue_head.empty()) {
            found.revisions = MERLON_TRY(range(queue_base, queue_head));
        } else if (!after.empty() && !is_no_commit(after)) {
            found.revisions = MERLON_TRY(range(before, after));
        } else {
            // By hand or by the clock: the whole of what was checked out.
            found.revisions = {MERLON_TRY(needed("GITHUB_SHA"))};
        }
        return found;
    }

    Result<CiRange> read_gitlab() const {
        CiRange found{"GitLab", {}, "the variable 'GIT_DEPTH: 0'"};
        const std::string after = MERLON_TRY(needed("CI_COMMIT_SHA"));
        const std::string base = value("CI_MERGE_REQUEST_DIFF_BASE_SHA");
        found.revisions =
            MERLON_TRY(range(base.empty() ? value("CI_COMMIT_BEFORE_SHA") : base, after));
        return found;
    }

    Result<CiRange> read_azure() const {
        CiRange found{"Azure DevOps", {}, "'fetchDepth: 0' of the checkout step"};
        if (value("SYSTEM_PULLREQUEST_TARGETBRANCH").empty()) {
            // Azure's own variables do not say what was there before a push; the pipeline can ask
            // its server and say so.
            const std::string after = MERLON_TRY(needed("BUILD_SOURCEVERSION"));
            const std::string before = value("MERLON_CI_BEFORE");
            found.revisions =
                before.empty() ? std::vector{after} : MERLON_TRY(range(before, after));
            return found;
        }
        std::string target = MERLON_TRY(needed("SYSTEM_PULLREQUEST_TARGETBRANCH"));
        constexpr std::string_view kHeads = "refs/heads/";
        if (target.starts_with(kHeads)) target.erase(0, kHeads.size());
        const std::string source =
            MERLON_TRY(needed(value("SYSTEM_PULLREQUEST_SOURCECOMMITID").empty()
                                  ? "BUILD_SOURCEVERSION"
                                  : "SYSTEM_PULLREQUEST_SOURCECOMMITID"));
        found.revisions = {"refs/remotes/origin/" + target + ".." + source};
        return found;
    }

    const EnvironmentLookup& variable_;
};

}  // namespace

Result<CiRange> ci_range(const EnvironmentLookup& variable) { return CiReader(variable).read(); }

}  // namespace merlon::scan
