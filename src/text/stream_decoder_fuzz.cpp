// Any bytes are a compressed stream of each kind, or the begin of one, and a container of each
// kind, or none: under the limits, and with a word where something could not be read. The first
// byte chooses.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "text/archive_end.h"
#include "text/stream_input.h"
#include "text/text_input.h"
#include "text/zip_directory.h"

namespace {

using namespace merlon;

Limits small_limits() {
    Limits limits;
    limits.max_archive_bytes = std::uint64_t{8} << 20;
    limits.max_archive_member_bytes = std::uint64_t{1} << 20;
    limits.max_archive_members = 100;
    return limits;
}

// An input gives what memory gives.
void check_input(text::StreamKind kind, std::string_view bytes,
                 const text::UnpackedStream& unpacked) {
    if (unpacked.gap.failure == text::ArchiveFailure::kLimit) return;
    text::TextInput input(bytes);
    text::StreamPieces pieces(kind, text::PackedBytes(input));
    std::string all;
    while (text::goes_on(pieces.state())) {
        pieces.next();
        all += pieces.piece();
    }
    MERLON_ASSERT(all == unpacked.bytes && pieces.state() == unpacked.state);
}

void check_stream(text::StreamKind kind, std::string_view bytes) {
    text::ArchiveBudget budget(small_limits());
    const auto unpacked = text::unpack_stream(kind, bytes, budget);
    check_input(kind, bytes, unpacked);
    MERLON_ASSERT(unpacked.bytes.size() <= budget.max_member_bytes);
    MERLON_ASSERT((unpacked.state == text::StreamState::kEnd) == unpacked.gap.detail.empty());
    std::size_t last = 0;
    for (const std::size_t end : unpacked.pieces) {
        MERLON_ASSERT(end > last && end <= unpacked.bytes.size());
        last = end;
    }
}

void check_container(text::ContainerKind kind, std::string_view bytes) {
    text::ArchiveBudget budget(small_limits());
    std::size_t members = 0;
    text::ArchiveVisitor visitor;
    visitor.trailing = text::Trailing::kSearch;
    visitor.on_member = [&](const text::ArchiveMember&) { ++members; };
    visitor.on_gap = [](const text::ArchiveGap& gap) { MERLON_ASSERT(!gap.detail.empty()); };
    text::walk_container(kind, bytes, budget, visitor);
    MERLON_ASSERT(members <= 100);
}

// Under limits, and nothing is handed out that is not the archive's or unpacked from it.
void check_zip_directory(std::string_view bytes) {
    const auto entries = text::read_zip_directory(bytes);
    if (!entries.ok()) return;
    Limits limits;
    limits.max_archive_bytes = std::uint64_t{1} << 20;
    text::ArchiveBudget budget(limits);
    for (const text::ZipEntry& entry : entries.value()) {
        const auto content = text::unpack_zip_entry(bytes, entry, budget);
        if (!content.ok()) continue;
        MERLON_ASSERT(!content.value().is_whole() ||
                      content.value().bytes().size() == entry.unpacked_bytes);
    }
}

// In pieces as in one.
void check_checksums(std::string_view bytes) {
    text::Rar5Checksums whole;
    whole.add(0, bytes);
    text::Rar5Checksums pieces;
    for (std::size_t at = 0; at < bytes.size(); at += 5) pieces.add(at, bytes.substr(at, 7));
    MERLON_ASSERT(whole.is_rar5() == pieces.is_rar5());
    for (std::uint64_t entry = 0; entry < 10; ++entry) {
        MERLON_ASSERT(whole.of(entry) == pieces.of(entry));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint8_t kStreams = static_cast<std::uint8_t>(text::StreamKind::kSnappy) + 1;
    constexpr std::uint8_t kContainers = static_cast<std::uint8_t>(text::ContainerKind::kRar) + 1;
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto choice = static_cast<std::uint8_t>(data[0] % (kStreams + kContainers));
    if (choice < kStreams) {
        check_stream(static_cast<text::StreamKind>(choice), bytes);
    } else {
        check_container(static_cast<text::ContainerKind>(choice - kStreams), bytes);
        check_zip_directory(bytes);
        check_checksums(bytes);
    }
    return 0;
}
