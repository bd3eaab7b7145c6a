#include "scan/ci_range.h"

#include <fmt/core.h>

#include <utility>

#include "base/arena.h"
#include "base/file.h"
#include "base/interner.h"
#include "text/json.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

constexpr std::uint64_t kMaxEventBytes = std::uint64_t{64} << 20;

// A push of a new branch has no commit before it: all forges write zeros.
bool is_no_commit(std::string_view id) {
    return id.find_first_not_of('0') == std::string_view::npos;
}

// The forge's words go into a revision: they must be commits' ids and nothing else.
Status check_ids(const CiRange::Push& push) {
    for (const std::string* id : {&push.before, &push.after}) {
        if (id->find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
            return Error{"--ci: the pipeline names '" + *id + "', which is no id of a commit"};
        }
    }
    return {};
}

// "main" of "refs/heads/main"; nothing of a tag.
std::string branch_of(std::string_view reference) {
    constexpr std::string_view kHeads = "refs/heads/";
    if (reference.starts_with(kHeads)) return std::string(reference.substr(kHeads.size()));
    return reference.starts_with("refs/") ? std::string() : std::string(reference);
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

    static Result<CiRange> of_push(CiRange found, CiRange::Push push) {
        MERLON_TRY(check_ids(push));
        if (is_no_commit(push.before)) push.before.clear();
        found.push = std::move(push);
        return found;
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
            return of_push(std::move(found),
                           {base, head, text_at(root, {"pull_request", "base", "ref"}), {}});
        }
        if (!queue_base.empty() && !queue_head.empty()) {
            const std::string target = text_at(root, {"merge_group", "base_ref"});
            return of_push(std::move(found), {queue_base, queue_head, branch_of(target), {}});
        }
        if (!before.empty() && !after.empty() && !is_no_commit(after)) {
            return of_push(std::move(found),
                           {before, after, text_at(root, {"repository", "default_branch"}),
                            branch_of(text_at(root, {"ref"}))});
        }
        // By hand or by the clock: the whole of what was checked out.
        if (!after.empty() && !is_no_commit(after)) {
            MERLON_TRY(check_ids({{}, after, {}, {}}));
            found.revisions = {after};
        } else {
            found.revisions = {MERLON_TRY(needed("GITHUB_SHA"))};
        }
        return found;
    }

    Result<CiRange> read_gitlab() const {
        CiRange found{"GitLab", {}, "the variable 'GIT_DEPTH: 0'"};
        const std::string after = MERLON_TRY(needed("CI_COMMIT_SHA"));
        if (const std::string base = value("CI_MERGE_REQUEST_DIFF_BASE_SHA"); !base.empty()) {
            return of_push(std::move(found),
                           {base, after, value("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"), {}});
        }
        const std::string before = value("CI_COMMIT_BEFORE_SHA");
        // By the clock and by hand it names no commit either.
        if (is_no_commit(before) && value("CI_PIPELINE_SOURCE") != "push") {
            MERLON_TRY(check_ids({before, after, {}, {}}));
            found.revisions = {after};
            return found;
        }
        return of_push(std::move(found),
                       {before, after, value("CI_DEFAULT_BRANCH"), value("CI_COMMIT_BRANCH")});
    }

    Result<CiRange> read_azure() const {
        CiRange found{"Azure DevOps", {}, "'fetchDepth: 0' of the checkout step"};
        if (value("SYSTEM_PULLREQUEST_TARGETBRANCH").empty()) {
            // Azure's own variables do not say what was there before a push; the pipeline can ask
            // its server and say so.
            const std::string after = MERLON_TRY(needed("BUILD_SOURCEVERSION"));
            const std::string before = value("MERLON_CI_BEFORE");
            if (!before.empty()) {
                return of_push(std::move(found),
                               {before, after, {}, branch_of(value("BUILD_SOURCEBRANCH"))});
            }
            found.revisions = {after};
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

namespace {

constexpr std::string_view kRemote = "refs/remotes/origin/";

// The main branch as the clone knows it; nothing where it does not, or where it is what was pushed.
std::optional<std::string> main_reference(const git::Repository& repository,
                                          const CiRange::Push& push) {
    std::string name = std::string(kRemote) + push.main_branch;
    if (push.main_branch.empty()) {
        const auto head = repository.references().find(std::string(kRemote) + "HEAD");
        if (!head || head->target.empty()) return std::nullopt;
        name = head->target;
    }
    if (name == std::string(kRemote) + push.branch || !repository.references().find(name)) {
        return std::nullopt;
    }
    return name;
}

}  // namespace

std::vector<std::string> revisions_in(const git::Repository& repository, const CiRange& range,
                                      std::vector<std::string>& notices) {
    if (!range.push) return range.revisions;
    const CiRange::Push& push = *range.push;
    const auto before = git::ObjectId::parse(push.before);
    if (!push.before.empty() &&
        (!before || !repository.shallow().empty() || repository.objects().contains(*before))) {
        return {push.before + ".." + push.after};
    }
    const std::string why =
        push.before.empty()
            ? std::string("there was no commit before this push")
            : fmt::format(
                  "{}, from which the pipeline would have it looked at, is not in this "
                  "clone, as after a forced push",
                  push.before);
    const std::optional<std::string> main = main_reference(repository, push);
    notices.push_back(fmt::format(
        "{}: looked at is {} {}", why,
        main ? "what " + *main + " has not of" : std::string("everything that leads to"),
        push.after));
    if (!main) return {push.after};
    return {push.after, "^" + *main};
}

}  // namespace merlon::scan
