#include "sca/matcher.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>

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
    std::vector<Match> matches;
    std::vector<MatchProblem> problems;
    std::set<std::string> ecosystems_without_records;
    std::size_t packages_without_ecosystem = 0;
};

// An affected row of one of the segments.
struct RowPlace {
    std::size_t segment = 0;
    std::uint32_t row = 0;
    std::string id;  // of its record; empty where all rows are of one segment
};

class PackageMatcher {
  public:
    PackageMatcher(const DatabaseReader& reader, Partial& out) : reader_(reader), out_(out) {}

    void match(const Package& package, std::size_t position) {
        const Target target = target_of(package);
        first_match_ = out_.matches.size();
        position_ = position;
        if (!target.refused_cpe.empty()) {
            problem(MatchProblemKind::kRefusedCpe, target.refused_cpe);
        } else if (target.lookups.empty()) {
            tell_unknown_ecosystem(package);
        }
        for (const Lookup& lookup : target.lookups) {
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
        for (std::size_t i = 0; i < reader_.segment_count(); ++i) {
            const SegmentReader& segment = reader_.segment(i);
            const auto ecosystem = segment.find_ecosystem(lookup.ecosystem);
            if (!ecosystem.has_value()) continue;
            is_known = true;
            scheme_ = segment.ecosystems()[*ecosystem].scheme;
            const RowRange found = segment.find_package(*ecosystem, lookup.name);
            for (std::uint32_t row = found.first; row < found.last; ++row) {
                if (!reader_.is_live({i, segment.affected(row).record})) continue;
                is_mixed = is_mixed || (!rows.empty() && rows.front().segment != i);
                rows.push_back({i, row, {}});
            }
        }
        if (!is_known) return std::nullopt;
        if (is_mixed) {
            for (RowPlace& place : rows) {
                const SegmentReader& segment = reader_.segment(place.segment);
                place.id = segment.text(segment.record(segment.affected(place.row).record).id);
            }
            std::stable_sort(rows.begin(), rows.end(),
                             [](const RowPlace& a, const RowPlace& b) { return a.id < b.id; });
        }
        return rows;
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
                    add(lookup, place, affected, suffix, {{events.first, events.last}, {}});
                } else {
                    is_undecided = true;
                }
                continue;
            }
            if (const auto hit = test.find(events)) {
                add(lookup, place, affected, suffix, *hit);
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
            CpeAnswer answer = answer_cpe(record.value().configurations, subject);
            if (answer.truth == CpeTruth::kNo) continue;
            if (subject.version.empty() && answer.truth == CpeTruth::kUnknown) {
                is_undecided = true;
                continue;
            }
            const RowRange all{events.first, events.last};
            Advisory& advisory = add(lookup, place, affected, "", hit.value_or(Hit{all, {}}));
            advisory.configuration = std::move(answer.because);
        }
        if (is_undecided) {
            problem(MatchProblemKind::kNoVersion,
                    "advisories name " + lookup.name + ", and its version is not known");
        }
    }

    Advisory& add(const Lookup& lookup, const RowPlace& place, const AffectedRow& affected,
                  const std::string& suffix, const Hit& hit) {
        const SegmentReader& segment = reader_.segment(place.segment);
        const RecordRow record = segment.record(affected.record);
        Advisory advisory;
        advisory.id = segment.text(record.id);
        advisory.record = reader_.number_of({place.segment, affected.record});
        advisory.feed = reader_.feed_of(place.segment, record.feed);
        advisory.ecosystem = std::string(lookup.ecosystem) + (suffix.empty() ? "" : ":" + suffix);
        advisory.name = lookup.name;
        advisory.version = lookup.version;
        advisory.scheme = scheme_;
        for (std::uint32_t i = hit.events.first; i < hit.events.last; ++i) {
            const std::uint32_t event = segment.event(i);
            if (kind_of_event(event) == EventKind::kRange) continue;
            advisory.range.push_back(
                {kind_of_event(event), segment.version_text(event & kEventVersionMask)});
        }
        if (hit.fixed.has_value()) advisory.fixed = segment.version_text(*hit.fixed);
        advisory.state = segment.label(affected.state);
        read_symbols(segment, place.row, advisory);
        const std::uint8_t score = affected.score != kNoScore ? affected.score : record.score;
        if (score != kNoScore) advisory.score_tenths = score;
        Match& match = match_of(segment, record, affected.record);
        if (match.severity.empty()) {
            const std::size_t word = std::size_t{record.flags} >> 4;
            if (word < kSeverityWords.size()) match.severity = kSeverityWords[word];
        }
        match.is_malicious = match.is_malicious || advisory.id.starts_with("MAL-");
        match.advisories.push_back(std::move(advisory));
        return match.advisories.back();
    }

    static void read_symbols(const SegmentReader& segment, std::uint32_t row, Advisory& advisory) {
        const RowRange words = segment.symbols_of(row);
        for (std::uint32_t i = words.first; i < words.last; ++i) {
            const std::uint32_t word = segment.symbol(i);
            std::string text = segment.text(word & kSymbolTextMask);
            const auto kind = static_cast<SymbolKind>(word >> kSymbolShift);
            if (kind == SymbolKind::kPath || advisory.symbols.empty()) {
                advisory.symbols.emplace_back();
            }
            exchange::OsvSymbols& group = advisory.symbols.back();
            switch (kind) {
                case SymbolKind::kPath:
                    group.path = std::move(text);
                    break;
                case SymbolKind::kSymbol:
                    group.symbols.push_back(std::move(text));
                    break;
                case SymbolKind::kOperatingSystem:
                    group.operating_systems.push_back(std::move(text));
                    break;
                case SymbolKind::kArchitecture:
                    group.architectures.push_back(std::move(text));
                    break;
            }
        }
    }

    // This package's match for the record's alias class.
    Match& match_of(const SegmentReader& segment, const RecordRow& record, std::uint32_t number) {
        std::vector<std::string> ids = segment.ids_of(record);
        const std::vector<std::string> upstream = segment.upstream_of(number);
        for (std::size_t i = first_match_; i < out_.matches.size(); ++i) {
            if (out_.matches[i].ids != ids) continue;
            auto& known = out_.matches[i].upstream;
            known.insert(known.end(), upstream.begin(), upstream.end());
            return out_.matches[i];
        }
        Match match;
        match.package = position_;
        match.ids = std::move(ids);
        match.upstream = upstream;
        out_.matches.push_back(std::move(match));
        return out_.matches.back();
    }

    void finish() {
        for (std::size_t i = first_match_; i < out_.matches.size(); ++i) {
            Match& match = out_.matches[i];
            std::stable_sort(match.advisories.begin(), match.advisories.end(),
                             [](const Advisory& a, const Advisory& b) { return a.id < b.id; });
            std::sort(match.upstream.begin(), match.upstream.end());
            match.upstream.erase(std::unique(match.upstream.begin(), match.upstream.end()),
                                 match.upstream.end());
            for (const Advisory& advisory : match.advisories) {
                join_fix(advisory, match);
                if (advisory.score_tenths > match.score_tenths) {
                    match.score_tenths = advisory.score_tenths;
                }
            }
            if (!match.score_tenths.has_value()) borrow_score(match);
            if (match.score_tenths.has_value() && *match.score_tenths > 0) {
                match.severity = exchange::cvss_rating(*match.score_tenths);
            }
            for (const auto* ids : {&match.ids, &match.upstream}) {
                for (const std::string& id : *ids) join_threat(id, match);
            }
        }
        std::sort(out_.matches.begin() + static_cast<std::ptrdiff_t>(first_match_),
                  out_.matches.end(),
                  [](const Match& left, const Match& right) { return left.ids < right.ids; });
    }

    // Distributions' records and many others state no score; the CVE's own record may, of which no
    // package is known (NVD's).
    void borrow_score(Match& match) const {
        for (const auto* ids : {&match.ids, &match.upstream}) {
            for (const std::string& id : *ids) {
                const auto place = reader_.find_record(id);
                if (!place.has_value()) continue;
                const RecordRow record = reader_.segment(place->segment).record(place->record);
                if (record.score == kNoScore || (record.flags & RecordRow::kWithdrawn) != 0) {
                    continue;
                }
                match.score_tenths =
                    std::max<unsigned>(match.score_tenths.value_or(0), record.score);
            }
        }
    }

    // Records of one class may name different versions: all of them are content with the highest.
    static void join_fix(const Advisory& advisory, Match& match) {
        if (advisory.fixed.empty()) return;
        if (match.fixed.empty() ||
            packages::compare_versions(advisory.scheme, advisory.fixed, match.fixed) > 0) {
            match.fixed = advisory.fixed;
        }
    }

    void join_threat(std::string_view id, Match& match) const {
        if (!id.starts_with("CVE-")) return;
        const auto threat = reader_.find_threat(id);
        if (!threat.has_value()) return;
        if (threat->is_known_exploited) {
            match.is_known_exploited = true;
            if (match.due.empty() || threat->due < match.due) match.due = threat->due;
        }
        if (threat->is_used_by_ransomware) match.is_used_by_ransomware = true;
        match.epss_100000ths = std::max(match.epss_100000ths, threat->epss_100000ths);
        match.percentile_100000ths =
            std::max(match.percentile_100000ths, threat->percentile_100000ths);
    }

    const DatabaseReader& reader_;
    Partial& out_;
    std::size_t first_match_ = 0;
    std::size_t position_ = 0;
    VersionScheme scheme_ = VersionScheme::kSemver;  // of the look-up's ecosystem
};

std::string_view word(EventKind kind) {
    switch (kind) {
        case EventKind::kRange:
            return "range";
        case EventKind::kIntroduced:
            return "introduced";
        case EventKind::kFixed:
            return "fixed";
        case EventKind::kLastAffected:
            return "last affected";
        case EventKind::kLimit:
            return "limit";
        case EventKind::kExact:
            return "listed";
    }
    return "";
}

template <typename T>
void append(std::vector<T>& to, std::vector<T>&& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

std::string_view name(MatchProblemKind kind) {
    constexpr std::array<std::string_view, 5> kNames{
        "no-version", "refused-version", "unknown-release", "mixed-events", "refused-cpe"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::string_view name(Reachability reachability) {
    constexpr std::array<std::string_view, 3> kNames{"unknown", "reachable", "unreachable"};
    return kNames[static_cast<std::size_t>(reachability)];
}

Result<MatchReport> match_packages(const Database& database, std::span<const Package> packages,
                                   ThreadPool& pool) {
    const std::size_t tasks = (packages.size() + kPackagesPerTask - 1) / kPackagesPerTask;
    std::vector<Partial> partials(tasks);
    std::vector<Status> states(tasks);
    pool.for_each(tasks, [&](std::size_t task, unsigned) {
        states[task] = database.read([&](const DatabaseReader& reader) {
            PackageMatcher matcher(reader, partials[task]);
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
        append(report.matches, std::move(partials[task].matches));
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

std::string describe(const std::vector<DraftEvent>& range) {
    std::string out;
    for (const DraftEvent& event : range) {
        if (!out.empty()) out += ", ";
        out += std::string(word(event.kind)) + " " + event.version;
    }
    return out;
}

std::string explain(const Advisory& advisory) {
    std::string out = advisory.id + ": " + advisory.ecosystem + " " + advisory.name + " " +
                      describe(advisory.range) + "\n";
    for (const std::string& line : advisory.configuration) out += "  " + line + "\n";
    for (const DraftEvent& event : advisory.range) {
        if (!advisory.configuration.empty()) break;  // whose lines compare
        if (advisory.version.empty() || event.version == "0") continue;
        out += "  " +
               packages::explain_comparison(advisory.scheme, advisory.version, event.version) +
               "\n";
    }
    if (!advisory.fixed.empty()) out += "  fixed in " + advisory.fixed + "\n";
    return out;
}

}  // namespace merlon::sca
