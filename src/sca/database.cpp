#include "sca/database.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/file.h"

namespace merlon::sca {

// --- the reader ---

DatabaseReader::DatabaseReader(const Database& database, std::string_view bytes)
    : database_(database) {
    segments_.reserve(database.segments_.size());
    for (std::size_t i = 0; i < database.segments_.size(); ++i) {
        const DatabaseSegment& segment = database.segments_[i];
        segments_.emplace_back(segment, bytes.substr(database.offsets_[i], segment.size()),
                               *database.is_damaged_);
    }
}

bool DatabaseReader::is_live(RecordPlace place) const {
    const std::vector<std::uint32_t>& hidden = database_.hidden_[place.segment];
    return hidden.empty() || !std::ranges::binary_search(hidden, place.record);
}

std::optional<RecordPlace> DatabaseReader::find_record(std::string_view id) const {
    for (std::size_t i = segments_.size(); i-- > 0;) {
        const auto found = segments_[i].find_record(id);
        if (found.has_value() && is_live({i, *found})) return RecordPlace{i, *found};
    }
    return std::nullopt;
}

std::optional<std::uint32_t> DatabaseReader::number_in(std::size_t segment, TextPlace place) const {
    if (segment == place.segment) return place.text;
    return segments_[segment].find_text(text(place));
}

std::optional<RecordPlace> DatabaseReader::find_record(TextPlace id) const {
    for (std::size_t i = segments_.size(); i-- > 0;) {
        const auto number = number_in(i, id);
        if (!number.has_value()) continue;
        const auto found = segments_[i].find_record_of(*number);
        if (found.has_value() && is_live({i, *found})) return RecordPlace{i, *found};
    }
    return std::nullopt;
}

std::uint32_t DatabaseReader::number_of(RecordPlace place) const {
    return database_.first_record_[place.segment] + place.record;
}

std::string DatabaseReader::record_json(std::uint32_t number) const {
    const auto& first = database_.first_record_;
    if (number >= first.back()) {
        segments_.back().damaged();
        return {};
    }
    const auto segment =
        static_cast<std::size_t>(std::ranges::upper_bound(first, number) - first.begin()) - 1;
    return segments_[segment].record_json(number - first[segment]);
}

std::optional<ThreatPlace> DatabaseReader::find_threat(TextPlace id) const {
    for (std::size_t i = segments_.size(); i-- > 0;) {
        const SegmentReader& segment = segments_[i];
        const auto number = segment.threat_count() == 0 ? std::nullopt : number_in(i, id);
        if (number.has_value()) {
            if (const auto row = segment.find_threat_of(*number)) return ThreatPlace{i, *row};
        }
        if (segment.replaces_threats()) break;
    }
    return std::nullopt;
}

std::uint16_t DatabaseReader::feed_of(std::size_t segment, std::uint16_t feed) const {
    const auto& map = database_.feed_map_[segment];
    if (feed < map.size()) return map[feed];
    segments_[segment].damaged();
    return 0;
}

bool DatabaseReader::has_rows(std::string_view ecosystem,
                              const std::function<bool(std::string_view release)>& accepts) const {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        const SegmentReader& segment = segments_[i];
        const auto wanted = segment.find_ecosystem(ecosystem);
        if (!wanted.has_value()) continue;
        std::set<std::uint16_t> refused;  // labels: there are few, and many rows
        for (std::uint32_t number = 0; number < segment.package_count(); ++number) {
            if (segment.package(number).ecosystem != *wanted) continue;
            const RowRange rows = segment.affected_of(number);
            for (std::uint32_t row = rows.first; row < rows.last; ++row) {
                const AffectedRow affected = segment.affected(row);
                if (refused.contains(affected.release) || !is_live({i, affected.record})) continue;
                if (accepts(segment.label(affected.release))) return true;
                refused.insert(affected.release);
            }
        }
    }
    return false;
}

// --- the file ---

bool is_of_another_version(const std::string& path) {
    auto opened = FileReader::open(path);
    if (!opened.ok()) return false;
    std::string first(kHeaderBytes, '\0');
    const auto read = opened.result.value().read(first);
    return read.ok() && read.result.value() == first.size() &&
           DatabaseSegment::is_of_another_version(first);
}

Result<Database> Database::open(const std::string& path, VersionKeys keys) {
    Database database;
    database.file_ = MERLON_TRY(MappedFile::open(path, MappedReads::kHereAndThere));
    Status segments;
    const Status read = database.with_bytes(
        [&](std::string_view bytes) { segments = database.read_segments(bytes, keys); });
    for (const Status* status : {&read, static_cast<const Status*>(&segments)}) {
        if (!status->ok()) return Error(status->error()).at(path, 0, 0);
    }
    if (Status tables = database.read_tables(); !tables.ok()) {
        return std::move(tables).error().at(path, 0, 0);
    }
    return database;
}

Result<Database> Database::from_bytes(std::string bytes) {
    Database database;
    database.memory_ = std::make_shared<const std::string>(std::move(bytes));
    if (Status segments = database.read_segments(*database.memory_, VersionKeys::kOwn);
        !segments.ok()) {
        return std::move(segments).error();
    }
    if (Status tables = database.read_tables(); !tables.ok()) return std::move(tables).error();
    return database;
}

Status Database::with_bytes(const std::function<void(std::string_view bytes)>& work) const {
    if (file_.has_value()) return file_->guarded(work);
    work(*memory_);
    return {};
}

Status Database::read_segments(std::string_view bytes, VersionKeys keys) {
    std::size_t offset = 0;
    do {
        DatabaseSegment segment = MERLON_TRY(DatabaseSegment::open(bytes.substr(offset), keys));
        // What follows is a continuation of exactly what stands before it, by the same signer.
        const auto parent = segments_.empty() ? std::array<std::uint8_t, 32>{} : digest();
        const bool belongs =
            segment.header().parent == parent &&
            (segments_.empty() || segment.header().signer == segments_[0].header().signer);
        if (!belongs || segments_.size() >= kMaxSegments) {
            return Error{
                "the segments of the advisory database do not belong together: build it again with "
                "'merlon db build'"};
        }
        offsets_.push_back(offset);
        offset += segment.size();
        segments_.push_back(std::move(segment));
    } while (offset < bytes.size());
    return {};
}

Status Database::read_tables() {
    hidden_.resize(segments_.size());
    Status inner;
    const Status outer = read([&](const DatabaseReader& reader) {
        first_record_.push_back(0);
        for (std::size_t i = 0; i < segments_.size() && inner.ok(); ++i) {
            const SegmentReader& segment = reader.segment(i);
            inner = segments_[i].read_ecosystems(segment);
            const std::uint64_t end = std::uint64_t{first_record_.back()} + segment.record_count();
            if (end >= kNone) inner = database_damage();
            first_record_.push_back(static_cast<std::uint32_t>(end));
        }
        if (inner.ok()) inner = read_hidden(reader);
        if (inner.ok()) map_feeds(reader);
    });
    return outer.ok() ? inner : outer;
}

Status Database::read_hidden(const DatabaseReader& reader) {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        for (const HiddenRow& row : reader.segment(i).hidden()) {
            if (row.segment >= i || row.record >= reader.segment(row.segment).record_count()) {
                return database_damage();
            }
            hidden_[row.segment].push_back(row.record);
        }
    }
    for (auto& records : hidden_) {
        std::sort(records.begin(), records.end());
        if (std::ranges::adjacent_find(records) != records.end()) return database_damage();
    }
    return {};
}

void Database::map_feeds(const DatabaseReader& reader) {
    const std::size_t newest = segments_.size() - 1;
    const std::vector<FeedInfo> all = reader.segment(newest).feeds();
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        auto& map = feed_map_.emplace_back();
        const std::vector<FeedInfo> own = i == newest ? all : reader.segment(i).feeds();
        for (std::size_t feed = 0; feed < own.size(); ++feed) {
            const auto found = std::ranges::find(all, own[feed].name, &FeedInfo::name);
            // A feed that is gone has no live record that could ask.
            const auto place = i == newest ? feed : static_cast<std::size_t>(found - all.begin());
            map.push_back(static_cast<std::uint16_t>(place));
        }
    }
}

Status Database::read(const std::function<void(const DatabaseReader& reader)>& work) const {
    Status mapped = with_bytes([&](std::string_view bytes) { work(DatabaseReader(*this, bytes)); });
    if (!mapped.ok()) return mapped;
    if (is_damaged_->load(std::memory_order_relaxed)) return database_damage();
    return {};
}

Status Database::verify() const {
    std::size_t damaged_pages = 0;
    std::size_t pages = 0;
    Status mapped = with_bytes([&](std::string_view bytes) {
        for (std::size_t i = 0; i < segments_.size(); ++i) {
            const std::string_view own = bytes.substr(offsets_[i], segments_[i].size());
            const std::size_t count = segments_[i].page_count();
            for (std::size_t page = 0; page < count; ++page) {
                if (!segments_[i].is_page_good(own, page)) ++damaged_pages;
            }
            pages += count;
        }
    });
    if (!mapped.ok()) return mapped;
    if (damaged_pages > 0) {
        return Error{std::to_string(damaged_pages) + " of " + std::to_string(pages) +
                     " pages of the advisory database are damaged"};
    }
    for (const DatabaseSegment& segment : segments_) {
        if (Status signature = segment.verify_signature(); !signature.ok()) return signature;
    }
    return {};
}

std::optional<crypto::PublicKey> Database::signer() const {
    const crypto::PublicKey& signer = segments_.front().header().signer;
    if (signer == crypto::PublicKey{}) return std::nullopt;
    return signer;
}

Result<DatabaseInfo> Database::info() const {
    DatabaseInfo info;
    info.built_at_s = built_at_s();
    info.signer = signer();
    const auto rows = [](const DatabaseSegment& segment, Section section) {
        return std::max(segment.count(section), 1u) - 1;  // without the one behind the last
    };
    for (std::size_t i = 0; i < kSectionCount; ++i) info.sections.push_back({kSectionNames[i], 0});
    std::set<std::string> ecosystems;
    for (const DatabaseSegment& segment : segments_) {
        info.file_bytes += segment.size();
        for (std::size_t i = 0; i < kSectionCount; ++i) {
            info.sections[i].bytes += segment.bytes_of(static_cast<Section>(i));
        }
        for (const Ecosystem& known : segment.ecosystems()) ecosystems.insert(known.name);
        const std::uint32_t hidden = segment.count(Section::kHidden);
        const std::uint32_t records = rows(segment, Section::kRecords);
        info.segments.push_back({segment.header().built_at_s, segment.size(), records, hidden});
        info.records += records - hidden;
        info.packages += rows(segment, Section::kPackages);
        info.affected += rows(segment, Section::kAffected);
        info.versions += rows(segment, Section::kVersions);
        info.classes += rows(segment, Section::kClasses);
        const bool replaces = (segment.header().flags & DatabaseHeader::kReplacesThreats) != 0;
        info.threats = segment.count(Section::kThreats) + (replaces ? 0 : info.threats);
    }
    info.ecosystems.assign(ecosystems.begin(), ecosystems.end());
    const Status read =
        this->read([&](const DatabaseReader& reader) { info.feeds = reader.feeds(); });
    if (!read.ok()) return read.error();
    return info;
}

}  // namespace merlon::sca
