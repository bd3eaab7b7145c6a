#include "evidence/merkle.h"

#include <bit>
#include <cstring>

#include "crypto/digest.h"

namespace merlon::evidence {
namespace {

using Leaves = std::span<const TreeHash>;
using Proof = std::vector<TreeHash>;

TreeHash finished(crypto::Hasher& hasher) {
    const crypto::Digest digest = hasher.finish();
    TreeHash hash;
    std::memcpy(hash.data(), digest.bytes().data(), hash.size());
    return hash;
}

TreeHash node_hash(const TreeHash& left, const TreeHash& right) {
    crypto::Hasher hasher(crypto::DigestAlgorithm::kSha256);
    hasher.update(std::string_view("\x01", 1)).update(bytes_of(left)).update(bytes_of(right));
    return finished(hasher);
}

// The greatest power of two below `size`, which is 2 or more.
std::size_t split_of(std::size_t size) { return std::bit_floor(size - 1); }

TreeHash root_of(Leaves leaves) {
    MerkleRoot root;
    for (const TreeHash& leaf : leaves) root.append(leaf);
    return root.root();
}

void append_inclusion(Leaves leaves, std::size_t index, Proof& proof) {
    if (leaves.size() < 2) return;
    const std::size_t split = split_of(leaves.size());
    const Leaves left = leaves.first(split), right = leaves.subspan(split);
    if (index < split) {
        append_inclusion(left, index, proof);
        proof.push_back(root_of(right));
    } else {
        append_inclusion(right, index - split, proof);
        proof.push_back(root_of(left));
    }
}

// The way from a node up to the root, as sections 2.1.3.2 and 2.1.4.2 go it.
class Climb {
  public:
    Climb(std::uint64_t at, std::uint64_t last) : at_(at), last_(last) {}

    bool is_at_root() const { return last_ == 0; }
    void skip_right_children() {
        while ((at_ & 1) != 0) go_up();
    }
    // Whether the next sibling stands to the left. Goes up behind it.
    bool takes_left() {
        const bool is_left = (at_ & 1) != 0 || at_ == last_;
        while (is_left && (at_ & 1) == 0 && at_ != 0) go_up();
        go_up();
        return is_left;
    }

  private:
    void go_up() {
        at_ >>= 1;
        last_ >>= 1;
    }
    std::uint64_t at_, last_;
};

enum class Subtree : std::uint8_t { kKnown, kUnknown };  // to who has the old root

void append_consistency(Leaves leaves, std::size_t old_size, Subtree subtree, Proof& proof) {
    if (old_size == leaves.size()) {
        if (subtree == Subtree::kUnknown) proof.push_back(root_of(leaves));
        return;
    }
    const std::size_t split = split_of(leaves.size());
    const Leaves left = leaves.first(split), right = leaves.subspan(split);
    if (old_size <= split) {
        append_consistency(left, old_size, subtree, proof);
        proof.push_back(root_of(right));
    } else {
        append_consistency(right, old_size - split, Subtree::kUnknown, proof);
        proof.push_back(root_of(left));
    }
}

}  // namespace

std::optional<TreeHash> tree_hash(std::string_view bytes) {
    TreeHash hash;
    if (bytes.size() != hash.size()) return std::nullopt;
    std::memcpy(hash.data(), bytes.data(), hash.size());
    return hash;
}

TreeHash leaf_hash(std::string_view entry) {
    crypto::Hasher hasher(crypto::DigestAlgorithm::kSha256);
    hasher.update(std::string_view("\0", 1)).update(entry);
    return finished(hasher);
}

void MerkleRoot::append(const TreeHash& leaf) {
    TreeHash tree = leaf;
    // As one is added to a number: each carry joins two subtrees of one size.
    for (std::uint64_t bits = size_; (bits & 1) != 0; bits >>= 1) {
        tree = node_hash(subtrees_.back(), tree);
        subtrees_.pop_back();
    }
    subtrees_.push_back(tree);
    ++size_;
}

TreeHash MerkleRoot::root() const {
    if (subtrees_.empty()) {
        crypto::Hasher nothing(crypto::DigestAlgorithm::kSha256);
        return finished(nothing);
    }
    TreeHash root = subtrees_.back();
    for (std::size_t i = subtrees_.size() - 1; i-- > 0;) root = node_hash(subtrees_[i], root);
    return root;
}

std::vector<TreeHash> inclusion_proof(std::span<const TreeHash> leaves, std::uint64_t index) {
    Proof proof;
    append_inclusion(leaves, index, proof);
    return proof;
}

std::optional<TreeHash> root_of_inclusion(const TreeHash& leaf, std::uint64_t index,
                                          std::uint64_t size, std::span<const TreeHash> proof) {
    if (index >= size) return std::nullopt;
    Climb climb(index, size - 1);
    TreeHash root = leaf;
    for (const TreeHash& hash : proof) {
        if (climb.is_at_root()) return std::nullopt;
        root = climb.takes_left() ? node_hash(hash, root) : node_hash(root, hash);
    }
    if (!climb.is_at_root()) return std::nullopt;
    return root;
}

std::vector<TreeHash> consistency_proof(std::span<const TreeHash> leaves, std::uint64_t old_size) {
    Proof proof;
    append_consistency(leaves, old_size, Subtree::kKnown, proof);
    return proof;
}

bool is_consistent(std::uint64_t old_size, const TreeHash& old_root, std::uint64_t new_size,
                   const TreeHash& new_root, std::span<const TreeHash> proof) {
    if (old_size == 0 || old_size > new_size) return false;
    if (old_size == new_size) return proof.empty() && old_root == new_root;
    Climb climb(old_size - 1, new_size - 1);
    climb.skip_right_children();
    // A whole old tree is a node of the new one, and nobody needs to be told its root.
    TreeHash old_seen = old_root;
    if (!std::has_single_bit(old_size)) {
        if (proof.empty()) return false;
        old_seen = proof.front();
        proof = proof.subspan(1);
    }
    TreeHash new_seen = old_seen;
    for (const TreeHash& hash : proof) {
        if (climb.is_at_root()) return false;
        if (climb.takes_left()) {
            old_seen = node_hash(hash, old_seen);
            new_seen = node_hash(hash, new_seen);
        } else {
            new_seen = node_hash(new_seen, hash);
        }
    }
    return climb.is_at_root() && old_seen == old_root && new_seen == new_root;
}

}  // namespace merlon::evidence
