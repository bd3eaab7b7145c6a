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
    options.world.now_nanoseconds = outside.clock->now().nanoseconds;
    options.world.random_seed = static_cast<std::uint64_t>(*options.world.now_nanoseconds);
    options.world.zone_directory = "/usr/share/zoneinfo";
    return options;
}

int fail(const ParsedCommand& command, const Outside& outside,
         const std::vector<ShownError>& errors) {
    if (command.text("format") == "json") return print(outside, errors_json(errors), kFailed);
    outside.write_error(to_string(errors) + "\n");
    return kFailed;
}

}  // namespace

int run_eval(const ParsedCommand& command, const Outside& outside) {
    Question question;
    const auto version = command.is_set("v0-compatible") ? rego::syntax::RegoVersion::kV0
                                                         : rego::syntax::RegoVersion::kV1;
    Loader loader(question.arena, question.interner, version);
    for (const std::string& argument : command.list("data")) loader.load(argument);
    question.errors = loader.errors();
    if (!question.errors.empty()) return fail(command, outside, question.errors);
    read_input(command, outside, loader, question);
    const auto query = read_query(command, outside);
    if (!query.ok()) question.errors.push_back(plain(query.error()));
    if (!question.errors.empty()) return fail(command, outside, question.errors);

    rego::syntax::ParseOptions options;
    options.version = version;
    const auto parsed =
        rego::syntax::parse_query(query.value(), question.arena, question.interner, options);
    for (const rego::syntax::SyntaxError& error : parsed.errors) {
        question.errors.push_back(opa::shown(error, ""));
    }
    if (!question.errors.empty()) return fail(command, outside, question.errors);
    const rego::compiler::SourceQuery queries[] = {
        {"eval", parsed.body, rego::compiler::QueryResult::kBindingsAndValues}};
    const auto compiled = rego::compiler::compile(loader.modules(), queries);
    for (const rego::compiler::CompileError& error : compiled.errors) {
        question.errors.push_back(opa::shown(error));
    }
    if (!question.errors.empty()) return fail(command, outside, question.errors);

    rego::Machine machine(*compiled.program, machine_options(command, outside));
    const rego::Evaluation& evaluation = machine.run(0, question.input, loader.data());
    if (evaluation.error) {
        // OPA shows a policy that goes on for ever as cancelled; here a limit has a name.
        return fail(command, outside, {shown(*evaluation.error)});
    }
    value::Builder values(question.arena, question.interner);
    const std::string text =
        results_text(command.text("format"), parsed.body, evaluation.results, values);
    const bool is_defined = !evaluation.results.empty();
    const bool is_refused =
        (command.is_set("fail") && !is_defined) || (command.is_set("fail-defined") && is_defined);
    return print(outside, text, is_refused ? 1 : 0);
}

}  // namespace merlon::compat::opa
