#include "sca/database_segment.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "crypto/digest.h"
#include "crypto/signature.h"
#include "sca/database_assembly.h"
#include "sca/string_pool.h"
#include "text/zstd.h"

namespace merlon::sca {
namespace {

constexpr std::size_t kMaxFrameBytes = std::size_t{256} << 20;
constexpr std::int64_t kDaySeconds = 86'400;

constexpr std::array<std::uint8_t, kSectionCount> kRowBytes{4,
                                                            1,
                                                            sizeof(EcosystemRow),
                                                            4,
                                                            4,
                                                            sizeof(PackageRow),
                                                            sizeof(AffectedRow),
                                                            4,
                                                            sizeof(VersionRow),
                                                            1,
                                                            4,
                                                            sizeof(RecordRow),
                                                            4,
                                                            4,
                                                            4,
                                                            sizeof(ThreatRow),
                                                            sizeof(FeedRow),
                                                            4,
                                                            1,
                                                            sizeof(HiddenRow),
                                                            1};

const SectionEntry& entry_of(const DatabaseHeader& header, Section section) {
    return header.sections[static_cast<std::size_t>(section)];
}

bool has_magic(std::string_view bytes) {
    return bytes.size() >= kHeaderBytes &&
           bytes.starts_with(std::string_view(kDatabaseMagic.data(), kDatabaseMagic.size()));
}

bool has_this_layout(const DatabaseHeader& header) {
    return header.byte_order == kByteOrder && header.version == kDatabaseVersion;
}

}  // namespace

Error database_damage() {
    return Error{"the advisory database is damaged: build it again with 'merlon db build'"};
}

std::string_view SegmentReader::checked(std::size_t offset, std::size_t size) const {
    if (size == 0) return {};
    const std::size_t first = (offset - kHeaderBytes) / kPageBytes;
    const std::size_t last = (offset + size - 1 - kHeaderBytes) / kPageBytes;
    if (first == last && segment_->is_known_good(first)) return {bytes_.data() + offset, size};
    for (std::size_t page = first; page <= last; ++page) {
        if (!segment_->is_page_good(bytes_, page)) {
            damaged();
            return {};
        }
    }
    return bytes_.substr(offset, size);
}

template <typename T>
T SegmentReader::row(Section section, std::uint32_t number) const {
    const SectionEntry& entry = entry_of(segment_->header(), section);
    T row{};
    if (number >= entry.count) {
        damaged();
        return row;
    }
    const std::string_view bytes =
        checked(entry.offset + std::size_t{number} * sizeof(T), sizeof(T));
    if (!bytes.empty()) std::memcpy(&row, bytes.data(), sizeof(T));
    return row;
}

template <typename T>
RowRange SegmentReader::span_of(Section section, std::uint32_t number, std::uint32_t T::* first,
                                Section counted) const {
    if (number == kNone) {
        damaged();
        return {};
    }
    const RowRange range{row<T>(section, number).*first, row<T>(section, number + 1).*first};
    if (range.first <= range.last && range.last <= count(counted)) return range;
    damaged();
    return {};
}

std::string_view SegmentReader::bytes(Section section, std::uint32_t first,
                                      std::uint32_t last) const {
    const SectionEntry& entry = entry_of(segment_->header(), section);
    if (first > last || last > entry.count) {
        damaged();
        return {};
    }
    return checked(std::size_t{entry.offset} + first, last - first);
}

std::string SegmentReader::text(std::uint32_t number) const {
    std::string out;
    if (number >= segment_->header().string_count) {
        damaged();
        return out;
    }
    const std::string_view bucket = text_bucket(number / kStringsPerBucket);
    if (!read_pooled(bucket, number % kStringsPerBucket, out)) {
        damaged();
        out.clear();
    }
    return out;
}

std::string_view SegmentReader::text_bucket(std::uint32_t bucket) const {
    return bytes(Section::kStringBytes, row<std::uint32_t>(Section::kStringBuckets, bucket),
                 row<std::uint32_t>(Section::kStringBuckets, bucket + 1));
}

SegmentReader::FoundText SegmentReader::look_for(std::string_view wanted) const {
    // The last head that is not behind it, then the strings of its bucket.
    const std::uint32_t strings = text_count();
    if (strings == 0) return {};
    std::uint32_t low = 0;
    std::uint32_t high = (strings - 1) / kStringsPerBucket + 1;
    std::string found;
    const auto next_of = [&](PooledStrings& bucket) {
        if (bucket.next(found)) return true;
        damaged();
        return false;
    };
    while (high - low > 1) {
        const std::uint32_t middle = low + (high - low) / 2;
        PooledStrings bucket(text_bucket(middle));
        found.clear();
        if (!next_of(bucket)) return {};
        (found <= wanted ? low : high) = middle;
    }
    const std::uint32_t first = low * kStringsPerBucket;
    const std::uint32_t last = std::min(strings, first + kStringsPerBucket);
    PooledStrings bucket(text_bucket(low));
    found.clear();
    for (std::uint32_t number = first; number < last; ++number) {
        if (!next_of(bucket)) return {};
        if (found >= wanted) return {number, found == wanted};
    }
    return {last, false};
}

std::uint32_t SegmentReader::first_text(std::string_view wanted) const {
    return look_for(wanted).number;
}

std::optional<std::uint32_t> SegmentReader::find_text(std::string_view text) const {
    const FoundText found = look_for(text);
    return found.is_equal ? std::optional(found.number) : std::nullopt;
}

RowRange SegmentReader::texts_with(std::string_view prefix) const {
    std::string behind(prefix);
    behind.back() = static_cast<char>(behind.back() + 1);
    return {first_text(prefix), first_text(behind)};
}

std::optional<std::uint32_t> SegmentReader::find_ecosystem(std::string_view name) const {
    const auto& all = ecosystems();
    for (std::uint32_t i = 0; i < all.size(); ++i) {
        if (all[i].name == name) return i;
    }
    return std::nullopt;
}

std::uint32_t SegmentReader::package_count() const {
    return std::max(count(Section::kPackages), 1u) - 1;
}

PackageRow SegmentReader::package(std::uint32_t number) const {
    return row<PackageRow>(Section::kPackages, number);
}

RowRange SegmentReader::affected_of(std::uint32_t package) const {
    return span_of<PackageRow>(Section::kPackages, package, &PackageRow::first_affected,
                               Section::kAffected);
}

RowRange SegmentReader::find_package(std::uint32_t ecosystem, std::string_view name) const {
    if (ecosystem >= ecosystems().size() || package_count() == 0) return {};
    const auto hash =
        static_cast<std::uint32_t>(package_hash(ecosystems()[ecosystem].name, name) >> 32);
    const std::uint32_t slots = count(Section::kPackageTop);
    if (slots < 2 || !std::has_single_bit(slots - 1)) {
        damaged();
        return {};
    }
    const int bits = std::countr_zero(slots - 1);
    const std::uint32_t slot = bits == 0 ? 0 : hash >> (32 - bits);
    const std::uint32_t last =
        std::min(row<std::uint32_t>(Section::kPackageTop, slot + 1), package_count());
    for (std::uint32_t i = row<std::uint32_t>(Section::kPackageTop, slot); i < last; ++i) {
        const PackageRow candidate = package(i);
        if (candidate.hash < hash) continue;
        if (candidate.hash > hash) break;
        if (candidate.ecosystem == ecosystem && text(candidate.name) == name) {
            return affected_of(i);
        }
    }
    return {};
}

AffectedRow SegmentReader::affected(std::uint32_t number) const {
    return row<AffectedRow>(Section::kAffected, number);
}

RowRange SegmentReader::events_of(std::uint32_t affected) const {
    return span_of<AffectedRow>(Section::kAffected, affected, &AffectedRow::first_event,
                                Section::kEvents);
}

RowRange SegmentReader::symbols_of(std::uint32_t affected) const {
    return span_of<AffectedRow>(Section::kAffected, affected, &AffectedRow::first_symbol,
                                Section::kSymbols);
}

std::uint32_t SegmentReader::event(std::uint32_t number) const {
    return row<std::uint32_t>(Section::kEvents, number);
}

std::uint32_t SegmentReader::symbol(std::uint32_t number) const {
    return row<std::uint32_t>(Section::kSymbols, number);
}

std::string SegmentReader::version_text(std::uint32_t version) const {
    if (version == kFirstVersion) return "0";
    return text(row<VersionRow>(Section::kVersions, version).text);
}

std::string_view SegmentReader::version_key(std::uint32_t version) const {
    const RowRange key = span_of<VersionRow>(Section::kVersions, version,
                                             &VersionRow::first_key_byte, Section::kVersionKeys);
    return bytes(Section::kVersionKeys, key.first, key.last);
}

std::string SegmentReader::label(std::uint16_t number) const {
    return number == 0 ? std::string() : text(row<std::uint32_t>(Section::kLabels, number));
}

std::uint32_t SegmentReader::record_count() const {
    return std::max(count(Section::kRecords), 1u) - 1;
}

RecordRow SegmentReader::record(std::uint32_t number) const {
    return row<RecordRow>(Section::kRecords, number);
}

std::optional<std::uint32_t> SegmentReader::find_record(std::string_view id) const {
    const auto wanted = find_text(id);
    return wanted.has_value() ? find_record_of(*wanted) : std::nullopt;
}

std::optional<std::uint32_t> SegmentReader::find_record_of(std::uint32_t id_text) const {
    std::uint32_t low = 0;
    std::uint32_t high = record_count();
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        if (record(middle).id < id_text) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == record_count() || record(low).id != id_text) return std::nullopt;
    return low;
}

std::uint32_t SegmentReader::class_count() const {
    return std::max(count(Section::kClasses), 1u) - 1;
}

std::vector<std::uint32_t> SegmentReader::class_ids(std::uint32_t alias_class) const {
    std::vector<std::uint32_t> ids;
    if (alias_class == kNone) {
        damaged();
        return ids;
    }
    const auto first = row<std::uint32_t>(Section::kClasses, alias_class);
    const auto last = row<std::uint32_t>(Section::kClasses, alias_class + 1);
    if (first >= last || last > count(Section::kClassIds)) {
        damaged();
        return ids;
    }
    for (std::uint32_t i = first; i < last; ++i) {
        ids.push_back(row<std::uint32_t>(Section::kClassIds, i));
    }
    return ids;
}

std::vector<std::uint32_t> SegmentReader::ids_of(const RecordRow& record) const {
    if (record.alias_class == kNone) return {record.id};
    return class_ids(record.alias_class);
}

std::uint32_t SegmentReader::first_id_of(const RecordRow& record) const {
    if (record.alias_class == kNone) return record.id;
    return row<std::uint32_t>(Section::kClassIds,
                              row<std::uint32_t>(Section::kClasses, record.alias_class));
}

std::vector<std::string> SegmentReader::texts(const std::vector<std::uint32_t>& numbers) const {
    std::vector<std::string> all;
    all.reserve(numbers.size());
    for (const std::uint32_t number : numbers) all.push_back(text(number));
    return all;
}

std::vector<std::uint32_t> SegmentReader::upstream_of(std::uint32_t record) const {
    const RowRange range = span_of<RecordRow>(Section::kRecords, record, &RecordRow::first_upstream,
                                              Section::kUpstream);
    std::vector<std::uint32_t> ids;
    for (std::uint32_t i = range.first; i < range.last; ++i) {
        ids.push_back(row<std::uint32_t>(Section::kUpstream, i));
    }
    return ids;
}

std::vector<std::string> SegmentReader::frame_json(std::uint32_t frame) const {
    const std::string_view packed =
        bytes(Section::kTexts, row<std::uint32_t>(Section::kFrames, frame),
              row<std::uint32_t>(Section::kFrames, frame + 1));
    const Result<std::string> unpacked = text::unpack_zstd(packed, kMaxFrameBytes);
    if (!unpacked.ok()) {
        damaged();
        return {};
    }
    std::vector<std::string> lines;
    std::string_view rest = unpacked.value();
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        lines.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return lines;
}

std::string SegmentReader::record_json(std::uint32_t number) const {
    std::vector<std::string> lines = frame_json(number / kRecordsPerFrame);
    const std::size_t line = number % kRecordsPerFrame;
    if (line < lines.size()) return std::move(lines[line]);
    damaged();
    return {};
}

std::optional<ThreatRow> SegmentReader::find_threat_of(std::uint32_t id_text) const {
    std::uint32_t low = 0;
    std::uint32_t high = threat_count();
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        if (row<ThreatRow>(Section::kThreats, middle).id < id_text) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == threat_count()) return std::nullopt;
    const auto found = row<ThreatRow>(Section::kThreats, low);
    if (found.id != id_text) return std::nullopt;
    return found;
}

std::vector<FeedInfo> SegmentReader::feeds() const {
    std::vector<FeedInfo> all;
    for (std::uint32_t i = 0; i < count(Section::kFeeds); ++i) {
        const auto found = row<FeedRow>(Section::kFeeds, i);
        FeedInfo feed{found.counts, text(found.name), text(found.licence), text(found.digest), 0};
        feed.taken_at_s = found.taken_at_days * kDaySeconds + found.taken_at_seconds;
        all.push_back(std::move(feed));
        if (is_damaged_->load(std::memory_order_relaxed)) break;
    }
    return all;
}

EcosystemRow SegmentReader::ecosystem_row(std::uint32_t number) const {
    return row<EcosystemRow>(Section::kEcosystems, number);
}

std::vector<HiddenRow> SegmentReader::hidden() const {
    std::vector<HiddenRow> rows;
    for (std::uint32_t i = 0; i < count(Section::kHidden); ++i) {
        rows.push_back(row<HiddenRow>(Section::kHidden, i));
    }
    return rows;
}

// --- the segment ---

Result<DatabaseSegment> DatabaseSegment::open(std::string_view bytes, VersionKeys keys) {
    if (!has_magic(bytes)) {
        return Error{"not an advisory database of Merlon; 'merlon db build' makes one"};
    }
    DatabaseSegment segment;
    std::memcpy(&segment.header_, bytes.data(), sizeof segment.header_);
    if (Status header = segment.check_header(bytes, keys); !header.ok()) return header.error();
    if (Status digests = segment.read_digests(bytes.substr(0, segment.size())); !digests.ok()) {
        return digests.error();
    }
    return segment;
}

bool DatabaseSegment::is_of_another_version(std::string_view bytes) {
    if (!has_magic(bytes)) return false;
    DatabaseHeader header;
    std::memcpy(&header, bytes.data(), sizeof header);
    return !has_this_layout(header) || header.key_format != version_key_format();
}

Status DatabaseSegment::check_header(std::string_view bytes, VersionKeys keys) const {
    if (!has_this_layout(header_) ||
        (keys == VersionKeys::kOwn && header_.key_format != version_key_format())) {
        return Error{
            "the advisory database was built by another version of Merlon: 'merlon db update' or "
            "'merlon db build' builds it anew"};
    }
    if (header_.file_bytes > bytes.size() || header_.file_bytes < kHeaderBytes) {
        return Error{"the advisory database is cut off: it should have " +
                     std::to_string(header_.file_bytes) + " bytes and has " +
                     std::to_string(bytes.size())};
    }
    const crypto::Digest header_digest = crypto::sha256(header_message(header_));
    const std::string_view rest = bytes.substr(sizeof header_, kHeaderBytes - sizeof header_);
    if (std::memcmp(header_digest.bytes().data(), header_.header_digest.data(), kDigestBytes) !=
            0 ||
        rest.find_first_not_of('\0') != std::string_view::npos) {
        return database_damage();
    }
    return {};
}

Status DatabaseSegment::read_digests(std::string_view bytes) {
    for (std::size_t i = 0; i < kSectionCount; ++i) {
        const SectionEntry& entry = header_.sections[i];
        const std::uint64_t size = std::uint64_t{entry.count} * kRowBytes[i];
        if (entry.offset < kHeaderBytes || entry.offset + size > bytes.size()) {
            return database_damage();
        }
    }
    const SectionEntry& digests = entry_of(header_, Section::kPageDigests);
    const std::size_t pages = digests.count / kDigestBytes;
    // The pages end where their digests begin: what is behind that is checked here.
    if (digests.count % kDigestBytes != 0 ||
        digests.offset + std::uint64_t{digests.count} != bytes.size() ||
        pages < (digests.offset - kHeaderBytes) / kPageBytes) {
        return database_damage();
    }
    page_digests_ = bytes.substr(digests.offset, digests.count);
    const crypto::Digest digest = crypto::sha256(page_digests_);
    if (std::memcmp(digest.bytes().data(), header_.page_digests_digest.data(), kDigestBytes) != 0) {
        return database_damage();
    }
    pages_ = std::make_unique<std::atomic<std::uint8_t>[]>(pages);
    return {};
}

Status DatabaseSegment::read_ecosystems(const SegmentReader& reader) {
    for (std::uint32_t i = 0; i < count(Section::kEcosystems); ++i) {
        const EcosystemRow found = reader.ecosystem_row(i);
        const std::string scheme = reader.text(found.scheme);
        const auto parsed = packages::parse_version_scheme(scheme);
        if (!parsed.has_value()) {
            return Error{"the advisory database orders versions by '" + scheme +
                         "', which this version of Merlon does not know"};
        }
        ecosystems_.push_back({reader.text(found.name), *parsed});
    }
    return {};
}

std::uint64_t DatabaseSegment::bytes_of(Section section) const {
    return std::uint64_t{count(section)} * kRowBytes[static_cast<std::size_t>(section)];
}

bool DatabaseSegment::is_page_good(std::string_view bytes, std::size_t page) const {
    if (page >= page_count()) return false;
    const auto state = pages_[page].load(std::memory_order_relaxed);
    if (state != kUnknown) return state == kGood;
    // Pages cover what stands before the digests, the last one as far as that goes.
    const std::size_t end = entry_of(header_, Section::kPageDigests).offset;
    const std::size_t begin = kHeaderBytes + page * kPageBytes;
    if (begin >= end) return false;
    const std::string_view content =
        bytes.substr(begin, std::min<std::size_t>(kPageBytes, end - begin));
    const crypto::Digest digest = crypto::sha256(content);
    const bool good =
        digest.bytes() == std::string_view(page_digests_).substr(page * kDigestBytes, kDigestBytes);
    pages_[page].store(good ? kGood : kDamaged, std::memory_order_relaxed);
    return good;
}

Status DatabaseSegment::verify_signature() const {
    if (header_.signer == crypto::PublicKey{}) return {};
    if (crypto::is_signed_by(header_.signer, header_message(header_), header_.signature)) return {};
    return Error{"the signature of the advisory database is not its signer's"};
}

}  // namespace merlon::sca
