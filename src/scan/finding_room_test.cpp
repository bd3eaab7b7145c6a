#include "scan/finding_room.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "scan/secrets_scan.h"

namespace merlon::scan {
namespace {

namespace fs = std::filesystem;

void make(FileFindings& result, std::uint64_t bytes) {
    if (result.is_full) return;
    result.bytes += bytes;
    if (!result.room->take(result.unit, result.bytes)) {
        result.is_full = true;
        return;
    }
    FileFindings::Context context;
    context.made = result.reaches.size();
    result.reaches.push_back(result.bytes);
    result.findings.emplace_back();
    result.contexts.push_back(std::move(context));
    result.contents.emplace_back();
}

// How many findings of each unit are left where all of a unit's sizes are told in the order of
// `turns`, one for each turn.
std::vector<std::size_t> kept(const std::vector<std::vector<std::uint64_t>>& sizes,
                              const std::vector<std::size_t>& turns, std::uint64_t most,
                              std::uint64_t& most_held) {
    FindingRoom room(most);
    std::vector<FileFindings> results = units(sizes.size(), room);
    std::vector<std::size_t> next(sizes.size());
    most_held = 0;
    for (const std::size_t unit : turns) {
        make(results[unit], sizes[unit][next[unit]++]);
        if (next[unit] == sizes[unit].size()) room.settle(results[unit]);
        std::uint64_t held = 0;
        for (const FileFindings& one : results)
            held += one.reaches.empty() ? 0 : one.reaches.back();
        most_held = std::max(most_held, held);
    }
    std::vector<std::size_t> counts;
    std::uint64_t before = 0;
    for (FileFindings& result : results) {
        keep_within(result, most - std::min(before, most));
        before += result.bytes;
        EXPECT_EQ(result.findings.size(), result.reaches.size());
        counts.push_back(result.findings.size());
    }
    return counts;
}

TEST(FindingRoom, keeps_the_first_findings_whoever_is_faster) {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        std::vector<std::vector<std::uint64_t>> sizes(1 + random() % 12);
        std::vector<std::size_t> turns;
        std::uint64_t all = 0;
        for (std::size_t unit = 0; unit < sizes.size(); ++unit) {
            sizes[unit].resize(random() % 20);
            for (std::uint64_t& size : sizes[unit]) {
                size = 1 + random() % 9;
                all += size;
                turns.push_back(unit);
            }
        }
        const std::uint64_t most = 1 + random() % (all + 2);
        std::vector<std::size_t> expected;
        std::uint64_t used = 0;
        for (const std::vector<std::uint64_t>& unit : sizes) {
            std::size_t fit = 0;
            for (const std::uint64_t size : unit) {
                used += size;
                if (used <= most) ++fit;
            }
            expected.push_back(fit);
        }
        for (int order = 0; order < 4; ++order) {
            std::uint64_t held = 0;
            EXPECT_EQ(kept(sizes, turns, most, held), expected) << round;
            std::shuffle(turns.begin(), turns.end(), random);
        }
    }
}

TEST(FindingRoom, holds_no_more_than_it_has_where_the_last_units_come_first) {
    const std::vector<std::vector<std::uint64_t>> sizes(50, std::vector<std::uint64_t>(20, 5));
    std::vector<std::size_t> turns;
    for (std::size_t unit = sizes.size(); unit-- > 0;) turns.insert(turns.end(), 20, unit);
    std::uint64_t held = 0;
    const auto counts = kept(sizes, turns, 250, held);
    EXPECT_EQ(counts[1], 20u);
    EXPECT_EQ(counts[2], 10u);
    EXPECT_EQ(counts[3], 0u);
    EXPECT_LE(held, 250u);
}

// Twelve files of ten findings each, some with two documents' worth of the same line.
class FindingRoomScan : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("merlon-room-" + std::to_string(::getpid()));
        fs::create_directories(folder_);
        for (int file = 10; file < 22; ++file) {
            std::ofstream out(folder_ / ("f" + std::to_string(file) + ".txt"));
            for (int line = 0; line < 10; ++line) out << "key-" << file << '0' << line << '\n';
        }
        model::Diagnostics diagnostics;
        auto loaded = secrets::load_config("[[rules]]\nid='r'\nregex='key-[0-9]+'\n", "test.toml",
                                           {}, secrets::BadRules::kRefuse, diagnostics);
        auto program = secrets::Program::compile(std::move(loaded.config).value(), {}, diagnostics);
        program_.emplace(std::move(program).value());
    }
    void TearDown() override { fs::remove_all(folder_); }

    model::Report scan(unsigned threads, std::uint64_t most_bytes) const {
        CancelToken cancel;
        SecretsScan request;
        request.program = &*program_;
        request.arguments = {folder_.string()};
        request.doubtful = DoubtfulMatches::kShow;
        request.max_finding_bytes = most_bytes;
        request.threads = threads;
        request.clock = &system_clock();
        request.cancel = &cancel;
        return scan_secrets(request);
    }

    fs::path folder_;
    std::optional<secrets::Program> program_;
};

TEST_F(FindingRoomScan, a_run_with_more_findings_than_it_keeps_is_incomplete_and_counts_them) {
    const std::size_t all = scan(2, FindingRoom::kMostBytes).findings.size();
    ASSERT_EQ(all, 120u);
    const model::Report one = scan(1, 40 * FindingRoom::kFindingBytes);
    EXPECT_FALSE(one.analysis.complete);
    EXPECT_GT(one.findings.size(), 20u);
    EXPECT_LT(one.findings.size(), 40u);
    ASSERT_EQ(one.coverage.gaps.size(), 1u);
    EXPECT_EQ(one.coverage.gaps[0].cause, model::GapCause::kLimitReached);
    EXPECT_EQ(one.coverage.gaps[0].path, "(run)");
    EXPECT_NE(one.coverage.gaps[0].detail.find(std::to_string(all - one.findings.size()) + " more"),
              std::string::npos)
        << one.coverage.gaps[0].detail;
    EXPECT_EQ(exit_code(one, model::Severity::kLow), 2);
    for (const unsigned threads : {2u, 8u}) {
        const model::Report many = scan(threads, 40 * FindingRoom::kFindingBytes);
        EXPECT_EQ(many.coverage.gaps, one.coverage.gaps);
        ASSERT_EQ(many.findings.size(), one.findings.size());
        for (std::size_t i = 0; i < one.findings.size(); ++i) {
            EXPECT_EQ(many.findings[i].location, one.findings[i].location);
            EXPECT_EQ(many.findings[i].fingerprints, one.findings[i].fingerprints);
        }
    }
}

}  // namespace
}  // namespace merlon::scan
