// How long pages of findings take, as a server would ask for them.
//
//   evidence_pages STORE READERS SECONDS
//
// Each reader is a thread with its own connection, which asks for pages of a few filters by turns,
// half of them somewhere deep in the order, each with its bounded count. Prints for each filter how
// many pages were read, and milliseconds of the median, of the 99th of a hundred, and of the
// slowest, separated by tabs. Ends with 1 where a page fails.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "evidence/findings.h"
#include "evidence/store.h"

namespace {

namespace evidence = merlon::evidence;
using Clock = std::chrono::steady_clock;

struct Question {
    std::string_view name, filter;
};
constexpr std::array kQuestions{
    Question{"everything", ""},
    Question{"open", "is:open"},
    Question{"a severity", "sev:high"},
    Question{"a range of severities", "sev:>=medium is:open"},
    Question{"a repository", "repo:git.example/bench/0 is:open"},
    Question{"a rule", "rule:rule-3"},
    Question{"a file", "path:src/user/part9/user_128.py"},
    Question{"undecided", "decision:none is:open"},
    Question{"a rare word", "7728"},
    Question{"two words", "number 77"},
    Question{"a word of all", "reaches"},
    Question{"a word and more", "queue is:open sev:high"},
};
constexpr std::array<std::string_view, 3> kDeep{"401", "301", "201"};  // risks that there are

std::int64_t number_in(const char* text) {
    std::int64_t number = 0;
    const std::string_view view(text);
    std::from_chars(view.data(), view.data() + view.size(), number);
    return number;
}

class Measurement {
  public:
    // `findings`: how many the store has, which takes a while to count and is asked once.
    Measurement(std::string place, std::int64_t findings, std::int64_t seconds)
        : place_(std::move(place)),
          findings_(findings),
          end_(Clock::now() + std::chrono::seconds(seconds)) {}

    void read(unsigned seed) {
        auto store = evidence::Store::open(
            {.place = place_, .access = evidence::Access::kRead, .command = "pages"});
        if (!store.ok()) return fail(store.error().to_string());
        const merlon::Timestamp now{std::chrono::system_clock::now().time_since_epoch() /
                                    std::chrono::nanoseconds(1)};
        std::mt19937 chance(seed);
        std::array<std::vector<double>, kQuestions.size()> taken;
        for (std::size_t i = seed; Clock::now() < end_ && !has_failed_; ++i) {
            const std::size_t at = i % kQuestions.size();
            auto filter = evidence::parse_filter(kQuestions[at].filter);
            if (!filter.ok()) return fail(filter.error().to_string());
            evidence::PageRequest request{
                .filter = std::move(filter).value(), .now = now, .limit = 50, .after = {}};
            if (chance() % 2 == 0) {
                request.after = fmt::format("{}-{}", kDeep[chance() % kDeep.size()],
                                            chance() % (findings_ + 1));
            }
            const auto begin = Clock::now();
            const auto page = evidence::list_findings(store.value().database(), request);
            if (!page.ok()) return fail(page.error().to_string());
            taken[at].push_back(
                std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
        }
        const std::scoped_lock lock(mutex_);
        for (std::size_t at = 0; at < taken.size(); ++at)
            taken_[at].insert(taken_[at].end(), taken[at].begin(), taken[at].end());
    }

    int print() {
        if (has_failed_) {
            fmt::print(stderr, "{}\n", problem_);
            return 1;
        }
        for (std::size_t at = 0; at < taken_.size(); ++at) {
            std::vector<double>& all = taken_[at];
            if (all.empty()) continue;
            std::ranges::sort(all);
            fmt::print("{}\t{}\t{:.2f}\t{:.2f}\t{:.2f}\n", kQuestions[at].name, all.size(),
                       all[all.size() / 2], all[all.size() * 99 / 100], all.back());
        }
        return 0;
    }

  private:
    void fail(const std::string& problem) {
        const std::scoped_lock lock(mutex_);
        problem_ = problem;
        has_failed_ = true;
    }

    std::string place_;
    std::int64_t findings_;
    Clock::time_point end_;
    std::mutex mutex_;
    std::array<std::vector<double>, kQuestions.size()> taken_;
    std::string problem_;
    std::atomic<bool> has_failed_ = false;
};

}  // namespace

int main(int count, char** words) {
    if (count != 4) {
        fmt::print(stderr, "usage: evidence_pages STORE READERS SECONDS\n");
        return 2;
    }
    std::int64_t findings = 0;
    {
        auto store = evidence::Store::open(
            {.place = words[1], .access = evidence::Access::kRead, .command = "pages"});
        const auto info =
            store.ok() ? store.value().info() : merlon::Result<evidence::StoreInfo>(store.error());
        if (!info.ok()) {
            fmt::print(stderr, "{}\n", info.error().to_string());
            return 1;
        }
        findings = info.value().findings;
    }
    Measurement measurement(words[1], findings, number_in(words[3]));
    std::vector<std::jthread> readers;
    for (unsigned i = 0; i < number_in(words[2]); ++i)
        readers.emplace_back([&measurement, i] { measurement.read(i); });
    readers.clear();
    return measurement.print();
}
