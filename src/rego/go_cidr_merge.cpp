#include "rego/go_cidr_merge.h"

#include <gmpxx.h>

#include <algorithm>

#include "rego/go_address.h"

namespace merlon::rego {
namespace {

constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);
constexpr std::string_view kZeros("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);

// Go's IP.To4: the four octets, also of what is mapped into version 6.
std::optional<std::string_view> four_octets(std::string_view address) {
    if (address.size() == 4) return address;
    if (address.size() != 16 || !address.starts_with(kMapped)) return std::nullopt;
    return address.substr(12);
}
bool is_v4(std::string_view address) { return four_octets(address).has_value(); }

unsigned char mask_octet(int ones, std::size_t at) {
    const int here = std::clamp(ones - static_cast<int>(at) * 8, 0, 8);
    return static_cast<unsigned char>(0xFF00U >> here);
}

// Go's IP.Mask.
std::optional<RecycledString> masked(std::string_view address, int ones, std::size_t octets) {
    if (octets == 16 && address.size() == 4 && ones >= 96) {
        octets = 4;
        ones -= 96;
    }
    if (octets == 4 && address.size() == 16) address = four_octets(address).value_or(address);
    if (address.size() != octets) return std::nullopt;
    RecycledString made(address);
    for (std::size_t i = 0; i < made.size(); ++i) {
        made[i] = static_cast<char>(static_cast<unsigned char>(made[i]) & mask_octet(ones, i));
    }
    return made;
}

mpz_class number_of(std::string_view octets) {
    mpz_class made;
    mpz_import(made.get_mpz_t(), octets.size(), 1, 1, 1, 0, octets.data());
    return made;
}
// Without leading zeros.
RecycledString octets_of(const mpz_class& number) {
    RecycledString made((mpz_sizeinbase(number.get_mpz_t(), 2) + 7) / 8, '\0');
    std::size_t count = 0;
    mpz_export(made.data(), &count, 1, 1, 1, 0, number.get_mpz_t());
    made.resize(count);
    return made;
}
mpz_class power_of_two(int exponent) {
    return mpz_class(1) << static_cast<mp_bitcnt_t>(std::max(exponent, 0));
}

bool is_end(std::string_view address, char octet) {
    const RecycledString all(16, octet);
    const RecycledString mapped = RecycledString(kMapped) + RecycledString(4, octet);
    return address == all || address == mapped ||
           (address.size() == 4 && address == std::string_view(all).substr(0, 4));
}

// One less; in version 4 without a borrow from the prefix.
RecycledString previous(std::string_view address) {
    RecycledString made(address);
    if (is_end(address, '\0')) return made;
    const std::size_t bound = is_v4(address) && address.size() == 16 ? 12 : 0;
    for (std::size_t i = made.size(); i-- > bound;) {
        if (made[i]-- != '\0') break;
    }
    return made;
}
// One more, of addresses that have Go's lengths.
RecycledString following(std::string_view address) {
    RecycledString made(address);
    if (is_end(address, '\xFF') || (made.size() != 4 && made.size() != 16)) return made;
    for (std::size_t i = made.size(); i-- > 0;) {
        if (++made[i] != '\0') break;
    }
    return made;
}

CidrBlock host(RecycledString address) {
    const std::size_t octets = is_v4(address) ? 4 : 16;
    return {std::move(address), static_cast<int>(octets * 8), octets};
}

// The least network that has both.
CidrBlock spanning(const CidrRange& range) {
    const std::size_t octets = is_v4(range.first) ? 4 : 16;
    const int bits = static_cast<int>(octets * 8);
    const mpz_class lowest = number_of(range.first);
    mpz_class highest = number_of(range.last);
    int ones = bits;
    while (ones > 0 && lowest < highest) {
        --ones;
        const mpz_class size = power_of_two(bits - ones);
        highest -= highest % size;
    }
    RecycledString address = octets_of(highest);
    if (octets == 4) address = RecycledString(kZeros.substr(0, 10)) + address;
    if (address.empty()) address = kZeros;
    return {std::move(address), ones, octets};
}

struct Parts {
    RecycledVector<CidrBlock> left;
    RecycledVector<CidrBlock> right;
};

// What is left of a network on both sides of an address in it.
std::optional<Parts> parted(const CidrBlock& block, const CidrBlock& without) {
    const auto range = range_of(block);
    const auto hole = range_of(without);
    if (!range || !hole) return std::nullopt;
    Parts parts;
    if (hole->last < range->first) {
        parts.right.push_back(block);
        return parts;
    }
    if (range->last < hole->first) {
        parts.left.push_back(block);
        return parts;
    }
    if (block.ones >= without.ones) return parts;
    const bool has_v4 = is_v4(block.address);
    const int bits = has_v4 ? 32 : 128;
    int ones = block.ones + 1;
    mpz_class lower = number_of(range->first);
    // Go knows no number for an address of another length.
    mpz_class upper = range->first.size() == 16 ? lower : mpz_class(0);
    upper += power_of_two(bits - ones);
    while (without.ones >= ones) {
        RecycledString texts[] = {octets_of(lower), octets_of(upper)};
        for (RecycledString& text : texts) {
            if (!has_v4 && text.size() > 16) return std::nullopt;
            text.insert(0, has_v4 ? 10 : 16 - text.size(), '\0');
        }
        const std::size_t octets = has_v4 ? 4 : 16;
        const bool is_behind = hole->first >= texts[1];
        if (is_behind) {
            parts.left.push_back({texts[0], ones, octets});
            lower = upper;
        } else {
            parts.right.push_back({texts[1], ones, octets});
        }
        if (++ones > bits) break;
        upper = lower + power_of_two(bits - ones);
    }
    return parts;
}

}  // namespace

std::optional<CidrRange> range_of(const CidrBlock& block) {
    const auto first = masked(block.address, block.ones, block.mask_octets);
    if (!first) return std::nullopt;
    CidrRange range{*first, *first};
    if (is_v4(*first)) {
        range.first.insert(0, kMapped);
        range.last.insert(0, kMapped);
    }
    for (std::size_t i = 0; i < block.mask_octets; ++i) {
        char& octet = range.last[16 - block.mask_octets + i];
        octet = static_cast<char>(static_cast<unsigned char>(octet) |
                                  static_cast<unsigned char>(~mask_octet(block.ones, i)));
    }
    return range;
}

bool joins(const CidrRange& range, const CidrRange& next) {
    return previous(next.first) <= range.last;
}

std::optional<RecycledVector<CidrBlock>> blocks_of(const CidrRange& range) {
    CidrBlock whole = spanning(range);
    const auto spanned = range_of(whole);
    if (!spanned) return std::nullopt;
    RecycledVector<CidrBlock> blocks;
    if (spanned->first < range.first) {
        auto parts = parted(whole, host(previous(range.first)));
        if (!parts || parts->right.empty()) return std::nullopt;
        whole = parts->right.front();
        blocks.assign(parts->right.begin() + 1, parts->right.end());
    }
    if (spanned->last > range.last) {
        auto parts = parted(whole, host(following(range.last)));
        if (!parts) return std::nullopt;
        blocks.insert(blocks.end(), parts->left.begin(), parts->left.end());
    } else {
        blocks.push_back(std::move(whole));
    }
    return blocks;
}

RecycledString block_text(const CidrBlock& block) {
    const auto four = four_octets(block.address);
    const std::string_view address = four.value_or(block.address);
    const bool is_narrowed = four && block.mask_octets == 16;
    const std::size_t octets = is_narrowed ? 4 : block.mask_octets;
    if (address.size() != octets) return "<nil>";
    const int ones = is_narrowed ? std::max(block.ones - 96, 0) : block.ones;
    RecycledString text = ip_text(address);
    text += '/';
    text += std::to_string(ones);
    return text;
}

}  // namespace merlon::rego
