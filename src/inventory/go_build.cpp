#include "inventory/go_build.h"

#include <algorithm>
#include <string>

namespace merlon::inventory {
namespace {

// A length in base 128 (encoding/binary, Uvarint), and that many bytes.
std::string_view take_counted(std::string_view& bytes) {
    std::uint64_t length = 0;
    unsigned shift = 0;
    while (!bytes.empty() && shift < 35) {
        const auto byte = static_cast<unsigned char>(bytes[0]);
        bytes.remove_prefix(1);
        length |= std::uint64_t{byte & 0x7Fu} << shift;
        shift += 7;
        if ((byte & 0x80) == 0) break;
    }
    const std::string_view text = bytes.substr(0, length);
    bytes.remove_prefix(text.size());
    return text;
}

// What stands behind `word` and a tab at a line's begin, to the line's end.
std::string_view line_behind(std::string_view text, std::string_view word, char separator) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        if (line.size() > word.size() && line.starts_with(word) && line[word.size()] == separator)
            return line.substr(word.size() + 1);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

}  // namespace

std::string_view GoBuild::main_path() const { return line_behind(modules, "path", '\t'); }

std::string_view GoBuild::setting(std::string_view key) const {
    return line_behind(modules, "build\t" + std::string(key), '=');
}

// debug/buildinfo: the mark stands at a multiple of 16. Since 1.18 both texts follow as they are;
// before it there are pointers to Go's strings.
std::optional<GoBuild> find_go_build(std::string_view file, const BinaryImage& image) {
    constexpr std::string_view kMark = "\xFF Go buildinf:";
    for (std::size_t at = file.find(kMark); at != std::string_view::npos;
         at = file.find(kMark, at + 1)) {
        if (at % 16 != 0 || file.size() - at < 32) continue;
        const auto flags = static_cast<unsigned char>(file[at + 15]);
        GoBuild build;
        if ((flags & 2) != 0) {
            std::string_view rest = file.substr(at + 32);
            build.version = take_counted(rest);
            build.modules = take_counted(rest);
        } else {
            const unsigned width = static_cast<unsigned char>(file[at + 14]);
            const bool is_big = (flags & 1) != 0;
            if (width != 4 && width != 8) continue;
            const auto follow = [&](std::uint64_t place) {
                const std::string_view header =
                    image.bytes_at(integer_at(file, place, width, is_big));
                const std::string_view text = image.bytes_at(integer_at(header, 0, width, is_big));
                return text.substr(0, integer_at(header, width, width, is_big));
            };
            build.version = follow(at + 16);
            build.modules = follow(at + 16 + width);
        }
        // ParseBuildInfo: between two marks of 16 bytes.
        std::string_view& text = build.modules;
        if (text.size() >= 33 && text[text.size() - 17] == '\n')
            text = text.substr(16, text.size() - 32);
        if (build.version.starts_with("go") || build.version.starts_with("devel")) return build;
    }
    return std::nullopt;
}

}  // namespace merlon::inventory
