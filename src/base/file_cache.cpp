#include "base/file_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <span>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/hash.h"

namespace merlon {
namespace {

namespace fs = std::filesystem;

// An entry: value, a checksum for each piece of it, key, then magic, key length, value length, and
// the checksum of key and checksums. All numbers are 64-bit little endian: a cache may be shared by
// machines.
constexpr std::string_view kMagic = "merlonC3";
constexpr std::size_t kTrailerBytes = 32;
constexpr std::size_t kPieceBytes = std::size_t{16} << 10;
constexpr std::size_t kChecksumBytes = 8;
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

std::size_t piece_count(std::uint64_t value_bytes) {
    return static_cast<std::size_t>((value_bytes + kPieceBytes - 1) / kPieceBytes);
}

std::string checksums_of(std::string_view value) {
    std::string checksums;
    for (std::size_t at = 0; at < value.size(); at += kPieceBytes) {
        append_number(checksums, hash_bytes(value.substr(at, kPieceBytes), kChecksumSeed));
    }
    return checksums;
}

std::string hex(std::uint64_t number) {
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4) {
        text += "0123456789abcdef"[number >> shift & 0xF];
    }
    return text;
}

// What stands behind the value.
std::string end_of_entry(std::string_view key, std::string_view value) {
    std::string end = checksums_of(value);
    end += key;
    const std::uint64_t checksum = hash_bytes(end, kChecksumSeed);
    end += kMagic;
    append_number(end, key.size());
    append_number(end, value.size());
    append_number(end, checksum);
    return end;
}

// A file that is closed with its last reader.
class OpenFile {
  public:
    explicit OpenFile(const std::string& path)
        : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) {
        struct stat status{};
        if (descriptor_ < 0 || fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return;
        size_bytes_ = static_cast<std::uint64_t>(status.st_size);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    ~OpenFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    // 0 for what is not a regular file.
    std::uint64_t size_bytes() const { return size_bytes_; }
    bool read(std::uint64_t offset, std::span<std::byte> out) const {
        while (!out.empty()) {
            const ssize_t count =
                ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return false;
            out = out.subspan(static_cast<std::size_t>(count));
            offset += static_cast<std::uint64_t>(count);
        }
        return true;
    }

  private:
    int descriptor_;
    std::uint64_t size_bytes_ = 0;
};

std::string_view text_of(std::span<const std::byte> bytes) {
    const void* const data = bytes.data();
    return {static_cast<const char*>(data), bytes.size()};
}

// The value of an entry, read and checked piece by piece.
class CachedEntry final : public BlockSource {
  public:
    // Null where the file is not an entry of this key.
    static std::shared_ptr<const CachedEntry> open(const std::string& path, std::string_view key,
                                                   std::uint64_t max_bytes) {
        auto file = std::make_unique<const OpenFile>(path);
        std::vector<std::byte> end(kTrailerBytes);
        if (file->size_bytes() < kTrailerBytes || file->size_bytes() > max_bytes ||
            !file->read(file->size_bytes() - kTrailerBytes, end)) {
            return nullptr;
        }
        const std::string trailer(text_of(end));
        const std::uint64_t value_bytes = read_number(std::string_view(trailer).substr(16));
        if (value_bytes > max_bytes) return nullptr;
        const std::uint64_t checksum_bytes = piece_count(value_bytes) * kChecksumBytes;
        if (!trailer.starts_with(kMagic) ||
            read_number(std::string_view(trailer).substr(8)) != key.size() ||
            value_bytes + checksum_bytes + key.size() + kTrailerBytes != file->size_bytes()) {
            return nullptr;
        }
        end.resize(static_cast<std::size_t>(checksum_bytes + key.size()));
        if (!file->read(value_bytes, end)) return nullptr;
        const std::string_view checked = text_of(end);
        if (checked.substr(static_cast<std::size_t>(checksum_bytes)) != key ||
            hash_bytes(checked, kChecksumSeed) != read_number(trailer.substr(24))) {
            return nullptr;
        }
        return std::make_shared<const CachedEntry>(std::move(file), value_bytes,
                                                   std::string(checked.substr(0, checksum_bytes)));
    }

    CachedEntry(std::unique_ptr<const OpenFile> file, std::uint64_t value_bytes,
                std::string checksums)
        : file_(std::move(file)), value_bytes_(value_bytes), checksums_(std::move(checksums)) {}

    std::uint64_t size_bytes() const override { return value_bytes_; }

    std::optional<SharedBytes> read(std::uint64_t offset, std::uint64_t size) const override {
        if (offset > value_bytes_ || size > value_bytes_ - offset) return std::nullopt;
        const std::uint64_t begin = offset / kPieceBytes * kPieceBytes;
        const std::uint64_t end =
            std::min(value_bytes_, (offset + size + kPieceBytes - 1) / kPieceBytes * kPieceBytes);
        const auto count = static_cast<std::size_t>(size == 0 ? 0 : end - begin);
        // Not cleared before it is read into.
        const std::shared_ptr<std::byte[]> pieces =
            std::make_shared_for_overwrite<std::byte[]>(count);
        const std::span<std::byte> bytes(pieces.get(), count);
        if (!file_->read(begin, bytes)) return std::nullopt;
        for (std::size_t at = 0; at < count; at += kPieceBytes) {
            const std::size_t piece = (static_cast<std::size_t>(begin) + at) / kPieceBytes;
            const std::string_view checksum =
                std::string_view(checksums_).substr(piece * kChecksumBytes, kChecksumBytes);
            if (hash_bytes(text_of(bytes).substr(at, kPieceBytes), kChecksumSeed) !=
                read_number(checksum)) {
                return std::nullopt;
            }
        }
        const std::span<const std::byte> all = bytes;
        return SharedBytes{pieces, size == 0 ? all
                                             : all.subspan(static_cast<std::size_t>(offset - begin),
                                                           static_cast<std::size_t>(size))};
    }

  private:
    std::unique_ptr<const OpenFile> file_;
    std::uint64_t value_bytes_;
    std::string checksums_;  // by piece
};

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
    const std::shared_ptr<const BlockSource> entry = open(key);
    if (entry == nullptr) return std::nullopt;
    const std::optional<SharedBytes> value = entry->read(0, entry->size_bytes());
    if (!value) return std::nullopt;
    return std::string(text_of(value->bytes));
}

std::shared_ptr<const BlockSource> FileCache::open(std::string_view key) const {
    const std::string path = path_of(key);
    std::shared_ptr<const BlockSource> entry = CachedEntry::open(path, key, max_bytes_);
    if (entry != nullptr) note_use(path);
    return entry;
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
    if (bytes.size() > max_bytes_) return;
    const std::string end = end_of_entry(key, bytes);
    const std::uint64_t entry_bytes = bytes.size() + end.size();
    if (entry_bytes > max_bytes_) return;
    const fs::path path = path_of(key);
    make_directory();
    std::error_code code;
    fs::create_directories(path.parent_path(), code);

    // No fsync: an entry lost with the power is a miss, and so is half of one.
    std::string temporary = path.string() + ".XXXXXX";
    const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);
    if (descriptor < 0) return;
    const bool written = write_all(descriptor, bytes).ok() && write_all(descriptor, end).ok();
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

void FileCache::make_directory() const {
    std::error_code code;
    if (fs::exists(directory_, code)) return;
    fs::create_directories(directory_, code);
    // What was cached tells what was scanned.
    fs::permissions(directory_, fs::perms::owner_all, code);
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
