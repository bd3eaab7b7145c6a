#include "compat/opa/syntax_outline.h"

#include "rego/go_format.h"
#include "rego/syntax/compare.h"
#include "rego/syntax/print.h"

namespace merlon::compat::opa {
namespace {

using namespace rego::syntax;

class Outline {
  public:
    void module(const Module& module) {
        line("module");
        ++depth_;
        line("package");
        path(module.package->path);
        for (const Import* import : module.imports) {
            line("import");
            ++depth_;
            term(*import->path);
            line(is_wildcard(import->alias) ? "_" : import->alias);
            --depth_;
        }
        for (const Rule* rule : module.rules) this->rule(*rule);
        for (std::size_t i = 0; i < module.annotations.size(); ++i) line("annotations");
        for (std::size_t i = 0; i < module.comments.size(); ++i) line("comment");
    }
    std::string take() { return std::move(out_); }

  private:
    void line(std::string_view text) {
        out_ += std::string(depth_, ' ');
        out_ += text;
        out_ += '\n';
    }
    void path(Terms terms) {
        ++depth_;
        line("ref");
        inside(terms);
        --depth_;
    }
    void inside(Terms terms) {
        ++depth_;
        for (const Term* part : terms) term(*part);
        --depth_;
    }
    void body(Body body) {
        line("body");
        ++depth_;
        for (const Expression* one : body) expression(*one);
        --depth_;
    }

    void term(const Term& term) {
        switch (term.kind) {
            case TermKind::kReference:
                line("ref");
                return inside(term.terms);
            case TermKind::kArray:
                line("array");
                return inside(term.terms);
            case TermKind::kSet:
                line("set");
                return inside(sorted_elements(term));
            case TermKind::kObject:
                line("object");
                return inside(sorted_elements(term));
            case TermKind::kCall:
                line("call");
                return inside(term.terms);
            case TermKind::kTemplateString:
                return line("templatestring");
            case TermKind::kArrayComprehension:
            case TermKind::kSetComprehension:
            case TermKind::kObjectComprehension:
                line(name(term.kind));
                inside(term.terms);
                ++depth_;
                body(term.body);
                --depth_;
                return;
            default:
                // OPA's printer takes a value for a format.
                line(rego::go_sprintf(to_text(term), {}).value_or(to_text(term)));
        }
    }
    void inside(std::vector<Term*> terms) { inside(Terms(terms)); }

    void expression(const Expression& expression) {
        line((expression.is_negated ? "expr negated index=" : "expr index=") +
             std::to_string(expression.index));
        ++depth_;
        switch (expression.kind) {
            case ExpressionKind::kSome:
                line("somedecl");
                inside(expression.terms);
                break;
            case ExpressionKind::kTerm:
            case ExpressionKind::kCall:
                for (const Term* one : expression.terms) term(*one);
                break;
            case ExpressionKind::kEvery:
                line("every");
                ++depth_;
                for (const Term* one : expression.terms) {
                    if (one != nullptr) term(*one);
                }
                body(expression.left);
                --depth_;
                break;
            case ExpressionKind::kNot:
            case ExpressionKind::kAnd:
            case ExpressionKind::kOr:
                line(expression.kind == ExpressionKind::kNot   ? "not"
                     : expression.kind == ExpressionKind::kAnd ? "logicaland"
                                                               : "logicalor");
                ++depth_;
                body(expression.left);
                if (expression.kind != ExpressionKind::kNot) body(expression.right);
                --depth_;
                break;
        }
        for (const With* with : expression.with) {
            line("with");
            ++depth_;
            term(*with->target);
            term(*with->value);
            --depth_;
        }
        --depth_;
    }

    void rule(const Rule& rule) {
        line("rule");
        ++depth_;
        line("head");
        path(rule.head->reference);
        ++depth_;
        if (!rule.head->arguments.empty()) {
            line("args");
            inside(rule.head->arguments);
        }
        if (rule.head->value != nullptr) {
            term(*rule.head->value);
        } else if (rule.head->key == nullptr) {
            line("true");
        }
        --depth_;
        body(rule.body);
        if (rule.otherwise != nullptr) this->rule(*rule.otherwise);
        --depth_;
    }

    std::size_t depth_ = 0;
    std::string out_;
};

}  // namespace

std::string syntax_outline(const Module& module) {
    Outline outline;
    outline.module(module);
    return outline.take();
}

}  // namespace merlon::compat::opa
