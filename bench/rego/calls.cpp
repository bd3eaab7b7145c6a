#include "calls.h"

#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "rego/compiler/compiler.h"
#include "rego/syntax/parser.h"
#include "rego/term.h"
#include "text/json.h"

namespace merlon::bench {

using value::Value;

namespace {

constexpr int kRunsToWarm = 3;

std::string bytes_of(std::string_view hexadecimal) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2) {
        const std::string pair(hexadecimal.substr(i, 2));
        bytes += static_cast<char>(std::stoi(pair, nullptr, 16));
    }
    return bytes;
}

Value operand(const Value& given, value::Builder& builder) {
    std::vector<Value> parts;
    const auto take = [&](const Value& list) {
        for (const Value& one : list.items()) parts.push_back(operand(one, builder));
    };
    if (given.is_array()) {
        take(given);
        return builder.array(parts);
    }
    if (!given.is_object()) return given;
    if (const Value* text = given.find("n")) {
        auto number = builder.number(text->as_string());
        return number.ok() ? number.value() : Value();
    }
    if (const Value* text = given.find("h")) return builder.string(bytes_of(text->as_string()));
    if (const Value* list = given.find("s")) {
        take(*list);
        return builder.set(parts);
    }
    if (const Value* list = given.find("o")) take(*list);
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
        entries.emplace_back(parts[i], parts[i + 1]);
    }
    return builder.object(entries);
}

}  // namespace

Calls::Callee& Calls::callee(const std::string& name, std::size_t operands) {
    Callee& made = callees_[name + "/" + std::to_string(operands)];
    if (made.machine != nullptr) return made;
    std::string query = "x = " + name + "(";
    for (std::size_t i = 0; i < operands; ++i) {
        query += (i > 0 ? ", input[" : "input[") + std::to_string(i) + "]";
    }
    Arena arena;
    Interner interner;
    const auto parsed = rego::syntax::parse_query(query + ")", arena, interner, {});
    const rego::compiler::SourceQuery queries[] = {{"call", parsed.body}};
    if (!parsed.errors.empty()) return made;
    made.program = rego::compiler::compile({}, queries).program;
    if (made.program == nullptr) return made;
    rego::MachineOptions options;
    options.builtin_errors = rego::BuiltinErrors::kStrict;
    options.world.now_nanoseconds = 1'830'000'000'000'000'000;
    options.world.zone_directory = "/usr/share/zoneinfo";
    made.machine = std::make_unique<rego::Machine>(*made.program, options);
    return made;
}

std::string Calls::answer(std::string_view line) { return answer(line, nullptr); }

std::string Calls::answer(std::string_view line, const std::uint64_t* asked) {
    Arena arena;
    Interner interner;
    const auto read = text::read_json(line, arena, interner);
    if (!read.ok()) return "!" + read.error().message;
    const Value* const name = read.value().root->find("name");
    const Value* const operands = read.value().root->find("operands");
    if (name == nullptr || operands == nullptr) return "!no call";
    Callee& called = callee(std::string(name->as_string()), operands->size());
    if (called.machine == nullptr) return "!unknown: " + std::string(name->as_string());
    value::Builder builder(arena, interner);
    const Value input = operand(*operands, builder);
    const Value data = builder.object({});
    const rego::Evaluation& evaluation = called.machine->run(0, input, data);
    std::uint64_t mallocs = 0;
    if (asked != nullptr) {
        // What is remembered of the first run is there in the second, and room for it.
        for (int i = 0; i < kRunsToWarm; ++i) called.machine->run(0, input, data);
        const std::uint64_t before = *asked;
        called.machine->run(0, input, data);
        mallocs = *asked - before;
    }
    std::string out;
    text::JsonWriter json(out, {}, text::JsonEscapes::kGo);
    json.begin_object();
    if (asked != nullptr) json.key("malloc").integer(static_cast<std::int64_t>(mallocs));
    if (evaluation.error) {
        json.member("error", rego::code(evaluation.error->kind));
        json.member("text", evaluation.error->message);
    } else if (!evaluation.results.empty()) {
        json.key("values").begin_array();
        for (const Value& result : evaluation.results) {
            json.string(rego::term_text(*result.find("x")));
        }
        json.end_array();
    }
    json.end_object();
    return out;
}

}  // namespace merlon::bench
