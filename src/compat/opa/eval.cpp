#include "base/file.h"
#include "compat/opa/commands.h"
#include "compat/opa/load.h"
#include "compat/opa/results.h"
#include "rego/machine.h"
#include "rego/term.h"

namespace merlon::compat::opa {
namespace {

using value::Value;

constexpr std::uint64_t kMaxInputBytes = std::uint64_t{1} << 30;

// print(…) goes to standard error.
class PrintsToError : public rego::Listener {
  public:
    explicit PrintsToError(const Outside& outside) : outside_(outside) {}
    void printed(std::string_view line) override { outside_.write_error(std::string(line) + "\n"); }
    void reached_case(const Value& /*path*/) override {}

  private:
    const Outside& outside_;
};

struct Question {
    Arena arena;
    Interner interner;
    std::string query;
    std::optional<Value> input;
    std::vector<ShownError> errors;
};

ShownError plain(const Error& error) { return {.message = error.to_string()}; }

ShownError shown(const rego::EvaluationError& error) {
    return {.message = error.message,
            .code = std::string(rego::code(error.kind)),
            .file = error.file,
            .row = error.row,
            .column = error.column,
            .has_place = true};
}

void read_input(const ParsedCommand& command, const Outside& outside, Loader& loader,
                Question& question) {
    if (command.is_set("stdin-input")) {
        const auto text = outside.read_input();
        const auto read = text.ok() ? loader.read_value(text.value(), "") : text.error();
        if (read.ok()) {
            question.input = read.value();
        } else {
            question.errors.push_back(plain(read.error()));
        }
    } else if (command.is_set("input")) {
        const std::string& file = command.text("input");
        const auto text = read_text_file(file, kMaxInputBytes);
        const auto read = text.ok() ? loader.read_value(text.value(), file) : text.error();
        if (read.ok()) {
            question.input = read.value();
        } else {
            question.errors.push_back(plain(read.error()));
        }
    }
}

Result<std::string> read_query(const ParsedCommand& command, const Outside& outside) {
    if (command.is_set("stdin")) return outside.read_input();
    if (command.arguments.empty()) return Error{"specify query argument or use --stdin"};
    return command.arguments[0];
}

rego::MachineOptions machine_options(const ParsedCommand& command, const Outside& outside) {
    rego::MachineOptions options;
    if (command.is_set("strict-builtin-errors")) {
        options.builtin_errors = rego::BuiltinErrors::kStrict;
    }
    options.cancel = outside.cancel;
    options.world = world_of(outside);
    return options;
}

int fail(const ParsedCommand& command, const Outside& outside,
         const std::vector<ShownError>& errors) {
    if (command.text("format") == "json") return print(outside, errors_json(errors), kFailed);
    outside.write_error(to_string(errors) + "\n");
    return kFailed;
}

int answer(const ParsedCommand& command, const Outside& outside, rego::syntax::Body query,
           std::span<const Value> results, value::Builder& values) {
    const std::string text = results_text(command.text("format"), query, results, values);
    const bool is_defined = !results.empty();
    const bool is_refused =
        (command.is_set("fail") && !is_defined) || (command.is_set("fail-defined") && is_defined);
    return print(outside, text, is_refused ? 1 : 0);
}

// A query of one of the entry points of a bundle's plan: "data.a.b" is the plan a/b.
int run_plan(const ParsedCommand& command, const Outside& outside, Loader& loader,
             Question& question, std::string_view query) {
    std::string name;
    const auto parsed = rego::syntax::parse_query(query, question.arena, question.interner, {});
    const bool is_reference = parsed.errors.empty() && parsed.body.size() == 1 &&
                              parsed.body[0]->kind == rego::syntax::ExpressionKind::kTerm &&
                              parsed.body[0]->terms[0]->kind == rego::syntax::TermKind::kReference;
    if (is_reference) {
        for (const rego::syntax::Term* part : parsed.body[0]->terms[0]->terms.subspan(1)) {
            name += (name.empty() ? "" : "/") + std::string(part->text);
        }
    }
    for (const rego::bundle::Plan& one : loader.plans()) {
        const auto program = rego::Program::load(one.plan);
        if (!program.ok()) {
            return fail(command, outside,
                        {{.message = one.file + ": " + program.error().to_string()}});
        }
        const auto plan = program.value()->find_plan(name);
        if (!plan) continue;
        PrintsToError prints(outside);
        rego::MachineOptions choices = machine_options(command, outside);
        choices.world.listener = &prints;
        rego::Machine machine(*program.value(), choices);
        const rego::Evaluation evaluation = machine.run(*plan, question.input, loader.data());
        if (evaluation.error) return fail(command, outside, {shown(*evaluation.error)});
        // A plan's result is {"result": value}.
        value::Builder values(question.arena, question.interner);
        std::vector<Value> results;
        for (const Value& result : evaluation.results) {
            const Value* const found = result.find("result");
            const Value expressions[] = {found == nullptr ? Value() : *found};
            const Value pair[] = {values.object({}), values.array(expressions)};
            results.push_back(values.array(pair));
        }
        return answer(command, outside, parsed.body, results, values);
    }
    return fail(command, outside,
                {{.message = "no plan of the bundles has the entry point '" + name + "'"}});
}

}  // namespace

int run_eval(const ParsedCommand& command, const Outside& outside) {
    Question question;
    const auto version = version_of(command);
    Loader loader(question.arena, question.interner, version);
    load_data(command, outside, loader);
    question.errors = loader.errors();
    if (!question.errors.empty()) return fail(command, outside, question.errors);
    read_input(command, outside, loader, question);
    const auto query = read_query(command, outside);
    if (!query.ok()) question.errors.push_back(plain(query.error()));
    if (!question.errors.empty()) return fail(command, outside, question.errors);
    if (command.text("target") == "plan") {
        return run_plan(command, outside, loader, question, query.value());
    }

    rego::syntax::ParseOptions options;
    options.version = version;
    const auto parsed =
        rego::syntax::parse_query(query.value(), question.arena, question.interner, options);
    // Of a query OPA gives the first error alone: what follows is often its echo.
    if (!parsed.errors.empty()) question.errors.push_back(opa::shown(parsed.errors[0], ""));
    if (!question.errors.empty()) return fail(command, outside, question.errors);
    const rego::compiler::SourceQuery queries[] = {
        {"eval", parsed.body, rego::compiler::QueryResult::kBindingsAndValues}};
    const auto compiled = rego::compiler::compile(loader.modules(), queries,
                                                  {.prints = rego::compiler::Prints::kKept});
    for (const rego::compiler::CompileError& error : compiled.errors) {
        question.errors.push_back(opa::shown(error));
    }
    if (!question.errors.empty()) return fail(command, outside, question.errors);

    PrintsToError prints(outside);
    rego::MachineOptions machine_choices = machine_options(command, outside);
    machine_choices.world.listener = &prints;
    rego::Machine machine(*compiled.program, machine_choices);
    const rego::Evaluation& evaluation = machine.run(0, question.input, loader.data());
    if (evaluation.error) {
        // OPA shows a policy that goes on for ever as cancelled; here a limit has a name.
        return fail(command, outside, {shown(*evaluation.error)});
    }
    value::Builder values(question.arena, question.interner);
    return answer(command, outside, parsed.body, evaluation.results, values);
}

}  // namespace merlon::compat::opa
