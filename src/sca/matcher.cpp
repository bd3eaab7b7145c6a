#include "sca/matcher.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <numeric>
#include <set>

#include "base/append.h"
#include "exchange/cvss.h"
#include "exchange/osv.h"
#include "sca/names.h"
#include "sca/row_test.h"
#include "sca/version_order.h"

namespace merlon::sca {
namespace {

using packages::Package;
using packages::VersionScheme;

constexpr std::size_t kPackagesPerTask = 128;

// A release of a distribution, and whether some record that was looked at is for it.
struct AskedRelease {
    ReleaseTest test;
    std::string ecosystem;
    bool is_seen = false;
};

// What one worker found for its packages.
struct Partial {
    std::map<std::string, AskedRelease> releases;  // by name: "Debian:12"
    std::vector<MatchedClass> matches;
    std::vector<MatchedRow> rows;
    std::vector<MatchProblem> problems;
    std::set<std::string> ecosystems_without_records;
    std::size_t packages_without_ecosystem = 0;
};

// An affected row of one of the segments.
struct RowPlace {
    std::uint32_t segment = 0;
    std::uint32_t row = 0;
};

// The ids of a segment that say what their records are about.
struct SpokenIds {
    RowRange malicious;  // "MAL-"
    RowRange cves;       // "CVE-"
};

std::vector<SpokenIds> spoken_ids(const DatabaseReader& reader) {
    std::vector<SpokenIds> all;
    for (std::size_t i = 0; i < reader.segment_count(); ++i) {
        const SegmentReader& segment = reader.segment(i);
        all.push_back({segment.texts_with("MAL-"), segment.texts_with("CVE-")});
    }
    return all;
}

bool is_in(RowRange range, std::uint32_t number) {
    return number >= range.first && number < range.last;
}

// Matches of the package at hand, before they stand in their order.
struct OpenMatch {
    MatchedClass match;
    std::uint32_t first_id = 0;  // which tells its class from the segment's others
};
struct OpenRow {
    MatchedRow row;
    std::uint32_t match = 0;  // position in the open ones
    std::uint32_t record = 0;
    std::uint32_t id = 0;
    VersionScheme scheme = VersionScheme::kSemver;
};

class PackageMatcher {
  public:
    PackageMatcher(const DatabaseReader& reader, std::span<const SpokenIds> spoken, Partial& out)
        : reader_(reader), spoken_(spoken), out_(out) {}

    void match(const Package& package, std::size_t position) {
        const Target target = target_of(package);
        open_.clear();
        open_rows_.clear();
        position_ = position;
        if (!target.refused_cpe.empty()) {
            problem(MatchProblemKind::kRefusedCpe, target.refused_cpe);
        } else if (target.lookups.empty()) {
            tell_unknown_ecosystem(package);
        }
        for (const Lookup& lookup : target.lookups) {
            lookup_ = static_cast<std::uint32_t>(&lookup - target.lookups.data());
            const auto rows = rows_of(lookup);
            if (!rows.has_value() && target.cpe.has_value()) {
                // NVD is one feed of many, and who has none asks for no products.
                ++out_.packages_without_ecosystem;
                continue;
            }
            if (!rows.has_value()) {
                out_.ecosystems_without_records.emplace(lookup.ecosystem);
                continue;
            }
            if (target.cpe.has_value()) {
                look_up(lookup, *target.cpe, *rows);
                continue;
            }
            const bool is_for_release = !rows->empty() && look_up(lookup, target.release, *rows);
            if (target.release.suffixes.empty()) continue;
            AskedRelease& asked = out_.releases[std::string(lookup.ecosystem) + ':' +
                                                target.release.suffixes.front()];
            asked.test = target.release;
            asked.ecosystem = lookup.ecosystem;
            asked.is_seen |= is_for_release;
        }
        finish();
    }

  private:
    void problem(MatchProblemKind kind, std::string detail) {
        MatchProblem found{kind, position_, std::move(detail)};
        if (std::ranges::find(out_.problems, found) == out_.problems.end()) {
            out_.problems.push_back(std::move(found));
        }
    }

    // A system's packages are named by its distribution, of which advisories speak.
    void tell_unknown_ecosystem(const Package& package) {
        const bool is_of_system = package.ecosystem == packages::Ecosystem::kDeb ||
                                  package.ecosystem == packages::Ecosystem::kRpm ||
                                  package.ecosystem == packages::Ecosystem::kApk;
        const bool is_named =
            !package.distribution.id.empty() || !package.purl_namespace_hint.empty();
        if (is_of_system && !is_named) {
            problem(MatchProblemKind::kUnknownRelease, "the distribution is not known");
        } else {
            ++out_.packages_without_ecosystem;
        }
    }

    // The rows of a package in the order of their records' ids, as one segment alone has them.
    // Nothing: no segment knows the ecosystem.
    std::optional<std::vector<RowPlace>> rows_of(const Lookup& lookup) {
        std::vector<RowPlace> rows;
        bool is_known = false;
        bool is_mixed = false;
        for (std::uint32_t i = 0; i < reader_.segment_count(); ++i) {
            const SegmentReader& segment = reader_.segment(i);
            const auto ecosystem = segment.find_ecosystem(lookup.ecosystem);
            if (!ecosystem.has_value()) continue;
            is_known = true;
            scheme_ = segment.ecosystems()[*ecosystem].scheme;
            const RowRange found = segment.find_package(*ecosystem, lookup.name);
            for (std::uint32_t row = found.first; row < found.last; ++row) {
                if (!reader_.is_live({i, segment.affected(row).record})) continue;
                is_mixed = is_mixed || (!rows.empty() && rows.front().segment != i);
                rows.push_back({i, row});
            }
        }
        if (!is_known) return std::nullopt;
        if (is_mixed) sort_by_id(rows);
        return rows;
    }

    void sort_by_id(std::vector<RowPlace>& rows) const {
        std::vector<std::pair<std::string, RowPlace>> named;
        for (const RowPlace& place : rows) {
            const SegmentReader& segment = reader_.segment(place.segment);
            named.emplace_back(segment.text(segment.record(segment.affected(place.row).record).id),
                               place);
        }
        std::ranges::stable_sort(named, {}, [](const auto& row) { return row.first; });
        std::ranges::transform(named, rows.begin(), [](const auto& row) { return row.second; });
    }

    // Whether a row is for the release.
    bool look_up(const Lookup& lookup, const ReleaseTest& release,
                 const std::vector<RowPlace>& rows) {
        const VersionScheme scheme = scheme_;
        // What is no version is compared with none.
        const std::string version =
            packages::is_no_version(scheme, lookup.version) ? std::string() : lookup.version;
        const std::string key = version_key(scheme, version);
        bool is_for_release = false;
        bool is_undecided = false;
        for (const RowPlace& place : rows) {
            const SegmentReader& segment = reader_.segment(place.segment);
            const RowTest test(segment, scheme, version, key);
            const AffectedRow affected = segment.affected(place.row);
            const std::string suffix = segment.label(affected.release);
            if (release.is_unknown && !suffix.empty()) {
                problem(MatchProblemKind::kUnknownRelease,
                        "advisories for " + lookup.name + " are for releases of " +
                            std::string(lookup.ecosystem) + ", and which one this is, is unknown");
                continue;
            }
            if (!release.accepts(suffix)) continue;
            is_for_release = true;
            if ((affected.flags & AffectedRow::kMixedEvents) != 0) {
                problem(MatchProblemKind::kMixedEvents,
                        segment.text(segment.record(affected.record).id) +
                            " has a range with fixed and last_affected");
            }
            const RowRange events = segment.events_of(place.row);
            if (version.empty()) {
                if (test.affects_all(events)) {
                    add(place, affected, {events, {}});
                } else {
                    is_undecided = true;
                }
                continue;
            }
            if (const auto hit = test.find(events)) {
                add(place, affected, *hit);
            }
        }
        if (is_undecided) {
            problem(MatchProblemKind::kNoVersion,
                    "advisories name " + lookup.name + ", and its version is not known");
        }
        if (is_for_release && !version.empty()) {
            // OSV writes Go's versions without the v that its own tool wants.
            const std::string spelled = scheme == VersionScheme::kGo ? "v" + version : version;
            if (const auto why = packages::parse_problem(scheme, spelled)) {
                problem(MatchProblemKind::kRefusedVersion, version + ": " + *why);
            }
        }
        return is_for_release;
    }

    // Rows whose ranges may hold the program; the record's configurations decide.
    void look_up(const Lookup& lookup, const CpeSubject& subject,
                 const std::vector<RowPlace>& rows) {
        const std::string whole_key = version_key(kCpeScheme, lookup.version);
        const std::string key = version_key(kCpeScheme, subject.version);
        bool is_undecided = false;
        for (const RowPlace& place : rows) {
            const SegmentReader& segment = reader_.segment(place.segment);
            const AffectedRow affected = segment.affected(place.row);
            const RowRange events = segment.events_of(place.row);
            auto hit = RowTest(segment, kCpeScheme, lookup.version, whole_key).find(events);
            // What NVD keeps apart from the version is no part of it in a list of versions.
            if (!hit) hit = RowTest(segment, kCpeScheme, subject.version, key).find(events);
            if (!hit && !subject.version.empty()) continue;
            const auto record = exchange::read_osv(segment.record_json(affected.record),
                                                   exchange::RecordSyntax::kJson);
            if (!record.ok()) {
                segment.damaged();
                return;
            }
            const CpeTruth truth = answer_cpe(record.value().configurations, subject).truth;
            if (truth == CpeTruth::kNo) continue;
            if (subject.version.empty() && truth == CpeTruth::kUnknown) {
                is_undecided = true;
                continue;
            }
            add(place, affected, hit.value_or(Hit{events, {}}));
        }
        if (is_undecided) {
            problem(MatchProblemKind::kNoVersion,
                    "advisories name " + lookup.name + ", and its version is not known");
        }
    }

    void add(const RowPlace& place, const AffectedRow& affected, const Hit& hit) {
        const RecordRow record = reader_.segment(place.segment).record(affected.record);
        const std::uint32_t number = open_match(place.segment, record, affected.record);
        MatchedClass& match = open_[number].match;
        if (match.severity.empty()) {
            const std::size_t word = std::size_t{record.flags} >> 4;
            if (word < kSeverityWords.size()) match.severity = kSeverityWords[word];
        }
        match.is_malicious =
            match.is_malicious || is_in(spoken_[place.segment].malicious, record.id);
        raise_score(match, affected.score != kNoScore ? affected.score : record.score);
        open_rows_.push_back({{place.row, hit.events, hit.fixed.value_or(kNone), lookup_},
                              number,
                              affected.record,
                              record.id,
                              scheme_});
    }

    // This package's match for the record's alias class.
    std::uint32_t open_match(std::uint32_t segment, const RecordRow& record, std::uint32_t number) {
        const std::uint32_t first_id = reader_.segment(segment).first_id_of(record);
        const auto found = std::ranges::find_if(open_, [&](const OpenMatch& open) {
            return open.first_id == first_id && open.match.segment == segment;
        });
        const auto place = static_cast<std::uint32_t>(found - open_.begin());
        if (found != open_.end()) return place;
        OpenMatch& open = open_.emplace_back();
        open.first_id = first_id;
        open.match.package = static_cast<std::uint32_t>(position_);
        open.match.segment = segment;
        open.match.record = number;
        return place;
    }

    static void raise_score(MatchedClass& match, std::uint8_t score) {
        if (score == kNoScore) return;
        match.score = match.score == kNoScore ? score : std::max(match.score, score);
    }

    // Matches by their first ids, and the rows of each by their records' ids. In one segment
    // numbers stand in the order of their texts.
    void finish() {
        std::vector<std::uint32_t> order(open_.size());
        std::iota(order.begin(), order.end(), 0u);
        std::ranges::sort(order, [&](std::uint32_t left, std::uint32_t right) {
            return is_before(open_[left], open_[right]);
        });
        std::ranges::stable_sort(open_rows_, {},
                                 [](const OpenRow& row) { return std::pair(row.match, row.id); });
        for (const std::uint32_t number : order) {
            MatchedClass& match = out_.matches.emplace_back(open_[number].match);
            const auto rows = std::ranges::equal_range(open_rows_, number, {}, &OpenRow::match);
            match.first_row = static_cast<std::uint32_t>(out_.rows.size());
            match.row_count = static_cast<std::uint32_t>(rows.size());
            for (const OpenRow& row : rows) {
                join_fix(row, match);
                out_.rows.push_back(row.row);
            }
            conclude(match, rows);
        }
    }

    bool is_before(const OpenMatch& left, const OpenMatch& right) const {
        if (left.match.segment == right.match.segment) return left.first_id < right.first_id;
        return reader_.text({left.match.segment, left.first_id}) <
               reader_.text({right.match.segment, right.first_id});
    }

    // What other records and lists say of the match's ids and of what those are about.
    void conclude(MatchedClass& match, std::span<const OpenRow> rows) const {
        const SegmentReader& segment = reader_.segment(match.segment);
        std::vector<std::uint32_t> ids = segment.ids_of(segment.record(match.record));
        for (const OpenRow& row : rows) {
            const auto upstream = segment.upstream_of(row.record);
            ids.insert(ids.end(), upstream.begin(), upstream.end());
        }
        const bool has_score = match.score != kNoScore;
        for (const std::uint32_t id : ids) {
            if (!has_score) borrow_score({match.segment, id}, match);
            if (is_in(spoken_[match.segment].cves, id)) join_threat({match.segment, id}, match);
        }
        if (match.score != kNoScore && match.score > 0)
            match.severity = exchange::cvss_rating(match.score);
    }

    // Distributions' records and many others state no score; the CVE's own record may, of which no
    // package is known (NVD's).
    void borrow_score(TextPlace id, MatchedClass& match) const {
        const auto place = reader_.find_record(id);
        if (!place.has_value()) return;
        const RecordRow record = reader_.segment(place->segment).record(place->record);
        if ((record.flags & RecordRow::kWithdrawn) == 0) raise_score(match, record.score);
    }

    // Records of one class may name different versions: all of them are content with the highest.
    void join_fix(const OpenRow& row, MatchedClass& match) const {
        const std::uint32_t fixed = row.row.fixed;
        if (fixed == kNone || fixed == match.fixed) return;
        const SegmentReader& segment = reader_.segment(match.segment);
        if (match.fixed == kNone ||
            packages::compare_versions(row.scheme, segment.version_text(fixed),
                                       segment.version_text(match.fixed)) > 0) {
            match.fixed = fixed;
        }
    }

    void join_threat(TextPlace id, MatchedClass& match) const {
        const auto threat = reader_.find_threat(id);
        if (!threat.has_value()) return;
        const ThreatRow& row = threat->row;
        if ((row.flags & ThreatRow::kKnownExploited) != 0) {
            match.is_known_exploited = true;
            const std::string due = reader_.text({threat->segment, row.due});
            if (!due.empty() &&
                (match.due == kNone || due < reader_.text({match.due_segment, match.due}))) {
                match.due_segment = static_cast<std::uint32_t>(threat->segment);
                match.due = row.due;
            }
        }
        if ((row.flags & ThreatRow::kRansomware) != 0) match.is_used_by_ransomware = true;
        match.epss_100000ths = std::max(match.epss_100000ths, row.epss_100000ths);
        match.percentile_100000ths = std::max(match.percentile_100000ths, row.percentile_100000ths);
    }

    const DatabaseReader& reader_;
    std::span<const SpokenIds> spoken_;
    Partial& out_;
    std::vector<OpenMatch> open_;
    std::vector<OpenRow> open_rows_;
    std::size_t position_ = 0;
    std::uint32_t lookup_ = 0;                       // that is at hand
    VersionScheme scheme_ = VersionScheme::kSemver;  // of the look-up's ecosystem
};

void append_matches(const Partial& from, MatchReport& to) {
    const auto first_row = static_cast<std::uint32_t>(to.rows.size());
    for (MatchedClass match : from.matches) {
        match.first_row += first_row;
        to.matches.push_back(match);
    }
    to.rows.insert(to.rows.end(), from.rows.begin(), from.rows.end());
}

}  // namespace

std::string_view name(MatchProblemKind kind) {
    constexpr std::array<std::string_view, 5> kNames{
        "no-version", "refused-version", "unknown-release", "mixed-events", "refused-cpe"};
    return kNames[static_cast<std::size_t>(kind)];
}

Result<MatchReport> match_packages(const Database& database, std::span<const Package> packages,
                                   ThreadPool& pool) {
    std::vector<SpokenIds> spoken;
    MERLON_TRY(database.read([&](const DatabaseReader& reader) { spoken = spoken_ids(reader); }));
    const std::size_t tasks = (packages.size() + kPackagesPerTask - 1) / kPackagesPerTask;
    std::vector<Partial> partials(tasks);
    std::vector<Status> states(tasks);
    pool.for_each(tasks, [&](std::size_t task, unsigned) {
        states[task] = database.read([&](const DatabaseReader& reader) {
            PackageMatcher matcher(reader, spoken, partials[task]);
            const std::size_t end = std::min(packages.size(), (task + 1) * kPackagesPerTask);
            for (std::size_t i = task * kPackagesPerTask; i < end; ++i) {
                matcher.match(packages[i], i);
            }
        });
    });
    MatchReport report;
    std::set<std::string> without;
    std::map<std::string, AskedRelease> releases;
    for (std::size_t task = 0; task < tasks; ++task) {
        if (!states[task].ok()) return states[task].error();
        append_matches(partials[task], report);
        partials[task].matches = {};
        partials[task].rows = {};
        append(report.problems, std::move(partials[task].problems));
        without.merge(partials[task].ecosystems_without_records);
        report.packages_without_ecosystem += partials[task].packages_without_ecosystem;
        for (auto& [name, release] : partials[task].releases) {
            AskedRelease& asked = releases[name];
            const bool is_seen = asked.is_seen || release.is_seen;
            asked = std::move(release);
            asked.is_seen = is_seen;
        }
    }
    for (const auto& [name, release] : releases) {
        if (release.is_seen) continue;
        bool is_covered = false;
        MERLON_TRY(database.read([&](const DatabaseReader& reader) {
            is_covered = reader.has_rows(release.ecosystem, [&](std::string_view suffix) {
                return release.test.accepts(suffix);
            });
        }));
        if (!is_covered) without.insert(name);
    }
    report.ecosystems_without_records.assign(without.begin(), without.end());
    return report;
}

}  // namespace merlon::sca
