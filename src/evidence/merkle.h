#pragma once

// Merkle trees over a growing list (RFC 9162, section 2.1, which are those of RFC 6962): roots, and
// proofs that an entry is in a list and that a list begins as a shorter one.
//
// The idea: leaves and nodes are hashed under different first bytes, so that neither passes for the
// other. A list of n entries is split at the greatest power of two below n; so the root of a
// growing list needs only the roots of its whole subtrees, one for each bit of n.
//
// Thread-safe: no state. Cost: a hash for each entry, to append and to root; proofs look at all.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace merlon::evidence {

using TreeHash = std::array<char, 32>;  // SHA-256
inline std::string_view bytes_of(const TreeHash& hash) { return {hash.data(), hash.size()}; }
// Nothing where there are not 32 bytes.
std::optional<TreeHash> tree_hash(std::string_view bytes);

TreeHash leaf_hash(std::string_view entry);

// A list that only grows, of which nothing but its root will be asked.
class MerkleRoot {
  public:
    void append(const TreeHash& leaf);
    std::uint64_t size() const { return size_; }
    TreeHash root() const;

  private:
    std::uint64_t size_ = 0;
    std::vector<TreeHash> subtrees_;  // whole ones, the largest first
};

// That leaves[index] is in the tree of `leaves`, section 2.1.3.1.
std::vector<TreeHash> inclusion_proof(std::span<const TreeHash> leaves, std::uint64_t index);
// The root that the proof leads to, section 2.1.3.2; nothing where it cannot be one of that tree.
std::optional<TreeHash> root_of_inclusion(const TreeHash& leaf, std::uint64_t index,
                                          std::uint64_t size, std::span<const TreeHash> proof);

// That the tree of the first `old_size` leaves is the beginning, section 2.1.4.1. `old_size` is at
// least 1 and at most the number of leaves.
std::vector<TreeHash> consistency_proof(std::span<const TreeHash> leaves, std::uint64_t old_size);
// Section 2.1.4.2.
bool is_consistent(std::uint64_t old_size, const TreeHash& old_root, std::uint64_t new_size,
                   const TreeHash& new_root, std::span<const TreeHash> proof);

}  // namespace merlon::evidence
