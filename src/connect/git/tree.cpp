#include "connect/git/tree.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace merlon::connect::git {
namespace {

FileMode normalised(std::uint32_t mode) {
    switch (mode & 0170000) {
        case 0100000:
            return (mode & 0100) != 0 ? FileMode::kExecutable : FileMode::kRegular;
        case 0120000:
            return FileMode::kSymlink;
        case 0040000:
            return FileMode::kTree;
        default:
            return FileMode::kSubmodule;
    }
}

// The bytes of a mode and its blank; 0 where it is none of those that git writes.
std::size_t usual_mode_bytes(std::string_view entry) {
    using namespace std::string_view_literals;
    const std::string_view mode = entry.substr(0, 7);
    if (mode == "100644 "sv) return mode.size();
    if (mode.substr(0, 6) == "40000 "sv) return 6;
    return mode == "100755 "sv || mode == "120000 "sv || mode == "160000 "sv ? mode.size() : 0;
}

}  // namespace

EntryRun whole_entries(std::string_view bytes, HashAlgorithm algorithm) {
    const std::size_t id_bytes = hash_bytes_of(algorithm);
    EntryRun run;
    while (true) {
        const std::string_view rest = bytes.substr(run.bytes);
        const std::size_t mode = usual_mode_bytes(rest);
        if (mode == 0) return run;
        const std::size_t name_end = rest.find('\0', mode);
        if (name_end == std::string_view::npos || name_end == mode ||
            rest.size() - name_end <= id_bytes) {
            return run;
        }
        run.last = run.bytes;
        run.bytes += name_end + 1 + id_bytes;
    }
}

Error TreeCursor::malformed(std::string_view what) const {
    return Error{"malformed tree entry at byte " + std::to_string(at_) + ": " + std::string(what),
                 at_};
}

Result<bool> TreeCursor::next() {
    if (at_ == bytes_.size()) return false;
    const std::string_view rest = bytes_.substr(at_);
    const std::size_t id_bytes = hash_bytes_of(algorithm_);

    std::uint32_t mode = 0;
    std::size_t i = 0;
    for (; i < rest.size() && rest[i] >= '0' && rest[i] <= '7' && i < 7; ++i)
        mode = mode * 8 + static_cast<std::uint32_t>(rest[i] - '0');
    if (i == 0 || i == rest.size() || rest[i] != ' ')
        return malformed("an octal mode and a space were expected");
    const std::size_t name_begin = i + 1;
    const std::size_t name_end = rest.find('\0', name_begin);
    if (name_end == std::string_view::npos) return malformed("the name has no end");
    if (name_end == name_begin) return malformed("the name is empty");
    if (rest.size() - name_end - 1 < id_bytes) return malformed("the object id is cut short");

    entry_.mode = normalised(mode);
    entry_.name = rest.substr(name_begin, name_end - name_begin);
    entry_.id = ObjectId::from_bytes(algorithm_, rest.data() + name_end + 1);
    at_ += name_end + 1 + id_bytes;
    return true;
}

int compare_entries(const TreeEntry& left, const TreeEntry& right) {
    const std::size_t common = std::min(left.name.size(), right.name.size());
    const int order = std::memcmp(left.name.data(), right.name.data(), common);
    if (order != 0) return order;
    const auto next_byte = [common](const TreeEntry& entry) {
        if (entry.name.size() > common) return int{static_cast<unsigned char>(entry.name[common])};
        return entry.mode == FileMode::kTree ? int{'/'} : 0;
    };
    return next_byte(left) - next_byte(right);
}

std::string_view order_defect(const TreeEntry& entry, const TreeEntry& next) {
    if (entry.name == next.name) return "the same name stands twice in a tree (duplicateEntries)";
    if (compare_entries(entry, next) > 0)
        return "the names of a tree are not in order (treeNotSorted)";
    return {};
}

bool is_unsafe_name(std::string_view name) {
    if (name.empty() || name == "." || name == "..") return true;
    if (name.find('/') != std::string_view::npos) return true;
    if (name.size() != 4 || name[0] != '.') return false;
    return (name[1] | 0x20) == 'g' && (name[2] | 0x20) == 'i' && (name[3] | 0x20) == 't';
}

}  // namespace merlon::connect::git
