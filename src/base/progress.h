#pragma once

// Progress on a terminal: stage, done of total, rate and time left. Silent when piped.
//
// The idea: workers add to atomic counters; whoever passes 100 ms after the last drawing draws, the
// others go on. Nothing is written to a descriptor that is no terminal.
//
// Thread-safe, except for stage() and finish(), which belong to the thread that owns the run. Cost:
// two relaxed additions, and at most ten lines a second.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/clock.h"

namespace merlon {

enum class ProgressMode : std::uint8_t { kAutomatic, kSilent, kAlways };

class Progress {
  public:
    // Draws on `descriptor` (standard error, say), which stays the caller's.
    Progress(int descriptor, ProgressMode mode, const Clock& clock);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // Begins a stage of `total` items; 0: their number is not known.
    void stage(std::string name, std::uint64_t total);
    void add(std::uint64_t items, std::uint64_t bytes);
    // Wipes the line, so that what is printed next starts in a clean column.
    void finish();

  private:
    void draw(std::int64_t now_ns);

    const int descriptor_;
    const bool drawing_;
    const Clock& clock_;
    std::mutex drawing_lock_;
    std::string name_;
    std::atomic<std::uint64_t> total_{0};
    std::atomic<std::uint64_t> items_{0};
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<std::int64_t> next_draw_ns_{0};
    std::int64_t started_ns_ = 0;
    bool drawn_ = false;
};

// "12.3 MB", "870 kB": decimal units, as storage and links are sold.
std::string format_bytes(std::uint64_t bytes);

}  // namespace merlon
