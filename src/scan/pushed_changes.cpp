#include "scan/pushed_changes.h"

#include <algorithm>
#include <map>
#include <utility>

#include "connect/git/commit.h"
#include "connect/git/patch.h"
#include "connect/git/revision_walk.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

constexpr std::string_view kCommitMessage = "(commit message)";
constexpr std::string_view kTagMessage = "(tag message)";

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const std::string_view word = line.substr(0, line.find(' '));
        line.remove_prefix(std::min(word.size() + 1, line.size()));
        words.push_back(word);
    }
    return words;
}

// Calls `take` with the words of each line.
template <typename Take>
Status each_line(std::string_view text, std::size_t words_expected, Take take) {
    std::uint32_t number = 0;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        ++number;
        if (line.empty()) continue;
        const std::vector<std::string_view> words = words_of(line);
        if (words.size() != words_expected || !take(words)) {
            return Error{.message =
                             "standard input is not what git tells this hook; install it "
                             "with 'merlon hook install'",
                         .file = "(stdin)",
                         .line = number};
        }
    }
    return {};
}

// A null id means that there is none.
bool read_id(std::string_view text, std::optional<git::ObjectId>& id) {
    id = git::ObjectId::parse(text);
    if (!id) return false;
    if (id->is_null()) id.reset();
    return true;
}

class PushReader {
  public:
    PushReader(const git::Repository& repository, std::span<const git::ObjectId> known)
        : repository_(repository), history_(repository) {
        changes_.objects = &repository.objects();
        for (const git::ObjectId& id : known) {
            if (repository.objects().contains(id)) {
                walk_.tips.push_back({id, git::WalkRequest::Tip::Side::kExclude});
            }
        }
    }

    void add(const ReferenceUpdate& update) {
        if (!update.after) return;
        git::ObjectType type{};
        std::vector<git::ObjectId> tags;
        const git::ObjectResult<git::ObjectId> target = git::peel_tags(
            repository_.objects(), repository_.algorithm(), *update.after, type, &tags);
        for (const git::ObjectId& tag : tags) add_message_of(tag, kTagMessage);
        if (target.ok()) return add_target(update, target.value(), type);
        changes_.gaps.push_back(gap_of(target.failure, update.name, target.error().to_string()));
    }

    Changes take() && {
        for (const git::CommitNumber commit : git::walk_revisions(history_, walk_)) {
            add_commit(commit);
        }
        for (const git::HistoryProblem& problem : history_.problems()) {
            std::string detail = problem.message;
            if (problem.failure == git::ObjectFailure::kMissing) {
                detail += "; of a push from a shallow clone: 'git fetch --unshallow' there first";
            }
            changes_.gaps.push_back(gap_of(problem.failure, problem.id.hex(), std::move(detail)));
        }
        return std::move(changes_);
    }

  private:
    // Of a commit or a tag; what cannot be read is told where it is needed.
    void add_message_of(const git::ObjectId& id, std::string_view name) {
        const git::ObjectResult<git::Object> object = repository_.objects().read(id);
        if (!object.ok()) return;
        std::string text =
            git::text_of(object.value().type, object.value().bytes(), repository_.algorithm());
        if (!text.empty())
            changes_.messages.push_back({std::string(name), std::move(text), id.hex()});
    }

    void add_target(const ReferenceUpdate& update, const git::ObjectId& id, git::ObjectType type) {
        if (type == git::ObjectType::kCommit) {
            walk_.tips.push_back({id});
        } else if (type == git::ObjectType::kTree) {
            add_files({git::diff_trees(repository_.objects(), std::nullopt, id)}, id.hex());
        } else {
            changes_.files.push_back({.after = {update.name, id}, .before = {}, .commit = {}});
        }
    }

    void add_commit(git::CommitNumber commit) {
        const std::string id = history_.id(commit).hex();
        std::vector<git::TreeDiff> diffs;  // against each parent
        for (const git::CommitNumber parent : history_.parents(commit)) {
            if (!history_.load(parent)) continue;  // told as a problem
            diffs.push_back(git::changed_files(repository_.objects(), attributes_,
                                               history_.tree(parent), history_.tree(commit)));
        }
        if (diffs.empty()) {
            diffs.push_back(
                git::diff_trees(repository_.objects(), std::nullopt, history_.tree(commit)));
        }
        add_files(diffs, id);
        add_message_of(history_.id(commit), kCommitMessage);
    }

    // The versions of files that differ from all sides. A tree may hold a name twice: each counts.
    void add_files(const std::vector<git::TreeDiff>& diffs, const std::string& commit) {
        struct Version {
            ChangedFile file;
            std::size_t sides = 0;      // that it differs from
            std::size_t last_side = 0;  // the last of them, from 1 on
        };
        std::map<std::pair<std::string_view, git::ObjectId>, Version> changed;
        for (std::size_t side = 1; side <= diffs.size(); ++side) {
            for (const git::FileChange& change : diffs[side - 1].changes) {
                if (!change.after.exists() || change.after.mode == git::FileMode::kSubmodule) {
                    continue;
                }
                Version& version = changed[{change.path, change.after.id}];
                version.file.after = {change.path, change.after.id};
                version.file.commit = commit;
                if (std::exchange(version.last_side, side) != side) ++version.sides;
                if (change.before.exists() && change.before.mode != git::FileMode::kSubmodule) {
                    version.file.before.push_back({change.path_before(), change.before.id});
                }
            }
            for (const git::DiffProblem& problem : diffs[side - 1].problems) {
                changes_.gaps.push_back(gap_of(
                    problem.failure == git::ObjectFailure::kNone ? git::ObjectFailure::kCorrupt
                                                                 : problem.failure,
                    problem.path, "in commit " + commit + ": " + problem.message));
            }
        }
        for (auto& [where, version] : changed) {
            if (version.sides == diffs.size()) changes_.files.push_back(std::move(version.file));
        }
    }

    const git::Repository& repository_;
    git::CommitHistory history_;
    git::Attributes attributes_;
    git::WalkRequest walk_;
    Changes changes_;
};

}  // namespace

Result<std::vector<ReferenceUpdate>> parse_receive_lines(std::string_view text) {
    std::vector<ReferenceUpdate> updates;
    const auto take = [&](const std::vector<std::string_view>& words) {
        ReferenceUpdate update{.name = std::string(words[2]), .before = {}, .after = {}};
        if (!read_id(words[0], update.before) || !read_id(words[1], update.after)) return false;
        updates.push_back(std::move(update));
        return true;
    };
    MERLON_TRY(each_line(text, 3, take));
    return updates;
}

Result<std::vector<ReferenceUpdate>> parse_push_lines(std::string_view text) {
    std::vector<ReferenceUpdate> updates;
    const auto take = [&](const std::vector<std::string_view>& words) {
        ReferenceUpdate update{.name = std::string(words[2]), .before = {}, .after = {}};
        if (!read_id(words[1], update.after) || !read_id(words[3], update.before)) return false;
        updates.push_back(std::move(update));
        return true;
    };
    MERLON_TRY(each_line(text, 4, take));
    return updates;
}

Changes pushed_changes(const git::Repository& repository, std::span<const ReferenceUpdate> updates,
                       std::span<const git::ObjectId> known) {
    PushReader reader(repository, known);
    for (const ReferenceUpdate& update : updates) reader.add(update);
    return std::move(reader).take();
}

}  // namespace merlon::scan
