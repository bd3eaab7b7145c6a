#pragma once

// Documents and Reports as bytes, so that a sandboxed child can scan for its privileged parent, and
// results can stand in a cache.
//
// The idea: one list of fields for each type serves writer and reader, so the two cannot part. A
// value has exactly one form (shortest numbers, keys in order, nothing behind the end); whatever
// else arrives is an error, because the other side of the pipe may have been taken over by what it
// read. A message is a header of fixed size, which says how much follows, and a payload:
//
//   "MRLN", version (1 byte), kind (1 byte), payload bytes (8, little-endian), payload
//
// The form is internal: it carries a version and is read by the release that wrote it and by the
// next one. Numbers are LEB128, texts and lists are led by their length.
//
// Thread-safe: no state. Ownership: what is read owns its bytes (a Document's buffer is padded).
// Cost: one pass; reading takes at most some 40 times the message's bytes, so the caller bounds
// `payload_bytes` before it reads on.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/analysis.h"
#include "model/document.h"

namespace merlon::model {

inline constexpr std::uint8_t kSerialVersion = 4;
inline constexpr std::size_t kMessageHeaderBytes = 14;

enum class MessageKind : std::uint8_t { kDocument = 1, kReport = 2 };

struct MessageHeader {
    MessageKind kind = MessageKind::kDocument;
    std::uint64_t payload_bytes = 0;
};

// Reads the first kMessageHeaderBytes of a message; fails where they are no header of a version
// that this release knows.
Result<MessageHeader> read_message_header(std::string_view bytes);

// The whole message, header included. Cannot fail.
std::string serialize(const Document& document);
std::string serialize(const Report& report);

// Read a whole message of that kind. Fail with the offset of the first byte that does not fit;
// nothing half-read is returned.
Result<Document> deserialize_document(std::string_view message);
Result<Report> deserialize_report(std::string_view message);

}  // namespace merlon::model
