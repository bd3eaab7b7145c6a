#pragma once

// YAML (yaml.org/spec/1.2.2 and 1.1) to Values, by libyaml's events.
//
// The idea: libyaml knows the syntax; this reader knows the meaning: which plain scalars are
// numbers or booleans (the schema), anchors and aliases, merge keys, several documents. Aliases
// share their value instead of copying it, and the nodes of a document are counted with what
// aliases repeat, so that a "billion laughs" ends in an error.
//
// Infinities, "not a number" and integers of another base beyond 64 bits stay strings: a Value
// holds decimal numbers only. An explicit !!int, !!float, !!bool or !!null that its text does not
// fit is an error.
//
// Thread-safe: no shared state. Cost: one pass; O(n log n) in the keys of a mapping.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "base/result.h"
#include "text/json.h"
#include "value/value.h"

namespace merlon::text {

enum class YamlSchema : std::uint8_t {
    kCore,    // 1.2, section 10.3: true, false, null, ~, numbers
    kYaml11,  // 1.1: also yes, no, on, off, 017, 0b11, 1_000; sexagesimals stay strings
    kGo,      // go-yaml 3: 1.2's booleans; the numbers of both
    kGo2,     // go-yaml 2: 1.1's booleans, y and n too; the numbers of both
};
enum class YamlDocuments : std::uint8_t {
    kAll,
    kFirst,  // what stands behind it is not looked at, whatever it is
};
enum class MergeKeys : std::uint8_t { kApply, kKeep };  // "<<" (1.1, as most tools do)

// What ".inf", "-.inf" and ".nan" are, and what "!!timestamp" stands before: Value has neither.
enum class YamlInfinities : std::uint8_t {
    kText,    // the text that they are
    kMarked,  // kInfinityMark and Go's name: "+Inf", "-Inf", "NaN"; kTimestampMark, what the text
              // is without the tag ("str"), a space and the text
};
inline constexpr char kInfinityMark = '\xFF';  // in no text of valid UTF-8
inline constexpr char kTimestampMark = '\xFE';

// What go-yaml says of a text that it refuses, and the line that it tells with it; 0: it tells
// none.
struct GoYamlFailure {
    std::string problem;
    std::size_t line = 0;
};

struct YamlOptions {
    YamlSchema schema = YamlSchema::kCore;
    MergeKeys merge_keys = MergeKeys::kApply;
    DuplicateKeys duplicate_keys = DuplicateKeys::kRefuse;
    YamlInfinities infinities = YamlInfinities::kText;
    KeepSpans spans = KeepSpans::kNo;
    YamlDocuments documents = YamlDocuments::kAll;
    std::size_t max_depth = 256;
    std::size_t max_nodes = 10'000'000;   // with what aliases repeat
    GoYamlFailure* go_failure = nullptr;  // filled where reading fails and go-yaml has words for it
};

// The documents of the stream. Fails with line, column and libyaml's reason.
Result<std::vector<value::ValueDocument>> read_yaml(std::string_view bytes, Arena& arena,
                                                    Interner& interner,
                                                    const YamlOptions& options = {});

}  // namespace merlon::text
