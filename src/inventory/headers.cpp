#include "inventory/headers.h"

#include <algorithm>

#include "base/ascii.h"
#include "inventory/reading.h"

namespace merlon::inventory {
namespace {

const Header* find(const HeaderBlock& block, std::string_view name) {
    for (const Header& header : block.headers)
        if (header.name == name) return &header;
    return nullptr;
}

}  // namespace

std::string_view HeaderBlock::get(std::string_view name) const {
    const Header* header = find(*this, name);
    return header == nullptr ? std::string_view() : header->value;
}

std::string_view HeaderBlock::get_any_case(std::string_view name) const {
    for (const Header& header : headers)
        if (equal_without_case(header.name, name)) return header.value;
    return {};
}

std::size_t HeaderBlock::offset_of(std::string_view name) const {
    const Header* header = find(*this, name);
    return header == nullptr ? begin : header->offset;
}

HeaderBlock read_header_block(std::string_view text, std::size_t offset) {
    HeaderBlock block;
    block.begin = block.end = offset;
    while (block.end < text.size()) {
        const std::size_t line_begin = block.end;
        const std::size_t line_end = std::min(text.find('\n', line_begin), text.size());
        const std::string_view line = text.substr(line_begin, line_end - line_begin);
        block.end = std::min(line_end + 1, text.size());
        if (trim(line).empty()) {
            if (block.headers.empty()) continue;  // empty lines in front
            break;
        }
        if ((line[0] == ' ' || line[0] == '\t') && !block.headers.empty()) {
            Header& last = block.headers.back();
            const std::size_t value_begin =
                last.value.empty() ? line_begin
                                   : static_cast<std::size_t>(last.value.data() - text.data());
            last.value = trim(text.substr(value_begin, line_end - value_begin));
            continue;
        }
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            block.bad_offset = std::min(block.bad_offset, line_begin);
            continue;
        }
        if (block.headers.empty()) block.begin = line_begin;
        block.headers.push_back(
            {trim(line.substr(0, colon)), trim(line.substr(colon + 1)), line_begin});
    }
    return block;
}

}  // namespace merlon::inventory
