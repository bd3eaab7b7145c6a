#include "scan/finding_room.h"

#include <algorithm>
#include <iterator>

#include "scan/document_findings.h"

namespace merlon::scan {

bool FindingRoom::take(std::size_t unit, std::uint64_t bytes) {
    if (unit >= first_left_out_.load(std::memory_order_relaxed)) return false;
    const std::scoped_lock lock(mutex_);
    if (unit >= first_left_out_.load(std::memory_order_relaxed)) return false;
    Held& held = units_[unit];
    bytes_ += bytes - held.bytes;
    held.bytes = bytes;
    if (bytes_ <= most_bytes_) return true;
    make_room();
    // What stands before the last unit fits.
    return unit < first_left_out_.load(std::memory_order_relaxed) &&
           (units_.rbegin()->first != unit || bytes_ <= most_bytes_);
}

void FindingRoom::settle(FileFindings& result) {
    const std::scoped_lock lock(mutex_);
    const auto at = units_.find(result.unit);
    if (at == units_.end()) {
        if (result.unit >= first_left_out_.load(std::memory_order_relaxed)) keep_within(result, 0);
        return;
    }
    at->second.settled = &result;
    make_room();
}

void FindingRoom::make_room() {
    while (bytes_ > most_bytes_) {
        const auto last = std::prev(units_.end());
        const std::uint64_t before = bytes_ - last->second.bytes;
        FileFindings* const settled = last->second.settled;
        if (before < most_bytes_) {
            if (settled != nullptr) keep_within(*settled, most_bytes_ - before);
            return;
        }
        if (settled != nullptr) keep_within(*settled, 0);
        first_left_out_.store(last->first, std::memory_order_relaxed);
        bytes_ = before;
        units_.erase(last);
    }
}

void keep_within(FileFindings& result, std::uint64_t bytes) {
    const auto end = std::ranges::upper_bound(result.reaches, bytes);
    const auto kept = static_cast<std::size_t>(end - result.reaches.begin());
    if (kept == result.reaches.size()) return;
    if (kept == 0) {
        result.findings = {};
        result.contexts = {};
        result.contents = {};
        result.reaches = {};
        return;
    }
    result.reaches.resize(kept);
    while (!result.contexts.empty() && result.contexts.back().made >= kept) {
        result.findings.pop_back();
        result.contexts.pop_back();
        result.contents.pop_back();
    }
}

}  // namespace merlon::scan
