#include "scan/advisories.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <span>

#include "crypto/digest.h"
#include "exchange/csaf_advisories.h"
#include "exchange/distribution_feeds.h"
#include "exchange/nvd.h"
#include "exchange/osv.h"
#include "exchange/patched_feeds.h"
#include "exchange/threats.h"
#include "sca/database_writer.h"
#include "sca/patched_ranges.h"
#include "scan/advisory_files.h"

namespace merlon::scan {
namespace {

// What one file gave.
struct Parsed {
    std::vector<sca::Draft> drafts;
    std::vector<exchange::DistributionFix> fixes;
    std::vector<exchange::ThreatRecord> threats;
    std::string problem;
};

template <typename T>
void take(Result<std::vector<T>> read, std::vector<T>& into, Parsed& out) {
    if (read.ok()) {
        into = std::move(read).value();
    } else {
        out.problem = read.error().to_string();
    }
}

void add_record(Result<exchange::OsvRecord> record, Parsed& out) {
    if (record.ok()) {
        out.drafts.push_back(sca::draft_of(record.value()));
    } else {
        out.problem = record.error().to_string();
    }
}

void add_patched(Result<exchange::PatchedAdvisory> advisory, Parsed& out) {
    if (advisory.ok()) {
        add_record(sca::with_ranges(std::move(advisory).value()), out);
    } else {
        out.problem = advisory.error().to_string();
    }
}

bool is_json(std::string_view bytes) {
    const std::size_t first = bytes.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && bytes[first] == '{';
}

void read_osv_file(const AdvisoryFile& file, Parsed& out) {
    const bool yaml = file.name.ends_with(".yaml") || file.name.ends_with(".yml");
    add_record(exchange::read_osv(file.bytes, yaml ? exchange::RecordSyntax::kYaml
                                                   : exchange::RecordSyntax::kJson),
               out);
}

void read_secdb_file(const AdvisoryFile& file, Parsed& out) {
    take(exchange::read_secdb(file.bytes), out.fixes, out);
}

void read_debian_file(const AdvisoryFile& file, Parsed& out) {
    take(exchange::read_debian_tracker(file.bytes), out.fixes, out);
}

void read_rustsec_file(const AdvisoryFile& file, Parsed& out) {
    // Beside the advisories stand pages for people.
    if (!file.bytes.starts_with("```toml")) return;
    add_patched(exchange::read_rustsec(file.bytes), out);
}

void read_rubysec_file(const AdvisoryFile& file, Parsed& out) {
    const std::string_view name = file.name;
    add_patched(exchange::read_rubysec(file.bytes, name.substr(name.rfind('/') + 1)), out);
}

void read_kev_file(const AdvisoryFile& file, Parsed& out) {
    take(is_json(file.bytes) ? exchange::read_kev_json(file.bytes)
                             : exchange::read_kev_csv(file.bytes),
         out.threats, out);
}

void read_epss_file(const AdvisoryFile& file, Parsed& out) {
    take(exchange::read_epss_csv(file.bytes), out.threats, out);
}

void read_nvd_file(const AdvisoryFile& file, Parsed& out) {
    std::vector<exchange::OsvRecord> records;
    take(exchange::read_nvd(file.bytes), records, out);
    for (const exchange::OsvRecord& record : records) out.drafts.push_back(sca::draft_of(record));
}

void read_csaf_file(const AdvisoryFile& file, Parsed& out) {
    auto advisory = exchange::read_csaf_advisory(file.bytes);
    if (!advisory.ok()) {
        out.problem = advisory.error().to_string();
        return;
    }
    sca::Draft draft = sca::draft_of(advisory.value().record);
    // Container images, products of other makers: counted, as other feeds' entries are.
    draft.unknown_ecosystems += static_cast<std::uint32_t>(advisory.value().unread);
    out.drafts.push_back(std::move(draft));
}

constexpr std::string_view kOsvEndings[] = {".json", ".jsonl", ".yaml", ".yml"};
constexpr std::string_view kJsonEndings[] = {".json"};
constexpr std::string_view kPackedJsonEndings[] = {".json", ".json.gz"};
constexpr std::string_view kMarkdownEndings[] = {".md"};
constexpr std::string_view kYamlEndings[] = {".yml", ".yaml"};
constexpr std::string_view kTableEndings[] = {".json", ".csv", ".csv.gz"};

struct KindRow {
    FeedKind kind;
    std::string_view name;
    std::span<const std::string_view> endings;
    void (*read)(const AdvisoryFile& file, Parsed& out);
};
constexpr std::array<KindRow, kFeedKindCount> kKinds{
    KindRow{FeedKind::kOsv, "osv", kOsvEndings, read_osv_file},
    KindRow{FeedKind::kSecdb, "secdb", kJsonEndings, read_secdb_file},
    KindRow{FeedKind::kDebianTracker, "debian-tracker", kJsonEndings, read_debian_file},
    KindRow{FeedKind::kRustsec, "rustsec", kMarkdownEndings, read_rustsec_file},
    KindRow{FeedKind::kRubysec, "rubysec", kYamlEndings, read_rubysec_file},
    KindRow{FeedKind::kKev, "kev", kTableEndings, read_kev_file},
    KindRow{FeedKind::kEpss, "epss", kTableEndings, read_epss_file},
    KindRow{FeedKind::kNvd, "nvd", kPackedJsonEndings, read_nvd_file},
    KindRow{FeedKind::kCsaf, "csaf", kJsonEndings, read_csaf_file},
};

// Who publishes records of these ids, and under which licence; docs/db.md shows the table.
struct Publisher {
    std::string_view prefix;
    std::string_view name;
    std::string_view licence;
};
constexpr std::array kPublishers{
    Publisher{"GO-", "Go vulnerability database", "CC-BY-4.0"},
    Publisher{"PYSEC-", "PyPA advisory database", "CC-BY-4.0"},
    Publisher{"GHSA-", "GitHub advisory database", "CC-BY-4.0"},
    Publisher{"RUSTSEC-", "RustSec", "CC0-1.0"},
    Publisher{"MAL-", "OpenSSF malicious packages", "Apache-2.0"},
    Publisher{"RUBYSEC-", "ruby-advisory-db", "public domain, with texts of OSVDB"},
    Publisher{"BIT-", "Bitnami", "Apache-2.0"},
    Publisher{"CVE-", "National Vulnerability Database", "public domain"},
    Publisher{"RHSA-", "Red Hat", "CC-BY-4.0"},
    Publisher{"RHBA-", "Red Hat", "CC-BY-4.0"},
    Publisher{"RHEA-", "Red Hat", "CC-BY-4.0"},
    Publisher{"REDHAT-", "Red Hat", "CC-BY-4.0"},
    Publisher{"USN-", "Ubuntu", "CC-BY-SA-4.0"},
    Publisher{"UBUNTU-", "Ubuntu", "CC-BY-SA-4.0"},
};
constexpr std::string_view kUnknownLicence = "as its publisher says";

// "DSA" of "DSA-5000-1": records of a publisher that is not in the table.
std::string publisher_name(std::string_view id) { return std::string(id.substr(0, id.find('-'))); }

// Gathers what the sources give, and hands it to the writer feed by feed.
class Build {
  public:
    Build(const AdvisoryBuildRequest& request, ThreadPool& pool) : request_(request), pool_(pool) {}

    Status read(const FeedSource& source) {
        const KindRow& row = kKinds[static_cast<std::size_t>(source.kind)];
        source_feeds_.clear();
        std::vector<exchange::DistributionFix> fixes;
        std::vector<exchange::ThreatRecord> threats;
        std::size_t unreadable = 0;
        const auto take_batch = [&](std::vector<AdvisoryFile>& batch) {
            std::vector<Parsed> parsed(batch.size());
            pool_.for_each(batch.size(), [&](std::size_t i, unsigned) {
                if (!batch[i].problem.empty()) {
                    parsed[i].problem = batch[i].problem;
                } else {
                    row.read(batch[i], parsed[i]);
                }
                batch[i].bytes.clear();
            });
            for (std::size_t i = 0; i < batch.size(); ++i) {
                Parsed& file = parsed[i];
                if (!file.problem.empty()) {
                    problems_.push_back({batch[i].name, std::move(file.problem)});
                    ++unreadable;
                }
                for (sca::Draft& draft : file.drafts) add_draft(std::move(draft));
                std::move(file.fixes.begin(), file.fixes.end(), std::back_inserter(fixes));
                std::move(file.threats.begin(), file.threats.end(), std::back_inserter(threats));
            }
        };
        auto files =
            read_advisory_files(source.path, row.endings, request_.limits, pool_, take_batch);
        if (!files.ok()) return std::move(files).error();
        for (const auto& record : exchange::records_of(std::move(fixes))) {
            add_draft(sca::draft_of(record));
        }
        if (!threats.empty()) add_threats(source.kind, std::move(threats));
        if (source_feeds_.empty()) {
            problems_.push_back({source.path, "no " + std::string(row.name) + " record is in it"});
        }
        close_source(files.value(), unreadable, row.name);
        return {};
    }

    Result<AdvisoryBuild> finish() {
        for (auto& [name, feed] : feeds_) {
            std::sort(feed.digests.begin(), feed.digests.end());
            crypto::Hasher all(crypto::DigestAlgorithm::kSha256);
            for (const std::string& digest : feed.digests) all.update(digest);
            feed.facts.digest = all.finish().to_string();
            const std::size_t number = writer_.add_feed(feed.facts);
            for (sca::Draft& draft : feed.drafts) writer_.add(number, std::move(draft));
            for (auto& threat : feed.threats) writer_.add_threat(number, std::move(threat));
            for (std::size_t i = 0; i < feed.unreadable; ++i) writer_.count_unreadable(number);
            feed.drafts = {};
        }
        AdvisoryBuild build;
        build.bytes = MERLON_TRY(writer_.finish(request_.built_at_s, pool_, request_.key));
        build.problems = std::move(problems_);
        return build;
    }

  private:
    struct Feed {
        sca::FeedFacts facts;
        bool has_time = false;
        std::vector<std::string> digests;  // of its records
        std::vector<sca::Draft> drafts;
        std::vector<exchange::ThreatRecord> threats;
        std::size_t unreadable = 0;
    };

    Feed& feed(std::string name, std::string_view licence) {
        Feed& found = feeds_[name];
        source_feeds_.insert(name);
        if (found.facts.name.empty()) {
            found.facts.name = std::move(name);
            found.facts.licence = licence;
        }
        return found;
    }

    void add_draft(sca::Draft draft) {
        const auto known = std::ranges::find_if(kPublishers, [&](const Publisher& publisher) {
            return draft.id.starts_with(publisher.prefix);
        });
        Feed& found = known == kPublishers.end() ? feed(publisher_name(draft.id), kUnknownLicence)
                                                 : feed(std::string(known->name), known->licence);
        found.digests.emplace_back(crypto::sha256(draft.json).bytes());
        found.drafts.push_back(std::move(draft));
    }

    void add_threats(FeedKind kind, std::vector<exchange::ThreatRecord> threats) {
        const bool kev = kind == FeedKind::kKev;
        Feed& found = kev ? feed("CISA known exploited vulnerabilities", "CC0-1.0")
                          : feed("FIRST EPSS", kUnknownLicence);
        for (exchange::ThreatRecord& threat : threats) {
            const std::string line = threat.id + " " + std::to_string(threat.epss_100000ths) + " " +
                                     std::to_string(threat.percentile_100000ths) + " " +
                                     threat.due +
                                     (threat.is_used_by_ransomware ? " ransomware" : "");
            found.digests.emplace_back(crypto::sha256(line).bytes());
            found.threats.push_back(std::move(threat));
        }
    }

    // What of a source could not be read belongs to all of its publishers: nobody knows whose it
    // was. A feed from several sources is as old as the oldest of them.
    void close_source(const AdvisoryFiles& files, std::size_t unreadable, std::string_view kind) {
        const std::int64_t taken = request_.taken_at_s.value_or(files.newest_s);
        if (source_feeds_.empty()) feed(std::string(kind), kUnknownLicence);
        for (const std::string& name : source_feeds_) {
            Feed& found = feeds_[name];
            found.facts.taken_at_s =
                found.has_time ? std::min(found.facts.taken_at_s, taken) : taken;
            found.has_time = true;
            found.unreadable += unreadable;
        }
    }

    const AdvisoryBuildRequest& request_;
    ThreadPool& pool_;
    sca::DatabaseWriter writer_;
    std::map<std::string, Feed> feeds_;
    std::set<std::string> source_feeds_;  // of the source that is being read
    std::vector<FeedProblem> problems_;
};

// The records of a database in the order of their ids, a frame at a time.
class RecordWalk {
  public:
    explicit RecordWalk(const sca::DatabaseReader& reader) : reader_(reader) {}

    bool at_end() const { return at_ >= reader_.record_count(); }
    const std::string& id() {
        if (id_of_ != at_) id_ = reader_.text(reader_.record(at_).id);
        id_of_ = at_;
        return id_;
    }
    const std::string& json() {
        const std::uint32_t frame = at_ / sca::kRecordsPerFrame;
        if (frame != frame_) frame_lines_ = reader_.frame_json(frame);
        frame_ = frame;
        static const std::string kEmpty;
        const std::size_t line = at_ % sca::kRecordsPerFrame;
        return line < frame_lines_.size() ? frame_lines_[line] : kEmpty;
    }
    void next() { ++at_; }

  private:
    const sca::DatabaseReader& reader_;
    std::uint32_t at_ = 0;
    std::uint32_t id_of_ = sca::kNone;
    std::uint32_t frame_ = sca::kNone;
    std::string id_;
    std::vector<std::string> frame_lines_;
};

}  // namespace

std::string_view name(FeedKind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }

Result<AdvisoryBuild> build_advisories(const AdvisoryBuildRequest& request, ThreadPool& pool) {
    Build build(request, pool);
    for (const FeedSource& source : request.sources) {
        if (Status read = build.read(source); !read.ok()) return std::move(read).error();
    }
    return build.finish();
}

std::vector<std::string> shrunk_feeds(const sca::DatabaseInfo& before,
                                      const sca::DatabaseInfo& after) {
    std::vector<std::string> shrunk;
    for (const sca::FeedInfo& old : before.feeds) {
        std::uint64_t records = 0;
        for (const sca::FeedInfo& feed : after.feeds) {
            if (feed.name == old.name) records = feed.records;
        }
        if (records * 2 < old.records) {
            shrunk.push_back(old.name + ": " + std::to_string(records) + " records, before " +
                             std::to_string(old.records));
        }
    }
    return shrunk;
}

std::vector<FeedProblem> unread_feeds(const sca::DatabaseInfo& info) {
    std::vector<FeedProblem> problems;
    for (const sca::FeedInfo& feed : info.feeds) {
        if (feed.unreadable == 0) continue;
        problems.push_back({feed.name, std::to_string(feed.unreadable) +
                                           (feed.unreadable == 1 ? " file" : " files") +
                                           " of this feed could not be read when the database was "
                                           "built, so what they say is not in it; build it again"});
    }
    return problems;
}

Result<DatabaseDifference> compare_databases(const sca::Database& before,
                                             const sca::Database& after) {
    DatabaseDifference difference;
    Status inner;
    const Status outer = before.read([&](const sca::DatabaseReader& old_reader) {
        inner = after.read([&](const sca::DatabaseReader& new_reader) {
            RecordWalk left(old_reader);
            RecordWalk right(new_reader);
            while (!left.at_end() || !right.at_end()) {
                if (right.at_end() || (!left.at_end() && left.id() < right.id())) {
                    difference.removed.push_back(left.id());
                    left.next();
                } else if (left.at_end() || right.id() < left.id()) {
                    difference.added.push_back(right.id());
                    right.next();
                } else {
                    if (left.json() != right.json()) difference.changed.push_back(left.id());
                    left.next();
                    right.next();
                }
            }
        });
    });
    if (!outer.ok()) return outer.error();
    if (!inner.ok()) return inner.error();
    return difference;
}

}  // namespace merlon::scan
