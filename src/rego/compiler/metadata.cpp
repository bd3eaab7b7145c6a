#include "rego/compiler/metadata.h"

#include <algorithm>
#include <charconv>

#include "rego/syntax/compare.h"
#include "rego/syntax/json.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"
#include "text/json.h"
#include "value/value.h"

namespace merlon::rego::compiler {
namespace {

constexpr std::string_view kChain = "rego.metadata.chain";
constexpr std::string_view kOwn = "rego.metadata.rule";

// The first call of each.
struct CallFinder {
    const Expression* chain = nullptr;
    const Expression* rule = nullptr;

    void take_missing(const CallFinder& other) {
        if (chain == nullptr) chain = other.chain;
        if (rule == nullptr) rule = other.rule;
    }
    static bool enter(Term& /*term*/) { return true; }
    static bool enter(syntax::With& /*with*/) { return true; }
    bool enter(Expression& expression) {
        if (chain == nullptr && is_call_of(expression, kChain)) {
            chain = &expression;
        } else if (rule == nullptr && is_call_of(expression, kOwn)) {
            rule = &expression;
        }
        return true;
    }
};

// Of each part of the rule, of itself and of each `else`. As OPA has it: what an `else` below calls
// counts too; each part is looked at once.
std::vector<CallFinder> find_calls(syntax::Rule& rule) {
    std::vector<CallFinder> found;
    for (syntax::Rule* part = &rule; part != nullptr; part = part->otherwise) {
        CallFinder& own = found.emplace_back();
        syntax::walk(*part->head, own);
        syntax::walk(part->body, own);
    }
    for (std::size_t i = found.size(); i-- > 1;) found[i - 1].take_missing(found[i]);
    return found;
}

// Calls become the variables that hold their answers; null: it is not called.
struct CallReplacer {
    NodeMaker& maker;
    const Term* chain;
    const Term* rule;

    static bool enter(Term& /*term*/) { return true; }
    static bool enter(syntax::With& /*with*/) { return true; }
    bool enter(Expression& expression) {
        const Term* answer = nullptr;
        if (is_call_of(expression, kChain)) answer = chain;
        if (is_call_of(expression, kOwn)) answer = rule;
        if (answer == nullptr) return true;
        Location* const place = expression.location;
        Term* const variable = maker.variable(answer->text, place);
        if (expression.terms.size() > 1) {
            expression.terms = syntax::keep_pointers(
                {maker.operation({kEquality}, place), expression.terms[1], variable},
                maker.arena());
        } else {
            expression.kind = ExpressionKind::kTerm;
            expression.terms = syntax::keep_pointers({variable}, maker.arena());
        }
        expression.is_generated = true;
        expression.with = {};
        return true;
    }
};

}  // namespace

void MetadataWriter::replace_calls(syntax::Rule& rule, const syntax::Rule& written,
                                   const syntax::Module& module) {
    written_ = &written;
    reference_ = written.head->reference;
    module_ = &module;
    path_ = rule.head->reference;
    const std::vector<CallFinder> calls = find_calls(rule);
    std::size_t next = 0;
    for (syntax::Rule* part = &rule; part != nullptr; part = part->otherwise) {
        const CallFinder& found = calls[next++];
        // A block of metadata is of the rule and of none of its `else`.
        if (part != &rule) written_ = nullptr;
        std::vector<Expression*> body;
        const auto add = [&](const Expression* call, auto make) -> const Term* {
            if (call == nullptr) return nullptr;
            Term* const name = maker_.fresh(call->location);
            body.push_back(maker_.equality(name, make(call->location), call->location));
            return name;
        };
        const Term* const chain =
            add(found.chain, [this](Location* at) { return this->chain(at); });
        const Term* const own = add(found.rule, [this](Location* at) { return this->own(at); });
        if (body.empty()) continue;
        CallReplacer replacer{maker_, chain, own};
        syntax::walk(*part->head, replacer);
        syntax::walk(part->body, replacer);
        body.insert(body.end(), part->body.begin(), part->body.end());
        part->body = syntax::keep_pointers(body, maker_.arena());
    }
}

// OPA makes an int64 of what go-yaml has read as a uint64.
value::Value MetadataWriter::wrapped(const value::Value& number) const {
    value::NumberRoom room;
    const std::string_view text = number.number_text(room);
    std::uint64_t whole = 0;
    const auto [stopped, failed] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (failed != std::errc{} || stopped != text.data() + text.size()) return number;
    return value::Builder(maker_.arena(), interner_).integer(static_cast<std::int64_t>(whole));
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
            made->constant = wrapped(value);
            made->text = maker_.arena().copy(made->constant.number_text());
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
        // What only evaluation knows is no part of the path, and neither is what stands behind it.
        if (!is_scalar(*step)) break;
        const bool is_word = step->kind == TermKind::kString;
        steps.push_back(
            maker_.string(is_word ? std::string(step->text) : syntax::to_text(*step), location));
    }
    std::vector<Term*> members{maker_.string("path", location),
                               maker_.composite(TermKind::kArray, steps, location)};
    if (annotations != nullptr) {
        members.push_back(maker_.string("annotations", location));
        members.push_back(object_of(*annotations, location));
    }
    return maker_.composite(TermKind::kObject, members, location);
}

bool MetadataWriter::is_own(const syntax::Annotations& annotations) const {
    return written_ != nullptr && annotations.rule == written_ && annotations.scope == "rule";
}

Term* MetadataWriter::own(Location* location) {
    for (const syntax::Annotations* one : module_->annotations) {
        if (is_own(*one)) return object_of(*one, location);
    }
    return maker_.composite(TermKind::kObject, {}, location);
}

// From the rule outwards: itself, its document, its package, the packages around.
Term* MetadataWriter::chain(Location* location) {
    std::vector<Term*> links;
    for (const syntax::Annotations* one : module_->annotations) {
        if (is_own(*one)) links.push_back(link(path_, one, location));
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
        const bool is_same = one.rule != nullptr &&
                             syntax::compare(module.package->path, package) == 0 &&
                             syntax::compare(one.rule->head->reference, reference_) == 0;
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
