#include "scan/advisory_update.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <system_error>

#include "base/file.h"
#include "crypto/digest.h"
#include "exchange/osv.h"
#include "sca/database_delta.h"
#include "scan/feed_union.h"

namespace merlon::scan {
namespace {

namespace fs = std::filesystem;

// A reader asks each segment: some, and no more.
constexpr std::size_t kMostSegments = 8;
constexpr std::uint64_t kMaxIndexBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kMaxBlockBytes = std::uint64_t{2} << 30;
constexpr std::string_view kUnknown = "-";

// The sources of the database that is there: of each its fingerprint and the name of its block.
//
// A text of lines: the program, the database's digest, then "FINGERPRINT BLOCK PLACE" for each
// source.
struct IndexedSource {
    std::string fingerprint;
    std::string block;
    std::string place;  // the digest of its kind and path: the same source, whatever it holds
};

struct Index {
    std::string program;
    std::string database;
    std::vector<IndexedSource> sources;

    // Empty where it is none: then nothing is remembered, and all is built anew.
    static Index parse(std::string_view rest) {
        Index index;
        const auto line = [&rest] {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            const std::string_view found = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            return found;
        };
        index.program = line();
        index.database = line();
        while (!rest.empty()) {
            const std::string_view source = line();
            const std::size_t first = source.find(' ');
            const std::size_t second = source.find(' ', std::min(first, source.size()) + 1);
            if (second == std::string_view::npos) return {};
            const std::string_view block = source.substr(first + 1, second - first - 1);
            // A block is named by its digest, and is no way to another folder.
            if (block.find_first_not_of("0123456789abcdef") != std::string_view::npos) return {};
            index.sources.push_back({std::string(source.substr(0, first)), std::string(block),
                                     std::string(source.substr(second + 1))});
        }
        return index;
    }

    std::string write() const {
        std::string text = program + "\n" + database + "\n";
        for (const IndexedSource& source : sources) {
            for (const std::string* word : {&source.fingerprint, &source.block}) {
                text += *word;
                text += ' ';
            }
            text += source.place;
            text += '\n';
        }
        return text;
    }
};

std::string hex_of(const std::array<std::uint8_t, 32>& digest) {
    return crypto::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string index_path(const std::string& folder) { return folder + "/index"; }

// Of a kind that reads the same bytes in its own way.
std::string fingerprint_of(const FeedSource& source) {
    if (source.fingerprint.empty()) return std::string(kUnknown);
    return crypto::sha256(std::string(name(source.kind)) + "\n" + source.fingerprint).hex();
}

std::string place_of(const FeedSource& source) {
    return crypto::sha256(std::string(name(source.kind)) + "\n" + source.path).hex();
}

class Update {
  public:
    Update(const AdvisoryUpdateRequest& request, ThreadPool& pool)
        : request_(request),
          pool_(pool),
          before_(Index::parse(
              read_text_file(index_path(request.folder), kMaxIndexBytes).value_or(""))) {}

    Result<AdvisoryUpdate> run() {
        std::error_code code;  // what fails here, the first block says
        fs::create_directories(request_.folder, code);
        if (Status read = read_sources(); !read.ok()) return read.error();
        if (!database_.has_value()) update_.feeds_before = remembered_feeds();
        const bool may_append = request_.scope == UpdateScope::kChanges && is_continued();
        if (!may_append || !MERLON_TRY(append())) {
            if (Status built = build_whole(); !built.ok()) return built.error();
        }
        Index index;
        index.program = request_.program;
        for (const Source& source : sources_) {
            if (!source.indexed.block.empty()) index.sources.push_back(source.indexed);
        }
        update_.index = index.write();
        return std::move(update_);
    }

  private:
    // Of one source: what was read of it now, and its block.
    struct Source {
        std::optional<SourceContent> content;
        std::shared_ptr<const FeedBlock> block;
        IndexedSource indexed;  // without a block: it is not remembered
        bool is_read = false;
    };

    Status read_sources() {
        open_database();
        for (const FeedSource& source : request_.build.sources) {
            Source& into = sources_.emplace_back();
            into.indexed.place = place_of(source);
            if (!has_threats(source.kind) && recall(fingerprint_of(source), into)) continue;
            if (Status read = read_one(sources_.size() - 1); !read.ok()) return read;
        }
        const auto has_block = [](const Source& source) { return source.block != nullptr; };
        if (std::ranges::any_of(sources_, has_block)) return {};
        std::string all = "no source could be read";
        for (const FeedProblem& problem : update_.problems) {
            all += "; " + problem.path + ": " + problem.what;
        }
        return Error{all};
    }

    bool recall(const std::string& fingerprint, Source& into) const {
        if (fingerprint == kUnknown || before_.program != request_.program) return false;
        const auto known =
            std::ranges::find(before_.sources, fingerprint, &IndexedSource::fingerprint);
        if (known == before_.sources.end()) return false;
        into.block = stored_block(known->block);
        if (into.block == nullptr) return false;
        into.indexed.fingerprint = fingerprint;
        into.indexed.block = known->block;
        return true;
    }

    std::shared_ptr<const FeedBlock> stored_block(const std::string& name) const {
        const auto bytes = read_file(request_.folder + "/" + name, kMaxBlockBytes);
        if (!bytes.ok()) return nullptr;
        auto block = FeedBlock::read(bytes.result.value().bytes);
        if (!block.ok()) return nullptr;
        return std::make_shared<const FeedBlock>(std::move(block).value());
    }

    // Reads the source, for its block or again for its records.
    Status read_one(std::size_t number) {
        const FeedSource& source = request_.build.sources[number];
        Source& into = sources_[number];
        auto content = read_source(source, request_.build.limits, pool_);
        if (!content.ok() && has_threats(source.kind)) return content.error();
        bool is_known = false;
        if (content.ok()) {
            SourceContent& read = content.value();
            std::ranges::copy(read.problems, std::back_inserter(update_.problems));
            is_known = into.block == nullptr && read.problems.empty();
            // Counted once, though a second reading may follow the first.
            update_.sources_read += into.is_read ? 0 : 1;
            into.is_read = true;
        } else {
            update_.problems.push_back({source.path, content.error().to_string()});
        }
        // What gives nothing at all any more is no feed of nothing, but one that cannot be read.
        const bool is_lost =
            !content.ok() || (!has_threats(source.kind) && content.value().records.empty() &&
                              !content.value().problems.empty());
        if (is_lost) into.content = stored_content(into);
        if (!into.content.has_value()) {
            // The database remembers what could not be read of it, and of no file there is nothing.
            if (!content.ok() || (is_lost && content.value().unreadable == 0)) return forget(into);
            into.content = std::move(content).value();
        }
        Status kept = keep_block(number, is_known);
        if (is_lost) into.indexed.fingerprint = kUnknown;
        return kept;
    }

    static Status forget(Source& into) {
        into.block = nullptr;
        into.indexed.block.clear();
        return {};
    }

    // Stores the block of the source's content. `is_known`: its fingerprint tells this content.
    Status keep_block(std::size_t number, bool is_known) {
        Source& into = sources_[number];
        const FeedSource& source = request_.build.sources[number];
        auto block = std::make_shared<const FeedBlock>(*into.content);
        if (has_threats(source.kind)) {
            into.block = std::move(block);
            return {};
        }
        const std::string bytes = block->write();
        const std::string name = crypto::sha256(bytes).hex();
        if (into.block != nullptr && into.indexed.block == name) return {};
        // What went wrong is said again the next time, and may be right by then. So is what reads
        // otherwise than it did: its fingerprint tells nobody what it holds.
        into.block = std::move(block);
        into.indexed.fingerprint = is_known ? fingerprint_of(source) : std::string(kUnknown);
        into.indexed.block = name;
        return write_file_atomically(request_.folder + "/" + name, bytes);
    }

    // What the database has of a source that cannot be read now; nothing where it never had any.
    std::optional<SourceContent> stored_content(const Source& source) const {
        std::shared_ptr<const FeedBlock> block = source.block;
        const auto known =
            std::ranges::find(before_.sources, source.indexed.place, &IndexedSource::place);
        if (block == nullptr && known != before_.sources.end()) block = stored_block(known->block);
        if (block == nullptr || !database_.has_value()) return std::nullopt;
        SourceContent content;
        content.taken_at_s = block->taken_at_s();
        content.unreadable = block->unreadable();
        content.feeds = block->feeds();
        bool is_whole = true;
        const Status read = database_->read([&](const sca::DatabaseReader& reader) {
            for (const FeedBlock::Row& row : block->rows()) {
                const auto place = reader.find_record(block->text(row.id));
                // Another source's may have counted, and is in the database by way of that.
                if (!place.has_value()) continue;
                const auto record = exchange::read_osv(reader.record_json(reader.number_of(*place)),
                                                       exchange::RecordSyntax::kJson);
                is_whole = is_whole && record.ok();
                if (!record.ok()) continue;
                content.records.emplace_back(static_cast<std::uint16_t>(row.feed),
                                             sca::draft_of(record.value()));
            }
        });
        if (!read.ok() || !is_whole) return std::nullopt;
        return content;
    }

    static bool is_draft_of(const FeedBlock::Row& row, const sca::Draft& draft) {
        return std::ranges::equal(row.digest, draft.digest, [](std::uint8_t a, char b) {
            return a == static_cast<std::uint8_t>(b);
        });
    }

    // The database that is there, where all of its pages are as they were written.
    void open_database() {
        auto opened = sca::Database::open(request_.database);
        if (!opened.ok() || !opened.value().verify().ok()) return;
        database_.emplace(std::move(opened).value());
    }

    // Empty where one of the blocks is not there any more.
    std::vector<sca::FeedInfo> remembered_feeds() const {
        std::vector<std::shared_ptr<const FeedBlock>> blocks;  // the union looks into them
        FeedUnion before(request_.build.taken_at_s);
        for (const IndexedSource& source : before_.sources) {
            blocks.push_back(stored_block(source.block));
            if (blocks.back() == nullptr) return {};
            before.add(*blocks.back());
        }
        return before.infos();
    }

    // Whether a segment may follow what is there.
    bool is_continued() const {
        if (!database_.has_value() || database_->segment_count() >= kMostSegments ||
            before_.program != request_.program ||
            hex_of(database_->digest()) != before_.database) {
            return false;
        }
        std::optional<crypto::PublicKey> signer;
        if (request_.build.key.has_value()) {
            const auto key = crypto::public_key_of(*request_.build.key);
            if (!key.ok()) return false;
            signer = key.value();
        }
        return database_->signer() == signer;
    }

    // False: the change is too large for a segment, or what is remembered of before is not whole.
    Result<bool> append() {
        std::vector<std::shared_ptr<const FeedBlock>> blocks;  // both unions look into them
        FeedUnion before(request_.build.taken_at_s);
        for (const IndexedSource& source : before_.sources) {
            blocks.push_back(stored_block(source.block));
            if (blocks.back() == nullptr) return false;
            before.add(*blocks.back());
        }
        FeedUnion now(request_.build.taken_at_s);
        std::vector<std::size_t> sources;  // of each block of `now`
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            if (sources_[i].block == nullptr) continue;
            blocks.push_back(sources_[i].block);
            now.add(*blocks.back());
            sources.push_back(i);
        }
        sca::DatabaseChange change;
        change.feeds = now.infos();
        std::vector<FeedUnion::Place> wanted;
        std::size_t records = 0;
        now.for_each([&](std::string_view id, const FeedUnion::Place& place) {
            ++records;
            const auto known = before.find(id);
            if (known.has_value() && before.row(*known).digest == now.row(place).digest) return;
            wanted.push_back(place);
        });
        before.for_each([&](std::string_view id, const FeedUnion::Place&) {
            if (!now.find(id).has_value()) change.gone.emplace_back(id);
        });
        update_.records_changed = wanted.size() + change.gone.size();
        if (update_.records_changed > records / 4) return false;
        std::sort(change.gone.begin(), change.gone.end());
        if (!MERLON_TRY(take(now, wanted, sources, change))) return false;
        const auto known = database_->info();
        if (!known.ok()) return false;
        const sca::DatabaseInfo& info = known.value();
        add_threats(info.feeds, change);
        const auto file = read_file(request_.database, info.file_bytes);
        if (!file.ok()) return file.result.error();
        update_.bytes = file.result.value().bytes;
        if (update_.records_changed == 0 && !change.has_new_threats && change.feeds == info.feeds) {
            update_.bytes = MERLON_TRY(sca::with_build_time(
                std::move(update_.bytes), request_.build.built_at_s, request_.build.key));
            return true;
        }
        return append(std::move(change));
    }

    // The records at these places: of sources that were read, or now are. False: one of them reads
    // otherwise than its block says.
    Result<bool> take(const FeedUnion& now, const std::vector<FeedUnion::Place>& wanted,
                      const std::vector<std::size_t>& sources, sca::DatabaseChange& change) {
        std::set<std::pair<std::size_t, std::size_t>> places;
        for (const FeedUnion::Place& place : wanted) places.emplace(place.block, place.row);
        for (const auto& [block, row] : places) {
            Source& source = sources_[sources[block]];
            if (!source.content.has_value()) {
                if (Status read = read_one(sources[block]); !read.ok()) return read.error();
            }
            const auto& records = source.content->records;
            if (source.block.get() != &now.block(block) || row >= records.size() ||
                !is_draft_of(now.row({block, row}), records[row].second)) {
                return false;
            }
            change.records.emplace_back(source.content->feeds[records[row].first].name,
                                        records[row].second);
        }
        return true;
    }

    void add_threats(const std::vector<sca::FeedInfo>& feeds, sca::DatabaseChange& change) const {
        std::set<std::string> names;  // of feeds that have threats now
        for (const Source& source : sources_) {
            if (source.block == nullptr || source.block->threat_digests().empty()) continue;
            names.insert(source.block->feeds().front().name);
            std::ranges::copy(source.content->threats, std::back_inserter(change.threats));
        }
        const auto differs = [&](const sca::FeedInfo& feed) {
            const auto now = std::ranges::find(change.feeds, feed.name, &sca::FeedInfo::name);
            // Of one that is gone, nobody knows whether it had any.
            return now == change.feeds.end() ||
                   (names.contains(feed.name) && now->digest != feed.digest);
        };
        const auto is_new = [&](const std::string& name) {
            return std::ranges::find(feeds, name, &sca::FeedInfo::name) == feeds.end();
        };
        change.has_new_threats =
            std::ranges::any_of(feeds, differs) || std::ranges::any_of(names, is_new);
    }

    Result<bool> append(sca::DatabaseChange change) {
        const auto segment = sca::build_segment(
            *database_, std::move(change), request_.build.built_at_s, pool_, request_.build.key);
        // What stands in its way, the build of all of it says, or does not meet.
        if (!segment.ok()) return false;
        update_.bytes += segment.value();
        // An ecosystem that has lost its last record is one of which nothing is known.
        const auto made = MERLON_TRY(sca::Database::from_bytes(update_.bytes));
        const sca::DatabaseInfo info = MERLON_TRY(made.info());
        update_.is_segment = true;
        MERLON_TRY(made.read([&](const sca::DatabaseReader& reader) {
            for (const std::string& ecosystem : info.ecosystems) {
                update_.is_segment =
                    update_.is_segment &&
                    reader.has_rows(ecosystem, [](std::string_view) { return true; });
            }
        }));
        // Where segments outweigh the base, one file is smaller and faster.
        const std::uint64_t base = info.segments.front().bytes;
        update_.is_segment = update_.is_segment && info.file_bytes - base <= base;
        return update_.is_segment;
    }

    Status build_whole() {
        std::vector<SourceContent> contents;
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            if (sources_[i].block != nullptr && !sources_[i].content.has_value()) {
                if (Status read = read_one(i); !read.ok()) return read;
            }
            if (sources_[i].content.has_value()) {
                contents.push_back(std::move(*sources_[i].content));
            }
        }
        AdvisoryBuild built = MERLON_TRY(join_sources(std::move(contents), request_.build, pool_));
        update_.bytes = std::move(built.bytes);
        update_.is_segment = false;
        return {};
    }

    const AdvisoryUpdateRequest& request_;
    ThreadPool& pool_;
    Index before_;
    std::vector<Source> sources_;
    std::optional<sca::Database> database_;
    AdvisoryUpdate update_;
};

}  // namespace

Result<AdvisoryUpdate> update_advisories(const AdvisoryUpdateRequest& request, ThreadPool& pool) {
    return Update(request, pool).run();
}

Status keep_update(const std::string& folder, const std::string& index,
                   const std::string& database) {
    const std::string path = index_path(folder);
    Index kept = Index::parse(index);
    kept.database = hex_of(MERLON_TRY(sca::Database::open(database)).digest());
    if (Status written = write_file_atomically(path, kept.write()); !written.ok()) return written;
    std::set<std::string> names{"index"};
    for (const IndexedSource& source : kept.sources) names.insert(source.block);
    std::error_code code;  // what cannot be removed is in nobody's way
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        if (!names.contains(entry.path().filename().string())) fs::remove(entry.path(), code);
    }
    return {};
}

Status keep_renewed(const std::string& folder, const std::array<std::uint8_t, 32>& before,
                    const std::string& database) {
    const auto text = read_text_file(index_path(folder), kMaxIndexBytes);
    if (!text.ok() || Index::parse(text.value()).database != hex_of(before)) return {};
    return keep_update(folder, text.value(), database);
}

}  // namespace merlon::scan
