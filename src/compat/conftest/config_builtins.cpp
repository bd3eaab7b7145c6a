#include "compat/conftest/config_builtins.h"

#include <filesystem>

#include "compat/conftest/configurations.h"
#include "compat/conftest/parsers.h"
#include "model/engine.h"

namespace merlon::compat::conftest {
namespace {

using rego::Context;
using rego::Operands;
using rego::Outcome;
using value::Value;

// A parser that is not served ends the evaluation: undefined would be a silent pass.
Outcome parse(Context& context, const FileParser* parser, std::string_view name,
              std::string_view text) {
    if (parser == nullptr) {
        return context.error("create config parser: unknown parser: " + std::string(name));
    }
    if (parser->parse == nullptr) {
        return context.fail(
            rego::ErrorKind::kInternal,
            not_served("the parser '" + std::string(parser->name) + "' of conftest").message);
    }
    if (parser->name == "textproto") {
        return context.fail(rego::ErrorKind::kInternal,
                            not_served("the parser 'textproto' in a built-in").message);
    }
    if (!context.spend(1 + text.size() / 16)) return Outcome::error();
    Reading reading(context.builder.arena(), context.builder.interner());
    const auto value = parser->parse(reading.arena.copy(text), reading);
    if (!value.ok() && is_not_served(value.error().message)) {
        return context.fail(rego::ErrorKind::kInternal, value.error().message);
    }
    if (!value.ok()) return context.error("unmarshal config: " + value.error().to_string());
    if (!reading.values.refusal().empty())
        return context.error(std::string(reading.values.refusal()));
    return value.value();
}

std::string beside_policy(Context& context, std::string_view path) {
    const std::filesystem::path policy(context.place().file);
    return (policy.parent_path() / std::filesystem::path(path).relative_path())
        .lexically_normal()
        .string();
}

Result<std::string> read_beside(Context& context, const std::string& path) {
    if (context.world.host == nullptr) return Error{"files are not read here"};
    return context.world.host->ask("file", path);
}

Outcome parse_config(Context& context, Operands operands) {
    const std::string_view name = operands[0].as_string();
    return parse(context, find_parser(name), name, operands[1].as_string());
}

Outcome parse_file(Context& context, const std::string& path) {
    const FileParser* const parser = parser_of_path(path);
    const std::string extension = std::filesystem::path(path).extension().string();
    if (parser == nullptr) return parse(context, nullptr, extension, {});
    const auto text = read_beside(context, path);
    if (!text.ok()) {
        return context.error("read config file " + path + ": " + text.error().message);
    }
    return parse(context, parser, extension, text.value());
}

Outcome parse_config_file(Context& context, Operands operands) {
    return parse_file(context, beside_policy(context, operands[0].as_string()));
}

Outcome parse_combined_config_files(Context& context, Operands operands) {
    Configurations read;
    for (const Value& path : operands[0].items()) {
        if (!path.is_string()) return context.error("decode args: a path is no string");
        const std::string file = beside_policy(context, path.as_string());
        const Outcome outcome = parse_file(context, file);
        if (!outcome.ok()) return outcome;
        read[file] = outcome.value();
    }
    return combined(read, context.builder);
}

constexpr rego::compiler::ExtraBuiltin kBuiltins[] = {
    {{"parse_config", "string; string", "object[string: any]"},
     {"parse_config", "ss", parse_config}},
    {{"parse_config_file", "string", "object[string: any]"},
     {"parse_config_file", "s", parse_config_file}},
    {{"parse_combined_config_files", "array[string]", "object[string: any]"},
     {"parse_combined_config_files", "a", parse_combined_config_files}},
};

}  // namespace

std::span<const rego::compiler::ExtraBuiltin> config_builtins() { return kBuiltins; }

}  // namespace merlon::compat::conftest
