#include "crypto/der.h"

#include <limits>

namespace merlon::crypto {
namespace {

std::uint8_t octet(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint8_t>(bytes[at]);
}

// X.690, section 8.3.2: the first nine bits are neither all zeros nor all ones.
bool is_shortest_integer(std::string_view content) {
    if (content.empty()) return false;
    if (content.size() == 1) return true;
    const std::uint8_t first = octet(content, 0);
    const bool is_high = (octet(content, 1) & 0x80) != 0;
    return !(first == 0x00 && !is_high) && !(first == 0xFF && is_high);
}

}  // namespace

std::optional<DerElement> DerReader::any() {
    if (bytes_.size() < 2) return std::nullopt;
    const std::uint8_t tag = octet(bytes_, 0);
    constexpr std::uint8_t kManyOctetTag = 0x1F;
    if ((tag & kManyOctetTag) == kManyOctetTag) return std::nullopt;
    std::size_t length = octet(bytes_, 1);
    std::size_t header = 2;
    if ((length & 0x80) != 0) {
        // Section 10.1: the definite form with the fewest octets.
        const std::size_t count = length & 0x7F;
        if (count == 0 || count > 4 || bytes_.size() < 2 + count) return std::nullopt;
        length = 0;
        for (std::size_t i = 0; i < count; ++i) length = length << 8 | octet(bytes_, 2 + i);
        if (length < 0x80 || length >> ((count - 1) * 8) == 0) return std::nullopt;
        header += count;
    }
    if (bytes_.size() - header < length) return std::nullopt;
    const DerElement made{tag, bytes_.substr(header, length), bytes_.substr(0, header + length)};
    bytes_.remove_prefix(header + length);
    return made;
}

std::optional<DerElement> DerReader::element(std::uint8_t tag) {
    if (!is_next(tag)) return std::nullopt;
    return any();
}

std::optional<DerReader> DerReader::enter(std::uint8_t tag) {
    const auto found = element(tag);
    if (!found) return std::nullopt;
    return DerReader(found->content);
}

std::optional<bool> DerReader::boolean() {
    const auto found = element(der::kBoolean);
    if (!found || found->content.size() != 1) return std::nullopt;
    const std::uint8_t value = octet(found->content, 0);
    if (value != 0x00 && value != 0xFF) return std::nullopt;
    return value == 0xFF;
}

std::optional<std::string_view> DerReader::integer(std::uint8_t tag) {
    const auto found = element(tag);
    if (!found || !is_shortest_integer(found->content)) return std::nullopt;
    return found->content;
}

std::optional<std::int64_t> DerReader::small_integer(std::uint8_t tag) {
    const auto content = integer(tag);
    if (!content || content->size() > sizeof(std::int64_t)) return std::nullopt;
    std::uint64_t value = (octet(*content, 0) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = 0; i < content->size(); ++i) value = value << 8 | octet(*content, i);
    return static_cast<std::int64_t>(value);
}

std::optional<ObjectIdentifier> DerReader::object_identifier() {
    const auto found = element(der::kObjectIdentifier);
    return found ? read_object_identifier(found->content) : std::nullopt;
}

std::optional<DerReader::Bits> DerReader::bits() {
    const auto found = element(der::kBitString);
    if (!found || found->content.empty()) return std::nullopt;
    const int unused = octet(found->content, 0);
    const std::string_view bytes = found->content.substr(1);
    if (unused > 7 || (bytes.empty() && unused != 0)) return std::nullopt;
    if (!bytes.empty() && (octet(bytes, bytes.size() - 1) & ((1 << unused) - 1)) != 0) {
        return std::nullopt;
    }
    return Bits{bytes, unused};
}

// X.690, section 8.19: arcs of seven bits an octet; the first two share one number.
std::optional<ObjectIdentifier> read_object_identifier(std::string_view content) {
    ObjectIdentifier arcs;
    for (std::size_t i = 0; i < content.size();) {
        if (octet(content, i) == 0x80) return std::nullopt;
        std::uint64_t arc = 0;
        bool has_more = true;
        while (has_more) {
            if (i >= content.size()) return std::nullopt;
            const std::uint8_t one = octet(content, i++);
            arc = arc << 7 | (one & 0x7F);
            if (arc > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
            has_more = (one & 0x80) != 0;
        }
        if (arcs.empty()) {
            const std::uint64_t first = arc < 80 ? arc / 40 : 2;
            arcs.push_back(static_cast<std::uint32_t>(first));
            arc -= first * 40;
        }
        arcs.push_back(static_cast<std::uint32_t>(arc));
    }
    if (arcs.empty()) return std::nullopt;
    return arcs;
}

}  // namespace merlon::crypto
