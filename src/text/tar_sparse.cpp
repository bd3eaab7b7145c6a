#include "text/tar_sparse.h"

#include <algorithm>

namespace merlon::text {
namespace {

constexpr std::size_t kNumberBytes = 12;
constexpr std::size_t kPairBytes = 2 * kNumberBytes;
constexpr std::size_t kPairsAt = 386;
constexpr std::size_t kPairsInHeader = 4;
constexpr std::size_t kPairsInBlock = 21;
constexpr std::size_t kRealSizeAt = 483;

using Extents = std::vector<TarExtent>;

// Numbers as they stand; looked at once all are there, because the size may come last.
bool add_extent(std::optional<std::int64_t> offset, std::optional<std::int64_t> bytes,
                Extents& extents) {
    if (!offset || !bytes || *offset < 0 || *bytes < 0) return false;
    extents.push_back({static_cast<std::uint64_t>(*offset), static_cast<std::uint64_t>(*bytes)});
    return true;
}

// In order, none over another, all inside of the file. (Both numbers are below 2^63.)
bool are_in_order(const Extents& extents, std::int64_t size) {
    std::uint64_t at = 0;
    for (const TarExtent& extent : extents) {
        if (extent.offset < at || extent.end() > static_cast<std::uint64_t>(size)) return false;
        at = extent.end();
    }
    return size >= 0;
}

std::optional<TarSparseMap> checked(TarSparseMap map, std::int64_t size) {
    if (!are_in_order(map.extents, size)) return std::nullopt;
    map.size = static_cast<std::uint64_t>(size);
    std::erase_if(map.extents, [](const TarExtent& extent) { return extent.bytes == 0; });
    return map;
}

// So many of GNU's pairs, up to one that begins with NUL.
bool add_pairs(std::string_view pairs, Extents& extents) {
    for (; !pairs.empty() && pairs.front() != '\0'; pairs.remove_prefix(kPairBytes)) {
        const TarNumber offset = parse_tar_number(pairs.substr(0, kNumberBytes));
        const TarNumber bytes = parse_tar_number(pairs.substr(kNumberBytes, kNumberBytes));
        if (!offset.is_sound || !bytes.is_sound) return false;
        if (!add_extent(offset.value, bytes.value, extents)) return false;
    }
    return true;
}

// Text that ends at a separator, which is taken too.
std::string_view take_until(char separator, std::string_view& text) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view token = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return token;
}

// Of 2 * `count` numbers.
bool add_decimals(std::string_view numbers, char separator, std::int64_t count, Extents& extents) {
    for (; count > 0; --count) {
        const auto offset = parse_decimal(take_until(separator, numbers));
        const auto bytes = parse_decimal(take_until(separator, numbers));
        if (!add_extent(offset, bytes, extents)) return false;
    }
    return true;
}

// Format 0.1, to which 0.0 was turned.
bool take_map_of_records(const TarRecords& records, TarSparseMap& map) {
    const auto count = records.number("GNU.sparse.numblocks");
    const std::string_view numbers = records.at("GNU.sparse.map");
    const auto commas = std::ranges::count(numbers, ',');
    const std::int64_t in_map = numbers.empty() ? 0 : commas + 1;
    if (!count || in_map % 2 != 0 || *count != in_map / 2) return false;
    return add_decimals(numbers, ',', *count, map.extents);
}

// Where the line of this number ends, in whole blocks; nothing where it does not within the limit
// or the content.
class MapLines {
  public:
    MapLines(PackedBytes& packed, std::size_t at, std::uint64_t content_bytes)
        : packed_(packed),
          at_(at),
          most_(
              static_cast<std::size_t>(std::min<std::uint64_t>(content_bytes, kMaxTarHeaderBytes) /
                                       kTarBlockBytes * kTarBlockBytes)) {}

    // Reads on until so many lines are there.
    bool has(std::uint64_t lines) {
        while (lines_ < lines) {
            if (bytes_ == most_) return false;
            const std::size_t end = at_ + bytes_ + kTarBlockBytes;
            const std::string_view held = packed_.peek((end / kStepBytes + 1) * kStepBytes);
            if (held.size() < end) return false;
            const std::string_view block = held.substr(at_ + bytes_, kTarBlockBytes);
            lines_ += static_cast<std::uint64_t>(std::ranges::count(block, '\n'));
            bytes_ += kTarBlockBytes;
        }
        return true;
    }
    std::string_view text() { return packed_.peek(at_ + bytes_).substr(at_, bytes_); }
    std::size_t bytes() const { return bytes_; }

  private:
    static constexpr std::size_t kStepBytes = std::size_t{64} << 10;

    PackedBytes& packed_;
    std::size_t at_;
    std::size_t most_;
    std::size_t bytes_ = 0;
    std::uint64_t lines_ = 0;
};

// Format 1.0: the number of pairs, and each number of them, in a line of its own.
bool take_map_of_content(MapLines& lines, TarSparseMap& map) {
    if (!lines.has(1)) return false;
    std::string_view text = lines.text();
    const auto count = parse_decimal(take_until('\n', text));
    if (!count || *count < 0 || *count > static_cast<std::int64_t>(kMaxTarHeaderBytes)) {
        return false;
    }
    if (!lines.has(1 + 2 * static_cast<std::uint64_t>(*count))) return false;
    text = lines.text();
    take_until('\n', text);
    map.data_bytes = lines.bytes();
    return add_decimals(text, '\n', *count, map.extents);
}

}  // namespace

std::optional<TarSparseMap> read_gnu_sparse_map(PackedBytes& packed, std::uint64_t& walked_bytes) {
    walked_bytes = kTarBlockBytes;
    const std::string_view header = packed.peek(kTarBlockBytes);
    const TarNumber size = parse_tar_number(header.substr(kRealSizeAt, kNumberBytes));
    if (!size.is_sound) return std::nullopt;
    TarSparseMap map;
    std::size_t begin = kPairsAt;
    std::size_t pairs = kPairsInHeader;
    // As Go counts: the pairs of the header, and whole blocks.
    std::size_t counted_bytes = kPairsInHeader * kPairBytes + 1;
    while (counted_bytes < kMaxTarHeaderBytes) {
        const std::size_t flag_at = begin + pairs * kPairBytes;
        const std::string_view bytes = packed.peek(flag_at + 1);
        if (bytes.size() <= flag_at) return std::nullopt;
        if (!add_pairs(bytes.substr(begin, pairs * kPairBytes), map.extents)) return std::nullopt;
        if (bytes[flag_at] == '\0') return checked(std::move(map), size.value);
        map.header_bytes += kTarBlockBytes;
        begin = map.header_bytes;
        pairs = kPairsInBlock;
        counted_bytes += kTarBlockBytes;
        walked_bytes += kTarBlockBytes;
        if (packed.peek(begin + kTarBlockBytes).size() < begin + kTarBlockBytes) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

bool has_sparse_map(const TarRecords& records) {
    const std::string_view major = records.at("GNU.sparse.major");
    const std::string_view minor = records.at("GNU.sparse.minor");
    if (major.empty() && minor.empty()) return !records.at("GNU.sparse.map").empty();
    return (major == "0" && (minor == "0" || minor == "1")) || (major == "1" && minor == "0");
}

std::optional<TarSparseMap> read_pax_sparse_map(const TarRecords& records, PackedBytes& packed,
                                                std::size_t content_at,
                                                std::uint64_t content_bytes) {
    std::string_view said = records.at("GNU.sparse.size");
    if (said.empty()) said = records.at("GNU.sparse.realsize");
    const auto size = said.empty() ? static_cast<std::int64_t>(content_bytes) : parse_decimal(said);
    if (!size) return std::nullopt;
    TarSparseMap map;
    MapLines lines(packed, content_at, content_bytes);
    const bool is_in_content = records.at("GNU.sparse.major") == "1";
    if (is_in_content ? !take_map_of_content(lines, map) : !take_map_of_records(records, map)) {
        return std::nullopt;
    }
    return checked(std::move(map), *size);
}

}  // namespace merlon::text
