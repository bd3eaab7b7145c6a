// The advisory engine alone, for comparisons and measurements:
//
//   sca_probe match DATABASE < PURLS    one line each: the package URL, a tabulator, the ids that
//   match sca_probe synthesize COUNT FILE     a database of COUNT made-up records sca_probe open
//   DATABASE TIMES       opens it so often and looks one package up

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "base/file.h"
#include "packages/package.h"
#include "sca/database.h"
#include "sca/database_writer.h"
#include "sca/matcher.h"

namespace {

using namespace merlon;

int fail(const std::string& message) {
    std::fprintf(stderr, "sca_probe: %s\n", message.c_str());
    return 2;
}

int match(const std::string& path) {
    const auto database = sca::Database::open(path);
    if (!database.ok()) return fail(database.error().to_string());
    std::vector<std::string> lines;
    std::vector<packages::Package> asked;
    for (std::string line; std::getline(std::cin, line);) {
        const std::size_t first = line.find('\t');
        const std::size_t second = line.find('\t', first + 1);
        const auto ecosystem = packages::ecosystem_of_osv_name(line.substr(0, first));
        if (second == std::string::npos || !ecosystem.has_value())
            return fail("no package: " + line);
        packages::Package& package = asked.emplace_back();
        package.ecosystem = *ecosystem;
        package.name = line.substr(first + 1, second - first - 1);
        package.version = line.substr(second + 1);
        lines.push_back(std::move(line));
    }
    ThreadPool pool(available_cores());
    const auto report = sca::match_packages(database.value(), asked, pool);
    if (!report.ok()) return fail(report.error().to_string());
    std::string out;
    for (const sca::Match& found : report.value().matches) {
        for (const sca::Advisory& advisory : found.advisories) {
            out += lines[found.package] + "\t" + advisory.id + "\n";
        }
    }
    std::fwrite(out.data(), 1, out.size(), stdout);
    for (const sca::MatchProblem& problem : report.value().problems) {
        std::fprintf(stderr, "%s: %s: %s\n", lines[problem.package].c_str(),
                     std::string(sca::name(problem.kind)).c_str(), problem.detail.c_str());
    }
    return 0;
}

// Records as the whole of OSV has them: most of them of malicious npm packages, each of another
// package; the others with an alias, a severity and two ranges.
exchange::OsvRecord synthetic_record(unsigned number) {
    using enum exchange::OsvEventKind;
    exchange::OsvRecord record;
    const std::string text = std::to_string(number);
    exchange::OsvAffected affected;
    exchange::OsvRange range;
    range.type = exchange::OsvRangeType::kSemver;
    record.modified = "2026-01-01T00:00:00Z";
    record.summary = "Made-up record " + text;
    record.details =
        "What stands here is as long as a short text of an advisory is, number " + text;
    if (number % 10 < 7) {
        record.id = "MAL-2026-" + text;
        affected.ecosystem = "npm";
        affected.name = "package-" + text;
        range.events = {{kIntroduced, "0"}};
    } else {
        record.id = "GHSA-" + text;
        record.aliases = {"CVE-2026-" + text};
        record.severities = {{"CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}};
        constexpr const char* kEcosystems[] = {"npm", "PyPI", "Maven", "Debian:12"};
        affected.ecosystem = kEcosystems[number % 4];
        affected.name = "group:name-" + std::to_string(number % 40'000);
        const std::string major = std::to_string(number % 7);
        range.events = {{kIntroduced, "0"},
                        {kFixed, major + "." + std::to_string(number % 50) + ".1"},
                        {kIntroduced, "9.0." + std::to_string(number % 90)},
                        {kFixed, "9.1." + std::to_string(number % 90)}};
    }
    affected.ranges.push_back(std::move(range));
    record.affected.push_back(std::move(affected));
    return record;
}

int synthesize(unsigned count, const std::string& path) {
    sca::DatabaseWriter writer;
    const std::size_t feed = writer.add_feed({"synthetic", "CC0-1.0", "", 0});
    ThreadPool pool(available_cores());
    constexpr unsigned kBatch = 20'000;
    for (unsigned begin = 0; begin < count; begin += kBatch) {
        std::vector<sca::Draft> drafts(std::min(kBatch, count - begin));
        pool.for_each(drafts.size(), [&](std::size_t i, unsigned) {
            drafts[i] = sca::draft_of(synthetic_record(begin + static_cast<unsigned>(i)));
        });
        for (sca::Draft& draft : drafts) writer.add(feed, std::move(draft));
    }
    const auto bytes = writer.finish(0, pool, std::nullopt);
    if (!bytes.ok()) return fail(bytes.error().to_string());
    const Status written = write_file_atomically(path, bytes.value());
    return written.ok() ? 0 : fail(written.error().to_string());
}

int open(const std::string& path, int times) {
    std::vector<double> milliseconds;
    for (int i = 0; i < times; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        const auto database = sca::Database::open(path);
        if (!database.ok()) return fail(database.error().to_string());
        const auto end = std::chrono::steady_clock::now();
        milliseconds.push_back(std::chrono::duration<double, std::milli>(end - begin).count());
    }
    std::sort(milliseconds.begin(), milliseconds.end());
    std::printf("%.3f\n", milliseconds[milliseconds.size() / 2]);
    return 0;
}

}  // namespace

int main(int count, char** words) {
    const std::vector<std::string> arguments(words + 1, words + count);
    if (arguments.size() == 2 && arguments[0] == "match") return match(arguments[1]);
    if (arguments.size() == 3 && arguments[0] == "synthesize") {
        return synthesize(static_cast<unsigned>(std::strtoul(arguments[1].c_str(), nullptr, 10)),
                          arguments[2]);
    }
    if (arguments.size() == 3 && arguments[0] == "open") {
        return open(arguments[1], std::max(1, std::atoi(arguments[2].c_str())));
    }
    return fail("match DATABASE | synthesize COUNT FILE | open DATABASE TIMES");
}
