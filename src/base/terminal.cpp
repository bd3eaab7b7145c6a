#include "base/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace merlon {
namespace {

struct Decoded {
    char32_t value;
    std::size_t width;  // bytes
};

// The code point at the start of a text that is not empty; an invalid byte is taken alone. The
// language floor has a full decoder; the ground may not look up to it.
Decoded decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    const std::size_t length = lead < 0x80            ? 1
                               : lead >> 5 == 0b110   ? 2
                               : lead >> 4 == 0b1110  ? 3
                               : lead >> 3 == 0b11110 ? 4
                                                      : 0;
    if (length == 0 || length > text.size()) return {0xFFFD, 1};
    char32_t value = length == 1 ? lead : lead & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if (byte(i) >> 6 != 0b10) return {0xFFFD, 1};
        value = value << 6 | (byte(i) & 0x3Fu);
    }
    return {value, length};
}

struct Block {
    char32_t first, last;
};

// Blocks whose characters join the one before or do not show (general categories Mn, Me, Cf).
constexpr Block kZeroWidth[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2064},
    {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF},
};
// Blocks that UAX 11 calls wide.
constexpr Block kWide[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
    {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
    {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

template <std::size_t Count>
bool within(const Block (&blocks)[Count], char32_t value) {
    return std::any_of(std::begin(blocks), std::end(blocks), [value](const Block& block) {
        return value >= block.first && value <= block.last;
    });
}

std::size_t columns_of(char32_t value) {
    if (value < 0x20 || (value >= 0x7F && value < 0xA0)) return 0;
    if (value < 0x300) return 1;
    if (within(kZeroWidth, value)) return 0;
    return within(kWide, value) ? 2 : 1;
}

}  // namespace

bool is_terminal(int descriptor) { return isatty(descriptor) == 1; }

unsigned terminal_width(int descriptor, unsigned fallback) {
    winsize size{};
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return fallback;
    return size.ws_col;
}

std::size_t display_width(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const Decoded next = decode(text);
        columns += columns_of(next.value);
        text.remove_prefix(next.width);
    }
    return columns;
}

std::string cut_to_width(std::string_view text, std::size_t columns) {
    if (display_width(text) <= columns) return std::string(text);
    if (columns == 0) return {};
    std::size_t used = 0;
    std::size_t end = 0;
    while (end < text.size()) {
        const Decoded next = decode(text.substr(end));
        if (used + columns_of(next.value) > columns - 1) break;
        used += columns_of(next.value);
        end += next.width;
    }
    return std::string(text.substr(0, end)) + "…";
}

}  // namespace merlon
