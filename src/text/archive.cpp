#include "text/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "text/archive_end.h"
#include "text/archive_feed.h"
#include "text/archive_member.h"
#include "text/archive_meter.h"
#include "text/archive_reader.h"
#include "text/named_stream.h"
#include "text/packing.h"
#include "text/peeked_input.h"
#include "text/salvage.h"
#include "text/stream_layers.h"

namespace merlon::text {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kBlockBytes = std::size_t{256} << 10;
constexpr std::size_t kHeadBytes = 512;  // tells what something is
constexpr std::size_t kArHeaderBytes = 60;
constexpr auto* kNoDirectory = "has no end of central directory";
constexpr auto* kWrongChecksum = "has a wrong checksum";

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

std::string_view without_leading_zeros(std::string_view bytes) {
    return bytes.substr(std::min(bytes.find_first_not_of('\0'), bytes.size()));
}

// Whether what a damaged compressed stream around the container holds is looked for.
enum class Salvage : std::uint8_t { kNo, kYes };

// A container that is open for reading.
struct Opened {
    struct archive* reader = nullptr;
    std::string_view packed = {};  // all of it, where it is in memory
    std::string_view name = {};
    const Rar5Checksums& rar5_checksums;
    StreamLayers* layers = nullptr;  // around it, where there are any
    Feed* feed = nullptr;            // of their content
    // Whether it is said to be a compressed stream, and nothing can be unpacked.
    bool is_damaged_stream = false;
    Salvage salvage = Salvage::kYes;
};

// What becomes of a container's members.
class Walk {
  public:
    Walk(const Opened& opened, ArchiveBudget& budget, Meter& meter, const ArchiveVisitor& visitor)
        : reader_(opened.reader),
          packed_(opened.packed),
          name_(opened.name),
          rar5_checksums_(opened.rar5_checksums),
          layers_(opened.layers),
          feed_(opened.feed),
          is_damaged_stream_(opened.is_damaged_stream),
          budget_(budget),
          meter_(meter),
          visitor_(visitor),
          is_salvaged_(opened.salvage == Salvage::kNo) {}

    // False where it did not come to the end.
    bool run() {
        struct archive_entry* entry = nullptr;
        bool skips_damage = false;
        while (true) {
            const int status = archive_read_next_header(reader_, &entry);
            if (status == ARCHIVE_EOF) {
                if (!check_streams()) return false;
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
        const bool is_stream = layers_ != nullptr && layers_->has_failed();
        std::string why = is_stream ? layers_->problem() : reason(reader_);
        salvage();
        gap({}, failure, std::move(why));
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
        const bool is_stopped = budget_.cancel != nullptr && budget_.cancel->cancelled();
        if (is_stopped) failure = ArchiveFailure::kLimit;
        has_gap_ = true;
        is_known_damaged_ |= failure == ArchiveFailure::kCorrupt;
        visitor_.on_gap({std::move(member), failure, std::move(detail)});
    }

  private:
    std::size_t consumed() const {
        const auto used =
            static_cast<std::uint64_t>(std::max<la_int64_t>(archive_filter_bytes(reader_, -1), 0));
        const std::uint64_t count = layers_ != nullptr ? layers_->packed_bytes() : used;
        return static_cast<std::size_t>(std::min<std::uint64_t>(count, packed_.size()));
    }

    // Reads the streams around the archive to their end, which is where a checksum stands. False
    // where a limit ends that.
    bool check_streams() {
        std::string problem;
        if (layers_ != nullptr) {
            std::string why;
            if (!feed_->drain(why)) {
                gap({}, ArchiveFailure::kLimit, std::move(why));
                return false;
            }
            problem = layers_->problem();
        } else if (is_damaged_stream_) {
            problem = "the compressed stream is damaged or cut off";
        }
        if (problem.empty() || is_known_damaged_) return true;
        salvage();
        gap({}, ArchiveFailure::kCorrupt, std::move(problem));
        return true;
    }

    // Looks behind the end, and whether it is one.
    void finish() {
        const bool is_zip =
            (archive_format(reader_) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
        if (layers_ != nullptr) {
            if (layers_->has_failed()) return;
            if (is_zip && !zip_surroundings(feed_->tail()) && !has_gap_) {
                gap({}, ArchiveFailure::kCorrupt, kNoDirectory);
            }
            return rest(packed_.substr(consumed()));
        }
        if (packed_.empty()) {
            if (entries_ > 0 || has_gap_) return;
            return gap({}, ArchiveFailure::kCorrupt, "holds nothing that can be read");
        }
        switch (is_zip ? Container::kZip : container_of(packed_)) {
            case Container::kZip: {
                const auto around = zip_surroundings(packed_);
                if (around) {
                    rest(around->before);
                    rest(around->after);
                } else if (!has_gap_) {
                    gap({}, ArchiveFailure::kCorrupt, kNoDirectory);
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
        if (is_salvaged_ || !stream_around(packed_, name_)) return false;
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
        if (stream_kind(bytes) || !is_archive(bytes.substr(0, kHeadBytes), {})) {
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

    bool has_right_checksum(const MemberBytes& content) const {
        const auto expected = rar5_checksums_.of(entries_ - 1);
        return !expected || *expected == content.checksum();
    }

    // A member that is read as a stream.
    void take_large(ArchiveMember& member, MemberBytes& content, MemberInput& input) {
        member.bytes = input.head();
        visitor_.on_large(member, input);
        input.finish(budget_);
        if (input.outcome == ReadOutcome::kRead && !has_right_checksum(content)) {
            gap(std::move(member.name), ArchiveFailure::kCorrupt, kWrongChecksum);
        }
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
            most = std::min<std::uint64_t>(most, MemberBytes::kPieceBytes);
        }
        std::string why;
        MemberBytes content(reader_, rar5_checksums_.is_rar5() ? Summed::kYes : Summed::kNo);
        ReadOutcome outcome = read_member(reader_, content, meter_, most, unpacked_, why);
        member.is_stored = is_stored_in_zip(reader_);
        if (outcome == ReadOutcome::kRead) {
            member.bytes = unpacked_;
            member.is_part = !has_right_checksum(content);
            ++handed_;
            handed_bytes_ += unpacked_.size();
            visitor_.on_member(member);
            if (member.is_part) {
                gap(std::move(member.name), ArchiveFailure::kCorrupt, kWrongChecksum);
            }
            return true;
        }
        if (outcome == ReadOutcome::kLarge && streams) {
            ++handed_;
            MemberInput rest(reader_, content, meter_, std::move(unpacked_));
            unpacked_.clear();
            take_large(member, content, rest);
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
        if (layers_ != nullptr && layers_->has_failed()) {
            gap({}, ArchiveFailure::kCorrupt, layers_->problem());
            return false;
        }
        gap(std::move(member.name), stops ? ArchiveFailure::kLimit : ArchiveFailure::kCorrupt,
            std::move(why));
        return !stops && !has_salvaged_;
    }

    struct archive* reader_;
    std::string_view packed_;
    std::string_view name_;
    const Rar5Checksums& rar5_checksums_;
    StreamLayers* layers_;
    Feed* feed_;
    bool is_damaged_stream_;
    ArchiveBudget& budget_;
    Meter& meter_;
    const ArchiveVisitor& visitor_;
    bool is_salvaged_;
    std::string unpacked_;
    std::uint64_t entries_ = 0;
    std::uint64_t handed_ = 0;
    std::uint64_t handed_bytes_ = 0;
    bool has_gap_ = false;
    bool is_known_damaged_ = false;
    bool has_salvaged_ = false;
};

// Zeros first libarchive takes for a tar's end.
bool begins_with_zeros(StreamLayers& layers) {
    const std::string_view head = layers.content().peek(kHeadBytes);
    return head.size() == kHeadBytes && without_leading_zeros(head).empty();
}

// What stands outside of an archive that is a file too large for the memory.
class Surroundings {
  public:
    Surroundings(PeekedInput& input, Walk& walk, std::uint64_t most)
        : input_(input), walk_(walk), most_(most) {}

    // Behind a compressed stream of which so many bytes were taken.
    void look_behind_stream(std::uint64_t taken) { rest(taken); }

    void look(struct archive* reader) {
        const std::uint64_t size = input_.size();
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
            return walk_.gap({}, ArchiveFailure::kCorrupt, kNoDirectory);
        }
        walk_.rest(around->after);
        range(0, around->before_bytes);
    }

    // From where the archive ends; where that is not known it is cut off or damaged.
    void rest(std::optional<std::uint64_t> end) {
        if (!end) {
            return walk_.gap({}, ArchiveFailure::kCorrupt, "is cut off or damaged at its end");
        }
        range(*end, input_.size());
    }

    void range(std::uint64_t begin, std::uint64_t end) {
        // Zeros fill up what is written in blocks.
        while (begin < end) {
            const std::string_view piece = bytes(begin, kBlockBytes);
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
        if (!input_.seek(at)) return {};
        return input_.peek(most);
    }

    PeekedInput& input_;
    Walk& walk_;
    std::uint64_t most_;
};

constexpr auto* kBytesFollow = "bytes follow the end of the compressed stream and were not read";

// Behind the end of a compressed stream that is read to its end and not again.
void look_behind(struct archive* reader, Feed& feed, Walk& walk) {
    if (archive_filter_count(reader) < 2) return;
    const auto format = archive_format(reader) & ARCHIVE_FORMAT_BASE_MASK;
    if (format != ARCHIVE_FORMAT_RAW && format != ARCHIVE_FORMAT_TAR) return;
    if (!feed.only_zeros_follow(reader)) walk.gap({}, ArchiveFailure::kCorrupt, kBytesFollow);
}

void walk_input(const Opened& opened, PeekedInput& input, Feed& feed, ArchiveBudget& budget,
                Meter& meter, const ArchiveVisitor& visitor) {
    Walk walk(opened, budget, meter, visitor);
    if (!feed.open(opened.reader)) return walk.fail(ArchiveFailure::kCorrupt);
    if (!walk.run() || visitor.trailing != Trailing::kSearch) return;
    Surroundings surroundings(input, walk, budget.max_member_bytes);
    if (opened.layers != nullptr && input.size() != 0) {
        surroundings.look_behind_stream(opened.layers->packed_bytes());
    } else if (opened.layers != nullptr) {
        if (opened.layers->only_zeros_follow()) return;
        walk.gap({}, ArchiveFailure::kCorrupt, kBytesFollow);
    } else if (input.size() == 0) {
        look_behind(opened.reader, feed, walk);
    } else {
        surroundings.look(opened.reader);
    }
}

void walk_memory(const Opened& opened, ArchiveBudget& budget, const ArchiveVisitor& visitor) {
    Meter meter(budget, opened.packed.size());
    Walk walk(opened, budget, meter, visitor);
    if (archive_read_open_memory(opened.reader, opened.packed.data(), opened.packed.size()) !=
        ARCHIVE_OK) {
        return walk.fail(ArchiveFailure::kCorrupt);
    }
    walk.run();
}

// Of bytes in memory, which have compressed streams around them.
void walk_unpacked(StreamLayers& layers, std::string_view bytes, std::string_view name,
                   ArchiveBudget& budget, const ArchiveVisitor& visitor) {
    Meter meter(budget, bytes.size());
    Feed feed(layers.content(), meter, &layers);
    const Reader reader =
        begins_with_zeros(layers) ? open_raw_reader() : open_reader(visitor.trailing);
    Walk walk({.reader = reader.get(),
               .packed = bytes,
               .name = name,
               .rar5_checksums = feed.rar5_checksums(),
               .layers = &layers,
               .feed = &feed},
              budget, meter, visitor);
    if (!feed.open(reader.get())) return walk.fail(ArchiveFailure::kCorrupt);
    walk.run();
}

}  // namespace

bool is_archive(std::string_view first_bytes, std::string_view name) {
    return has_magic(first_bytes) || stream_around(first_bytes, name) ||
           named_stream(first_bytes, name) != NamedStream::kNone;
}

void walk_archive(std::string_view bytes, std::string_view name, ArchiveBudget& budget,
                  const ArchiveVisitor& visitor) {
    const Utf8Locale utf8;
    const NamedStream stream = named_stream(bytes.substr(0, kHeadBytes), name);
    if (stream != NamedStream::kNone && !has_magic(bytes)) {
        return walk_named_stream(stream, bytes, name, budget, visitor);
    }
    StreamLayers layers(bytes, name, budget.cancel);
    if (!layers.empty()) return walk_unpacked(layers, bytes, name, budget, visitor);
    const bool is_stream = stream_around(bytes, name).has_value();
    if (is_stream && !has_magic(bytes)) {
        return walk_named_stream(NamedStream::kLzma, bytes, name, budget, visitor);
    }
    const Reader reader = open_reader(visitor.trailing);
    Rar5Checksums rar5;
    rar5.add(0, bytes);
    walk_memory({.reader = reader.get(),
                 .packed = bytes,
                 .name = name,
                 .rar5_checksums = rar5,
                 .is_damaged_stream = is_stream},
                budget, visitor);
}

void walk_archive(ArchiveInput& input, std::string_view name, ArchiveBudget& budget,
                  const ArchiveVisitor& visitor) {
    const Utf8Locale utf8;
    PeekedInput packed(input);
    const std::string head(packed.peek(kHeadBytes));
    const NamedStream named = has_magic(head) ? NamedStream::kNone : named_stream(head, name);
    StreamLayers layers = named == NamedStream::kNone
                              ? StreamLayers(packed, name, budget.cancel)
                              : StreamLayers(stream_kind(named), packed, budget.cancel);
    const bool is_stream = named != NamedStream::kNone || stream_around(head, name).has_value();
    Meter meter(budget, input.size());
    StreamLayers* around = layers.empty() ? nullptr : &layers;
    Feed feed(around != nullptr ? layers.content() : packed, meter, around);
    const bool is_raw = around != nullptr && begins_with_zeros(layers);
    const Reader reader = named != NamedStream::kNone ? open_plain_reader()
                          : is_raw                    ? open_raw_reader()
                                                      : open_reader(visitor.trailing);
    walk_input({.reader = reader.get(),
                .name = name,
                .rar5_checksums = feed.rar5_checksums(),
                .layers = around,
                .feed = &feed,
                .is_damaged_stream = is_stream && around == nullptr},
               packed, feed, budget, meter, visitor);
}

void walk_container(ContainerKind kind, std::string_view bytes, ArchiveBudget& budget,
                    const ArchiveVisitor& visitor) {
    const Utf8Locale utf8;
    const Reader reader = open_container_reader(kind);
    Rar5Checksums rar5;
    rar5.add(0, bytes);
    walk_memory(
        {.reader = reader.get(), .packed = bytes, .rar5_checksums = rar5, .salvage = Salvage::kNo},
        budget, visitor);
}

void walk_container(ContainerKind kind, ArchiveInput& input, ArchiveBudget& budget,
                    const ArchiveVisitor& visitor) {
    const Utf8Locale utf8;
    const Reader reader = open_container_reader(kind);
    Meter meter(budget, input.size());
    PeekedInput packed(input);
    Feed feed(packed, meter, nullptr);
    ArchiveVisitor leaving = visitor;
    leaving.trailing = Trailing::kLeave;
    walk_input({.reader = reader.get(), .rar5_checksums = feed.rar5_checksums()}, packed, feed,
               budget, meter, leaving);
}

}  // namespace merlon::text
