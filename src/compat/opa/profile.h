#pragma once

// How often each line of a policy was evaluated and taken up again, and how long that took: OPA's
// profile.
//
// The idea: from one event to the next the time belongs to the expression of the first one. The
// counts are OPA's; the times are those of the Watcher, which is slow, and say how the lines
// compare.
//
// Standard: OPA 1.22.2, `--profile`. Not thread-safe. Cost: a search for each event.

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "rego/watch/watcher.h"
#include "text/json.h"

namespace merlon::compat::opa {

struct LineProfile {
    std::string file;  // empty: the query
    std::uint32_t row = 0;
    std::uint32_t column = 0;
    std::string text;  // of the expression that was there first
    std::int64_t nanoseconds = 0;
    std::int64_t evaluations = 0;
    std::int64_t redos = 0;
    std::int64_t expressions = 0;
};

class Profiler : public rego::watch::EventListener {
  public:
    Profiler(const Clock& clock, std::span<const std::string> files)
        : clock_(clock), files_(files) {}

    void heard(const rego::watch::Event& event) override;
    // The first `most` lines (0: all) in the order of these words of OPA's; those that are not
    // named come behind them.
    std::vector<LineProfile> report(std::span<const std::string> order, std::size_t most);

  private:
    struct Line {
        LineProfile profile;
        std::set<std::size_t> indexes;
    };
    void stop();

    const Clock& clock_;
    std::span<const std::string> files_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, Line> lines_;
    Line* current_ = nullptr;
    std::chrono::nanoseconds since_{};
};

// "num_eval", …, "location".
void write_counts(text::JsonWriter& json, const LineProfile& line);
// The same, as cells of a table.
std::vector<std::string> count_cells(const LineProfile& line);
void write_profile(text::JsonWriter& json, std::span<const LineProfile> lines);
std::string profile_table(std::span<const LineProfile> lines);

}  // namespace merlon::compat::opa
