#include "sca/database_writer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>
#include <unordered_map>

#include "base/hash.h"
#include "crypto/digest.h"
#include "sca/database_assembly.h"
#include "sca/string_pool.h"
#include "sca/version_order.h"
#include "text/zstd.h"

namespace merlon::sca {

std::uint64_t package_hash(std::string_view ecosystem, std::string_view name) {
    return hash_bytes(name, hash_bytes(ecosystem));
}

std::uint64_t version_key_format() {
    using packages::VersionScheme;
    constexpr std::string_view kSamples[] = {
        "1.2.3",      "2:1.0~rc1-2+b1", "v1.0.0-beta.11+x",
        "1!2.0.dev3", "1.0.post4",      "2024.01.02-SNAPSHOT",
        "",           "1.0_p1-r3",      "99999999999999999999"};
    std::uint64_t format = 0;
    for (int scheme = 0; scheme <= static_cast<int>(VersionScheme::kLexicographic); ++scheme) {
        for (const std::string_view sample : kSamples) {
            const auto which = static_cast<VersionScheme>(scheme);
            format = hash_bytes(version_key(which, sample), format + 1);
        }
    }
    return format;
}

std::size_t DatabaseWriter::add_feed(FeedFacts facts) {
    feeds_.push_back({std::move(facts)});
    return feeds_.size() - 1;
}

void DatabaseWriter::add(std::size_t feed, Draft draft) {
    drafts_.push_back({feed, std::move(draft)});
}

// Feeds by their facts, records by id; of one id the last modified, and of those the
// first by digest (scan/feed_block.h chooses in the same way).
void DatabaseWriter::sort_and_join() {
    std::vector<std::size_t> order(feeds_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto sort_key = [&](std::size_t feed) {
        const FeedFacts& facts = feeds_[feed].facts;
        return std::tie(facts.name, facts.licence, facts.digest, facts.taken_at_s);
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return sort_key(left) < sort_key(right);
    });
    std::vector<std::size_t> place(feeds_.size());
    std::vector<Feed> sorted;
    for (std::size_t i = 0; i < order.size(); ++i) {
        place[order[i]] = i;
        sorted.push_back(std::move(feeds_[order[i]]));
    }
    feeds_ = std::move(sorted);
    for (Entry& entry : drafts_) entry.feed = place[entry.feed];
    std::sort(drafts_.begin(), drafts_.end(), [](const Entry& left, const Entry& right) {
        if (left.draft.id != right.draft.id) return left.draft.id < right.draft.id;
        if (left.draft.modified != right.draft.modified) {
            return left.draft.modified > right.draft.modified;
        }
        return std::tie(left.draft.digest, left.feed) < std::tie(right.draft.digest, right.feed);
    });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
        if (kept > 0 && drafts_[kept - 1].draft.id == drafts_[i].draft.id) {
            ++feeds_[drafts_[i].feed].replaced;
            continue;
        }
        if (kept != i) drafts_[kept] = std::move(drafts_[i]);
        ++kept;
    }
    drafts_.erase(drafts_.begin() + static_cast<std::ptrdiff_t>(kept), drafts_.end());
    std::sort(threats_.begin(), threats_.end(), [](const Threat& left, const Threat& right) {
        return std::tie(left.id, left.is_known_exploited, left.due, left.epss_100000ths) <
               std::tie(right.id, right.is_known_exploited, right.due, right.epss_100000ths);
    });
}

Result<std::string> DatabaseWriter::finish(std::int64_t built_at_s, ThreadPool& pool,
                                           const std::optional<crypto::SecretKey>& key) {
    sort_and_join();
    DatabaseAssembly assembly(*this);
    if (Status gathered = assembly.gather(); !gathered.ok()) return std::move(gathered).error();
    return assembly.write(built_at_s, pool, key);
}

Result<std::string> DatabaseWriter::finish_segment(SegmentFacts facts, std::int64_t built_at_s,
                                                   ThreadPool& pool,
                                                   const std::optional<crypto::SecretKey>& key) {
    std::sort(facts.hidden.begin(), facts.hidden.end());
    segment_ = std::move(facts);
    return finish(built_at_s, pool, key);
}

}  // namespace merlon::sca
