// match_bench_runner ENGINE < case: measures one engine on one case, printing "nanoseconds,count"
// for each round. ENGINE is merlon, re2, pcre2, vectorscan, or read for the plain read bandwidth.
// Exit code: 0, 2 where the engine refuses the case (said on the standard error).

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <iterator>

#include "case.h"

namespace merlon::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t read_words(std::string_view text) {
    // Four sums, so that the processor's loads are what is measured and not the additions.
    std::uint64_t sums[4] = {};
    std::size_t at = 0;
    for (; at + 32 <= text.size(); at += 32) {
        std::uint64_t words[4];
        std::memcpy(words, text.data() + at, 32);
        for (int i = 0; i < 4; ++i) sums[i] += words[i];
    }
    return sums[0] + sums[1] + sums[2] + sums[3] + (text.size() - at);
}

std::uint64_t search(Engine* engine, const Case& wanted) {
    std::uint64_t total = 0;
    for (const std::string& text : wanted.haystacks) {
        switch (wanted.model) {
            case Model::kCompile:
            case Model::kCount:
                total += engine->count(text);
                break;
            case Model::kCountSpans:
                total += engine->count_spans(text);
                break;
            case Model::kCountCaptures:
                total += engine->count_captures(text);
                break;
            case Model::kGrep:
                for_each_line(text,
                              [&](std::string_view line) { total += engine->is_match(line); });
                break;
            case Model::kGrepCaptures:
                for_each_line(
                    text, [&](std::string_view line) { total += engine->count_captures(line); });
                break;
            case Model::kShort:
                total += engine->is_match(text);
                break;
            case Model::kSet:
                total += engine->count_set(text);
                break;
            case Model::kRead:
                total += read_words(text);
                break;
        }
    }
    return total;
}

struct Round {
    std::chrono::nanoseconds time;
    std::uint64_t count;
};

Result<Round> run_once(MakeEngine make, std::unique_ptr<Engine>& engine, const Case& wanted) {
    const auto start = Clock::now();
    if (wanted.model == Model::kCompile) {
        engine = MERLON_TRY(make(wanted));
        const auto built = Clock::now();
        return Round{built - start, search(engine.get(), wanted)};
    }
    const std::uint64_t count = search(engine.get(), wanted);
    return Round{Clock::now() - start, count};
}

Result<void> measure(MakeEngine make, const Case& wanted) {
    std::unique_ptr<Engine> engine;
    if (make != nullptr) engine = MERLON_TRY(make(wanted));
    const auto start = Clock::now();
    std::uint64_t rounds = 0;
    do (void)MERLON_TRY(run_once(make, engine, wanted));
    while (Clock::now() - start < wanted.warmup && ++rounds < wanted.most_rounds);
    const auto begin = Clock::now();
    rounds = 0;
    do {
        const Round round = MERLON_TRY(run_once(make, engine, wanted));
        std::printf("%lld,%llu\n", static_cast<long long>(round.time.count()),
                    static_cast<unsigned long long>(round.count));
    } while (Clock::now() - begin < wanted.time && ++rounds < wanted.most_rounds);
    return {};
}

}  // namespace

Result<Case> read_case(std::string_view bytes) {
    constexpr std::string_view kModels[] = {"compile",        "count", "count-spans",
                                            "count-captures", "grep",  "grep-captures",
                                            "short",          "set",   "read"};
    Case result;
    while (!bytes.empty()) {
        const std::size_t first = bytes.find(':');
        const std::size_t second = bytes.find(':', first + 1);
        if (first == std::string_view::npos || second == std::string_view::npos)
            return Error{"a key, a length and a value were expected"};
        const std::string_view key = bytes.substr(0, first);
        const std::size_t length = std::strtoull(
            std::string(bytes.substr(first + 1, second - first - 1)).c_str(), nullptr, 10);
        if (length >= bytes.size() - second - 1 || bytes[second + 1 + length] != '\n')
            return Error{"the value of " + std::string(key) + " is cut short"};
        const std::string value(bytes.substr(second + 1, length));
        bytes.remove_prefix(second + 1 + length + 1);
        const std::uint64_t number = std::strtoull(value.c_str(), nullptr, 10);
        if (key == "pattern") {
            result.patterns.push_back(value);
        } else if (key == "haystack") {
            result.haystacks.push_back(value);
        } else if (key == "case-insensitive") {
            result.ignores_case = value == "true";
        } else if (key == "unicode") {
            result.is_unicode = value == "true";
        } else if (key == "max-iters") {
            result.most_rounds = number;
        } else if (key == "max-time") {
            result.time = std::chrono::nanoseconds(number);
        } else if (key == "max-warmup-time") {
            result.warmup = std::chrono::nanoseconds(number);
        } else if (key == "model") {
            const auto* at = std::find(std::begin(kModels), std::end(kModels), value);
            if (at == std::end(kModels)) return Error{"the model '" + value + "' is not known"};
            result.model = static_cast<Model>(at - std::begin(kModels));
        } else if (key != "name") {
            return Error{"the key '" + std::string(key) + "' is not known"};
        }
    }
    return result;
}

}  // namespace merlon::bench

int main(int argc, char** argv) {
    using namespace merlon;
    const std::string_view name = argc == 2 ? argv[1] : "";
    const struct {
        std::string_view name;
        bench::MakeEngine make;
    } engines[] = {{"merlon", bench::make_merlon},
                   {"re2", bench::make_re2},
                   {"pcre2", bench::make_pcre2},
                   {"vectorscan", bench::make_vectorscan},
                   {"read", nullptr}};
    for (const auto& engine : engines) {
        if (engine.name != name) continue;
        std::ios::sync_with_stdio(false);
        const std::string bytes{std::istreambuf_iterator<char>(std::cin), {}};
        const auto wanted = bench::read_case(bytes);
        const auto done =
            wanted.ok() ? bench::measure(engine.make, wanted.value()) : wanted.error();
        if (done.ok()) return 0;
        std::fprintf(stderr, "match_bench_runner: %s\n", done.error().to_string().c_str());
        return 2;
    }
    std::fputs("match_bench_runner: expected merlon, re2, pcre2, vectorscan or read\n", stderr);
    return 2;
}
