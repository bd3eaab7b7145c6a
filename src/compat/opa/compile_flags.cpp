#include "compat/opa/compile_flags.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "compat/opa/capabilities_text.h"
#include "compat/opa/commands.h"
#include "compat/opa/releases.h"
#include "match/go_quote.h"

namespace merlon::compat::opa {
namespace {

constexpr std::uint64_t kMaxDocumentBytes = std::uint64_t{64} << 20;

Result<value::Value> read_document(const std::string& file, Loader& loader) {
    const std::string text = MERLON_TRY(read_as_go(file, kMaxDocumentBytes));
    auto document = loader.read_value(text, "");
    if (document.ok()) return document;
    Error wrong = std::move(document).error();
    wrong.message = file + ": " + wrong.message;
    return wrong;
}

// The schemas of --schema: a file is the one of `input`; those of a folder have its names.
Result<std::vector<rego::compiler::NamedSchema>> read_schemas(const std::string& named,
                                                              Loader& loader) {
    const std::string path = MERLON_TRY(clean_path(named));
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

}  // namespace

bool CompileFlags::fail(const Error& error, std::string_view during) {
    errors_.push_back(unread(error, ""));
    during_ = during;
    return false;
}

bool CompileFlags::read_capabilities(const std::string& named, Loader& loader) {
    const auto refuse = [&](const std::string& reason) {
        std::string shown;
        match::append_go_quoted(shown, named);
        wrong_flag_ =
            "invalid argument " + shown +
            " for \"--capabilities\" flag: no such file or capabilities version found: " + named;
        if (!reason.empty()) wrong_flag_ += "\n" + reason;
        return false;
    };
    std::error_code code;
    const bool is_file = std::filesystem::exists(named, code);
    const auto release = is_file ? std::nullopt : find_release(named);
    if (!is_file && !release) return refuse("");
    const auto document =
        release ? loader.read_value(capabilities_text(ReleaseFacts(*release)), "capabilities.json")
                : read_document(named, loader);
    if (!document.ok()) return refuse(unread(document.error(), "").to_string());
    auto capabilities = Capabilities::read(document.value());
    if (!capabilities.ok()) return refuse(named + ": " + capabilities.error().message);
    capabilities_ = std::move(capabilities).value();
    has_capabilities_ = true;
    return true;
}

bool CompileFlags::read(const ParsedCommand& command, Loader& loader) {
    if (!read_capabilities(command, loader)) return false;
    if (command.takes("strict") && command.is_set("strict")) {
        strictness_ = rego::compiler::Strictness::kStrict;
    }
    if (command.takes("schema") && command.is_set("schema")) {
        auto schemas = read_schemas(command.text("schema"), loader);
        if (!schemas.ok()) return fail(schemas.error(), " during loading");
        schemas_ = std::move(schemas).value();
    }
    const bool is_old = version_of(command) == rego::syntax::RegoVersion::kV0;
    if (!has_capabilities_ || is_old || capabilities_.has_new_language()) return true;
    errors_.push_back({.message = "illegal capabilities: rego_v1 feature required for parsing v1 "
                                  "Rego",
                       .code = "rego_parse_error"});
    during_ = " during loading";
    return false;
}

rego::compiler::CompileOptions CompileFlags::options(rego::compiler::Prints prints,
                                                     const Outside& outside) const {
    rego::compiler::CompileOptions options;
    options.cancel = outside.cancel;
    options.prints = prints;
    options.strictness = strictness_;
    options.schemas = schemas_;
    if (has_capabilities_) options.builtins = capabilities_.builtins();
    return options;
}

rego::compiler::CompileOptions CompileFlags::options(rego::compiler::Prints prints,
                                                     const Outside& outside, Loader& loader) const {
    rego::compiler::CompileOptions made = options(prints, outside);
    made.base = loader.data();
    return made;
}

}  // namespace merlon::compat::opa
