#include "scan/weakness_bom.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "exchange/bom_join.h"
#include "exchange/cvss.h"
#include "exchange/date_time.h"
#include "scan/package_filter.h"
#include "scan/weakness_words.h"

namespace merlon::scan {
namespace {

using exchange::BomWeakness;

struct Publisher {
    std::string_view prefix, name;
};
constexpr std::array kPublishers{
    Publisher{"CVE-", "NVD"},
    Publisher{"GHSA-", "GitHub Advisory Database"},
    Publisher{"GO-", "Go Vulnerability Database"},
    Publisher{"PYSEC-", "PyPI Advisory Database"},
    Publisher{"RUSTSEC-", "RustSec Advisory Database"},
    Publisher{"DSA-", "Debian Security Tracker"},
    Publisher{"USN-", "Ubuntu Security Notices"},
};

exchange::BomSource source_of(std::string_view id) {
    const auto* const known = std::ranges::find_if(
        kPublishers, [&](const Publisher& publisher) { return id.starts_with(publisher.prefix); });
    return {std::string(known == kPublishers.end() ? "OSV" : known->name), advisory_url(id)};
}

// What CycloneDX calls the justifications of OpenVEX; those of CycloneDX itself stay.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kJustifications{{
    {"component_not_present", "code_not_present"},
    {"vulnerable_code_not_present", "code_not_present"},
    {"vulnerable_code_not_in_execute_path", "code_not_reachable"},
    {"inline_mitigations_already_exist", "protected_by_mitigating_control"},
}};
constexpr std::array<std::string_view, 9> kOwnJustifications{
    "code_not_present",     "code_not_reachable",     "requires_configuration",
    "requires_dependency",  "requires_environment",   "protected_by_compiler",
    "protected_at_runtime", "protected_at_perimeter", "protected_by_mitigating_control"};

exchange::BomAnalysis analysis_of(const sca::VexVerdict& verdict) {
    static constexpr std::array<std::string_view, 4> kStates{"not_affected", "exploitable",
                                                             "resolved", "in_triage"};
    exchange::BomAnalysis analysis;
    analysis.state = kStates[static_cast<std::size_t>(verdict.status)];
    analysis.detail = verdict.explanation;
    const auto* const known = std::ranges::find(kJustifications, verdict.justification,
                                                [](const auto& row) { return row.first; });
    if (known != kJustifications.end()) {
        analysis.justification = known->second;
    } else if (std::ranges::find(kOwnJustifications, verdict.justification) !=
               kOwnJustifications.end()) {
        analysis.justification = verdict.justification;
    } else if (!verdict.justification.empty()) {
        // CycloneDX has no such word.
        analysis.detail =
            verdict.justification + (analysis.detail.empty() ? "" : ": " + verdict.explanation);
    }
    return analysis;
}

std::vector<exchange::BomRating> ratings_of(const Weakness& weakness) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kMethods{{
        {"2.0", "CVSSv2"},
        {"3.0", "CVSSv3"},
        {"3.1", "CVSSv31"},
        {"4.0", "CVSSv4"},
    }};
    std::vector<exchange::BomRating> ratings;
    for (const CvssVector& vector : cvss_vectors(weakness.record)) {
        exchange::BomRating rating;
        rating.score = tenths_text(vector.score_tenths);
        rating.severity = exchange::cvss_rating(vector.score_tenths);
        for (const auto& [version, method] : kMethods)
            if (version == vector.version) rating.method = method;
        rating.vector = vector.vector;
        ratings.push_back(std::move(rating));
    }
    if (!ratings.empty()) return ratings;
    exchange::BomRating rating;
    rating.severity = severity_word(weakness.match);
    if (weakness.match.score_tenths) rating.score = tenths_text(*weakness.match.score_tenths);
    return {rating};
}

// Digits alone: "CWE-79" is 79 there.
std::vector<std::string> cwe_numbers(const std::vector<std::string>& names) {
    std::vector<std::string> numbers;
    for (const std::string& name : names) {
        const std::string number = name.starts_with("CWE-") ? name.substr(4) : std::string();
        const bool is_number =
            !number.empty() && number.size() < 9 && number.front() != '0' &&
            std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
        if (is_number) numbers.push_back(number);
    }
    return numbers;
}

// A time that the schema takes: records of some feeds have a date alone, or none.
std::string time_of(const std::string& stated) {
    if (exchange::is_date_time(stated)) return stated;
    const std::string begin_of_day = stated + "T00:00:00Z";
    return exchange::is_date_time(begin_of_day) ? begin_of_day : std::string();
}

// Of a finding's properties, what tells more of a weakness than CycloneDX has members for.
constexpr std::array<std::string_view, 10> kProperties{
    "gate",       "reachability", "reached-by",      "known-exploited", "due",
    "ransomware", "epss-percent", "epss-percentile", "fixed",           "safe-version"};

class Maker {
  public:
    Maker(const ExaminedPackages& examined, const WeaknessBom& request)
        : examined_(examined), request_(request) {}

    exchange::Bom make() {
        PackageRefs refs;
        exchange::Bom bom = bom_of(examined_.sources, request_.subject, &refs);
        std::vector<std::set<std::pair<std::string, std::string>>> affected(
            examined_.weaknesses.size());  // ref and version of each
        for (const auto& [package, weaknesses] : examined_.weaknesses_of) {
            for (const std::size_t weakness : weaknesses)
                affected[weakness].emplace(refs.at(package), package->version);
        }
        std::map<std::string, int> used;
        for (std::size_t i = 0; i < affected.size(); ++i) {
            if (request_.shows && !request_.shows(i)) continue;
            bom.weaknesses.push_back(weakness_of(i, affected[i]));
            std::string& ref = bom.weaknesses.back().ref;
            const int count = ++used[ref];
            if (count > 1) ref += fmt::format("#{}", count);
        }
        bom.serial = exchange::content_serial(bom);
        return bom;
    }

  private:
    BomWeakness weakness_of(std::size_t index,
                            const std::set<std::pair<std::string, std::string>>& affected) const {
        const Weakness& weakness = examined_.weaknesses[index];
        const exchange::OsvRecord& record = weakness.record;
        BomWeakness made;
        made.id = id_like(weakness.match, request_.id_prefix);
        made.ref = made.id + " of " + (affected.empty() ? "" : affected.begin()->first);
        made.source = source_of(made.id);
        for (const auto* ids : {&weakness.match.ids, &weakness.match.upstream}) {
            for (const std::string& id : *ids)
                if (id != made.id) made.aliases.push_back({id, source_of(id)});
        }
        made.ratings = ratings_of(weakness);
        made.cwes = cwe_numbers(record.weaknesses);
        made.description = record.summary;
        made.detail = record.details;
        if (!weakness.match.fixed.empty())
            made.recommendation = "Update to " + weakness.match.fixed + " or later.";
        for (const exchange::OsvReference& reference : record.references)
            if (!reference.url.empty()) made.advisories.push_back({"", reference.url});
        made.published = time_of(record.published);
        made.updated = time_of(record.modified);
        if (weakness.vex) made.analysis = analysis_of(*weakness.vex);
        for (const auto& [ref, version] : affected) {
            exchange::BomAffected one{.ref = ref, .versions = {}};
            if (!version.empty())
                one.versions.push_back({.version = version, .range = "", .status = "affected"});
            made.affects.push_back(std::move(one));
        }
        add_properties(examined_.report.findings[weakness.finding], made);
        return made;
    }

    static void add_properties(const model::Finding& finding, BomWeakness& weakness) {
        for (const std::string_view name : kProperties) {
            const auto found = finding.properties.find(std::string(name));
            if (found != finding.properties.end())
                weakness.properties.push_back({"merlon:" + std::string(name), found->second});
        }
        if (finding.suppressed_by.empty()) return;
        weakness.properties.push_back({"merlon:ignored-by", finding.suppressed_by});
        weakness.properties.push_back({"merlon:ignored-because", finding.suppression_reason});
    }

    const ExaminedPackages& examined_;
    const WeaknessBom& request_;
};

}  // namespace

exchange::Bom bom_of(const ExaminedPackages& examined, const WeaknessBom& request) {
    return Maker(examined, request).make();
}

}  // namespace merlon::scan
