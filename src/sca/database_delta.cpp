#include "sca/database_delta.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "exchange/osv.h"

namespace merlon::sca {
namespace {

// Which live records are held anew: closed under alias classes.
class Closure {
  public:
    explicit Closure(const DatabaseReader& reader) : reader_(reader) {
        for (std::size_t i = 0; i < reader.segment_count(); ++i) {
            const SegmentReader& segment = reader.segment(i);
            auto& classes = class_of_text_.emplace_back(segment.text_count(), kNone);
            for (std::uint32_t number = 0; number < segment.class_count(); ++number) {
                for (const std::uint32_t text : segment.class_ids(number)) {
                    if (text < classes.size()) classes[text] = number;
                }
            }
        }
    }

    void add(const std::string& id) {
        if (asked_.insert(id).second) waiting_.push_back(id);
    }

    // The records that the ids so far lead to.
    const std::set<RecordPlace>& close() {
        while (!waiting_.empty()) {
            const std::string id = std::move(waiting_.back());
            waiting_.pop_back();
            for (std::size_t i = 0; i < reader_.segment_count(); ++i) follow(i, id);
        }
        return found_;
    }

  private:
    void follow(std::size_t number, const std::string& id) {
        const SegmentReader& segment = reader_.segment(number);
        const auto text = segment.find_text(id);
        if (!text.has_value()) return;
        take_record(number, *text);
        if (*text >= class_of_text_[number].size()) return;
        const std::uint32_t alias_class = class_of_text_[number][*text];
        if (alias_class == kNone || !classes_.emplace(number, alias_class).second) return;
        // A class whose records are all hidden joins nothing any more.
        const std::vector<std::uint32_t> ids = segment.class_ids(alias_class);
        bool is_live = false;
        for (const std::uint32_t member : ids) {
            const auto record = segment.find_record_of(member);
            is_live = is_live || (record.has_value() && reader_.is_live({number, *record}) &&
                                  segment.record(*record).alias_class == alias_class);
        }
        if (!is_live) return;
        for (const std::uint32_t member : ids) add(segment.text(member));
    }

    void take_record(std::size_t number, std::uint32_t text) {
        const auto record = reader_.segment(number).find_record_of(text);
        if (record.has_value() && reader_.is_live({number, *record})) {
            found_.insert({number, *record});
        }
    }

    const DatabaseReader& reader_;
    std::vector<std::vector<std::uint32_t>> class_of_text_;  // of each segment
    std::set<std::pair<std::size_t, std::uint32_t>> classes_;
    std::unordered_set<std::string> asked_;
    std::vector<std::string> waiting_;
    std::set<RecordPlace> found_;
};

bool is_known(const DatabaseReader& reader, const std::string& text) {
    for (std::size_t i = 0; i < reader.segment_count(); ++i) {
        if (reader.segment(i).find_text(text).has_value()) return true;
    }
    return false;
}

class SegmentBuild {
  public:
    SegmentBuild(const DatabaseReader& reader, DatabaseChange& change)
        : reader_(reader), change_(change) {}

    // Fills the writer and the facts.
    Status gather(const Database& database, DatabaseWriter& writer, SegmentFacts& facts) {
        facts.parent = database.digest();
        facts.replaces_threats = change_.has_new_threats;
        for (const FeedInfo& feed : change_.feeds) {
            writer.add_feed({feed.name, feed.licence, feed.digest, feed.taken_at_s});
        }
        Closure closure(reader_);
        std::unordered_set<std::string> replaced(change_.gone.begin(), change_.gone.end());
        for (const std::string& id : change_.gone) closure.add(id);
        for (const auto& [feed, draft] : change_.records) {
            replaced.insert(draft.id);
            closure.add(draft.id);
            for (const std::string& alias : draft.aliases) closure.add(alias);
        }
        const std::vector<FeedInfo> feeds_before = reader_.feeds();
        for (const RecordPlace& place : closure.close()) {
            facts.hidden.push_back({static_cast<std::uint32_t>(place.segment), place.record});
            const SegmentReader& segment = reader_.segment(place.segment);
            const RecordRow row = segment.record(place.record);
            if (replaced.contains(segment.text(row.id))) continue;
            auto record = exchange::read_osv(segment.record_json(place.record),
                                             exchange::RecordSyntax::kJson);
            if (!record.ok()) return std::move(record).error();
            const std::uint16_t before = reader_.feed_of(place.segment, row.feed);
            if (before >= feeds_before.size()) return Error{"the database's feeds are damaged"};
            const std::size_t feed = MERLON_TRY(feed_number(feeds_before[before].name));
            Draft draft = draft_of(record.value());
            note(draft);
            writer.add(feed, std::move(draft));
        }
        return add_changes(writer, facts);
    }

  private:
    // Where the feed stands among those of the new segment.
    Result<std::size_t> feed_number(const std::string& name) const {
        const auto found = std::ranges::find(change_.feeds, name, &FeedInfo::name);
        if (found == change_.feeds.end()) return Error{"no feed is called " + name};
        return static_cast<std::size_t>(found - change_.feeds.begin());
    }

    Status add_changes(DatabaseWriter& writer, SegmentFacts& facts) {
        for (auto& [feed, draft] : change_.records) {
            const std::size_t number = MERLON_TRY(feed_number(feed));
            note(draft);
            writer.add(number, std::move(draft));
        }
        for (Threat& threat : change_.threats) {
            // Of the attacks that are known, those on what some record is about.
            const bool is_wanted = own_ids_.contains(threat.id) ||
                                   (change_.has_new_threats && is_known(reader_, threat.id));
            if (is_wanted) writer.add_threat(0, std::move(threat));
        }
        facts.feeds = std::move(change_.feeds);
        return {};
    }

    void note(const Draft& draft) {
        own_ids_.insert(draft.id);
        own_ids_.insert(draft.aliases.begin(), draft.aliases.end());
        own_ids_.insert(draft.upstream.begin(), draft.upstream.end());
    }

    const DatabaseReader& reader_;
    DatabaseChange& change_;
    std::unordered_set<std::string> own_ids_;
};

}  // namespace

Result<std::string> build_segment(const Database& database, DatabaseChange change,
                                  std::int64_t built_at_s, ThreadPool& pool,
                                  const std::optional<crypto::SecretKey>& key) {
    DatabaseWriter writer;
    SegmentFacts facts;
    Status gathered;
    const Status read = database.read([&](const DatabaseReader& reader) {
        gathered = SegmentBuild(reader, change).gather(database, writer, facts);
    });
    if (!read.ok()) return read.error();
    if (!gathered.ok()) return gathered.error();
    return writer.finish_segment(std::move(facts), built_at_s, pool, key);
}

}  // namespace merlon::sca
