#include "text/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <brotli/decode.h>
#include <snappy.h>
#include <zlib.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace merlon::text {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr int kNoErrno = -1;  // what libarchive takes where no system call failed
constexpr std::size_t kInputBytes = std::size_t{256} << 10;
// Below this nothing counts as a bomb, whatever its ratio.
constexpr std::uint64_t kRatioFreeBytes = std::uint64_t{1} << 20;

struct CloseArchive {
    void operator()(struct archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<struct archive, CloseArchive>;

constexpr std::string_view kMagics[] = {"PK\3\4"sv,
                                        "PK\5\6"sv,
                                        "7z\xBC\xAF\x27\x1C"sv,
                                        "Rar!\x1A\7"sv,
                                        "\x1F\x8B\x08"sv,
                                        "BZh"sv,
                                        "\xFD"
                                        "7zXZ\0"sv,
                                        "\x28\xB5\x2F\xFD"sv,
                                        "\x04\x22\x4D\x18"sv,
                                        "LZIP"sv,
                                        "!<arch>\n"sv,
                                        "070701"sv,
                                        "070707"sv};

// Streams that are told by their name alone.
enum class NamedStream : std::uint8_t { kNone, kZlib, kBrotli, kSnappy };

NamedStream named_stream(std::string_view name) {
    if (name.ends_with(".br")) return NamedStream::kBrotli;
    if (name.ends_with(".sz") || name.ends_with(".snappy")) return NamedStream::kSnappy;
    if (name.ends_with(".zz") || name.ends_with(".zlib")) return NamedStream::kZlib;
    return NamedStream::kNone;
}

Reader open_reader() {
    Reader reader(archive_read_new());
    struct archive* a = reader.get();
    // Named one by one: "all" would bring in formats (xar) whose libraries nobody else needs.
    archive_read_support_format_zip(a);
    archive_read_support_format_tar(a);
    archive_read_support_format_7zip(a);
    archive_read_support_format_rar(a);
    archive_read_support_format_rar5(a);
    archive_read_support_format_cpio(a);
    archive_read_support_format_ar(a);
    archive_read_support_format_raw(a);
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_lzma(a);
    archive_read_support_filter_lzip(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_lz4(a);
    return reader;
}

// The old format of xz-utils has no magic: libarchive looks whether its header makes sense.
bool is_lzma_name(std::string_view name) {
    return name.ends_with(".lzma") || name.ends_with(".tlz");
}

// Takes unpacked bytes under the limits.
class Meter {
  public:
    Meter(ArchiveBudget& budget, std::uint64_t packed_bytes)
        : budget_(budget), packed_bytes_(packed_bytes) {}

    // Of a stream whose length nobody knows before its end.
    void add_packed(std::uint64_t count) { packed_bytes_ += count; }

    // False, with the reason, where `count` more bytes are too many.
    bool take(std::uint64_t count, std::string& why) {
        unpacked_bytes_ += count;
        if (count > budget_.bytes_left) {
            why =
                "unpacks to more than what is left of the limit for one file; unpack it and scan "
                "what it holds";
            return false;
        }
        budget_.bytes_left -= count;
        if (unpacked_bytes_ > kRatioFreeBytes &&
            unpacked_bytes_ / std::max<std::uint64_t>(packed_bytes_, 1) > budget_.max_ratio) {
            why = "unpacks to more than " + std::to_string(budget_.max_ratio) +
                  " times its size, as bombs do";
            return false;
        }
        return true;
    }

  private:
    ArchiveBudget& budget_;
    std::uint64_t packed_bytes_;
    std::uint64_t unpacked_bytes_ = 0;
};

// libarchive names a zip's method beside the format: "ZIP 1.0 (uncompressed)".
bool is_stored_in_zip(archive* a) {
    const char* format = archive_format_name(a);
    return archive_format(a) == ARCHIVE_FORMAT_ZIP && format != nullptr &&
           std::string_view(format).find("(uncompressed)") != std::string_view::npos;
}

bool is_encrypted(struct archive* reader, struct archive_entry* entry) {
    return archive_entry_is_encrypted(entry) != 0 || archive_read_has_encrypted_entries(reader) > 0;
}

std::string reason(struct archive* reader) {
    const char* text = archive_error_string(reader);
    return text == nullptr ? "the data are damaged" : text;
}

enum class ReadOutcome : std::uint8_t { kRead, kLarge, kFailed, kStop };

// Reads the member until its end, or until it is longer than `most`.
ReadOutcome read_member(struct archive* reader, Meter& meter, std::uint64_t most,
                        std::string& bytes, std::string& why) {
    bytes.clear();
    std::vector<char> piece(kReadBytes);
    while (bytes.size() <= most) {
        const la_ssize_t count = archive_read_data(reader, piece.data(), piece.size());
        if (count == 0) return ReadOutcome::kRead;
        if (count < 0) {
            why = reason(reader);
            return ReadOutcome::kFailed;
        }
        if (!meter.take(static_cast<std::uint64_t>(count), why)) return ReadOutcome::kStop;
        bytes.append(piece.data(), static_cast<std::size_t>(count));
    }
    return ReadOutcome::kLarge;
}

// A member of which the first bytes are here and the rest is still in the archive.
class MemberInput final : public ArchiveInput {
  public:
    MemberInput(struct archive* reader, Meter& meter, std::string head)
        : reader_(reader), meter_(meter), head_(std::move(head)) {}

    Result<std::size_t> read(std::span<char> buffer) override {
        if (at_ < head_.size()) {
            const std::size_t count = head_.copy(buffer.data(), buffer.size(), at_);
            at_ += count;
            return count;
        }
        if (!head_.empty()) std::string().swap(head_);
        at_ = 0;
        if (outcome == ReadOutcome::kRead) {
            const la_ssize_t count = archive_read_data(reader_, buffer.data(), buffer.size());
            if (count < 0) {
                outcome = ReadOutcome::kFailed;
                why = reason(reader_);
            } else if (!meter_.take(static_cast<std::uint64_t>(count), why)) {
                outcome = ReadOutcome::kStop;
            } else {
                return static_cast<std::size_t>(count);
            }
        }
        return Error{why};
    }
    bool seek(std::uint64_t) override { return false; }
    std::uint64_t size() const override { return 0; }
    std::string_view head() const { return head_; }

    ReadOutcome outcome = ReadOutcome::kRead;
    std::string why;

  private:
    struct archive* reader_;
    Meter& meter_;
    std::string head_;
    std::size_t at_ = 0;  // in the head
};

// Appends a piece of a named stream under the limits; says in `gap` why it cannot.
bool append_piece(std::string_view piece, const ArchiveBudget& budget, Meter& meter,
                  std::string& bytes, ArchiveGap& gap) {
    std::string why;
    if (meter.take(piece.size(), why) && bytes.size() + piece.size() <= budget.max_member_bytes) {
        bytes += piece;
        return true;
    }
    gap.failure = ArchiveFailure::kLimit;
    gap.detail = why.empty() ? "is larger than the limit for one member" : std::move(why);
    return false;
}

// A brotli stream (RFC 7932), piece by piece.
bool read_brotli(std::string_view packed, const ArchiveBudget& budget, Meter& meter,
                 std::string& bytes, ArchiveGap& gap) {
    const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state(
        BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance);
    const auto* next = reinterpret_cast<const std::uint8_t*>(packed.data());
    std::size_t left = packed.size();
    while (true) {
        std::size_t no_room = 0;
        const BrotliDecoderResult result =
            BrotliDecoderDecompressStream(state.get(), &left, &next, &no_room, nullptr, nullptr);
        std::size_t size = 0;
        const std::uint8_t* piece = BrotliDecoderTakeOutput(state.get(), &size);
        const std::string_view view(reinterpret_cast<const char*>(piece), size);
        if (!append_piece(view, budget, meter, bytes, gap)) return false;
        if (result == BROTLI_DECODER_RESULT_SUCCESS) {
            gap.detail = left == 0 ? "" : "bytes follow the brotli stream and were not read";
            return left == 0;
        }
        if (result != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
            gap.detail = "the brotli stream is damaged or cut off";
            return false;
        }
    }
}

// CRC-32C (Castagnoli), masked as Snappy's framing format asks for in section 3.
std::uint32_t snappy_checksum(std::string_view bytes) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
    }
    crc = ~crc;
    return (crc >> 15 | crc << 17) + 0xA282EAD8;
}

// Snappy's framing format: chunks of type and 24-bit length; each holds at most 64 KiB.
bool read_snappy(std::string_view packed, const ArchiveBudget& budget, Meter& meter,
                 std::string& bytes, ArchiveGap& gap) {
    gap.detail = "the snappy stream is damaged or cut off";
    if (!packed.starts_with("\xFF\x06\0\0sNaPpY"sv)) return false;
    while (!packed.empty()) {
        if (packed.size() < 4) return false;
        const auto byte = [packed](std::size_t i) { return static_cast<unsigned char>(packed[i]); };
        const unsigned type = byte(0);
        const std::size_t length =
            byte(1) + std::size_t{256} * byte(2) + std::size_t{65536} * byte(3);
        if (packed.size() - 4 < length) return false;
        std::string_view content = packed.substr(4, length);
        packed.remove_prefix(4 + length);
        if (type >= 0x80) continue;  // skippable, padding or the identifier
        if (type > 1 || content.size() < 4) return false;
        std::uint32_t checksum = 0;
        for (std::size_t i = 4; i-- > 0;) {
            checksum = checksum << 8 | static_cast<unsigned char>(content[i]);
        }
        content.remove_prefix(4);
        std::string piece(content);
        std::size_t size = 0;
        if (type == 0 &&
            (!snappy::GetUncompressedLength(content.data(), content.size(), &size) ||
             size > 65536 || !snappy::Uncompress(content.data(), content.size(), &piece))) {
            return false;
        }
        if (snappy_checksum(piece) != checksum) return false;
        if (!append_piece(piece, budget, meter, bytes, gap)) return false;
    }
    return true;
}

// A zlib stream (RFC 1950).
bool read_zlib(std::string_view packed, const ArchiveBudget& budget, Meter& meter,
               std::string& bytes, ArchiveGap& gap) {
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) return false;
    const std::unique_ptr<z_stream, decltype(&inflateEnd)> owner(&stream, inflateEnd);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    std::vector<char> piece(kReadBytes);
    int status = Z_OK;
    while (status == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream.avail_out = static_cast<uInt>(piece.size());
        status = inflate(&stream, Z_NO_FLUSH);
        const std::string_view view(piece.data(), piece.size() - stream.avail_out);
        if (!append_piece(view, budget, meter, bytes, gap)) return false;
    }
    if (status == Z_STREAM_END && stream.avail_in == 0) return true;
    gap.detail = status == Z_STREAM_END ? "bytes follow the zlib stream and were not read"
                                        : "the zlib stream is damaged or cut off";
    return false;
}

std::string_view stem_of(std::string_view name) {
    const std::string_view base = name.substr(name.find_last_of('/') + 1);
    return base.substr(0, base.find_last_of('.'));
}

void walk_named_stream(NamedStream kind, std::string_view bytes, std::string_view name,
                       ArchiveBudget& budget,
                       const std::function<void(const ArchiveMember&)>& on_member,
                       const std::function<void(ArchiveGap)>& on_gap) {
    Meter meter(budget, bytes.size());
    ArchiveGap gap;
    std::string unpacked;
    bool read = false;
    if (kind == NamedStream::kBrotli) {
        read = read_brotli(bytes, budget, meter, unpacked, gap);
    } else if (kind == NamedStream::kSnappy) {
        read = read_snappy(bytes, budget, meter, unpacked, gap);
    } else {
        read = read_zlib(bytes, budget, meter, unpacked, gap);
    }
    // What stands before the damage is content all the same.
    if (!unpacked.empty() || read) on_member({std::string(stem_of(name)), unpacked});
    if (!read) on_gap(std::move(gap));
}

// What libarchive asks for while it reads from an input.
struct Feed {
    ArchiveInput& input;
    Meter& meter;
    std::vector<char> buffer = std::vector<char>(kInputBytes);
    std::uint64_t at = 0;

    static la_ssize_t read(struct archive* reader, void* self, const void** bytes) {
        auto* feed = static_cast<Feed*>(self);
        const Result<std::size_t> count = feed->input.read(feed->buffer);
        if (!count.ok()) {
            archive_set_error(reader, kNoErrno, "%s", count.error().message.c_str());
            return ARCHIVE_FATAL;
        }
        if (feed->input.size() == 0) feed->meter.add_packed(count.value());
        feed->at += count.value();
        *bytes = feed->buffer.data();
        return static_cast<la_ssize_t>(count.value());
    }

    static la_int64_t seek(struct archive*, void* self, la_int64_t offset, int whence) {
        auto* feed = static_cast<Feed*>(self);
        const std::uint64_t size = feed->input.size();
        const std::uint64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? feed->at : size;
        const std::uint64_t to = from + static_cast<std::uint64_t>(offset);
        if (to > size || !feed->input.seek(to)) return ARCHIVE_FATAL;
        feed->at = to;
        return static_cast<la_int64_t>(to);
    }
};

// One container, open for reading, and what becomes of its members.
class Walk {
  public:
    Walk(struct archive* reader, std::string_view name, ArchiveBudget& budget, Meter& meter,
         const ArchiveVisitor& visitor)
        : reader_(reader), name_(name), budget_(budget), meter_(meter), visitor_(visitor) {}

    void run() {
        struct archive_entry* entry = nullptr;
        while (true) {
            const int status = archive_read_next_header(reader_, &entry);
            if (status == ARCHIVE_EOF) return;
            if (status < ARCHIVE_WARN) {
                const bool encrypted = archive_read_has_encrypted_entries(reader_) > 0;
                return visitor_.on_gap(
                    {{},
                     encrypted ? ArchiveFailure::kEncrypted : ArchiveFailure::kCorrupt,
                     reason(reader_)});
            }
            // An archive need not say what kind of thing a member is (RAR without attributes).
            const auto kind = archive_entry_filetype(entry);
            if (kind != AE_IFREG && kind != 0) continue;
            if (!take(entry)) return;
        }
    }

  private:
    // False where a limit ends the walk.
    bool take(struct archive_entry* entry) {
        const char* path = archive_entry_pathname(entry);
        ArchiveMember member;
        member.name = path == nullptr ? "(unnamed)" : path;
        // libarchive calls what a compressed stream holds "data".
        if (archive_format(reader_) == ARCHIVE_FORMAT_RAW) member.name = stem_of(name_);
        if (budget_.members_left == 0) {
            visitor_.on_gap({std::move(member.name), ArchiveFailure::kLimit, "too many members"});
            return false;
        }
        --budget_.members_left;
        if (is_encrypted(reader_, entry) && archive_entry_is_data_encrypted(entry) != 0) {
            visitor_.on_gap(
                {std::move(member.name), ArchiveFailure::kEncrypted, "needs a password"});
            return true;
        }
        const la_int64_t offset = archive_filter_bytes(reader_, 0);
        member.offset = static_cast<std::uint64_t>(std::max<la_int64_t>(offset, 0));
        const bool streams = static_cast<bool>(visitor_.on_large);
        std::uint64_t most = streams ? visitor_.large_bytes : budget_.max_member_bytes;
        // Of what says that it is large, only as much as tells what it is.
        if (streams && archive_entry_size_is_set(entry) != 0 &&
            archive_entry_size(entry) > static_cast<la_int64_t>(most)) {
            most = std::min<std::uint64_t>(most, kReadBytes);
        }
        std::string why;
        ReadOutcome outcome = read_member(reader_, meter_, most, unpacked_, why);
        member.is_stored = is_stored_in_zip(reader_);
        if (outcome == ReadOutcome::kRead) {
            member.bytes = unpacked_;
            visitor_.on_member(member);
            return true;
        }
        if (outcome == ReadOutcome::kLarge && streams) {
            MemberInput rest(reader_, meter_, std::move(unpacked_));
            unpacked_.clear();
            member.bytes = rest.head();
            visitor_.on_large(member, rest);
            if (rest.outcome == ReadOutcome::kRead) return true;
            outcome = rest.outcome;
            why = std::move(rest.why);
        } else if (outcome == ReadOutcome::kLarge) {
            outcome = ReadOutcome::kStop;
            why = "is larger than the limit for one member";
        }
        const bool stops = outcome == ReadOutcome::kStop;
        visitor_.on_gap({std::move(member.name),
                         stops ? ArchiveFailure::kLimit : ArchiveFailure::kCorrupt,
                         std::move(why)});
        return !stops;
    }

    struct archive* reader_;
    std::string_view name_;
    ArchiveBudget& budget_;
    Meter& meter_;
    const ArchiveVisitor& visitor_;
    std::string unpacked_;
};

}  // namespace

bool is_archive(std::string_view first_bytes, std::string_view name) {
    for (const std::string_view magic : kMagics) {
        if (first_bytes.starts_with(magic)) return true;
    }
    if (first_bytes.size() > 262 && first_bytes.substr(257, 5) == "ustar") return true;
    if (is_lzma_name(name)) return true;
    return named_stream(name) != NamedStream::kNone;
}

void walk_archive(std::string_view bytes, std::string_view name, ArchiveBudget& budget,
                  const ArchiveVisitor& visitor) {
    const NamedStream stream = named_stream(name);
    if (stream != NamedStream::kNone && !is_archive(bytes.substr(0, 512), {})) {
        return walk_named_stream(stream, bytes, name, budget, visitor.on_member, visitor.on_gap);
    }
    const Reader reader = open_reader();
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
        return visitor.on_gap({{}, ArchiveFailure::kCorrupt, reason(reader.get())});
    }
    Meter meter(budget, bytes.size());
    Walk(reader.get(), name, budget, meter, visitor).run();
}

void walk_archive(ArchiveInput& input, std::string_view name, ArchiveBudget& budget,
                  const ArchiveVisitor& visitor) {
    if (named_stream(name) != NamedStream::kNone) {
        return visitor.on_gap({{},
                               ArchiveFailure::kLimit,
                               "is a compressed stream too large to be opened in memory; unpack "
                               "it and scan what it holds"});
    }
    const Reader reader = open_reader();
    struct archive* a = reader.get();
    Meter meter(budget, input.size());
    Feed feed{input, meter};
    archive_read_set_callback_data(a, &feed);
    archive_read_set_read_callback(a, Feed::read);
    if (input.size() != 0) archive_read_set_seek_callback(a, Feed::seek);
    if (archive_read_open1(a) != ARCHIVE_OK) {
        return visitor.on_gap({{}, ArchiveFailure::kCorrupt, reason(a)});
    }
    Walk(a, name, budget, meter, visitor).run();
}

}  // namespace merlon::text
