#include "evidence/merkle.h"

#include <gtest/gtest.h>

#include <string>

#include "base/hex.h"

namespace merlon::evidence {
namespace {

std::string hex(const TreeHash& hash) { return to_hex(bytes_of(hash)); }

std::vector<TreeHash> leaves(std::size_t count) {
    std::vector<TreeHash> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(leaf_hash("entry " + std::to_string(i)));
    return all;
}

TreeHash root(std::span<const TreeHash> all) {
    MerkleRoot made;
    for (const TreeHash& leaf : all) made.append(leaf);
    return made.root();
}

// The inputs and roots that implementations of Certificate Transparency test themselves with.
TEST(Merkle, has_the_roots_of_certificate_transparency) {
    const std::string entries[] = {
        "",
        std::string(1, '\0'),
        "\x10",
        "\x20\x21",
        "\x30\x31",
        "\x40\x41\x42\x43",
        "\x50\x51\x52\x53\x54\x55\x56\x57",
        "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    };
    const std::string_view roots[] = {
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    };
    MerkleRoot made;
    EXPECT_EQ(hex(made.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (std::size_t i = 0; i < std::size(entries); ++i) {
        made.append(leaf_hash(entries[i]));
        EXPECT_EQ(hex(made.root()), roots[i]) << i;
    }
}

TEST(Merkle, proves_each_entry_of_each_tree_and_nothing_else) {
    for (std::size_t size = 1; size <= 33; ++size) {
        const std::vector<TreeHash> all = leaves(size);
        const TreeHash expected = root(all);
        for (std::size_t i = 0; i < size; ++i) {
            const std::vector<TreeHash> proof = inclusion_proof(all, i);
            EXPECT_EQ(root_of_inclusion(all[i], i, size, proof), expected);
            EXPECT_NE(root_of_inclusion(leaf_hash("other"), i, size, proof), expected);
            if (size > 1) {
                EXPECT_NE(root_of_inclusion(all[i], (i + 1) % size, size, proof), expected);
            }
            std::vector<TreeHash> longer = proof;
            longer.push_back(expected);
            EXPECT_EQ(root_of_inclusion(all[i], i, size, longer), std::nullopt);
            EXPECT_EQ(root_of_inclusion(all[i], size, size, proof), std::nullopt);
        }
    }
}

TEST(Merkle, proves_each_beginning_of_each_tree_and_nothing_else) {
    for (std::size_t size = 1; size <= 33; ++size) {
        const std::vector<TreeHash> all = leaves(size);
        const TreeHash expected = root(all);
        for (std::size_t old = 1; old <= size; ++old) {
            const TreeHash before = root(std::span(all).first(old));
            const std::vector<TreeHash> proof = consistency_proof(all, old);
            EXPECT_TRUE(is_consistent(old, before, size, expected, proof)) << old << " " << size;
            const TreeHash forged = leaf_hash("forged");
            EXPECT_FALSE(is_consistent(old, forged, size, expected, proof));
            EXPECT_FALSE(is_consistent(old, before, size, forged, proof));
            if (old == size) continue;
            EXPECT_FALSE(is_consistent(old, before, size, expected, {}));
            std::vector<TreeHash> longer = proof;
            longer.push_back(forged);
            EXPECT_FALSE(is_consistent(old, before, size, expected, longer));
        }
    }
    EXPECT_FALSE(is_consistent(0, TreeHash{}, 3, TreeHash{}, {}));
    EXPECT_FALSE(is_consistent(4, TreeHash{}, 3, TreeHash{}, {}));
}

}  // namespace
}  // namespace merlon::evidence
