#include "scan/advisory_update.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>

#include "base/file.h"
#include "crypto/digest.h"
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
// A text of lines: the program, the database's digest, then "FINGERPRINT BLOCK" for each source.
struct Index {
    std::string program;
    std::string database;
    std::vector<std::pair<std::string, std::string>> sources;

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
            const std::size_t space = source.find(' ');
            if (space == std::string_view::npos) return {};
            const std::string_view block = source.substr(space + 1);
            // A block is named by its digest, and is no way to another folder.
            if (block.find_first_not_of("0123456789abcdef") != std::string_view::npos) return {};
            index.sources.emplace_back(source.substr(0, space), block);
        }
        return index;
    }

    std::string write() const {
        std::string text = program + "\n" + database + "\n";
        for (const auto& [fingerprint, block] : sources) {
            text += fingerprint;
            text += ' ';
            text += block;
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

class Update {
  public:
    Update(const AdvisoryUpdateRequest& request, ThreadPool& pool)
        : request_(request),
          pool_(pool),
          before_(Index::parse(
              read_text_file(index_path(request.folder), kMaxIndexBytes).value_or(""))) {
        if (before_.program != request.program) before_ = {};
    }

    Result<AdvisoryUpdate> run() {
        std::error_code code;  // what fails here, the first block says
        fs::create_directories(request_.folder, code);
        if (Status read = read_sources(); !read.ok()) return read.error();
        const bool may_append = request_.scope == UpdateScope::kChanges && open_database();
        bool is_appended = false;
        if (may_append) is_appended = MERLON_TRY(append());
        if (!is_appended) {
            if (Status built = build_whole(); !built.ok()) return built.error();
        }
        index_.program = request_.program;
        update_.index = index_.write();
        return std::move(update_);
    }

  private:
    // Of one source: what was read of it now, and its block.
    struct Source {
        std::optional<SourceContent> content;
        std::optional<FeedBlock> block;
    };

    Status read_sources() {
        for (const FeedSource& source : request_.build.sources) {
            sources_.emplace_back();
            const std::string fingerprint = fingerprint_of(source);
            if (!has_threats(source.kind) && recall(fingerprint, sources_.back())) continue;
            if (Status read = read_one(sources_.size() - 1); !read.ok()) return read;
        }
        return {};
    }

    bool recall(const std::string& fingerprint, Source& into) {
        if (fingerprint == kUnknown) return false;
        const auto known =
            std::ranges::find(before_.sources, fingerprint, [](const auto& s) { return s.first; });
        if (known == before_.sources.end()) return false;
        into.block = stored_block(known->second);
        if (into.block.has_value()) index_.sources.push_back(*known);
        return into.block.has_value();
    }

    std::optional<FeedBlock> stored_block(const std::string& name) const {
        const auto bytes = read_file(request_.folder + "/" + name, kMaxBlockBytes);
        if (!bytes.ok()) return std::nullopt;
        auto block = FeedBlock::read(bytes.result.value().bytes);
        if (!block.ok()) return std::nullopt;
        return std::move(block).value();
    }

    Status read_one(std::size_t number) {
        const FeedSource& source = request_.build.sources[number];
        Source& into = sources_[number];
        into.content = MERLON_TRY(read_source(source, request_.build.limits, pool_));
        ++update_.sources_read;
        std::ranges::copy(into.content->problems, std::back_inserter(update_.problems));
        if (into.block.has_value()) return {};  // read again for its records
        into.block.emplace(*into.content);
        if (has_threats(source.kind)) return {};
        const std::string bytes = into.block->write();
        const std::string name = crypto::sha256(bytes).hex();
        // What went wrong is said again the next time, and may be right by then.
        index_.sources.emplace_back(
            into.content->problems.empty() ? fingerprint_of(source) : std::string(kUnknown), name);
        return write_file_atomically(request_.folder + "/" + name, bytes);
    }

    // The database that is there, where a segment may follow it.
    bool open_database() {
        auto opened = sca::Database::open(request_.database);
        if (!opened.ok()) return false;
        database_.emplace(std::move(opened).value());
        if (hex_of(database_->digest()) != before_.database ||
            database_->segment_count() >= kMostSegments) {
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
        std::vector<FeedBlock> old_blocks;
        old_blocks.reserve(before_.sources.size());
        FeedUnion before(request_.build.taken_at_s);
        for (const auto& [fingerprint, name] : before_.sources) {
            auto block = stored_block(name);
            if (!block.has_value()) return false;
            old_blocks.push_back(std::move(*block));
            before.add(old_blocks.back());
        }
        FeedUnion now(request_.build.taken_at_s);
        for (const Source& source : sources_) now.add(*source.block);
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
        if (Status taken = take(now, wanted, change); !taken.ok()) return taken.error();
        const sca::DatabaseInfo info = MERLON_TRY(database_->info());
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

    // The records at these places: of sources that were read, or now are.
    Status take(const FeedUnion& now, const std::vector<FeedUnion::Place>& wanted,
                sca::DatabaseChange& change) {
        std::set<std::pair<std::size_t, std::size_t>> places;
        for (const FeedUnion::Place& place : wanted) places.emplace(place.block, place.row);
        for (const auto& [number, row] : places) {
            Source& source = sources_[number];
            if (!source.content.has_value()) {
                if (Status read = read_one(number); !read.ok()) return read;
            }
            const FeedBlock::Row& expected = now.row({number, row});
            auto& records = source.content->records;
            const bool is_there =
                row < records.size() &&
                std::ranges::equal(
                    expected.digest, records[row].second.digest,
                    [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
            if (!is_there) {
                return Error{request_.build.sources[number].path +
                             " was changed while it was read; run it again"};
            }
            change.records.emplace_back(source.content->feeds[records[row].first].name,
                                        records[row].second);
        }
        return {};
    }

    void add_threats(const std::vector<sca::FeedInfo>& feeds, sca::DatabaseChange& change) const {
        std::set<std::string> names;  // of feeds that have threats now
        for (const Source& source : sources_) {
            if (source.block->threat_digests().empty()) continue;
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
        update_.bytes += MERLON_TRY(sca::build_segment(
            *database_, std::move(change), request_.build.built_at_s, pool_, request_.build.key));
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
            if (!sources_[i].content.has_value()) {
                if (Status read = read_one(i); !read.ok()) return read;
            }
            contents.push_back(std::move(*sources_[i].content));
        }
        AdvisoryBuild built = MERLON_TRY(join_sources(std::move(contents), request_.build, pool_));
        update_.bytes = std::move(built.bytes);
        update_.is_segment = false;
        return {};
    }

    const AdvisoryUpdateRequest& request_;
    ThreadPool& pool_;
    Index before_;
    Index index_;
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
    for (const auto& [fingerprint, block] : kept.sources) names.insert(block);
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
