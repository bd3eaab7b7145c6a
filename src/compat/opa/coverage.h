#pragma once

// Which lines of policies were evaluated: OPA's coverage report.
//
// The idea: each expression and each rule's head is a range of its file. What a Watcher told of is
// covered, and so is a range inside of one that is. Of what is not covered, runs without the rule
// index and without early exits say whether these have left it out.
//
// Standard: OPA 1.22.2, `--coverage`. Not thread-safe.
// Cost: quadratic at worst in the ranges of one file.

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rego/compiler/compiler.h"
#include "rego/watch/watcher.h"
#include "text/json.h"

namespace merlon::compat::opa {

struct CoverRange {
    std::uint32_t row = 0;
    std::uint32_t column = 0;
    std::uint32_t end_row = 0;
    std::uint32_t end_column = 0;

    auto operator<=>(const CoverRange&) const = default;
    bool contains(const CoverRange& other) const;
};

// By the number of the module.
using CoveredRanges = std::map<std::uint32_t, std::set<CoverRange>>;

// What one run or several have covered.
class CoverageRecorder : public rego::watch::EventListener {
  public:
    void heard(const rego::watch::Event& event) override;
    void add(const CoverageRecorder& other);
    const CoveredRanges& ranges() const { return ranges_; }

  private:
    CoveredRanges ranges_;
};

struct FileCoverage {
    std::set<CoverRange> covered = {};
    std::map<CoverRange, std::vector<std::string_view>> not_covered = {};  // and why
    std::size_t covered_lines = 0;
    std::size_t not_covered_lines = 0;
};

// A run that was made to say why something is not covered.
struct OtherRun {
    std::string_view kind;  // "index_excluded", "early_exit"
    const CoveredRanges* ranges = nullptr;
};

class Coverage {
  public:
    Coverage(std::span<const rego::compiler::SourceModule> modules, const CoveredRanges& covered,
             std::span<const OtherRun> others);

    double percent() const;
    void write(text::JsonWriter& json) const;
    // "\n\tp.rego:3-4" for each span of lines that is not covered.
    std::string missing_lines() const;

  private:
    std::map<std::string, FileCoverage> files_;
};

}  // namespace merlon::compat::opa
