#pragma once

// The syntax tree of Rego: what a module says, before anything is resolved.
//
// The idea: plain structs in the arena of the caller, one for each kind of node, with the text each
// was read from. Constants are Values already. The order of elements is the order of the source;
// what order the language gives them is compare()'s matter (rego/syntax/compare.h).
//
// Ownership: everything lives in the arena that was given to the parser, texts included. A tree may
// be read by any number of threads; the formatter works on its own. Nothing here fails.

#include <cstdint>
#include <span>
#include <string_view>

#include "rego/syntax/token.h"
#include "value/value.h"

namespace merlon::rego::syntax {

// Where a node stood. Nodes that OPA places together share one Location.
struct Location {
    std::uint32_t row = 0;     // 1-based; 0: nowhere
    std::uint32_t column = 0;  // 1-based code points
    std::uint32_t offset = 0;  // bytes
    // What it was read from; begins before `offset` where parentheses are around.
    std::string_view text = {};
    bool is_synthetic = false;  // made by the formatter, points nowhere
};

struct Expression;
struct Term;
using Body = std::span<Expression*>;
using Terms = std::span<Term*>;

// In the language's order of kinds.
enum class TermKind : std::uint8_t {
    kNull,
    kBoolean,
    kNumber,
    kString,
    kTemplateString,
    kVariable,
    kReference,
    kArray,
    kObject,
    kSet,
    kArrayComprehension,
    kObjectComprehension,
    kSetComprehension,
    kCall,
};

// A piece of a template string: a constant (`term`) or `{…}` (`expression`).
struct TemplatePart {
    Term* term = nullptr;
    Expression* expression = nullptr;
};

struct Term {
    TermKind kind = TermKind::kNull;
    bool is_multi_line = false;  // a template string in back quotes
    Location* location = nullptr;
    // A variable's name (wildcards are "$0", "$1", …), a string's content, a number as written.
    std::string_view text = {};
    value::Value constant = {};  // null, boolean, number, string
    // Elements, a set's without equal ones; an object's keys and values in turn, equal keys
    // included; a reference's head and path; a call's operator and operands; a comprehension's
    // term, or key and value.
    Terms terms = {};
    Body body = {};  // of a comprehension
    std::span<TemplatePart> template_parts = {};
};

struct With {
    Location* location = nullptr;
    Term* target = nullptr;
    Term* value = nullptr;
};

// In the order that expressions have at the same place of a body.
enum class ExpressionKind : std::uint8_t { kSome, kTerm, kCall, kEvery, kNot, kAnd, kOr };

struct Expression {
    ExpressionKind kind = ExpressionKind::kTerm;
    bool is_negated = false;
    bool is_generated = false;       // the body that a rule without one has
    bool has_explicit_left = false;  // braces around the left operand, or behind `not`
    bool has_explicit_right = false;
    std::uint32_t index = 0;  // in its body
    Location* location = nullptr;
    Location* declaration = nullptr;  // of `some`, `every`, `not`, `and`, `or` itself
    // kTerm: the term. kCall: operator and operands. kSome: symbols, or one call of `in`.
    // kEvery: key or null, value, domain.
    Terms terms = {};
    Body left = {};   // of `every` and `not`; the left operand of `and` and `or`
    Body right = {};  // their right operand
    std::span<With*> with = {};
};

struct Annotations;

struct Head {
    std::string_view name = {};  // empty where only `reference` says it
    Terms reference = {};
    Terms arguments = {};
    Term* key = nullptr;
    Term* value = nullptr;
    Location* location = nullptr;
    bool is_called = false;    // has parentheses, perhaps with nothing in them
    bool is_assigned = false;  // :=
    bool has_if = false;
    bool has_contains = false;
    bool is_value_generated = false;
};

struct Rule {
    Head* head = nullptr;
    Body body = {};
    Rule* otherwise = nullptr;  // else
    Location* location = nullptr;
    std::span<const Annotations*> annotations = {};
    bool is_default = false;
    bool is_body_generated = false;
};

struct Package {
    Terms path = {};  // begins with `data`
    Location* location = nullptr;
};

struct Import {
    Term* path = nullptr;  // a reference
    std::string_view alias = {};
    Location* location = nullptr;
    Location* alias_location = nullptr;
};

struct Comment {
    std::string_view text = {};  // without '#'
    Location* location = nullptr;
};

struct RelatedResource {
    std::string_view reference = {};
    std::string_view description = {};
};
struct Author {
    std::string_view name = {};
    std::string_view email = {};
};
struct SchemaAnnotation {
    Terms path = {};
    Terms schema = {};  // empty: `definition` says it
    const value::Value* definition = nullptr;
};
struct CompileAnnotation {
    std::span<Terms> unknowns = {};
    Terms mask_rule = {};
};

enum class AnnotationTarget : std::uint8_t { kNothing, kPackage, kImport, kRule };

// A `# METADATA` block.
struct Annotations {
    std::string_view scope = {};
    std::string_view title = {};
    std::string_view description = {};
    bool is_entrypoint = false;
    std::span<const std::string_view> organizations = {};
    std::span<const RelatedResource> related_resources = {};
    std::span<const Author> authors = {};
    std::span<const SchemaAnnotation> schemas = {};
    const CompileAnnotation* compile = nullptr;
    const value::Value* custom = nullptr;  // an object
    const value::Value* labels = nullptr;  // an object
    Location* location = nullptr;
    AnnotationTarget target = AnnotationTarget::kNothing;
    const Rule* rule = nullptr;  // where the target is one
};

struct Module {
    Package* package = nullptr;
    std::span<Import*> imports = {};
    std::span<Rule*> rules = {};
    std::span<Comment*> comments = {};
    std::span<Annotations*> annotations = {};
    RegoVersion version = RegoVersion::kV1;         // it was parsed as
    RegoVersion latest_version = RegoVersion::kV1;  // whose words it uses, by its imports
};

inline bool is_wildcard(std::string_view variable) { return variable.starts_with('$'); }

inline bool is_variable(const Term& term, std::string_view name) {
    return term.kind == TermKind::kVariable && term.text == name;
}
inline bool is_root_document(const Term& term) {
    return is_variable(term, "data") || is_variable(term, "input");
}

// "objectcomprehension": OPA's name of the kind, for messages and JSON.
std::string_view name(TermKind kind);

}  // namespace merlon::rego::syntax
