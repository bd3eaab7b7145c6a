#include <algorithm>
#include <array>

#include "base/file.h"
#include "compat/opa/commands.h"
#include "compat/opa/load.h"
#include "compat/opa/results.h"
#include "compat/opa/watching.h"
#include "rego/machine.h"
#include "rego/syntax/format.h"
#include "rego/syntax/print.h"
#include "rego/term.h"
#include "text/json.h"

namespace merlon::compat::opa {
namespace {

using value::Value;

constexpr std::string_view kHelp = R"(
  STATEMENT            evaluate a query; x := 1 and p if { ... } define rules
  package PATH         change the package
  import PATH          add an import
  show                 show the module of the package
  unset NAME           remove the rules of that name
  json, pretty         the format of results
  trace [WHAT]         show traces: full, fails, notes, debug, off; without a word on and off
  notes, fails         the same for notes and for failures
  strict-builtin-errors  errors of built-ins end an evaluation
  dump [PATH]          the data that was loaded
  help                 this text
  exit                 end; so does the end of the input
)";

struct DefinedRule {
    std::string name;
    std::string text;
};
// What was said in one package.
struct ReplModule {
    std::vector<std::string> imports;
    std::vector<DefinedRule> rules;
};

class PrintsToOutput : public rego::Listener {
  public:
    explicit PrintsToOutput(std::string& out) : out_(out) {}
    void printed(std::string_view line) override { out_ += std::string(line) + "\n"; }
    void reached_case(const Value& /*path*/) override {}

  private:
    std::string& out_;
};

class Repl {
  public:
    Repl(const ParsedCommand& command, const Outside& outside, Loader& loader, Arena& arena,
         Interner& interner)
        : command_(command),
          outside_(outside),
          loader_(loader),
          arena_(arena),
          interner_(interner) {}

    void set_input(std::optional<Value> input) { input_ = std::move(input); }
    // Takes one line; false where it ends the conversation.
    bool take(std::string_view line);
    std::string take_output() { return std::exchange(out_, {}); }
    // What is left of a statement that was not finished.
    void finish() {
        if (!pending_.empty()) statement(std::exchange(pending_, {}));
    }

  private:
    bool word(std::string_view text);
    void statement(const std::string& text);
    bool define(const std::string& text);
    void add_rule(const std::string& name, std::string text);
    void show();
    void unset(const std::string& name);
    void dump(std::string_view path);
    void evaluate(const std::string& text);
    void set_trace(std::string_view mode);
    void fail(const std::vector<ShownError>& errors) { out_ += to_string(errors) + "\n"; }
    std::string module_text() const;
    rego::syntax::ParsedModule parse(std::string_view text) {
        rego::syntax::ParseOptions options;
        options.version = version_of(command_);
        return rego::syntax::parse_module(text, arena_, interner_, options);
    }
    ReplModule& module() { return modules_[package_]; }

    const ParsedCommand& command_;
    const Outside& outside_;
    Loader& loader_;
    Arena& arena_;
    Interner& interner_;
    std::optional<Value> input_;
    std::string package_ = "repl";
    std::map<std::string, ReplModule> modules_;
    std::string format_ = "pretty";
    Explain explain_ = Explain::kOff;
    bool has_strict_errors_ = false;
    std::string pending_;
    std::string out_;
};

// Whether brackets are still open, so that more lines belong to it.
bool is_unfinished(std::string_view text) {
    int depth = 0;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0) {
            if (c == '\\' && quote == '"') {
                ++i;
            } else if (c == quote) {
                quote = 0;
            }
        } else if (c == '"' || c == '`') {
            quote = c;
        } else if (c == '#') {
            i = std::min(text.find('\n', i), text.size());
        } else {
            depth += std::string_view("([{").find(c) != std::string_view::npos ? 1 : 0;
            depth -= std::string_view(")]}").find(c) != std::string_view::npos ? 1 : 0;
        }
    }
    return depth > 0 || quote == '`';
}

std::string_view trimmed_text(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

bool Repl::take(std::string_view line) {
    if (!pending_.empty()) {
        pending_ += "\n" + std::string(line);
        // An empty line ends what is not finished.
        if (is_unfinished(pending_) && !trimmed_text(line).empty()) return true;
        statement(std::exchange(pending_, {}));
        return true;
    }
    const std::string_view text = trimmed_text(line);
    if (text.empty()) return true;
    if (text == "exit") return false;
    if (word(text)) return true;
    if (is_unfinished(text)) {
        pending_ = text;
        return true;
    }
    statement(std::string(text));
    return true;
}

void Repl::set_trace(std::string_view mode) {
    const Explain wanted = mode.empty() ? Explain::kFull : explain_of(mode);
    if (wanted == Explain::kOff && mode != "off") {
        out_ += "error: trace takes full, fails, notes, debug or off\n";
        return;
    }
    explain_ = wanted == explain_ ? Explain::kOff : wanted;
}

// Commands are words of their own; what is none of them is a statement.
bool Repl::word(std::string_view text) {
    const std::size_t space = text.find(' ');
    const std::string_view first = text.substr(0, space);
    const std::string_view rest =
        space == std::string_view::npos ? std::string_view() : trimmed_text(text.substr(space));
    if (text == "help") {
        out_ += kHelp;
    } else if (text == "show") {
        show();
    } else if (text == "json" || text == "pretty") {
        format_ = text;
    } else if (text == "notes" || text == "fails") {
        set_trace(text);
    } else if (first == "trace" && rest.find('(') == std::string_view::npos &&
               !text.starts_with("trace(")) {
        set_trace(rest);
    } else if (text == "strict-builtin-errors") {
        has_strict_errors_ = !has_strict_errors_;
    } else if (first == "unset" && !rest.empty()) {
        unset(std::string(rest));
    } else if (first == "dump") {
        dump(rest);
    } else if (first == "package" && !rest.empty()) {
        const auto parsed = parse("package " + std::string(rest));
        if (parsed.errors.empty()) {
            package_ = rest;
        } else {
            fail({shown(parsed.errors[0], "")});
        }
    } else if (first == "import" && !rest.empty()) {
        const auto parsed = parse("package p\nimport " + std::string(rest));
        if (parsed.errors.empty()) {
            module().imports.emplace_back(rest);
        } else {
            fail({shown(parsed.errors[0], "")});
        }
    } else {
        return false;
    }
    return true;
}

std::string Repl::module_text() const {
    std::string text = "package " + package_ + "\n";
    const auto found = modules_.find(package_);
    if (found == modules_.end()) return text;
    for (const std::string& import : found->second.imports) text += "\nimport " + import;
    for (const DefinedRule& rule : found->second.rules) text += "\n\n" + rule.text;
    return text + "\n";
}

void Repl::show() {
    const ReplModule& said = module();
    if (said.rules.empty() && said.imports.empty()) {
        out_ += "no rules defined\n";
        return;
    }
    rego::syntax::FormatOptions options;
    options.version = version_of(command_);
    const auto formatted = rego::syntax::format_source(module_text(), options);
    out_ += formatted.errors.empty() ? formatted.text : module_text();
}

void Repl::unset(const std::string& name) {
    if (std::erase_if(module().rules,
                      [&name](const DefinedRule& rule) { return rule.name == name; }) == 0) {
        out_ += "warning: no matching rules in current module\n";
    }
}

void Repl::dump(std::string_view path) {
    Value found = loader_.data();
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find_first_of("./"), path.size());
        const Value* const below = found.find(path.substr(0, slash));
        if (below == nullptr) {
            out_ += "undefined\n";
            return;
        }
        found = *below;
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    out_ += rego::json_text(found) + "\n";
}

void Repl::add_rule(const std::string& name, std::string text) {
    auto& rules = module().rules;
    const bool is_known = std::ranges::find(rules, name, &DefinedRule::name) != rules.end();
    // `x := 1` and then `x := 2` is a new x; rules with bodies are more rules.
    const bool is_constant = text.find('{') == std::string::npos &&
                             text.find(" if ") == std::string::npos &&
                             text.find(" contains ") == std::string::npos;
    if (is_known && is_constant) {
        std::erase_if(rules, [&name](const DefinedRule& rule) { return rule.name == name; });
    }
    rules.push_back({name, std::move(text)});
    // What does not compile was not said.
    std::vector<rego::compiler::SourceModule> modules = loader_.modules();
    const auto parsed = parse(module_text());
    if (parsed.module != nullptr) modules.push_back({"", parsed.module});
    const auto compiled = rego::compiler::compile(modules, {}, {});
    if (!compiled.errors.empty()) {
        rules.pop_back();
        return fail({shown(compiled.errors[0])});
    }
    out_ += "Rule '" + name + "' " + (is_known && is_constant ? "re-defined" : "defined") +
            " in package " + package_ + ". Type 'show' to see rules.\n";
}

// Whether the statement is a definition: `x := 1`, `x = 1`, or what only a module can say.
bool Repl::define(const std::string& text) {
    rego::syntax::ParseOptions options;
    options.version = version_of(command_);
    const auto query = rego::syntax::parse_query(text, arena_, interner_, options);
    if (query.errors.empty()) {
        if (query.body.size() != 1) return false;
        const rego::syntax::Expression& one = *query.body[0];
        const bool is_definition =
            one.kind == rego::syntax::ExpressionKind::kCall && !one.is_negated &&
            one.with.empty() && one.terms.size() == 3 &&
            (rego::compiler::is_call_of(one, "assign") || rego::compiler::is_call_of(one, "eq")) &&
            one.terms[1]->kind == rego::syntax::TermKind::kVariable &&
            !rego::syntax::is_wildcard(one.terms[1]->text) &&
            !rego::syntax::is_root_document(*one.terms[1]);
        if (!is_definition) return false;
        const std::string name(one.terms[1]->text);
        add_rule(name, name + " := " + std::string(one.terms[2]->location->text));
        return true;
    }
    const auto parsed = parse("package p\n\n" + text);
    if (!parsed.errors.empty() || parsed.module == nullptr || parsed.module->rules.empty()) {
        return false;
    }
    for (const rego::syntax::Rule* rule : parsed.module->rules) {
        add_rule(rego::syntax::to_text(rule->head->reference), std::string(rule->location->text));
    }
    return true;
}

void Repl::statement(const std::string& text) {
    if (!define(text)) evaluate(text);
}

void Repl::evaluate(const std::string& text) {
    rego::syntax::ParseOptions options;
    options.version = version_of(command_);
    const auto query = rego::syntax::parse_query(text, arena_, interner_, options);
    if (!query.errors.empty()) return fail({shown(query.errors[0], "")});
    std::vector<rego::compiler::SourceModule> modules = loader_.modules();
    const rego::syntax::Module* context = nullptr;
    const std::string current = package_;
    for (const auto& [name, said] : modules_) {
        package_ = name;
        const auto parsed = parse(module_text());
        if (parsed.module != nullptr) modules.push_back({"", parsed.module});
        if (name == current) context = parsed.module;
    }
    package_ = current;
    if (context == nullptr) context = parse("package " + package_).module;
    const rego::compiler::SourceQuery queries[] = {
        {"repl", query.body, rego::compiler::QueryResult::kBindingsAndValues, context}};
    const rego::compiler::CompileOptions compiling{.prints = rego::compiler::Prints::kKept};
    const auto compiled = rego::compiler::compile(modules, queries, compiling);
    if (compiled.program == nullptr) {
        std::vector<ShownError> errors;
        for (const auto& error : compiled.errors) errors.push_back(shown(error));
        return fail(errors);
    }
    PrintsToOutput prints(out_);
    rego::MachineOptions running;
    running.cancel = outside_.cancel;
    running.world = world_of(outside_);
    running.world.listener = &prints;
    if (has_strict_errors_) running.builtin_errors = rego::BuiltinErrors::kStrict;
    rego::Machine machine(*compiled.program, running);
    const rego::Evaluation& evaluation = machine.run(0, input_, loader_.data());
    Extras extras;
    if (explain_ != Explain::kOff) {
        rego::watch::Library library(
            rego::compiler::prepare(in_order_of_files(modules), queries, compiling));
        TraceRecorder trace(explain_, Variables::kHidden);
        rego::watch::WatchOptions watching;
        watching.cancel = outside_.cancel;
        watching.world = world_of(outside_);
        if (explain_ == Explain::kDebug) {
            watching.unifications = rego::watch::Unifications::kTold;
        }
        rego::watch::Watcher watcher(library, trace, watching);
        EventText names(watcher);
        trace.attach(&names);
        const auto stopped = watcher.run(0, input_, loader_.data());
        out_ += trace.finish();
        if (stopped && stopped->kind == rego::ErrorKind::kLimit) {
            out_ += stopped->to_string() + "\n";
        }
    }
    if (evaluation.error) return fail({shown(*evaluation.error)});
    value::Builder values(arena_, interner_);
    out_ += results_text(format_, query.body, evaluation.results, values, extras);
}

}  // namespace

int run_repl(const ParsedCommand& command, const Outside& outside) {
    Arena arena;
    Interner interner;
    Loader loader(arena, interner, version_of(command));
    load_data(command, outside, loader);
    if (!loader.errors().empty()) {
        outside.write_error(to_string(loader.errors()) + "\n");
        return kFailed;
    }
    Repl repl(command, outside, loader, arena, interner);
    if (command.is_set("input")) {
        const auto text = read_text_file(command.text("input"), std::uint64_t{1} << 30);
        const auto read =
            text.ok() ? loader.read_input(text.value(), command.text("input")) : text.error();
        if (!read.ok()) {
            outside.write_error(read.error().to_string() + "\n");
            return kFailed;
        }
        repl.set_input(read.value());
    }
    const auto said = outside.read_input();
    if (!said.ok()) {
        outside.write_error(said.error().to_string() + "\n");
        return kFailed;
    }
    std::string_view rest = said.value();
    bool goes_on = true;
    while (goes_on && !rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        goes_on = repl.take(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (const int code = print(outside, repl.take_output(), 0); code != 0) return code;
    }
    repl.finish();
    return print(outside, repl.take_output(), 0);
}

}  // namespace merlon::compat::opa
