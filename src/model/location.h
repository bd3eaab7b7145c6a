#pragma once

// Where a fact stands: in a text, in an archive member, in an image layer, at an object path, at a
// URL, in an event. A value type.
//
// Paths are raw bytes with '/', relative to the repository's root, else to the argument. Lines and
// columns are 1-based; columns count code points, and the byte offset stands beside them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace merlon::model {

struct TextRegion {
    std::uint32_t start_line = 0;  // 0: the whole file, no region
    std::uint32_t start_column = 0;
    std::uint32_t end_line = 0;
    std::uint32_t end_column = 0;  // of the last code point inside, not one past it
    std::uint64_t start_offset = 0;
    std::uint64_t end_offset = 0;  // one past the last byte

    bool operator==(const TextRegion&) const = default;
};

// A file, or a member of an archive: `members` are the paths inside, outermost first.
struct FileLocation {
    std::string path;
    std::vector<std::string> members = {};
    TextRegion region = {};

    bool operator==(const FileLocation&) const = default;
};

struct LayerLocation {
    std::string image;         // reference with digest
    std::string layer_digest;  // algorithm:hex
    FileLocation file;

    bool operator==(const LayerLocation&) const = default;
};

// A value inside a document: an RFC 6901 pointer into JSON or YAML, or a Kubernetes object.
struct ObjectLocation {
    std::string object;  // such as namespace/kind/name, or the file
    std::string pointer;

    bool operator==(const ObjectLocation&) const = default;
};

struct UrlLocation {
    std::string url;
    bool operator==(const UrlLocation&) const = default;
};

struct EventLocation {
    std::string stream;
    std::string event_id;
    bool operator==(const EventLocation&) const = default;
};

using Location =
    std::variant<FileLocation, LayerLocation, ObjectLocation, UrlLocation, EventLocation>;

// "src/a.zip!inner/b.txt:3:7": for people and for the sort order of reports.
std::string to_string(const Location& location);

// The path with its members joined by '!', as gitleaks and others write it.
std::string joined_path(const FileLocation& file);

}  // namespace merlon::model
