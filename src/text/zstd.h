#pragma once

// One zstd frame (RFC 8878) in memory, both ways: for what Merlon packs itself. Foreign streams are
// read under limits by stream_decoder.h.
//
// Thread-safe: no shared state. Equal bytes, level and library give equal frames. Cost: one pass.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"

namespace merlon::text {

// Once `cancel` is set, which may be null, an empty text: that is no frame.
std::string pack_zstd(std::string_view bytes, int level, const CancelToken* cancel = nullptr);

// Fails for what is no whole frame, or unpacks to more than `max_bytes`.
Result<std::string> unpack_zstd(std::string_view frame, std::size_t max_bytes);

// Frames of short texts, packed against a text that has what they have in common (RFC 8878, section
// 5, "raw content"). They unpack with that text alone, which each user of them keeps for ever.
//
// Not thread-safe. Cost: some hundred KiB for each direction that is used; a frame takes a few
// microseconds where pack_zstd() takes ten times that.
class ZstdDictionary {
  public:
    // `content` must live as long.
    ZstdDictionary(std::string_view content, int level);
    ~ZstdDictionary();
    ZstdDictionary(const ZstdDictionary&) = delete;
    ZstdDictionary& operator=(const ZstdDictionary&) = delete;

    std::string pack(std::string_view bytes);
    // Fails as unpack_zstd() does.
    Result<std::string> unpack(std::string_view frame, std::size_t max_bytes);

  private:
    struct Contexts;
    std::unique_ptr<Contexts> contexts_;
};

}  // namespace merlon::text
