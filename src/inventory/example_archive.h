#pragma once

// For tests: archives as texts.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace merlon::inventory::example {

inline std::string little(std::uint64_t number, int width) {
    std::string bytes;
    for (int i = 0; i < width; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xFF);
    return bytes;
}

inline std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

// A zip of stored members (APPNOTE 4.3.7, 4.3.12, 4.3.16).
inline std::string zip(const std::vector<std::pair<std::string, std::string>>& members) {
    std::string file, directory;
    for (const auto& [name, bytes] : members) {
        const std::string common = little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) +
                                   little(crc32(bytes), 4) + little(bytes.size(), 4) +
                                   little(bytes.size(), 4) + little(name.size(), 2) + little(0, 2);
        directory += "PK\1\2" + little(20, 2) + common + little(0, 2) + little(0, 2) +
                     little(0, 2) + little(0, 4) + little(file.size(), 4) + name;
        file += "PK\3\4" + common + name + bytes;
    }
    return file + directory + "PK\5\6" + little(0, 4) + little(members.size(), 2) +
           little(members.size(), 2) + little(directory.size(), 4) + little(file.size(), 4) +
           little(0, 2);
}

// A gzip of one stored block (RFC 1952, RFC 1951 3.2.4), of 64 KiB at most.
inline std::string gzip(const std::string& bytes) {
    const std::uint64_t size = bytes.size();
    return std::string("\x1F\x8B\x08\0\0\0\0\0\0\xFF\x01", 11) + little(size, 2) +
           little(~size, 2) + bytes + little(crc32(bytes), 4) + little(size, 4);
}

}  // namespace merlon::inventory::example
