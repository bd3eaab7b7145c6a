#pragma once

// Writes YAML 1.2 (yaml.org/spec/1.2.2) in block style by its parts, in order, with the same calls
// as text::JsonWriter, so that one function can write both.
//
// Keys are plain and must need no quotes; strings are double-quoted with JSON's escapes, which
// YAML has too (section 5.7). Misuse is a bug of ours. Not thread-safe: one writer. Cost: one pass.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace merlon::text {

class YamlWriter {
  public:
    explicit YamlWriter(std::string& out) : out_(out) {}

    YamlWriter& begin_object() { return begin(Kind::kObject); }
    YamlWriter& end_object() { return end("{}"); }
    YamlWriter& begin_array() { return begin(Kind::kArray); }
    YamlWriter& end_array() { return end("[]"); }
    YamlWriter& key(std::string_view name);
    YamlWriter& string(std::string_view text);
    YamlWriter& integer(std::int64_t number);
    YamlWriter& boolean(bool truth);  // NOLINT: a value, not an option
    YamlWriter& member(std::string_view name, std::string_view text) {
        return key(name).string(text);
    }

  private:
    enum class Kind : std::uint8_t { kObject, kArray };
    struct Open {
        Kind kind;
        std::size_t indent;   // columns before each child
        bool on_line = true;  // the first child goes on the line that is there
        bool empty = true;
    };

    YamlWriter& begin(Kind kind);
    YamlWriter& end(std::string_view if_empty);
    void start_child();
    void before_scalar();

    std::string& out_;
    std::vector<Open> open_;
    bool after_key_ = false;
};

}  // namespace merlon::text
