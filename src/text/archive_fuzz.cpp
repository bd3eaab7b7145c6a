// Any bytes under any known name: members within the limits, or gaps that say why.

#include "text/archive.h"

#include <cstdlib>

#include "text/text_input.h"

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
    std::uint64_t unpacked = 0, members = 0;
    (void)is_archive(bytes.substr(0, 512), name);
    ArchiveVisitor visitor;
    visitor.trailing = Trailing::kSearch;
    visitor.on_member = [&](const ArchiveMember& member) {
        ++members;
        unpacked += member.bytes.size();
        if (member.bytes.size() > limits.max_archive_member_bytes) std::abort();
    };
    visitor.on_gap = [](const ArchiveGap& gap) {
        if (gap.failure == ArchiveFailure::kNone) std::abort();
    };
    ArchiveBudget budget(limits);
    walk_archive(bytes, name, budget, visitor);
    if (unpacked > limits.max_archive_bytes || members > limits.max_archive_members) std::abort();

    // The same from a stream, with members that are streams themselves.
    visitor.large_bytes = 1 << 10;
    visitor.on_large = [&](const ArchiveMember& member, ArchiveInput& content) {
        if (member.bytes.empty()) std::abort();
        std::string buffer(512, '\0');
        while (true) {
            const Result<std::size_t> count = content.read(buffer);
            if (!count.ok() || count.value() == 0) return;
            unpacked += count.value();
        }
    };
    unpacked = members = 0;
    ArchiveBudget rest(limits);
    TextInput input(bytes);
    walk_archive(input, name, rest, visitor);
    if (unpacked > limits.max_archive_bytes || members > limits.max_archive_members) std::abort();
    return 0;
}
