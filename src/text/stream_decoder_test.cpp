#include "text/stream_input.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace merlon::text {
namespace {

const std::string kText = "some words, and some words again, and a number: 12345678\n";

// With libarchive's writer.
std::string packed_by(int (*filter)(struct archive*)) {
    struct archive* writer = archive_write_new();
    archive_write_set_format_raw(writer);
    filter(writer);
    std::string out(std::size_t{1} << 16, '\0');
    std::size_t used = 0;
    archive_write_open_memory(writer, out.data(), out.size(), &used);
    struct archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, "x");
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_write_header(writer, entry);
    archive_write_data(writer, kText.data(), kText.size());
    archive_entry_free(entry);
    archive_write_close(writer);
    archive_write_free(writer);
    out.resize(used);
    return out;
}

std::string zlib_of(std::string_view text) {
    std::string out(compressBound(text.size()), '\0');
    uLongf size = out.size();
    compress(reinterpret_cast<Bytef*>(out.data()), &size,
             reinterpret_cast<const Bytef*>(text.data()), text.size());
    out.resize(size);
    return out;
}

std::string zstd_of(std::string_view text) {
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
    ZSTD_freeCCtx(context);
    return out;
}

struct Packed {
    StreamKind kind;
    std::string bytes;
};

std::vector<Packed> all_kinds() {
    return {{StreamKind::kGzip, packed_by(archive_write_add_filter_gzip)},
            {StreamKind::kZlib, zlib_of(kText)},
            {StreamKind::kBzip2, packed_by(archive_write_add_filter_bzip2)},
            {StreamKind::kXz, packed_by(archive_write_add_filter_xz)},
            {StreamKind::kLzma, packed_by(archive_write_add_filter_lzma)},
            {StreamKind::kLzip, packed_by(archive_write_add_filter_lzip)},
            {StreamKind::kZstd, zstd_of(kText)},
            {StreamKind::kLz4, packed_by(archive_write_add_filter_lz4)},
            // A metablock that is not compressed, and the empty last one.
            {StreamKind::kBrotli, std::string("\x21\xE0\0\x04", 4) + kText + "\x03"}};
}

UnpackedStream unpacked(StreamKind kind, std::string_view bytes) {
    ArchiveBudget budget{Limits{}};
    return unpack_stream(kind, bytes, budget);
}

TEST(StreamDecoder, unpacks_each_kind_and_says_how_it_ends) {
    for (const auto& [kind, bytes] : all_kinds()) {
        const UnpackedStream whole = unpacked(kind, bytes);
        EXPECT_EQ(whole.bytes, kText) << name(kind);
        EXPECT_EQ(whole.state, StreamState::kEnd) << name(kind);
        const UnpackedStream more = unpacked(kind, bytes + "more");
        EXPECT_EQ(more.bytes, kText) << name(kind);
        EXPECT_EQ(more.state, StreamState::kTrailing) << name(kind);
        const UnpackedStream cut = unpacked(kind, bytes.substr(0, bytes.size() - 1));
        EXPECT_EQ(cut.state, StreamState::kCut) << name(kind);
        EXPECT_EQ(unpacked(kind, "plain text, and no stream").state, StreamState::kDamaged)
            << name(kind);
        EXPECT_EQ(unpacked(kind, {}).state, StreamState::kCut) << name(kind);
    }
}

TEST(StreamDecoder, several_in_a_row_are_one_and_where_they_end_is_known) {
    for (const auto& [kind, bytes] : all_kinds()) {
        const bool stops =
            kind == StreamKind::kZlib || kind == StreamKind::kBrotli || kind == StreamKind::kLzma;
        const UnpackedStream two = unpacked(kind, bytes + bytes);
        EXPECT_EQ(two.bytes, stops ? kText : kText + kText) << name(kind);
        EXPECT_EQ(two.state, stops ? StreamState::kTrailing : StreamState::kEnd) << name(kind);
        if (kind == StreamKind::kGzip || kind == StreamKind::kBzip2 || kind == StreamKind::kLzip) {
            ASSERT_FALSE(two.pieces.empty()) << name(kind);
            EXPECT_EQ(two.pieces.front(), kText.size()) << name(kind);
        }
    }
}

TEST(StreamDecoder, hands_out_what_comes_with_a_wrong_checksum) {
    for (auto [kind, bytes] : all_kinds()) {
        if (kind == StreamKind::kBrotli || kind == StreamKind::kLzma) continue;  // have none
        bytes[bytes.size() - (kind == StreamKind::kGzip ? 8 : 2)] ^= 0x55;
        const UnpackedStream damaged = unpacked(kind, bytes);
        EXPECT_EQ(damaged.bytes, kText) << name(kind);
        EXPECT_EQ(damaged.state, StreamState::kDamaged) << name(kind);
        EXPECT_FALSE(damaged.gap.detail.empty()) << name(kind);
    }
}

TEST(StreamDecoder, gives_inflates_windows) {
    std::string text;
    for (int i = 0; text.size() < 100'000; ++i) text += std::to_string(i * 7919) + '\n';
    const UnpackedStream unpacked_text = unpacked(StreamKind::kZlib, zlib_of(text));
    ASSERT_GE(unpacked_text.pieces.size(), 3u);
    EXPECT_EQ(unpacked_text.pieces[0], 32'768u);
    EXPECT_EQ(unpacked_text.pieces[1], 65'536u);
}

TEST(StreamDecoder, a_bomb_ends_at_the_limit) {
    const std::string bomb = zlib_of(std::string(std::size_t{8} << 20, '\0'));
    const UnpackedStream unpacked_bomb = unpacked(StreamKind::kZlib, bomb);
    EXPECT_EQ(unpacked_bomb.gap.failure, ArchiveFailure::kLimit);
    EXPECT_LT(unpacked_bomb.bytes.size(), std::size_t{8} << 20);
}

// "LZ4 Frame Format", "Legacy frame": blocks up to the end; here of literals alone.
TEST(StreamDecoder, old_frames_of_lz4_are_read) {
    const std::string block("\6\0\0\0\x50hello", 10);
    const std::string frame = "\x02\x21\x4C\x18" + block;
    EXPECT_EQ(unpacked(StreamKind::kLz4, frame).bytes, "hello");
    EXPECT_EQ(unpacked(StreamKind::kLz4, frame).state, StreamState::kEnd);
    EXPECT_EQ(unpacked(StreamKind::kLz4, frame + block + frame).bytes, "hellohellohello");
    // Linux puts the size of the content behind it.
    const std::string sized = frame + std::string("\5\0\0\0", 4);
    EXPECT_EQ(unpacked(StreamKind::kLz4, sized).state, StreamState::kEnd);
    EXPECT_EQ(unpacked(StreamKind::kLz4, frame + "more than that").state, StreamState::kTrailing);
    EXPECT_EQ(unpacked(StreamKind::kLz4, frame.substr(0, 10)).state, StreamState::kCut);
    EXPECT_EQ(unpacked(StreamKind::kLz4, "\x02\x21\x4C\x18 no block").state, StreamState::kDamaged);
}

}  // namespace
}  // namespace merlon::text
