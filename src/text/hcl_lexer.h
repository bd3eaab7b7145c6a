#pragma once

// The tokens of HCL's native syntax; hcl.h says what for.
//
// Thread-safe: no state. Cost: one pass; 32 bytes for each token.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::text {

enum class HclToken : std::uint8_t {
    kEnd,
    kNewline,
    kLineComment,  // with the line feed that ends it
    kName,
    kNumber,
    kOperator,  // text says which
    kOpenBrace,
    kCloseBrace,
    kOpenQuote,
    kCloseQuote,
    kOpenHeredoc,        // "<<EOT" or "<<-EOT" with the line feed
    kCloseHeredoc,       // the line of the marker, without its line feed
    kQuotedText,         // between quotes, as it is written
    kHeredocText,        // of one line at most
    kOpenInterpolation,  // "${" or "${~"
    kOpenControl,        // "%{" or "%{~"
    kCloseSequence,      // "}" or "~}" of the two
};

struct HclLexeme {
    HclToken kind = HclToken::kEnd;
    std::size_t begin = 0;
    std::string_view text;

    std::size_t end() const { return begin + text.size(); }
    bool is(std::string_view operator_text) const {
        return kind == HclToken::kOperator && text == operator_text;
    }
    bool is_name(std::string_view name) const { return kind == HclToken::kName && text == name; }
};

// All tokens; the last one is kEnd. Fails with the offset of what is none.
Result<std::vector<HclLexeme>> lex_hcl(std::string_view source);

}  // namespace merlon::text
