#include "scan/feed_union.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "crypto/digest.h"

namespace merlon::scan {
namespace {

using RecordDigest = std::array<std::uint8_t, 32>;

struct Totals {
    sca::FeedInfo info;
    std::vector<RecordDigest> digests;
    bool has_time = false;
};

std::string digest_of(std::vector<RecordDigest>& digests) {
    std::sort(digests.begin(), digests.end());
    crypto::Hasher all(crypto::DigestAlgorithm::kSha256);
    for (const RecordDigest& digest : digests) {
        all.update({reinterpret_cast<const char*>(digest.data()), digest.size()});
    }
    return all.finish().to_string();
}

}  // namespace

bool FeedUnion::is_before(const Place& left, const Place& right) const {
    const FeedBlock::Row& a = row(left);
    const FeedBlock::Row& b = row(right);
    const std::string_view a_modified = blocks_[left.block]->text(a.modified);
    const std::string_view b_modified = blocks_[right.block]->text(b.modified);
    return a_modified != b_modified ? a_modified > b_modified : a.digest < b.digest;
}

void FeedUnion::add(const FeedBlock& block) {
    const std::size_t number = blocks_.size();
    blocks_.push_back(&block);
    records_.reserve(records_.size() + block.rows().size());
    for (std::size_t i = 0; i < block.rows().size(); ++i) {
        const Place place{number, i};
        const auto [known, is_new] = records_.emplace(block.text(block.rows()[i].id), place);
        if (!is_new && is_before(place, known->second)) known->second = place;
    }
}

std::optional<FeedUnion::Place> FeedUnion::find(std::string_view id) const {
    const auto found = records_.find(id);
    if (found == records_.end()) return std::nullopt;
    return found->second;
}

void FeedUnion::for_each(
    const std::function<void(std::string_view id, const Place& place)>& visit) const {
    for (const auto& [id, place] : records_) visit(id, place);
}

std::vector<sca::FeedInfo> FeedUnion::infos() const {
    std::map<std::string, Totals, std::less<>> all;
    for (const FeedBlock* block : blocks_) {
        const std::int64_t taken = taken_at_s_.value_or(block->taken_at_s());
        std::vector<Totals*> feeds;
        for (const SourceFeed& feed : block->feeds()) {
            Totals& totals = all[feed.name];
            totals.info.name = feed.name;
            totals.info.licence = feed.licence;
            // A feed from several sources is as old as the oldest of them. What of a source could
            // not be read belongs to all of its publishers: nobody knows whose it was.
            totals.info.taken_at_s =
                totals.has_time ? std::min(totals.info.taken_at_s, taken) : taken;
            totals.has_time = true;
            totals.info.unreadable += block->unreadable();
            feeds.push_back(&totals);
        }
        for (const FeedBlock::Row& row : block->rows()) {
            feeds[row.feed]->digests.push_back(row.digest);
            ++feeds[row.feed]->info.replaced;  // until it is seen to count
        }
        for (const std::string& digest : block->threat_digests()) {
            RecordDigest bytes{};
            std::copy_n(digest.begin(), std::min(digest.size(), bytes.size()), bytes.begin());
            feeds.front()->digests.push_back(bytes);
            ++feeds.front()->info.records;
        }
    }
    for (const auto& [id, place] : records_) {
        const FeedBlock::Row& counts = row(place);
        sca::FeedInfo& info = all[blocks_[place.block]->feeds()[counts.feed].name].info;
        --info.replaced;
        ++info.records;
        info.withdrawn += (counts.flags & FeedBlock::Row::kWithdrawn) != 0 ? 1 : 0;
        info.without_versions += counts.without_versions;
        info.unknown_ecosystems += counts.unknown_ecosystems;
        info.mixed_events += counts.mixed_events;
    }
    std::vector<sca::FeedInfo> infos;
    for (auto& [name, totals] : all) {
        totals.info.digest = digest_of(totals.digests);
        infos.push_back(std::move(totals.info));
    }
    return infos;
}

}  // namespace merlon::scan
