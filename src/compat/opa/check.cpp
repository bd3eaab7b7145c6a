#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "compat/opa/capabilities.h"
#include "compat/opa/commands.h"
#include "compat/opa/load.h"
#include "text/json.h"

namespace merlon::compat::opa {
namespace {

constexpr std::uint64_t kMaxDocumentBytes = std::uint64_t{64} << 20;

Result<value::Value> read_document(const std::string& file, Loader& loader) {
    const std::string text = MERLON_TRY(read_text_file(file, kMaxDocumentBytes));
    auto document = loader.read_value(text, file);
    if (!document.ok()) return Error{file + ": " + document.error().message};
    return document;
}

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
    if (command.is_set("v0-v1")) return rego::syntax::RegoVersion::kV0CompatibleV1;
    return version_of(command);
}

std::vector<ShownError> only(const Error& error) { return {{.message = error.message}}; }

}  // namespace

Result<std::vector<rego::compiler::NamedSchema>> read_schemas(const std::string& path,
                                                              Loader& loader) {
    std::vector<rego::compiler::NamedSchema> schemas;
    std::error_code code;
    if (!std::filesystem::exists(path, code)) {
        return Error{"stat " + path + ": no such file or directory"};
    }
    if (!std::filesystem::is_directory(path, code)) {
        schemas.push_back({{}, MERLON_TRY(read_document(path, loader))});
        return schemas;
    }
    std::vector<std::filesystem::path> files;
    for (auto at = std::filesystem::recursive_directory_iterator(path, code);
         !code && at != std::filesystem::recursive_directory_iterator(); at.increment(code)) {
        if (!at->is_directory()) files.push_back(at->path());
    }
    if (code) return Error{"open " + path + ": " + code.message()};
    std::ranges::sort(files);
    for (const std::filesystem::path& file : files) {
        rego::compiler::NamedSchema& schema = schemas.emplace_back();
        const std::filesystem::path name = file.lexically_relative(path).replace_extension();
        for (const std::filesystem::path& part : name) schema.path.push_back(part.string());
        schema.schema = MERLON_TRY(read_document(file.string(), loader));
    }
    return schemas;
}

int run_check(const ParsedCommand& command, const Outside& outside) {
    if (command.arguments.empty()) {
        outside.write_error("specify at least one file\n");
        return 1;
    }
    const std::string format = command.text("format");
    const auto refuse = [&](const std::vector<ShownError>& errors, std::string_view during) {
        outside.write_error(format == "json" ? errors_json(errors)
                                             : to_string(errors, during) + "\n");
        return 1;
    };
    Arena arena;
    Interner interner;
    Loader loader(arena, interner, version_to_check(command));
    rego::compiler::CompileOptions options;
    options.prints = rego::compiler::Prints::kKept;
    options.max_errors = static_cast<std::size_t>(
        std::max<std::int64_t>(0, command.integer("max-errors").value_or(10)));
    if (command.is_set("strict")) options.strictness = rego::compiler::Strictness::kStrict;
    if (command.is_set("reach")) options.listing = rego::compiler::Listing::kReaching;
    std::vector<rego::compiler::NamedSchema> schemas;
    if (command.is_set("schema")) {
        auto read = read_schemas(command.text("schema"), loader);
        if (!read.ok()) return refuse(only(read.error()), " during loading");
        schemas = std::move(read).value();
        options.schemas = schemas;
    }
    Capabilities capabilities;
    if (command.is_set("capabilities")) {
        const auto document = read_document(command.text("capabilities"), loader);
        if (!document.ok()) return refuse(only(document.error()), "");
        auto read = Capabilities::read(document.value());
        if (!read.ok()) return refuse(only(read.error()), "");
        capabilities = std::move(read).value();
        options.builtins = capabilities.builtins();
    }
    if (!command.is_set("bundle")) loader.read_only_policies();
    load_arguments(command, outside, loader);
    if (!loader.errors().empty()) return refuse(loader.errors(), " during loading");
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
