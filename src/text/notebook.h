#pragma once

// Jupyter notebooks (nbformat 4) as the lines that a person sees.
//
// The idea: sources and text outputs are JSON strings, so that `key = "abc"` stands in the file as
// `key = \"abc\"` and one cell may be one long line. Here they are lines again, each with the name
// of its cell; every other string (metadata, attachments that are no pictures) follows, so that
// nothing goes unread. A finding is shown where it stands in the file as well.
//
// Thread-safe: no state. Cost: one reading of the JSON.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/cancel.h"
#include "text/readable.h"

namespace merlon::text {

bool is_notebook(std::string_view path);

// Nothing where `json` is no notebook of this format: then it is read as it stands. Once `cancel`
// is set, no further cell is read.
std::optional<ReadableText> notebook_text(std::string_view json, const CancelToken& cancel);

// The offset in `source` of the byte that `decoded_bytes` bytes of text lead to, where the text
// begins at `begin`, inside a JSON string. Escapes are longer than what they stand for.
std::uint64_t json_source_offset(std::string_view source, std::uint64_t begin,
                                 std::uint64_t decoded_bytes);

}  // namespace merlon::text
