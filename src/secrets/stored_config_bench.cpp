// What a start with compiled rules costs: a configuration restored from memory (as the program's
// own pack is) and from the file cache, and the set of patterns alone.
//
//   secrets_stored_config_bench   with MERLON_RULES=FILE.toml

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "base/file_cache.h"
#include "secrets/rule_patterns.h"
#include "secrets/stored_config.h"

namespace merlon::secrets {
namespace {

Config load() {
    const char* path = std::getenv("MERLON_RULES");
    if (path == nullptr) std::abort();
    model::Diagnostics diagnostics;
    Config config =
        load_config(read_text_file(path).value(), path, {}, BadRules::kReport, diagnostics)
            .config.value();
    compile_patterns(config);
    return config;
}

const StoredBlock& stored() {
    static const StoredBlock block = [] {
        const auto bytes = std::make_shared<const std::string>(store_config(load()));
        return StoredBlock::whole(
            std::make_shared<const MemorySource>(std::as_bytes(std::span(*bytes)), bytes));
    }();
    return block;
}

void restores_from_memory(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(restore_config(stored()));
}
BENCHMARK(restores_from_memory)->Unit(benchmark::kMicrosecond);

void restores_from_the_cache(benchmark::State& state) {
    const auto folder = std::filesystem::temp_directory_path() / "merlon-bench-cache";
    FileCache cache(folder.string(), std::uint64_t{64} << 20, system_clock());
    const SharedBytes bytes = stored().read().value();
    const void* const data = bytes.bytes.data();
    cache.put("rules", {static_cast<const char*>(data), bytes.bytes.size()});
    for (auto _ : state) {
        benchmark::DoNotOptimize(restore_config(StoredBlock::whole(cache.open("rules"))));
    }
    std::filesystem::remove_all(folder);
}
BENCHMARK(restores_from_the_cache)->Unit(benchmark::kMicrosecond);

void loads_the_set(benchmark::State& state) {
    const Config config = restore_config(stored()).value();
    const std::vector<std::uint8_t> all(config.rules.size(), 1);
    const auto patterns = expressions_of(config, rule_patterns(config, all));
    for (auto _ : state) {
        benchmark::DoNotOptimize(match::PatternSet::load(patterns, config.patterns->block()));
    }
}
BENCHMARK(loads_the_set)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace merlon::secrets
