#pragma once

// The lines of an SPDX document as tag-value text, and which of them are a member of its JSON
// without more ado.
//
// Standard: SPDX 2.1 to 2.3, tag-value format; facts of spdx/tools-golang 0.5.7. Thread-safe: no
// state. Cost: one pass.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::compat::conftest {

struct TagValue {
    std::string_view tag;
    std::string value;
    std::uint32_t line = 0;
};

// "SPDX: …" with the line.
Error spdx_error(std::uint32_t line, std::string message);
// Lines of "Tag: value"; a value in <text> may have several lines. Tags point into the text.
Result<std::vector<TagValue>> tag_values(std::string_view text);

enum class Section : unsigned char {
    kStart,
    kCreation,
    kPackage,
    kFile,
    kSnippet,
    kLicense,
    kReview
};

enum class Shape : unsigned char {
    kAlways,  // a text that stands there though it is empty
    kText,    // left out where it is empty
    kTexts,   // one more of an array
    kNothing  // no member of the document
};

struct PlainField {
    Section section;
    std::string_view tag;
    std::string_view member;
    Shape shape = Shape::kText;
    int since = 1;  // the minor version
};
std::span<const PlainField> plain_fields();

// Whether version 2.`minor` knows that algorithm of checksums.
bool is_checksum_algorithm(std::string_view name, int minor);

}  // namespace merlon::compat::conftest
