#pragma once

// What a tool told of a finding, as the store keeps it: the finding's text in our JSON report,
// packed.
//
// The idea: such texts are short, and half of each is the names of members, so zstd packs them
// against a dictionary that has those (RFC 8878, section 5): a third is left. The first byte is the
// dictionary's number. A dictionary stands for ever, as what was packed with it needs it; a better
// one gets a new number.
//
// Not thread-safe: one of each belongs to one thread. Cost: 2 microseconds for 500 bytes, and some
// hundred KiB for as long as it lives.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::text {
class ZstdDictionary;
}

namespace merlon::evidence {

class Database;

class DetailPacker {
  public:
    // Fewer bytes, or less time.
    enum class For : std::uint8_t { kSpace, kTime };
    explicit DetailPacker(For what = For::kSpace);
    ~DetailPacker();
    std::string pack(std::string_view json);

  private:
    std::unique_ptr<text::ZstdDictionary> dictionary_;
};

class DetailReader {
  public:
    DetailReader();
    ~DetailReader();
    // Fails for what no packer made.
    Result<std::string> read(std::string_view packed);

  private:
    std::unique_ptr<text::ZstdDictionary> dictionary_;
};

// Packs what a store of before has: from finding_told into finding_detail.
Status pack_details(Database& database);

}  // namespace merlon::evidence
