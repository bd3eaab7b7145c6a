#include "connect/files/transcoded_input.h"

#include <string_view>
#include <utility>

namespace merlon::connect {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

// How many of the bytes are whole characters: a high surrogate at the end waits for the low one
// (RFC 2781, section 2.2).
std::size_t whole_bytes(std::string_view bytes, text::Encoding encoding) {
    if (!is_utf16(encoding)) return bytes.size() / 4 * 4;
    const std::size_t size = bytes.size() / 2 * 2;
    if (size < 2) return size;
    const bool is_little = encoding == text::Encoding::kUtf16LittleEndian;
    const auto high = static_cast<unsigned char>(bytes[is_little ? size - 1 : size - 2]);
    return (high & 0xFC) == 0xD8 ? size - 2 : size;
}

// The functions of text take a mark at the begin for none of the text's characters. Inside of it
// U+FEFF is one.
std::string to_utf8(std::string_view bytes, text::Encoding encoding, bool is_begin) {
    const auto transcode = [encoding](std::string_view part) {
        return is_utf16(encoding) ? text::utf16_to_utf8(part, encoding)
                                  : text::utf32_to_utf8(part, encoding);
    };
    std::string text = transcode(bytes);
    const std::size_t width = is_utf16(encoding) ? 2 : 4;
    if (!is_begin && bytes.size() >= width && transcode(bytes.substr(0, width)).empty()) {
        text.insert(0, "\xEF\xBB\xBF");
    }
    return text;
}

}  // namespace

Status TranscodedInput::fill() {
    at_ = 0;
    text_.clear();
    const std::size_t held = packed_.size();
    packed_.resize(held + kPieceBytes);
    Result<std::size_t> count = input_.read(std::span(packed_).subspan(held));
    packed_.resize(held + (count.ok() ? count.value() : 0));
    bytes_read_ += packed_.size() - held;
    at_end_ = count.ok() && count.value() == 0;
    const std::size_t whole = at_end_ ? packed_.size() : whole_bytes(packed_, encoding_);
    text_ = to_utf8(std::string_view(packed_).substr(0, whole), encoding_, is_begin_);
    is_begin_ = is_begin_ && whole == 0;
    packed_.erase(0, whole);
    if (!count.ok()) return std::move(count).error();
    return {};
}

Result<std::size_t> TranscodedInput::read(std::span<char> buffer) {
    while (at_ == text_.size()) {
        if (at_end_) return std::size_t{0};
        MERLON_TRY(fill());
    }
    const std::size_t count = text_.copy(buffer.data(), buffer.size(), at_);
    at_ += count;
    return count;
}

}  // namespace merlon::connect
