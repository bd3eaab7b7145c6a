#pragma once

// What a report template is once it is read: a tree of nodes, whose pipelines are trees of terms.
//
// The idea: parse_template() settles everything that does not depend on the findings (names of
// functions, blocks, literals), so that rendering only walks the tree.
//
// Immutable once made, thread-safe. Limits: kMaxTemplateDepth blocks, parentheses or calls deep.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "templates/template.h"
#include "templates/template_value.h"

namespace merlon::templates {

constexpr int kMaxTemplateDepth = 64;

// One operand or one call. An operand alone is a call without arguments.
struct TemplateTerm {
    enum class Kind : std::uint8_t { kDot, kVariable, kLiteral, kCall, kPipeline };
    Kind kind = Kind::kDot;
    std::string name;                 // of the variable or function
    std::vector<std::string> fields;  // .A.B behind it
    TemplateValue literal;
    std::vector<TemplateTerm> parts;  // arguments, or the commands of a pipeline
};

struct Template::Node {
    enum class Kind : std::uint8_t {
        kText,
        kPrint,
        kIf,
        kWith,
        kRange,
        kList,
        kTemplate,  // of the name in `text`
        kBreak,
        kContinue,
    };
    Kind kind = Kind::kText;
    std::string text;
    std::vector<std::string> variables;  // that the pipeline sets
    bool assigns = false;                // "=": variables that are there already
    TemplateTerm pipeline;
    std::vector<Node> body;
    std::vector<Node> otherwise;
};

struct Template::Parsed {
    Node root;
    std::map<std::string, Node> defined;
    OwnFunctions own;
    CommonFunctions common = CommonFunctions::kSprig;
};

Result<Template::Parsed> parse_template(std::string_view text, OwnFunctions own,
                                        CommonFunctions common);

}  // namespace merlon::templates
