#include "cli/branch_name.h"

#include <optional>
#include <vector>

#include "cli/staged_plan.h"
#include "connect/files/files.h"
#include "connect/git/open_changes.h"
#include "connect/git/remote.h"
#include "connect/git/revision_names.h"
#include "evidence/import.h"

namespace merlon::cli {
namespace {

namespace git = connect::git;

constexpr std::string_view kReferences = "refs/";
constexpr std::string_view kHeads = "heads/";
constexpr std::string_view kRemotes = "remotes/";
constexpr std::string_view kUsualRemote = "origin";  // as clone calls it

std::string head_of(std::string_view branch) { return "refs/heads/" + std::string(branch); }

// The branch of which `local`, as "refs/remotes/origin/main", is what is known of a remote's. The
// name of a remote may have a '/', and so may a branch's.
std::string branch_tracked_as(const git::RemoteSetup& remote, std::string_view local) {
    for (std::size_t at = local.find('/'); at != local.npos; at = local.find('/', at + 1)) {
        std::string branch = head_of(local.substr(at + 1));
        if (git::tracking_name(remote, branch) == local) return branch;
    }
    return {};
}

class Namer {
  public:
    Namer(const Environment& environment, const BranchPlace& place) : place_(place) {
        if (connect::repository_root(place.folder).empty()) return;
        const git::Variables variables = git_variables(environment);
        Result<git::Repository> opened = git::open_with_variables(place.folder, variables);
        if (!opened.ok()) return;
        auto remotes = git::configured_remotes(opened.value(), variables);
        if (!remotes.ok()) return;
        repository_ = std::move(opened).value();
        remotes_ = std::move(remotes).value();
    }

    // Of "origin/main", in full or not: the remote's branch. Without Git the usual remote's.
    std::string branch_of(std::string_view tracked) const {
        if (repository_) {
            const std::string local = "refs/remotes/" + std::string(tracked);
            for (const git::RemoteSetup& remote : remotes_)
                if (std::string branch = branch_tracked_as(remote, local);
                    !branch.empty() && is_own(remote))
                    return branch;
            return {};
        }
        const std::size_t slash = tracked.find('/');
        if (slash == tracked.npos || tracked.substr(0, slash) != kUsualRemote) return {};
        return head_of(tracked.substr(slash + 1));
    }

    // Whether Git has the branch, here or as its remote has it, at the commit that is looked at.
    bool is_looked_at(const std::string& branch) const {
        if (!repository_) return false;
        const auto looked_at = git::resolve_commit(
            *repository_, place_.commit.empty() ? std::string_view("HEAD") : place_.commit);
        if (!looked_at.ok()) return false;
        std::vector<std::string> names{branch};
        for (const git::RemoteSetup& remote : remotes_)
            if (is_own(remote)) names.push_back(git::tracking_name(remote, branch));
        for (const std::string& name : names) {
            const auto found = repository_->references().find(name);
            if (!name.empty() && found && found->id == looked_at.value()) return true;
        }
        return false;
    }

  private:
    // Whether the repository comes from there.
    bool is_own(const git::RemoteSetup& remote) const {
        const auto own = git::remote_address(*repository_);
        if (own.ok() && own.value() && *own.value() == remote.address) return true;
        return !place_.repository.empty() && evidence::repository_name(remote.address) ==
                                                 evidence::repository_name(place_.repository);
    }

    const BranchPlace& place_;
    std::optional<git::Repository> repository_;
    std::vector<git::RemoteSetup> remotes_;
};

}  // namespace

BranchName branch_name(const Environment& environment, const BranchPlace& place,
                       std::string_view given) {
    std::string_view name = given;
    const bool is_full = name.starts_with(kReferences);
    if (is_full) name.remove_prefix(kReferences.size());
    const bool is_head = name.starts_with(kHeads), is_tracked = name.starts_with(kRemotes);
    // Of full names, only those of remotes have another one that is theirs.
    if (!name.contains('/') || (is_full && !is_tracked)) return {std::string(given), {}};
    const Namer namer(environment, place);
    if (is_head) name.remove_prefix(kHeads.size());
    if (is_tracked) name.remove_prefix(kRemotes.size());
    std::string branch = is_head ? head_of(name) : namer.branch_of(name);
    const bool is_sure = !branch.empty() && (is_full || namer.is_looked_at(branch));
    if (is_sure) return {std::move(branch), {}};
    return {std::string(given), std::move(branch)};
}

}  // namespace merlon::cli
