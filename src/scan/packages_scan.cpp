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
#include "sca/match_text.h"
#include "sca/vex_filter.h"
#include "scan/advisories.h"
#include "scan/fix_advice.h"
#include "scan/package_gaps.h"
#include "scan/reachability.h"
#include "scan/registry_checks.h"
#include "scan/secrets_scan.h"
#include "scan/system_programs.h"
#include "scan/weakness_finding.h"

namespace merlon::scan {
namespace {

using packages::Package;
using packages::PackageSource;

// What tells two packages apart for an advisory.
std::string identity(const Package& package) {
    // What an action's commit is the version of stands there (sca/names.cpp).
    const bool is_action = package.ecosystem == packages::Ecosystem::kGithubActions;
    return packages::package_url_text(package) + '\n' + package.name + '\n' + package.version +
           '\n' + package.source_name + '\n' + package.source_version + '\n' +
           package.distribution.id + '\n' + package.distribution.version + '\n' + package.cpe +
           '\n' + (is_action ? package.requested : "");
}

model::Analysis analysis_of(const PackagesScan& request) {
    model::Analysis analysis;
    analysis.version = request.version;
    analysis.engine = kPackagesEngine;
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
        const sca::Database& database = *request_.database;
        const sca::MatchReport matched =
            MERLON_TRY(sca::match_packages(database, questions_, pool));
        std::vector<sca::Match> matches =
            MERLON_TRY(sca::match_texts(database, questions_, matched));
        std::vector<PackageEntries> entries;
        for (const AskedPackage& asked : asked_) entries.push_back(asked.entries);
        decide_reachability(taken_, entries, matches, pool);
        report_.analysis = analysis_of(request_);
        safe_versions_ = MERLON_TRY(safe_versions(database, questions_, matched, pool));
        MERLON_TRY(database.read([&](const sca::DatabaseReader& reader) {
            for (const sca::Match& match : matches) add_finding(match, reader);
        }));
        apply_vex(matches);
        keep_weaknesses(matches);
        apply(request_.filter, weaknesses_, report_.findings);
        if (reviews == Reviews::kAll) review();
        report_.coverage = std::move(taken_.coverage);
        add_package_gaps({database, request_.max_database_age_s, request_.clock->now(), asked_,
                          taken_.sources, matched},
                         report_);
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
        const SystemPrograms system(taken_.sources);
        for (const PackageSource& source : taken_.sources) {
            for (const Package& package : source.packages) {
                // A project has no advisories of its own; a program that is installed may.
                const bool is_program = source.reader == "executable" && !package.version.empty();
                if (package.local) continue;
                if (package.relation == packages::Relation::kRoot && !is_program) continue;
                Package prepared;
                const bool is_changed = source.reader == "executable" && !package.cpe.empty();
                if (is_changed) system.prepare(source, prepared = package);
                const Package& question = is_changed ? prepared : package;
                const auto [found, is_new] = known.emplace(identity(question), asked_.size());
                if (is_new) {
                    asked_.emplace_back().source = &source;
                    questions_.push_back(question);
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

    void add_finding(const sca::Match& match, const sca::DatabaseReader& reader) {
        Weakness weakness = weakness_of(match, reader);
        add_rule(match, weakness.record, report_.rules);
        const AskedPackage& asked = asked_[match.package];
        const auto safe = safe_versions_.find(match.package);
        report_.findings.push_back(
            finding_of({.match = match,
                        .asked = asked,
                        .record = weakness.record,
                        .safe_version = safe == safe_versions_.end() ? nullptr : &safe->second,
                        .brought_by = brought_by(asked),
                        .key = &request_.key}));
        weaknesses_.push_back(std::move(weakness));
    }

    std::vector<std::string> brought_by(const AskedPackage& asked) {
        const Package* package = asked.entries.front();
        if (package->relation != packages::Relation::kTransitive) return {};
        const auto index = static_cast<std::uint32_t>(package - asked.source->packages.data());
        return brought_by_.try_emplace(asked.source, *asked.source).first->second.names(index);
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

    const PackagesScan& request_;
    TakenInventory taken_;
    model::Report report_;
    std::vector<AskedPackage> asked_;
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
        return finding.suppressed_by.empty() && fails_gate(finding);
    });
    return fails ? 1 : 0;
}

}  // namespace merlon::scan
