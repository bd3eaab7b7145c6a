#pragma once

// For the fuzz targets of mapped files: a folder in memory whose files are written anew for each
// input. Not part of the room's library.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace merlon::connect::git {

class ScratchFolder {
  public:
    ScratchFolder() {
        char name[] = "/dev/shm/merlon-fuzz-XXXXXX";
        if (mkdtemp(name) == nullptr) std::abort();
        path_ = name;
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ~ScratchFolder() { rmdir(path_.c_str()); }

    std::string write(std::string_view name, std::string_view bytes) const {
        const std::string path = path_ + '/' + std::string(name);
        std::FILE* file = std::fopen(path.c_str(), "wb");
        if (file == nullptr) std::abort();
        std::fwrite(bytes.data(), 1, bytes.size(), file);
        std::fclose(file);
        return path;
    }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

// Takes a piece with its length (two bytes, big-endian) before it; the rest where that is too long.
inline std::string_view take_piece(std::string_view& bytes) {
    if (bytes.size() < 2) return {};
    const std::size_t length = static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) << 8 |
                               static_cast<unsigned char>(bytes[1]);
    bytes.remove_prefix(2);
    const std::string_view piece = bytes.substr(0, length);
    bytes.remove_prefix(piece.size());
    return piece;
}

}  // namespace merlon::connect::git
