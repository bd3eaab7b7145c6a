#pragma once

// Tars made by hand, block by block, for tests.

#include <fmt/core.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace merlon::text::tar_fixture {

inline std::string with(std::string block, std::size_t at, std::string_view text) {
    return block.replace(at, text.size(), text);
}

// With the sum that the block has to have (POSIX.1-2017, pax, "ustar Interchange Format").
inline std::string checked(std::string block) {
    block.replace(148, 8, "        ");
    unsigned sum = 0;
    for (const char c : block) sum += static_cast<unsigned char>(c);
    return with(std::move(block), 148, fmt::format("{:06o}", sum) + std::string(1, '\0'));
}

inline std::string header(std::string_view name, char type, std::size_t size,
                          std::string_view magic = std::string_view("ustar\00000", 8)) {
    std::string block = with(std::string(512, '\0'), 0, name);
    block = with(std::move(block), 100, "0000644");
    block = with(std::move(block), 124, fmt::format("{:011o}", size));
    block[156] = type;
    return checked(with(std::move(block), 257, magic));
}

inline std::string padded(std::string text) {
    text.resize((text.size() + 511) / 512 * 512, '\0');
    return text;
}

inline std::string member(std::string_view name, const std::string& content, char type = '0') {
    return header(name, type, content.size()) + padded(content);
}

// "LENGTH KEY=VALUE", of which the length counts its own digits (pax, "pax Extended Header").
inline std::string record(std::string_view key, std::string_view value) {
    const std::size_t rest = key.size() + value.size() + 3;
    std::size_t size = rest + 1;
    while (fmt::formatted_size("{}", size) + rest != size) ++size;
    return fmt::format("{} {}={}\n", size, key, value);
}

inline const std::string kEnd(1024, '\0');

}  // namespace merlon::text::tar_fixture
