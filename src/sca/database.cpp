#include "sca/database.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "crypto/digest.h"
#include "sca/database_assembly.h"
#include "sca/string_pool.h"
#include "text/zstd.h"

namespace merlon::sca {
namespace {

constexpr std::size_t kMaxFrameBytes = std::size_t{256} << 20;
constexpr std::size_t kDigestBytes = 32;
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
                                                            1};

const SectionEntry& entry_of(const DatabaseHeader& header, Section section) {
    return header.sections[static_cast<std::size_t>(section)];
}

Error damage() {
    return Error{"the advisory database is damaged: build it again with 'merlon db build'"};
}

}  // namespace

// --- the reader ---

void DatabaseReader::damaged() const {
    database_.is_damaged_->store(true, std::memory_order_relaxed);
}

std::string_view DatabaseReader::checked(std::size_t offset, std::size_t size) const {
    if (size == 0) return {};
    const std::size_t first = (offset - kHeaderBytes) / kPageBytes;
    const std::size_t last = (offset + size - 1 - kHeaderBytes) / kPageBytes;
    for (std::size_t page = first; page <= last; ++page) {
        if (!database_.is_page_good(bytes_, page)) {
            damaged();
            return {};
        }
    }
    return bytes_.substr(offset, size);
}

std::uint32_t DatabaseReader::count(Section section) const {
    return entry_of(database_.header_, section).count;
}

template <typename T>
T DatabaseReader::row(Section section, std::uint32_t number) const {
    const SectionEntry& entry = entry_of(database_.header_, section);
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
RowRange DatabaseReader::span_of(Section section, std::uint32_t number, std::uint32_t T::* first,
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

std::string_view DatabaseReader::bytes(Section section, std::uint32_t first,
                                       std::uint32_t last) const {
    const SectionEntry& entry = entry_of(database_.header_, section);
    if (first > last || last > entry.count) {
        damaged();
        return {};
    }
    return checked(std::size_t{entry.offset} + first, last - first);
}

std::string DatabaseReader::text(std::uint32_t number) const {
    std::string out;
    if (number >= database_.header_.string_count) {
        damaged();
        return out;
    }
    const std::uint32_t bucket = number / kStringsPerBucket;
    const std::string_view packed =
        bytes(Section::kStringBytes, row<std::uint32_t>(Section::kStringBuckets, bucket),
              row<std::uint32_t>(Section::kStringBuckets, bucket + 1));
    if (!read_pooled(packed, number % kStringsPerBucket, out)) {
        damaged();
        out.clear();
    }
    return out;
}

std::optional<std::uint32_t> DatabaseReader::find_text(std::string_view wanted) const {
    // The last head that is not behind it, then the strings of its bucket.
    const std::uint32_t strings = database_.header_.string_count;
    if (strings == 0) return std::nullopt;
    std::uint32_t low = 0;
    std::uint32_t high = (strings - 1) / kStringsPerBucket + 1;
    while (high - low > 1) {
        const std::uint32_t middle = low + (high - low) / 2;
        if (text(middle * kStringsPerBucket) <= wanted) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const std::uint32_t first = low * kStringsPerBucket;
    const std::uint32_t last = std::min(strings, first + kStringsPerBucket);
    for (std::uint32_t number = first; number < last; ++number) {
        if (text(number) == wanted) return number;
    }
    return std::nullopt;
}

const std::vector<Ecosystem>& DatabaseReader::ecosystems() const { return database_.ecosystems_; }

std::optional<std::uint32_t> DatabaseReader::find_ecosystem(std::string_view name) const {
    const auto& all = database_.ecosystems_;
    for (std::uint32_t i = 0; i < all.size(); ++i) {
        if (all[i].name == name) return i;
    }
    return std::nullopt;
}

std::uint32_t DatabaseReader::package_count() const {
    return std::max(count(Section::kPackages), 1u) - 1;
}

PackageRow DatabaseReader::package(std::uint32_t number) const {
    return row<PackageRow>(Section::kPackages, number);
}

RowRange DatabaseReader::affected_of(std::uint32_t package) const {
    return span_of<PackageRow>(Section::kPackages, package, &PackageRow::first_affected,
                               Section::kAffected);
}

RowRange DatabaseReader::find_package(std::uint32_t ecosystem, std::string_view name) const {
    if (ecosystem >= database_.ecosystems_.size() || package_count() == 0) return {};
    const auto hash =
        static_cast<std::uint32_t>(package_hash(database_.ecosystems_[ecosystem].name, name) >> 32);
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

AffectedRow DatabaseReader::affected(std::uint32_t number) const {
    return row<AffectedRow>(Section::kAffected, number);
}

RowRange DatabaseReader::events_of(std::uint32_t affected) const {
    return span_of<AffectedRow>(Section::kAffected, affected, &AffectedRow::first_event,
                                Section::kEvents);
}

RowRange DatabaseReader::symbols_of(std::uint32_t affected) const {
    return span_of<AffectedRow>(Section::kAffected, affected, &AffectedRow::first_symbol,
                                Section::kSymbols);
}

std::uint32_t DatabaseReader::event(std::uint32_t number) const {
    return row<std::uint32_t>(Section::kEvents, number);
}

std::uint32_t DatabaseReader::symbol(std::uint32_t number) const {
    return row<std::uint32_t>(Section::kSymbols, number);
}

std::string DatabaseReader::version_text(std::uint32_t version) const {
    if (version == kFirstVersion) return "0";
    return text(row<VersionRow>(Section::kVersions, version).text);
}

std::string_view DatabaseReader::version_key(std::uint32_t version) const {
    const RowRange key = span_of<VersionRow>(Section::kVersions, version,
                                             &VersionRow::first_key_byte, Section::kVersionKeys);
    return bytes(Section::kVersionKeys, key.first, key.last);
}

std::string DatabaseReader::label(std::uint16_t number) const {
    return number == 0 ? std::string() : text(row<std::uint32_t>(Section::kLabels, number));
}

std::uint32_t DatabaseReader::record_count() const {
    return std::max(count(Section::kRecords), 1u) - 1;
}

RecordRow DatabaseReader::record(std::uint32_t number) const {
    return row<RecordRow>(Section::kRecords, number);
}

std::optional<std::uint32_t> DatabaseReader::find_record(std::string_view id) const {
    const auto wanted = find_text(id);
    if (!wanted.has_value()) return std::nullopt;
    std::uint32_t low = 0;
    std::uint32_t high = record_count();
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        if (record(middle).id < *wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == record_count() || record(low).id != *wanted) return std::nullopt;
    return low;
}

std::vector<std::string> DatabaseReader::ids_of(const RecordRow& record) const {
    if (record.alias_class == kNone) return {text(record.id)};
    const auto first = row<std::uint32_t>(Section::kClasses, record.alias_class);
    const auto last = row<std::uint32_t>(Section::kClasses, record.alias_class + 1);
    std::vector<std::string> ids;
    if (last > count(Section::kClassIds)) {
        damaged();
        return ids;
    }
    for (std::uint32_t i = first; i < last; ++i) {
        ids.push_back(text(row<std::uint32_t>(Section::kClassIds, i)));
    }
    return ids;
}

std::vector<std::string> DatabaseReader::upstream_of(std::uint32_t record) const {
    const RowRange range = span_of<RecordRow>(Section::kRecords, record, &RecordRow::first_upstream,
                                              Section::kUpstream);
    std::vector<std::string> ids;
    for (std::uint32_t i = range.first; i < range.last; ++i) {
        ids.push_back(text(row<std::uint32_t>(Section::kUpstream, i)));
    }
    return ids;
}

std::vector<std::string> DatabaseReader::frame_json(std::uint32_t frame) const {
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

std::string DatabaseReader::record_json(std::uint32_t number) const {
    std::vector<std::string> lines = frame_json(number / kRecordsPerFrame);
    const std::size_t line = number % kRecordsPerFrame;
    if (line < lines.size()) return std::move(lines[line]);
    damaged();
    return {};
}

std::optional<ThreatRow> DatabaseReader::find_threat(std::string_view id) const {
    if (count(Section::kThreats) == 0) return std::nullopt;
    const auto wanted = find_text(id);
    if (!wanted.has_value()) return std::nullopt;
    std::uint32_t low = 0;
    std::uint32_t high = count(Section::kThreats);
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        if (row<ThreatRow>(Section::kThreats, middle).id < *wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == count(Section::kThreats)) return std::nullopt;
    const auto found = row<ThreatRow>(Section::kThreats, low);
    if (found.id != *wanted) return std::nullopt;
    return found;
}

std::vector<FeedInfo> DatabaseReader::feeds() const {
    std::vector<FeedInfo> all;
    for (std::uint32_t i = 0; i < count(Section::kFeeds); ++i) {
        const auto found = row<FeedRow>(Section::kFeeds, i);
        FeedInfo feed;
        feed.name = text(found.name);
        feed.licence = text(found.licence);
        feed.digest = text(found.digest);
        feed.taken_at_s = found.taken_at_days * kDaySeconds + found.taken_at_seconds;
        feed.records = found.records;
        feed.withdrawn = found.withdrawn;
        feed.unreadable = found.unreadable;
        feed.without_versions = found.without_versions;
        feed.unknown_ecosystems = found.unknown_ecosystems;
        feed.mixed_events = found.mixed_events;
        feed.replaced = found.replaced;
        all.push_back(std::move(feed));
        if (database_.is_damaged_->load(std::memory_order_relaxed)) break;
    }
    return all;
}

// --- the file ---

Result<Database> Database::open(const std::string& path) {
    Database database;
    database.file_ = MERLON_TRY(MappedFile::open(path));
    Status header;
    const Status read =
        database.with_bytes([&](std::string_view bytes) { header = database.read_header(bytes); });
    for (const Status* status : {&read, static_cast<const Status*>(&header)}) {
        if (!status->ok()) return Error(status->error()).at(path, 0, 0);
    }
    if (Status ecosystems = database.read_ecosystems(); !ecosystems.ok()) {
        return std::move(ecosystems).error().at(path, 0, 0);
    }
    return database;
}

Result<Database> Database::from_bytes(std::string bytes) {
    Database database;
    database.memory_ = std::make_shared<const std::string>(std::move(bytes));
    if (Status header = database.read_header(*database.memory_); !header.ok()) {
        return std::move(header).error();
    }
    if (Status ecosystems = database.read_ecosystems(); !ecosystems.ok()) {
        return std::move(ecosystems).error();
    }
    return database;
}

Status Database::with_bytes(const std::function<void(std::string_view bytes)>& work) const {
    if (file_.has_value()) return file_->guarded(work);
    work(*memory_);
    return {};
}

Status Database::read_header(std::string_view bytes) {
    if (bytes.size() < kHeaderBytes ||
        !bytes.starts_with(std::string_view(kDatabaseMagic.data(), kDatabaseMagic.size()))) {
        return Error{"not an advisory database of Merlon; 'merlon db build' makes one"};
    }
    std::memcpy(&header_, bytes.data(), sizeof header_);
    if (header_.byte_order != kByteOrder || header_.version != kDatabaseVersion ||
        header_.key_format != version_key_format()) {
        return Error{
            "the advisory database was built by another version of Merlon: build it again with "
            "'merlon db build'"};
    }
    if (header_.file_bytes != bytes.size()) {
        return Error{"the advisory database is cut off: it should have " +
                     std::to_string(header_.file_bytes) + " bytes and has " +
                     std::to_string(bytes.size())};
    }
    const crypto::Digest header_digest = crypto::sha256(header_message(header_));
    const std::string_view rest = bytes.substr(sizeof header_, kHeaderBytes - sizeof header_);
    if (std::memcmp(header_digest.bytes().data(), header_.header_digest.data(), kDigestBytes) !=
            0 ||
        rest.find_first_not_of('\0') != std::string_view::npos) {
        return damage();
    }
    for (std::size_t i = 0; i < kSectionCount; ++i) {
        const SectionEntry& entry = header_.sections[i];
        const std::uint64_t size = std::uint64_t{entry.count} * kRowBytes[i];
        if (entry.offset < kHeaderBytes || entry.offset + size > bytes.size()) return damage();
    }
    const SectionEntry& digests = entry_of(header_, Section::kPageDigests);
    const std::size_t pages = digests.count / kDigestBytes;
    // The pages end where their digests begin: what is behind that is checked here.
    if (digests.count % kDigestBytes != 0 ||
        digests.offset + std::uint64_t{digests.count} != bytes.size() ||
        pages < (digests.offset - kHeaderBytes) / kPageBytes) {
        return damage();
    }
    page_digests_ = bytes.substr(digests.offset, digests.count);
    const crypto::Digest digest = crypto::sha256(page_digests_);
    if (std::memcmp(digest.bytes().data(), header_.page_digests_digest.data(), kDigestBytes) != 0) {
        return damage();
    }
    pages_ = std::make_unique<std::atomic<std::uint8_t>[]>(pages);
    return {};
}

Status Database::read_ecosystems() {
    std::string unknown;
    const Status read = this->read([&](const DatabaseReader& reader) {
        for (std::uint32_t i = 0; i < reader.count(Section::kEcosystems); ++i) {
            const auto found = reader.row<EcosystemRow>(Section::kEcosystems, i);
            const std::string scheme = reader.text(found.scheme);
            const auto parsed = packages::parse_version_scheme(scheme);
            if (!parsed.has_value()) unknown = scheme;
            if (!parsed.has_value()) break;
            ecosystems_.push_back({reader.text(found.name), *parsed});
        }
    });
    if (!read.ok()) return read;
    if (unknown.empty()) return {};
    return Error{"the advisory database orders versions by '" + unknown +
                 "', which this version of Merlon does not know"};
}

bool Database::is_page_good(std::string_view bytes, std::size_t page) const {
    const std::size_t pages = page_digests_.size() / kDigestBytes;
    if (page >= pages) return false;
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

Status Database::read(const std::function<void(const DatabaseReader& reader)>& work) const {
    const Status mapped =
        with_bytes([&](std::string_view bytes) { work(DatabaseReader(*this, bytes)); });
    if (!mapped.ok()) return mapped;
    if (is_damaged_->load(std::memory_order_relaxed)) return damage();
    return {};
}

Status Database::verify() const {
    std::size_t damaged_pages = 0;
    const std::size_t pages = page_digests_.size() / kDigestBytes;
    const Status mapped = with_bytes([&](std::string_view bytes) {
        for (std::size_t page = 0; page < pages; ++page) {
            if (!is_page_good(bytes, page)) ++damaged_pages;
        }
    });
    if (!mapped.ok()) return mapped;
    if (damaged_pages > 0) {
        return Error{std::to_string(damaged_pages) + " of " + std::to_string(pages) +
                     " pages of the advisory database are damaged"};
    }
    if (!signer().has_value()) return {};
    if (!crypto::is_signed_by(header_.signer, header_message(header_), header_.signature)) {
        return Error{"the signature of the advisory database is not its signer's"};
    }
    return {};
}

std::optional<crypto::PublicKey> Database::signer() const {
    if (header_.signer == crypto::PublicKey{}) return std::nullopt;
    return header_.signer;
}

Result<DatabaseInfo> Database::info() const {
    DatabaseInfo info;
    info.built_at_s = header_.built_at_s;
    info.file_bytes = header_.file_bytes;
    info.signer = signer();
    for (std::size_t i = 0; i < kSectionCount; ++i) {
        info.sections.push_back(
            {kSectionNames[i], std::uint64_t{header_.sections[i].count} * kRowBytes[i]});
    }
    for (const Ecosystem& ecosystem : ecosystems_) info.ecosystems.push_back(ecosystem.name);
    const Status read = this->read([&](const DatabaseReader& reader) {
        info.records = reader.record_count();
        info.packages = reader.package_count();
        info.affected = std::max(reader.count(Section::kAffected), 1u) - 1;
        info.versions = std::max(reader.count(Section::kVersions), 1u) - 1;
        info.classes = std::max(reader.count(Section::kClasses), 1u) - 1;
        info.threats = reader.count(Section::kThreats);
        info.feeds = reader.feeds();
    });
    if (!read.ok()) return read.error();
    return info;
}

}  // namespace merlon::sca
