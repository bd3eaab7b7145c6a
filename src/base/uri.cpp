#include "base/uri.h"

#include <algorithm>
#include <charconv>

namespace merlon {
namespace {

bool is_scheme(std::string_view text) {
    // Section 3.1: ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
    const auto is_alpha = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (text.empty() || !is_alpha(text.front())) return false;
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return is_alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    });
}

// Cuts `text` at the first of `separators`; the part behind keeps the separator.
std::string_view take_until(std::string_view& text, std::string_view separators) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end);
    return part;
}

// Section 5.2.4.
std::string remove_dot_segments(std::string_view input) {
    std::string output;
    const auto drop_last_segment = [&output] {
        const std::size_t slash = output.rfind('/');
        output.resize(slash == std::string::npos ? 0 : slash);
    };
    while (!input.empty()) {
        if (input.starts_with("../")) {
            input.remove_prefix(3);
        } else if (input.starts_with("./") || input.starts_with("/./")) {
            input.remove_prefix(2);
        } else if (input == "/.") {
            input = "/";
        } else if (input.starts_with("/../")) {
            input.remove_prefix(3);
            drop_last_segment();
        } else if (input == "/..") {
            input = "/";
            drop_last_segment();
        } else if (input == "." || input == "..") {
            input = {};
        } else {
            const std::size_t end = std::min(input.find('/', 1), input.size());
            output += input.substr(0, end);
            input.remove_prefix(end);
        }
    }
    return output;
}

// Section 5.2.3.
std::string merge_paths(const UriParts& base, std::string_view path) {
    if (base.authority && base.path.empty()) return "/" + std::string(path);
    const std::size_t slash = base.path.rfind('/');
    const std::size_t kept = slash == std::string_view::npos ? 0 : slash + 1;
    return std::string(base.path.substr(0, kept)) + std::string(path);
}

}  // namespace

UriParts parse_uri(std::string_view reference) {
    UriParts parts;
    if (const std::size_t colon = reference.find_first_of(":/?#");
        colon != std::string_view::npos && reference[colon] == ':' &&
        is_scheme(reference.substr(0, colon))) {
        parts.scheme = reference.substr(0, colon);
        reference.remove_prefix(colon + 1);
    }
    if (reference.starts_with("//")) {
        reference.remove_prefix(2);
        parts.authority = take_until(reference, "/?#");
    }
    parts.path = take_until(reference, "?#");
    if (reference.starts_with('?')) {
        reference.remove_prefix(1);
        parts.query = take_until(reference, "#");
    }
    if (reference.starts_with('#')) parts.fragment = reference.substr(1);
    return parts;
}

std::string resolve_uri(std::string_view base_text, std::string_view reference) {
    const UriParts base = parse_uri(base_text);
    const UriParts given = parse_uri(reference);
    UriParts target = given;
    std::string path;
    if (given.scheme || given.authority) {
        if (!given.scheme) target.scheme = base.scheme;
        path = remove_dot_segments(given.path);
    } else {
        target.scheme = base.scheme;
        target.authority = base.authority;
        if (given.path.empty()) {
            path = base.path;
            if (!given.query) target.query = base.query;
        } else if (given.path.starts_with('/')) {
            path = remove_dot_segments(given.path);
        } else {
            path = remove_dot_segments(merge_paths(base, given.path));
        }
    }
    // Section 5.3.
    std::string out;
    if (target.scheme) out.append(*target.scheme) += ':';
    if (target.authority) (out += "//").append(*target.authority);
    out += path;
    if (target.query) (out += '?').append(*target.query);
    if (target.fragment) (out += '#').append(*target.fragment);
    return out;
}

std::string percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        if (text[i] == '%' && text.size() - i > 2) {
            const char* digits = text.data() + i + 1;
            const auto [end, code] = std::from_chars(digits, digits + 2, byte, 16);
            if (code == std::errc{} && end == digits + 2) {
                out += static_cast<char>(byte);
                i += 2;
                continue;
            }
        }
        out += text[i];
    }
    return out;
}

}  // namespace merlon
