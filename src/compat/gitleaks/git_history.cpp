#include "compat/gitleaks/git_history.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "base/thread_pool.h"
#include "compat/gitleaks/git_variables.h"
#include "compat/gitleaks/patch_scan.h"
#include "connect/git/author_filter.h"
#include "connect/git/commit.h"
#include "connect/git/gitdiff_view.h"
#include "connect/git/known_commits.h"
#include "connect/git/log_arguments.h"
#include "connect/git/log_context.h"
#include "connect/git/path_filter.h"
#include "connect/git/remote.h"
#include "connect/git/rename.h"
#include "connect/git/repository.h"
#include "connect/git/shallow_advice.h"

namespace merlon::compat::gitleaks {
namespace {

namespace git = connect::git;

constexpr std::uint64_t kMaxInfoBytes = std::uint64_t{16} << 20;

// gitleaks splits at single blanks, so that two of them give an empty word.
std::vector<std::string> split_words(const std::string& text) {
    std::vector<std::string> words;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        words.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

git::Attributes attributes_of(const git::Repository& repository) {
    std::string info;
    if (auto text = read_text_file(repository.common_folder() + "/info/attributes", kMaxInfoBytes);
        text.ok()) {
        info = std::move(text).value();
    }
    git::AttributeFiles files;
    if (!repository.is_bare()) files = git::attribute_files_below(repository.work_tree());
    return git::Attributes(info, std::move(files));
}

class HistoryScan {
  public:
    HistoryScan(const git::Repository& repository, const secrets::Program& program,
                const ScanOptions& scan, const HistoryOptions& options, std::string notes)
        : repository_(repository),
          program_(program),
          scan_(scan),
          options_(options),
          attributes_(attributes_of(repository)),
          log_context_(git::LogContext::read(repository, std::move(notes))),
          history_(repository) {}

    Result<HistoryFindings> run() {
        MERLON_TRY(choose_commits());
        remote_ = make_remote(options_.platform, MERLON_TRY(git::remote_address(repository_)));
        if (options_.log_options.empty()) {
            git::know_packed_commits(history_, options_.threads, scan_.cancel);
        }
        const std::vector<git::CommitNumber> commits = git::walk_revisions(history_, request_);
        ThreadPool pool(options_.threads);
        std::vector<std::unique_ptr<Scanner>> scanners;
        for (unsigned worker = 0; worker < pool.size(); ++worker) {
            scanners.push_back(std::make_unique<Scanner>(program_, scan_));
        }
        std::vector<FileFindings> found(commits.size());
        pool.for_each(commits.size(), [&](std::size_t index, unsigned worker) {
            if (scan_.stopped()) return;
            scan_commit(commits[index], *scanners[worker], found[index]);
        });
        return join(found);
    }

  private:
    Status choose_commits() {
        if (options_.log_options.empty()) {
            request_.tips = git::all_tips(repository_);
            request_.simplify = git::WalkRequest::Simplify::kFullHistory;
            filtered_ = true;
            return {};
        }
        const std::vector<std::string> words = split_words(options_.log_options);
        Result<git::LogArguments> parsed =
            git::parse_log_arguments(repository_, words, {options_.now_seconds, 0});
        if (!parsed.ok()) {
            Error error = std::move(parsed).error();
            if (!repository_.shallow().empty()) {
                error.message +=
                    "; this clone is shallow and may lack commits: " + git::shallow_advice();
            }
            return error;
        }
        git::LogArguments arguments = std::move(parsed).value();
        MERLON_TRY(choose_paths_and_authors(arguments));
        for (const std::string& letters : arguments.diff_filter) {
            if (letters != "tuxdb") {
                return Error{"--log-opts with --diff-filter=" + letters +
                             " is not supported; --diff-filter=tuxdb is"};
            }
            filtered_ = true;
        }
        request_ = std::move(arguments.walk);
        return {};
    }

    Status choose_paths_and_authors(git::LogArguments& arguments) {
        const std::string folder =
            MERLON_TRY(git::folder_in_work_tree(repository_, options_.repository));
        if (!arguments.paths.empty()) {
            const auto words = MERLON_TRY(path_words(options_.variables));
            paths_ = MERLON_TRY(git::PathFilter::make(arguments.paths, folder, words));
        }
        if (!paths_.empty()) {
            arguments.walk.differs = [this](const std::optional<git::ObjectId>& parent,
                                            const git::ObjectId& tree) {
                return git::paths_differ(repository_.objects(), parent, tree, paths_);
            };
        }
        authors_ = MERLON_TRY(git::AuthorFilter::make(arguments.authors));
        if (!authors_.empty()) {
            arguments.walk.accept = [this](const git::ObjectId& id) { return is_by_author(id); };
        }
        return {};
    }

    // What cannot be read is shown, so that its gap is.
    bool is_by_author(const git::ObjectId& id) const {
        const git::ObjectResult<git::Object> object = repository_.objects().read(id);
        if (!object.ok()) return true;
        const Result<git::Commit> commit =
            git::parse_commit(object.value().bytes(), repository_.algorithm());
        return !commit.ok() || authors_.accepts(commit.value().author, log_context_.mailmap());
    }

    void scan_commit(git::CommitNumber commit, Scanner& scanner, FileFindings& findings) {
        const auto parents = history_.parents(commit);
        // A merge has no patch in git log, but with --first-parent.
        if (parents.size() > 1 && request_.follow == git::WalkRequest::Parents::kAll) return;
        std::optional<git::ObjectId> before;
        if (!parents.empty()) {
            // The parent's absence is told by the walk.
            if (!history_.is_loaded(parents.front())) return;
            before = history_.tree(parents.front());
        }
        const std::string id = history_.id(commit).hex();
        git::TreeDiff diff = git::diff_trees(repository_.objects(), before, history_.tree(commit));
        std::erase_if(diff.changes, [this](const git::FileChange& change) {
            return !paths_.matches(change.path);
        });
        git::detect_renames(repository_.objects(), attributes_, diff);
        for (const git::DiffProblem& problem : diff.problems) {
            findings.gaps.push_back(
                {place_of(id, problem.path), "in commit " + id + ": " + problem.message});
        }
        const std::size_t rows_before = findings.rows.size();
        for (const git::FileChange& change : diff.changes) {
            if (filtered_ && !git::is_in_log(change.kind)) continue;
            scan_change({repository_.objects(), attributes_, &clean_}, change, id, scanner,
                        findings);
        }
        if (findings.rows.size() != rows_before) describe(commit, findings);
    }

    static std::string place_of(const std::string& commit, const std::string& path) {
        return path.empty() ? commit : path;
    }

    // Author, date and message, for the commits that have rows. A header that gitleaks's reader
    // does not understand leaves its findings without a commit.
    void describe(git::CommitNumber commit, FileFindings& findings) {
        const git::ObjectId& id = history_.id(commit);
        const Result<git::GitdiffHeader> header = header_of(id);
        if (!header.ok()) {
            findings.gaps.push_back(
                {id.hex(), "the commit's author, date and message: " + header.error().message});
            return;
        }
        const std::optional<git::GitdiffCommit>& known = header.value().commit;
        for (Row& row : findings.rows) {
            if (!known) {
                row.fingerprint.erase(0, row.commit.size() + 1);  // "<commit>:"
                row.commit.clear();
                continue;
            }
            row.author = known->author_name;
            row.email = known->author_mail;
            row.date = known->date;
            row.message = known->message;
            row.link = make_link(remote_, row);
        }
    }

    Result<git::GitdiffHeader> header_of(const git::ObjectId& id) {
        const git::Object object = MERLON_TRY(repository_.objects().read(id));
        const std::optional<git::LogNote> note = MERLON_TRY(log_context_.note(id));
        return git::gitdiff_header(id, object.bytes(), log_context_.mailmap(), note);
    }

    HistoryFindings join(std::vector<FileFindings>& found) {
        HistoryFindings all;
        all.commits = found.size();
        all.remark = remote_.remark;
        for (const model::Gap& gap : repository_.gaps()) {
            all.gaps.push_back({gap.path, gap.detail});
        }
        for (const model::Gap& gap : log_context_.gaps()) {
            all.gaps.push_back({gap.path, gap.detail});
        }
        for (const git::HistoryProblem& problem : history_.problems()) {
            all.gaps.push_back({problem.id.hex(), problem.message});
        }
        if (!history_.shallow_met().empty()) {
            all.gaps.push_back({repository_.common_folder() + "/shallow",
                                "this clone is shallow: the history ends at " +
                                    std::to_string(history_.shallow_met().size()) +
                                    " commits whose parents it has not (the first: " +
                                    history_.shallow_met().front().hex() + "); " +
                                    git::shallow_advice()});
        }
        for (FileFindings& one : found) {
            all.bytes += one.bytes;
            std::ranges::move(one.rows, std::back_inserter(all.rows));
            std::ranges::move(one.gaps, std::back_inserter(all.gaps));
        }
        return all;
    }

    const git::Repository& repository_;
    const secrets::Program& program_;
    const ScanOptions& scan_;
    const HistoryOptions& options_;
    git::Attributes attributes_;
    CleanPatches clean_;
    git::LogContext log_context_;
    git::CommitHistory history_;
    git::WalkRequest request_;
    git::PathFilter paths_;
    git::AuthorFilter authors_;
    Remote remote_;
    bool filtered_ = false;  // --diff-filter=tuxdb
};

}  // namespace

Result<HistoryFindings> scan_history(const secrets::Program& program, const ScanOptions& scan,
                                     const HistoryOptions& options) {
    const git::Repository repository =
        MERLON_TRY(git::open_with_variables(options.repository, options.variables, options.open));
    MERLON_TRY(check_diff_variables(options.variables));
    std::string notes = MERLON_TRY(notes_reference(options.variables));
    return HistoryScan(repository, program, scan, options, std::move(notes)).run();
}

}  // namespace merlon::compat::gitleaks
