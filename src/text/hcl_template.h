#pragma once

// Templates of HCL: from the pieces between quotes, or of a heredoc, to one expression (hclsyntax's
// spec.md, "Templates"). A part of hcl.h.
//
// The idea: first a flat list, in which white space is trimmed and a flush heredoc loses what all
// its lines begin with; then texts that touch are joined, and directives become a tree.
//
// Thread-safe: no state. Cost: linear.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "text/hcl.h"
#include "text/hcl_lexer.h"

namespace merlon::text {

struct HclTemplatePart {
    enum class Kind : std::uint8_t { kText, kExpression, kIf, kElse, kEndIf, kFor, kEndFor };
    Kind kind = Kind::kText;
    HclSpan span;
    std::string text = {};
    const HclExpression* expression = nullptr;  // of kExpression, kIf, kFor
    std::string_view key_name = {};             // of kFor
    std::string_view value_name = {};
};

enum class HclIndent : std::uint8_t {
    kKept,
    kFlush,  // "<<-": the indentation of the least indented line is taken from all
};

// Appends what a kQuotedText or kHeredocText stands for: "\n", "$${" and their like are resolved.
Status append_hcl_text(const HclLexeme& token, std::string& out);

// The elements in the arena.
template <typename T>
std::span<const T> kept_in(Arena& arena, std::span<const T> elements) {
    const std::span<T> kept = arena.make_array<T>(elements.size());
    std::ranges::copy(elements, kept.begin());
    return kept;
}

// Unicode's white space at one end.
void trim_start(std::string& text);
void trim_end(std::string& text);

// A kTemplate, or a kWrap where the template is one expression and nothing else. Fails where
// directives do not fit together.
Result<const HclExpression*> join_hcl_template(std::vector<HclTemplatePart> parts, HclSpan span,
                                               HclIndent indent, Arena& arena);

}  // namespace merlon::text
