#include "compat/opa/repl_session.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "compat/opa/compile_flags.h"
#include "compat/opa/partial.h"
#include "compat/opa/watching.h"
#include "rego/machine.h"
#include "rego/syntax/checks.h"
#include "rego/syntax/compare.h"
#include "rego/syntax/print.h"

namespace merlon::compat::opa {

using rego::syntax::Body;
using rego::syntax::Module;
using rego::syntax::Rule;
using rego::syntax::Term;
using rego::syntax::TermKind;
using rego::syntax::Terms;
using value::Value;

namespace {

constexpr std::string_view kDefaultPackage = "package repl";

bool has_blanks_only(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

// print(…) is part of the conversation.
class PrintsToOutput : public rego::Listener {
  public:
    explicit PrintsToOutput(std::string& out) : out_(out) {}
    void printed(std::string_view line) override { out_ += std::string(line) + "\n"; }
    void reached_case(const Value& /*path*/) override {}

  private:
    std::string& out_;
};

std::vector<ShownError> shown_all(std::span<const rego::compiler::CompileError> errors) {
    std::vector<ShownError> found;
    for (const auto& error : errors) found.push_back(shown(error));
    return found;
}

std::vector<ShownError> shown_all(std::span<const rego::syntax::SyntaxError> errors) {
    std::vector<ShownError> found;
    for (const auto& error : errors) found.push_back(shown(error, ""));
    return found;
}

// A step of the way to a document; the name in front of a reference is one as well.
std::string step_of(const Term& term) {
    const bool is_name = term.kind == TermKind::kVariable || term.kind == TermKind::kString;
    return is_name ? "." + std::string(term.text) : rego::syntax::to_text(term);
}

// How many steps of it are constants; the name in front counts.
std::size_t constant_steps(Terms reference) {
    std::size_t count = 1;
    while (count < reference.size() && reference[count]->kind <= TermKind::kString) ++count;
    return std::min(count, reference.size());
}

}  // namespace

struct ReplSession::Modules {
    std::vector<std::unique_ptr<Module>> made;
    std::vector<rego::compiler::SourceModule> sources;
    const Module* current = nullptr;

    Modules(std::span<const rego::compiler::SourceModule> loaded,
            std::map<std::string, Said>& packages, const std::string& current_name,
            rego::syntax::RegoVersion version)
        : sources(loaded.begin(), loaded.end()) {
        for (auto& [name, said] : packages) {
            auto& module = made.emplace_back(std::make_unique<Module>());
            module->package = said.package;
            module->imports = said.imports;
            module->rules = said.rules;
            module->version = module->latest_version = version;
            sources.push_back({"", module.get()});
            if (name == current_name) current = module.get();
        }
    }
};

ReplSession::Said* ReplSession::current() {
    const auto found = packages_.find(current_);
    return found == packages_.end() ? nullptr : &found->second;
}

rego::syntax::ParseOptions ReplSession::parse_options() const {
    rego::syntax::ParseOptions options;
    options.version = version_of(command_);
    const auto found = packages_.find(current_);
    if (found == packages_.end()) return options;
    for (const rego::syntax::Import* import : found->second.imports) {
        const Terms path = import->path->terms;
        if (path[0]->text == "rego" && path.size() == 2) {
            const auto said = path[1]->text == "v2" ? rego::syntax::RegoVersion::kV2
                                                    : rego::syntax::RegoVersion::kV1;
            options.version = std::max(options.version, said);
        } else if (path[0]->text == "future" && path.size() == 2) {
            options.future_keywords = rego::syntax::importable_keywords(options.version);
        } else if (path[0]->text == "future" && path.size() == 3) {
            const auto* const word = rego::syntax::find_future_word(path[2]->text);
            if (word != nullptr) options.future_keywords |= word->keyword;
        }
    }
    return options;
}

bool ReplSession::take(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!has_pending_) {
        switch (word(line)) {
            case Word::kEnd:
                return false;
            case Word::kTaken:
                return true;
            case Word::kNone:
                break;
        }
        if (has_blanks_only(line)) return true;
        const auto parsed =
            rego::syntax::parse_statements(line, arena_, interner_, parse_options());
        if (parsed.errors.empty()) {
            read(std::string(line));
        } else {
            pending_ = line;
            has_pending_ = true;
        }
        return true;
    }
    pending_ += "\n" + std::string(line);
    if (line.empty()) finish();
    return true;
}

void ReplSession::finish() {
    has_pending_ = false;
    const std::string text = std::exchange(pending_, {});
    if (!has_blanks_only(text)) read(text);
}

void ReplSession::read(const std::string& text) {
    const auto parsed = rego::syntax::parse_statements(text, arena_, interner_, parse_options());
    if (!parsed.errors.empty()) {
        fail(shown_all(parsed.errors));
        return;
    }
    // What is wrong with one ends them all.
    for (const rego::syntax::Statement& one : parsed.statements) {
        if (!statement(one)) return;
    }
}

bool ReplSession::statement(const rego::syntax::Statement& statement) {
    switch (statement.kind) {
        case rego::syntax::StatementKind::kPackage:
            enter(*statement.package);
            return true;
        case rego::syntax::StatementKind::kImport:
            import(*statement.import);
            return true;
        case rego::syntax::StatementKind::kRule:
            return define(*statement.rule);
        case rego::syntax::StatementKind::kBody:
            return query(statement.body);
    }
    return true;
}

void ReplSession::enter(rego::syntax::Package& package) {
    current_ = rego::syntax::to_text(package.path);
    Said& said = packages_[current_];
    if (said.package == nullptr) said.package = &package;
}

void ReplSession::begin_default_package() {
    if (!current_.empty()) return;
    const auto parsed = rego::syntax::parse_statements(kDefaultPackage, arena_, interner_);
    enter(*parsed.statements[0].package);
}

void ReplSession::import(rego::syntax::Import& import) {
    begin_default_package();
    auto& imports = current()->imports;
    const bool is_known = std::ranges::any_of(imports, [&import](const auto* other) {
        return rego::syntax::compare(*other, import) == 0;
    });
    if (!is_known) imports.push_back(&import);
}

bool ReplSession::compiles(const Modules& modules) {
    const auto compiled = rego::compiler::compile(modules.sources, {}, compile_options());
    return compiled.errors.empty() || fail(shown_all(compiled.errors));
}

bool ReplSession::still_compiles() {
    return compiles(Modules(loader_.modules(), packages_, current_, version_of(command_)));
}

// Rules of the current package for documents that the reference is a part of, or that are parts of
// it.
bool ReplSession::drop_rules(Terms reference) {
    Said* const said = current();
    if (said == nullptr) return false;
    return std::erase_if(said->rules, [reference](const Rule* rule) {
               const Terms other = rule->head->reference;
               const std::size_t shared = std::min(other.size(), reference.size());
               return std::ranges::equal(other.first(shared), reference.first(shared),
                                         [](const Term* left, const Term* right) {
                                             return rego::syntax::compare(*left, *right) == 0;
                                         });
           }) > 0;
}

bool ReplSession::define(Rule& rule) {
    const auto version = version_of(command_);
    if (version == rego::syntax::RegoVersion::kV1 || version == rego::syntax::RegoVersion::kV2) {
        std::vector<rego::syntax::SyntaxError> wrong;
        rego::syntax::check_rule_of_v1(rule, {}, wrong);
        if (!wrong.empty()) return fail(shown_all(wrong));
    }
    bool is_known = false;
    if (rule.head->is_assigned && current() != nullptr) {
        const std::vector<Rule*> before = current()->rules;
        is_known = drop_rules(rule.head->reference);
        if (is_known && !still_compiles()) {
            current()->rules = before;
            return false;
        }
    }
    begin_default_package();
    std::vector<Rule*>& rules = current()->rules;
    rules.push_back(&rule);
    if (!still_compiles()) {
        rules.pop_back();
        return false;
    }
    if (format_ == "json") return true;
    const Terms path = current()->package->path;
    std::string package = rego::syntax::to_text(path).substr(std::string_view("data.").size());
    out_ += "Rule '" + rego::syntax::to_text(rule.head->reference) + "' " +
            (is_known ? "re-defined" : "defined") + " in package " + package +
            ". Type 'show' to see rules.\n";
    return true;
}

// Whether it is an import, or a document that has rules.
bool ReplSession::is_known(const Term& term, const Modules& modules) {
    std::vector<const Term*> reference = {&term};
    std::size_t constant = 1;
    if (term.kind == TermKind::kReference) {
        if (term.terms[0]->kind != TermKind::kVariable) return false;
        reference.assign(term.terms.begin(), term.terms.end());
        constant = constant_steps(term.terms);
    } else if (term.kind != TermKind::kVariable) {
        return false;
    }
    const Said* const said = current();
    std::vector<std::string> path;
    if (said == nullptr) {
        path = {".data", ".repl"};
    } else {
        for (const rego::syntax::Import* import : said->imports) {
            const std::string_view name =
                import->alias.empty() ? import->path->terms.back()->text : import->alias;
            if (name == reference[0]->text) return true;
        }
        for (const Term* part : said->package->path) path.push_back(step_of(*part));
    }
    std::vector<std::vector<std::string>> rules;
    for (const auto& source : modules.sources) {
        for (const Rule* rule : source.module->rules) {
            std::vector<std::string>& way = rules.emplace_back();
            for (const Term* part : source.module->package->path) way.push_back(step_of(*part));
            const Terms head = rule->head->reference;
            for (const Term* part : head.first(constant_steps(head))) way.push_back(step_of(*part));
        }
    }
    const auto is_node = [&rules](const std::vector<std::string>& wanted) {
        return std::ranges::any_of(rules, [&wanted](const std::vector<std::string>& way) {
            return way.size() >= wanted.size() &&
                   std::equal(wanted.begin(), wanted.end(), way.begin());
        });
    };
    if (!is_node(path)) return false;
    for (std::size_t i = 0; i < constant; ++i) {
        path.push_back(step_of(*reference[i]));
        if (!is_node(path)) return false;
        if (std::ranges::find(rules, path) != rules.end()) return true;
    }
    return constant < reference.size();
}

// OPA looks for documents beside rules when it starts, and at what is said no more.
rego::compiler::CompileOptions ReplSession::compile_options() {
    return CompileFlags().options(rego::compiler::Prints::kKept, outside_);
}

rego::MachineOptions ReplSession::machine_options() {
    rego::MachineOptions options;
    options.cancel = outside_.cancel;
    options.world = world_of(outside_);
    if (has_strict_errors_) options.builtin_errors = rego::BuiltinErrors::kStrict;
    return options;
}

bool ReplSession::find_input(const Modules& modules, FoundInput& input) {
    input.value = given_input_;
    const auto parsed = rego::syntax::parse_query("data.repl.input = x", arena_, interner_, {});
    const rego::compiler::SourceQuery queries[] = {
        {"input", parsed.body, rego::compiler::QueryResult::kBindings, nullptr}};
    auto compiled = rego::compiler::compile(modules.sources, queries, compile_options());
    if (compiled.program == nullptr) return fail(shown_all(compiled.errors));
    input.program = std::move(compiled.program);
    input.machine = std::make_unique<rego::Machine>(*input.program, machine_options());
    const rego::Evaluation& evaluation = input.machine->run(0, {}, loader_.data());
    if (evaluation.error) return refuse(shown(*evaluation.error).to_string());
    if (evaluation.results.size() != 1) return true;
    if (const Value* const found = evaluation.results[0].find("x")) input.value = *found;
    return true;
}

bool ReplSession::query(Body body) {
    const Modules modules(loader_.modules(), packages_, current_, version_of(command_));
    FoundInput input;
    if (!compiles(modules) || !find_input(modules, input)) return false;
    if (body.size() == 1) {
        const rego::syntax::Expression& one = *body[0];
        const bool is_equality = rego::compiler::is_call_of(one, "eq");
        const bool is_asked = is_equality || rego::compiler::is_call_of(one, "assign");
        if (is_asked && one.terms.size() == 3 &&
            !(is_equality && is_known(*one.terms[1], modules))) {
            const auto rule = rego::syntax::rule_of_body(body, arena_);
            if (!rule.ok()) return refuse(rule.error().message);
            const Terms reference = rule.value()->head->reference;
            // A question about a root document is none about a rule.
            if (reference.size() < 2 || !rego::syntax::is_root_document(*reference[0])) {
                return define(*rule.value());
            }
        }
    }
    return unknowns_.empty() ? answer(body, modules, input.value)
                             : answer_partially(body, modules, input.value);
}

std::string ReplSession::trace_of(SeenWorld& seen,
                                  std::span<const rego::compiler::SourceQuery> queries,
                                  const Modules& modules, const std::optional<Value>& input,
                                  Extras& extras) {
    if (explain_ == Explain::kOff && !shows_profile_) return {};
    auto prepared =
        rego::compiler::prepare(in_order_of_files(modules.sources), queries, compile_options());
    const std::vector<std::string> files = prepared.files;
    rego::watch::Library library(std::move(prepared));
    TraceRecorder trace(explain_, Variables::kHidden);
    Profiler profiler(*outside_.clock, files);
    Listeners listeners;
    if (explain_ != Explain::kOff) listeners.add(trace);
    if (shows_profile_) listeners.add(profiler);
    rego::watch::WatchOptions watching;
    watching.cancel = outside_.cancel;
    watching.world = seen.next_run(outside_);
    if (explain_ == Explain::kDebug) watching.unifications = rego::watch::Unifications::kTold;
    rego::watch::Watcher watcher(library, listeners, watching);
    EventText names(watcher);
    trace.attach(&names);
    const auto stopped = watcher.run(0, input, loader_.data());
    if (shows_profile_) extras.profile = profiler.report({}, 0);
    std::string text = explain_ == Explain::kOff ? std::string() : trace.finish();
    if (stopped && stopped->kind == rego::ErrorKind::kLimit) text += stopped->to_string() + "\n";
    return text;
}

bool ReplSession::answer(Body body, const Modules& modules, const std::optional<Value>& input) {
    // Alone at first: errors are about what was said, and not about its value.
    const rego::compiler::SourceQuery alone[] = {
        {"repl", body, rego::compiler::QueryResult::kBindings, modules.current}};
    const auto checked = rego::compiler::compile(modules.sources, alone, compile_options());
    if (!checked.errors.empty()) return fail(shown_all(checked.errors));
    const rego::compiler::SourceQuery queries[] = {
        {"repl", body, rego::compiler::QueryResult::kBindingsAndValues, modules.current}};
    auto begin = outside_.clock->monotonic();
    const auto since = [this](std::chrono::nanoseconds from) {
        return (outside_.clock->monotonic() - from).count();
    };
    const auto compiled = rego::compiler::compile(modules.sources, queries, compile_options());
    if (compiled.program == nullptr) return fail(shown_all(compiled.errors));
    Extras extras{.max_cell = max_cell_};
    Metrics metrics{{"timer_rego_query_compile_ns", since(begin)}};
    PrintsToOutput prints(out_);
    rego::MachineOptions options = machine_options();
    SeenWorld seen(outside_);
    options.world = seen.next_run(outside_);
    options.world.listener = &prints;
    begin = outside_.clock->monotonic();
    rego::Machine machine(*compiled.program, options);
    const rego::Evaluation& evaluation = machine.run(0, input, loader_.data());
    metrics.emplace_back("timer_rego_query_eval_ns", since(begin));
    if (shows_metrics_) extras.metrics = std::move(metrics);
    const std::string trace = trace_of(seen, queries, modules, input, extras);
    if (format_ == "pretty") out_ += trace;
    if (evaluation.error) {
        const rego::EvaluationError error =
            with_conflicts(*evaluation.error, {.modules = modules.sources,
                                               .queries = queries,
                                               .options = compile_options(),
                                               .input = input,
                                               .data = loader_.data(),
                                               .cancel = outside_.cancel,
                                               .world = seen.next_run(outside_)});
        const ShownError errors[] = {shown(error, body)};
        out_ += format_ == "json" ? errors_json(errors) : to_string(errors) + "\n";
        return true;
    }
    value::Builder values(arena_, interner_);
    out_ += results_text(format_, body, evaluation.results, values, extras);
    return true;
}

bool ReplSession::answer_partially(Body body, const Modules& modules,
                                   const std::optional<Value>& input) {
    const rego::compiler::SourceQuery queries[] = {
        {"repl", body, rego::compiler::QueryResult::kBindings, modules.current}};
    // What is wrong is about what was said: `x == 1` binds no x.
    const auto checked = rego::compiler::compile(modules.sources, queries, compile_options());
    if (!checked.errors.empty()) return fail(shown_all(checked.errors));
    unify_equalities(body, arena_, interner_);
    auto prepared =
        rego::compiler::prepare(in_order_of_files(modules.sources), queries, compile_options());
    if (!prepared.errors.empty()) return fail(shown_all(prepared.errors));
    rego::watch::Library library(std::move(prepared));
    rego::watch::WatchOptions watching;
    watching.cancel = outside_.cancel;
    watching.world = world_of(outside_);
    if (has_strict_errors_) watching.builtin_errors = rego::BuiltinErrors::kStrict;
    TraceRecorder trace(explain_, Variables::kHidden);
    rego::watch::Watcher watcher(library, trace, watching);
    EventText names(watcher);
    trace.attach(&names);
    rego::watch::PartialOptions options;
    options.unknowns = unknowns_;
    const auto residue = watcher.run_partially(0, input, loader_.data(), options);
    if (explain_ != Explain::kOff && format_ == "pretty") out_ += trace.finish();
    if (residue.error) {
        const ShownError errors[] = {shown(*residue.error, body)};
        return fail(errors);
    }
    const PartialAnswer answer =
        residue_text(format_, residue, version_of(command_), arena_, interner_);
    if (!answer.errors.empty()) return fail(answer.errors);
    out_ += answer.text;
    return true;
}

}  // namespace merlon::compat::opa
