#include "compat/opa/optimize.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>

#include "compat/opa/watching.h"
#include "rego/compiler/dependencies.h"
#include "rego/syntax/compare.h"
#include "rego/syntax/format.h"
#include "rego/syntax/literal.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"

namespace merlon::compat::opa {
namespace {

using rego::compiler::PlacedRule;
using rego::syntax::Annotations;
using rego::syntax::Expression;
using rego::syntax::Module;
using rego::syntax::RegoVersion;
using rego::syntax::Rule;
using rego::syntax::Term;
using rego::syntax::TermKind;
using rego::syntax::Terms;

// A path from `data` up to its first variable, each step as it would be written.
using Steps = std::vector<std::string>;

constexpr std::string_view kResult = "$__result__";
constexpr std::string_view kFolder = "/optimized/";

// What is known of a reference; of a rule's head the first step is its name.
enum class FirstStep : std::uint8_t { kDocument, kName };
void append_steps(Steps& steps, Terms reference, FirstStep first) {
    for (std::size_t i = first == FirstStep::kDocument ? 1 : 0; i < reference.size(); ++i) {
        const Term& term = *reference[i];
        if (i > 0 && term.kind > TermKind::kString) return;
        const bool is_text = i == 0 || term.kind == TermKind::kString;
        steps.push_back(is_text ? rego::syntax::go_quoted(term.text) : rego::syntax::to_text(term));
    }
}

// Of "shop/allow".
Steps steps_of_path(std::string_view path) {
    Steps steps;
    if (path.starts_with('/')) path.remove_prefix(1);
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        steps.push_back(rego::syntax::go_quoted(path.substr(0, end)));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return steps;
}

std::string text_of(const Steps& steps) {
    std::string text = "data";
    for (const std::string& step : steps) text += "[" + step + "]";
    return text;
}

Steps steps_of(const Module& module, const Rule& rule) {
    Steps steps;
    append_steps(steps, module.package->path, FirstStep::kDocument);
    append_steps(steps, rule.head->reference, FirstStep::kName);
    return steps;
}

bool begins_with(const Steps& steps, const Steps& prefix) {
    return steps.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), steps.begin());
}

struct EntryPoint {
    Steps steps;
    std::string text;  // "data.shop.allow"
    const Term* reference = nullptr;
};

class Nobody : public rego::watch::EventListener {
  public:
    void heard(const rego::watch::Event& /*event*/) override {}
};

// The references of trees that lead to documents of `data`.
struct DataReferences {
    std::vector<const Term*>& found;

    bool enter(Term& term) {
        const bool is_data = term.kind == TermKind::kReference && !term.terms.empty() &&
                             rego::syntax::is_variable(*term.terms[0], "data");
        if (is_data) found.push_back(&term);
        return true;
    }
    static bool enter(Expression& /*expression*/) { return true; }
    static bool enter(rego::syntax::With& /*with*/) { return true; }
};

// What `with` replaces, but for the input.
struct Replaced {
    std::map<std::string, const Term*>& targets;

    static bool enter(Term& /*term*/) { return true; }
    static bool enter(Expression& /*expression*/) { return true; }
    bool enter(rego::syntax::With& with) {
        const Term& target = *with.target;
        const Term& head = target.kind == TermKind::kReference ? *target.terms[0] : target;
        if (!rego::syntax::is_variable(head, "input")) {
            targets.emplace(rego::syntax::to_text(target), &target);
        }
        return true;
    }
};

// Where the body of a rule begins on its first line: behind an `if` that stands in no brackets and
// no text.
std::size_t body_of(std::string_view line) {
    constexpr std::string_view kIf = " if ";
    int depth = 0;
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote != 0) {
            if (c == '\\' && quote == '"') ++i;
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '`') {
            quote = c;
        } else if (std::string_view("([{").find(c) != std::string_view::npos) {
            ++depth;
        } else if (std::string_view(")]}").find(c) != std::string_view::npos) {
            --depth;
        } else if (depth == 0 && line.substr(i).starts_with(kIf)) {
            return i + kIf.size();
        }
    }
    return std::string_view::npos;
}

// A rule that was kept by the evaluation has its body in braces on lines of their own; one that
// gives the entry point its value has not.
std::string with_braces(std::string_view rule) {
    constexpr std::string_view kOfEntryPoint = " := __result__ if ";
    const std::size_t body = body_of(rule.substr(0, rule.find('\n')));
    const bool is_own =
        body != std::string_view::npos && rule.substr(0, body).ends_with(kOfEntryPoint);
    if (is_own || body == std::string_view::npos || rule.substr(body).starts_with("{\n")) {
        return std::string(rule);
    }
    std::string out(rule.substr(0, body));
    out += "{\n\t";
    for (const char c : rule.substr(body)) {
        out += c;
        if (c == '\n') out += '\t';
    }
    return out + "\n}";
}

// A module that was made, as bundles have it: an empty line between its rules, also where some were
// taken out.
std::string laid_out(std::string_view text) {
    std::string out;
    std::string paragraph;
    const auto end_paragraph = [&] {
        if (paragraph.empty()) return;
        paragraph.pop_back();
        out += (out.empty() ? "" : "\n") + with_braces(paragraph) + "\n";
        paragraph.clear();
    };
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end);
        if (line.find_first_not_of(" \n") == std::string_view::npos) {
            end_paragraph();
        } else {
            paragraph += line;
        }
    }
    end_paragraph();
    return out;
}

class Optimizer {
  public:
    explicit Optimizer(const OptimizeRequest& request) : request_(request) {
        for (const text::TarText& policy : request.policies) {
            modules_.push_back({policy.path, policy.bytes, nullptr});
        }
    }

    Optimized run();

  private:
    // A module of the bundle as it is so far.
    struct Policy {
        std::string path;
        std::string text;
        const Module* tree = nullptr;
    };

    bool fail(std::string message) {
        answer_.errors.push_back({.message = std::move(message)});
        return false;
    }
    std::string file_of(const Policy& policy) const {
        if (request_.files == nullptr) return policy.path;
        const auto found = request_.files->find(policy.path);
        return found == request_.files->end() ? policy.path : found->second;
    }
    void fail_at(const rego::syntax::Location* place, rego::syntax::SyntaxError error);
    bool parse();
    bool read_entrypoints();
    bool add_entrypoint(Steps steps);
    bool optimize(const EntryPoint& entrypoint, std::size_t number);
    void find_unknowns(const rego::compiler::Prepared& prepared);
    std::vector<const Term*> replaced_above(const EntryPoint& entrypoint,
                                            const rego::compiler::Prepared& prepared);
    Module* module_of(const EntryPoint& entrypoint, std::span<const rego::syntax::Body> queries);
    std::string name_of(const Module& module, std::size_t entrypoint, std::size_t place);
    void merge(std::vector<Policy> made);
    std::optional<std::string> text_without(const Policy& policy, const std::set<Steps>& taken);

    const OptimizeRequest& request_;
    Arena arena_;
    Interner interner_;
    std::vector<Policy> modules_;
    std::vector<EntryPoint> entrypoints_;
    std::optional<std::vector<const Term*>> unknowns_;
    std::map<std::string, std::size_t> used_names_;
    Optimized answer_;
};

bool Optimizer::parse() {
    for (Policy& policy : modules_) {
        if (policy.tree != nullptr) continue;
        rego::syntax::ParseOptions options;
        options.version = request_.version;
        options.annotations = rego::syntax::ReadAnnotations::kYes;
        // The tree points into the text, which is changed later.
        const std::string_view kept = interner_.intern(policy.text);
        const auto parsed = rego::syntax::parse_module(kept, arena_, interner_, options);
        for (const auto& error : parsed.errors) {
            answer_.errors.push_back(shown(error, file_of(policy)));
        }
        policy.tree = parsed.module;
    }
    return answer_.errors.empty();
}

// With the file that the place is in, which may be null.
void Optimizer::fail_at(const rego::syntax::Location* place, rego::syntax::SyntaxError error) {
    const auto has_place = [&](const Policy& policy) {
        const rego::syntax::Location& package = *policy.tree->package->location;
        const char* const begin = package.text.data() - package.offset;
        return place != nullptr && std::less_equal<>()(begin, place->text.data()) &&
               std::less<>()(place->text.data(), begin + policy.text.size());
    };
    const auto found = std::ranges::find_if(modules_, has_place);
    if (found == modules_.end()) {
        answer_.errors.push_back(shown(error, ""));
        answer_.errors.back().has_place = false;
        return;
    }
    error.row = place->row;
    error.column = place->column;
    answer_.errors.push_back(shown(error, file_of(*found)));
}

bool Optimizer::add_entrypoint(Steps steps) {
    const auto term = rego::syntax::parse_term(interner_.intern(text_of(steps)), arena_, interner_);
    if (!term.ok()) return fail(term.error().to_string());
    const std::string shown = rego::syntax::to_text(*term.value());
    for (const EntryPoint& known : entrypoints_) {
        if (known.text == shown) return true;
    }
    entrypoints_.push_back({std::move(steps), shown, term.value()});
    return true;
}

// Those of the command line, then those of annotations in the order of their paths.
bool Optimizer::read_entrypoints() {
    for (const std::string& path : request_.entrypoints) {
        if (!add_entrypoint(steps_of_path(path))) return false;
    }
    std::vector<Steps> annotated;
    for (const Policy& policy : modules_) {
        for (const Annotations* one : policy.tree->annotations) {
            if (!one->is_entrypoint) continue;
            if (one->rule != nullptr) {
                annotated.push_back(steps_of(*policy.tree, *one->rule));
            } else if (one->scope == "package") {
                append_steps(annotated.emplace_back(), policy.tree->package->path,
                             FirstStep::kDocument);
            }
        }
    }
    std::ranges::sort(annotated);
    for (Steps& steps : annotated) {
        if (!add_entrypoint(std::move(steps))) return false;
    }
    if (entrypoints_.empty()) return fail("bundle optimizations require at least one entrypoint");
    return true;
}

// The input, and what the bundle refers to and does not own.
void Optimizer::find_unknowns(const rego::compiler::Prepared& prepared) {
    std::vector<Steps> owned;
    for (const std::string& root : request_.roots) owned.push_back(steps_of_path(root));
    unknowns_.emplace();
    unknowns_->push_back(rego::syntax::parse_term("input", arena_, interner_).value());
    std::vector<const Term*> references;
    DataReferences data{references};
    for (const PlacedRule& placed : prepared.rules) rego::syntax::walk(*placed.rule, data);
    std::set<Steps> foreign;
    for (const Term* reference : references) {
        Steps steps;
        append_steps(steps, reference->terms, FirstStep::kDocument);
        const bool is_owned = std::ranges::any_of(
            owned, [&steps](const Steps& root) { return begins_with(steps, root); });
        if (!is_owned) foreign.insert(std::move(steps));
    }
    const Steps* shorter = nullptr;
    for (const Steps& steps : foreign) {
        if (shorter != nullptr && begins_with(steps, *shorter)) continue;
        shorter = &steps;
        const auto term =
            rego::syntax::parse_term(interner_.intern(text_of(steps)), arena_, interner_);
        if (term.ok()) unknowns_->push_back(term.value());
    }
}

// What rules that need the entry point replace must stay a document of its own.
std::vector<const Term*> Optimizer::replaced_above(const EntryPoint& entrypoint,
                                                   const rego::compiler::Prepared& prepared) {
    const rego::compiler::Dependencies dependencies(prepared.rules, *prepared.tree, arena_);
    std::set<const Rule*> own;
    if (const auto* const node = prepared.tree->find(entrypoint.reference->terms)) {
        for (const PlacedRule& placed : node->all_rules()) own.insert(placed.rule);
    }
    std::map<std::string, const Term*> targets;
    Replaced replaced{targets};
    for (const Rule* rule : dependencies.affected_by(entrypoint.reference->terms)) {
        if (!own.contains(rule)) rego::syntax::walk(const_cast<Rule&>(*rule), replaced);
    }
    std::vector<const Term*> found;
    for (const auto& [text, target] : targets) {
        const auto reference = rego::syntax::parse_reference(text, arena_, interner_);
        if (reference.ok()) found.push_back(reference.value());
    }
    return found;
}

// The rules that give the entry point its value; null where that would need the entry point.
Module* Optimizer::module_of(const EntryPoint& entrypoint,
                             std::span<const rego::syntax::Body> queries) {
    rego::compiler::NodeMaker maker(arena_, interner_);
    const Terms path = entrypoint.reference->terms;
    std::vector<Rule*> rules;
    for (const rego::syntax::Body query : queries) {
        std::vector<const Term*> references;
        DataReferences data{references};
        rego::syntax::walk(query, data);
        for (const Term* reference : references) {
            if (reference->terms.size() >= path.size() &&
                rego::syntax::compare(reference->terms.first(path.size()), path) == 0) {
                return nullptr;
            }
        }
        auto* const rule = arena_.make<Rule>();
        rule->head = arena_.make<rego::syntax::Head>();
        rule->head->name = path.back()->text;
        rule->head->reference = arena_.make_array<Term*>(1);
        rule->head->reference[0] = maker.variable(path.back()->text, nullptr);
        rule->head->value = maker.variable(kResult, nullptr);
        rule->body = query;
        rules.push_back(rule);
    }
    auto* const module = arena_.make<Module>();
    module->package = arena_.make<rego::syntax::Package>();
    module->package->path = path.first(path.size() - 1);
    module->rules = arena_.make_array<Rule*>(rules.size());
    std::ranges::copy(rules, module->rules.begin());
    return module;
}

std::string Optimizer::name_of(const Module& module, std::size_t entrypoint, std::size_t place) {
    const auto is_safe = [](const Term* term) {
        return term->kind == TermKind::kString && std::ranges::all_of(term->text, [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '/';
               });
    };
    const Terms path = module.package->path;
    if (!std::ranges::all_of(path.subspan(1), is_safe)) {
        return std::string(kFolder) + request_.name_space + "/" + std::to_string(entrypoint) + "/" +
               std::to_string(place) + ".rego";
    }
    std::string name(kFolder);
    for (const Term* step : path.subspan(1)) {
        if (!name.ends_with('/')) name += "/";
        name += step->text;
    }
    const std::size_t count = used_names_[name]++;
    return name + (count == 0 ? "" : "." + std::to_string(count)) + ".rego";
}

// The text with the rules below the paths that are taken cut out, and with no comments but the
// annotations of the others: those have no place any more. Nothing where no rule is left. Lines
// stay where they are, so that the formatter sees the same tree.
std::optional<std::string> Optimizer::text_without(const Policy& policy,
                                                   const std::set<Steps>& taken) {
    const Module& module = *policy.tree;
    std::vector<std::uint32_t> starts;
    for (const auto* import : module.imports) starts.push_back(import->location->offset);
    for (const Rule* rule : module.rules) starts.push_back(rule->location->offset);
    std::ranges::sort(starts);
    const auto end_of = [&](std::uint32_t start) {
        const auto next = std::ranges::upper_bound(starts, start);
        return next == starts.end() ? policy.text.size() : std::size_t{*next};
    };
    const auto is_taken = [&taken](const Steps& steps) {
        return std::ranges::any_of(taken, [&steps](const Steps& path) {
            return begins_with(path, steps) || begins_with(steps, path);
        });
    };
    std::string text = policy.text;
    const auto blank = [&text](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            if (text[i] != '\n') text[i] = ' ';
        }
    };
    std::size_t left = 0;
    for (const Rule* rule : module.rules) {
        if (!is_taken(steps_of(module, *rule))) {
            ++left;
            continue;
        }
        blank(rule->location->offset, end_of(rule->location->offset));
    }
    if (left == 0) return std::nullopt;
    std::set<std::uint32_t> kept_rows;
    for (const Annotations* one : module.annotations) {
        if (one->rule != nullptr && is_taken(steps_of(module, *one->rule))) continue;
        std::uint32_t row = one->location->row;
        for (const auto* comment : module.comments) {
            if (comment->location->row == row) kept_rows.insert(row++);
        }
    }
    for (const auto* comment : module.comments) {
        const std::size_t begin = comment->location->offset;
        const std::size_t end = std::min(policy.text.find('\n', begin), policy.text.size());
        if (kept_rows.contains(comment->location->row)) {
            text.replace(begin, end - begin, policy.text, begin, end - begin);
        } else {
            blank(begin, end);
        }
    }
    return text;
}

void Optimizer::merge(std::vector<Policy> made) {
    std::set<Steps> taken;
    for (Policy& policy : made) {
        for (const Rule* rule : policy.tree->rules) taken.insert(steps_of(*policy.tree, *rule));
        policy.tree = nullptr;
    }
    for (Policy& policy : modules_) {
        auto text = text_without(policy, taken);
        if (text) made.push_back({std::move(policy.path), std::move(*text), nullptr});
    }
    modules_ = std::move(made);
}

bool Optimizer::optimize(const EntryPoint& entrypoint, std::size_t number) {
    if (entrypoint.steps.size() < 2) {
        return fail("invalid entrypoint " + entrypoint.text +
                    ": to create optimized support module, the entrypoint ref must have at least "
                    "two components in addition to the 'data' root");
    }
    const auto wrong = request_.compile_errors;
    answer_.errors.insert(answer_.errors.end(), wrong.begin(), wrong.end());
    if (!answer_.errors.empty() || !parse()) return false;
    std::vector<rego::compiler::SourceModule> sources;
    for (const Policy& policy : modules_) sources.push_back({file_of(policy), policy.tree});
    const auto modules = in_order_of_files(sources);
    const auto query = rego::syntax::parse_query(
        interner_.intern("__result__ = " + entrypoint.text), arena_, interner_, {});
    if (!query.errors.empty() || query.body.empty()) {
        return fail("invalid entrypoint " + entrypoint.text);
    }
    query.body[0]->terms[1]->text = kResult;
    const rego::compiler::SourceQuery queries[] = {
        {"optimize", query.body, rego::compiler::QueryResult::kBindings}};
    auto prepared = rego::compiler::prepare(modules, queries, request_.compile);
    for (const auto& error : prepared.errors) answer_.errors.push_back(shown(error));
    if (!answer_.errors.empty()) return false;
    if (!unknowns_) find_unknowns(prepared);
    rego::watch::PartialOptions options;
    options.unknowns = *unknowns_;
    options.not_inlined = replaced_above(entrypoint, prepared);
    options.inlining = request_.inlining;
    options.support_namespace.clear();
    options.negations_namespace = request_.name_space;
    rego::watch::Library library(std::move(prepared));
    rego::watch::WatchOptions watching;
    watching.world = request_.world;
    watching.cancel = request_.cancel;
    Nobody nobody;
    rego::watch::Watcher watcher(library, nobody, watching);
    const auto residue = watcher.run_partially(0, std::nullopt, request_.data, options);
    if (residue.error) {
        return fail(residue.error->to_string());
    }
    if (residue.queries.empty()) return fail("undefined entrypoint " + entrypoint.text);
    std::vector<Module*> made = residue.modules;
    if (Module* const own = module_of(entrypoint, residue.queries)) made.push_back(own);
    std::vector<Policy> policies;
    for (std::size_t i = 0; i < made.size(); ++i) {
        const RegoVersion version =
            request_.version == RegoVersion::kV0 ? RegoVersion::kV0CompatibleV1 : RegoVersion::kV1;
        auto written = rego::syntax::format_made(*made[i], version, arena_, interner_,
                                                 rego::syntax::MadeComprehensions::kAsPlaced);
        for (const auto& error : written.errors) fail_at(written.wrong_place, error);
        policies.push_back({name_of(*made[i], number, i), std::move(written.text), made[i]});
    }
    if (!answer_.errors.empty()) return false;
    merge(std::move(policies));
    return true;
}

Optimized Optimizer::run() {
    if (!parse() || !read_entrypoints()) return std::move(answer_);
    std::set<std::string> given;
    for (const Policy& policy : modules_) given.insert(policy.path);
    for (std::size_t i = 0; i < entrypoints_.size(); ++i) {
        if (!optimize(entrypoints_[i], i)) return std::move(answer_);
    }
    for (Policy& policy : modules_) {
        if (policy.path.starts_with(kFolder) && !given.contains(policy.path)) {
            answer_.policies.push_back({policy.path, laid_out(policy.text)});
            continue;
        }
        rego::syntax::FormatOptions options;
        options.version = request_.version;
        auto formatted = rego::syntax::format_source(policy.text, options);
        std::string& text = formatted.errors.empty() ? formatted.text : policy.text;
        answer_.policies.push_back(
            {policy.path, policy.path.starts_with(kFolder) ? laid_out(text) : std::move(text)});
    }
    std::ranges::stable_sort(answer_.policies, {}, &text::TarText::path);
    return std::move(answer_);
}

}  // namespace

Optimized optimize(const OptimizeRequest& request) { return Optimizer(request).run(); }

}  // namespace merlon::compat::opa
