// Holds our patches against git's, byte for byte, for every commit of a repository:
//
//     git_diff_check [--quiet] REPOSITORY...
//
// The oracle is `git log -p -U0 --full-history --all --diff-filter=tuxdb --full-index` under git's
// default configuration. Prints the first lines that differ, then one line of counts; ends with 1
// when anything differs or could not be read.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/file.h"
#include "cat_file_reader.h"
#include "connect/git/patch.h"
#include "connect/git/patch_text.h"

namespace {

using namespace merlon;
using namespace merlon::connect::git;

constexpr std::string_view kMark = "@@@@ merlon-commit ";  // no line of a patch begins so

struct Counts {
    std::size_t commits = 0;
    std::size_t files = 0;
    std::size_t hunks = 0;
    std::size_t different = 0;
    std::size_t problems = 0;
};

std::string shell_word(const std::string& word) { return "'" + word + "'"; }

class Pipe {
  public:
    explicit Pipe(const std::string& command) : stream_(popen(command.c_str(), "r")) {}
    ~Pipe() {
        if (stream_ != nullptr) pclose(stream_);
        std::free(line_);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    // The next line with its end; nothing behind the last.
    std::optional<std::string_view> line() {
        const ssize_t length = getline(&line_, &capacity_, stream_);
        if (length < 0) return std::nullopt;
        return std::string_view(line_, static_cast<std::size_t>(length));
    }

  private:
    std::FILE* stream_;
    char* line_ = nullptr;
    std::size_t capacity_ = 0;
};

struct Commit {
    std::string id;
    std::optional<ObjectId> tree;
    std::vector<std::string> parents;
};

Commit parse_commit(std::string_view words) {
    Commit commit;
    std::vector<std::string> all;
    while (!words.empty()) {
        const std::size_t end = std::min(words.find_first_of(" \n"), words.size());
        if (end > 0) all.emplace_back(words.substr(0, end));
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    if (all.size() < 2) return commit;
    commit.id = all[0];
    commit.tree = ObjectId::parse(all[1]);
    commit.parents.assign(all.begin() + 2, all.end());
    return commit;
}

// A hunk header without the section heading, which is no part of the patch.
std::string_view without_heading(std::string_view line) {
    if (!line.starts_with("@@ -")) return line;
    const std::size_t end = line.find(" @@", 3);
    return end == std::string_view::npos ? line : line.substr(0, end + 3);
}

class Checker {
  public:
    Checker(const std::string& repository, bool quiet)
        : repository_(repository),
          quiet_(quiet),
          reader_(repository),
          attributes_(read_attributes()) {}

    Counts run() {
        const std::string git = "git -C " + shell_word(repository_) + " log --full-history --all ";
        {
            Pipe trees(git + "--format='%H %T %P'");
            while (const auto line = trees.line()) {
                Commit commit = parse_commit(*line);
                trees_[commit.id] = commit.tree;
                silent_.emplace(commit.id, std::move(commit));
            }
        }
        Pipe log(git + "-p -U0 --diff-filter=tuxdb --full-index --format='" + std::string(kMark) +
                 "%H %T %P'");
        std::optional<Commit> commit;
        std::string expected;
        while (const auto line = log.line()) {
            if (line->starts_with(kMark)) {
                if (commit) compare(*commit, expected);
                commit = parse_commit(line->substr(kMark.size()));
                expected.clear();
                continue;
            }
            if (*line == "\n") continue;  // between the commit's line and its patch
            const std::string_view kept = without_heading(*line);
            expected.append(kept);
            if (kept.back() != '\n') expected.push_back('\n');
        }
        if (commit) compare(*commit, expected);
        // What git does not print has no patch.
        while (!silent_.empty()) compare(Commit(silent_.begin()->second), "");
        return counts_;
    }

  private:
    Attributes read_attributes() const {
        const auto ask = [this](const std::string& question) {
            Pipe pipe("git -C " + shell_word(repository_) + " rev-parse --path-format=absolute " +
                      question);
            const auto line = pipe.line();
            return line ? std::string(line->substr(0, line->size() - 1)) : std::string();
        };
        const std::string info = read_text_file(ask("--git-path info/attributes")).value_or("");
        if (ask("--is-bare-repository") == "true") return {info, {}};
        return {info, attribute_files_below(ask("--show-toplevel"))};
    }

    std::string patch_of(const Commit& commit) {
        if (commit.parents.size() > 1) return {};
        std::optional<ObjectId> before;
        if (!commit.parents.empty()) before = trees_[commit.parents[0]];
        const TreeDiff diff = changed_files(reader_, attributes_, before, commit.tree);
        for (const DiffProblem& problem : diff.problems) report(commit, problem.message);
        std::string text;
        for (const FileChange& change : diff.changes) {
            if (!is_in_log(change.kind)) continue;
            const ObjectResult<FilePatch> patch = file_patch(reader_, attributes_, change);
            if (!patch.ok()) {
                report(commit, patch.error().to_string());
                continue;
            }
            ++counts_.files;
            counts_.hunks += patch.value().hunks.size();
            text += patch_text(change, patch.value());
        }
        return text;
    }

    void report(const Commit& commit, const std::string& message) {
        ++counts_.problems;
        std::printf("%s: commit %s: %s\n", repository_.c_str(), commit.id.c_str(), message.c_str());
    }

    void compare(const Commit& commit, std::string_view expected) {
        ++counts_.commits;
        silent_.erase(commit.id);
        const std::string text = patch_of(commit);
        if (text == expected) return;
        if (++counts_.different > 5 || quiet_) return;
        std::size_t at = 0;
        while (at < text.size() && at < expected.size() && text[at] == expected[at]) ++at;
        const std::size_t begin = at == 0 ? 0 : expected.rfind('\n', at - 1) + 1;
        std::printf("%s: commit %s differs\n  git:  %s\n  ours: %s\n", repository_.c_str(),
                    commit.id.c_str(), std::string(expected.substr(begin, 300)).c_str(),
                    std::string(std::string_view(text).substr(begin, 300)).c_str());
    }

    std::string repository_;
    bool quiet_;
    tests::CatFileReader reader_;
    Attributes attributes_;
    std::unordered_map<std::string, std::optional<ObjectId>> trees_;
    std::unordered_map<std::string, Commit> silent_;  // commits not seen in the log so far
    Counts counts_;
};

}  // namespace

int main(int argc, char** argv) {
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
    setenv("GIT_ATTR_NOSYSTEM", "1", 1);
    setenv("XDG_CONFIG_HOME", "/dev/null", 1);
    setenv("LC_ALL", "C", 1);
    bool quiet = false;
    bool equal = true;
    int repositories = 0;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--quiet") == 0) {
            quiet = true;
            continue;
        }
        ++repositories;
        const Counts counts = Checker(argv[i], quiet).run();
        std::printf("%s: %zu commits equal, %zu different, %zu problems, %zu files, %zu hunks\n",
                    argv[i], counts.commits - counts.different, counts.different, counts.problems,
                    counts.files, counts.hunks);
        equal = equal && counts.commits > 0 && counts.different == 0 && counts.problems == 0;
    }
    if (repositories == 0) {
        std::fprintf(stderr, "usage: git_diff_check [--quiet] REPOSITORY...\n");
        return 2;
    }
    return equal ? 0 : 1;
}
