// OPA's conformance cases: their modules are compiled and run, on the machine and once more by the
// slow reference evaluator, and so are the plans that OPA made of them.
//
// usage: rego_conformance [-v] [--failed FILE] [FILE|FOLDER…]
//
// There is no list of cases that are left out: what is not there fails. A case passes where the
// results are equal, or where an error was wanted and its code is equal (and its text holds the
// wanted one). Prints `compiled: N passed, N failed`, the same for `reference` and, where there are
// plans, for `plans`; with -v the names of what failed. Files below a folder v0 are of Rego v0.
// --failed writes what failed, a line of JSON for each: {"count", "file", "note", "why", "got"},
// the last one being the results that differ, by which tools/parity/rego_changed_cases.py asks OPA
// whether the case has changed.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <thread>

#include "../rego_reference/reference.h"
#include "rego/compiler/compiler.h"
#include "rego/go_time.h"
#include "rego/machine.h"
#include "rego/syntax/parser.h"
#include "rego/term.h"
#include "suite.h"
#include "text/json.h"
#include "text/yaml.h"

namespace {

using namespace merlon;
using value::Value;

// OPA's own runner of these cases has it, and nobody else: it sleeps.
rego::Outcome sleep_for(rego::Context& context, rego::Operands operands) {
    const auto duration = rego::parse_duration(operands[0].as_string());
    if (!duration.ok()) return context.error(duration.error().message);
    std::this_thread::sleep_for(std::chrono::nanoseconds(duration.value()));
    return Value();
}
constexpr rego::compiler::ExtraBuiltin kSleep[] = {
    {{"test.sleep", "string", "null"}, {"test.sleep", "s", sleep_for}}};

class Runner {
  public:
    Runner(bool tells, std::FILE* failed) : tells_(tells), failed_(failed) {}

    void read(const std::filesystem::path& path) {
        if (std::filesystem::is_directory(path)) {
            std::vector<std::filesystem::path> files;
            for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
                const std::string name = entry.path().filename();
                const bool is_case =
                    name != "index.json" && (name.ends_with(".json") || name.ends_with(".yaml"));
                if (is_case) files.push_back(entry.path());
            }
            std::ranges::sort(files);
            for (const auto& file : files) read_file(file);
        } else {
            read_file(path);
        }
    }

    struct Count {
        const char* name;
        int passed = 0;
        int failed = 0;
    };
    const Count& compiled() const { return compiled_; }
    const Count& reference() const { return reference_; }
    const Count& plans() const { return plans_; }

  private:
    using Evaluate = std::function<rego::Evaluation(
        const rego::MachineOptions& options, const std::optional<Value>& input, const Value& data)>;

    void fail(Count& count, const std::string& name, const std::string& why,
              const Value* got = nullptr) {
        ++count.failed;
        if (tells_) std::printf("%s: %s FAILS: %s\n", count.name, name.c_str(), why.c_str());
        if (failed_ == nullptr) return;
        std::string line;
        text::JsonWriter json(line);
        json.begin_object().member("count", count.name).member("file", file_);
        json.member("note", name).member("why", why);
        if (got != nullptr) json.key("got").value(*got);
        json.end_object();
        std::fprintf(failed_, "%s\n", line.c_str());
    }

    void read_file(const std::filesystem::path& path) {
        file_ = path.string();
        Arena arena;
        Interner interner;
        const std::string bytes = conformance::read_whole(path);
        std::optional<Value> root;
        if (path.extension() == ".json") {
            auto document = text::read_json(bytes, arena, interner);
            if (document.ok()) root = *document.value().root;
        } else {
            auto documents = text::read_yaml(bytes, arena, interner);
            if (documents.ok() && !documents.value().empty()) root = *documents.value()[0].root;
        }
        const Value* cases = root ? root->find("cases") : nullptr;
        if (cases == nullptr || !cases->is_array()) {
            return fail(compiled_, path.string(), "no cases in it");
        }
        version_ = path.string().find("/v0/") == std::string::npos ? rego::syntax::RegoVersion::kV1
                                                                   : rego::syntax::RegoVersion::kV0;
        for (const Value& one : cases->items()) {
            run_compiled(one, arena, interner);
            if (member(one, "plan") != nullptr || path.extension() == ".json") {
                run_plan(one, arena, interner);
            }
        }
    }

    static const Value* member(const Value& object, std::string_view name) {
        const Value* found = object.find(name);
        return found == nullptr || found->is_null() ? nullptr : found;
    }

    static std::string string_of(const Value& object, std::string_view name) {
        const Value* found = member(object, name);
        return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
    }

    void run_plan(const Value& one, Arena& arena, Interner& interner) {
        value::Builder builder(arena, interner);
        const std::string name = string_of(one, "note");
        const Value* plan = member(one, "plan");
        if (plan == nullptr) return fail(plans_, name, "no plan");
        auto program = rego::Program::load(*plan, {&kSleep[0].builtin, 1});
        if (!program.ok()) return fail(plans_, name, program.error().message);
        run_on_machine(one, *program.value(), plans_, "want_plan_result", builder);
    }

    void run_compiled(const Value& one, Arena& arena, Interner& interner) {
        value::Builder builder(arena, interner);
        const std::string name = string_of(one, "note");
        rego::syntax::ParseOptions options;
        options.version = version_;
        options.annotations = rego::syntax::ReadAnnotations::kYes;
        std::vector<rego::compiler::SourceModule> modules;
        if (const Value* sources = member(one, "modules")) {
            for (const Value& source : sources->items()) {
                const std::string file = "test-" + std::to_string(modules.size()) + ".rego";
                auto parsed =
                    rego::syntax::parse_module(source.as_string(), arena, interner, options);
                if (parsed.module == nullptr) {
                    return fail(compiled_, name, rego::syntax::to_string(parsed.errors, file));
                }
                modules.push_back({file, parsed.module});
            }
        }
        const auto query =
            rego::syntax::parse_query(string_of(one, "query"), arena, interner, options);
        if (!query.errors.empty()) {
            return fail(compiled_, name, rego::syntax::to_string(query.errors, ""));
        }
        const rego::compiler::SourceQuery queries[] = {{"eval", query.body}};
        const rego::compiler::KnownBuiltins known(kSleep);
        const auto look = [&](const rego::compiler::Analysis& analysis) {
            std::optional<rego::reference::Evaluator> evaluator;
            evaluate(
                one, reference_, "want_result", builder,
                [&](const auto& machine_options, const auto& input, const Value& data) {
                    return evaluator.emplace(analysis, known, machine_options).run(0, input, data);
                });
        };
        const auto compilation =
            rego::compiler::compile(modules, queries, {.builtins = known, .look = look});
        if (compilation.program == nullptr) {
            return fail(compiled_, name, rego::compiler::to_string(compilation.errors));
        }
        run_on_machine(one, *compilation.program, compiled_, "want_result", builder);
    }

    void run_on_machine(const Value& one, const rego::Program& program, Count& count,
                        std::string_view wanted, value::Builder& builder) {
        std::optional<rego::Machine> machine;
        evaluate(one, count, wanted, builder,
                 [&](const auto& options, const auto& input, const Value& data) {
                     return machine.emplace(program, options).run(0, input, data);
                 });
    }

    // `run` keeps alive what its results stand in.
    void evaluate(const Value& one, Count& count, std::string_view wanted, value::Builder& builder,
                  const Evaluate& run) {
        const std::string name = string_of(one, "note");
        rego::MachineOptions options;
        const Value* strict = member(one, "strict_error");
        if (strict != nullptr && strict->as_boolean()) {
            options.builtin_errors = rego::BuiltinErrors::kStrict;
        }
        // A time at which the certificates of the cases are valid.
        options.world.now_nanoseconds = 1'790'000'000'000'000'000;
        options.world.zone_directory = "/usr/share/zoneinfo";
        std::optional<Value> input;
        if (const Value* given = one.find("input"); given != nullptr) input = *given;
        if (const std::string term = string_of(one, "input_term"); !term.empty()) {
            auto read = rego::read_term(term, builder);
            if (!read.ok()) return fail(count, name, "input_term: " + read.error().message);
            input = read.value();
        }
        const Value* data = member(one, "data");
        const rego::Evaluation evaluation =
            run(options, input, data == nullptr ? builder.object({}) : *data);
        check(one, count, wanted, evaluation, builder);
    }

    void check(const Value& one, Count& count, std::string_view wanted_name,
               const rego::Evaluation& evaluation, value::Builder& builder) {
        const std::string name = string_of(one, "note");
        const std::string wanted_code = string_of(one, "want_error_code");
        const std::string wanted_text = string_of(one, "want_error");
        if (!wanted_code.empty() || !wanted_text.empty()) {
            if (!evaluation.error) {
                return fail(count, name, "no error; wanted " + wanted_code + " " + wanted_text);
            }
            // OPA's own cases call the modules test-0.rego; the plans were made with another name.
            std::string text = evaluation.error->to_string();
            if (text.starts_with("module-")) text.replace(0, 6, "test");
            const bool is_conflict = evaluation.error->kind == rego::ErrorKind::kConflict;
            if (!wanted_code.empty() && wanted_code != rego::code(evaluation.error->kind)) {
                return fail(count, name, "error " + text + "; wanted " + wanted_code);
            }
            // OPA has given conflicts other texts since these cases were made: codes are compared.
            if (!is_conflict && text.find(wanted_text) == std::string::npos) {
                return fail(count, name, "error " + text + "; wanted " + wanted_text);
            }
            ++count.passed;
            return;
        }
        if (evaluation.error) return fail(count, name, "error " + evaluation.error->to_string());
        std::vector<Value> got;
        for (const Value& result : evaluation.results)
            got.push_back(rego::to_json(result, builder));
        const Value* wanted = member(one, wanted_name);
        std::vector<Value> expected;
        if (wanted != nullptr) {
            for (const Value& result : wanted->items()) {
                expected.push_back(rego::to_json(result, builder));
            }
        }
        const Value* sorts = member(one, "sort_bindings");
        if (sorts != nullptr && sorts->as_boolean()) {
            for (Value& result : got) result = sorted(result, builder);
            for (Value& result : expected) result = sorted(result, builder);
        }
        const Value left = builder.set(got);
        const Value right = builder.set(expected);
        if (left == right) {
            ++count.passed;
            return;
        }
        const Value results = rego::to_json(left, builder);
        fail(count, name, "got " + rego::term_text(left) + "; wanted " + rego::term_text(right),
             &results);
    }

    // A binding with its arrays in order: what was a set had another order there.
    static Value sorted(const Value& binding, value::Builder& builder) {
        std::vector<value::Builder::Entry> entries;
        for (std::size_t i = 0; i < binding.size(); ++i) {
            Value value = binding.values()[i];
            if (value.is_array()) {
                std::vector<Value> items(value.items().begin(), value.items().end());
                std::ranges::sort(
                    items, [](const Value& a, const Value& b) { return value::compare(a, b) < 0; });
                value = builder.array(items);
            }
            entries.emplace_back(binding.keys()[i], value);
        }
        return builder.object(entries);
    }

    bool tells_;
    std::FILE* failed_;  // may be null
    std::string file_;
    rego::syntax::RegoVersion version_ = rego::syntax::RegoVersion::kV1;
    Count compiled_{"compiled"};
    Count reference_{"reference"};
    Count plans_{"plans"};
};

}  // namespace

int main(int word_count, char** words) {
    std::vector<std::string> arguments(words + 1, words + word_count);
    const bool tells = std::erase(arguments, "-v") > 0;
    std::FILE* failed = nullptr;
    if (const auto flag = std::ranges::find(arguments, "--failed"); flag != arguments.end()) {
        const auto file = flag + 1;
        if (file != arguments.end()) failed = std::fopen(file->c_str(), "w");
        if (failed == nullptr) {
            std::fprintf(stderr, "--failed: the name of a file that can be written is expected\n");
            return 2;
        }
        arguments.erase(flag, file + 1);
    }
    // Of the whole suite no fewer may pass than have passed before.
    int least_compiled = 1;
    int least_plans = 0;
    if (arguments.empty()) {
        least_compiled = conformance::budget("rego_compiled_passed");
        least_plans = conformance::budget("rego_plans_passed");
        const auto suite = conformance::find_suite("rego");
        if (suite.empty()) return conformance::not_run(2'062);
        arguments.push_back(suite.string());
    }
    Runner runner(tells, failed);
    for (const std::string& argument : arguments) runner.read(argument);
    if (failed != nullptr && std::fclose(failed) != 0) {
        std::fprintf(stderr, "--failed: not all could be written\n");
        return 2;
    }
    for (const Runner::Count* count : {&runner.compiled(), &runner.reference(), &runner.plans()}) {
        if (count->passed + count->failed == 0) continue;
        std::printf("%s: %d passed, %d failed\n", count->name, count->passed, count->failed);
    }
    const bool is_enough = runner.compiled().passed >= least_compiled &&
                           runner.plans().passed >= least_plans &&
                           runner.reference().passed >= runner.compiled().passed;
    return is_enough ? 0 : 1;
}
