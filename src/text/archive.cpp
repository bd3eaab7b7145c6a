#include "text/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <locale.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "text/archive_end.h"
#include "text/archive_meter.h"
#include "text/named_stream.h"
#include "text/packing.h"
#include "text/salvage.h"

namespace merlon::text {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr int kNoErrno = -1;  // what libarchive takes where no system call failed
constexpr std::size_t kInputBytes = std::size_t{256} << 10;
constexpr std::size_t kPeekBytes = (std::size_t{4} << 20) + kInputBytes;  // more than an lz4 block
constexpr std::size_t kHeadBytes = 512;                                   // tells what something is

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

// Whether the first bytes tell that libarchive opens it.
bool has_magic(std::string_view bytes) {
    for (const std::string_view magic : kMagics) {
        if (bytes.starts_with(magic)) return true;
    }
    return bytes.size() > 262 && bytes.substr(257, 5) == "ustar";
}

void support_filters(struct archive* a) {
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_lzma(a);
    archive_read_support_filter_lzip(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_lz4(a);
}

// Compressed streams alone, whatever they hold.
Reader open_raw_reader() {
    Reader reader(archive_read_new());
    archive_read_support_format_raw(reader.get());
    support_filters(reader.get());
    return reader;
}

Reader open_reader(Trailing trailing) {
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
    archive_read_support_format_empty(a);  // "nothing", compressed
    support_filters(a);
    // A second archive behind the first one's end; other bytes there are an error then.
    if (trailing == Trailing::kSearch) {
        archive_read_set_format_option(a, "tar", "read_concatenated_archives", "1");
    }
    return reader;
}

// One container, without a filter.
Reader open_container_reader(ContainerKind kind) {
    Reader reader(archive_read_new());
    struct archive* a = reader.get();
    switch (kind) {
        case ContainerKind::kZip:
            archive_read_support_format_zip(a);
            break;
        case ContainerKind::kTar:
            archive_read_support_format_tar(a);
            archive_read_support_format_empty(a);
            break;
        case ContainerKind::kSevenZip:
            archive_read_support_format_7zip(a);
            break;
        case ContainerKind::kRar:
            archive_read_support_format_rar(a);
            archive_read_support_format_rar5(a);
            break;
    }
    return reader;
}

// The old format of xz-utils has no magic: libarchive looks whether its header makes sense.
bool is_lzma_name(std::string_view name) {
    return name.ends_with(".lzma") || name.ends_with(".tlz");
}

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

// The bytes of one member. (archive_read_data() keeps for itself what it had read when it fails.)
class MemberBytes {
  public:
    explicit MemberBytes(struct archive* reader) : reader_(reader) {}

    // The next bytes, at most kReadBytes; none at the end; nothing where reading failed. They live
    // until the next call.
    std::optional<std::string_view> next() {
        while (zeros_ == 0 && held_.empty()) {
            if (has_ended_) return std::string_view{};
            if (has_failed_) return std::nullopt;
            read_block();
        }
        if (zeros_ > 0) {  // a hole
            static constexpr char kZeros[kReadBytes] = {};
            const std::uint64_t count = std::min<std::uint64_t>(zeros_, kReadBytes);
            zeros_ -= count;
            return std::string_view(kZeros, static_cast<std::size_t>(count));
        }
        const std::string_view piece = held_.substr(0, kReadBytes);
        held_.remove_prefix(piece.size());
        return piece;
    }

  private:
    void read_block() {
        const void* bytes = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int status = archive_read_data_block(reader_, &bytes, &size, &offset);
        has_ended_ = status == ARCHIVE_EOF;
        has_failed_ = status < ARCHIVE_OK;
        // With a warning (a wrong checksum) the bytes are there.
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return;
        held_ = {static_cast<const char*>(bytes), size};
        const auto begin = static_cast<std::uint64_t>(std::max<la_int64_t>(offset, 0));
        if (begin > at_) zeros_ = begin - at_;
        at_ = begin + size;
    }

    struct archive* reader_;
    std::string_view held_;
    std::uint64_t zeros_ = 0;  // in front of what is held
    std::uint64_t at_ = 0;     // behind what is held
    bool has_ended_ = false;
    bool has_failed_ = false;
};

// Reads the member until its end, or until it is longer than `most`.
ReadOutcome read_member(struct archive* reader, MemberBytes& member, Meter& meter,
                        std::uint64_t most, std::string& bytes, std::string& why) {
    bytes.clear();
    while (bytes.size() <= most) {
        const std::optional<std::string_view> piece = member.next();
        if (!piece) {
            why = reason(reader);
            return ReadOutcome::kFailed;
        }
        if (piece->empty()) return ReadOutcome::kRead;
        if (!meter.take(piece->size(), why)) return ReadOutcome::kStop;
        bytes += *piece;
    }
    return ReadOutcome::kLarge;
}

// A member of which the first bytes are here and the rest is still in the archive.
class MemberInput final : public ArchiveInput {
  public:
    MemberInput(struct archive* reader, MemberBytes& member, Meter& meter, std::string head)
        : reader_(reader), member_(member), meter_(meter), head_(std::move(head)) {}

    Result<std::size_t> read(std::span<char> buffer) override {
        if (at_ < head_.size()) {
            const std::size_t count = head_.copy(buffer.data(), buffer.size(), at_);
            at_ += count;
            return count;
        }
        if (!head_.empty()) std::string().swap(head_);
        at_ = 0;
        if (piece_.empty() && outcome == ReadOutcome::kRead) {
            const std::optional<std::string_view> piece = member_.next();
            if (!piece) {
                outcome = ReadOutcome::kFailed;
                why = reason(reader_);
            } else if (!meter_.take(piece->size(), why)) {
                outcome = ReadOutcome::kStop;
            } else {
                piece_ = *piece;
            }
        }
        if (outcome != ReadOutcome::kRead) return Error{why};
        const std::size_t count = piece_.copy(buffer.data(), buffer.size());
        piece_.remove_prefix(count);
        return count;
    }
    bool seek(std::uint64_t) override { return false; }
    std::uint64_t size() const override { return 0; }
    std::string_view head() const { return head_; }

    ReadOutcome outcome = ReadOutcome::kRead;
    std::string why;

  private:
    struct archive* reader_;
    MemberBytes& member_;
    Meter& meter_;
    std::string_view piece_;  // read, and not handed out yet
    std::string head_;
    std::size_t at_ = 0;  // in the head
};

// What libarchive asks for while it reads from an input.
struct Feed {
    ArchiveInput& input;
    Meter& meter;
    std::vector<char> buffer = std::vector<char>(kInputBytes);
    std::uint64_t at = 0;          // behind what libarchive got
    std::size_t last_bytes = 0;    // of the buffer, what libarchive got last
    std::size_t peeked_bytes = 0;  // in the buffer, read but not asked for yet

    // Reads the first bytes ahead of libarchive.
    Result<std::size_t> peek(std::size_t most) {
        buffer.resize(most);
        while (peeked_bytes < most) {
            const std::size_t count =
                MERLON_TRY(input.read({buffer.data() + peeked_bytes, most - peeked_bytes}));
            if (count == 0) break;
            peeked_bytes += count;
        }
        return peeked_bytes;
    }
    std::string_view peeked() const { return {buffer.data(), peeked_bytes}; }

    static la_ssize_t read(struct archive* reader, void* self, const void** bytes) {
        auto* feed = static_cast<Feed*>(self);
        const Result<std::size_t> count =
            feed->peeked_bytes > 0 ? Result<std::size_t>(std::exchange(feed->peeked_bytes, 0))
                                   : feed->input.read(feed->buffer);
        if (!count.ok()) {
            archive_set_error(reader, kNoErrno, "%s", count.error().message.c_str());
            return ARCHIVE_FATAL;
        }
        if (feed->input.size() == 0) feed->meter.add_packed(count.value());
        feed->at += count.value();
        feed->last_bytes = count.value();
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
        feed->peeked_bytes = 0;
        return static_cast<la_int64_t>(to);
    }
};

// How the outermost bytes are packed, as far as their end is looked for.
enum class Container : std::uint8_t { kOther, kZip, kSevenZip, kRar4, kRar5, kAr, kCpio, kLz4 };

constexpr std::string_view kArMagic = "!<arch>\n";
constexpr std::size_t kArHeaderBytes = 60;

Container container_of(std::string_view bytes) {
    if (bytes.starts_with("PK\3\4") || bytes.starts_with("PK\5\6")) return Container::kZip;
    if (bytes.starts_with("7z\xBC\xAF\x27\x1C")) return Container::kSevenZip;
    if (bytes.starts_with("Rar!\x1A\7\1")) return Container::kRar5;
    if (bytes.starts_with("Rar!\x1A\7"sv)) return Container::kRar4;
    if (bytes.starts_with(kArMagic)) return Container::kAr;
    if (bytes.starts_with("\x04\x22\x4D\x18"sv)) return Container::kLz4;
    return bytes.starts_with("0707") ? Container::kCpio : Container::kOther;
}

std::string_view without_leading_zeros(std::string_view bytes) {
    return bytes.substr(std::min(bytes.find_first_not_of('\0'), bytes.size()));
}

// Whether what a damaged compressed stream around the container holds is looked for.
enum class Salvage : std::uint8_t { kNo, kYes };

// In the "C" locale libarchive loses each name in a zip or 7z that is not ASCII: this thread has
// the characters of "C.UTF-8" while an archive is read.
class Utf8Locale {
  public:
    Utf8Locale()
        : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)),
          before_(locale_ == nullptr ? nullptr : uselocale(locale_)) {}
    ~Utf8Locale() {
        if (locale_ == nullptr) return;
        uselocale(before_);
        freelocale(locale_);
    }
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;

  private:
    locale_t locale_;
    locale_t before_;
};

std::uint32_t checksum(std::string_view bytes) {
    return static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// One container, open for reading, and what becomes of its members.
class Walk {
  public:
    // `packed`: all of it, where it is in memory.
    Walk(struct archive* reader, std::string_view packed, std::string_view name,
         ArchiveBudget& budget, Meter& meter, const ArchiveVisitor& visitor,
         Salvage salvage = Salvage::kYes)
        : reader_(reader),
          packed_(packed),
          name_(name),
          budget_(budget),
          meter_(meter),
          visitor_(visitor),
          is_salvaged_(salvage == Salvage::kNo) {}

    // False where it did not come to the end.
    bool run() {
        struct archive_entry* entry = nullptr;
        bool skips_damage = false;
        while (true) {
            const int status = archive_read_next_header(reader_, &entry);
            if (status == ARCHIVE_EOF) {
                check_stream();
                finish();
                return true;
            }
            if (status == ARCHIVE_RETRY) {  // a tar goes on at the next header that makes sense
                if (!skips_damage) gap({}, ArchiveFailure::kCorrupt, reason(reader_));
                skips_damage = true;
                if (budget_.members_left == 0) return false;
                --budget_.members_left;
                continue;
            }
            if (status < ARCHIVE_WARN) {
                const bool encrypted = archive_read_has_encrypted_entries(reader_) > 0;
                fail(encrypted ? ArchiveFailure::kEncrypted : ArchiveFailure::kCorrupt);
                return false;
            }
            ++entries_;
            // An archive need not say what kind of thing a member is (RAR without attributes).
            const auto kind = archive_entry_filetype(entry);
            if (kind != AE_IFREG && kind != 0) continue;
            if (!take(entry)) return false;
        }
    }

    // Where the archive could not be opened, or not be read further.
    void fail(ArchiveFailure failure) {
        const std::string why = reason(reader_);
        salvage();
        gap({}, failure, why);
        if (container_of(packed_) == Container::kAr) {
            // The bytes of the header that is none belong to what is not an archive.
            const std::size_t end = consumed() - std::min(consumed(), kArHeaderBytes);
            rest(packed_.substr(entries_ == 0 ? kArMagic.size() : end));
        }
    }

    // Hands out what stands outside of the archive, where somebody asks.
    void rest(std::string_view bytes) {
        bytes = without_leading_zeros(bytes);
        if (visitor_.trailing == Trailing::kLeave || bytes.empty()) return;
        std::string why = "is larger than the limit for one member";
        if (budget_.members_left == 0) why = "too many members";
        if (budget_.members_left == 0 || bytes.size() > budget_.max_member_bytes ||
            !meter_.take(bytes.size(), why)) {
            return gap("(rest)", ArchiveFailure::kLimit, std::move(why));
        }
        --budget_.members_left;
        ArchiveMember member;
        member.name = "(rest)";
        member.bytes = bytes;
        visitor_.on_member(member);
    }

    void gap(std::string member, ArchiveFailure failure, std::string detail) {
        has_gap_ = true;
        visitor_.on_gap({std::move(member), failure, std::move(detail)});
    }

  private:
    std::size_t consumed() const {
        const la_int64_t count = std::max<la_int64_t>(archive_filter_bytes(reader_, -1), 0);
        return std::min(static_cast<std::size_t>(count), packed_.size());
    }

    bool is_stream() const { return is_compressed_stream(packed_) || is_lzma_name(name_); }

    // What libarchive took for the end of a compressed stream may be a damage.
    void check_stream() {
        if (is_salvaged_ || has_gap_ || !is_stream() || is_whole_stream(packed_)) return;
        salvage();
        gap({}, ArchiveFailure::kCorrupt, "the compressed stream is damaged or cut off");
    }

    // Looks behind the end, and whether it is one.
    void finish() {
        if (packed_.empty()) {
            if (entries_ == 0) gap({}, ArchiveFailure::kCorrupt, "holds nothing that can be read");
            return;
        }
        const bool is_zip =
            (archive_format(reader_) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
        switch (is_zip ? Container::kZip : container_of(packed_)) {
            case Container::kZip: {
                const auto around = zip_surroundings(packed_);
                if (around) {
                    rest(around->before);
                    rest(around->after);
                } else if (!has_gap_) {
                    gap({}, ArchiveFailure::kCorrupt, "has no end of central directory");
                }
                return;
            }
            case Container::kSevenZip:
                return rest(packed_.substr(seven_zip_end(packed_).value_or(packed_.size())));
            case Container::kRar5: {
                const auto end = rar5_end(packed_);
                if (end) return rest(packed_.substr(*end));
                if (has_gap_) return;
                return gap({}, ArchiveFailure::kCorrupt, "has no end block: cut off or damaged");
            }
            case Container::kRar4:
            case Container::kAr:
                if (entries_ == 0 && packed_.size() > kArMagic.size()) {
                    gap({}, ArchiveFailure::kCorrupt, "holds nothing that can be read");
                    return rest(packed_.substr(kArMagic.size()));
                }
                return rest(packed_.substr(consumed()));
            case Container::kLz4:
                return rest(packed_.substr(lz4_end(packed_).value_or(packed_.size())));
            case Container::kCpio:
            case Container::kOther:
                return rest(packed_.substr(consumed()));
        }
    }

    // Hands out what a damaged compressed stream holds beyond what libarchive gave.
    bool salvage() {
        if (is_salvaged_ || packed_.empty() || !is_stream()) return false;
        is_salvaged_ = true;
        has_salvaged_ = true;
        Meter meter(budget_, packed_.size());
        std::string bytes;
        std::string why;
        salvage_stream(packed_, [&](std::string_view piece) {
            if (!meter.take(piece.size(), why)) return false;
            if (bytes.size() + piece.size() > budget_.max_member_bytes) return false;
            bytes += piece;
            return true;
        });
        if (bytes.size() <= handed_bytes_) return false;
        if (is_compressed_stream(bytes) || !is_archive(bytes.substr(0, kHeadBytes), {})) {
            ArchiveMember member;
            member.name = stem_of(name_);
            member.bytes = bytes;
            // Where there was an entry it is this one, and counted.
            if (entries_ == 0 && budget_.members_left == 0) return false;
            if (entries_ == 0) --budget_.members_left;
            member.is_part = true;
            if (entries_ <= 1) visitor_.on_member(member);
            return true;
        }
        // A tar: what was handed out already is passed over. Its gap is the stream's.
        std::uint64_t known = handed_;
        ArchiveVisitor beyond = visitor_;
        beyond.on_member = [&](const ArchiveMember& member) {
            if (known == 0) return visitor_.on_member(member);
            --known;
        };
        if (visitor_.on_large) {
            beyond.on_large = [&](const ArchiveMember& member, ArchiveInput& input) {
                if (known == 0) return visitor_.on_large(member, input);
                --known;
            };
        }
        beyond.on_gap = [](const ArchiveGap&) {};
        walk_archive(bytes, {}, budget_, beyond);
        return true;
    }

    // Where a tar is cut off, its last member may be there, and only the zeros behind it are not.
    bool is_whole_in_tar(struct archive_entry* entry) const {
        return (archive_format(reader_) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR &&
               archive_entry_size_is_set(entry) != 0 &&
               archive_entry_size(entry) == static_cast<la_int64_t>(unpacked_.size());
    }

    // libarchive does not look at those of RAR 5.
    bool has_right_checksum() {
        if (container_of(packed_) != Container::kRar5) return true;
        if (!rar5_checksums_) rar5_checksums_ = text::rar5_checksums(packed_);
        if (entries_ > rar5_checksums_->size()) return true;
        const auto& expected = (*rar5_checksums_)[entries_ - 1];
        return !expected || *expected == checksum(unpacked_);
    }

    // False where a limit ends the walk.
    bool take(struct archive_entry* entry) {
        const char* path = archive_entry_pathname(entry);
        ArchiveMember member;
        member.name = path == nullptr ? "(unnamed)" : path;
        // libarchive calls what a compressed stream holds "data".
        if (archive_format(reader_) == ARCHIVE_FORMAT_RAW) member.name = stem_of(name_);
        if (budget_.members_left == 0) {
            gap(std::move(member.name), ArchiveFailure::kLimit, "too many members");
            return false;
        }
        --budget_.members_left;
        if (is_encrypted(reader_, entry) && archive_entry_is_data_encrypted(entry) != 0) {
            gap(std::move(member.name), ArchiveFailure::kEncrypted, "needs a password");
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
        MemberBytes content(reader_);
        ReadOutcome outcome = read_member(reader_, content, meter_, most, unpacked_, why);
        member.is_stored = is_stored_in_zip(reader_);
        if (outcome == ReadOutcome::kRead) {
            member.bytes = unpacked_;
            member.is_part = !has_right_checksum();
            ++handed_;
            handed_bytes_ += unpacked_.size();
            visitor_.on_member(member);
            if (member.is_part) {
                gap(std::move(member.name), ArchiveFailure::kCorrupt, "has a wrong checksum");
            }
            return true;
        }
        if (outcome == ReadOutcome::kLarge && streams) {
            ++handed_;
            MemberInput rest(reader_, content, meter_, std::move(unpacked_));
            unpacked_.clear();
            member.bytes = rest.head();
            visitor_.on_large(member, rest);
            if (rest.outcome == ReadOutcome::kRead) return true;
            outcome = rest.outcome;
            why = std::move(rest.why);
        } else if (outcome == ReadOutcome::kLarge) {
            outcome = ReadOutcome::kStop;
            why = "is larger than the limit for one member";
        } else if (outcome == ReadOutcome::kFailed && !salvage() && !unpacked_.empty()) {
            member.bytes = unpacked_;
            member.is_part = !is_whole_in_tar(entry);
            ++handed_;
            visitor_.on_member(member);
        }
        const bool stops = outcome == ReadOutcome::kStop;
        gap(std::move(member.name), stops ? ArchiveFailure::kLimit : ArchiveFailure::kCorrupt,
            std::move(why));
        return !stops && !has_salvaged_;
    }

    struct archive* reader_;
    std::string_view packed_;
    std::string_view name_;
    ArchiveBudget& budget_;
    Meter& meter_;
    const ArchiveVisitor& visitor_;
    bool is_salvaged_;
    std::string unpacked_;
    std::optional<std::vector<std::optional<std::uint32_t>>> rar5_checksums_;
    std::uint64_t entries_ = 0;
    std::uint64_t handed_ = 0;
    std::uint64_t handed_bytes_ = 0;
    bool has_gap_ = false;
    bool has_salvaged_ = false;
};

// Whether a compressed stream unpacks to zeros first, which libarchive takes for a tar's end.
bool unpacks_to_zeros(std::string_view packed, std::string_view name) {
    if (!is_compressed_stream(packed) && !is_lzma_name(name)) return false;
    const Reader reader = open_raw_reader();
    struct archive* a = reader.get();
    struct archive_entry* entry = nullptr;
    if (archive_read_open_memory(a, packed.data(), packed.size()) != ARCHIVE_OK ||
        archive_read_next_header(a, &entry) != ARCHIVE_OK) {
        return false;
    }
    std::string head(kHeadBytes, '\1');
    const la_ssize_t size = archive_read_data(a, head.data(), head.size());
    return size == static_cast<la_ssize_t>(head.size()) && without_leading_zeros(head).empty();
}

// libarchive guesses by the header, and does not take a dictionary of any size that there is.
bool is_opened_as_lzma(std::string_view packed) {
    const Reader reader = open_raw_reader();
    return archive_read_open_memory(reader.get(), packed.data(), packed.size()) == ARCHIVE_OK &&
           archive_filter_count(reader.get()) > 1;
}

// What stands outside of an archive that is a file too large for the memory.
class Surroundings {
  public:
    Surroundings(Feed& feed, Walk& walk, std::uint64_t most)
        : feed_(feed), walk_(walk), most_(most) {}

    void look(struct archive* reader) {
        const std::uint64_t size = feed_.input.size();
        const BytesAt bytes_at = [this](std::uint64_t at, std::size_t most) {
            return bytes(at, most);
        };
        const std::string magic(bytes(0, kHeadBytes));
        // Where the last byte of it stands by libarchive's account.
        const auto used =
            static_cast<std::uint64_t>(std::max<la_int64_t>(archive_filter_bytes(reader, -1), 0));
        switch (container_of(magic)) {
            case Container::kSevenZip:
                return rest(seven_zip_end(magic, size));
            case Container::kRar5:
                return rest(rar5_end(bytes_at, size));
            case Container::kLz4:
                return rest(lz4_end(bytes_at, size));
            case Container::kZip:
                break;
            case Container::kRar4:
            case Container::kAr:
            case Container::kCpio:
            case Container::kOther:
                if (archive_format(reader) != ARCHIVE_FORMAT_ZIP) return rest(used);
                break;
        }
        look_around_zip(size);
    }

  private:
    void look_around_zip(std::uint64_t size) {
        const std::uint64_t tail = std::min<std::uint64_t>(size, kZipTailBytes);
        const auto around =
            zip_surroundings(bytes(size - tail, static_cast<std::size_t>(tail)), size - tail);
        if (!around) {
            return walk_.gap({}, ArchiveFailure::kCorrupt, "has no end of central directory");
        }
        walk_.rest(around->after);
        range(0, around->before_bytes);
    }

    // From where the archive ends; where that is not known it is cut off or damaged.
    void rest(std::optional<std::uint64_t> end) {
        if (!end) {
            return walk_.gap({}, ArchiveFailure::kCorrupt, "is cut off or damaged at its end");
        }
        range(*end, feed_.input.size());
    }

    void range(std::uint64_t begin, std::uint64_t end) {
        // Zeros fill up what is written in blocks.
        while (begin < end) {
            const std::string_view piece = bytes(begin, kInputBytes);
            if (piece.empty() || !without_leading_zeros(piece).empty()) break;
            begin += piece.size();
        }
        if (begin >= end) return;
        if (end - begin <= most_) {
            return walk_.rest(bytes(begin, static_cast<std::size_t>(end - begin)));
        }
        walk_.gap("(rest)", ArchiveFailure::kLimit, "is larger than the limit for one member");
    }

    std::string_view bytes(std::uint64_t at, std::size_t most) {
        feed_.peeked_bytes = 0;
        if (!feed_.input.seek(at) || !feed_.peek(most).ok()) return {};
        return feed_.peeked();
    }

    Feed& feed_;
    Walk& walk_;
    std::uint64_t most_;
};

// Behind the end of a compressed stream that is read to its end and not again.
void look_behind(struct archive* reader, Feed& feed, Walk& walk) {
    if (archive_filter_count(reader) < 2) return;
    const auto consumed = static_cast<std::uint64_t>(archive_filter_bytes(reader, -1));
    const auto format = archive_format(reader) & ARCHIVE_FORMAT_BASE_MASK;
    if (format != ARCHIVE_FORMAT_RAW && format != ARCHIVE_FORMAT_TAR) return;
    // First what libarchive got and has not used, then what it has not asked for.
    const auto unused = static_cast<std::size_t>(
        std::min<std::uint64_t>(feed.at - std::min(consumed, feed.at), feed.last_bytes));
    const std::string_view last(feed.buffer.data(), feed.last_bytes);
    bool follows = !without_leading_zeros(last.substr(last.size() - unused)).empty();
    while (!follows) {
        const Result<std::size_t> count = feed.input.read(feed.buffer);
        if (!count.ok() || count.value() == 0) break;
        follows = !without_leading_zeros({feed.buffer.data(), count.value()}).empty();
    }
    if (follows) {
        walk.gap({}, ArchiveFailure::kCorrupt,
                 "bytes follow the end of the compressed stream and were not read");
    }
}

void walk_input(struct archive* reader, Feed& feed, Walk& walk, std::uint64_t most,
                Trailing trailing) {
    archive_read_set_callback_data(reader, &feed);
    archive_read_set_read_callback(reader, Feed::read);
    if (feed.input.size() != 0) archive_read_set_seek_callback(reader, Feed::seek);
    if (archive_read_open1(reader) != ARCHIVE_OK) return walk.fail(ArchiveFailure::kCorrupt);
    if (!walk.run() || trailing != Trailing::kSearch) return;
    if (feed.input.size() == 0) return look_behind(reader, feed, walk);
    Surroundings(feed, walk, most).look(reader);
}

}  // namespace

bool is_archive(std::string_view first_bytes, std::string_view name) {
    if (has_magic(first_bytes) || is_lzma_name(name)) return true;
    return named_stream(first_bytes, name) != NamedStream::kNone;
}

void walk_archive(std::string_view bytes, std::string_view name, ArchiveBudget& budget,
                  const ArchiveVisitor& visitor) {
    const Utf8Locale utf8;
    const NamedStream stream = named_stream(bytes.substr(0, kHeadBytes), name);
    if (stream != NamedStream::kNone && !has_magic(bytes)) {
        return walk_named_stream(stream, bytes, name, budget, visitor);
    }
    if (is_lzma_name(name) && !has_magic(bytes) && !is_opened_as_lzma(bytes)) {
        return walk_named_stream(NamedStream::kLzma, bytes, name, budget, visitor);
    }
    const bool is_raw = unpacks_to_zeros(bytes, name);
    const Reader reader = is_raw ? open_raw_reader() : open_reader(visitor.trailing);
    Meter meter(budget, bytes.size());
    Walk walk(reader.get(), bytes, name, budget, meter, visitor);
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
        return walk.fail(ArchiveFailure::kCorrupt);
    }
    walk.run();
}

void walk_archive(ArchiveInput& input, std::string_view name, ArchiveBudget& budget,
                  const ArchiveVisitor& visitor) {
    const Utf8Locale utf8;
    Meter meter(budget, input.size());
    Feed feed{input, meter};
    const Result<std::size_t> peeked = feed.peek(kPeekBytes);
    if (!peeked.ok()) {
        return visitor.on_gap({{}, ArchiveFailure::kCorrupt, peeked.error().message});
    }
    if (named_stream(feed.peeked(), name) != NamedStream::kNone) {
        return visitor.on_gap({{},
                               ArchiveFailure::kLimit,
                               "is a compressed stream too large to be opened in memory; unpack "
                               "it and scan what it holds"});
    }
    const bool is_raw = unpacks_to_zeros(feed.peeked(), name);
    const Reader reader = is_raw ? open_raw_reader() : open_reader(visitor.trailing);
    Walk walk(reader.get(), {}, name, budget, meter, visitor);
    walk_input(reader.get(), feed, walk, budget.max_member_bytes, visitor.trailing);
}

void walk_container(ContainerKind kind, std::string_view bytes, ArchiveBudget& budget,
                    const ArchiveVisitor& visitor) {
    const Utf8Locale utf8;
    const Reader reader = open_container_reader(kind);
    Meter meter(budget, bytes.size());
    Walk walk(reader.get(), bytes, {}, budget, meter, visitor, Salvage::kNo);
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
        return walk.fail(ArchiveFailure::kCorrupt);
    }
    walk.run();
}

void walk_container(ContainerKind kind, ArchiveInput& input, ArchiveBudget& budget,
                    const ArchiveVisitor& visitor) {
    const Utf8Locale utf8;
    const Reader reader = open_container_reader(kind);
    Meter meter(budget, input.size());
    Feed feed{input, meter};
    Walk walk(reader.get(), {}, {}, budget, meter, visitor);
    walk_input(reader.get(), feed, walk, budget.max_member_bytes, Trailing::kLeave);
}

}  // namespace merlon::text
