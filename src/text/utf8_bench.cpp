// Is a text ASCII, is it UTF-8: bytes per second by path, beside plain reading.

#include <benchmark/benchmark.h>

#include <cstring>

#include "text/utf8.h"
#include "text/utf8_scan.h"

namespace {

using merlon::SimdPath;

std::string make_text(bool ascii) {
    std::string text;
    while (text.size() < 1 << 20)
        text += ascii ? "let value = 1;\n" : "d\xC3\xA9j\xC3\xA0 \xE6\xBC\xA2";
    return text;
}

void read_plainly(benchmark::State& state) {
    const std::string text = make_text(true);
    for (auto _ : state) {
        std::uint64_t sum = 0;
        for (std::size_t at = 0; at + 8 <= text.size(); at += 8) {
            std::uint64_t word;
            std::memcpy(&word, text.data() + at, 8);
            sum += word;
        }
        benchmark::DoNotOptimize(sum);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(read_plainly);

void find_invalid(benchmark::State& state) {
    const std::string text = make_text(state.range(0) != 0);
    const auto path = static_cast<SimdPath>(state.range(1));
    if (!merlon::is_available(path)) return state.SkipWithError("not on this processor");
    for (auto _ : state) {
        benchmark::DoNotOptimize(merlon::text::find_invalid_utf8(text, path));
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(find_invalid)->ArgNames({"ascii", "path"})->ArgsProduct({{0, 1}, {0, 1, 2, 3}});

void find_non_ascii(benchmark::State& state) {
    const std::string text = make_text(true);
    const auto path = static_cast<SimdPath>(state.range(0));
    if (!merlon::is_available(path)) return state.SkipWithError("not on this processor");
    for (auto _ : state) benchmark::DoNotOptimize(merlon::text::find_non_ascii(text, path));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(find_non_ascii)->ArgName("path")->DenseRange(0, 3);

}  // namespace
