#include "compat/gitleaks/unpack.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "text/archive.h"
#include "text/archive_end.h"
#include "text/tar_walk.h"
#include "text/utf8.h"
#include "text/zip_directory.h"

namespace merlon::compat::gitleaks {
namespace {

using text::ContainerKind;
using text::StreamKind;

constexpr std::size_t kInflateWindow = 32'768;
// What members that share their bytes may unpack to.
constexpr std::uint64_t kSharedBytes = std::uint64_t{1} << 20;

// What gitleaks's library opens of a zip; the others it passes over.
constexpr std::uint16_t kZipMethods[] = {text::kZipStored, text::kZipDeflated, text::kZipBzip2,
                                         text::kZipZstd, text::kZipXz};

// How far a 7z or RAR may stand behind the begin of a file, as behind a program that unpacks it.
constexpr std::size_t kSearchBytes = std::size_t{1} << 20;

struct StreamName {
    std::string_view part;
    StreamKind kind;
};
constexpr StreamName kStreams[] = {
    {".gz", StreamKind::kGzip},   {".bz2", StreamKind::kBzip2}, {".xz", StreamKind::kXz},
    {".zst", StreamKind::kZstd},  {".lz4", StreamKind::kLz4},   {".br", StreamKind::kBrotli},
    {".sz", StreamKind::kSnappy}, {".s2", StreamKind::kSnappy}, {".zz", StreamKind::kZlib}};

struct ContainerName {
    std::string_view part;
    ContainerKind kind;
};
constexpr ContainerName kContainers[] = {{".zip", ContainerKind::kZip},
                                         {".tar", ContainerKind::kTar},
                                         {".7z", ContainerKind::kSevenZip},
                                         {".rar", ContainerKind::kRar}};

std::string lower_base_name(std::string_view path) {
    while (path.ends_with('/')) path.remove_suffix(1);
    std::string name(path.substr(path.rfind('/') + 1));
    for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    return name;
}

// The kind whose part stands last in the name.
template <typename Kind, typename Names>
std::optional<Kind> last_of(const std::string& name, const Names& names) {
    std::optional<Kind> found;
    std::size_t last = 0;
    for (const auto& candidate : names) {
        const std::size_t at = name.rfind(candidate.part);
        if (at == std::string::npos || (found && at < last)) continue;
        found = candidate.kind;
        last = at;
    }
    return found;
}

// What is lost where a stream ends too early or is damaged: whether gitleaks's reader of this kind
// says so with the last bytes or behind them. That of inflate does with them, unless they filled
// its window.
Reach damaged_reach(StreamKind kind, text::StreamState state, std::size_t last_piece_bytes) {
    switch (kind) {
        case StreamKind::kGzip:
        case StreamKind::kZlib:
        case StreamKind::kDeflate:
            return last_piece_bytes == kInflateWindow ? Reach::kButOpenPiece : Reach::kButLastPiece;
        case StreamKind::kBrotli:
            return state == text::StreamState::kCut ? Reach::kButOpenPiece : Reach::kButLastPiece;
        case StreamKind::kBzip2:
        case StreamKind::kSnappy:
            return Reach::kButOpenPiece;
        case StreamKind::kXz:
        case StreamKind::kLzma:
        case StreamKind::kLzip:
        case StreamKind::kZstd:
        case StreamKind::kLz4:
            break;
    }
    return Reach::kButLastPiece;
}

// The size of the last of pieces that end at these places.
std::size_t last_piece_bytes(const std::vector<std::size_t>& ends) {
    if (ends.empty()) return 0;
    return ends.back() - (ends.size() > 1 ? ends[ends.size() - 2] : 0);
}

// gitleaks's reader of lzip goes by the size that stands in the last bytes, and by nothing else
// there; that of zlib stops at the end.
Reach reach_of(StreamKind kind, std::string_view packed, const text::UnpackedStream& unpacked) {
    if (kind == StreamKind::kLzip) {
        constexpr std::size_t kSizeFromEnd = 16;
        constexpr std::size_t kSizeBytes = 8;
        std::uint64_t size = 0;
        if (packed.size() < kSizeFromEnd) return Reach::kNothing;
        for (std::size_t i = kSizeBytes; i-- > 0;)
            size = size << 8 | static_cast<unsigned char>(packed[packed.size() - kSizeFromEnd + i]);
        const std::size_t first =
            unpacked.pieces.empty() ? unpacked.bytes.size() : unpacked.pieces.front();
        return size == first ? Reach::kWhole : Reach::kNothing;
    }
    if (unpacked.state == text::StreamState::kEnd) return Reach::kWhole;
    const bool stops = kind == StreamKind::kZlib && unpacked.state == text::StreamState::kTrailing;
    if (stops) return Reach::kWhole;
    return damaged_reach(kind, unpacked.state, last_piece_bytes(unpacked.pieces));
}

// Whether gitleaks fails on nothing at all under such a name: of an archive its libraries want to
// see one, but for those of some streams, to which nothing is an empty one.
bool fails_when_empty(const Packing& packing) {
    if (!packing.container) return false;
    if (*packing.container != ContainerKind::kTar) return true;
    return packing.stream && *packing.stream != StreamKind::kZstd &&
           *packing.stream != StreamKind::kLz4 && *packing.stream != StreamKind::kSnappy;
}

constexpr const char* kBytesFollow = "bytes follow the archive's end and were not read";

constexpr std::string_view kLz4Magic = "\x04\x22\x4D\x18";

// Where the first frame of lz4 begins behind those that are passed over.
std::string_view first_lz4_frame(std::string_view packed) {
    constexpr std::size_t kHeaderBytes = 8;
    while (packed.size() >= kHeaderBytes && text::is_skippable_frame(packed)) {
        const std::uint64_t bytes = kHeaderBytes + text::little_endian(packed, 4, 4);
        packed.remove_prefix(
            static_cast<std::size_t>(std::min<std::uint64_t>(bytes, packed.size())));
    }
    return packed;
}

// How much gitleaks's library gives of an lz4 frame whose blocks have checksums, of which it wants
// those of what they hold: what is in front of the first block that is packed. npos: all.
// ("LZ4 Frame Format", "Frame Descriptor" and "Data Blocks".)
std::size_t lz4_bytes_in_front_of_checksum(std::string_view packed) {
    constexpr unsigned kBlockChecksums = 0x10;
    constexpr unsigned kContentSize = 0x08;
    constexpr std::size_t kFlagsAt = 4;
    constexpr std::size_t kNumberBytes = 4;
    const std::string_view frame = first_lz4_frame(packed);
    if (!frame.starts_with(kLz4Magic) || frame.size() <= kFlagsAt) return frame.npos;
    const auto flags = static_cast<unsigned char>(frame[kFlagsAt]);
    if ((flags & kBlockChecksums) == 0) return frame.npos;
    std::size_t at = 7 + ((flags & kContentSize) != 0 ? 8U : 0U);
    std::size_t stored = 0;
    while (at + kNumberBytes <= frame.size()) {
        const std::uint64_t block = text::little_endian(frame, at, kNumberBytes);
        const std::uint64_t bytes = block & 0x7FFFFFFF;
        if (block == 0) break;
        if (block == bytes) return stored;
        stored += static_cast<std::size_t>(bytes);
        at += kNumberBytes + static_cast<std::size_t>(bytes) + kNumberBytes;
    }
    return frame.npos;
}

// Of an unpacked lz4: its library reads one frame, and fails only if it is asked for more.
void set_lz4_reach(std::string_view packed, const text::UnpackedStream& unpacked, Member& member) {
    member.reached_bytes = lz4_bytes_in_front_of_checksum(packed);
    if (member.reached_bytes != packed.npos) {
        member.reach = Reach::kButLastPiece;
    } else if (first_lz4_frame(packed).starts_with(kLz4Magic)) {
        const bool is_last = unpacked.pieces.empty();
        if (!is_last) member.reached_bytes = unpacked.pieces.front();
        if (!is_last || unpacked.state == text::StreamState::kTrailing) {
            member.reach = Reach::kButOpenPiece;
        }
    }
}

class Unpacker {
  public:
    Unpacker(const VisitMember& visit,
             const std::function<void(std::string_view, std::string)>& failed,
             const CancelToken* cancel)
        : visit_(visit), failed_(failed) {
        budget_.cancel = cancel;
    }

    void unpack_text(StreamKind kind, std::string_view packed) {
        const text::UnpackedStream unpacked = text::unpack_stream(kind, packed, budget_);
        if (!unpacked.bytes.empty()) {
            Member member{{}, unpacked.bytes, {0, 0, &unpacked.pieces}};
            member.reach = reach_of(kind, packed, unpacked);
            if (kind == StreamKind::kLz4) set_lz4_reach(packed, unpacked, member);
            visit_(member);
        }
        if (unpacked.state != text::StreamState::kEnd) tell({}, unpacked.gap.detail);
    }

    void unpack_compressed_tar(StreamKind kind, std::string_view packed) {
        if (kind == StreamKind::kLzip) return unpack_lzip_tar(packed);
        text::StreamInput input(kind, packed, budget_);
        stream_ = &input;
        if (kind == StreamKind::kLz4) {
            is_first_frame_all_ = first_lz4_frame(packed).starts_with(kLz4Magic);
            stream_end_ = lz4_bytes_in_front_of_checksum(packed);
        }
        unpack_tar(text::PackedBytes(input), 0, {0, 0, &input.pieces()});
        stream_ = nullptr;
    }

    void unpack_container(ContainerKind kind, std::string_view bytes, const ReadBlocks& blocks) {
        if (kind == ContainerKind::kZip) return unpack_zip(bytes);
        if (kind == ContainerKind::kTar) {
            return unpack_tar(text::PackedBytes(bytes), bytes.size(), blocks);
        }
        const std::string_view magic = kind == ContainerKind::kSevenZip
                                           ? std::string_view("7z\xBC\xAF\x27\x1C")
                                           : std::string_view("Rar!\x1A\7");
        const std::size_t begin = bytes.substr(0, kSearchBytes).find(magic);
        if (begin != std::string_view::npos) bytes.remove_prefix(begin);
        text::walk_container(kind, bytes, budget_, visitor_of(kind));
    }

    Outcome outcome() const { return has_failed_ ? Outcome::kBroken : Outcome::kComplete; }

  private:
    // What a walk of libarchive tells is counted there.
    void tell(std::string_view member, std::string why) {
        if (budget_.take_gap(why)) failed_(member, std::move(why));
    }

    // Of this one gitleaks has all or nothing.
    void unpack_lzip_tar(std::string_view packed) {
        const text::UnpackedStream unpacked =
            text::unpack_stream(StreamKind::kLzip, packed, budget_);
        has_failed_ = reach_of(StreamKind::kLzip, packed, unpacked) != Reach::kWhole;
        unpack_tar(text::PackedBytes(unpacked.bytes), unpacked.bytes.size(), {});
        if (unpacked.state != text::StreamState::kEnd && !failed_whole_)
            tell({}, unpacked.gap.detail);
    }

    // `size`: of the tar, 0 where that is not known.
    void unpack_tar(text::PackedBytes packed, std::uint64_t size, const ReadBlocks& blocks) {
        text::Meter meter(budget_, size);
        text::MeteredTar tar(std::move(packed), text::TarReading::kAsGo, meter, nullptr);
        while (const auto step = tar.next()) {
            switch (*step) {
                case text::TarStep::kMore:
                    break;
                case text::TarStep::kMember:
                    if (!take_tar_member(tar, blocks)) return;
                    break;
                case text::TarStep::kRefusal:
                case text::TarStep::kFlaw:
                    fail_whole(tar.reader().problem());
                    break;
                case text::TarStep::kEnd:
                    return look_behind(tar);
            }
        }
        fail_whole(tar.why());
    }

    void fail_whole(std::string why) {
        has_failed_ = true;
        failed_whole_ = true;
        tell({}, std::move(why));
    }

    // Only a stream that fails there ends the archives around this one.
    void look_behind(text::MeteredTar& tar) {
        const std::optional<bool> follows = tar.skip_zeros();
        if (!follows || *follows) return tell({}, follows ? kBytesFollow : tar.why());
        const auto& error = tar.reader().packed().error();
        if (error && !has_failed_) tell({}, error->message);
    }

    // False where a limit ends the tar.
    bool take_tar_member(text::MeteredTar& tar, const ReadBlocks& blocks) {
        const text::TarMember& found = tar.member();
        if (found.kind == text::TarKind::kFolder && found.size == 0) return true;
        if (budget_.members_left == 0) {
            fail_whole("too many members");
            return false;
        }
        --budget_.members_left;
        Member member{found.name, {}, {}};
        const text::ReadOutcome outcome = tar.read_content(budget_.max_member_bytes, member.bytes);
        // What a sparse file gives is put together, whatever the reads below it give.
        if (!found.is_sparse) {
            member.blocks = blocks;
            member.blocks.offset += found.offset;
        }
        member.blocks.tells_end_with_bytes = true;
        const bool is_folder = found.kind == text::TarKind::kFolder;
        const bool is_whole = outcome == text::ReadOutcome::kRead;
        if (has_failed_ || is_folder) {
            member.reach = Reach::kNothing;
        } else if (!is_whole) {
            member.reach = found.is_sparse ? Reach::kButLastPiece : part_reach(blocks);
        }
        limit_to_stream(found, tar.reader().packed().taken(), member);
        if (is_folder) tell(found.name, "is a folder by its mode, and has content");
        if (is_whole || outcome == text::ReadOutcome::kFailed) {
            if (visit_(member) == Outcome::kBroken) has_failed_ = true;
        }
        if (is_whole) return true;
        has_failed_ = true;
        tell(found.name, outcome == text::ReadOutcome::kLarge
                             ? "is larger than the limit for one member"
                             : tar.why());
        return outcome == text::ReadOutcome::kFailed;
    }

    // What stands behind the end of the first frame of an lz4 gitleaks does not see: where that is
    // at the end of a block it is the tar's end, else a cut. `end`: of the member's content.
    void limit_to_stream(const text::TarMember& found, std::uint64_t end, Member& member) {
        if (is_first_frame_all_ && !stream_->pieces().empty()) {
            stream_end_ = std::min(stream_end_, stream_->pieces().front());
        }
        if (end <= stream_end_) return;
        const bool is_unseen = found.offset > stream_end_;
        if (is_unseen) {
            member.reach = Reach::kNothing;
        } else if (member.reach == Reach::kWhole) {
            member.reach = Reach::kButLastPiece;
            member.reached_bytes = stream_end_ - static_cast<std::size_t>(found.offset);
        }
        has_failed_ |= !is_unseen || stream_end_ % text::kTarBlockBytes != 0;
    }

    // gitleaks reads by the directory alone, as this does. What it does not open is looked for by
    // libarchive, which knows more methods, and goes by the members' own headers where it has to.
    void unpack_zip(std::string_view bytes) {
        const auto directory = text::read_zip_directory(bytes);
        if (!directory.ok()) {
            has_failed_ = true;
            tell({}, directory.error().message);
            return walk_zip(bytes, nullptr);
        }
        NamesLeft left;
        for (const text::ZipEntry& entry : directory.value()) {
            if (entry.is_folder) continue;
            if (!take_entry(bytes, entry)) ++left[std::string(entry.name)];
        }
        if (!left.empty()) walk_zip(bytes, &left);
        const auto around = text::zip_surroundings(bytes);
        if (!around) return;
        if (!around->before.empty()) tell({}, "an archive in front of this one was not read");
        if (around->after.size() > around->comment_bytes) tell({}, kBytesFollow);
    }

    // How many members of a name are still to be read.
    using NamesLeft = std::map<std::string, std::size_t, std::less<>>;

    // All of it, or of these names.
    void walk_zip(std::string_view bytes, NamesLeft* left) {
        text::ArchiveVisitor visitor;
        visitor.on_gap = [this, left](text::ArchiveGap gap) {
            if (left == nullptr) failed_(gap.member, std::move(gap.detail));
        };
        visitor.on_member = [this, left](const text::ArchiveMember& member) {
            if (left != nullptr) {
                const auto at = left->find(member.name);
                if (at == left->end() || at->second == 0) return;
                --at->second;
            }
            visit_({member.name, member.bytes, {}, Reach::kNothing});
        };
        text::walk_container(ContainerKind::kZip, bytes, budget_, visitor);
    }

    // gitleaks's library pays no heed to the bit that asks for a password; what is right by size
    // and checksum needs none.
    Result<text::ZipContent> open_entry(std::string_view bytes, const text::ZipEntry& entry) {
        if (entry.is_encrypted()) {
            text::ZipEntry open = entry;
            open.flags &= 0xFFFE;
            auto content = text::unpack_zip_entry(bytes, open, budget_);
            if (content.ok() && content.value().is_whole()) return content;
        }
        return text::unpack_zip_entry(bytes, entry, budget_);
    }

    // False where it was not opened, which is a gap.
    bool take_entry(std::string_view bytes, const text::ZipEntry& entry) {
        if (budget_.members_left == 0) {
            tell(entry.name, "too many members");
            return true;
        }
        --budget_.members_left;
        if (!is_honest(bytes, entry)) return true;
        const auto content = open_entry(bytes, entry);
        if (!content.ok()) {
            tell(entry.name, content.error().message);
            return false;
        }
        const text::ZipContent& found = content.value();
        const bool is_known = std::ranges::find(kZipMethods, entry.method) != std::end(kZipMethods);
        Member member{std::string(entry.name), found.bytes(), {}};
        if (entry.method == text::kZipDeflated) {
            member.blocks.ends = &found.pieces;
            member.blocks.tells_end_with_bytes = last_piece_bytes(found.pieces) != kInflateWindow;
        }
        if (has_failed_ || !is_known) {
            member.reach = Reach::kNothing;
        } else if (!found.has_right_content) {
            member.reach = zip_part_reach(found, entry);
        }
        if (!found.is_whole()) tell(entry.name, found.gap.detail);
        if (visit_(member) == Outcome::kBroken) has_failed_ = true;
        return true;
    }

    // Members that together have more packed bytes than the archive share some of them: thousands
    // of names for one member make gigabytes of a few bytes. A few such are read.
    bool is_honest(std::string_view zip, const text::ZipEntry& entry) {
        zip_packed_bytes_ += std::min<std::uint64_t>(entry.packed_bytes, zip.size());
        zip_unpacked_bytes_ += std::min(entry.unpacked_bytes, budget_.max_member_bytes);
        if (zip_packed_bytes_ <= zip.size() || zip_unpacked_bytes_ <= kSharedBytes) return true;
        if (!tells_shared_) tell(entry.name, "shares its bytes with other members, as bombs do");
        tells_shared_ = true;
        return false;
    }

    // What is stored comes as it stands, and what is wrong with it when it has come.
    static Reach zip_part_reach(const text::ZipContent& content, const text::ZipEntry& entry) {
        if (entry.method != text::kZipDeflated) return Reach::kButOpenPiece;
        return damaged_reach(StreamKind::kDeflate, content.state, last_piece_bytes(content.pieces));
    }

    // Of a 7z or RAR, which go on behind a damaged member.
    text::ArchiveVisitor visitor_of(ContainerKind kind) {
        text::ArchiveVisitor visitor;
        visitor.trailing = text::Trailing::kSearch;
        visitor.on_member = [this, kind](const text::ArchiveMember& member) { take(kind, member); };
        visitor.on_gap = [this](text::ArchiveGap gap) {
            if (gap.member.empty()) has_failed_ = failed_whole_ = true;
            failed_(gap.member, std::move(gap.detail));
        };
        return visitor;
    }

    void take(ContainerKind kind, const text::ArchiveMember& member) {
        if (member.name == "(rest)") return tell({}, kBytesFollow);
        Member found{member.name, member.bytes, {}};
        if (has_failed_) {
            found.reach = Reach::kNothing;
        } else if (member.is_part && kind != ContainerKind::kSevenZip) {
            // (Of a 7z gitleaks does not look at the checksums.)
            found.reach = part_reach({});
        }
        if (visit_(found) == Outcome::kBroken) has_failed_ = true;
    }

    // `blocks`: of the bytes that end too early.
    Reach part_reach(const ReadBlocks& blocks) const {
        if (stream_ == nullptr) {
            return blocks.tells_end_with_bytes ? Reach::kButLastPiece : Reach::kButOpenPiece;
        }
        return damaged_reach(stream_->kind(), stream_->state(),
                             last_piece_bytes(stream_->pieces()));
    }

    const VisitMember& visit_;
    const std::function<void(std::string_view, std::string)>& failed_;
    text::ArchiveBudget budget_{Limits{}};
    const text::StreamInput* stream_ = nullptr;        // around the container that is walked
    bool is_first_frame_all_ = false;                  // of that stream, to gitleaks
    std::size_t stream_end_ = std::string_view::npos;  // of it, where that is known
    std::uint64_t zip_packed_bytes_ = 0;               // of the members that were taken
    std::uint64_t zip_unpacked_bytes_ = 0;
    bool tells_shared_ = false;
    bool has_failed_ = false;    // what comes now gitleaks does not see
    bool failed_whole_ = false;  // the archive, not a member
};

}  // namespace

Packing packing_of(std::string_view path) {
    const std::string name = lower_base_name(path);
    Packing packing;
    packing.stream = last_of<StreamKind>(name, kStreams);
    packing.container = last_of<ContainerKind>(name, kContainers);
    if (!packing.stream && name.ends_with(".lz")) packing.stream = StreamKind::kLzip;
    packing.is_minlz = !packing.stream && name.ends_with(".mz");
    return packing;
}

bool begins_as_text(std::string_view first_bytes) {
    while (!first_bytes.empty()) {
        const text::CodePoint point = text::decode_utf8(first_bytes);
        const bool is_cut = first_bytes.size() < 4;  // a code point may go on behind these bytes
        const bool is_blank = point.value >= '\t' && point.value <= '\r';
        if (!point.valid) return is_cut;
        if ((point.value < ' ' && !is_blank) || point.value == 0x7F) return false;
        first_bytes.remove_prefix(point.width);
    }
    return true;
}

Outcome unpack(std::string_view bytes, const Packing& packing, const ReadBlocks& blocks,
               const VisitMember& visit,
               const std::function<void(std::string_view name, std::string reason)>& failed,
               const CancelToken* cancel) {
    if (packing.is_minlz) {
        failed({}, "MinLZ compression is not supported");
        return Outcome::kComplete;
    }
    if (bytes.empty()) {
        if (!fails_when_empty(packing)) return Outcome::kComplete;
        failed({}, "is empty, and no archive");
        return Outcome::kBroken;
    }
    Unpacker unpacker(visit, failed, cancel);
    if (!packing.stream) {
        unpacker.unpack_container(*packing.container, bytes, blocks);
    } else if (!packing.container) {
        unpacker.unpack_text(*packing.stream, bytes);
    } else if (*packing.container == ContainerKind::kTar) {
        unpacker.unpack_compressed_tar(*packing.stream, bytes);
    } else {
        // gitleaks cannot go to and fro in what it unpacks.
        failed({},
               "the name says a compressed zip, 7z or rar, which gitleaks does not open; `merlon "
               "scan secrets` does");
        return Outcome::kBroken;
    }
    return unpacker.outcome();
}

}  // namespace merlon::compat::gitleaks
