#include "scan/package_gaps.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "base/joined.h"
#include "scan/advisories.h"
#include "scan/inventory_scan.h"

namespace merlon::scan {
namespace {

using model::GapCause;
using packages::Package;

constexpr std::int64_t kDay_s = 86'400;

std::int64_t now_s(const PackageQuestions& questions) {
    return questions.now.nanoseconds / 1'000'000'000;
}

// What stands there in place of a version.
std::string asked_for(const Package& package) {
    const std::string& stated = package.requested.empty() ? package.version : package.requested;
    return package.name + (stated.empty() ? "" : " '" + stated + "'");
}

std::string detail_of(GapCause cause, const std::vector<std::string>& texts) {
    constexpr std::size_t kShown = 3;
    const std::span<const std::string> all(texts);
    std::string shown = joined(all.first(std::min(all.size(), kShown)), ", ");
    if (all.size() > kShown) shown += fmt::format(" and {} more", all.size() - kShown);
    switch (cause) {
        case GapCause::kUnresolvedVersion:
            return "there are advisories, and no version: " + shown +
                   "; commit a lock file that says it";
        case GapCause::kUnknownRelease:
            return "the distribution's release is not known (no os-release beside it): " + shown;
        default:
            return shown;
    }
}

// One gap for each file, so that a manifest without a lock file is one line to accept.
void add_undecided(const PackageQuestions& questions, model::Report& report) {
    std::map<std::pair<GapCause, std::string>, std::vector<std::string>> details;
    for (const sca::MatchProblem& problem : questions.answers.problems) {
        const Package& package = *questions.asked[problem.package].entries.front();
        const std::string path = joined_path(package.location);
        switch (problem.kind) {
            case sca::MatchProblemKind::kNoVersion:
                details[{GapCause::kUnresolvedVersion, path}].push_back(asked_for(package));
                break;
            case sca::MatchProblemKind::kUnknownRelease:
                details[{GapCause::kUnknownRelease, path}].push_back(package.name);
                break;
            default:
                report.notices.push_back(path + ": " + package.name + ": " + problem.detail);
        }
    }
    auto& gaps = report.coverage.gaps;
    std::ranges::move(gaps_of_unknowns(questions.sources), std::back_inserter(gaps));
    for (const auto& [gap, texts] : details) {
        gaps.push_back({gap.first, gap.second, detail_of(gap.first, texts)});
    }
    for (const std::string& ecosystem : questions.answers.ecosystems_without_records) {
        gaps.push_back({GapCause::kNoAdvisories, ecosystem,
                        "the database has no advisories of " + ecosystem +
                            ": add a feed (merlon db build), or accept this gap"});
    }
    if (questions.answers.packages_without_ecosystem > 0) {
        report.notices.push_back(fmt::format(
            "{} packages are of ecosystems that no advisory feed covers; they were not checked",
            questions.answers.packages_without_ecosystem));
    }
}

void add_age_gap(const PackageQuestions& questions, model::Report& report) {
    const std::int64_t age_s = now_s(questions) - questions.database.built_at_s();
    if (questions.max_database_age_s == 0 || age_s <= questions.max_database_age_s) return;
    report.coverage.gaps.push_back(
        {GapCause::kOutdatedData, "advisories",
         fmt::format("the database is {} days old, and {} are allowed; renew it with merlon db "
                     "update or merlon db build",
                     age_s / kDay_s, questions.max_database_age_s / kDay_s)});
}

// What was not read when the database was built is not known of now.
void add_feed_gaps(const PackageQuestions& questions, model::Report& report) {
    const Result<sca::DatabaseInfo> info = questions.database.info();
    if (!info.ok()) return;  // read() has failed before
    for (FeedProblem& problem : unread_feeds(info.value())) {
        report.coverage.gaps.push_back(
            {GapCause::kInvalidInput, std::move(problem.path), std::move(problem.what)});
    }
}

void tell_feeds(const PackageQuestions& questions, model::Report& report) {
    const Result<sca::DatabaseInfo> info = questions.database.info();
    if (!info.ok()) return;  // read() has failed before
    for (const sca::FeedInfo& feed : info.value().feeds) {
        const std::int64_t age_s = std::max<std::int64_t>(0, now_s(questions) - feed.taken_at_s);
        report.notices.push_back(fmt::format("advisories of {}: {} record{}, {} day{} old{}",
                                             feed.name, feed.records, feed.records == 1 ? "" : "s",
                                             age_s / kDay_s, age_s / kDay_s == 1 ? "" : "s",
                                             feed.licence.empty() ? "" : ", " + feed.licence));
    }
}

}  // namespace

void add_package_gaps(const PackageQuestions& questions, model::Report& report) {
    add_undecided(questions, report);
    add_age_gap(questions, report);
    add_feed_gaps(questions, report);
    model::sort(report.coverage.gaps);
    tell_feeds(questions, report);
}

}  // namespace merlon::scan
