#include "connect/git/line_classes.h"

#include <algorithm>
#include <bit>
#include <bitset>
#include <cstring>

#include "base/hash.h"

namespace merlon::connect::git {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;

// Open addressing over the lines that were given a class; at most half full.
class ClassTable {
  public:
    explicit ClassTable(std::size_t lines)
        : slots_(std::bit_ceil(lines * 2 + 2)), mask_(slots_.size() - 1) {}

    std::uint32_t find_or_add(std::string_view line) {
        Slot& slot = slot_of(line);
        if (slot.number == kNone) slot.number = static_cast<std::uint32_t>(classes_++);
        return slot.number;
    }

    std::uint32_t find(std::string_view line) { return probe(line, hash_bytes(line)).number; }
    std::size_t classes() const { return classes_; }

  private:
    struct Slot {
        const char* data = nullptr;
        std::uint32_t size = 0;
        std::uint32_t number = kNone;
        std::uint64_t hash = 0;
    };

    Slot& probe(std::string_view line, std::uint64_t hash) {
        for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
            Slot& slot = slots_[i];
            if (slot.number == kNone) return slot;
            if (slot.hash == hash && std::string_view(slot.data, slot.size) == line) return slot;
        }
    }

    Slot& slot_of(std::string_view line) {
        const std::uint64_t hash = hash_bytes(line);
        Slot& slot = probe(line, hash);
        if (slot.number == kNone) {
            slot.data = line.data();
            slot.size = static_cast<std::uint32_t>(line.size());
            slot.hash = hash;
        }
        return slot;
    }

    std::vector<Slot> slots_;
    std::size_t mask_;
    std::size_t classes_ = 0;
};

// Whether a line may have a class, by its length and its end: most lines of the equal ends, which
// are most lines, have none, and need no hash then.
class MarkedLines {
  public:
    void add(std::string_view line) { marks_.set(mark_of(line)); }
    bool may_have(std::string_view line) const { return marks_.test(mark_of(line)); }

  private:
    static constexpr unsigned kMarkBits = 12;

    static std::size_t mark_of(std::string_view line) {
        std::uint32_t end = 0;
        const std::size_t taken = std::min(line.size(), sizeof end + 1);  // and the line feed
        std::memcpy(&end, line.data() + line.size() - taken, std::min(taken, sizeof end));
        const std::uint64_t mixed =
            (std::uint64_t{end} << 32 | line.size()) * 0x9E37'79B9'7F4A'7C15U;
        return static_cast<std::size_t>(mixed >> (64 - kMarkBits));
    }

    std::bitset<std::size_t{1} << kMarkBits> marks_;
};

}  // namespace

LineClasses classify_lines(const Lines& old_lines, std::uint32_t first, std::uint32_t old_end,
                           const Lines& new_lines, std::uint32_t new_end) {
    ClassTable table(std::size_t{old_end - first} + (new_end - first));
    LineClasses classes;
    classes.old_lines.reserve(old_end - first);
    classes.new_lines.reserve(new_end - first);
    for (std::uint32_t i = first; i < old_end; ++i)
        classes.old_lines.push_back(table.find_or_add(old_lines[i]));
    for (std::uint32_t j = first; j < new_end; ++j)
        classes.new_lines.push_back(table.find_or_add(new_lines[j]));

    MarkedLines marked;
    for (std::uint32_t i = first; i < old_end; ++i) marked.add(old_lines[i]);
    for (std::uint32_t j = first; j < new_end; ++j) marked.add(new_lines[j]);
    classes.times_in_old.assign(table.classes(), 0);
    const auto count_end = [&](std::uint32_t begin, std::uint32_t end) {
        for (std::uint32_t i = begin; i < end; ++i) {
            if (!marked.may_have(old_lines[i])) continue;
            const std::uint32_t number = table.find(old_lines[i]);
            if (number != kNone) ++classes.times_in_old[number];
        }
    };
    count_end(0, first);
    count_end(old_end, old_lines.count());
    classes.times_in_new = classes.times_in_old;
    for (const std::uint32_t number : classes.old_lines) ++classes.times_in_old[number];
    for (const std::uint32_t number : classes.new_lines) ++classes.times_in_new[number];
    return classes;
}

}  // namespace merlon::connect::git
