#pragma once

// Where in a JSON or YAML document an offset stands, as an RFC 6901 pointer: "/users/0/password".
//
// The idea: the document is read once, when a first place in it is asked for, and kept.
//
// Immutable once read, thread-safe. Cost: one reading; a look-up takes the depth times the width of
// what lies on the way.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace merlon::text {

class PointerIndex {
  public:
    // Whether files of this name are read at all.
    static bool fits(std::string_view path);
    // An index without places where `bytes` is no such document.
    static PointerIndex read(std::string_view bytes, std::string_view path);

    // Of a YAML stream with several documents, behind the number of the one: "document 2:
    // /data/key".
    std::optional<std::string> at(std::uint64_t offset) const;

  private:
    struct Documents;
    std::shared_ptr<const Documents> documents_;
};

}  // namespace merlon::text
