#include "rego/syntax/json.h"

#include <span>
#include <utility>

#include "rego/syntax/compare.h"
#include "rego/syntax/literal.h"
#include "text/base64.h"
#include "text/json.h"

namespace merlon::rego::syntax {
namespace {

class TreeWriter {
  public:
    void annotations(const Annotations& annotations);
    TreeWriter(std::string& out, const JsonOptions& options)
        : json_(out, options.indent, text::JsonEscapes::kGo),
          options_(options),
          file_(options.file) {}

    void module(const Module& module);
    void residue(std::span<const Body> queries, std::span<Module* const> modules);
    void terms(Terms terms) {
        array(terms, [this](const Term* element) { term(*element); });
    }
    void term_value(const Term& term);
    void term(const Term& term);
    void expression(const Expression& expression);
    void rule(const Rule& rule);
    void body(Body body) {
        array(body, [this](const Expression* element) { expression(*element); });
    }

  private:
    template <typename Elements, typename Write>
    void array(const Elements& elements, Write write) {
        json_.begin_array();
        for (const auto& element : elements) write(element);
        json_.end_array();
    }
    void flag(std::string_view name, bool truth) {  // NOLINT: a value
        if (truth) json_.key(name).boolean(true);
    }
    void text_member(std::string_view name, std::string_view text) {
        if (!text.empty()) json_.member(name, text);
    }
    enum class With : std::uint8_t { kText, kNoText };
    void location(std::string_view key, const Location* location);
    void place(const Location& location, With text);
    void template_string(const Term& term);
    void expression_terms(const Expression& expression);
    void every(const Expression& every);
    void logical(const Expression& expression);
    void head(const Head& head);
    void import(const Import& import);
    void schema(const SchemaAnnotation& schema);

    text::JsonWriter json_;
    // Terms that stand in an annotation's text, read on their own: no file has their places.
    void annotation_terms(Terms terms) {
        const std::string_view file = std::exchange(file_, {});
        this->terms(terms);
        file_ = file;
    }

    const JsonOptions& options_;
    std::string_view file_;
};

void TreeWriter::place(const Location& location, With text) {
    json_.begin_object();
    json_.member("file", file_);
    json_.key("row").integer(location.row);
    json_.key("col").integer(location.column);
    if (text == With::kText && options_.locations == JsonLocations::kYes) {
        json_.member("text", text::encode_base64(location.text, text::Base64Alphabet::kStandard));
    }
    json_.end_object();
}

void TreeWriter::location(std::string_view key, const Location* location) {
    if (location == nullptr || options_.locations == JsonLocations::kNo) return;
    json_.key(key);
    place(*location, With::kText);
}

void TreeWriter::term(const Term& term) {
    json_.begin_object();
    location("location", term.location);
    json_.member("type", name(term.kind));
    json_.key("value");
    term_value(term);
    json_.end_object();
}

void TreeWriter::term_value(const Term& term) {
    switch (term.kind) {
        case TermKind::kNull:
            json_.begin_object().end_object();
            break;
        case TermKind::kBoolean:
            json_.boolean(term.constant.as_boolean());
            break;
        case TermKind::kNumber:
            json_.raw(json_number(term.text));
            break;
        case TermKind::kString:
            json_.string(term.text);
            break;
        case TermKind::kVariable:
            json_.string(options_.name_of ? options_.name_of(term.text) : term.text);
            break;
        case TermKind::kReference:
        case TermKind::kArray:
        case TermKind::kCall:
            terms(term.terms);
            break;
        case TermKind::kSet: {
            std::vector<Term*> sorted = sorted_elements(term);
            terms(sorted);
            break;
        }
        case TermKind::kObject: {
            std::vector<Term*> sorted = sorted_elements(term);
            json_.begin_array();
            for (std::size_t i = 0; i < sorted.size(); i += 2) terms(Terms(sorted).subspan(i, 2));
            json_.end_array();
            break;
        }
        case TermKind::kTemplateString:
            template_string(term);
            break;
        case TermKind::kArrayComprehension:
        case TermKind::kObjectComprehension:
        case TermKind::kSetComprehension:
            json_.begin_object();
            if (term.terms.size() == 2) {
                json_.key("key");
                this->term(*term.terms[0]);
            }
            json_.key(term.terms.size() == 2 ? "value" : "term");
            this->term(*term.terms.back());
            json_.key("body");
            body(term.body);
            json_.end_object();
            break;
    }
}

void TreeWriter::template_string(const Term& term) {
    json_.begin_object().key("parts");
    if (term.template_parts.empty()) {
        json_.null();
    } else {
        array(term.template_parts, [this](const TemplatePart& part) {
            if (part.term != nullptr) {
                this->term(*part.term);
            } else {
                expression(*part.expression);
            }
        });
    }
    json_.key("multi_line").boolean(term.is_multi_line);
    json_.end_object();
}

void TreeWriter::every(const Expression& every) {
    json_.begin_object().key("body");
    body(every.left);
    json_.key("domain");
    term(*every.terms[2]);
    json_.key("key");
    if (every.terms[0] == nullptr) {
        json_.null();
    } else {
        term(*every.terms[0]);
    }
    location("location", every.declaration);
    json_.key("value");
    term(*every.terms[1]);
    json_.end_object();
}

void TreeWriter::logical(const Expression& expression) {
    json_.begin_object();
    flag("explicit_lhs", expression.has_explicit_left);
    flag("explicit_rhs", expression.has_explicit_right);
    json_.key("lhs");
    body(expression.left);
    json_.key("rhs");
    body(expression.right);
    json_.member("type", expression.kind == ExpressionKind::kAnd ? "and" : "or");
    json_.end_object();
}

void TreeWriter::expression_terms(const Expression& expression) {
    switch (expression.kind) {
        case ExpressionKind::kTerm:
            term(*expression.terms[0]);
            break;
        case ExpressionKind::kCall:
            terms(expression.terms);
            break;
        case ExpressionKind::kEvery:
            every(expression);
            break;
        case ExpressionKind::kAnd:
        case ExpressionKind::kOr:
            logical(expression);
            break;
        case ExpressionKind::kSome:
            json_.begin_object();
            location("location", expression.declaration);
            json_.key("symbols");
            terms(expression.terms);
            json_.end_object();
            break;
        case ExpressionKind::kNot:
            json_.begin_object().key("body");
            body(expression.left);
            json_.key("explicit_body").boolean(expression.has_explicit_left);
            json_.member("type", "not");
            json_.end_object();
            break;
    }
}

void TreeWriter::expression(const Expression& expression) {
    json_.begin_object();
    flag("generated", expression.is_generated);
    json_.key("index").integer(expression.index);
    location("location", expression.location);
    flag("negated", expression.is_negated);
    json_.key("terms");
    expression_terms(expression);
    if (!expression.with.empty()) {
        json_.key("with");
        array(expression.with, [this](const syntax::With* with) {
            json_.begin_object();
            location("location", with->location);
            json_.key("target");
            term(*with->target);
            json_.key("value");
            term(*with->value);
            json_.end_object();
        });
    }
    json_.end_object();
}

void TreeWriter::head(const Head& head) {
    json_.begin_object();
    text_member("name", head.name);
    if (!head.arguments.empty()) {
        json_.key("args");
        terms(head.arguments);
    }
    if (head.key != nullptr) {
        json_.key("key");
        term(*head.key);
    }
    if (head.value != nullptr) {
        json_.key("value");
        term(*head.value);
    }
    flag("assign", head.is_assigned);
    json_.key("ref");
    terms(head.reference);
    location("location", head.location);
    json_.end_object();
}

void TreeWriter::rule(const Rule& rule) {
    json_.begin_object();
    if (!rule.annotations.empty()) {
        json_.key("annotations");
        array(rule.annotations, [this](const Annotations* element) { annotations(*element); });
    }
    json_.key("body");
    body(rule.body);
    flag("default", rule.is_default);
    if (rule.otherwise != nullptr) {
        json_.key("else");
        this->rule(*rule.otherwise);
    }
    json_.key("head");
    head(*rule.head);
    location("location", rule.location);
    json_.end_object();
}

void TreeWriter::import(const Import& import) {
    json_.begin_object();
    text_member("alias", import.alias);
    location("alias_location", import.alias_location);
    location("location", import.location);
    json_.key("path");
    term(*import.path);
    json_.end_object();
}

void TreeWriter::schema(const SchemaAnnotation& schema) {
    json_.begin_object().key("path");
    array(schema.path, [this](const Term* part) {
        if (options_.schema_paths == SchemaPaths::kTexts) {
            json_.string(part->text);
            return;
        }
        json_.begin_object().member("type", name(part->kind)).key("value");
        term_value(*part);
        json_.end_object();
    });
    if (!schema.schema.empty()) {
        json_.key("schema");
        if (options_.schema_paths == SchemaPaths::kTexts) {
            array(schema.schema, [this](const Term* part) { json_.string(part->text); });
        } else {
            annotation_terms(schema.schema);
        }
    }
    if (schema.definition != nullptr) json_.key("definition").value(*schema.definition);
    json_.end_object();
}

void TreeWriter::annotations(const Annotations& annotations) {
    json_.begin_object();
    if (!annotations.authors.empty()) {
        json_.key("authors");
        array(annotations.authors, [this](const Author& author) {
            json_.begin_object().member("name", author.name);
            text_member("email", author.email);
            json_.end_object();
        });
    }
    if (annotations.compile != nullptr) {
        json_.key("compile").begin_object();
        if (!annotations.compile->unknowns.empty()) {
            json_.key("unknowns");
            array(annotations.compile->unknowns, [this](Terms unknown) {
                // Of what is no text nothing is known.
                if (unknown.empty()) {
                    json_.null();
                } else {
                    annotation_terms(unknown);
                }
            });
        }
        if (!annotations.compile->mask_rule.empty()) {
            json_.key("mask_rule");
            annotation_terms(annotations.compile->mask_rule);
        }
        json_.end_object();
    }
    if (annotations.custom != nullptr && annotations.custom->size() > 0)
        json_.key("custom").value(*annotations.custom);
    text_member("description", annotations.description);
    flag("entrypoint", annotations.is_entrypoint);
    if (annotations.labels != nullptr && annotations.labels->size() > 0)
        json_.key("labels").value(*annotations.labels);
    location("location", annotations.location);
    if (!annotations.organizations.empty()) {
        json_.key("organizations");
        array(annotations.organizations, [this](std::string_view text) { json_.string(text); });
    }
    if (!annotations.related_resources.empty()) {
        json_.key("related_resources");
        array(annotations.related_resources, [this](const RelatedResource& resource) {
            json_.begin_object();
            text_member("description", resource.description);
            json_.member("ref", resource.reference);
            json_.end_object();
        });
    }
    if (!annotations.schemas.empty()) {
        json_.key("schemas");
        array(annotations.schemas, [this](const SchemaAnnotation& element) { schema(element); });
    }
    json_.member("scope", annotations.scope);
    text_member("title", annotations.title);
    json_.end_object();
}

void TreeWriter::module(const Module& module) {
    json_.begin_object().key("package").begin_object();
    location("location", module.package->location);
    json_.key("path");
    terms(module.package->path);
    json_.end_object();
    if (!module.imports.empty()) {
        json_.key("imports");
        array(module.imports, [this](const Import* element) { import(*element); });
    }
    if (!module.annotations.empty()) {
        json_.key("annotations");
        array(module.annotations, [this](const Annotations* element) { annotations(*element); });
    }
    if (!module.rules.empty()) {
        json_.key("rules");
        array(module.rules, [this](const Rule* element) { rule(*element); });
    }
    if (!module.comments.empty() && options_.comments == JsonComments::kYes) {
        json_.key("comments");
        array(module.comments, [this](const Comment* comment) {
            json_.begin_object().member(
                "Text", text::encode_base64(comment->text, text::Base64Alphabet::kStandard));
            json_.key("Location");
            place(*comment->location, With::kText);
            json_.end_object();
        });
    }
    json_.end_object();
}

void TreeWriter::residue(std::span<const Body> queries, std::span<Module* const> modules) {
    json_.begin_object().key("partial").begin_object();
    if (!queries.empty()) {
        json_.key("queries");
        array(queries, [this](Body query) { body(query); });
    }
    if (!modules.empty()) {
        json_.key("modules");
        array(modules, [this](const Module* one) { module(*one); });
    }
    json_.end_object();
    json_.end_object();
}

}  // namespace

std::string to_json(std::span<const Body> queries, std::span<Module* const> modules) {
    std::string out;
    const JsonOptions options;
    TreeWriter(out, options).residue(queries, modules);
    return out;
}

std::string to_json(const Module& module, const JsonOptions& options) {
    std::string out;
    TreeWriter(out, options).module(module);
    return out;
}

std::string to_json(const Rule& rule, const JsonOptions& options) {
    std::string out;
    TreeWriter(out, options).rule(rule);
    return out;
}

std::string to_json(Body body, const JsonOptions& options) {
    std::string out;
    TreeWriter(out, options).body(body);
    return out;
}

std::string to_json(const Expression& expression, const JsonOptions& options) {
    std::string out;
    TreeWriter(out, options).expression(expression);
    return out;
}

std::string to_json(const Term& term, const JsonOptions& options) {
    std::string out;
    TreeWriter(out, options).term(term);
    return out;
}

std::string to_json(Terms terms) {
    std::string out;
    const JsonOptions options{.indent = {}};
    TreeWriter(out, options).terms(terms);
    return out;
}

std::string value_to_json(const Term& term) {
    std::string out;
    const JsonOptions options{.indent = {}};
    TreeWriter(out, options).term_value(term);
    return out;
}

std::string to_json(const Annotations& annotations, SchemaPaths paths) {
    std::string out;
    const JsonOptions options{.schema_paths = paths};
    TreeWriter(out, options).annotations(annotations);
    return out;
}

}  // namespace merlon::rego::syntax
