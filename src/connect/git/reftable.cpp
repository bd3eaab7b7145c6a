#include "connect/git/reftable.h"

#include <utility>

#include "base/hash.h"
#include "connect/git/byte_order.h"
#include "connect/git/inflate.h"

namespace merlon::connect::git {
namespace {

constexpr std::size_t kFooterBytesV1 = 68;
constexpr std::size_t kFooterBytesV2 = 72;
constexpr std::size_t kHeaderBytesV1 = 24;
constexpr std::size_t kHeaderBytesV2 = 28;
constexpr std::uint32_t kMaxBlockBytes = (1u << 24) - 1;

std::uint32_t load_be24(const char* bytes) { return load_be32(bytes - 1) & 0xFF'FFFF; }

// A run of bytes that knows where it ends.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    bool at_end() const { return bytes_.empty(); }

    Result<std::string_view> take(std::uint64_t count) {
        if (count > bytes_.size()) return Error{"a record that ends behind its block"};
        const std::string_view taken = bytes_.substr(0, static_cast<std::size_t>(count));
        bytes_.remove_prefix(static_cast<std::size_t>(count));
        return taken;
    }

    // "varint encoding", as in offset deltas: each continued byte adds one.
    Result<std::uint64_t> number() {
        std::uint64_t value = 0;
        for (bool more = true, first = true; more; first = false) {
            const auto byte = static_cast<std::uint8_t>(MERLON_TRY(take(1)).front());
            if (value >> 56 != 0) return Error{"a number of more than 64 bits"};
            value = ((value + (first ? 0 : 1)) << 7) | (byte & 0x7F);
            more = (byte & 0x80) != 0;
        }
        return value;
    }

    Result<std::string> text() {
        const std::uint64_t length = MERLON_TRY(number());
        return std::string(MERLON_TRY(take(length)));
    }

    Result<ObjectId> id(HashAlgorithm algorithm) {
        return ObjectId::from_bytes(algorithm, MERLON_TRY(take(hash_bytes_of(algorithm))).data());
    }

  private:
    std::string_view bytes_;
};

class TableReader {
  public:
    explicit TableReader(std::string_view bytes) : bytes_(bytes) {}

    Result<Reftable> read() {
        MERLON_TRY(read_header());
        const std::size_t end = bytes_.size() - footer_bytes_;
        std::size_t at = header_bytes_;
        bool first = true;
        while (at < end) {
            const char type = bytes_[at];
            if (type == '\0') {  // padding up to the next block
                ++at;
                continue;
            }
            if (end - at < 4) return damaged("a block that is cut short", at);
            const std::uint32_t length = load_be24(bytes_.data() + at + 1);
            // The first block counts the file's header as its own.
            const std::size_t begin = first ? 0 : at;
            first = false;
            std::size_t next = 0;
            if (type == 'g') {
                next = MERLON_TRY(read_log_block(at, begin, length, end));
            } else {
                if (length < at - begin + 4 || length > end - begin) {
                    return damaged("a block whose length does not fit", at);
                }
                if (type == 'r') {
                    Status read = read_references(bytes_.substr(at + 4, length - (at - begin) - 4));
                    if (!read.ok()) return damaged(read.error().message, at);
                } else if (type != 'o' && type != 'i') {
                    return damaged("a block of an unknown type", at);
                }
                next = begin + length;
                if (block_bytes_ != 0 && type != 'i') {
                    // Aligned blocks are padded to the size that the header says.
                    const std::size_t padded = (begin / block_bytes_ + 1) * block_bytes_;
                    if (padded >= next && padded <= end) next = padded;
                }
            }
            at = next;
        }
        return std::move(table_);
    }

  private:
    static Error damaged(std::string what, std::size_t at) {
        return Error{"reftable: " + std::move(what), at};
    }

    Status read_header() {
        if (bytes_.size() < kHeaderBytesV1 || !bytes_.starts_with("REFT")) {
            return damaged("does not begin with REFT", 0);
        }
        const char version = bytes_[4];
        if (version != 1 && version != 2) return damaged("a version other than 1 and 2", 4);
        header_bytes_ = version == 1 ? kHeaderBytesV1 : kHeaderBytesV2;
        footer_bytes_ = version == 1 ? kFooterBytesV1 : kFooterBytesV2;
        if (bytes_.size() < header_bytes_ + footer_bytes_) return damaged("is cut short", 0);
        block_bytes_ = load_be24(bytes_.data() + 5);
        min_update_index_ = load_be64(bytes_.data() + 8);
        if (version == 2) {
            const std::string_view hash = bytes_.substr(24, 4);
            if (hash == "s256") {
                table_.algorithm = HashAlgorithm::kSha256;
            } else if (hash != "sha1") {
                return damaged("an unknown hash algorithm", 24);
            }
        }
        const std::string_view footer = bytes_.substr(bytes_.size() - footer_bytes_);
        if (footer.substr(0, header_bytes_) != bytes_.substr(0, header_bytes_)) {
            return damaged("its footer is not as its header: it is cut short", bytes_.size());
        }
        if (crc32(footer.substr(0, footer.size() - 4)) !=
            load_be32(footer.data() + footer.size() - 4)) {
            return damaged("its footer has a wrong CRC-32", bytes_.size() - 4);
        }
        return {};
    }

    // Records up to the table of restarts at the end of the block's `bytes`.
    static Result<std::string_view> records_of(std::string_view bytes) {
        if (bytes.size() < 2) return Error{"a block without restarts"};
        const std::size_t restarts = load_be16(bytes.data() + bytes.size() - 2);
        if (bytes.size() < 2 + 3 * restarts) return Error{"a block whose restarts do not fit"};
        return bytes.substr(0, bytes.size() - 2 - 3 * restarts);
    }

    // The key: some bytes of the one before, and a suffix. Returns the three bits of the type.
    static Result<unsigned> read_key(Reader& reader, std::string& key) {
        const std::uint64_t prefix = MERLON_TRY(reader.number());
        const std::uint64_t suffix_and_type = MERLON_TRY(reader.number());
        if (prefix > key.size()) return Error{"a name that shares more than the one before has"};
        key.resize(static_cast<std::size_t>(prefix));
        key += MERLON_TRY(reader.take(suffix_and_type >> 3));
        return static_cast<unsigned>(suffix_and_type & 7);
    }

    Status read_references(std::string_view bytes) {
        Reader reader(MERLON_TRY(records_of(bytes)));
        std::string name;
        while (!reader.at_end()) {
            const unsigned type = MERLON_TRY(read_key(reader, name));
            ReftableRecord record;
            record.name = name;
            const std::uint64_t delta = MERLON_TRY(reader.number());
            record.update_index = min_update_index_ + delta;
            switch (type) {
                case 0:
                    break;
                case 1:
                    record.kind = ReftableRecord::Kind::kDirect;
                    record.id = MERLON_TRY(reader.id(table_.algorithm));
                    break;
                case 2:
                    record.kind = ReftableRecord::Kind::kPeeled;
                    record.id = MERLON_TRY(reader.id(table_.algorithm));
                    record.peeled = MERLON_TRY(reader.id(table_.algorithm));
                    break;
                case 3:
                    record.kind = ReftableRecord::Kind::kSymbolic;
                    record.target = MERLON_TRY(reader.text());
                    break;
                default:
                    return Error{"a reference of an unknown type"};
            }
            table_.records.push_back(std::move(record));
        }
        return {};
    }

    // Log blocks are deflated behind their four bytes, and never padded. Returns where they end.
    Result<std::size_t> read_log_block(std::size_t at, std::size_t begin, std::uint32_t length,
                                       std::size_t end) {
        const std::size_t before = at - begin + 4;
        if (length < before || length > kMaxBlockBytes) {
            return damaged("a log block whose length does not fit", at);
        }
        const std::string_view packed = bytes_.substr(at + 4, end - at - 4);
        const std::size_t size = length - before;
        if (Status possible = can_inflate(packed, size); !possible.ok()) {
            return damaged(possible.error().message, at);
        }
        std::string content(size, '\0');
        const Result<std::size_t> taken = inflate_exactly(packed, content.data(), content.size());
        if (!taken.ok()) return damaged(taken.error().message, at);
        if (Status read = read_logs(content); !read.ok()) return damaged(read.error().message, at);
        return at + 4 + taken.value();
    }

    Status read_logs(std::string_view bytes) {
        Reader reader(MERLON_TRY(records_of(bytes)));
        std::string key;
        while (!reader.at_end()) {
            const unsigned type = MERLON_TRY(read_key(reader, key));
            // "refname\0reverse_int64(update_index)"
            if (key.size() < 9 || key[key.size() - 9] != '\0') return Error{"a log without a name"};
            ReftableLog log;
            log.name = key.substr(0, key.size() - 9);
            log.update_index = UINT64_MAX - load_be64(key.data() + key.size() - 8);
            if (type == 1) {
                ReflogEntry entry;
                entry.before = MERLON_TRY(reader.id(table_.algorithm));
                entry.after = MERLON_TRY(reader.id(table_.algorithm));
                const std::string name = MERLON_TRY(reader.text());
                const std::string email = MERLON_TRY(reader.text());
                const std::uint64_t seconds = MERLON_TRY(reader.number());
                const auto zone =
                    static_cast<std::int16_t>(load_be16(MERLON_TRY(reader.take(2)).data()));
                entry.message = MERLON_TRY(reader.text());
                if (entry.message.ends_with('\n')) entry.message.pop_back();
                // git writes the number of "+0130" (130) as it stands.
                const int size = zone < 0 ? -zone : zone;
                std::string digits = std::to_string(size);
                if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
                entry.who = name + " <" + email + "> " + std::to_string(seconds) +
                            (zone < 0 ? " -" : " +") + digits;
                log.entry = std::move(entry);
            } else if (type != 0) {
                return Error{"a log of an unknown type"};
            }
            table_.logs.push_back(std::move(log));
        }
        return {};
    }

    std::string_view bytes_;
    std::size_t header_bytes_ = 0;
    std::size_t footer_bytes_ = 0;
    std::size_t block_bytes_ = 0;
    std::uint64_t min_update_index_ = 0;
    Reftable table_;
};

}  // namespace

Result<Reftable> parse_reftable(std::string_view bytes) { return TableReader(bytes).read(); }

}  // namespace merlon::connect::git
