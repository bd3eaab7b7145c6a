// Comparisons of versions a second: on keys, as a database does it, and on texts.

#include "packages/version.h"

#include <benchmark/benchmark.h>

#include <random>
#include <vector>

namespace {

using namespace merlon::packages;

constexpr std::size_t kVersions = 4096;  // a power of two

std::vector<std::string> make_versions() {
    std::mt19937 random(1);
    std::vector<std::string> versions;
    for (std::size_t at = 0; at < kVersions; ++at) {
        std::string text = std::to_string(random() % 8) + '.' + std::to_string(random() % 30) +
                           '.' + std::to_string(random() % 300);
        if (random() % 4 == 0) text += "-rc" + std::to_string(random() % 9);
        versions.push_back(std::move(text));
    }
    return versions;
}

void compare_keys(benchmark::State& state, VersionScheme scheme) {
    std::vector<std::string> keys;
    for (const std::string& version : make_versions())
        append_version_key(scheme, version, keys.emplace_back());
    std::size_t at = 0;
    for (auto _ : state) {
        const auto order =
            compare_version_keys(scheme, keys[at % kVersions], keys[(at * 7 + 1) % kVersions]);
        benchmark::DoNotOptimize(order);
        ++at;
    }
    state.SetItemsProcessed(state.iterations());
}

void compare_texts(benchmark::State& state, VersionScheme scheme) {
    const std::vector<std::string> versions = make_versions();
    std::size_t at = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            compare_versions(scheme, versions[at % kVersions], versions[(at * 7 + 1) % kVersions]));
        ++at;
    }
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(compare_keys, semver, VersionScheme::kSemver);
BENCHMARK_CAPTURE(compare_keys, dpkg, VersionScheme::kDpkg);
BENCHMARK_CAPTURE(compare_keys, pypi, VersionScheme::kPypi);
BENCHMARK_CAPTURE(compare_keys, maven, VersionScheme::kMaven);
BENCHMARK_CAPTURE(compare_texts, semver, VersionScheme::kSemver);
BENCHMARK_CAPTURE(compare_texts, dpkg, VersionScheme::kDpkg);
BENCHMARK_CAPTURE(compare_texts, pypi, VersionScheme::kPypi);
BENCHMARK_CAPTURE(compare_texts, maven, VersionScheme::kMaven);

}  // namespace
