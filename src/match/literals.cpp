#include "match/literals.h"

#include <deque>

namespace merlon::match {
namespace {

constexpr std::uint32_t kNone = 0xFFFF'FFFF;

unsigned char lower(unsigned char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<unsigned char>(byte + 32) : byte;
}

// The trie while it is built: children by class, ids that end here, and the longest proper suffix
// that is in the trie too.
struct Builder {
    explicit Builder(std::uint32_t count) : class_count(count) { add_state(); }

    std::uint32_t add_state() {
        children.insert(children.end(), class_count, kNone);
        ends.emplace_back();
        suffix.push_back(0);
        return static_cast<std::uint32_t>(ends.size() - 1);
    }
    std::uint32_t& child(std::uint32_t state, std::uint32_t byte_class) {
        return children[std::size_t{state} * class_count + byte_class];
    }

    std::uint32_t class_count;
    std::vector<std::uint32_t> children;
    std::vector<std::vector<std::uint32_t>> ends;
    std::vector<std::uint32_t> suffix;
};

}  // namespace

LiteralSet::LiteralSet(std::span<const std::string> literals) {
    // Class 0 is every byte that no literal has.
    for (const std::string& literal : literals) {
        lengths_.push_back(literal.size());
        for (const char c : literal) {
            const unsigned char byte = lower(static_cast<unsigned char>(c));
            if (classes_[byte] == 0) classes_[byte] = static_cast<std::uint8_t>(class_count_++);
        }
    }
    for (unsigned byte = 'A'; byte <= 'Z'; ++byte) classes_[byte] = classes_[byte + 32];

    Builder trie(class_count_);
    for (std::uint32_t id = 0; id < literals.size(); ++id) {
        if (literals[id].empty()) continue;
        std::uint32_t state = 0;
        for (const char c : literals[id]) {
            const std::uint32_t byte_class = classes_[static_cast<unsigned char>(c)];
            if (trie.child(state, byte_class) == kNone) {
                const std::uint32_t made = trie.add_state();
                trie.child(state, byte_class) = made;
            }
            state = trie.child(state, byte_class);
        }
        trie.ends[state].push_back(id);
    }

    // Breadth first: a state's suffix is complete before the state is. Absent children become the
    // suffix's, which makes the trie an automaton.
    std::deque<std::uint32_t> queue;
    for (std::uint32_t c = 0; c < class_count_; ++c) {
        std::uint32_t& child = trie.child(0, c);
        if (child == kNone) {
            child = 0;
        } else {
            queue.push_back(child);
        }
    }
    while (!queue.empty()) {
        const std::uint32_t state = queue.front();
        queue.pop_front();
        const std::uint32_t suffix = trie.suffix[state];
        trie.ends[state].insert(trie.ends[state].end(), trie.ends[suffix].begin(),
                                trie.ends[suffix].end());
        for (std::uint32_t c = 0; c < class_count_; ++c) {
            std::uint32_t& child = trie.child(state, c);
            if (child == kNone) {
                child = trie.child(suffix, c);
            } else {
                trie.suffix[child] = trie.child(suffix, c);
                queue.push_back(child);
            }
        }
    }

    next_.reserve(trie.children.size());
    for (const std::uint32_t state : trie.children) {
        next_.push_back(state * class_count_ | (trie.ends[state].empty() ? 0 : kHasOutput));
    }
    for (const auto& ids : trie.ends) {
        output_begin_.push_back(static_cast<std::uint32_t>(outputs_.size()));
        outputs_.insert(outputs_.end(), ids.begin(), ids.end());
    }
    output_begin_.push_back(static_cast<std::uint32_t>(outputs_.size()));
}

}  // namespace merlon::match
