#include <algorithm>

#include "compat/opa/commands.h"
#include "compat/opa/compile_flags.h"
#include "compat/opa/load.h"
#include "compat/opa/load_failure.h"
#include "text/json.h"

namespace merlon::compat::opa {
namespace {

std::string_view reach_text(rego::compiler::Reach reach) {
    switch (reach) {
        case rego::compiler::Reach::kNetwork:
            return "network";
        case rego::compiler::Reach::kClock:
            return "clock";
        case rego::compiler::Reach::kEnvironment:
            return "environment";
        case rego::compiler::Reach::kChance:
            return "chance";
        case rego::compiler::Reach::kNothing:
            break;
    }
    return "nothing";
}

std::string reaching_text(const std::vector<rego::compiler::ReachingCall>& calls,
                          std::string_view format) {
    std::string text;
    if (format != "json") {
        for (const rego::compiler::ReachingCall& call : calls) {
            text += call.file + ":" + std::to_string(call.row) + ": " + call.name +
                    " reaches the " + std::string(reach_text(call.reach)) + "\n";
        }
        return text;
    }
    text::JsonWriter json(text, "  ", text::JsonEscapes::kGo);
    json.begin_object().key("reaching").begin_array();
    for (const rego::compiler::ReachingCall& call : calls) {
        json.begin_object().member("builtin", call.name).member("reaches", reach_text(call.reach));
        json.key("location").begin_object().member("file", call.file);
        json.key("row").integer(call.row).key("col").integer(call.column).end_object();
        json.end_object();
    }
    json.end_array().end_object();
    return text + "\n";
}

rego::syntax::RegoVersion version_to_check(const ParsedCommand& command) {
    if (command.is_set("v0-v1") || command.is_set("rego-v1")) {
        return rego::syntax::RegoVersion::kV0CompatibleV1;
    }
    return version_of(command);
}

}  // namespace

int run_check(const ParsedCommand& command, const Outside& outside) {
    if (command.arguments.empty()) {
        return wrongly_asked(command, outside, "specify at least one file");
    }
    const std::string& format = command.text("format");
    const auto refuse = [&](const std::vector<ShownError>& errors, std::string_view during) {
        outside.write_error(format == "json" ? errors_json(errors)
                                             : to_string(errors, during) + "\n");
        return 1;
    };
    const auto refuse_loaded = [&](const std::vector<ShownError>& errors) {
        if (format == "json" && !command.is_set("bundle")) return refuse(errors, "");
        const std::vector<ShownError> one{load_failure(errors)};
        outside.write_error(format == "json" ? errors_json(one) : one[0].to_string() + "\n");
        return 1;
    };
    Arena arena;
    Interner interner;
    Loader loader(arena, interner, version_to_check(command));
    CompileFlags flags;
    if (!flags.read(command, loader)) {
        return flags.wrong_flag().empty() ? refuse(flags.errors(), flags.during())
                                          : wrongly_asked(command, outside, flags.wrong_flag());
    }
    if (!command.is_set("bundle")) loader.read_only_policies();
    load_arguments(command, outside, loader);
    if (!loader.errors().empty()) return refuse_loaded(loader.errors());
    auto options = flags.options(rego::compiler::Prints::kKept, outside, loader);
    options.max_errors = static_cast<std::size_t>(
        std::max<std::int64_t>(0, command.integer("max-errors").value_or(10)));
    if (command.is_set("reach")) options.listing = rego::compiler::Listing::kReaching;
    const auto compiled = rego::compiler::compile(loader.modules(), {}, options);
    if (!compiled.errors.empty()) {
        std::vector<ShownError> errors;
        for (const rego::compiler::CompileError& error : compiled.errors) {
            errors.push_back(opa::shown(error));
        }
        return refuse(errors, "");
    }
    if (!command.is_set("reach")) return 0;
    return print(outside, reaching_text(compiled.reaching, format), 0);
}

}  // namespace merlon::compat::opa
