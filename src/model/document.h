#pragma once

// One Document: bytes, what they are, and where they came from. Connectors yield Documents, engines
// read them.
//
// The idea: what has been read, decoded or tokenised once is not done again for the next engine.
// The bytes are owned by the connector's buffer (shared, because several engines and a report's
// excerpt may outlive the read); views are made on first use and kept.
//
// `bytes` is followed by kPaddingBytes readable zero bytes, so that vectorised readers may run over
// the end. Not thread-safe while a view is first made; one document belongs to one worker.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/readable.h"

namespace merlon::model {

inline constexpr std::size_t kPaddingBytes = 64;

// A step on the way from the outside to these bytes: a file, then archive members, or a commit,
// then a path.
struct OriginStep {
    enum class Kind : std::uint8_t { kFile, kArchiveMember, kCommit, kLayer, kUrl, kStandardInput };
    Kind kind = Kind::kFile;
    std::string name;     // path, commit id, layer digest, URL
    std::string symlink;  // the link through which the file was found, if any
};
using Origin = std::vector<OriginStep>;

// How the raw bytes stand for text. kBinary: not text in any encoding we read.
enum class TextEncoding : std::uint8_t {
    kUtf8,
    kUtf8Bom,
    kUtf16Le,
    kUtf16Be,
    kUtf32Le,
    kUtf32Be,
    kLatin1,
    kBinary
};

inline constexpr std::uint64_t kNoEnd = static_cast<std::uint64_t>(-1);

struct Document {
    std::string_view bytes;             // what engines read: UTF-8 or raw
    std::shared_ptr<const void> owner;  // keeps `bytes` alive
    std::string media_type;             // empty: unknown
    Origin origin;
    TextEncoding encoding = TextEncoding::kUtf8;  // of the source, before `bytes` was made
    // Windows of huge files: where bytes[0] stands in the source. Windows overlap, so each place
    // that begins in two of them belongs to the one that has more bytes around it: places that
    // begin outside of [owned_begin, owned_end) are another window's.
    std::uint64_t first_line = 1;
    std::uint64_t first_column = 1;
    std::uint64_t first_offset = 0;
    std::uint64_t owned_begin = 0;  // in `bytes`
    std::uint64_t owned_end = kNoEnd;
    // Where `bytes` are not the source's own (a notebook's cells, an office file's paragraphs):
    // what each line is called and where it stands. Then `source` is the file, where lines say so.
    std::vector<text::LineOrigin> line_origins;
    std::string source;
};

// The innermost file's path, members joined by '!'.
std::string display_path(const Origin& origin);

}  // namespace merlon::model
