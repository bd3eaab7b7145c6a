#include "base/progress.h"

#include <fmt/core.h>

#include "base/file.h"
#include "base/terminal.h"

namespace merlon {
namespace {

constexpr std::int64_t kDrawEveryNs = 100'000'000;
// A run that is over at once never shows a line.
constexpr std::int64_t kFirstDrawNs = 400'000'000;

std::string format_duration(std::int64_t seconds) {
    if (seconds < 60) return fmt::format("{} s", seconds);
    return fmt::format("{}:{:02} min", seconds / 60, seconds % 60);
}

}  // namespace

std::string format_bytes(std::uint64_t bytes) {
    constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) return fmt::format("{} B", bytes);
    auto amount = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (amount >= 999.95) {
        amount /= 1000;
        ++unit;
    }
    return fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

Progress::Progress(int descriptor, ProgressMode mode, const Clock& clock)
    : descriptor_(descriptor),
      drawing_(mode == ProgressMode::kAlways ||
               (mode == ProgressMode::kAutomatic && is_terminal(descriptor))),
      clock_(clock) {}

Progress::~Progress() { finish(); }

void Progress::stage(std::string name, std::uint64_t total) {
    finish();
    name_ = std::move(name);
    total_ = total;
    items_ = 0;
    bytes_ = 0;
    started_ns_ = clock_.monotonic().count();
    next_draw_ns_ = started_ns_ + kFirstDrawNs;
}

void Progress::add(std::uint64_t items, std::uint64_t bytes) {
    items_.fetch_add(items, std::memory_order_relaxed);
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
    if (!drawing_) return;
    const std::int64_t now = clock_.monotonic().count();
    std::int64_t due = next_draw_ns_.load(std::memory_order_relaxed);
    if (now < due) return;
    // One of the workers that come this way draws.
    if (next_draw_ns_.compare_exchange_strong(due, now + kDrawEveryNs)) draw(now);
}

void Progress::draw(std::int64_t now_ns) {
    const std::unique_lock<std::mutex> lock(drawing_lock_, std::try_to_lock);
    if (!lock.owns_lock()) return;
    const std::uint64_t items = items_;
    const std::uint64_t bytes = bytes_;
    const std::uint64_t total = total_;
    const double seconds = static_cast<double>(now_ns - started_ns_) / 1e9;
    std::string line = name_ + ": ";
    line += total == 0 ? fmt::format("{}", items) : fmt::format("{}/{}", items, total);
    if (seconds > 0) {
        const double rate = static_cast<double>(bytes) / seconds;
        line += fmt::format("  {}/s", format_bytes(static_cast<std::uint64_t>(rate)));
        if (total > items && items > 0) {
            const double left =
                seconds * static_cast<double>(total - items) / static_cast<double>(items);
            line += "  " + format_duration(static_cast<std::int64_t>(left) + 1) + " left";
        }
    }
    // Erase the line and write it anew; a failed write to a terminal is nobody's loss.
    const std::string shown = "\r\x1b[K" + cut_to_width(line, terminal_width(descriptor_) - 1);
    (void)write_all(descriptor_, shown);
    drawn_ = true;
}

void Progress::finish() {
    const std::lock_guard<std::mutex> lock(drawing_lock_);
    if (drawn_) (void)write_all(descriptor_, "\r\x1b[K");
    drawn_ = false;
}

}  // namespace merlon
