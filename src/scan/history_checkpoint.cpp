#include "scan/history_checkpoint.h"

#include <algorithm>
#include <concepts>
#include <utility>

#include "crypto/digest.h"
#include "model/serialize.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

constexpr std::string_view kCheckpointFormat = "merlon-history/2";
constexpr std::uint32_t kSampleObjects = 64;

// Numbers are little endian, of the width of their type; texts and lists are led by their length.
class Writer {
  public:
    std::string out;

    template <std::unsigned_integral T>
    void number(T value) {
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            out += static_cast<char>(static_cast<std::uint64_t>(value) >> 8 * i & 0xFF);
        }
    }
    void size(std::size_t value) { number(static_cast<std::uint32_t>(value)); }
    void text(std::string_view value) {
        size(value.size());
        out += value;
    }
    void numbers(const std::vector<std::uint32_t>& values) {
        size(values.size());
        for (const std::uint32_t value : values) number(value);
    }
    void ids(const std::vector<git::ObjectId>& values) {
        size(values.size());
        for (const git::ObjectId& id : values) out += id.bytes();
    }
};

// What does not fit makes ok() false, and everything read from then on empty.
class Reader {
  public:
    Reader(std::string_view bytes, git::HashAlgorithm algorithm)
        : rest_(bytes), algorithm_(algorithm) {}

    bool ok() const { return ok_; }
    bool at_end() const { return ok_ && rest_.empty(); }

    std::string_view take(std::size_t count) {
        if (!ok_ || count > rest_.size()) {
            ok_ = false;
            return {};
        }
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }
    template <std::unsigned_integral T>
    T number() {
        std::uint64_t value = 0;
        const std::string_view bytes = take(sizeof(T));
        for (std::size_t i = bytes.size(); i-- > 0;) {
            value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
        }
        return static_cast<T>(value);
    }
    // Of a list whose items have at least so many bytes each.
    std::size_t size(std::size_t least_bytes) {
        const std::size_t count = number<std::uint32_t>();
        if (count > rest_.size() / least_bytes) ok_ = false;
        return ok_ ? count : 0;
    }
    // Below `limit`.
    std::uint32_t place(std::size_t limit) {
        const auto value = number<std::uint32_t>();
        if (value >= limit) ok_ = false;
        return ok_ ? value : 0;
    }
    std::uint32_t place_or_none(std::size_t limit) {
        const auto value = number<std::uint32_t>();
        if (value != kNoNumber && value >= limit) ok_ = false;
        return value;
    }
    std::string text() { return std::string(take(size(1))); }
    std::vector<std::uint32_t> places(std::size_t limit) {
        std::vector<std::uint32_t> values(size(4));
        for (std::uint32_t& value : values) value = place(limit);
        return values;
    }
    std::vector<git::ObjectId> ids() {
        const std::size_t bytes = git::hash_bytes_of(algorithm_);
        std::vector<git::ObjectId> values;
        const std::size_t count = size(bytes);
        values.reserve(count);
        for (std::size_t i = 0; i < count && ok_; ++i) {
            const std::string_view raw = take(bytes);
            if (ok_) values.push_back(git::ObjectId::from_bytes(algorithm_, raw.data()));
        }
        return values;
    }

  private:
    std::string_view rest_;
    git::HashAlgorithm algorithm_;
    bool ok_ = true;
};

void write(Writer& out, const HistoryCheckpoint::Object& object) {
    out.number(static_cast<std::uint8_t>(object.type));
    out.number(static_cast<std::uint8_t>(object.is_seen_tree ? 1 : 0));
    out.number(static_cast<std::uint8_t>(object.outcome.state));
    if (object.outcome.state == ObjectState::kUnknown) return;
    out.number(object.outcome.reading);
    out.number(object.outcome.bytes);
    out.number(object.outcome.left_out);
    out.number(object.outcome.members);
}

HistoryCheckpoint::Object read_object(Reader& in) {
    HistoryCheckpoint::Object object;
    object.type = static_cast<git::ObjectType>(in.number<std::uint8_t>());
    object.is_seen_tree = in.number<std::uint8_t>() != 0;
    object.outcome.state = static_cast<ObjectState>(in.number<std::uint8_t>());
    if (object.outcome.state == ObjectState::kUnknown) return object;
    object.outcome.reading = in.number<std::uint64_t>();
    object.outcome.bytes = in.number<std::uint64_t>();
    object.outcome.left_out = in.number<std::uint32_t>();
    object.outcome.members = in.number<std::uint32_t>();
    return object;
}

void write(Writer& out, const HistoryCheckpoint::Commit& commit) {
    out.number(commit.object);
    out.number(commit.tree);
    out.number(commit.date);
    out.numbers(commit.parents);
    out.numbers(commit.before);
    out.size(commit.changes.size());
    for (const HistoryChange& change : commit.changes) {
        out.number(change.path);
        out.number(change.after);
        out.number(change.before_begin);
        out.number(change.before_count);
    }
}

HistoryCheckpoint::Commit read_commit(Reader& in, const HistoryCheckpoint& all) {
    HistoryCheckpoint::Commit commit;
    commit.object = in.place(all.ids.size());
    commit.tree = in.place(all.ids.size());
    commit.date = in.number<std::uint64_t>();
    commit.parents = in.places(all.ids.size());
    commit.before = in.places(all.ids.size());
    commit.changes.resize(in.size(16));
    for (HistoryChange& change : commit.changes) {
        change.path = in.place(all.paths.size());
        change.after = in.place_or_none(all.ids.size());
        change.before_begin = in.place(commit.before.size() + 1);
        change.before_count = in.place(commit.before.size() - change.before_begin + 1);
    }
    return commit;
}

void write(Writer& out, const std::vector<ObjectMatches>& found) {
    out.size(found.size());
    for (const ObjectMatches& one : found) {
        out.number(one.object);
        out.number(one.path);
        out.size(one.matches.size());
        for (const ContentMatch& match : one.matches) {
            out.number(match.rule);
            out.text(match.tag);
        }
    }
}

std::vector<ObjectMatches> read_matches(Reader& in, const HistoryCheckpoint& all) {
    std::vector<ObjectMatches> found(in.size(12));
    for (ObjectMatches& one : found) {
        one.object = in.place(all.ids.size());
        one.path = in.place_or_none(all.paths.size());
        one.matches.resize(in.size(8));
        for (ContentMatch& match : one.matches) {
            match.rule = in.number<std::uint32_t>();
            match.tag = in.text();
        }
    }
    return found;
}

void write_findings(Writer& out, const HistoryCheckpoint& all) {
    out.size(all.versions.size());
    for (const HistoryCheckpoint::Version& version : all.versions) {
        out.number(version.object);
        out.number(version.path);
        out.number(version.kind);
        out.number(version.first_finding);
        out.number(version.finding_count);
    }
    model::Report report;
    report.findings = all.findings;
    out.text(model::serialize(report));
    for (const std::string& tag : all.tags) out.text(tag);
    for (const SecretPrint& print : all.prints) {
        out.number(print.bytes);
        out.number(print.begin);
        out.number(print.tag);
    }
}

bool read_findings(Reader& in, HistoryCheckpoint& all) {
    all.versions.resize(in.size(17));
    for (HistoryCheckpoint::Version& version : all.versions) {
        version.object = in.place(all.ids.size());
        version.path = in.place_or_none(all.paths.size());
        version.kind = in.number<std::uint8_t>();
        version.first_finding = in.number<std::uint32_t>();
        version.finding_count = in.number<std::uint32_t>();
    }
    const std::string_view message = in.take(in.size(1));
    if (!in.ok()) return false;
    Result<model::Report> report = model::deserialize_report(message);
    if (!report.ok()) return false;
    all.findings = std::move(report.value().findings);
    for (std::size_t i = 0; i < all.findings.size(); ++i) all.tags.push_back(in.text());
    for (std::size_t i = 0; i < all.findings.size(); ++i) {
        SecretPrint& print = all.prints.emplace_back();
        print.bytes = in.number<std::uint32_t>();
        print.begin = in.number<std::uint32_t>();
        print.tag = in.number<std::uint64_t>();
    }
    return std::ranges::all_of(all.versions, [&](const HistoryCheckpoint::Version& version) {
        return version.first_finding <= all.findings.size() &&
               version.finding_count <= all.findings.size() - version.first_finding;
    });
}

}  // namespace

std::string serialize(const HistoryCheckpoint& all) {
    Writer out;
    out.out.reserve(all.ids.size() * 56);
    out.out += kCheckpointFormat;
    out.ids(all.ids);
    for (const HistoryCheckpoint::Object& object : all.objects) write(out, object);
    out.size(all.paths.size());
    for (std::size_t i = 0; i < all.paths.size(); ++i) {
        out.text(all.paths[i]);
        out.number(static_cast<std::uint8_t>(all.path_facts[i].is_allowed ? 1 : 0));
        out.number(all.path_facts[i].kind);
        out.text(all.path_facts[i].reading);
    }
    out.size(all.commits.size());
    for (const HistoryCheckpoint::Commit& commit : all.commits) write(out, commit);
    write(out, all.blobs);
    write(out, all.messages);
    write_findings(out, all);
    out.ids(all.sample);
    out.ids(all.submodules);
    return std::move(out.out);
}

std::optional<HistoryCheckpoint> parse_checkpoint(std::string_view bytes,
                                                  git::HashAlgorithm algorithm) {
    if (!bytes.starts_with(kCheckpointFormat)) return std::nullopt;
    Reader in(bytes.substr(kCheckpointFormat.size()), algorithm);
    HistoryCheckpoint all;
    all.ids = in.ids();
    all.objects.reserve(all.ids.size());
    for (std::size_t i = 0; i < all.ids.size() && in.ok(); ++i) {
        all.objects.push_back(read_object(in));
    }
    const std::size_t paths = in.size(17);
    all.paths.reserve(paths);
    all.path_facts.reserve(paths);
    for (std::size_t i = 0; i < paths && in.ok(); ++i) {
        all.paths.push_back(in.text());
        PathFacts facts;
        facts.is_allowed = in.number<std::uint8_t>() != 0;
        facts.kind = in.number<std::uint64_t>();
        facts.reading = in.text();
        all.path_facts.push_back(std::move(facts));
    }
    const std::size_t commits = in.size(28);
    all.commits.reserve(commits);
    for (std::size_t i = 0; i < commits && in.ok(); ++i) {
        all.commits.push_back(read_commit(in, all));
    }
    all.blobs = read_matches(in, all);
    all.messages = read_matches(in, all);
    if (!read_findings(in, all)) return std::nullopt;
    all.sample = in.ids();
    all.submodules = in.ids();
    if (!in.at_end() || !std::ranges::is_sorted(all.ids)) return std::nullopt;
    return all;
}

std::vector<git::ObjectId> sample_of(const git::ObjectCatalog& catalog) {
    std::vector<git::ObjectId> sample;
    const std::uint32_t wanted = std::min(kSampleObjects, catalog.count());
    for (std::uint32_t i = 0; i < wanted; ++i) {
        const auto number = static_cast<std::uint32_t>(std::uint64_t{i} * catalog.count() / wanted);
        if (const auto id = catalog.id_of(number); id.ok()) sample.push_back(id.value());
    }
    return sample;
}

std::optional<std::string> key_of_sample(const git::ObjectDatabase& database,
                                         const std::vector<git::ObjectId>& sample) {
    std::string digests;
    for (const git::ObjectId& id : sample) {
        const auto object = database.read_original(id);
        if (!object.ok()) return std::nullopt;
        digests += crypto::sha256(object.value().bytes()).bytes();
    }
    return std::string(crypto::sha256(digests).bytes());
}

}  // namespace merlon::scan
