#include "scan/packages_scan.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <span>
#include <unordered_map>

#include "base/thread_pool.h"
#include "exchange/osv.h"
#include "model/fingerprint.h"
#include "packages/package_url.h"
#include "sca/matcher.h"
#include "sca/vex_filter.h"
#include "scan/advisories.h"
#include "scan/fix_advice.h"
#include "scan/reachability.h"
#include "scan/registry_checks.h"
#include "scan/secrets_scan.h"

namespace merlon::scan {
namespace {

using model::GapCause;
using packages::Package;
using packages::PackageSource;
using packages::Scope;

constexpr std::string_view kEngine = "packages";
constexpr std::string_view kPack = "advisories";
constexpr std::string_view kGate = "gate";
constexpr std::string_view kFails = "fails";
constexpr std::int64_t kDay_s = 86'400;

// A package that is asked once, and everywhere it stands.
struct Asked {
    std::vector<const Package*> entries;
    const PackageSource* source = nullptr;  // of the first entry
};

// What tells two packages apart for an advisory.
std::string identity(const Package& package) {
    return packages::package_url_text(package) + '\n' + package.name + '\n' + package.version +
           '\n' + package.source_name + '\n' + package.source_version + '\n' +
           package.distribution.id + '\n' + package.distribution.version;
}

model::Severity severity_of(const sca::Match& match) {
    if (match.is_malicious) return model::Severity::kCritical;
    // Unstated is high (DESIGN, "Settled once").
    return model::parse_severity(match.severity).value_or(model::Severity::kHigh);
}

std::string joined(std::span<const std::string> texts, std::string_view separator) {
    std::string all;
    for (const std::string& text : texts) {
        if (!all.empty()) all += separator;
        all += text;
    }
    return all;
}

bool runs(const Asked& asked) {
    return std::ranges::any_of(asked.entries, [](const Package* package) {
        return package->scope != Scope::kDevelopment && package->scope != Scope::kTest &&
               package->scope != Scope::kBuild;
    });
}

// Whether all that is known is the least version that will do, as a go.mod says of Go itself: what
// is built may have a later one.
bool is_lower_bound(const Asked& asked) {
    return std::ranges::all_of(asked.entries, [](const Package* package) {
        return !package->version.empty() && package->requested == ">=" + package->version;
    });
}

// Why a finding fails the default gate, or why not.
std::string gate_of(const sca::Match& match, const Asked& asked) {
    if (match.is_malicious) return std::string(kFails) + ": malicious package";
    if (match.is_known_exploited) return std::string(kFails) + ": known to be exploited";
    if (match.fixed.empty()) return "shown: no fixed version";
    if (!runs(asked)) return "shown: not there at run time";
    if (match.reachability == sca::Reachability::kUnreachable)
        return "shown: unreachable, " + match.reached_by;
    if (is_lower_bound(asked))
        return "shown: the least version that will do, a later one may be there";
    return std::string(kFails) + ": a fix is there";
}

std::string percent(std::uint32_t hundred_thousandths) {
    return fmt::format("{:.2f}", hundred_thousandths / 1000.0);
}

model::Analysis analysis_of(const PackagesScan& request) {
    model::Analysis analysis;
    analysis.version = request.version;
    analysis.engine = kEngine;
    analysis.scope = request.scope;
    analysis.signature_versions = {std::string(model::kContextAlgorithm)};
    return analysis;
}

// The order of reports, as positions; equal ones stay as they stand.
std::vector<std::size_t> order_of(const std::vector<model::Finding>& findings) {
    std::vector<std::size_t> order(findings.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, [&](std::size_t left, std::size_t right) {
        return model::less(findings[left], findings[right]);
    });
    return order;
}

class PackagesRun {
  public:
    PackagesRun(const PackagesScan& request, TakenInventory taken)
        : request_(request), taken_(std::move(taken)) {}

    Result<ExaminedPackages> run(Reviews reviews) {
        gather();
        ThreadPool pool(request_.threads);
        sca::MatchReport matched =
            MERLON_TRY(sca::match_packages(*request_.database, questions_, pool));
        std::vector<PackageEntries> entries;
        for (const Asked& asked : asked_) entries.push_back(asked.entries);
        decide_reachability(taken_, entries, matched.matches, pool);
        start_report();
        safe_versions_ =
            MERLON_TRY(safe_versions(*request_.database, questions_, matched.matches, pool));
        MERLON_TRY(request_.database->read([&](const sca::DatabaseReader& reader) {
            for (const sca::Match& match : matched.matches) add_finding(match, reader);
        }));
        apply_vex(matched.matches);
        keep_weaknesses(matched.matches);
        apply(request_.filter, weaknesses_, report_.findings);
        if (reviews == Reviews::kAll) review();
        report_.coverage = std::move(taken_.coverage);
        add_gaps(matched);
        tell_feeds();
        apply(request_.suppressions, request_.clock->now(), report_.findings, report_.notices);
        apply(request_.foreign, request_.clock->now(), report_.findings, report_.notices);
        accept_gaps(request_.suppressions, request_.clock->now(), report_.coverage,
                    report_.notices);
        tell_completeness(report_);
        return ExaminedPackages{std::move(report_), std::move(weaknesses_),
                                std::move(taken_.sources), std::move(weaknesses_of_)};
    }

  private:
    void gather() {
        std::unordered_map<std::string, std::size_t> known;
        for (const PackageSource& source : taken_.sources) {
            for (const Package& package : source.packages) {
                // A project has no advisories of its own; a program that is installed may.
                const bool is_program = source.reader == "executable" && !package.version.empty();
                if (package.local) continue;
                if (package.relation == packages::Relation::kRoot && !is_program) continue;
                const auto [found, is_new] = known.emplace(identity(package), asked_.size());
                if (is_new) {
                    asked_.emplace_back().source = &source;
                    questions_.push_back(package);
                }
                asked_[found->second].entries.push_back(&package);
            }
        }
    }

    void review() {
        review_registries({.internal_names = request_.internal_names, .key = request_.key}, taken_,
                          report_.rules, report_.findings);
        if (request_.licenses != nullptr) {
            review_licenses({.rules = request_.licenses,
                             .listing = LicenseListing::kProblems,
                             .key = request_.key,
                             .now = request_.clock->now()},
                            taken_, report_);
        }
        std::vector<model::Finding> findings;
        for (const std::size_t from : order_of(report_.findings)) {
            if (from < weaknesses_.size()) weaknesses_[from].finding = findings.size();
            findings.push_back(std::move(report_.findings[from]));
        }
        report_.findings = std::move(findings);
    }

    void start_report() { report_.analysis = analysis_of(request_); }

    void add_finding(const sca::Match& match, const sca::DatabaseReader& reader) {
        const Asked& asked = asked_[match.package];
        const Package& package = *asked.entries.front();
        const std::string& id = match.ids.front();
        Weakness weakness = weakness_of(match, reader);
        const exchange::OsvRecord& record = weakness.record;
        add_rule(id, match, record);

        model::Finding finding;
        finding.rule_id = id;
        finding.severity = severity_of(match);
        finding.confidence = model::Confidence::kHigh;
        const std::string what =
            package.name + (package.version.empty() ? "" : " ") + package.version;
        finding.message = what + ": " + (record.summary.empty() ? id : record.summary);
        if (match.ids.size() > 1) {
            finding.message += " (also " + joined(std::span(match.ids).subspan(1), ", ") + ")";
        }
        finding.message +=
            match.fixed.empty() ? "; no fixed version is known" : "; fixed in " + match.fixed;
        if (match.reachability != sca::Reachability::kUnknown) {
            finding.message += fmt::format("; {}: {}", name(match.reachability), match.reached_by);
        }
        finding.location = package.location;
        for (std::size_t i = 1; i < asked.entries.size(); ++i)
            finding.also_at.push_back(asked.entries[i]->location);
        finding.match = what;
        const std::string content = package.name + '\0' + id;
        if (request_.key) finding.secret_id = model::secret_id(*request_.key, content);
        finding.fingerprints.push_back(model::context_fingerprint(
            id, std::string(facts(package.ecosystem).purl_type) + '/' + package.name, 0));
        add_properties(match, asked, finding);
        report_.findings.push_back(std::move(finding));
        weaknesses_.push_back(std::move(weakness));
    }

    // The text that is shown is that of the first record of the class that has one.
    Weakness weakness_of(const sca::Match& match, const sca::DatabaseReader& reader) const {
        Weakness weakness;
        exchange::OsvRecord& shown = weakness.record;
        for (const sca::Advisory& advisory : match.advisories) {
            std::string json = reader.record_json(advisory.record);
            Result<exchange::OsvRecord> record =
                exchange::read_osv(json, exchange::RecordSyntax::kJson);
            if (!record.ok()) continue;  // a damaged page; read() fails for it
            if (shown.id.empty() || (shown.summary.empty() && !record.value().summary.empty())) {
                shown = std::move(record).value();
            }
            if (request_.keep_records == KeepRecords::kAll)
                weakness.records_json.push_back(std::move(json));
        }
        return weakness;
    }

    // What suppliers say; `findings` are still in the order of `matches`.
    void apply_vex(const std::vector<sca::Match>& matches) {
        if (request_.vex.empty()) return;
        std::vector<std::string> scanned;  // the project itself, as its own files name it
        for (const PackageSource& source : taken_.sources) {
            for (const Package& package : source.packages) {
                if (package.relation == packages::Relation::kRoot)
                    scanned.push_back(packages::package_url_text(package));
            }
        }
        const auto verdicts = sca::apply_vex(matches, questions_, request_.vex, scanned);
        std::size_t applied = 0;
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            if (!verdicts[i]) continue;
            ++applied;
            const sca::VexVerdict& verdict = *verdicts[i];
            std::string said(exchange::name(verdict.status));
            if (!verdict.justification.empty()) said += " (" + verdict.justification + ")";
            if (!verdict.explanation.empty()) said += ": " + verdict.explanation;
            if (!verdict.document.empty()) said += " [" + verdict.document + "]";
            model::Finding& finding = report_.findings[i];
            finding.properties["vex"] = said;
            weaknesses_[i].vex = verdict;
            if (verdict.status == exchange::VexStatus::kNotAffected ||
                verdict.status == exchange::VexStatus::kFixed) {
                finding.suppressed_by = "vex";
                finding.suppression_reason = std::move(said);
            }
        }
        std::size_t statements = 0;
        for (const exchange::VexDocument& document : request_.vex)
            statements += document.statements.size();
        report_.notices.push_back(
            fmt::format("VEX: {} document{}, {} statement{}; {} finding{} spoken of",
                        request_.vex.size(), request_.vex.size() == 1 ? "" : "s", statements,
                        statements == 1 ? "" : "s", applied, applied == 1 ? "" : "s"));
    }

    // Findings and what stands behind them, in the order of reports.
    void keep_weaknesses(std::vector<sca::Match>& matches) {
        std::vector<model::Finding> findings;
        std::vector<Weakness> weaknesses;
        for (const std::size_t from : order_of(report_.findings)) {
            for (const Package* package : asked_[matches[from].package].entries)
                weaknesses_of_[package].push_back(weaknesses.size());
            findings.push_back(std::move(report_.findings[from]));
            weaknesses.push_back(std::move(weaknesses_[from]));
            weaknesses.back().match = std::move(matches[from]);
            weaknesses.back().finding = weaknesses.size() - 1;
        }
        report_.findings = std::move(findings);
        weaknesses_ = std::move(weaknesses);
    }

    void add_rule(const std::string& id, const sca::Match& match,
                  const exchange::OsvRecord& record) {
        const auto place = std::ranges::lower_bound(report_.rules, id, {}, &model::Rule::id);
        if (place != report_.rules.end() && place->id == id) return;
        model::Rule rule;
        rule.id = id;
        rule.engine = kEngine;
        rule.pack = kPack;
        rule.name = record.summary.empty() ? id : record.summary;
        rule.description = record.details.empty() ? rule.name : record.details;
        rule.fix = match.fixed.empty() ? "No fixed version is known: replace the package, or see "
                                         "whether what it has is used."
                                       : "Update to " + match.fixed + " or later.";
        for (const exchange::OsvReference& reference : record.references) {
            if (rule.help_url.empty() || reference.type == "ADVISORY")
                rule.help_url = reference.url;
            if (reference.type == "ADVISORY") break;
        }
        rule.severity = severity_of(match);
        rule.confidence = model::Confidence::kHigh;
        rule.tags = {"vulnerability"};
        if (match.is_malicious) rule.tags = {"malware"};
        if (!record.weaknesses.empty()) rule.cwe = record.weaknesses.front();
        report_.rules.insert(place, std::move(rule));
    }

    void add_properties(const sca::Match& match, const Asked& asked, model::Finding& finding) {
        const Package& package = *asked.entries.front();
        auto& properties = finding.properties;
        properties["package"] = package.name;
        properties["version"] = package.version;
        properties["ecosystem"] = facts(package.ecosystem).name;
        properties["purl"] = packages::package_url_text(package);
        properties["ids"] = joined(match.ids, " ");
        if (!match.upstream.empty()) properties["upstream"] = joined(match.upstream, " ");
        if (!match.fixed.empty()) properties["fixed"] = match.fixed;
        if (match.score_tenths) {
            properties["cvss"] =
                fmt::format("{}.{}", *match.score_tenths / 10, *match.score_tenths % 10);
        }
        if (match.is_known_exploited) {
            properties["known-exploited"] = "yes";
            if (!match.due.empty()) properties["due"] = match.due;
            if (match.is_used_by_ransomware) properties["ransomware"] = "known";
        }
        if (match.epss_100000ths > 0) {
            properties["epss-percent"] = percent(match.epss_100000ths);
            properties["epss-percentile"] = percent(match.percentile_100000ths);
        }
        if (const auto safe = safe_versions_.find(match.package); safe != safe_versions_.end())
            properties["safe-version"] = safe->second;
        if (package.relation == packages::Relation::kTransitive) {
            const auto index = static_cast<std::uint32_t>(&package - asked.source->packages.data());
            auto& brought_by = brought_by_.try_emplace(asked.source, *asked.source).first->second;
            const std::string by = joined(brought_by.names(index), ", ");
            if (!by.empty()) properties["brought-in-by"] = by;
        }
        std::vector<std::string> because;
        for (const sca::Advisory& advisory : match.advisories) because.push_back(explain(advisory));
        properties["because"] = joined(because, "\n");
        properties["reachability"] = name(match.reachability);
        if (!match.reached_by.empty()) properties["reached-by"] = match.reached_by;
        properties[std::string(kGate)] = gate_of(match, asked);
    }

    // One gap for each file, so that a manifest without a lock file is one line to accept.
    void add_gaps(const sca::MatchReport& matched) {
        std::map<std::pair<GapCause, std::string>, std::vector<std::string>> details;
        for (const sca::MatchProblem& problem : matched.problems) {
            const Package& package = *asked_[problem.package].entries.front();
            const std::string path = joined_path(package.location);
            switch (problem.kind) {
                case sca::MatchProblemKind::kNoVersion:
                    details[{GapCause::kUnresolvedVersion, path}].push_back(asked_for(package));
                    break;
                case sca::MatchProblemKind::kUnknownRelease:
                    details[{GapCause::kUnknownRelease, path}].push_back(package.name);
                    break;
                default:
                    report_.notices.push_back(path + ": " + package.name + ": " + problem.detail);
            }
        }
        auto& gaps = report_.coverage.gaps;
        std::ranges::move(gaps_of_unknowns(taken_.sources), std::back_inserter(gaps));
        for (const auto& [gap, texts] : details) {
            gaps.push_back({gap.first, gap.second, detail_of(gap.first, texts)});
        }
        for (const std::string& ecosystem : matched.ecosystems_without_records) {
            gaps.push_back({GapCause::kNoAdvisories, ecosystem,
                            "the database has no advisories of " + ecosystem +
                                ": add a feed (merlon db build), or accept this gap"});
        }
        if (matched.packages_without_ecosystem > 0) {
            report_.notices.push_back(fmt::format(
                "{} packages are of ecosystems that no advisory feed covers; they were not checked",
                matched.packages_without_ecosystem));
        }
        add_age_gap();
        add_feed_gaps();
        model::sort(gaps);
    }

    // What stands there in place of a version.
    static std::string asked_for(const Package& package) {
        const std::string& stated = package.requested.empty() ? package.version : package.requested;
        return package.name + (stated.empty() ? "" : " '" + stated + "'");
    }

    static std::string detail_of(GapCause cause, const std::vector<std::string>& texts) {
        constexpr std::size_t kShown = 3;
        const std::span<const std::string> all(texts);
        std::string shown = joined(all.first(std::min(all.size(), kShown)), ", ");
        if (all.size() > kShown) shown += fmt::format(" and {} more", all.size() - kShown);
        switch (cause) {
            case GapCause::kUnresolvedVersion:
                return "there are advisories, and no version: " + shown +
                       "; commit a lock file that says it";
            case GapCause::kUnknownRelease:
                return "the distribution's release is not known (no os-release beside it): " +
                       shown;
            default:
                return shown;
        }
    }

    std::int64_t now_s() const { return request_.clock->now().nanoseconds / 1'000'000'000; }

    void add_age_gap() {
        const std::int64_t age_s = now_s() - request_.database->built_at_s();
        if (request_.max_database_age_s == 0 || age_s <= request_.max_database_age_s) return;
        report_.coverage.gaps.push_back(
            {GapCause::kOutdatedData, "advisories",
             fmt::format("the database is {} days old, and {} are allowed; renew it with merlon db "
                         "update or merlon db build",
                         age_s / kDay_s, request_.max_database_age_s / kDay_s)});
    }

    // What was not read when the database was built is not known of now.
    void add_feed_gaps() {
        const Result<sca::DatabaseInfo> info = request_.database->info();
        if (!info.ok()) return;  // read() has failed before
        for (FeedProblem& problem : unread_feeds(info.value())) {
            report_.coverage.gaps.push_back(
                {GapCause::kInvalidInput, std::move(problem.path), std::move(problem.what)});
        }
    }

    void tell_feeds() {
        const Result<sca::DatabaseInfo> info = request_.database->info();
        if (!info.ok()) return;  // read() has failed before
        for (const sca::FeedInfo& feed : info.value().feeds) {
            const std::int64_t age_s = std::max<std::int64_t>(0, now_s() - feed.taken_at_s);
            report_.notices.push_back(fmt::format(
                "advisories of {}: {} record{}, {} day{} old{}", feed.name, feed.records,
                feed.records == 1 ? "" : "s", age_s / kDay_s, age_s / kDay_s == 1 ? "" : "s",
                feed.licence.empty() ? "" : ", " + feed.licence));
        }
    }

    const PackagesScan& request_;
    TakenInventory taken_;
    model::Report report_;
    std::vector<Asked> asked_;
    std::vector<Package> questions_;
    std::map<std::size_t, std::string> safe_versions_;  // by position in questions_
    std::vector<Weakness> weaknesses_;                  // one for each finding of an advisory
    std::unordered_map<const Package*, std::vector<std::size_t>> weaknesses_of_;
    std::map<const PackageSource*, BroughtBy> brought_by_;
};

}  // namespace

Result<ExaminedPackages> examine_packages(const PackagesScan& request, TakenInventory taken,
                                          Reviews reviews) {
    return PackagesRun(request, std::move(taken)).run(reviews);
}

Result<model::Report> scan_packages(const PackagesScan& request, TakenInventory taken) {
    return MERLON_TRY(examine_packages(request, std::move(taken), Reviews::kAll)).report;
}

model::Report scan_licenses(const PackagesScan& request, TakenInventory taken) {
    model::Report report;
    report.analysis = analysis_of(request);
    const Timestamp now = request.clock->now();
    review_licenses({.rules = request.licenses,
                     .listing = LicenseListing::kAll,
                     .key = request.key,
                     .now = now},
                    taken, report);
    model::sort(report.findings);
    report.coverage = std::move(taken.coverage);
    std::ranges::move(gaps_of_unknowns(taken.sources), std::back_inserter(report.coverage.gaps));
    model::sort(report.coverage.gaps);
    if (request.licenses == nullptr)
        report.notices.emplace_back("no licences are allowed or denied in .merlon.yaml");
    apply(request.suppressions, now, report.findings, report.notices);
    accept_gaps(request.suppressions, now, report.coverage, report.notices);
    tell_completeness(report);
    return report;
}

int gate_exit_code(const model::Report& report) {
    if (!report.analysis.complete) return 2;
    const bool fails = std::ranges::any_of(report.findings, [](const model::Finding& finding) {
        const auto gate = finding.properties.find(std::string(kGate));
        return finding.suppressed_by.empty() && gate != finding.properties.end() &&
               gate->second.starts_with(kFails);
    });
    return fails ? 1 : 0;
}

}  // namespace merlon::scan
