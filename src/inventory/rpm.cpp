// rpm's databases (rpm.org, "RPM Package Format" for headers; lib/backend for the files): SQLite,
// NDB ("Packages.db") and Berkeley DB's hash ("Packages"). Each holds one header for each package.

#include <algorithm>
#include <map>

#include "base/hex.h"
#include "inventory/binary_image.h"
#include "inventory/readers.h"
#include "text/sqlite.h"

namespace merlon::inventory {
namespace {

using packages::Package;

std::uint64_t big(std::string_view bytes, std::uint64_t at, unsigned width) {
    return integer_at(bytes, at, width, true);
}
std::uint64_t little(std::string_view bytes, std::uint64_t at, unsigned width) {
    return integer_at(bytes, at, width, false);
}

// A header: two counts, an index of 16 bytes an entry (tag, type, offset, count), the data.
class RpmHeader {
  public:
    // Nothing where the counts do not fit the bytes.
    static std::optional<RpmHeader> read(std::string_view blob) {
        const std::uint64_t entries = big(blob, 0, 4), bytes = big(blob, 4, 4);
        constexpr std::uint64_t kMaxEntries = 65'535;  // rpm's own limit
        if (blob.size() < 8 || entries > kMaxEntries || blob.size() - 8 < entries * 16 ||
            blob.size() - 8 - entries * 16 < bytes)
            return std::nullopt;
        RpmHeader header;
        header.index_ = blob.substr(8, entries * 16);
        header.data_ = blob.substr(8 + entries * 16, bytes);
        return header;
    }

    // The first text of a tag; empty where there is none.
    std::string_view text(std::uint64_t tag) const {
        const auto found = find(tag);
        return found && (found->type == 6 || found->type == 8 || found->type == 9)
                   ? text_at(found->offset)
                   : std::string_view();
    }

    std::vector<std::string_view> texts(std::uint64_t tag) const {
        std::vector<std::string_view> all;
        const auto found = find(tag);
        if (!found || found->type != 8) return all;
        std::uint64_t at = found->offset;
        for (std::uint64_t i = 0; i < found->count && at < data_.size(); ++i) {
            all.push_back(text_at(at));
            at += all.back().size() + 1;
        }
        return all;
    }

    std::optional<std::uint64_t> integer(std::uint64_t tag) const {
        const auto found = find(tag);
        if (!found || found->type != 4 || found->count == 0 || found->offset + 4 > data_.size())
            return std::nullopt;
        return big(data_, found->offset, 4);
    }

    std::string_view bytes(std::uint64_t tag) const {
        const auto found = find(tag);
        if (!found || found->type != 7 || found->offset > data_.size()) return {};
        return data_.substr(found->offset, found->count);
    }

  private:
    struct Entry {
        std::uint64_t type, offset, count;
    };

    std::optional<Entry> find(std::uint64_t tag) const {
        for (std::size_t at = 0; at + 16 <= index_.size(); at += 16)
            if (big(index_, at, 4) == tag)
                return Entry{big(index_, at + 4, 4), big(index_, at + 8, 4),
                             big(index_, at + 12, 4)};
        return std::nullopt;
    }

    std::string_view text_at(std::uint64_t offset) const {
        if (offset >= data_.size()) return {};
        const std::string_view rest = data_.substr(offset);
        return rest.substr(0, rest.find('\0'));
    }

    std::string_view index_, data_;
};

enum RpmTag : std::uint64_t {
    kSignatureMd5 = 261,
    kName = 1000,
    kVersion = 1001,
    kRelease = 1002,
    kEpoch = 1003,
    kLicense = 1014,
    kArchitecture = 1022,
    kSourcePackage = 1044,
    kProvides = 1047,
    kRequires = 1049,
};

// Adds the packages of headers, and joins them by what they provide and require.
class RpmReader {
  public:
    explicit RpmReader(Reading& reading) : reading_(reading) {}

    void add(std::string_view blob) {
        const auto header = RpmHeader::read(blob);
        const std::string_view name = header ? header->text(kName) : std::string_view();
        if (name.empty()) {
            reading_.unknown(kNoOffset, "rpm: a header that cannot be read");
            return;
        }
        if (name == "gpg-pubkey") return;  // a key that someone imported
        std::string version(header->text(kVersion));
        if (const std::string_view release = header->text(kRelease); !release.empty())
            version += "-" + std::string(release);
        if (const auto epoch = header->integer(kEpoch); epoch && *epoch != 0)
            version = std::to_string(*epoch) + ":" + version;
        Package& package = reading_.add(name, version, kNoOffset);
        package.architecture = header->text(kArchitecture);
        if (const std::string_view license = header->text(kLicense); !license.empty())
            package.licenses.emplace_back(license);
        if (const std::string_view digest = header->bytes(kSignatureMd5); digest.size() == 16)
            package.checksums.push_back({"md5", to_hex(digest)});
        set_source(package, header->text(kSourcePackage));
        const std::uint32_t index = reading_.count() - 1;
        for (const std::string_view provided : header->texts(kProvides))
            provided_.emplace(provided, index);
        for (const std::string_view required : header->texts(kRequires))
            required_.emplace_back(index, required);
    }

    void link() {
        for (const auto& [from, name] : required_) {
            const auto to = provided_.find(name);
            if (to != provided_.end() && to->second != from) reading_.require(from, to->second);
        }
    }

  private:
    // "name-version-release.src.rpm"
    static void set_source(Package& package, std::string_view source) {
        for (const std::string_view end : {".src.rpm", ".nosrc.rpm"})
            if (source.ends_with(end)) source.remove_suffix(end.size());
        const auto [rest, release] = split_last(source, '-');
        const auto [name, version] = split_last(rest, '-');
        if (version.empty()) return;
        package.source_name = name;
        package.source_version = std::string(version) + "-" + std::string(release);
    }

    Reading& reading_;
    std::map<std::string, std::uint32_t, std::less<>> provided_;
    std::vector<std::pair<std::uint32_t, std::string>> required_;
};

}  // namespace

Status read_rpm_sqlite(Reading& reading) {
    const text::SqliteFile file = MERLON_TRY(text::SqliteFile::open(reading.bytes));
    RpmReader packages(reading);
    Status status =
        file.each_row("SELECT blob FROM Packages ORDER BY hnum",
                      [&](std::span<const std::string_view> columns) { packages.add(columns[0]); });
    packages.link();
    return status;
}

// lib/backend/ndb/rpmpkg.c: pages of slots, of which the first two are the header; blobs at
// multiples of 16 bytes.
Status read_rpm_ndb(Reading& reading) {
    const std::string_view file = reading.bytes;
    constexpr std::uint64_t kSlotBytes = 16, kPageBytes = 4096;
    if (!file.starts_with("RpmP")) return Error{"rpm: expected an NDB file, which begins \"RpmP\""};
    if (little(file, 4, 4) != 0) return Error{"rpm: an NDB file of a version that is not known"};
    const std::uint64_t pages =
        std::min<std::uint64_t>(little(file, 12, 4), file.size() / kPageBytes);
    RpmReader packages(reading);
    std::uint64_t seen = 0;
    for (std::uint64_t at = 2 * kSlotBytes; at + kSlotBytes <= pages * kPageBytes;
         at += kSlotBytes) {
        if (file.substr(at, 4) != "Slot")
            return Error{"rpm: a slot of the NDB file is damaged", at};
        const std::uint64_t package = little(file, at + 4, 4);
        if (package == 0) continue;  // free
        const std::uint64_t begin = little(file, at + 8, 4) * kSlotBytes;
        const std::uint64_t size = little(file, begin + 12, 4);
        const bool is_whole = begin + 16 <= file.size() && file.substr(begin, 4) == "BlbS" &&
                              little(file, begin + 4, 4) == package &&
                              file.size() - begin - 16 >= size;
        if (!is_whole) {
            reading.unknown(kNoOffset, "rpm: a package of the NDB file is damaged");
            continue;
        }
        // Slots of a sound file have a blob each.
        seen += size;
        if (seen > file.size()) return Error{"rpm: slots of the NDB file share blobs"};
        packages.add(file.substr(begin + 16, size));
    }
    packages.link();
    return {};
}

namespace {

// Berkeley DB, db_page.h: what of its hash format is needed to see every value once.
class BerkeleyHash {
  public:
    static Result<BerkeleyHash> open(std::string_view file) {
        constexpr std::uint64_t kHashMagic = 0x061561;
        BerkeleyHash hash;
        hash.file_ = file;
        if (file.size() < 512) return Error{"rpm: the Berkeley DB file is too short"};
        hash.is_big_ = hash.word(12, 4) != kHashMagic;
        if (hash.word(12, 4) != kHashMagic)
            return Error{"rpm: expected a hash file of Berkeley DB"};
        hash.page_bytes_ = hash.word(20, 4);
        if (hash.page_bytes_ < 512 || hash.page_bytes_ > 65'536)
            return Error{"rpm: the pages of the Berkeley DB file have no known size"};
        if (file[24] != 0) return Error{"rpm: the Berkeley DB file is encrypted"};
        return hash;
    }

    // Calls `use` with each value; `damaged` where one cannot be followed.
    void each_value(const std::function<void(std::string_view)>& use,
                    const std::function<void()>& damaged) const {
        const std::uint64_t pages = file_.size() / page_bytes_;
        std::uint64_t bytes_left = file_.size();  // chains of a sound file share no page
        for (std::uint64_t page = 1; page < pages; ++page) {
            const std::uint64_t at = page * page_bytes_;
            const auto type = static_cast<unsigned char>(file_[at + 25]);
            if (type != kHashPage && type != kUnsortedHashPage) continue;
            // Entries are in pairs, key and value.
            const std::uint64_t entries = word(at + 20, 2);
            if (entries * 2 > page_bytes_ - kPageHeader) {
                damaged();
                continue;
            }
            for (std::uint64_t i = 1; i < entries; i += 2) {
                const std::uint64_t offset = word(at + kPageHeader + i * 2, 2);
                // Values in the page itself are the counter of the next number, and no header.
                if (offset < page_bytes_ && file_[at + offset] != kOffPage) continue;
                if (offset + 12 > page_bytes_) {
                    damaged();
                    continue;
                }
                const std::uint64_t size = word(at + offset + 8, 4);
                if (size > bytes_left) return damaged();
                bytes_left -= size;
                const auto value = follow(word(at + offset + 4, 4), size);
                if (value) {
                    use(*value);
                } else {
                    damaged();
                }
            }
        }
    }

  private:
    static constexpr std::uint64_t kPageHeader = 26;
    static constexpr unsigned char kUnsortedHashPage = 2, kHashPage = 13, kOverflowPage = 7;
    static constexpr char kOffPage = 3;

    std::uint64_t word(std::uint64_t at, unsigned width) const {
        return integer_at(file_, at, width, is_big_);
    }

    // A value that is spread over a chain of pages.
    std::optional<std::string> follow(std::uint64_t page, std::uint64_t size) const {
        std::string value;
        const std::uint64_t pages = file_.size() / page_bytes_;
        for (std::uint64_t seen = 0; page != 0; ++seen) {
            if (page >= pages || seen > pages) return std::nullopt;
            const std::uint64_t at = page * page_bytes_;
            if (static_cast<unsigned char>(file_[at + 25]) != kOverflowPage) return std::nullopt;
            const std::uint64_t held = word(at + 22, 2);
            if (held > page_bytes_ - kPageHeader || value.size() > size) return std::nullopt;
            value += file_.substr(at + kPageHeader, held);
            page = word(at + 16, 4);
        }
        if (value.size() != size) return std::nullopt;
        return value;
    }

    std::string_view file_;
    std::uint64_t page_bytes_ = 0;
    bool is_big_ = false;
};

}  // namespace

Status read_rpm_berkeley(Reading& reading) {
    const BerkeleyHash hash = MERLON_TRY(BerkeleyHash::open(reading.bytes));
    RpmReader packages(reading);
    hash.each_value([&](std::string_view value) { packages.add(value); },
                    [&] { reading.unknown(kNoOffset, "rpm: a package of the file is damaged"); });
    packages.link();
    return {};
}

}  // namespace merlon::inventory
