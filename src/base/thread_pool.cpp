#include "base/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <system_error>
#include <thread>
#include <vector>

#include "base/assert.h"

namespace merlon {
namespace {

// [begin, end) of indexes, packed so that taking and stealing are single compare-and-swaps.
struct alignas(64) Range {
    std::atomic<std::uint64_t> packed{0};

    static std::uint64_t pack(std::uint32_t begin, std::uint32_t end) {
        return static_cast<std::uint64_t>(begin) << 32 | end;
    }
    static std::uint32_t begin_of(std::uint64_t packed) {
        return static_cast<std::uint32_t>(packed >> 32);
    }
    static std::uint32_t end_of(std::uint64_t packed) { return static_cast<std::uint32_t>(packed); }
    static std::uint32_t left_in(std::uint64_t packed) { return end_of(packed) - begin_of(packed); }
};

bool take(Range& range, std::uint32_t& index) {
    std::uint64_t seen = range.packed.load();
    while (Range::left_in(seen) != 0) {
        const std::uint32_t begin = Range::begin_of(seen);
        if (range.packed.compare_exchange_weak(seen, Range::pack(begin + 1, Range::end_of(seen)))) {
            index = begin;
            return true;
        }
    }
    return false;
}

// Moves the back half of the longest range into `mine`; false when nothing is left anywhere.
bool steal(std::vector<Range>& ranges, Range& mine) {
    while (true) {
        Range* victim = nullptr;
        std::uint64_t longest = 0;
        for (Range& range : ranges) {
            const std::uint64_t seen = range.packed.load();
            if (Range::left_in(seen) > Range::left_in(longest)) {
                longest = seen;
                victim = &range;
            }
        }
        if (victim == nullptr) return false;
        const std::uint32_t begin = Range::begin_of(longest);
        const std::uint32_t end = Range::end_of(longest);
        const std::uint32_t middle = begin + (end - begin) / 2;
        if (victim->packed.compare_exchange_strong(longest, Range::pack(begin, middle))) {
            mine.packed.store(Range::pack(middle, end));
            return true;
        }
    }
}

// The quota of the cgroup in whole processors; 0 where there is none.
unsigned cgroup_quota() {
    std::FILE* file = std::fopen("/sys/fs/cgroup/cpu.max", "re");
    if (file == nullptr) return 0;
    long quota = 0;
    long period = 0;
    const int fields = std::fscanf(file, "%ld %ld", &quota, &period);
    std::fclose(file);
    if (fields != 2 || quota <= 0 || period <= 0) return 0;
    return static_cast<unsigned>(std::max(1L, quota / period));
}

}  // namespace

unsigned available_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    if (sched_getaffinity(0, sizeof(set), &set) == 0) {
        cores = std::max(1u, static_cast<unsigned>(CPU_COUNT(&set)));
    }
    const unsigned quota = cgroup_quota();
    return quota == 0 ? cores : std::min(cores, quota);
}

void ThreadPool::for_each(std::size_t count,
                          const std::function<void(std::size_t index, unsigned worker)>& body) {
    MERLON_ASSERT(count <= UINT32_MAX);
    const auto workers = static_cast<unsigned>(std::min<std::size_t>(threads_, count));
    if (workers <= 1) {
        for (std::size_t index = 0; index < count; ++index) body(index, 0);
        return;
    }
    std::vector<Range> ranges(workers);
    for (unsigned worker = 0; worker < workers; ++worker) {
        ranges[worker].packed =
            Range::pack(static_cast<std::uint32_t>(count * worker / workers),
                        static_cast<std::uint32_t>(count * (worker + 1) / workers));
    }
    const auto work = [&](unsigned worker) {
        Range& mine = ranges[worker];
        std::uint32_t index = 0;
        do {
            while (take(mine, index)) body(index, worker);
        } while (steal(ranges, mine));
    };
    std::vector<std::jthread> threads;
    try {
        for (unsigned worker = 1; worker < workers; ++worker) threads.emplace_back(work, worker);
    } catch (const std::system_error&) {
        // A container's limit of processes: those that are there take the others' ranges.
    }
    work(0);
}

}  // namespace merlon
