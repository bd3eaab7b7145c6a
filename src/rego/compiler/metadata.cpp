#include "rego/compiler/metadata.h"

#include <algorithm>

#include "rego/syntax/compare.h"
#include "rego/syntax/json.h"
#include "text/json.h"
#include "value/value.h"

namespace merlon::rego::compiler {
namespace {

constexpr std::string_view kChain = "rego.metadata.chain";
constexpr std::string_view kRule = "rego.metadata.rule";

bool is_metadata(std::string_view name) { return name == kChain || name == kRule; }

}  // namespace

void MetadataWriter::replace_calls(syntax::Rule& rule, const syntax::Rule& written,
                                   const syntax::Module& module) {
    written_ = &written;
    module_ = &module;
    path_ = rule.head->reference;
    for (syntax::Rule* part = &rule; part != nullptr; part = part->otherwise) {
        visit(part->body);
        if (part->head->key != nullptr) visit(*part->head->key);
        if (part->head->value != nullptr) visit(*part->head->value);
    }
}

void MetadataWriter::visit(Body body) {
    for (Expression* one : body) {
        visit(one->left);
        visit(one->right);
        for (Term* term : one->terms) {
            if (term != nullptr) visit(*term);
        }
        if (one->kind != ExpressionKind::kCall) continue;
        const std::string name = operator_name(*one->terms[0]);
        if (!is_metadata(name)) continue;
        Term* const value = answer(name, one->location);
        if (one->terms.size() > 1) {
            one->terms = syntax::keep_pointers(
                {maker_.operation({kEquality}, one->location), one->terms[1], value},
                maker_.arena());
        } else {
            one->kind = ExpressionKind::kTerm;
            one->terms = syntax::keep_pointers({value}, maker_.arena());
        }
    }
}

void MetadataWriter::visit(Term& term) {
    visit(term.body);
    for (Term* part : term.terms) visit(*part);
    if (term.kind != TermKind::kCall) return;
    const std::string name = operator_name(*term.terms[0]);
    if (is_metadata(name)) term = *answer(name, term.location);
}

Term* MetadataWriter::answer(std::string_view name, Location* location) {
    return name == kChain ? chain(location) : own(location);
}

Term* MetadataWriter::term_of(const value::Value& value, Location* location) {
    Term* const made = maker_.arena().make<Term>();
    made->location = location;
    std::vector<Term*> parts;
    switch (value.kind()) {
        case value::Kind::kBoolean:
            made->kind = TermKind::kBoolean;
            made->constant = value;
            return made;
        case value::Kind::kNumber:
            made->kind = TermKind::kNumber;
            made->constant = value;
            return made;
        case value::Kind::kString:
            return maker_.string(value.as_string(), location);
        case value::Kind::kArray:
            for (const value::Value& item : value.items()) parts.push_back(term_of(item, location));
            return maker_.composite(TermKind::kArray, parts, location);
        case value::Kind::kObject:
            for (std::size_t i = 0; i < value.size(); ++i) {
                parts.push_back(term_of(value.keys()[i], location));
                parts.push_back(term_of(value.values()[i], location));
            }
            return maker_.composite(TermKind::kObject, parts, location);
        default:
            return made;  // null
    }
}

Term* MetadataWriter::object_of(const syntax::Annotations& annotations, Location* location) {
    const std::string text = syntax::to_json(annotations, syntax::SchemaPaths::kTexts);
    const auto document = text::read_json(text, maker_.arena(), interner_);
    if (!document.ok()) return maker_.composite(TermKind::kObject, {}, location);
    return term_of(*document.value().root, location);
}

Term* MetadataWriter::link(Terms path, const syntax::Annotations* annotations, Location* location) {
    std::vector<Term*> steps;
    for (const Term* step : path.subspan(1)) {
        steps.push_back(maker_.string(step->text, location));
    }
    std::vector<Term*> members{maker_.string("path", location),
                               maker_.composite(TermKind::kArray, steps, location)};
    if (annotations != nullptr) {
        members.push_back(maker_.string("annotations", location));
        members.push_back(object_of(*annotations, location));
    }
    return maker_.composite(TermKind::kObject, members, location);
}

Term* MetadataWriter::own(Location* location) {
    for (const syntax::Annotations* one : module_->annotations) {
        if (one->rule == written_ && one->scope == "rule") return object_of(*one, location);
    }
    return maker_.composite(TermKind::kObject, {}, location);
}

// From the rule outwards: itself, its document, its package, the packages around.
Term* MetadataWriter::chain(Location* location) {
    std::vector<Term*> links;
    for (const syntax::Annotations* one : module_->annotations) {
        if (one->rule == written_ && one->scope == "rule") {
            links.push_back(link(path_, one, location));
        }
    }
    if (links.empty()) links.push_back(link(path_, nullptr, location));
    const Terms package = module_->package->path;
    const auto each = [&](std::string_view scope, const auto& visit_one) {
        for (const SourceModule& source : modules_) {
            for (const syntax::Annotations* one : source.module->annotations) {
                if (one->scope == scope) visit_one(*source.module, *one);
            }
        }
    };
    each("document", [&](const syntax::Module& module, const syntax::Annotations& one) {
        const bool is_same =
            one.rule != nullptr && syntax::compare(module.package->path, package) == 0 &&
            syntax::compare(one.rule->head->reference, written_->head->reference) == 0;
        if (is_same) links.push_back(link(path_, &one, location));
    });
    each("package", [&](const syntax::Module& module, const syntax::Annotations& one) {
        if (syntax::compare(module.package->path, package) == 0) {
            links.push_back(link(package, &one, location));
        }
    });
    for (std::size_t depth = package.size(); depth > 1; --depth) {
        const Terms around = package.first(depth);
        each("subpackages", [&](const syntax::Module& module, const syntax::Annotations& one) {
            if (syntax::compare(module.package->path, around) == 0) {
                links.push_back(link(around, &one, location));
            }
        });
    }
    return maker_.composite(TermKind::kArray, links, location);
}

}  // namespace merlon::rego::compiler
