#include "base/file_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/hash.h"
#include "base/mapped_file.h"

namespace merlon {
namespace {

namespace fs = std::filesystem;

// An entry: value, key, then magic, key length, value length, checksum of key and value. All
// numbers are 64-bit little endian: a cache may be shared by machines. The value stands first, so
// that a mapped one is aligned as a page is.
constexpr std::string_view kMagic = "merlonC2";
constexpr std::size_t kTrailerBytes = 32;
constexpr std::uint64_t kChecksumSeed = 0x6D65726C6F6E2121;
constexpr std::string_view kSuffix = ".entry";
// Uses are noted this coarsely, so that a hit is seldom a write.
constexpr std::int64_t kTouchAfterNs = std::int64_t{3600} * 1'000'000'000;

void append_number(std::string& out, std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(number >> shift & 0xFF);
}

std::uint64_t read_number(std::string_view bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = 8; i-- > 0;) {
        number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
    }
    return number;
}

std::uint64_t checksum(std::string_view key, std::string_view value) {
    return hash_bytes(value, hash_bytes(key, kChecksumSeed));
}

std::string hex(std::uint64_t number) {
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4) {
        text += "0123456789abcdef"[number >> shift & 0xF];
    }
    return text;
}

// The value of an entry that is whole and of this key.
std::optional<std::string_view> value_of(std::string_view entry, std::string_view key) {
    if (entry.size() < kTrailerBytes + key.size()) return std::nullopt;
    const std::string_view value = entry.substr(0, entry.size() - kTrailerBytes - key.size());
    const std::string_view trailer = entry.substr(entry.size() - kTrailerBytes);
    if (!trailer.starts_with(kMagic) || read_number(trailer.substr(8)) != key.size() ||
        read_number(trailer.substr(16)) != value.size() ||
        entry.substr(value.size(), key.size()) != key ||
        read_number(trailer.substr(24)) != checksum(key, value)) {
        return std::nullopt;
    }
    return value;
}

struct Entry {
    fs::path path;
    std::int64_t used_ns;
    std::uint64_t bytes;
};

std::vector<Entry> list_entries(const std::string& directory) {
    std::vector<Entry> entries;
    std::error_code code;
    for (fs::recursive_directory_iterator it(directory, code), end; !code && it != end;
         it.increment(code)) {
        if (it->path().extension() != kSuffix) continue;
        // Another process may have removed it by now: then it counts for nothing.
        const auto status = file_status(it->path().string(), FollowLinks::kNo);
        if (!status.ok() || status.result.value().kind != FileKind::kRegular) continue;
        entries.push_back(
            {it->path(), status.result.value().modified_ns, status.result.value().size});
    }
    return entries;
}

}  // namespace

std::string FileCache::path_of(std::string_view key) const {
    const std::string id = hex(hash_bytes(key)) + hex(hash_bytes(key, kChecksumSeed));
    return directory_ + '/' + id.substr(0, 2) + '/' + id.substr(2) + std::string(kSuffix);
}

std::optional<std::string> FileCache::get(std::string_view key) const {
    const std::string path = path_of(key);
    const FileResult<FileBytes> file = read_file(path, max_bytes_ + kTrailerBytes + key.size());
    if (!file.ok()) return std::nullopt;
    const std::optional<std::string_view> value = value_of(file.result.value().bytes, key);
    if (!value) return std::nullopt;
    note_use(path);
    return std::string(*value);
}

std::optional<CachedBytes> FileCache::map(std::string_view key) const {
    const std::string path = path_of(key);
    Result<MappedFile> opened = MappedFile::open(path);
    if (!opened.ok()) return std::nullopt;
    const auto file = std::make_shared<const MappedFile>(std::move(opened).value());
    std::size_t value_bytes = 0;
    bool found = false;
    const Status read = file->guarded([&](std::string_view bytes) {
        if (const std::optional<std::string_view> value = value_of(bytes, key)) {
            found = true;
            value_bytes = value->size();
        }
    });
    if (!found || !read.ok()) return std::nullopt;
    note_use(path);
    return CachedBytes{file, file->bytes().substr(0, value_bytes)};
}

void FileCache::note_use(const std::string& path) const {
    const FileResult<FileStatus> status = file_status(path, FollowLinks::kNo);
    const std::int64_t now = clock_.now().nanoseconds;
    if (!status.ok() || now - status.result.value().modified_ns <= kTouchAfterNs) return;
    const timespec time{static_cast<time_t>(now / 1'000'000'000),
                        static_cast<long>(now % 1'000'000'000)};
    const timespec times[2] = {time, time};
    utimensat(AT_FDCWD, path.c_str(), times, 0);
}

void FileCache::put(std::string_view key, std::string_view bytes) {
    const std::uint64_t entry_bytes = kTrailerBytes + key.size() + bytes.size();
    if (entry_bytes > max_bytes_) return;
    const fs::path path = path_of(key);
    std::error_code code;
    if (!fs::exists(directory_, code)) {
        fs::create_directories(directory_, code);
        // What was cached tells what was scanned.
        fs::permissions(directory_, fs::perms::owner_all, code);
    }
    fs::create_directories(path.parent_path(), code);

    std::string entry;
    entry.reserve(entry_bytes);
    entry += bytes;
    entry += key;
    entry += kMagic;
    append_number(entry, key.size());
    append_number(entry, bytes.size());
    append_number(entry, checksum(key, bytes));

    // No fsync: an entry lost with the power is a miss, and so is half of one.
    std::string temporary = path.string() + ".XXXXXX";
    const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);
    if (descriptor < 0) return;
    const bool written = write_all(descriptor, entry).ok();
    const bool closed = ::close(descriptor) == 0;
    if (!written || !closed || ::rename(temporary.c_str(), path.c_str()) != 0) {
        ::unlink(temporary.c_str());
        return;
    }
    // Measured at the first put of a process, and again after each eighth of the limit.
    const std::uint64_t since = put_bytes_.fetch_add(entry_bytes) + entry_bytes;
    if (!measured_.exchange(true) || since > max_bytes_ / 8) {
        put_bytes_ = 0;
        drop_oldest();
    }
}

void FileCache::drop_oldest() {
    std::vector<Entry> entries = list_entries(directory_);
    std::uint64_t total = 0;
    for (const Entry& entry : entries) total += entry.bytes;
    if (total <= max_bytes_) return;
    std::sort(entries.begin(), entries.end(), [](const Entry& left, const Entry& right) {
        return left.used_ns != right.used_ns ? left.used_ns < right.used_ns
                                             : left.path < right.path;
    });
    // Down to three quarters, so that the next put does not measure for one entry.
    for (const Entry& entry : entries) {
        if (total <= max_bytes_ / 4 * 3) break;
        std::error_code code;
        fs::remove(entry.path, code);
        total -= entry.bytes;
    }
}

}  // namespace merlon
