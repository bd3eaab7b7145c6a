// The floor of a history scan: every object that references and reflogs lead to is inflated and
// resolved once, in the order of the pack, and looked at by nobody.
//
//   git_floor REPOSITORY THREADS
//
// Prints objects and bytes. Which objects are reachable is found out before and is not a part of
// the floor: the last line is the processor time (user and system) of the reading alone, in
// seconds.

#include <sys/resource.h>

#include <charconv>
#include <cstdio>
#include <string_view>
#include <vector>

#include "connect/git/bulk_read.h"
#include "connect/git/commit_history.h"
#include "connect/git/log_arguments.h"
#include "connect/git/reachable.h"
#include "connect/git/repository.h"
#include "connect/git/revision_walk.h"

namespace {

namespace git = merlon::connect::git;

double processor_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::vector<bool> reachable_objects(const git::Repository& repository,
                                    const git::ObjectCatalog& catalog) {
    git::WalkRequest request;
    request.tips = git::all_tips(repository);
    request.simplify = git::WalkRequest::Simplify::kFullHistory;
    git::CommitHistory history(repository);
    const std::vector<git::CommitNumber> commits = git::walk_revisions(history, request);
    std::vector<git::ObjectId> roots;
    for (const git::WalkRequest::Tip& tip : request.tips) roots.push_back(tip.id);
    return git::find_reachable(catalog, history, commits, roots, {}).seen;
}

int run(const char* path, unsigned threads) {
    const merlon::Result<git::Repository> repository = git::Repository::open(path, {});
    if (!repository.ok()) {
        std::fprintf(stderr, "%s\n", repository.error().to_string().c_str());
        return 2;
    }
    const git::ObjectCatalog catalog = git::ObjectCatalog::of(repository.value().objects());
    const std::vector<bool> wanted = reachable_objects(repository.value(), catalog);
    git::BulkOptions options;
    options.threads = threads;
    const double before = processor_seconds();
    const git::BulkReport report = git::read_all(
        catalog, [&](std::uint32_t number, git::ObjectType) { return wanted[number]; }, options,
        [](unsigned, const git::BulkObject&) {});
    const double seconds = processor_seconds() - before;
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;
    for (std::size_t kind = 0; kind < report.objects.size(); ++kind) {
        objects += report.objects[kind];
        bytes += report.bytes[kind];
    }
    std::printf("%llu objects, %llu bytes, %zu problems\n%.3f\n",
                static_cast<unsigned long long>(objects), static_cast<unsigned long long>(bytes),
                report.problems.size(), seconds);
    return report.problems.empty() ? 0 : 2;
}

}  // namespace

int main(int count, char** words) {
    unsigned threads = 0;
    if (count == 3) {
        const std::string_view text = words[2];
        std::from_chars(text.data(), text.data() + text.size(), threads);
    }
    if (threads == 0) {
        std::fprintf(stderr, "usage: git_floor REPOSITORY THREADS\n");
        return 2;
    }
    return run(words[1], threads);
}
