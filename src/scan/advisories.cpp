#include "scan/advisories.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>

#include "sca/database_writer.h"
#include "sca/record_walk.h"
#include "scan/feed_union.h"

namespace merlon::scan {

Result<AdvisoryBuild> build_advisories(const AdvisoryBuildRequest& request, ThreadPool& pool) {
    std::vector<SourceContent> contents;
    for (const FeedSource& source : request.sources) {
        contents.push_back(MERLON_TRY(read_source(source, request.limits, pool)));
    }
    return join_sources(std::move(contents), request, pool);
}

Result<AdvisoryBuild> join_sources(std::vector<SourceContent> contents,
                                   const AdvisoryBuildRequest& request, ThreadPool& pool) {
    AdvisoryBuild build;
    FeedUnion feeds(request.taken_at_s);
    std::vector<FeedBlock> blocks;
    blocks.reserve(contents.size());
    for (const SourceContent& content : contents) {
        blocks.emplace_back(content);
        feeds.add(blocks.back());
    }
    sca::DatabaseWriter writer;
    std::map<std::string, std::size_t, std::less<>> numbers;
    for (const sca::FeedInfo& feed : feeds.infos()) {
        const std::size_t number =
            writer.add_feed({feed.name, feed.licence, feed.digest, feed.taken_at_s});
        for (std::uint32_t i = 0; i < feed.unreadable; ++i) writer.count_unreadable(number);
        numbers[feed.name] = number;
    }
    for (SourceContent& content : contents) {
        for (auto& [feed, draft] : content.records) {
            writer.add(numbers.at(content.feeds[feed].name), std::move(draft));
        }
        content.records = {};
        for (exchange::ThreatRecord& threat : content.threats) {
            writer.add_threat(numbers.at(content.feeds.front().name), std::move(threat));
        }
        std::ranges::move(content.problems, std::back_inserter(build.problems));
    }
    build.bytes = MERLON_TRY(writer.finish(request.built_at_s, pool, request.key));
    return build;
}

std::vector<std::string> shrunk_feeds(std::span<const sca::FeedInfo> before,
                                      std::span<const sca::FeedInfo> after) {
    std::vector<std::string> shrunk;
    for (const sca::FeedInfo& old : before) {
        std::uint64_t records = 0;
        for (const sca::FeedInfo& feed : after) {
            if (feed.name == old.name) records = feed.records;
        }
        if (records * 2 < old.records) {
            shrunk.push_back(old.name + ": " + std::to_string(records) + " records, before " +
                             std::to_string(old.records));
        }
    }
    return shrunk;
}

std::vector<FeedProblem> unread_feeds(const sca::DatabaseInfo& info) {
    std::vector<FeedProblem> problems;
    for (const sca::FeedInfo& feed : info.feeds) {
        if (feed.unreadable == 0) continue;
        problems.push_back({feed.name, std::to_string(feed.unreadable) +
                                           (feed.unreadable == 1 ? " file" : " files") +
                                           " of this feed could not be read when the database was "
                                           "built, so what they say is not in it; build it again"});
    }
    return problems;
}

Result<DatabaseDifference> compare_databases(const sca::Database& before,
                                             const sca::Database& after) {
    DatabaseDifference difference;
    Status inner;
    const Status outer = before.read([&](const sca::DatabaseReader& old_reader) {
        inner = after.read([&](const sca::DatabaseReader& new_reader) {
            sca::RecordWalk left(old_reader);
            sca::RecordWalk right(new_reader);
            while (!left.at_end() || !right.at_end()) {
                if (right.at_end() || (!left.at_end() && left.id() < right.id())) {
                    difference.removed.push_back(left.id());
                    left.next();
                } else if (left.at_end() || right.id() < left.id()) {
                    difference.added.push_back(right.id());
                    right.next();
                } else {
                    if (left.json() != right.json()) difference.changed.push_back(left.id());
                    left.next();
                    right.next();
                }
            }
        });
    });
    if (!outer.ok()) return outer.error();
    if (!inner.ok()) return inner.error();
    return difference;
}

}  // namespace merlon::scan
