#pragma once

// XML 1.0 (w3.org/TR/xml) to a tree, by expat.
//
// The idea: what package files need is elements by name, their text and where they stand. Names
// and prefixes are apart, comments and processing instructions are left out. Documents that
// declare entities are refused: they are how a small file becomes a large one, or reads another.
//
// The tree is not a Value, because order and repetition of elements carry the meaning and an object
// has neither. It lives in the arena of the caller; the text is copied into it.
//
// Thread-safe: no shared state. Cost: one pass.

#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/result.h"

namespace merlon::text {

struct XmlAttribute {
    std::string_view name;
    std::string_view value;
};

struct XmlElement {
    std::string_view name;        // without prefix
    std::string_view prefix;      // empty: none
    std::string_view text;        // of its own, not of its children; without blanks around it
    std::string_view whole_text;  // the same with those blanks
    // The last piece of it: behind the last child, comment, instruction or CDATA section that text
    // follows. Without blanks around it, and so perhaps empty.
    std::string_view last_text;
    std::span<const XmlAttribute> attributes;
    std::size_t offset = 0;  // of its '<', in bytes of the text
    XmlElement* parent = nullptr;
    XmlElement* first_child = nullptr;
    XmlElement* next = nullptr;  // the next child of the same parent

    // The first child of that name, or null.
    const XmlElement* child(std::string_view child_name) const;
    std::string_view child_text(std::string_view child_name) const;  // empty where there is none
    // Empty where there is none.
    std::string_view attribute(std::string_view attribute_name) const;
};

struct XmlLimits {
    std::size_t max_depth = 256;
    std::size_t max_elements = 2'000'000;
    // May be null. Once it is set, reading fails.
    const CancelToken* cancel = nullptr;
};

// Reads one document, whose texts come as UTF-8. One that is valid UTF-8 is that whatever it
// declares; else what it declares counts: Latin-1, Windows-1252, or UTF-16 with its mark. Fails
// with line, column and expat's reason. Returns the root, which is in `arena`.
Result<const XmlElement*> read_xml(std::string_view bytes, Arena& arena,
                                   const XmlLimits& limits = {});

}  // namespace merlon::text
