#include "text/tar_write.h"

#include <zlib.h>

#include <cstdio>

namespace merlon::text {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kNameBytes = 100;
// deflateInit2: the largest window, and 16 for the header of gzip, which has no time then.
constexpr int kGzipWindow = 15 + 16;
constexpr int kMemoryLevel = 8;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;  // zlib counts what it gets in 32 bits

void put(std::string& block, std::size_t at, std::string_view text) {
    block.replace(at, text.size(), text);
}

// Numbers are octal and end in a zero byte.
std::string octal(std::size_t number, int digits) {
    char text[24];
    const int size = std::snprintf(text, sizeof(text), "%0*zo", digits, number);
    return std::string(text, static_cast<std::size_t>(size));
}

Status append_member(std::string& out, const TarText& text) {
    if (text.path.size() >= kNameBytes) {
        return Error{"tar: a path may have " + std::to_string(kNameBytes - 1) +
                     " bytes: " + text.path};
    }
    std::string header(kBlock, '\0');
    put(header, 0, text.path);
    put(header, 100, octal(0600, 7));
    put(header, 108, octal(0, 7));
    put(header, 116, octal(0, 7));
    put(header, 124, octal(text.bytes.size(), 11));
    put(header, 136, octal(0, 11));
    put(header, 148, "        ");
    put(header, 156, "0");
    put(header, 257, std::string_view("ustar\00000", 8));
    std::size_t sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    put(header, 148, octal(sum, 6) + '\0');
    out += header;
    out += text.bytes;
    out.append((kBlock - text.bytes.size() % kBlock) % kBlock, '\0');
    return {};
}

}  // namespace

Result<std::string> write_tar_gz(std::span<const TarText> texts) {
    std::string tar;
    for (const TarText& text : texts) MERLON_TRY(append_member(tar, text));
    tar.append(2 * kBlock, '\0');
    if (tar.size() > kMostBytes) return Error{"tar: larger than 1 GiB"};
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return Error{"gzip: cannot begin"};
    }
    std::string packed(deflateBound(&stream, tar.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(tar.data());
    stream.avail_in = static_cast<uInt>(tar.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int ended = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (ended != Z_STREAM_END) return Error{"gzip: cannot end"};
    return packed;
}

}  // namespace merlon::text
