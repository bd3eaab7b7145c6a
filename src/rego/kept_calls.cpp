#include "rego/kept_calls.h"

#include <algorithm>

#include "base/hash.h"

namespace merlon::rego {

using value::Slot;
using value::Value;

namespace {

constexpr std::size_t kLeastIndex = 64;

bool holds_others(const Value& value) {
    return value.is_array() || value.is_object() || value.is_set();
}

// Size and depth, and the first element where it is none of these.
std::uint64_t surface_hash(const Value& value) {
    const std::uint64_t shape =
        hash_words(static_cast<std::uint64_t>(value.kind()), value.size() * 4'096 + value.depth());
    if (value.size() == 0) return shape;
    const Value& first = value.is_object() ? value.values()[0] : value.items()[0];
    return holds_others(first) ? shape : hash_words(shape, value::hash(first));
}

}  // namespace

std::uint64_t KeptCalls::hash_of(const Value& value) const {
    return hashing_ == Hashing::kShallow && holds_others(value) ? surface_hash(value)
                                                                : value::hash(value);
}

KeptCalls::Call KeptCalls::ask(std::uint32_t function, std::uint64_t epoch,
                               std::span<const Value> arguments) {
    if (entries_.size() >= most_) clear();
    std::uint64_t hash = hash_words(function, epoch);
    for (const Value& argument : arguments) hash = hash_words(hash, hash_of(argument));
    if (index_.empty()) index_.resize(kLeastIndex);
    const std::size_t mask = index_.size() - 1;
    for (std::size_t at = hash & mask; index_[at] != 0; at = (at + 1) & mask) {
        const std::size_t place = index_[at] - 1;
        const Entry& entry = entries_[place];
        const bool is_it =
            entry.hash == hash && entry.function == function && entry.epoch == epoch &&
            std::ranges::equal(std::span(arguments_).subspan(entry.first_argument, entry.count),
                               arguments);
        if (is_it) return {first_number_ + place, entry.is_known, entry.result};
    }
    entries_.push_back({.hash = hash,
                        .epoch = epoch,
                        .first_argument = arguments_.size(),
                        .function = function,
                        .count = static_cast<std::uint32_t>(arguments.size()),
                        .result = {}});
    arguments_.insert(arguments_.end(), arguments.begin(), arguments.end());
    if (entries_.size() * 2 > index_.size()) {
        index_.assign(index_.size() * 4, 0);
        for (std::size_t i = 0; i < entries_.size(); ++i) put(i);
    } else {
        put(entries_.size() - 1);
    }
    return {first_number_ + entries_.size() - 1, false, {}};
}

void KeptCalls::put(std::size_t place) {
    const std::size_t mask = index_.size() - 1;
    std::size_t at = entries_[place].hash & mask;
    while (index_[at] != 0) at = (at + 1) & mask;
    index_[at] = static_cast<std::uint32_t>(place + 1);
}

void KeptCalls::keep(std::uint64_t number, const Slot& result) {
    if (number < first_number_) return;
    Entry& entry = entries_[number - first_number_];
    entry.is_known = true;
    entry.result = result;
}

void KeptCalls::clear() {
    if (entries_.empty()) return;
    first_number_ += entries_.size();
    entries_.clear();
    arguments_.clear();
    std::ranges::fill(index_, 0);
}

}  // namespace merlon::rego
