#include "text/xml_write.h"

#include "base/assert.h"
#include "text/utf8.h"

namespace merlon::text {
namespace {

enum class Place : unsigned char { kText, kAttribute };

// Section 2.2: what is a character of a document.
bool is_xml_character(char32_t value) {
    return value == '\t' || value == '\n' || value == '\r' ||
           (value >= 0x20 && value != 0xFFFE && value != 0xFFFF);
}

// What stands for a character that would be taken for markup, or (sections 2.11 and 3.3.3) read
// back as another; empty where it stands for itself.
std::string_view escape_of(char32_t value, Place place) {
    switch (value) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '\r':
            return "&#13;";
        default:
            break;
    }
    if (place == Place::kText) return {};
    return value == '"' ? "&quot;" : value == '\n' ? "&#10;" : value == '\t' ? "&#9;" : "";
}

void append_escaped(std::string& out, std::string_view text, Place place) {
    while (!text.empty()) {
        const CodePoint point = decode_utf8(text);
        const std::string_view escape = escape_of(point.value, place);
        if (!point.valid || !is_xml_character(point.value)) {
            append_utf8(out, kReplacement);
        } else if (!escape.empty()) {
            out += escape;
        } else {
            out += text.substr(0, point.width);
        }
        text.remove_prefix(point.width);
    }
}

}  // namespace

XmlWriter::XmlWriter(std::string& out, std::string_view indent) : out_(out), indent_(indent) {
    out_ += R"(<?xml version="1.0" encoding="UTF-8"?>)";
}

XmlWriter& XmlWriter::begin(std::string_view element) {
    close_start_tag();
    line_break();
    out_ += '<';
    out_ += element;
    open_.emplace_back(element);
    in_start_tag_ = true;
    last_ = Last::kStart;
    return *this;
}

XmlWriter& XmlWriter::attribute(std::string_view name, std::string_view value) {
    MERLON_ASSERT(in_start_tag_);
    out_ += ' ';
    out_ += name;
    out_ += "=\"";
    append_escaped(out_, value, Place::kAttribute);
    out_ += '"';
    return *this;
}

XmlWriter& XmlWriter::text(std::string_view content) {
    if (content.empty()) return *this;
    close_start_tag();
    append_escaped(out_, content, Place::kText);
    last_ = Last::kText;
    return *this;
}

XmlWriter& XmlWriter::end() {
    MERLON_ASSERT(!open_.empty());
    const std::string element = std::move(open_.back());
    open_.pop_back();
    if (in_start_tag_) {
        out_ += "/>";
        in_start_tag_ = false;
    } else {
        if (last_ == Last::kEnd) line_break();
        out_ += "</";
        out_ += element;
        out_ += '>';
    }
    last_ = Last::kEnd;
    if (open_.empty()) out_ += '\n';
    return *this;
}

void XmlWriter::close_start_tag() {
    if (!in_start_tag_) return;
    out_ += '>';
    in_start_tag_ = false;
}

void XmlWriter::line_break() {
    out_ += '\n';
    for (std::size_t i = 0; i < open_.size(); ++i) out_ += indent_;
}

}  // namespace merlon::text
