#pragma once

// For tests and fuzz seeds: the least file that reads as a Go program with these functions.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace merlon::inventory::example {

// `settings` are lines of the build's information: "path\ta.org/b\nbuild\tGOOS=linux\n".
inline std::string go_program(std::initializer_list<std::string_view> functions,
                              std::string_view settings) {
    std::string file =
        "\x7F"
        "ELF\x02\x01";
    file.resize(64);
    file += std::string("\xFF Go buildinf:\x08\x02", 16) + std::string(16, '\0');
    const auto add_counted = [&](std::string_view text) {
        file += static_cast<char>((text.size() & 0x7F) | 0x80);
        file += static_cast<char>(text.size() >> 7);
        file += text;
    };
    add_counted("go1.22.1");
    add_counted(std::string(16, '<') + std::string(settings) + std::string(16, '>'));

    std::string names("\0runtime.main\0", 14);
    for (const std::string_view function : functions) names += std::string(function) + '\0';
    constexpr std::uint64_t kHeader = 8 + 8 * 8;
    file += std::string("\xF1\xFF\xFF\xFF\0\0\x01\x08", 8);
    for (const std::uint64_t word :
         {std::uint64_t{1}, std::uint64_t{0}, std::uint64_t{0}, kHeader, kHeader + names.size(),
          std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0}}) {
        for (unsigned i = 0; i < 8; ++i) file += static_cast<char>((word >> (8 * i)) & 0xFF);
    }
    return file + names + std::string(64, '\0');
}

}  // namespace merlon::inventory::example
