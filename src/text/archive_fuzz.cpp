// Any bytes under any known name: members within the limits, or gaps that say why.

#include "text/archive.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    using namespace merlon::text;
    constexpr std::string_view kNames[] = {"a.zip", "a.tar",  "a.tar.gz", "a.7z",  "a.rar",
                                           "a.gz",  "a.bz2",  "a.xz",     "a.zst", "a.lz4",
                                           "a.lz",  "a.zlib", "a.br",     "a.sz",  "a"};
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string_view name = kNames[data[0] % std::size(kNames)];
    Limits limits;
    limits.max_archive_bytes = 1 << 20;
    limits.max_archive_member_bytes = 1 << 18;
    limits.max_archive_members = 100;
    ArchiveBudget budget(limits);
    std::uint64_t unpacked = 0, members = 0;
    (void)is_archive(bytes.substr(0, 512), name);
    walk_archive(
        bytes, name, budget,
        [&](const ArchiveMember& member) {
            ++members;
            unpacked += member.bytes.size();
            if (member.bytes.size() > limits.max_archive_member_bytes) std::abort();
        },
        [](const ArchiveGap& gap) {
            if (gap.failure == ArchiveFailure::kNone) std::abort();
        });
    if (unpacked > limits.max_archive_bytes || members > limits.max_archive_members) std::abort();
    return 0;
}
