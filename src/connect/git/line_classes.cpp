#include "connect/git/line_classes.h"

#include <algorithm>
#include <bit>
#include <bitset>
#include <cstring>

#include "base/hash.h"

namespace merlon::connect::git {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;

// Open addressing over the lines that were given a class: numbers, at most half full, and apart
// from them what each line is, so that the empty places of a large table cost little.
class ClassTable {
  public:
    explicit ClassTable(std::size_t lines)
        : slots_(std::bit_ceil(lines * 2 + 2), kNone), mask_(slots_.size() - 1) {
        known_.reserve(lines);
    }

    std::uint32_t find_or_add(std::string_view line) {
        const std::uint64_t hash = hash_bytes(line);
        std::uint32_t& slot = slots_[probe(line, hash)];
        if (slot == kNone) {
            slot = static_cast<std::uint32_t>(known_.size());
            known_.push_back({line.data(), static_cast<std::uint32_t>(line.size()), tag_of(hash)});
        }
        return slot;
    }

    std::uint32_t find(std::string_view line) const {
        return slots_[probe(line, hash_bytes(line))];
    }
    std::size_t classes() const { return known_.size(); }

  private:
    struct Known {
        const char* data;
        std::uint32_t size;
        std::uint32_t tag;
    };

    static std::uint32_t tag_of(std::uint64_t hash) {
        return static_cast<std::uint32_t>(hash >> 32);
    }

    std::size_t probe(std::string_view line, std::uint64_t hash) const {
        for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
            if (slots_[i] == kNone) return i;
            const Known& known = known_[slots_[i]];
            if (known.tag == tag_of(hash) && std::string_view(known.data, known.size) == line) {
                return i;
            }
        }
    }

    std::vector<std::uint32_t> slots_;
    std::size_t mask_;
    std::vector<Known> known_;  // by class
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

// How often the lines of the equal ends have a class, added to `times`. These are the same lines
// in both texts.
void count_ends(const ClassTable& table, const Lines& lines, std::uint32_t first, std::uint32_t end,
                const MarkedLines& marked, std::vector<std::uint32_t>& times) {
    const auto count = [&](std::uint32_t from, std::uint32_t to) {
        for (std::uint32_t i = from; i < to; ++i) {
            if (!marked.may_have(lines[i])) continue;
            const std::uint32_t number = table.find(lines[i]);
            if (number != kNone) ++times[number];
        }
    };
    count(0, first);
    count(end, lines.count());
}

}  // namespace

LineClasses classify_lines(const Lines& old_lines, std::uint32_t first, std::uint32_t old_end,
                           const Lines& new_lines, std::uint32_t new_end) {
    ClassTable table(std::size_t{old_end - first} + (new_end - first));
    LineClasses classes;
    MarkedLines marked;
    const auto classify = [&](const Lines& lines, std::uint32_t end,
                              std::vector<std::uint32_t>& numbers) {
        numbers.resize(end - first);
        for (std::uint32_t i = first; i < end; ++i) {
            const std::uint32_t known = static_cast<std::uint32_t>(table.classes());
            const std::uint32_t number = table.find_or_add(lines[i]);
            if (number == known) marked.add(lines[i]);
            numbers[i - first] = number;
        }
    };
    classify(old_lines, old_end, classes.old_lines);
    classify(new_lines, new_end, classes.new_lines);
    classes.times_in_old.assign(table.classes(), 0);
    count_ends(table, old_lines, first, old_end, marked, classes.times_in_old);
    classes.times_in_new = classes.times_in_old;
    for (const std::uint32_t number : classes.old_lines) ++classes.times_in_old[number];
    for (const std::uint32_t number : classes.new_lines) ++classes.times_in_new[number];
    return classes;
}

}  // namespace merlon::connect::git
