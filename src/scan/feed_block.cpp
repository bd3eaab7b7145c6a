#include "scan/feed_block.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/blob.h"
#include "crypto/digest.h"

namespace merlon::scan {
namespace {

constexpr std::uint32_t kMagic = 0x4246'4c4d;  // "MLFB"
constexpr std::uint32_t kVersion = 1 | kBlobByteOrder;
constexpr std::size_t kDigestBytes = 32;

struct FeedRow {
    FeedBlock::Text name;
    FeedBlock::Text licence;
};

struct Header {
    std::uint32_t magic = kMagic;
    std::uint32_t version = kVersion;
    std::uint32_t taken_at_s[2] = {};
    std::uint32_t unreadable = 0;
    BlobSection texts;
    BlobSection feeds;
    BlobSection rows;
};

Error damage() { return Error{"what was remembered of a feed is damaged"}; }

// What tells one threat from another.
std::string line_of(const exchange::ThreatRecord& threat) {
    return threat.id + " " + std::to_string(threat.epss_100000ths) + " " +
           std::to_string(threat.percentile_100000ths) + " " + threat.due +
           (threat.is_used_by_ransomware ? " ransomware" : "");
}

}  // namespace

FeedBlock::FeedBlock(const SourceContent& content)
    : taken_at_s_(content.taken_at_s), unreadable_(content.unreadable), feeds_(content.feeds) {
    rows_.reserve(content.records.size());
    for (const auto& [feed, draft] : content.records) {
        Row row;
        row.id = add(draft.id);
        row.modified = add(draft.modified);
        std::memcpy(row.digest.data(), draft.digest.data(), row.digest.size());
        row.feed = feed;
        row.flags = draft.is_withdrawn ? Row::kWithdrawn : 0;
        row.without_versions = draft.without_versions;
        row.unknown_ecosystems = draft.unknown_ecosystems;
        row.mixed_events = draft.mixed_events;
        rows_.push_back(row);
    }
    for (const exchange::ThreatRecord& threat : content.threats) {
        threat_digests_.emplace_back(crypto::sha256(line_of(threat)).bytes());
    }
}

FeedBlock::Text FeedBlock::add(std::string_view text) {
    const Text place{static_cast<std::uint32_t>(texts_.size()),
                     static_cast<std::uint32_t>(text.size())};
    texts_ += text;
    return place;
}

std::string FeedBlock::write() const {
    std::string texts = texts_;
    const auto add = [&](std::string_view text) {
        const Text place{static_cast<std::uint32_t>(texts.size()),
                         static_cast<std::uint32_t>(text.size())};
        texts += text;
        return place;
    };
    std::vector<FeedRow> feeds;
    for (const SourceFeed& feed : feeds_) feeds.push_back({add(feed.name), add(feed.licence)});
    Header header;
    header.taken_at_s[0] = static_cast<std::uint32_t>(taken_at_s_);
    header.taken_at_s[1] =
        static_cast<std::uint32_t>(static_cast<std::uint64_t>(taken_at_s_) >> 32);
    header.unreadable = unreadable_;
    BlobWriter writer(sizeof header);
    header.texts = writer.add(std::span<const char>(texts));
    header.feeds = writer.add(feeds);
    header.rows = writer.add(rows_);
    const std::vector<std::uint32_t> words = std::move(writer).finish(header);
    std::string bytes(reinterpret_cast<const char*>(words.data()), words.size() * sizeof words[0]);
    bytes += crypto::sha256(bytes).bytes();
    return bytes;
}

Result<FeedBlock> FeedBlock::read(std::string_view bytes) {
    if (bytes.size() < kDigestBytes + sizeof(Header)) return damage();
    const std::string_view digest = bytes.substr(bytes.size() - kDigestBytes);
    bytes.remove_suffix(kDigestBytes);
    if (crypto::sha256(bytes).bytes() != digest) return damage();
    std::vector<std::uint32_t> words(bytes.size() / sizeof(std::uint32_t));
    if (words.size() * sizeof(std::uint32_t) != bytes.size()) return damage();
    std::memcpy(words.data(), bytes.data(), bytes.size());
    const auto block = std::as_bytes(std::span(words));
    Header header;
    std::memcpy(&header, block.data(), sizeof header);
    if (header.magic != kMagic || header.version != kVersion) return damage();
    const auto texts = read_section<char>(block, header.texts);
    const auto feeds = read_section<FeedRow>(block, header.feeds);
    const auto rows = read_section<Row>(block, header.rows);
    if (!texts || !feeds || !rows) return damage();
    const auto is_inside = [&](const Text& place) {
        return place.begin <= texts->size() && place.size <= texts->size() - place.begin;
    };
    FeedBlock read;
    read.taken_at_s_ =
        static_cast<std::int64_t>(std::uint64_t{header.taken_at_s[1]} << 32 | header.taken_at_s[0]);
    read.unreadable_ = header.unreadable;
    read.texts_.assign(texts->data(), texts->size());
    for (const FeedRow& feed : *feeds) {
        if (!is_inside(feed.name) || !is_inside(feed.licence)) return damage();
        read.feeds_.push_back(
            {std::string(read.text(feed.name)), std::string(read.text(feed.licence))});
    }
    const bool are_sound = std::ranges::all_of(*rows, [&](const Row& row) {
        return is_inside(row.id) && is_inside(row.modified) && row.feed < feeds->size();
    });
    if (!are_sound) return damage();
    read.rows_.assign(rows->begin(), rows->end());
    return read;
}

}  // namespace merlon::scan
