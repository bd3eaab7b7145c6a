#include "cli/import_mapping.h"

#include <fmt/core.h>

#include "rego/compiler/compiler.h"
#include "rego/machine.h"
#include "rego/syntax/parser.h"
#include "rego/term.h"

namespace merlon::cli {
namespace {

constexpr std::string_view kQuery = "data.merlon.import";
// For a million findings, each of which may want a few thousand.
constexpr std::uint64_t kMaxInstructions = 20'000'000'000;
constexpr std::size_t kMaxMemoryBytes = std::size_t{4} << 30;

// The one record of JSON Lines looks like a document of another shape.
bool is_one_line(std::string_view bytes) {
    const std::size_t last = bytes.find_last_not_of(" \t\r\n");
    return last != std::string_view::npos && !bytes.substr(0, last).contains('\n');
}

}  // namespace

// What the program points into stays where it is.
struct Mapping::Compiled {
    Arena arena;
    Interner interner;
    std::string name;
    std::unique_ptr<const rego::Program> program;
};

Mapping::Mapping() : compiled_(std::make_unique<Compiled>()) {}
Mapping::Mapping(Mapping&&) noexcept = default;
Mapping& Mapping::operator=(Mapping&&) noexcept = default;
Mapping::~Mapping() = default;

Result<Mapping> Mapping::compile(const std::string& name, std::string_view text) {
    Mapping mapping;
    Compiled& compiled = *mapping.compiled_;
    compiled.name = name;
    const auto parsed = rego::syntax::parse_module(text, compiled.arena, compiled.interner);
    if (parsed.module == nullptr) return Error{rego::syntax::to_string(parsed.errors, name)};
    const auto query = rego::syntax::parse_query(kQuery, compiled.arena, compiled.interner);
    if (!query.errors.empty()) return Error{query.errors[0].to_string(name)};
    const rego::compiler::SourceModule sources[] = {{name, parsed.module}};
    const rego::compiler::SourceQuery queries[] = {
        {"import", query.body, rego::compiler::QueryResult::kBindingsAndValues}};
    auto made = rego::compiler::compile(sources, queries);
    if (made.program == nullptr) {
        std::string all = "the mapping has errors:";
        for (const rego::compiler::CompileError& error : made.errors)
            all += fmt::format("\n{}:{}: {}", error.file, error.row, error.message);
        return Error{std::move(all)};
    }
    compiled.program = std::move(made.program);
    return mapping;
}

Result<exchange::ForeignReport> Mapping::read(const exchange::ForeignInput& document,
                                              exchange::TreeSyntax syntax) const {
    const std::string_view bytes = document.bytes;
    Arena arena;
    Interner interner;
    const value::Value input =
        MERLON_TRY(exchange::read_plain_tree(bytes, syntax, arena, interner, document.cancel));
    value::Builder values(arena, interner);
    rego::MachineOptions options;
    options.cancel = document.cancel;
    options.builtin_errors = rego::BuiltinErrors::kStrict;
    options.limits.instructions = kMaxInstructions;
    options.limits.memory_bytes = kMaxMemoryBytes;
    rego::Machine machine(*compiled_->program, options);
    const rego::Evaluation& answer = machine.run(0, input, values.object({}));
    if (answer.error) return Error{answer.error->to_string()};
    if (answer.results.empty())
        return Error{compiled_->name + " has no package merlon.import, which a mapping is"};
    // A result is [bindings, [value]].
    const value::Value said = rego::to_json(answer.results.front().items()[1].items()[0], values);
    exchange::ForeignReport read{.format = "mapped", .reports = {}};
    read.reports.push_back(MERLON_TRY(exchange::mapped_report(said)));
    if (syntax == exchange::TreeSyntax::kByContent && is_one_line(bytes) && input.is_object() &&
        said.find("expected") == nullptr)
        exchange::doubt_empty(read.reports.back());
    return read;
}

}  // namespace merlon::cli
