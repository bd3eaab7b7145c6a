#pragma once

// Checks a query against a schema: all that is wrong with it.
//
// The idea: one walk over the document, operations first, with the fragments that they spread; at
// each node the rules of gqlparser in the order of their names, behind those of what is below. The
// order of the walk is the order of the errors.
//
// Standard: GraphQL October 2021, section 5; order, places and words are gqlparser 2.5.58's. Not
// thread-safe. Bounds: depth and steps.

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "rego/graphql/schema.h"

namespace merlon::rego::graphql {

inline constexpr int kMaxQueryDepth = 200;
inline constexpr std::size_t kMaxQuerySteps = 200'000;

// gqlparser's numbers of kinds of values.
enum class LiteralKind : std::int8_t {
    kNone = -1,
    kVariable,
    kInteger,
    kFloat,
    kString,
    kBlock,
    kBoolean,
    kNull,
    kEnum,
    kList,
    kObject,
};
LiteralKind kind_of(const value::Value& literal);

inline bool is_field(const value::Value& selection) { return selection.find("Alias") != nullptr; }
inline bool is_spread(const value::Value& selection) {
    return !is_field(selection) && selection.find("TypeCondition") == nullptr;
}

// `text` in quotes, as it is.
inline std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

// What the walk has found out about a field: of what type it is one, and how that defines it.
struct FieldFacts {
    const Type* parent = nullptr;
    const value::Value* definition = nullptr;
};
using FieldTable = std::unordered_map<const value::Value*, FieldFacts>;

class QueryChecker {
  public:
    QueryChecker(const value::Value& query, const Schema& schema, value::Builder& values);

    // Errors without a line have no place. An error where a limit is reached.
    Result<std::vector<Error>> check();

  private:
    // What a literal is wanted to be; nothing is known where `type` is null.
    struct Wanted {
        const value::Value* type = nullptr;
        const Type* definition = nullptr;  // of the innermost name
        bool has_default = false;
    };
    using Selections = std::span<const value::Value>;

    Status walk_operation(const value::Value& operation);
    Status walk_fragment(const value::Value& fragment);
    Status walk_directives(const value::Value& node, std::string_view location);
    Status walk_argument(const value::Value* definition, const value::Value& argument);
    Status walk_selections(Selections selections, const Type* parent, int depth);
    Status walk_field(const value::Value& field, const Type* parent, int depth);
    Status walk_inline(const value::Value& fragment, const Type* parent, int depth);
    Status walk_spread(const value::Value& spread, const Type* parent, int depth);
    Status walk_literal(const value::Value& literal, const Wanted& wanted, int depth);

    Status after_operation(const value::Value& operation, const Type* root);
    void check_subscription(const value::Value& operation);
    Status after_field(const value::Value& field, const FieldFacts& facts);
    void suggest_field(const value::Value& field, const Type& parent);
    void after_directive(const value::Value& directive, const value::Value* definition,
                         std::string_view location);
    Status after_fragment(const value::Value& fragment, const Type* type);
    void check_circles(const value::Value& fragment);
    void check_unknown_arguments(const value::Value& node,
                                 std::span<const value::Value> definitions,
                                 const std::string& owner);
    void check_required_arguments(const value::Value& node,
                                  std::span<const value::Value> definitions,
                                  const std::string& owner);
    void check_unique_arguments(const value::Value& node);
    bool can_be_spread(const Type* parent, const Type* type) const;
    bool exceeds_introspection(Selections selections, std::set<std::string>& spread, int lists,
                               int depth) const;

    // Rules of values (query_values.cpp).
    void after_literal(const value::Value& literal, const Wanted& wanted,
                       const value::Value* variable);
    void check_value(const value::Value& literal, const Wanted& wanted);
    void check_enumerated(const value::Value& literal, const Wanted& wanted);
    void check_members(const value::Value& literal, const Type& type);
    void check_position(const value::Value& literal, const Wanted& wanted,
                        const value::Value& variable);

    const value::Value* variable_of(const value::Value& literal) const;
    std::string variable_title(const value::Value& literal) const;
    void add(const value::Value& node, std::string message) {
        errors_.push_back(at_node(node, std::move(message)));
    }
    Status merge_fields(Selections selections);
    Status spend() {
        if (++steps_ > kMaxQuerySteps) return Error{"the query is too complex"};
        return {};
    }

    const Schema& schema_;
    std::span<const value::Value> operations_;
    std::span<const value::Value> fragments_;
    value::Value type_name_field_;
    FieldTable fields_;
    std::vector<Error> errors_;
    std::size_t steps_ = 0;

    const value::Value* operation_ = nullptr;  // that is walked; null: a fragment is
    std::span<const value::Value> variables_;
    std::set<const value::Value*> used_variables_;
    std::set<std::string> walked_spreads_;
    std::set<std::string> used_fragments_;
    bool has_left_fragment_ = false;
    std::set<std::string> known_operations_;
    std::set<std::string> known_fragments_;
    std::set<std::string> fragments_without_circle_;
    std::set<std::tuple<std::string, std::uint32_t, std::uint32_t>> misplaced_directives_;
    std::map<std::pair<std::string, std::string>, bool> compared_fragments_;
};

}  // namespace merlon::rego::graphql
