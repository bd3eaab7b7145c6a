#include "sca/match_text.h"

#include <algorithm>
#include <array>

#include "packages/version.h"
#include "sca/row_test.h"

namespace merlon::sca {
namespace {

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

std::optional<unsigned> known_score(std::uint8_t score) {
    if (score == kNoScore) return std::nullopt;
    return score;
}

std::vector<exchange::OsvSymbols> read_symbols(const SegmentReader& segment, std::uint32_t row) {
    std::vector<exchange::OsvSymbols> groups;
    const RowRange words = segment.symbols_of(row);
    for (std::uint32_t i = words.first; i < words.last; ++i) {
        const std::uint32_t word = segment.symbol(i);
        std::string text = segment.text(word & kSymbolTextMask);
        const auto kind = static_cast<SymbolKind>(word >> kSymbolShift);
        if (kind == SymbolKind::kPath || groups.empty()) groups.emplace_back();
        exchange::OsvSymbols& group = groups.back();
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
    return groups;
}

// Why the record's configurations are about the program.
std::vector<std::string> configuration_of(const SegmentReader& segment, std::uint32_t record,
                                          const CpeSubject& subject) {
    const auto read =
        exchange::read_osv(segment.record_json(record), exchange::RecordSyntax::kJson);
    if (read.ok()) return answer_cpe(read.value().configurations, subject).because;
    segment.damaged();
    return {};
}

}  // namespace

std::string_view name(Reachability reachability) {
    constexpr std::array<std::string_view, 3> kNames{"unknown", "reachable", "unreachable"};
    return kNames[static_cast<std::size_t>(reachability)];
}

std::vector<std::string> MatchTexts::ids(const MatchedClass& match) const {
    const SegmentReader& segment = segment_of(match);
    return segment.texts(segment.ids_of(segment.record(match.record)));
}

std::string MatchTexts::fixed(const MatchedClass& match) const {
    return match.fixed == kNone ? std::string() : segment_of(match).version_text(match.fixed);
}

Match MatchTexts::match(const MatchedClass& found) const {
    const SegmentReader& segment = segment_of(found);
    const Target target = target_of(packages_[found.package]);
    Match match;
    match.package = found.package;
    match.ids = ids(found);
    match.fixed = fixed(found);
    match.severity = found.severity;
    match.score_tenths = known_score(found.score);
    match.is_malicious = found.is_malicious;
    match.is_known_exploited = found.is_known_exploited;
    match.is_used_by_ransomware = found.is_used_by_ransomware;
    if (found.due != kNone) match.due = reader_.text({found.due_segment, found.due});
    match.epss_100000ths = found.epss_100000ths;
    match.percentile_100000ths = found.percentile_100000ths;
    std::vector<std::uint32_t> upstream;
    for (const MatchedRow& row : report_.rows_of(found)) {
        const auto more = segment.upstream_of(segment.affected(row.row).record);
        upstream.insert(upstream.end(), more.begin(), more.end());
        match.advisories.push_back(advisory(found, row, target));
    }
    std::ranges::sort(upstream);  // numbers stand in the order of their texts
    upstream.erase(std::ranges::unique(upstream).begin(), upstream.end());
    match.upstream = segment.texts(upstream);
    return match;
}

Advisory MatchTexts::advisory(const MatchedClass& match, const MatchedRow& row,
                              const Target& target) const {
    const SegmentReader& segment = segment_of(match);
    const AffectedRow affected = segment.affected(row.row);
    const RecordRow record = segment.record(affected.record);
    const Lookup& lookup = target.lookups[row.lookup];
    // A program's criteria have no releases.
    const std::string suffix = target.cpe.has_value() ? "" : segment.label(affected.release);
    Advisory advisory;
    advisory.id = segment.text(record.id);
    advisory.record = reader_.number_of({match.segment, affected.record});
    advisory.feed = reader_.feed_of(match.segment, record.feed);
    advisory.ecosystem = std::string(lookup.ecosystem) + (suffix.empty() ? "" : ":" + suffix);
    advisory.name = lookup.name;
    advisory.version = lookup.version;
    if (const auto ecosystem = segment.find_ecosystem(lookup.ecosystem))
        advisory.scheme = segment.ecosystems()[*ecosystem].scheme;
    for (std::uint32_t i = row.events.first; i < row.events.last; ++i) {
        const std::uint32_t event = segment.event(i);
        if (kind_of_event(event) == EventKind::kRange) continue;
        advisory.range.push_back(
            {kind_of_event(event), segment.version_text(event & kEventVersionMask)});
    }
    if (row.fixed != kNone) advisory.fixed = segment.version_text(row.fixed);
    advisory.state = segment.label(affected.state);
    advisory.symbols = read_symbols(segment, row.row);
    advisory.score_tenths = known_score(affected.score != kNoScore ? affected.score : record.score);
    if (target.cpe.has_value())
        advisory.configuration = configuration_of(segment, affected.record, *target.cpe);
    return advisory;
}

Result<std::vector<Match>> match_texts(const Database& database,
                                       std::span<const packages::Package> packages,
                                       const MatchReport& report) {
    std::vector<Match> matches;
    matches.reserve(report.matches.size());
    MERLON_TRY(database.read([&](const DatabaseReader& reader) {
        const MatchTexts texts(reader, packages, report);
        for (const MatchedClass& match : report.matches) matches.push_back(texts.match(match));
    }));
    return matches;
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
