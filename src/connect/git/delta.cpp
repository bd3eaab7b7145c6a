#include "connect/git/delta.h"

#include <cstring>

namespace merlon::connect::git {
namespace {

// Seven bits a byte, the lowest first, the high bit says that more follow.
Result<std::uint64_t> read_size(std::string_view delta, std::size_t& at) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at < delta.size(); shift += 7) {
        const auto byte = static_cast<std::uint8_t>(delta[at++]);
        if (shift > 56 && (shift > 63 || byte > 1)) return Error{"its delta's size overflows", at};
        value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0) return value;
    }
    return Error{"its delta ends inside a size", at};
}

}  // namespace

Result<DeltaHeader> read_delta_header(std::string_view delta) {
    DeltaHeader header;
    header.base_size = MERLON_TRY(read_size(delta, header.instructions_at));
    header.result_size = MERLON_TRY(read_size(delta, header.instructions_at));
    return header;
}

Status apply_delta(std::string_view base, std::string_view delta, const DeltaHeader& header,
                   char* out) {
    if (base.size() != header.base_size) {
        return Error{"its delta is for a base of " + std::to_string(header.base_size) +
                     " bytes, and its base has " + std::to_string(base.size())};
    }
    std::uint64_t left = header.result_size;
    const char* at = delta.data() + header.instructions_at;
    const char* const end = delta.data() + delta.size();
    const auto broken = [&](const char* what) {
        return Error{what, static_cast<std::size_t>(at - delta.data())};
    };
    while (at != end) {
        const auto instruction = static_cast<std::uint8_t>(*at++);
        if ((instruction & 0x80) != 0) {
            // Bits 0 to 3 say which bytes of the offset follow, bits 4 to 6 which of the size.
            if (__builtin_popcount(instruction & 0x7F) > end - at) {
                return broken("its delta ends inside a copy instruction");
            }
            std::uint64_t offset = 0;
            std::uint64_t size = 0;
            for (unsigned bit = 0; bit < 4; ++bit) {
                if ((instruction >> bit & 1) != 0) {
                    offset |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(*at++))
                              << (8 * bit);
                }
            }
            for (unsigned bit = 0; bit < 3; ++bit) {
                if ((instruction >> (4 + bit) & 1) != 0) {
                    size |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(*at++))
                            << (8 * bit);
                }
            }
            if (size == 0) size = 0x10000;
            if (offset > base.size() || size > base.size() - offset) {
                return broken("its delta copies from behind the end of its base");
            }
            if (size > left) return broken("its delta gives more bytes than it announces");
            std::memcpy(out, base.data() + offset, size);
            out += size;
            left -= size;
        } else if (instruction != 0) {
            const std::uint64_t size = instruction;
            if (size > static_cast<std::uint64_t>(end - at)) {
                return broken("its delta ends inside the bytes that it inserts");
            }
            if (size > left) return broken("its delta gives more bytes than it announces");
            std::memcpy(out, at, size);
            at += size;
            out += size;
            left -= size;
        } else {
            return broken("its delta holds the reserved instruction 0");
        }
    }
    if (left != 0) return broken("its delta gives fewer bytes than it announces");
    return {};
}

}  // namespace merlon::connect::git
