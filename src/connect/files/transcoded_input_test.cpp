#include "connect/files/transcoded_input.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace merlon::connect {
namespace {

using text::Encoding;

// Hands out at most `most` bytes at once.
class Dripping final : public text::ArchiveInput {
  public:
    Dripping(std::string_view bytes, std::size_t most) : bytes_(bytes), most_(most) {}
    Result<std::size_t> read(std::span<char> buffer) override {
        const std::size_t count = bytes_.copy(buffer.data(), std::min(buffer.size(), most_));
        bytes_.remove_prefix(count);
        return count;
    }
    bool seek(std::uint64_t) override { return false; }
    std::uint64_t size() const override { return 0; }

  private:
    std::string_view bytes_;
    std::size_t most_;
};

std::string read_all(std::string_view bytes, Encoding encoding, std::size_t most) {
    Dripping input(bytes, most);
    TranscodedInput text(input, encoding);
    std::string all;
    char buffer[7];
    while (true) {
        const Result<std::size_t> count = text.read(buffer);
        EXPECT_TRUE(count.ok());
        if (!count.ok() || count.value() == 0) break;
        all.append(buffer, count.value());
    }
    EXPECT_EQ(text.bytes_read(), bytes.size());
    return all;
}

std::string utf16_of(std::u16string_view text, Encoding encoding) {
    std::string bytes;
    for (const char16_t unit : text) {
        const char high = static_cast<char>(unit >> 8);
        const char low = static_cast<char>(unit & 0xFF);
        bytes += encoding == Encoding::kUtf16LittleEndian ? low : high;
        bytes += encoding == Encoding::kUtf16LittleEndian ? high : low;
    }
    return bytes;
}

TEST(TranscodedInput, gives_the_same_text_in_pieces_of_any_size) {
    // A mark, two bytes, three bytes, a pair of surrogates, U+FEFF inside, a lone surrogate.
    const std::u16string text = u"\uFEFFk\u00E9\u20AC\U0001F600\uFEFFx\n";
    for (const Encoding encoding : {Encoding::kUtf16LittleEndian, Encoding::kUtf16BigEndian}) {
        std::string bytes = utf16_of(text, encoding);
        bytes += utf16_of(std::u16string(1, char16_t{0xD800}) + u"y", encoding) + "z";
        const std::string whole = text::utf16_to_utf8(bytes, encoding);
        for (std::size_t most = 1; most < 12; ++most) {
            EXPECT_EQ(read_all(bytes, encoding, most), whole) << most;
        }
    }
}

TEST(TranscodedInput, reads_utf32_too) {
    const std::string_view bytes("\0\0\xFE\xFF\0\0\0k\0\1\xF6\0\0\0\xFE\xFF\0\0\0x\0", 21);
    const std::string whole = text::utf32_to_utf8(bytes, Encoding::kUtf32BigEndian);
    for (std::size_t most = 1; most < 10; ++most) {
        EXPECT_EQ(read_all(bytes, Encoding::kUtf32BigEndian, most), whole) << most;
    }
}

}  // namespace
}  // namespace merlon::connect
