#include "gate/change.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "base/ascii.h"
#include "connect/git/commit.h"
#include "connect/git/merge_base.h"
#include "connect/git/open_changes.h"
#include "connect/git/revision_names.h"
#include "connect/git/revision_walk.h"
#include "connect/git/tree_diff.h"
#include "text/glob.h"
#include "text/utf8.h"

namespace merlon::gate {
namespace {

namespace git = connect::git;

// Of the forges and CI systems that people use.
constexpr std::array<std::string_view, 9> kWorkflows = {
    ".github/workflows/**", ".github/actions/**",    ".gitlab-ci.yml",
    "azure-pipelines*.yml", ".azure-pipelines/**",   "Jenkinsfile",
    ".circleci/**",         ".forgejo/workflows/**", ".gitea/workflows/**"};

std::string_view kind_of(const git::FileChange& change) {
    if (!change.before.exists()) return "added";
    return change.after.exists() ? "modified" : "deleted";
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

Status add_namesakes(const git::Repository& repository, const git::ObjectId& before,
                     const git::TreeDiff& diff, Change& change) {
    std::set<std::string_view> paths, names;
    for (const git::FileChange& one : diff.changes) {
        if (!one.before.exists()) continue;
        paths.insert(one.path);
        names.insert(last_part(one.path));
    }
    if (names.empty()) return {};
    const git::TreeDiff all = git::diff_trees(repository.objects(), std::nullopt, before);
    if (!all.problems.empty()) return Error{all.problems.front().message};
    for (const git::FileChange& one : all.changes)
        if (names.contains(last_part(one.path)) && !paths.contains(one.path))
            change.namesakes.push_back(text::to_printable(one.path));
    return {};
}

Status add_files(const git::Repository& repository, const std::optional<git::ObjectId>& base,
                 const git::ObjectId& head, Change& change) {
    std::optional<git::ObjectId> before;
    if (base) before = MERLON_TRY(git::tree_of(repository, *base));
    const git::ObjectId after = MERLON_TRY(git::tree_of(repository, head));
    const git::TreeDiff diff = git::diff_trees(repository.objects(), before, after);
    if (!diff.problems.empty()) return Error{diff.problems.front().message};
    for (const git::FileChange& one : diff.changes) {
        change.files.push_back({text::to_printable(one.path), std::string(kind_of(one))});
        if (is_workflow(one.path)) change.workflow.push_back(change.files.back().path);
    }
    return before ? add_namesakes(repository, *before, diff, change) : Status();
}

using Authors = std::set<std::pair<std::string, std::string>>;  // address, name

// "Co-authored-by: Name <address>", as forges write it, whatever the case; anywhere in the message,
// because nobody should hide behind a blank line.
void add_co_authors(std::string_view message, Authors& people) {
    constexpr std::string_view kTrailer = "co-authored-by:";
    while (!message.empty()) {
        const std::size_t end = std::min(message.find('\n'), message.size());
        std::string_view line = message.substr(0, end);
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        message.remove_prefix(std::min(end + 1, message.size()));
        if (!equal_without_case(line.substr(0, kTrailer.size()), kTrailer)) continue;
        const auto person = git::parse_identity(line.substr(kTrailer.size()));
        if (person) people.emplace(person->email, person->name);
    }
}

Status add_authors(const git::Repository& repository, const git::ObjectId& head,
                   const git::ObjectId& target, Change& change) {
    git::CommitHistory history(repository);
    git::WalkRequest request;
    request.tips.push_back({head, git::WalkRequest::Tip::Side::kShow});
    request.tips.push_back({target, git::WalkRequest::Tip::Side::kExclude});
    std::vector<git::CommitNumber> commits = git::walk_revisions(history, request);
    if (!history.problems().empty()) return Error{history.problems().front().message};
    if (!history.shallow_met().empty())
        return Error{"the clone is shallow, so commits of the change may be missing"};
    // What is on the target branch already was written by the author of its latest commit.
    if (commits.empty()) commits.push_back(history.number_of(head));
    Authors authors;
    for (const git::CommitNumber number : commits) {
        const auto object = repository.objects().read(history.id(number));
        if (!object.ok()) return Error{object.error().message};
        const git::Commit commit =
            MERLON_TRY(git::parse_commit(object.value().bytes(), repository.algorithm()));
        const auto author = git::parse_identity(commit.author);
        if (!author) return Error{"a commit has no author: " + history.id(number).hex()};
        authors.emplace(author->email, author->name);
        // Whoever put the commit together may have changed it.
        if (const auto committer = git::parse_identity(commit.committer))
            authors.emplace(committer->email, committer->name);
        add_co_authors(commit.message, authors);
    }
    for (const auto& [email, name] : authors) change.authors.push_back({name, email});
    return {};
}

Status read_into(const git::Repository& repository, const std::string& head_name,
                 const std::string& target_name, Change& change) {
    const git::ObjectId head = MERLON_TRY(git::resolve_commit(repository, head_name));
    change.head = head.hex();
    const git::ObjectId target = MERLON_TRY(git::resolve_commit(repository, target_name));
    const std::vector<git::ObjectId> bases = git::merge_bases(repository, head, target);
    std::optional<git::ObjectId> base;
    if (!bases.empty()) base = bases.front();
    if (base) change.base = base->hex();
    MERLON_TRY(add_files(repository, base, head, change));
    return add_authors(repository, head, target, change);
}

}  // namespace

bool is_workflow(std::string_view path) {
    return std::ranges::any_of(
        kWorkflows, [path](std::string_view pattern) { return text::glob_matches(pattern, path); });
}

Change read_change(const git::Repository& repository, const std::string& head,
                   const std::string& target) {
    Change change;
    const Status status = read_into(repository, head, target, change);
    change.is_known = status.ok();
    if (!status.ok()) change.unknown_because = status.error().to_string();
    return change;
}

}  // namespace merlon::gate
