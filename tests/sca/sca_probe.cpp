// The advisory engine alone, for comparisons and measurements:
//
//   sca_probe match DATABASE < PACKAGES   ecosystem, name and version apart by tabulators, a line
//                                         each; printed again with the id of each record that
//                                         matches
//   sca_probe synthesize COUNT FILE       a database of COUNT made-up records
//   sca_probe open DATABASE TIMES         opens it so often, and says how long that took

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

// Packages that are asked at once: what they match is printed before the next ones are read, so
// that no more than that is held.
constexpr std::size_t kBatch = 64;

struct Questions {
    std::vector<std::string> lines;
    std::vector<packages::Package> packages;
};

Result<Questions> next_questions() {
    Questions next;
    next.lines.reserve(kBatch);
    next.packages.reserve(kBatch);
    for (std::string line; next.lines.size() < kBatch && std::getline(std::cin, line);) {
        const std::size_t first = line.find('\t');
        const std::size_t second = line.find('\t', first + 1);
        const auto ecosystem = packages::ecosystem_of_osv_name(line.substr(0, first));
        if (second == std::string::npos || !ecosystem.has_value())
            return Error{"no package: " + line};
        packages::Package& package = next.packages.emplace_back();
        package.ecosystem = *ecosystem;
        package.name = line.substr(first + 1, second - first - 1);
        package.version = line.substr(second + 1);
        next.lines.push_back(std::move(line));
    }
    return next;
}

Status print_matches(const sca::Database& database, const Questions& asked, ThreadPool& pool) {
    const sca::MatchReport report = MERLON_TRY(sca::match_packages(database, asked.packages, pool));
    std::string out;
    MERLON_TRY(database.read([&](const sca::DatabaseReader& reader) {
        for (const sca::MatchedClass& match : report.matches) {
            const sca::SegmentReader& segment = reader.segment(match.segment);
            for (const sca::MatchedRow& row : report.rows_of(match)) {
                const std::uint32_t record = segment.affected(row.row).record;
                out += asked.lines[match.package] + "\t" + segment.text(segment.record(record).id) +
                       "\n";
            }
        }
    }));
    std::fwrite(out.data(), 1, out.size(), stdout);
    for (const sca::MatchProblem& problem : report.problems) {
        std::fprintf(stderr, "%s: %s: %s\n", asked.lines[problem.package].c_str(),
                     std::string(sca::name(problem.kind)).c_str(), problem.detail.c_str());
    }
    return {};
}

Status match(const std::string& path) {
    const sca::Database database = MERLON_TRY(sca::Database::open(path));
    ThreadPool pool(available_cores());
    for (;;) {
        const Questions asked = MERLON_TRY(next_questions());
        if (asked.lines.empty()) return {};
        MERLON_TRY(print_matches(database, asked, pool));
    }
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
    constexpr unsigned kRecordBatch = 20'000;
    for (unsigned begin = 0; begin < count; begin += kRecordBatch) {
        std::vector<sca::Draft> drafts(std::min(kRecordBatch, count - begin));
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
    if (arguments.size() == 2 && arguments[0] == "match") {
        std::ios::sync_with_stdio(false);
        const Status matched = match(arguments[1]);
        return matched.ok() ? 0 : fail(matched.error().to_string());
    }
    if (arguments.size() == 3 && arguments[0] == "synthesize") {
        return synthesize(static_cast<unsigned>(std::strtoul(arguments[1].c_str(), nullptr, 10)),
                          arguments[2]);
    }
    if (arguments.size() == 3 && arguments[0] == "open") {
        return open(arguments[1], std::max(1, std::atoi(arguments[2].c_str())));
    }
    return fail("match DATABASE | synthesize COUNT FILE | open DATABASE TIMES");
}
