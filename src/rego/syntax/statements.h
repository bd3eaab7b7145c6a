#pragma once

// Statements on their own, for those who read one after the other: a package, an import, a rule, or
// the body of a query.
//
// Standard: OPA 1.22.2's ParseStatements and ParseRuleFromExpr. Thread-safe: no state. Cost: as
// parse_module().

#include <string_view>
#include <vector>

#include "rego/syntax/parser.h"
#include "rego/syntax/tree.h"

namespace merlon::rego::syntax {

enum class StatementKind : std::uint8_t { kPackage, kImport, kRule, kBody };

struct Statement {
    StatementKind kind;
    Package* package = nullptr;
    Import* import = nullptr;
    Rule* rule = nullptr;
    Body body = {};
};

Location* location_of(const Statement& statement);

struct ParsedStatements {
    std::vector<Statement> statements;
    std::vector<SyntaxError> errors;
};
ParsedStatements parse_statements(std::string_view source, Arena& arena, Interner& interner,
                                  const ParseOptions& options = {});

// The rule that a query's body can also be read as: `x := 1`. An error says why it is none.
Result<Rule*> rule_of_body(Body body, Arena& arena);

}  // namespace merlon::rego::syntax
