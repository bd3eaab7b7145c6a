// Literals alone: bytes per second over source text for one string, a few, the keywords of a rule
// pack, and a hundred thousand, beside plain reading.
//
//   MERLON_BENCH_TEXT   a file to search instead of what is made here
//   MERLON_BENCH_WORDS  a file with strings, one a line, instead of the made keywords

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>

#include "match/literals.h"

namespace {

using namespace merlon::match;
using merlon::SimdPath;

std::string read_file(const char* variable) {
    const char* const path = std::getenv(variable);
    if (path == nullptr) return {};
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Lines that look like code: identifiers of syllables, operators, indentation.
std::string make_text() {
    std::string text = read_file("MERLON_BENCH_TEXT");
    std::mt19937 random(1);
    const char* const pieces[] = {"return ", "if (",  ") {\n", "    ", "value", "_",
                                  "index",   "std::", " = ",   ";\n",  "(",     ")",
                                  "const ",  "name",  "size",  "// ",  "the ",  "of ",
                                  "read",    "line",  "0x1f",  ", ",   "\n"};
    while (text.size() < 4 << 20) text += pieces[random() % std::size(pieces)];
    return text;
}

const std::string& text() {
    static const std::string made = make_text();
    return made;
}

std::vector<std::string> keywords() {
    std::vector<std::string> words;
    std::istringstream lines(read_file("MERLON_BENCH_WORDS"));
    for (std::string line; std::getline(lines, line);) words.push_back(line);
    std::mt19937 random(2);
    while (words.size() < 240) {
        std::string word;
        for (std::size_t left = 4 + random() % 8; left > 0; --left) {
            word += "aaabcdeeefghiiklmnooprsttuvwxyz_"[random() % 32];
        }
        words.push_back(word);
    }
    return words;
}

void search(benchmark::State& state, const std::vector<std::string>& strings, LiteralEngine engine,
            LiteralFold fold, SimdPath path) {
    if (!merlon::is_available(path)) return state.SkipWithError("not on this processor");
    LiteralOptions options;
    options.fold = fold;
    options.match = LiteralMatch::kOverlapping;
    options.engine = engine;
    const auto set = LiteralSet::compile(strings, options);
    if (!set.ok()) return state.SkipWithError("does not compile");
    const LiteralView view = set.value().view().on(path);
    std::size_t hits = 0;
    for (auto _ : state) {
        view.scan(text(), [&](const LiteralHit&) { ++hits; });
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text().size()));
    state.counters["hits"] = static_cast<double>(hits) / static_cast<double>(state.iterations());
    state.counters["engine"] = static_cast<double>(view.engine());
    state.counters["block"] = static_cast<double>(set.value().block().size());
}

void read_plainly(benchmark::State& state) {
    for (auto _ : state) {
        std::uint64_t sum = 0;
        for (std::size_t at = 0; at + 8 <= text().size(); at += 8) {
            std::uint64_t word;
            std::memcpy(&word, text().data() + at, 8);
            sum += word;
        }
        benchmark::DoNotOptimize(sum);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text().size()));
}
BENCHMARK(read_plainly);

void one_byte(benchmark::State& state) {
    search(state, {"~"}, LiteralEngine::kAutomatic, LiteralFold::kExact,
           static_cast<SimdPath>(state.range(0)));
}
BENCHMARK(one_byte)->ArgName("path")->DenseRange(0, 3);

void three_bytes(benchmark::State& state) {
    search(state, {"~", "@", "^"}, LiteralEngine::kAutomatic, LiteralFold::kExact,
           static_cast<SimdPath>(state.range(0)));
}
BENCHMARK(three_bytes)->ArgName("path")->DenseRange(0, 3);

void one_string(benchmark::State& state) {
    search(state, {"private_key"}, LiteralEngine::kAutomatic,
           state.range(0) != 0 ? LiteralFold::kAscii : LiteralFold::kExact,
           static_cast<SimdPath>(state.range(1)));
}
BENCHMARK(one_string)->ArgNames({"fold", "path"})->ArgsProduct({{0, 1}, {0, 1, 2, 3}});

void five_strings(benchmark::State& state) {
    search(state, {"api_key", "password", "secret", "token", "AKIA"}, LiteralEngine::kAutomatic,
           LiteralFold::kAscii, static_cast<SimdPath>(state.range(0)));
}
BENCHMARK(five_strings)->ArgName("path")->DenseRange(0, 3);

void rule_pack(benchmark::State& state) {
    search(state, keywords(), static_cast<LiteralEngine>(state.range(0)), LiteralFold::kAscii,
           static_cast<SimdPath>(state.range(1)));
}
BENCHMARK(rule_pack)
    ->ArgNames({"engine", "path"})
    ->Args({0, 0})
    ->Args({0, 1})
    ->Args({0, 2})
    ->Args({0, 3})
    ->Args({static_cast<std::int64_t>(LiteralEngine::kAutomaton), 2});

void hundred_thousand(benchmark::State& state) {
    std::mt19937 random(3);
    std::vector<std::string> strings;
    for (int i = 0; i < 100'000; ++i) {
        std::string string;
        for (std::size_t left = 8 + random() % 8; left > 0; --left) {
            string.push_back("abcdefghijklmnopqrstuvwxyz0123456789"[random() % 36]);
        }
        strings.push_back(string);
    }
    search(state, strings, LiteralEngine::kAutomatic, LiteralFold::kExact, SimdPath::kAvx2);
}
BENCHMARK(hundred_thousand);

}  // namespace
