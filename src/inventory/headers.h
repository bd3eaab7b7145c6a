#pragma once

// "Name: value" blocks as mails have them (RFC 5322, section 2.2) and as package databases do
// (deb-control(5), PyPA's core metadata, MANIFEST.MF, R's DESCRIPTION): a line that begins with a
// blank goes on, an empty line ends the block.
//
// Views into the text. Thread-safe: no state. Cost: one pass.

#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::inventory {

struct Header {
    std::string_view name;
    std::string_view value;  // trimmed; lines that go on are in it with their line feeds
    std::size_t offset = 0;
};

struct HeaderBlock {
    std::vector<Header> headers;
    std::size_t begin = 0;
    std::size_t end = 0;                 // where the next block may begin
    std::size_t bad_offset = kNoOffset;  // of a line that is no header

    // The first of that name, empty where there is none. In mails and what is made like them case
    // does not matter, in databases of apk-tools it does.
    std::string_view get(std::string_view name) const;
    std::string_view get_any_case(std::string_view name) const;
    // Where it begins; where there is none, where the block does.
    std::size_t offset_of(std::string_view name) const;
};

// The block that begins at or behind `offset`; without headers where there is no more.
HeaderBlock read_header_block(std::string_view text, std::size_t offset);

}  // namespace merlon::inventory
