#pragma once

// JSON (RFC 8259) in and out.
//
// Reading gives a Value with exact numbers and, where asked for, the byte span of each part, so
// that a wrong configuration is shown by line and column. The reader is ours and not simdjson's,
// which keeps neither number texts nor spans; the public JSONTestSuite holds it to the standard.
// Writing streams: no tree is needed, and the bytes depend on the calls alone.
//
// Thread-safe: no shared state. Cost: one pass each way.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/interner.h"
#include "base/result.h"
#include "value/value.h"

namespace merlon::text {

enum class JsonMode : std::uint8_t {
    kStrict,   // RFC 8259
    kLenient,  // also // and /* */ comments and trailing commas, as people write configurations
};
enum class DuplicateKeys : std::uint8_t { kLastWins, kRefuse };
enum class KeepSpans : std::uint8_t { kNo, kYes };

struct JsonOptions {
    JsonMode mode = JsonMode::kStrict;
    DuplicateKeys duplicate_keys = DuplicateKeys::kLastWins;
    KeepSpans spans = KeepSpans::kNo;
    std::size_t max_depth = 512;
    // May be null. Once it is set, reading fails.
    const CancelToken* cancel = nullptr;
};

// Reads one document, built in `arena`. Fails with the line and column of the first byte that does
// not fit and what was expected there. A byte order mark in front is accepted (section 8.1).
Result<value::ValueDocument> read_json(std::string_view bytes, Arena& arena, Interner& interner,
                                       const JsonOptions& options = {});

// How strings are escaped.
enum class JsonEscapes : std::uint8_t {
    kMinimal,  // what RFC 8259, section 7 requires; invalid UTF-8 as U+FFFD
    kGo,       // as Go's encoding/json: also <, >, &, U+2028 and U+2029, DEL as it is
};

// Writes one document by its parts, in order. Misuse (a key outside an object) is a bug of ours.
class JsonWriter {
  public:
    // `indent` is repeated for each level; empty writes everything on one line.
    explicit JsonWriter(std::string& out, std::string_view indent = {},
                        JsonEscapes escapes = JsonEscapes::kMinimal)
        : out_(out), indent_(indent), escapes_(escapes) {}

    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    JsonWriter& key(std::string_view name);
    JsonWriter& string(std::string_view text);
    JsonWriter& integer(std::int64_t number);
    JsonWriter& boolean(bool truth);  // NOLINT: a value, not an option
    JsonWriter& null();
    // A number or a whole value that is JSON already.
    JsonWriter& raw(std::string_view json);
    JsonWriter& value(const value::Value& tree);

    // key and string, the pair that is written most.
    JsonWriter& member(std::string_view name, std::string_view text) {
        return key(name).string(text);
    }

  private:
    void before_value();
    void line_break();

    std::string& out_;
    std::string indent_;
    JsonEscapes escapes_;
    std::vector<bool> empty_;  // for each open container: nothing written yet
    bool after_key_ = false;
};

// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text, JsonEscapes escapes);

}  // namespace merlon::text
