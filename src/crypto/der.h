#pragma once

// DER (ITU-T X.690): one element after the other, as certificates and keys are written.
//
// The idea: a reader is a view that shrinks; an element is a view into it, so nothing is copied and
// nothing nests here. Reading is as strict as DER: one octet of tag, shortest lengths of at most
// four octets, integers without needless octets. What is wrong is absent, and the caller knows what
// it was to be.
//
// Thread-safe: no state. Cost: some nanoseconds an element.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace merlon::crypto {

namespace der {
inline constexpr std::uint8_t kBoolean = 0x01;
inline constexpr std::uint8_t kInteger = 0x02;
inline constexpr std::uint8_t kBitString = 0x03;
inline constexpr std::uint8_t kOctetString = 0x04;
inline constexpr std::uint8_t kObjectIdentifier = 0x06;
inline constexpr std::uint8_t kUtf8String = 0x0C;
inline constexpr std::uint8_t kNumericString = 0x12;
inline constexpr std::uint8_t kPrintableString = 0x13;
inline constexpr std::uint8_t kT61String = 0x14;
inline constexpr std::uint8_t kIa5String = 0x16;
inline constexpr std::uint8_t kUtcTime = 0x17;
inline constexpr std::uint8_t kGeneralizedTime = 0x18;
inline constexpr std::uint8_t kBmpString = 0x1E;
inline constexpr std::uint8_t kSequence = 0x30;
inline constexpr std::uint8_t kSet = 0x31;
// [number], primitive and constructed.
constexpr std::uint8_t context(std::uint8_t number) { return 0x80 | number; }
constexpr std::uint8_t context_constructed(std::uint8_t number) { return 0xA0 | number; }
}  // namespace der

struct DerElement {
    std::uint8_t tag = 0;
    std::string_view content;
    std::string_view whole;  // with tag and length
};

using ObjectIdentifier = std::vector<std::uint32_t>;

class DerReader {
  public:
    explicit DerReader(std::string_view bytes) : bytes_(bytes) {}

    bool is_empty() const { return bytes_.empty(); }
    std::string_view rest() const { return bytes_; }
    bool is_next(std::uint8_t tag) const {
        return !bytes_.empty() && static_cast<std::uint8_t>(bytes_[0]) == tag;
    }

    std::optional<DerElement> any();
    std::optional<DerElement> element(std::uint8_t tag);
    // The inside of an element.
    std::optional<DerReader> enter(std::uint8_t tag);

    std::optional<bool> boolean();
    // Two's complement, most significant octet first; never empty.
    std::optional<std::string_view> integer(std::uint8_t tag = der::kInteger);
    std::optional<std::int64_t> small_integer(std::uint8_t tag = der::kInteger);
    std::optional<ObjectIdentifier> object_identifier();
    // Bits are whole octets here, except where flags are written as bits: `unused` is 0 to 7.
    struct Bits {
        std::string_view bytes;
        int unused = 0;
    };
    std::optional<Bits> bits();

  private:
    std::string_view bytes_;
};

// The arcs of an identifier's content.
std::optional<ObjectIdentifier> read_object_identifier(std::string_view content);

}  // namespace merlon::crypto
