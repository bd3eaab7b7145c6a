#include "scan/rescan_index.h"

#include <cstring>

#include "base/blob.h"
#include "crypto/digest.h"

namespace merlon::scan {
namespace {

constexpr std::uint32_t kMagic = 0x5352'4c4d;  // "MLRS"
constexpr std::uint32_t kVersion = 2 | kBlobByteOrder;
constexpr std::size_t kDigestBytes = 32;

struct Header {
    std::uint32_t magic = kMagic;
    std::uint32_t version = kVersion;
    BlobSection text;
    BlobSection boms;
    BlobSection bom_packages;
    BlobSection packages;
    BlobSection weaknesses;
};

struct Text {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
};

struct BomRow {
    Text path;
    std::uint32_t size[2] = {};
    std::uint32_t modified[2] = {};
    std::uint32_t unknowns = 0;
    std::uint32_t package_count = 0;
};

struct PackageRow {
    Text purl;
    std::uint32_t weakness_count = 0;
};

void split(std::uint64_t number, std::uint32_t (&parts)[2]) {
    parts[0] = static_cast<std::uint32_t>(number);
    parts[1] = static_cast<std::uint32_t>(number >> 32);
}

std::uint64_t joined(const std::uint32_t (&parts)[2]) {
    return std::uint64_t{parts[1]} << 32 | parts[0];
}

Error damage() { return Error{"what was remembered of the bills of materials is damaged"}; }

class Texts {
  public:
    Text add(std::string_view text) {
        const Text place{static_cast<std::uint32_t>(bytes_.size()),
                         static_cast<std::uint32_t>(text.size())};
        bytes_ += text;
        return place;
    }
    std::span<const char> bytes() const { return bytes_; }

  private:
    std::string bytes_;
};

// The sections of a block, and texts out of them.
struct Sections {
    std::span<const char> text;
    std::span<const BomRow> boms;
    std::span<const std::uint32_t> bom_packages;
    std::span<const PackageRow> packages;
    std::span<const Text> weaknesses;

    Result<std::string> get(const Text& place) const {
        if (place.begin > text.size() || place.size > text.size() - place.begin) return damage();
        return std::string(text.data() + place.begin, place.size);
    }
};

Result<Sections> sections_of(std::span<const std::byte> block) {
    Header header;
    if (block.size() < sizeof header) return damage();
    std::memcpy(&header, block.data(), sizeof header);
    if (header.magic != kMagic || header.version != kVersion) return damage();
    const auto text = read_section<char>(block, header.text);
    const auto boms = read_section<BomRow>(block, header.boms);
    const auto bom_packages = read_section<std::uint32_t>(block, header.bom_packages);
    const auto packages = read_section<PackageRow>(block, header.packages);
    const auto weaknesses = read_section<Text>(block, header.weaknesses);
    if (!text || !boms || !bom_packages || !packages || !weaknesses) return damage();
    return Sections{*text, *boms, *bom_packages, *packages, *weaknesses};
}

}  // namespace

std::string write_rescan_index(const RescanIndex& index) {
    Texts texts;
    std::vector<BomRow> boms;
    std::vector<std::uint32_t> bom_packages;
    for (const StoredBom& bom : index.boms) {
        BomRow& row = boms.emplace_back();
        row.path = texts.add(bom.path);
        split(bom.size, row.size);
        split(static_cast<std::uint64_t>(bom.modified_ns), row.modified);
        row.unknowns = bom.unknowns;
        row.package_count = static_cast<std::uint32_t>(bom.packages.size());
        bom_packages.insert(bom_packages.end(), bom.packages.begin(), bom.packages.end());
    }
    std::vector<PackageRow> packages;
    std::vector<Text> weaknesses;
    for (const StoredPackage& package : index.packages) {
        packages.push_back(
            {texts.add(package.purl), static_cast<std::uint32_t>(package.weaknesses.size())});
        for (const std::string& ids : package.weaknesses) weaknesses.push_back(texts.add(ids));
    }
    Header header;
    BlobWriter writer(sizeof header);
    header.text = writer.add(texts.bytes());
    header.boms = writer.add(boms);
    header.bom_packages = writer.add(bom_packages);
    header.packages = writer.add(packages);
    header.weaknesses = writer.add(weaknesses);
    const std::vector<std::uint32_t> words = std::move(writer).finish(header);
    std::string bytes(reinterpret_cast<const char*>(words.data()), words.size() * sizeof words[0]);
    bytes += crypto::sha256(bytes).bytes();
    return bytes;
}

Result<RescanIndex> read_rescan_index(std::string_view bytes) {
    if (bytes.size() < kDigestBytes) return damage();
    const std::string_view digest = bytes.substr(bytes.size() - kDigestBytes);
    bytes.remove_suffix(kDigestBytes);
    if (crypto::sha256(bytes).bytes() != digest) return damage();
    std::vector<std::uint32_t> words(bytes.size() / sizeof(std::uint32_t));
    if (words.size() * sizeof(std::uint32_t) != bytes.size()) return damage();
    if (!bytes.empty()) std::memcpy(words.data(), bytes.data(), bytes.size());
    const Sections sections = MERLON_TRY(sections_of(std::as_bytes(std::span(words))));
    RescanIndex index;
    std::size_t next = 0;
    for (const BomRow& row : sections.boms) {
        StoredBom& bom = index.boms.emplace_back();
        bom.path = MERLON_TRY(sections.get(row.path));
        bom.size = joined(row.size);
        bom.modified_ns = static_cast<std::int64_t>(joined(row.modified));
        bom.unknowns = row.unknowns;
        if (row.package_count > sections.bom_packages.size() - next) return damage();
        const auto numbers = sections.bom_packages.subspan(next, row.package_count);
        next += row.package_count;
        for (const std::uint32_t number : numbers) {
            if (number >= sections.packages.size()) return damage();
        }
        bom.packages.assign(numbers.begin(), numbers.end());
    }
    next = 0;
    for (const PackageRow& row : sections.packages) {
        StoredPackage& package = index.packages.emplace_back();
        package.purl = MERLON_TRY(sections.get(row.purl));
        if (row.weakness_count > sections.weaknesses.size() - next) return damage();
        for (const Text& ids : sections.weaknesses.subspan(next, row.weakness_count)) {
            package.weaknesses.push_back(MERLON_TRY(sections.get(ids)));
        }
        next += row.weakness_count;
    }
    return index;
}

}  // namespace merlon::scan
