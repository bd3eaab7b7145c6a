// One compiled expression, many threads, from the first use on: meant for ThreadSanitizer (`make
// thread`), but the answers have to be right in every build.

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "match/pattern_set.h"
#include "match/regex.h"

namespace merlon::match {
namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 50;

// Calls act(thread) in all threads at once.
template <typename Act>
void in_threads(Act&& act) {
    std::latch start(kThreads);
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            act(i);
        });
    }
}

std::string text_of(int thread) {
    std::string text;
    for (int i = 0; i < 200; ++i)
        text += "key" + std::to_string(i * (thread + 3) % 977) + " = \"v" + std::to_string(i) +
                "\" \xFF\xC3\xA9\n";
    return text;
}

TEST(Shared, an_expression_is_built_once_and_used_by_all) {
    const char* patterns[] = {"key(\\d+) = \"(v[0-9]*)\"", "(?i)KEY1.*?\\bv", "[^a-z]+\\pL",
                              "(a|b|k)*e?y", "\\B."};
    for (const char* pattern : patterns) {
        CompileOptions options;
        options.automaton_bytes = 2000;  // emptied all the time
        const Regex fresh = Regex::compile(pattern, options).value();
        std::atomic<int> wrong = 0;
        in_threads([&](int thread) {
            const std::string text = text_of(thread);
            const Regex mine = Regex::compile(pattern).value();
            std::vector<Span> groups, expected_groups, matches, expected;
            mine.find_all(Subject(text), expected);
            const bool found = mine.captures(text, expected_groups);
            for (int round = 0; round < kRounds; ++round) {
                fresh.find_all(Subject(text), matches);
                if (matches != expected || fresh.captures(text, groups) != found ||
                    (found && groups != expected_groups) || fresh.is_match(text) != found)
                    ++wrong;
            }
        });
        EXPECT_EQ(wrong, 0) << pattern;
    }
}

TEST(Shared, a_copy_may_outlive_the_one_it_was_made_from) {
    std::atomic<int> wrong = 0;
    auto first = std::make_unique<Regex>(Regex::compile("key(\\d+)").value());
    std::vector<Regex> copies(kThreads, *first);
    first.reset();
    in_threads([&](int thread) {
        const Regex mine = std::move(copies[static_cast<std::size_t>(thread)]);
        for (int round = 0; round < kRounds; ++round) wrong += mine.find("a key42") != Span{2, 7};
    });
    EXPECT_EQ(wrong, 0);
}

TEST(Shared, a_set_with_a_scratch_for_each_thread) {
    std::vector<PatternSet::Pattern> patterns;
    for (const char* pattern :
         {"key1\\d*", "v\\d+\"", "(?i)KEY9[0-9]", "=.{0,5}5", "[x-z]?\\xFF|\\pL+"})
        patterns.push_back({Regex::compile(pattern).value(), {}});
    const PatternSet set(patterns);
    std::atomic<int> wrong = 0;
    in_threads([&](int thread) {
        const std::string text = text_of(thread);
        const Subject subject(text);
        std::vector<std::vector<Span>> expected(patterns.size());
        for (std::size_t i = 0; i < patterns.size(); ++i)
            patterns[i].regex.find_all(subject, expected[i]);
        PatternSet::Scratch scratch;
        for (int round = 0; round < kRounds; ++round) {
            std::vector<std::vector<Span>> found(patterns.size());
            set.scan(
                subject, scratch, [](std::uint32_t) { return true; },
                [&](std::uint32_t pattern, Span match) { found[pattern].push_back(match); });
            wrong += found != expected;
        }
    });
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace merlon::match
