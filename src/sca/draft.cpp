#include "sca/draft.h"

#include <algorithm>

#include "base/ascii.h"
#include "crypto/digest.h"
#include "exchange/cvss.h"
#include "sca/cpe_match.h"
#include "sca/names.h"
#include "sca/version_order.h"

namespace merlon::sca {
namespace {

using exchange::OsvAffected;
using exchange::OsvEventKind;
using exchange::OsvRange;
using exchange::OsvRangeType;
using packages::VersionScheme;

constexpr std::string_view kFirst = "0";

// A version with its key, made once for all comparisons of an affected entry.
struct Keyed {
    std::string text;
    std::string key;
    bool is_first = false;

    Keyed(VersionScheme scheme, std::string_view version)
        : text(version),
          key(version == kFirst ? std::string() : version_key(scheme, version)),
          is_first(version == kFirst) {}
};

std::weak_ordering compare_keyed(VersionScheme scheme, const Keyed& left, const Keyed& right) {
    if (left.is_first || right.is_first) {
        return static_cast<int>(right.is_first) <=> static_cast<int>(left.is_first);
    }
    return compare(scheme, {left.text, left.key}, {right.text, right.key});
}

struct KeyedEvent {
    EventKind kind;
    Keyed version;
};

bool range_affects(VersionScheme scheme, const std::vector<KeyedEvent>& events,
                   const Keyed& version) {
    RangeWalk walk;
    for (const KeyedEvent& event : events) {
        walk.pass(event.kind, compare_keyed(scheme, version, event.version));
    }
    return walk.affects();
}

EventKind kind_of(OsvEventKind kind) {
    switch (kind) {
        case OsvEventKind::kIntroduced:
            return EventKind::kIntroduced;
        case OsvEventKind::kFixed:
            return EventKind::kFixed;
        case OsvEventKind::kLastAffected:
            return EventKind::kLastAffected;
        case OsvEventKind::kLimit:
            return EventKind::kLimit;
    }
    return EventKind::kLimit;
}

// The events of one range: limits first, the others by version. Events at one version stay in the
// record's order: "introduced 1, fixed 1" is an empty range, "fixed 1, introduced 1" a border.
std::vector<KeyedEvent> sorted_events(VersionScheme scheme, packages::Ecosystem ecosystem,
                                      const OsvRange& range) {
    std::vector<KeyedEvent> events;
    const bool is_unlimited = std::ranges::any_of(range.events, [](const auto& event) {
        return event.kind == OsvEventKind::kLimit && event.version == "*";
    });
    for (const auto& event : range.events) {
        if (event.kind == OsvEventKind::kLimit && is_unlimited) continue;
        events.push_back(
            {kind_of(event.kind), Keyed(scheme, normal_version(ecosystem, event.version))});
    }
    std::stable_sort(events.begin(), events.end(), [&](const auto& left, const auto& right) {
        const bool left_limit = left.kind == EventKind::kLimit;
        const bool right_limit = right.kind == EventKind::kLimit;
        if (left_limit != right_limit) return left_limit;
        return compare_keyed(scheme, left.version, right.version) < 0;
    });
    return events;
}

bool is_mixed(const OsvRange& range) {
    const auto has = [&](OsvEventKind kind) {
        return std::ranges::any_of(range.events,
                                   [&](const auto& event) { return event.kind == kind; });
    };
    return has(OsvEventKind::kFixed) && has(OsvEventKind::kLastAffected);
}

// Of several vectors the newest version's counts.
std::uint8_t score_of(const std::vector<exchange::OsvSeverity>& severities) {
    std::uint8_t best = kNoScore;
    auto best_version = exchange::CvssVersion::k2;
    for (const auto& severity : severities) {
        const auto scores = exchange::score_cvss(severity.score);
        if (!scores.ok()) continue;
        if (best != kNoScore && scores.value().version < best_version) continue;
        best = static_cast<std::uint8_t>(scores.value().environmental_tenths);
        best_version = scores.value().version;
    }
    return best;
}

std::uint8_t word_of(std::string_view word) {
    std::string lower = lower_case(word);
    if (lower == "moderate") lower = "medium";
    if (lower == "important") lower = "high";
    if (lower == "negligible" || lower == "unimportant") lower = "low";
    const auto* const found = std::find(kSeverityWords.begin(), kSeverityWords.end(), lower);
    return found == kSeverityWords.end()
               ? std::uint8_t{0}
               : static_cast<std::uint8_t>(found - kSeverityWords.begin());
}

void add_ranges(const OsvAffected& entry, DraftAffected& affected, Draft& draft) {
    const VersionScheme scheme = affected.scheme;
    std::vector<std::vector<KeyedEvent>> ranges;
    for (const OsvRange& range : entry.ranges) {
        // A commit graph is nothing that versions are compared with; the entry's other ranges and
        // its listed versions count all the same.
        if (range.type != OsvRangeType::kSemver && range.type != OsvRangeType::kEcosystem) continue;
        if (range.events.empty()) continue;
        if (is_mixed(range)) {
            affected.flags |= AffectedRow::kMixedEvents;
            ++draft.mixed_events;
        }
        ranges.push_back(sorted_events(scheme, affected.ecosystem, range));
        affected.events.push_back({});
        for (const KeyedEvent& event : ranges.back()) {
            affected.events.push_back({event.kind, event.version.text});
        }
    }
    for (const std::string& listed : entry.versions) {
        const Keyed version(scheme, normal_version(affected.ecosystem, listed));
        const bool covered = std::ranges::any_of(
            ranges, [&](const auto& events) { return range_affects(scheme, events, version); });
        if (!covered) affected.events.push_back({EventKind::kExact, version.text});
    }
}

void add_affected(const OsvAffected& entry, Draft& draft) {
    const auto [base, suffix] = split_ecosystem(entry.ecosystem);
    const auto ecosystem = packages::ecosystem_of_osv_name(entry.ecosystem);
    if (entry.name.empty() || ecosystem == packages::Ecosystem::kGit) {
        ++draft.without_versions;
        return;
    }
    if (!ecosystem.has_value()) {
        ++draft.unknown_ecosystems;
        return;
    }
    DraftAffected affected;
    affected.ecosystem = *ecosystem;
    affected.scheme = packages::facts(*ecosystem).scheme;
    affected.base = base;
    affected.release = suffix;
    affected.name = normal_name(*ecosystem, entry.name);
    affected.state = entry.state;
    affected.symbols = entry.symbols;
    affected.score = score_of(entry.severities);
    add_ranges(entry, affected, draft);
    if (affected.events.empty()) {
        ++draft.without_versions;
        return;
    }
    draft.affected.push_back(std::move(affected));
}

}  // namespace

bool is_affected(VersionScheme scheme, const std::vector<DraftEvent>& events,
                 std::string_view version) {
    const Keyed keyed(scheme, version);
    std::vector<KeyedEvent> range;
    for (const DraftEvent& event : events) {
        if (event.kind == EventKind::kExact) {
            if (compare_keyed(scheme, keyed, Keyed(scheme, event.version)) == 0) return true;
        } else if (event.kind == EventKind::kRange) {
            if (range_affects(scheme, range, keyed)) return true;
            range.clear();
        } else {
            range.push_back({event.kind, Keyed(scheme, event.version)});
        }
    }
    return range_affects(scheme, range, keyed);
}

Draft draft_of(const exchange::OsvRecord& record) {
    Draft draft;
    draft.id = record.id;
    draft.modified = record.modified;
    draft.upstream = record.upstream;
    draft.is_withdrawn = !record.withdrawn.empty();
    exchange::write_osv(record, draft.json);
    draft.digest = crypto::sha256(draft.json).bytes();
    draft.score = score_of(record.severities);
    draft.severity_word = word_of(record.severity_word);
    for (const auto& severity : record.severities) {
        if (draft.severity_word == 0) draft.severity_word = word_of(severity.score);
    }
    if (draft.is_withdrawn) return draft;
    draft.aliases = record.aliases;
    for (const OsvAffected& entry : record.affected) add_affected(entry, draft);
    add_cpe_rows(record.configurations, draft);
    return draft;
}

}  // namespace merlon::sca
