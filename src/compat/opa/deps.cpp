#include <algorithm>
#include <set>

#include "compat/opa/commands.h"
#include "compat/opa/load.h"
#include "compat/opa/load_failure.h"
#include "compat/opa/needed_references.h"
#include "compat/opa/table.h"
#include "rego/syntax/compare.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"
#include "text/json.h"

namespace merlon::compat::opa {
namespace {

using rego::compiler::PlacedRule;
using rego::syntax::Expression;
using rego::syntax::Term;
using rego::syntax::TermKind;

// Whether rego.metadata is called, which wants annotations.
class MetadataCalls {
  public:
    explicit MetadataCalls(std::span<const rego::compiler::SourceModule> modules) {
        for (const auto& source : modules)
            for (rego::syntax::Rule* rule : source.module->rules) rego::syntax::walk(*rule, *this);
    }
    bool are_there() const { return are_there_; }

    bool enter(const Term& term) {
        if (term.kind == TermKind::kReference && term.terms.size() > 2 &&
            rego::syntax::is_variable(*term.terms[0], "rego") &&
            term.terms[1]->kind == TermKind::kString && term.terms[1]->text == "metadata")
            are_there_ = true;
        return true;
    }
    bool enter(const Expression& /*unused*/) { return true; }
    bool enter(const rego::syntax::With& /*unused*/) { return true; }

  private:
    bool are_there_ = false;
};

class Dependencies {
  public:
    explicit Dependencies(const rego::compiler::Prepared& prepared) : prepared_(prepared) {}

    void follow(const NeededReferences& needed) {
        for (DocumentReference path : needed.minimal()) {
            const auto is_dynamic = [](const Term* step) { return step->kind > TermKind::kString; };
            path.erase(std::find_if(path.begin() + 1, path.end(), is_dynamic), path.end());
            const std::vector<PlacedRule> rules = rules_at(path);
            if (rules.empty()) base_.insert(path);
            for (const PlacedRule& placed : rules) {
                if (!seen_.insert(placed.rule).second) continue;
                NeededReferences below;
                below.add(*placed.rule);
                follow(below);
                DocumentReference name;
                for (const Term* part : placed.rule->head->reference) {
                    if (!name.empty() && part->kind > TermKind::kString) break;
                    name.push_back(part);
                }
                virtual_.insert(name);
            }
        }
    }
    const DocumentReferences& base() const { return base_; }
    const DocumentReferences& computed() const { return virtual_; }

  private:
    // Rules at the path or below it, and those on the way to it: compiler.GetRules of OPA.
    std::vector<PlacedRule> rules_at(const DocumentReference& path) const {
        if (!rego::syntax::is_variable(*path[0], "data")) return {};
        const rego::compiler::RuleNode* node = &prepared_.tree->root();
        std::vector<PlacedRule> on_the_way;
        for (std::size_t i = 1; i < path.size(); ++i) {
            node = node->child(*path[i]);
            if (node == nullptr) return on_the_way;
            if (on_the_way.empty()) on_the_way = node->rules;
        }
        std::vector<PlacedRule> rules = node->all_rules();
        rules.insert(rules.end(), on_the_way.begin(), on_the_way.end());
        if (path.size() == 1) {
            // Who asks for all of `data` is not shown what the engine keeps there for itself.
            const auto* const system = node->child(std::string_view("system"));
            const auto hidden = system == nullptr ? std::vector<PlacedRule>() : system->all_rules();
            std::erase_if(rules, [&hidden](const PlacedRule& placed) {
                return std::ranges::find(hidden, placed.rule, &PlacedRule::rule) != hidden.end();
            });
        }
        return rules;
    }

    const rego::compiler::Prepared& prepared_;
    std::set<const rego::syntax::Rule*> seen_;
    DocumentReferences base_;
    DocumentReferences virtual_;
};

std::string text_of(const DocumentReference& path) {
    std::vector<Term*> terms;
    for (const Term* part : path) terms.push_back(const_cast<Term*>(part));
    return rego::syntax::to_text(rego::syntax::Terms(terms));
}

void write_paths(text::JsonWriter& json, std::string_view name, const DocumentReferences& paths) {
    if (paths.empty()) return;
    json.key(name).begin_array();
    for (const DocumentReference& path : paths) {
        json.begin_array();
        for (const Term* part : path) {
            json.begin_object().member("type", rego::syntax::name(part->kind)).key("value");
            if (part->kind == TermKind::kVariable) {
                json.string(part->text);
            } else if (part->kind == TermKind::kNull) {
                json.begin_object().end_object();  // as OPA's own type of null is written
            } else {
                json.value(part->constant);
            }
            json.end_object();
        }
        json.end_array();
    }
    json.end_array();
}

std::string table_of(const Dependencies& found) {
    std::vector<std::pair<std::string, std::vector<std::string>>> columns;
    for (const auto& [name, paths] : {std::pair("BASE DOCUMENTS", &found.base()),
                                      std::pair("VIRTUAL DOCUMENTS", &found.computed())}) {
        if (paths->empty()) continue;
        columns.push_back({name, {}});
        for (const DocumentReference& path : *paths) columns.back().second.push_back(text_of(path));
    }
    if (columns.empty()) return {};
    TableRow names;
    std::size_t height = 0;
    for (const auto& [name, texts] : columns) {
        names.push_back(name);
        height = std::max(height, texts.size());
    }
    std::vector<TableRow> rows;
    for (std::size_t i = 0; i < height; ++i) {
        TableRow& row = rows.emplace_back();
        for (const auto& [name, texts] : columns) row.push_back(i < texts.size() ? texts[i] : "");
    }
    return draw_table(names, rows);
}

}  // namespace

int run_deps(const ParsedCommand& command, const Outside& outside) {
    if (command.arguments.size() != 1) {
        return wrongly_asked(command, outside, "specify exactly one query argument");
    }
    Arena arena;
    Interner interner;
    // The query is read before anything else.
    std::vector<ShownError> errors;
    rego::syntax::ParseOptions options;
    options.rules = rego::syntax::ReadRules::kNo;
    const auto query = rego::syntax::parse_query(command.arguments[0], arena, interner, options);
    for (const auto& error : query.errors) errors.push_back(shown(error, ""));
    const auto refuse = [&outside, &errors] {
        outside.write_error(to_string(errors) + "\n");
        return kWronglyAsked;
    };
    if (!errors.empty()) return refuse();
    Loader loader(arena, interner, rego::syntax::RegoVersion::kV1);
    loader.pass_over_annotations();
    load_data(command, outside, loader);
    if (!loader.errors().empty()) {
        outside.write_error(load_failure(loader.errors()).to_string() + "\n");
        return 1;
    }
    // OPA reads the policies once more.
    Loader with_annotations(arena, interner, rego::syntax::RegoVersion::kV1);
    const bool wants_annotations = MetadataCalls(loader.modules()).are_there();
    if (wants_annotations) {
        load_data(command, outside, with_annotations);
        errors = with_annotations.errors();
        if (!errors.empty()) return refuse();
    }
    const auto prepared =
        rego::compiler::prepare(wants_annotations ? with_annotations.modules() : loader.modules(),
                                {}, {.cancel = outside.cancel});
    for (const auto& error : prepared.errors) errors.push_back(shown(error));
    if (!errors.empty()) return refuse();
    Dependencies found(prepared);
    NeededReferences needed;
    needed.add_query(query.body);
    found.follow(needed);
    if (command.text("format") != "json") return print(outside, table_of(found), 0);
    std::string out;
    text::JsonWriter json(out, "  ", text::JsonEscapes::kGo);
    json.begin_object();
    write_paths(json, "base", found.base());
    write_paths(json, "virtual", found.computed());
    json.end_object();
    return print(outside, out + "\n", 0);
}

}  // namespace merlon::compat::opa
