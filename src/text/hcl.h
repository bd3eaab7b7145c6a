#pragma once

// HCL's native syntax, version 2 (github.com/hashicorp/hcl, hclsyntax/spec.md), to a tree: what
// Terraform, Packer and Nomad are written in.
//
// The idea: a lexer with modes (plain, quoted template, heredoc) makes all tokens first, because a
// brace means what the innermost template says; then recursive descent makes a tree that keeps the
// place of each expression, so that a tool can show one as it was written. Nothing is evaluated:
// names mean nothing here.
//
// The tree is not a Value, because expressions are not data. It lives in the caller's arena, and
// its texts refer to the source or to the arena.
//
// Any character beyond ASCII may stand in a name, where HCL asks Unicode's identifier classes.
//
// Thread-safe: no shared state. Cost: linear. Bounds: bytes and depth; the first error ends it.

#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"

namespace merlon::text {

struct HclSpan {
    std::size_t begin = 0;
    std::size_t end = 0;
};

enum class HclKind : std::uint8_t {
    kNull,
    kBoolean,      // text: "true" or "false"
    kNumber,       // text: as it was written
    kString,       // text: a literal part of a template
    kTemplate,     // operands: parts
    kWrap,         // operands: the one expression of "${…}"
    kTuple,        // operands
    kObject,       // operands: keys and values in turn
    kVariable,     // text: its name
    kAttribute,    // operands: of what; text: the name or the number
    kIndex,        // operands: of what, key
    kSplat,        // operands: of what; and what follows, applied to each (to a kEach)
    kEach,         // the element that a splat is about
    kCall,         // text: the name, with "::"; operands: arguments
    kUnary,        // text: the operator; operands: one
    kBinary,       // text: the operator; operands: two
    kConditional,  // operands: condition, where it is true, where it is not
    kFor,          // operands: collection, key or null, value, condition or null
    kParentheses,  // operands: one
    kJoin,         // operands: the kFor of a %{for}, whose texts follow each other
};

struct HclExpression {
    HclKind kind = HclKind::kNull;
    // kFor: the result is an object. kCall, kFor: "..." stands at the end.
    bool is_object = false;
    bool is_expanded = false;
    // kObject's keys: parentheses are around, so that a name is a reference and no text.
    bool has_parentheses = false;
    HclSpan span;
    std::string_view text = {};
    std::string_view key_name = {};  // kFor; empty: none. The value's name is in `text`.
    std::span<const HclExpression* const> operands = {};
};

struct HclAttribute {
    std::string_view name;
    const HclExpression* value = nullptr;
    HclSpan span;
};

struct HclBlock;

struct HclBody {
    std::span<const HclAttribute> attributes = {};  // names differ
    std::span<const HclBlock* const> blocks = {};
};

struct HclBlock {
    std::string_view type;
    std::span<const std::string_view> labels = {};
    HclBody body;
    HclSpan span;
};

struct HclLimits {
    std::size_t max_bytes = std::size_t{64} << 20;
    std::size_t max_depth = 200;
};

// Reads one file. Fails with the offset of what does not fit and what was expected there.
Result<HclBody> read_hcl(std::string_view source, Arena& arena, const HclLimits& limits = {});

}  // namespace merlon::text
