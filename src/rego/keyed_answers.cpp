#include "rego/keyed_answers.h"

#include <algorithm>

namespace merlon::rego {

namespace {

constexpr std::size_t kFirstIndex = 64;
constexpr std::uint64_t kOddNumber = 0x9e37'79b9'7f4a'7c15;

std::uint64_t hash_of(std::uint64_t epoch, std::uint32_t function, const value::Value& key) {
    const std::uint64_t hash =
        (value::hash(key) ^ ((epoch << 32U | function) * kOddNumber)) * kOddNumber;
    return hash ^ hash >> 32U;
}

}  // namespace

const value::Slot* KeyedAnswers::find(std::uint64_t epoch, std::uint32_t function,
                                      const value::Value& key) const {
    if (entries_.empty()) return nullptr;
    const std::uint64_t hash = hash_of(epoch, function, key);
    const std::size_t mask = index_.size() - 1;
    for (std::size_t at = hash & mask; index_[at] != 0; at = (at + 1) & mask) {
        const Entry& entry = entries_[index_[at] - 1];
        if (entry.hash == hash && entry.epoch == epoch && entry.function == function &&
            entry.key == key) {
            return &entry.answer;
        }
    }
    return nullptr;
}

void KeyedAnswers::put(std::uint64_t epoch, std::uint32_t function, const value::Value& key,
                       const value::Slot& answer) {
    entries_.push_back({.hash = hash_of(epoch, function, key),
                        .epoch = epoch,
                        .function = function,
                        .key = key,
                        .answer = answer});
    if (entries_.size() * 2 <= index_.size()) return put_into_index(entries_.size() - 1);
    index_.assign(std::max(kFirstIndex, index_.size() * 2), 0);
    for (std::size_t i = 0; i < entries_.size(); ++i) put_into_index(i);
}

void KeyedAnswers::put_into_index(std::size_t place) {
    const std::size_t mask = index_.size() - 1;
    std::size_t at = entries_[place].hash & mask;
    while (index_[at] != 0) at = (at + 1) & mask;
    index_[at] = static_cast<std::uint32_t>(place + 1);
}

// The newest one goes first: what is older was put when its place in the index was free, so that no
// way to it leads over this one.
void KeyedAnswers::shrink(std::size_t size) {
    while (entries_.size() > size) {
        const std::size_t mask = index_.size() - 1;
        std::size_t at = entries_.back().hash & mask;
        while (index_[at] != entries_.size()) at = (at + 1) & mask;
        index_[at] = 0;
        entries_.pop_back();
    }
}

void KeyedAnswers::clear() {
    if (entries_.empty()) return;
    entries_.clear();
    std::ranges::fill(index_, 0);
}

}  // namespace merlon::rego
