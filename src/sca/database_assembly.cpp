#include "sca/database_assembly.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <numeric>
#include <tuple>

#include "crypto/digest.h"
#include "sca/version_order.h"
#include "text/zstd.h"

namespace merlon::sca {
namespace {

constexpr int kTextLevel = 9;
constexpr std::int64_t kDaySeconds = 86'400;

// The leading bits by which packages are found: one entry for some four packages.
unsigned top_bits(std::size_t packages) {
    return std::min(20u, static_cast<unsigned>(std::bit_width(packages / 4)));
}

// Which id of a class stands for it: CVE numbers are what people and other feeds know best.
int rank_of(std::string_view id) {
    constexpr std::array<std::string_view, 3> kFirst{"CVE-", "GHSA-", "MAL-"};
    for (std::size_t i = 0; i < kFirst.size(); ++i) {
        if (id.starts_with(kFirst[i])) return static_cast<int>(i);
    }
    return static_cast<int>(kFirst.size());
}

// Sets of ids that are joined, by number.
class UnionFind {
  public:
    explicit UnionFind(std::size_t count) : parents_(count) {
        std::iota(parents_.begin(), parents_.end(), 0u);
    }
    std::uint32_t find(std::uint32_t node) {
        while (parents_[node] != node) {
            parents_[node] = parents_[parents_[node]];
            node = parents_[node];
        }
        return node;
    }
    void join(std::uint32_t left, std::uint32_t right) {
        left = find(left);
        right = find(right);
        if (left != right) parents_[std::max(left, right)] = std::min(left, right);
    }

  private:
    std::vector<std::uint32_t> parents_;
};

std::uint32_t size_of(std::size_t count) { return static_cast<std::uint32_t>(count); }

// Digest and signature of a header that is complete but for them.
Status seal(DatabaseHeader& header, const std::optional<crypto::SecretKey>& key) {
    header.signer = {};
    header.signature = {};
    if (key.has_value()) header.signer = MERLON_TRY(crypto::public_key_of(*key));
    const std::string message = header_message(header);
    std::memcpy(header.header_digest.data(), crypto::sha256(message).bytes().data(), 32);
    if (key.has_value()) header.signature = MERLON_TRY(crypto::sign(*key, message));
    return {};
}

// Lays sections out behind the header and closes the file.
class FileWriter {
  public:
    FileWriter() { file_.resize(kHeaderBytes, '\0'); }

    template <typename T>
    void add(Section section, std::span<const T> rows) {
        while (file_.size() % 8 != 0) file_.push_back('\0');
        if (file_.size() + rows.size_bytes() > std::numeric_limits<std::uint32_t>::max()) {
            too_large_ = true;
            return;
        }
        header_.sections[static_cast<std::size_t>(section)] = {size_of(file_.size()),
                                                               size_of(rows.size())};
        file_.append(reinterpret_cast<const char*>(rows.data()), rows.size_bytes());
    }
    template <typename T>
    void add(Section section, const std::vector<T>& rows) {
        add(section, std::span<const T>(rows));
    }
    void add(Section section, std::string_view bytes) {
        add(section, std::span<const char>(bytes.data(), bytes.size()));
    }

    Result<std::string> finish(DatabaseHeader header, ThreadPool& pool,
                               const std::optional<crypto::SecretKey>& key) {
        while (file_.size() % 8 != 0) file_.push_back('\0');
        const std::size_t data_end = file_.size();
        const std::size_t pages = (data_end - kHeaderBytes + kPageBytes - 1) / kPageBytes;
        std::string digests(pages * 32, '\0');
        pool.for_each(pages, [&](std::size_t page, unsigned) {
            const std::string_view bytes =
                std::string_view(file_)
                    .substr(0, data_end)
                    .substr(kHeaderBytes + page * kPageBytes, kPageBytes);
            std::memcpy(&digests[page * 32], crypto::sha256(bytes).bytes().data(), 32);
        });
        add(Section::kPageDigests, digests);
        if (too_large_) {
            return Error{"the database would be larger than 4 GiB: build one for each ecosystem"};
        }
        header.sections = header_.sections;
        header.file_bytes = file_.size();
        std::memcpy(header.page_digests_digest.data(), crypto::sha256(digests).bytes().data(), 32);
        if (Status sealed = seal(header, key); !sealed.ok()) return sealed.error();
        std::memcpy(file_.data(), &header, sizeof header);
        return std::move(file_);
    }

  private:
    DatabaseHeader header_;
    std::string file_;
    bool too_large_ = false;
};

}  // namespace

Status DatabaseAssembly::gather() {
    label_numbers_.emplace(std::string_view(), std::uint16_t{0});
    labels_.push_back(0);
    gather_records();
    gather_classes();
    if (Status packages = gather_packages(); !packages.ok()) return packages;
    gather_threats();
    gather_feeds();
    if (events_.size() >= kNone || provisional_versions_.size() >= kFirstVersion) {
        return Error{"the database would have too many events: build one for each ecosystem"};
    }
    return {};
}

void DatabaseAssembly::gather_records() {
    for (const auto& [feed, draft] : writer_.drafts_) {
        RecordRow row;
        row.id = strings_.add(draft.id);
        row.first_upstream = size_of(upstream_.size());
        row.feed = static_cast<std::uint16_t>(feed);
        row.score = draft.score;
        row.flags = static_cast<std::uint8_t>((draft.is_withdrawn ? RecordRow::kWithdrawn : 0) |
                                              draft.severity_word << 4);
        for (const std::string& id : draft.upstream) upstream_.push_back(strings_.add(id));
        for (const std::string& id : draft.aliases) strings_.add(id);
        records_.push_back(row);
    }
    RecordRow end;
    end.first_upstream = size_of(upstream_.size());
    records_.push_back(end);
}

// Classes of two ids and more, numbered by the first record of each.
void DatabaseAssembly::gather_classes() {
    const std::size_t count = strings_.size();
    UnionFind sets(count);
    for (const auto& [feed, draft] : writer_.drafts_) {
        const std::uint32_t id = strings_.add(draft.id);
        for (const std::string& alias : draft.aliases) sets.join(id, strings_.add(alias));
    }
    std::vector<std::vector<std::uint32_t>> members(count);
    for (std::uint32_t id = 1; id < count; ++id) members[sets.find(id)].push_back(id);
    std::vector<std::uint32_t> numbers(count, kNone);
    for (std::size_t i = 0; i + 1 < records_.size(); ++i) {
        if (writer_.drafts_[i].draft.is_withdrawn) continue;
        const std::uint32_t root = sets.find(records_[i].id);
        auto& ids = members[root];
        if (ids.size() < 2) continue;
        if (numbers[root] == kNone) {
            numbers[root] = size_of(classes_.size());
            classes_.push_back(size_of(class_ids_.size()));
            std::sort(ids.begin(), ids.end(), [&](std::uint32_t left, std::uint32_t right) {
                const std::string_view a = strings_.text(left);
                const std::string_view b = strings_.text(right);
                return std::pair(rank_of(a), a) < std::pair(rank_of(b), b);
            });
            class_ids_.insert(class_ids_.end(), ids.begin(), ids.end());
        }
        records_[i].alias_class = numbers[root];
    }
    classes_.push_back(size_of(class_ids_.size()));
}

std::uint32_t DatabaseAssembly::version_number(packages::VersionScheme scheme,
                                               std::string_view text) {
    if (text == "0") return kFirstVersion;
    const std::uint32_t string = strings_.add(text);
    const std::uint64_t key = static_cast<std::uint64_t>(scheme) << 32 | string;
    const auto [found, is_new] =
        version_numbers_.emplace(key, size_of(provisional_versions_.size()));
    if (is_new) provisional_versions_.push_back({scheme, string});
    return found->second;
}

Result<std::uint16_t> DatabaseAssembly::label(std::string_view text) {
    const auto found = label_numbers_.find(text);
    if (found != label_numbers_.end()) return found->second;
    if (labels_.size() > std::numeric_limits<std::uint16_t>::max()) {
        return Error{"more than 65,535 releases and states of distributions"};
    }
    const auto number = static_cast<std::uint16_t>(labels_.size());
    labels_.push_back(strings_.add(text));
    label_numbers_.emplace(text, number);
    return number;
}

void DatabaseAssembly::add_events(const DraftAffected& draft) {
    for (const DraftEvent& event : draft.events) {
        const std::uint32_t version =
            event.kind == EventKind::kRange ? 0 : version_number(draft.scheme, event.version);
        events_.push_back(static_cast<std::uint32_t>(event.kind) << kEventShift | version);
    }
}

void DatabaseAssembly::add_symbols(const DraftAffected& draft) {
    const auto add = [&](SymbolKind kind, std::string_view text) {
        symbols_.push_back(static_cast<std::uint32_t>(kind) << kSymbolShift | strings_.add(text));
    };
    for (const exchange::OsvSymbols& group : draft.symbols) {
        add(SymbolKind::kPath, group.path);
        for (const auto& text : group.symbols) add(SymbolKind::kSymbol, text);
        for (const auto& text : group.operating_systems) add(SymbolKind::kOperatingSystem, text);
        for (const auto& text : group.architectures) add(SymbolKind::kArchitecture, text);
    }
}

Status DatabaseAssembly::gather_packages() {
    std::vector<Affected> all;
    std::vector<std::pair<std::string_view, packages::VersionScheme>> bases;
    for (std::uint32_t record = 0; record + 1 < records_.size(); ++record) {
        std::uint32_t position = 0;
        for (const DraftAffected& draft : writer_.drafts_[record].draft.affected) {
            all.push_back(
                {package_hash(draft.base, draft.name), draft.base, &draft, record, position++});
            const std::pair<std::string_view, packages::VersionScheme> base{draft.base,
                                                                            draft.scheme};
            if (std::ranges::find(bases, base) == bases.end()) bases.push_back(base);
        }
    }
    std::sort(bases.begin(), bases.end());
    for (const auto& [base, scheme] : bases) {
        ecosystems_.push_back({strings_.add(base), strings_.add(packages::name(scheme))});
    }
    std::sort(all.begin(), all.end(), [](const Affected& left, const Affected& right) {
        return std::tie(left.hash, left.ecosystem, left.draft->name, left.record, left.position) <
               std::tie(right.hash, right.ecosystem, right.draft->name, right.record,
                        right.position);
    });
    const Affected* before = nullptr;
    for (const Affected& entry : all) {
        if (before == nullptr || before->hash != entry.hash ||
            before->ecosystem != entry.ecosystem || before->draft->name != entry.draft->name) {
            const auto base = std::ranges::find_if(
                bases, [&](const auto& known) { return known.first == entry.ecosystem; });
            packages_.push_back({static_cast<std::uint32_t>(entry.hash >> 32),
                                 strings_.add(entry.draft->name), size_of(affected_.size()),
                                 static_cast<std::uint32_t>(base - bases.begin())});
        }
        before = &entry;
        AffectedRow row;
        row.record = entry.record;
        row.first_event = size_of(events_.size());
        row.first_symbol = size_of(symbols_.size());
        row.release = MERLON_TRY(label(entry.draft->release));
        row.state = MERLON_TRY(label(entry.draft->state));
        row.score = entry.draft->score;
        row.flags = entry.draft->flags;
        affected_.push_back(row);
        add_events(*entry.draft);
        add_symbols(*entry.draft);
    }
    add_package_top();
    AffectedRow end;
    end.first_event = size_of(events_.size());
    end.first_symbol = size_of(symbols_.size());
    affected_.push_back(end);
    packages_.push_back({kNone, 0, size_of(affected_.size() - 1), 0});
    return {};
}

void DatabaseAssembly::add_package_top() {
    const unsigned bits = top_bits(packages_.size());
    top_.assign((std::size_t{1} << bits) + 1, 0);
    for (const PackageRow& row : packages_) {
        // A shift by 32 is none that the language knows.
        ++top_[(bits == 0 ? 0 : row.hash >> (32 - bits)) + 1];
    }
    for (std::size_t i = 1; i < top_.size(); ++i) top_[i] += top_[i - 1];
}

// Of the attacks that are known, those on what the records are about.
void DatabaseAssembly::gather_threats() {
    const bool takes_all = writer_.segment_.has_value() && writer_.segment_->replaces_threats;
    for (const Threat& threat : writer_.threats_) {
        const auto id = takes_all ? strings_.add(threat.id) : strings_.find(threat.id);
        if (!id.has_value()) continue;
        if (threats_.empty() || threats_.back().id != *id) {
            threats_.push_back({});
            threats_.back().id = *id;
        }
        ThreatRow& row = threats_.back();
        if (!threat.due.empty()) row.due = strings_.add(threat.due);
        row.epss_100000ths = std::max(row.epss_100000ths, threat.epss_100000ths);
        row.percentile_100000ths = std::max(row.percentile_100000ths, threat.percentile_100000ths);
        row.flags |= static_cast<std::uint32_t>(
            (threat.is_known_exploited ? ThreatRow::kKnownExploited : 0) |
            (threat.is_used_by_ransomware ? ThreatRow::kRansomware : 0));
    }
}

FeedRow DatabaseAssembly::row_of(const FeedInfo& feed) {
    FeedRow row;
    row.name = strings_.add(feed.name);
    row.licence = strings_.add(feed.licence);
    row.digest = strings_.add(feed.digest);
    std::int64_t days = feed.taken_at_s / kDaySeconds;
    if (feed.taken_at_s % kDaySeconds < 0) --days;
    row.taken_at_days = static_cast<std::int32_t>(days);
    row.taken_at_seconds = static_cast<std::uint32_t>(feed.taken_at_s - days * kDaySeconds);
    row.counts = feed;
    return row;
}

void DatabaseAssembly::gather_feeds() {
    if (writer_.segment_.has_value()) {
        for (const FeedInfo& feed : writer_.segment_->feeds) feeds_.push_back(row_of(feed));
        return;
    }
    for (const auto& feed : writer_.feeds_) {
        FeedInfo info;
        info.name = feed.facts.name;
        info.licence = feed.facts.licence;
        info.digest = feed.facts.digest;
        info.taken_at_s = feed.facts.taken_at_s;
        info.unreadable = feed.unreadable;
        info.replaced = feed.replaced;
        info.records = feed.threats;
        feeds_.push_back(row_of(info));
    }
    for (const auto& [feed, draft] : writer_.drafts_) {
        FeedCounts& row = feeds_[feed].counts;
        ++row.records;
        row.withdrawn += draft.is_withdrawn ? 1 : 0;
        row.without_versions += draft.without_versions;
        row.unknown_ecosystems += draft.unknown_ecosystems;
        row.mixed_events += draft.mixed_events;
    }
}

// Versions by scheme and text, so that their order does not tell the records'.
void DatabaseAssembly::sort_versions(const StringPoolWriter::Packed& strings) {
    std::vector<std::uint32_t> order(provisional_versions_.size());
    std::iota(order.begin(), order.end(), 0u);
    const auto sort_key = [&](std::uint32_t number) {
        const Version& version = provisional_versions_[number];
        return std::pair(version.scheme, strings.final_number[version.text]);
    };
    std::sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
        return sort_key(left) < sort_key(right);
    });
    std::vector<std::uint32_t> final_version(order.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) {
        const Version& version = provisional_versions_[order[i]];
        final_version[order[i]] = i;
        versions_.push_back({strings.final_number[version.text], size_of(version_keys_.size())});
        packages::append_version_key(version.scheme, strings_.text(version.text), version_keys_);
    }
    versions_.push_back({0, size_of(version_keys_.size())});
    for (std::uint32_t& word : events_) {
        const std::uint32_t version = word & kEventVersionMask;
        const auto kind = static_cast<EventKind>(word >> kEventShift);
        if (kind == EventKind::kRange || version == kFirstVersion) continue;
        word = (word & ~kEventVersionMask) | final_version[version];
    }
}

void DatabaseAssembly::renumber(const StringPoolWriter::Packed& strings) {
    const auto put = [&](std::uint32_t& number) { number = strings.final_number[number]; };
    for (EcosystemRow& row : ecosystems_) {
        put(row.name);
        put(row.scheme);
    }
    for (std::uint32_t& text : labels_) put(text);
    for (PackageRow& row : packages_) put(row.name);
    for (std::uint32_t& word : symbols_) {
        word = (word & ~kSymbolTextMask) | strings.final_number[word & kSymbolTextMask];
    }
    for (RecordRow& row : records_) put(row.id);
    for (std::uint32_t& text : class_ids_) put(text);
    for (std::uint32_t& text : upstream_) put(text);
    for (ThreatRow& row : threats_) {
        put(row.id);
        put(row.due);
    }
    for (FeedRow& row : feeds_) {
        put(row.name);
        put(row.licence);
        put(row.digest);
    }
    sort_versions(strings);
}

std::vector<std::string> DatabaseAssembly::pack_texts(ThreadPool& pool) const {
    const auto& drafts = writer_.drafts_;
    std::vector<std::string> frames((drafts.size() + kRecordsPerFrame - 1) / kRecordsPerFrame);
    pool.for_each(frames.size(), [&](std::size_t frame, unsigned) {
        std::string lines;
        const std::size_t end = std::min(drafts.size(), (frame + 1) * kRecordsPerFrame);
        for (std::size_t i = frame * kRecordsPerFrame; i < end; ++i) {
            lines += drafts[i].draft.json;
            lines += '\n';
        }
        frames[frame] = text::pack_zstd(lines, kTextLevel);
    });
    return frames;
}

Result<std::string> DatabaseAssembly::write(std::int64_t built_at_s, ThreadPool& pool,
                                            const std::optional<crypto::SecretKey>& key) {
    if (strings_.size() > kSymbolTextMask) {
        return Error{"the database would have too many texts: build one for each ecosystem"};
    }
    const StringPoolWriter::Packed strings = strings_.finish();
    renumber(strings);
    FileWriter file;
    file.add(Section::kStringBuckets, strings.buckets);
    file.add(Section::kStringBytes, strings.bytes);
    file.add(Section::kEcosystems, ecosystems_);
    file.add(Section::kLabels, labels_);
    file.add(Section::kPackageTop, top_);
    file.add(Section::kPackages, packages_);
    file.add(Section::kAffected, affected_);
    file.add(Section::kEvents, events_);
    file.add(Section::kVersions, versions_);
    file.add(Section::kVersionKeys, version_keys_);
    file.add(Section::kSymbols, symbols_);
    file.add(Section::kRecords, records_);
    file.add(Section::kClasses, classes_);
    file.add(Section::kClassIds, class_ids_);
    file.add(Section::kUpstream, upstream_);
    std::sort(threats_.begin(), threats_.end(),
              [](const ThreatRow& left, const ThreatRow& right) { return left.id < right.id; });
    file.add(Section::kThreats, threats_);
    file.add(Section::kFeeds, feeds_);
    const std::vector<std::string> packed = pack_texts(pool);
    std::vector<std::uint32_t> frames{0};
    std::string texts;
    for (const std::string& frame : packed) {
        texts += frame;
        frames.push_back(size_of(texts.size()));
    }
    file.add(Section::kFrames, frames);
    file.add(Section::kTexts, texts);
    DatabaseHeader header;
    if (const auto& segment = writer_.segment_) {
        header.parent = segment->parent;
        header.flags = segment->replaces_threats ? DatabaseHeader::kReplacesThreats : 0;
        file.add(Section::kHidden, segment->hidden);
    } else {
        file.add(Section::kHidden, std::vector<HiddenRow>());
    }
    header.key_format = version_key_format();
    header.built_at_s = built_at_s;
    header.string_count = strings.count;
    return file.finish(header, pool, key);
}

Result<std::string> with_build_time(std::string bytes, std::int64_t built_at_s,
                                    const std::optional<crypto::SecretKey>& key) {
    const Error cut_off{"the advisory database is cut off"};
    DatabaseHeader header;
    std::size_t newest = 0;
    while (true) {
        if (bytes.size() - newest < sizeof header) return cut_off;
        std::memcpy(&header, bytes.data() + newest, sizeof header);
        if (header.file_bytes == 0 || header.file_bytes > bytes.size() - newest) return cut_off;
        if (newest + header.file_bytes == bytes.size()) break;
        newest += header.file_bytes;
    }
    header.built_at_s = built_at_s;
    if (Status sealed = seal(header, key); !sealed.ok()) return sealed.error();
    std::memcpy(bytes.data() + newest, &header, sizeof header);
    return bytes;
}

}  // namespace merlon::sca
