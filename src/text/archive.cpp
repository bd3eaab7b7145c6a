#include "text/archive.h"

#include <archive.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "text/archive_end.h"
#include "text/archive_feed.h"
#include "text/archive_meter.h"
#include "text/archive_reader.h"
#include "text/archive_walk.h"
#include "text/named_stream.h"
#include "text/packing.h"
#include "text/peeked_input.h"
#include "text/stream_layers.h"
#include "text/tar_walk.h"
#include "text/text_input.h"

namespace merlon::text {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

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
                                        "\x02\x21\x4C\x18"sv,
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

// What stands outside of an archive that is a file too large for the memory.
class Surroundings {
  public:
    Surroundings(PeekedInput& input, ArchiveOutlet& outlet, std::uint64_t most)
        : input_(input), outlet_(outlet), most_(most) {}

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
            return outlet_.gap({}, ArchiveFailure::kCorrupt, kNoDirectory);
        }
        outlet_.rest(around->after);
        range(0, around->before_bytes);
    }

    // From where the archive ends; where that is not known it is cut off or damaged.
    void rest(std::optional<std::uint64_t> end) {
        if (!end) {
            return outlet_.gap({}, ArchiveFailure::kCorrupt, "is cut off or damaged at its end");
        }
        range(*end, input_.size());
    }

    void range(std::uint64_t begin, std::uint64_t end) {
        // Zeros fill up what is written in blocks.
        while (begin < end) {
            const std::string_view piece = bytes(begin, kBlockBytes);
            if (piece.empty() || !is_zeros(piece)) break;
            begin += piece.size();
        }
        if (begin >= end) return;
        if (end - begin <= most_) {
            return outlet_.rest(bytes(begin, static_cast<std::size_t>(end - begin)));
        }
        outlet_.gap("(rest)", ArchiveFailure::kLimit, kTooLargeMember);
    }

    std::string_view bytes(std::uint64_t at, std::size_t most) {
        if (!input_.seek(at)) return {};
        return input_.peek(most);
    }

    PeekedInput& input_;
    ArchiveOutlet& outlet_;
    std::uint64_t most_;
};

constexpr auto* kBytesFollow = "bytes follow the end of the compressed stream and were not read";

// Behind the end of a compressed stream that is read to its end and not again.
void look_behind(struct archive* reader, Feed& feed, ArchiveOutlet& outlet) {
    if (archive_filter_count(reader) < 2) return;
    if ((archive_format(reader) & ARCHIVE_FORMAT_BASE_MASK) != ARCHIVE_FORMAT_RAW) return;
    if (!feed.only_zeros_follow(reader)) outlet.gap({}, ArchiveFailure::kCorrupt, kBytesFollow);
}

// Behind the streams around an archive that is read from an input.
void look_behind(StreamLayers& layers, PeekedInput& input, ArchiveOutlet& outlet,
                 std::uint64_t most) {
    if (input.size() != 0) {
        return Surroundings(input, outlet, most).look_behind_stream(layers.packed_bytes());
    }
    if (!layers.only_zeros_follow()) outlet.gap({}, ArchiveFailure::kCorrupt, kBytesFollow);
}

void walk_input(const Opened& opened, PeekedInput& input, Feed& feed, ArchiveBudget& budget,
                Meter& meter, const ArchiveVisitor& visitor) {
    Walk walk(opened, budget, meter, visitor);
    if (!feed.open(opened.reader)) return walk.fail(ArchiveFailure::kCorrupt);
    if (!walk.run() || visitor.trailing != Trailing::kSearch) return;
    if (opened.layers != nullptr) {
        look_behind(*opened.layers, input, walk.outlet(), budget.max_member_bytes);
    } else if (input.size() == 0) {
        look_behind(opened.reader, feed, walk.outlet());
    } else {
        Surroundings(input, walk.outlet(), budget.max_member_bytes).look(opened.reader);
    }
}

// Whether its members are listed in one place, which libarchive reads as a whole.
bool is_listed(std::string_view bytes) {
    const std::size_t tail = std::min(bytes.size(), kZipEndBytes);
    return has_directory(bytes) || ends_as_zip(bytes.substr(bytes.size() - tail));
}

void walk_memory(const Opened& opened, ArchiveBudget& budget, const ArchiveVisitor& visitor) {
    Meter meter(budget, opened.packed.size());
    if (opened.packed.size() > kMaxHeaderBytes && !is_listed(opened.packed)) {
        TextInput input(opened.packed);
        Feed feed(input, meter, nullptr);
        Opened bounded = opened;
        bounded.feed = &feed;
        Walk walk(bounded, budget, meter, visitor);
        if (!feed.open(opened.reader)) return walk.fail(ArchiveFailure::kCorrupt);
        walk.run();
        return;
    }
    Walk walk(opened, budget, meter, visitor);
    if (archive_read_open_memory(opened.reader, opened.packed.data(), opened.packed.size()) !=
        ARCHIVE_OK) {
        return walk.fail(ArchiveFailure::kCorrupt);
    }
    walk.run();
}

bool holds_tar(StreamLayers& layers) {
    return looks_like_tar(layers.content().peek(kTarBlockBytes));
}

// Of bytes in memory, which have compressed streams around them.
void walk_unpacked(StreamLayers& layers, std::string_view bytes, std::string_view name,
                   ArchiveBudget& budget, const ArchiveVisitor& visitor) {
    Meter meter(budget, bytes.size());
    if (holds_tar(layers)) {
        TarWalk walk(PackedBytes(layers.content()), &layers, budget, meter, visitor);
        if (!walk.run() || layers.has_failed()) return;
        return walk.outlet().rest(bytes.substr(static_cast<std::size_t>(layers.packed_bytes())));
    }
    Feed feed(layers.content(), meter, &layers);
    const Reader reader = open_reader();
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

void walk_tar(std::string_view bytes, ArchiveBudget& budget, const ArchiveVisitor& visitor) {
    Meter meter(budget, bytes.size());
    TarWalk(PackedBytes(bytes), nullptr, budget, meter, visitor).run();
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
    if (looks_like_tar(bytes)) return walk_tar(bytes, budget, visitor);
    const Reader reader = open_reader();
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
    PeekedInput& content = around != nullptr ? layers.content() : packed;
    if (named == NamedStream::kNone && looks_like_tar(content.peek(kTarBlockBytes))) {
        TarWalk walk(PackedBytes(content), around, budget, meter, visitor);
        const bool is_at_end = walk.run() && visitor.trailing == Trailing::kSearch;
        if (!is_at_end || around == nullptr || layers.has_failed()) return;
        return look_behind(layers, packed, walk.outlet(), budget.max_member_bytes);
    }
    Feed feed(content, meter, around);
    const Reader reader = named != NamedStream::kNone ? open_plain_reader() : open_reader();
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
    if (kind == ContainerKind::kTar) return walk_tar(bytes, budget, visitor);
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
    Meter meter(budget, input.size());
    if (kind == ContainerKind::kTar) {
        TarWalk(PackedBytes(input), nullptr, budget, meter, visitor).run();
        return;
    }
    const Utf8Locale utf8;
    const Reader reader = open_container_reader(kind);
    PeekedInput packed(input);
    Feed feed(packed, meter, nullptr);
    ArchiveVisitor leaving = visitor;
    leaving.trailing = Trailing::kLeave;
    walk_input({.reader = reader.get(), .rar5_checksums = feed.rar5_checksums()}, packed, feed,
               budget, meter, leaving);
}

}  // namespace merlon::text
