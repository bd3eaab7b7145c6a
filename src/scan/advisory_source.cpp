#include "scan/advisory_source.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

#include "exchange/csaf_advisories.h"
#include "exchange/distribution_feeds.h"
#include "exchange/nvd.h"
#include "exchange/osv.h"
#include "exchange/patched_feeds.h"
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

// Gathers what the files of one source give.
class SourceReader {
  public:
    SourceReader(const FeedSource& source, const Limits& limits, ThreadPool& pool)
        : source_(source),
          row_(kKinds[static_cast<std::size_t>(source.kind)]),
          limits_(limits),
          pool_(pool) {}

    Result<SourceContent> read() {
        auto files = MERLON_TRY(
            read_advisory_files(source_.path, row_.endings, limits_, pool_,
                                [this](std::vector<AdvisoryFile>& batch) { take_batch(batch); }));
        content_.taken_at_s = files.newest_s;
        for (const auto& record : exchange::records_of(std::move(fixes_))) {
            add(sca::draft_of(record));
        }
        if (!content_.threats.empty()) {
            source_.kind == FeedKind::kKev
                ? feed_number("CISA known exploited vulnerabilities", "CC0-1.0")
                : feed_number("FIRST EPSS", kUnknownLicence);
        }
        if (content_.feeds.empty()) {
            content_.problems.push_back(
                {source_.path, "no " + std::string(row_.name) + " record is in it"});
            feed_number(std::string(row_.name), kUnknownLicence);
        }
        return std::move(content_);
    }

  private:
    void take_batch(std::vector<AdvisoryFile>& batch) {
        std::vector<Parsed> parsed(batch.size());
        pool_.for_each(batch.size(), [&](std::size_t i, unsigned) {
            if (!batch[i].problem.empty()) {
                parsed[i].problem = batch[i].problem;
            } else {
                row_.read(batch[i], parsed[i]);
            }
            batch[i].bytes.clear();
        });
        for (std::size_t i = 0; i < batch.size(); ++i) {
            Parsed& file = parsed[i];
            if (!file.problem.empty()) {
                content_.problems.push_back({batch[i].name, std::move(file.problem)});
                ++content_.unreadable;
            }
            for (sca::Draft& draft : file.drafts) add(std::move(draft));
            std::ranges::move(file.fixes, std::back_inserter(fixes_));
            std::ranges::move(file.threats, std::back_inserter(content_.threats));
        }
    }

    void add(sca::Draft draft) {
        const auto known = std::ranges::find_if(kPublishers, [&](const Publisher& publisher) {
            return draft.id.starts_with(publisher.prefix);
        });
        const std::uint16_t feed = known == kPublishers.end()
                                       ? feed_number(publisher_name(draft.id), kUnknownLicence)
                                       : feed_number(std::string(known->name), known->licence);
        content_.records.emplace_back(feed, std::move(draft));
    }

    std::uint16_t feed_number(std::string name, std::string_view licence) {
        // Most sources have one publisher, and none has many.
        for (std::size_t i = 0; i < content_.feeds.size(); ++i) {
            if (content_.feeds[i].name == name) return static_cast<std::uint16_t>(i);
        }
        content_.feeds.push_back({std::move(name), std::string(licence)});
        return static_cast<std::uint16_t>(content_.feeds.size() - 1);
    }

    const FeedSource& source_;
    const KindRow& row_;
    const Limits& limits_;
    ThreadPool& pool_;
    SourceContent content_;
    std::vector<exchange::DistributionFix> fixes_;
};

}  // namespace

std::string_view name(FeedKind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }

bool has_threats(FeedKind kind) { return kind == FeedKind::kKev || kind == FeedKind::kEpss; }

Result<SourceContent> read_source(const FeedSource& source, const Limits& limits,
                                  ThreadPool& pool) {
    return SourceReader(source, limits, pool).read();
}

}  // namespace merlon::scan
