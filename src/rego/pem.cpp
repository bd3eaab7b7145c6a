#include "rego/pem.h"

#include <algorithm>

#include "rego/encodings.h"

namespace merlon::rego {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

// Takes a line off, without what is white at its end.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t last = line.find_last_not_of(" \t\r");
    return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

std::optional<PemBlock> next_pem_block(std::string_view& text) {
    std::string_view rest = text;
    while (true) {
        std::size_t begin = rest.starts_with(kBegin) ? 0 : rest.find("\n-----BEGIN ");
        if (begin == std::string_view::npos) return std::nullopt;
        if (rest[begin] == '\n') ++begin;
        rest.remove_prefix(begin + kBegin.size());
        const std::string_view line = take_line(rest);
        if (!line.ends_with(kDashes)) continue;
        PemBlock block;
        block.label = line.substr(0, line.size() - kDashes.size());
        std::string_view inside = rest;
        for (std::string_view header = inside; !inside.empty(); inside = header) {
            if (take_line(header).find(':') == std::string_view::npos) break;
        }
        std::size_t end = inside.starts_with(kEnd) ? 0 : inside.find("\n-----END ");
        if (end == std::string_view::npos) continue;
        std::string body(inside.substr(0, end));
        std::string_view after = inside.substr(end + (inside[end] == '\n' ? 1 : 0) + kEnd.size());
        if (!after.starts_with(block.label)) continue;
        after.remove_prefix(block.label.size());
        if (!after.starts_with(kDashes)) continue;
        after.remove_prefix(kDashes.size());
        if (!take_line(after).empty()) continue;
        std::erase_if(body, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
        auto bytes = go_base64_decode(body, Base64Form::kStandard);
        if (!bytes.ok()) continue;
        block.bytes = std::move(bytes).value();
        text = after;
        return block;
    }
}

}  // namespace merlon::rego
