#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/file.h"
#include "compat/opa/commands.h"
#include "compat/opa/compile_flags.h"
#include "compat/opa/load.h"
#include "compat/opa/load_failure.h"
#include "compat/opa/optimize.h"
#include "match/go_quote.h"
#include "rego/bundle/manifest.h"
#include "rego/bundle/signature.h"
#include "rego/go_json.h"
#include "rego/syntax/format.h"
#include "rego/term.h"
#include "text/json.h"
#include "text/tar_write.h"

namespace merlon::compat::opa {
namespace {

using value::Value;

constexpr std::uint64_t kMaxBuiltBytes = std::uint64_t{256} << 20;

// A bundle from files, folders and bundles: data in one file, policies formatted, a manifest.
class Build {
  public:
    Build(const ParsedCommand& command, const Outside& outside)
        : command_(command), outside_(outside), loader_(arena_, interner_, version_of(command)) {}

    int run();

  private:
    // OPA says it on standard output.
    int fail(std::string_view text) {
        return print(outside_, "error: " + std::string(text) + "\n", kWronglyAsked);
    }
    int fail(const std::vector<ShownError>& errors) { return fail(to_string(errors)); }
    std::string_view contradiction() const;
    void warn_of_manifests() const;
    Status gather(const std::string& argument);
    void add_policy(const std::string& path, std::string_view text);
    bool wants_optimization() const { return command_.integer("optimize").value_or(0) > 0; }
    // What the bundle owns: all, or what the manifest says.
    std::vector<std::string> roots() const;
    // Of the manifest; null: it says nothing of it.
    const Value* member(std::string_view name) const {
        return manifest_ ? rego::bundle::member_without_case(*manifest_, name) : nullptr;
    }
    std::vector<ShownError> optimize_policies(const CompileFlags& flags,
                                              std::span<const ShownError> compile_errors);
    std::string manifest() const;
    Result<std::string> sign(const std::vector<text::TarText>& texts);

    const ParsedCommand& command_;
    const Outside& outside_;
    Arena arena_;
    Interner interner_;
    value::Builder values_{arena_, interner_};
    Loader loader_;
    std::vector<text::TarText> policies_;
    std::map<std::string, std::string> files_;  // what they are called outside of the bundle
    std::optional<Value> manifest_;             // of a bundle among the arguments
};

void Build::add_policy(const std::string& path, std::string_view text) {
    rego::syntax::FormatOptions options;
    options.version = version_of(command_);
    const std::string name =
        "/" + std::filesystem::path(path).lexically_normal().relative_path().generic_string();
    files_.emplace(name, path);
    // Optimisation reads the policy as it was written: places of errors are those.
    if (wants_optimization()) return policies_.push_back({name, std::string(text)});
    const auto formatted = rego::syntax::format_source(text, options);
    policies_.push_back({name, formatted.errors.empty() ? formatted.text : std::string(text)});
}

// The policies of an argument as they are written; the loader has parsed them already.
Status Build::gather(const std::string& argument) {
    const bool is_bundle = command_.is_set("bundle") || argument.ends_with(".tar.gz");
    if (!is_bundle) return {};
    std::error_code code;
    const bool is_folder = std::filesystem::is_directory(argument, code);
    for (const rego::bundle::File& file : MERLON_TRY(loader_.bundle_files(argument))) {
        if (file.path.ends_with(".manifest")) {
            const std::string_view first = MERLON_TRY(rego::first_json_value(file.bytes));
            manifest_ = MERLON_TRY(loader_.read_value(first, "manifest.json"));
        }
        if (!file.path.ends_with(".rego")) continue;
        add_policy(is_folder ? argument + "/" + file.path : file.path, file.bytes);
    }
    return {};
}

std::vector<std::string> Build::roots() const {
    const Value* const found = member("roots");
    if (found == nullptr || !found->is_array()) return {""};
    std::vector<std::string> roots;
    for (const Value& root : found->items()) {
        std::string_view text = root.is_string() ? root.as_string() : std::string_view();
        while (text.starts_with('/')) text.remove_prefix(1);
        while (text.ends_with('/')) text.remove_suffix(1);
        roots.emplace_back(text);
    }
    return roots;
}

std::vector<ShownError> Build::optimize_policies(const CompileFlags& flags,
                                                 std::span<const ShownError> compile_errors) {
    using Inline = rego::watch::PartialOptions::Inline;
    const std::vector<std::string> owned = roots();
    OptimizeRequest request;
    request.policies = policies_;
    request.files = &files_;
    request.entrypoints = command_.list("entrypoint");
    request.roots = owned;
    request.data = loader_.data();
    request.inlining =
        command_.integer("optimize").value_or(0) > 1 ? Inline::kAll : Inline::kShallow;
    request.name_space = command_.text("partial-namespace");
    request.version = version_of(command_);
    request.compile = flags.options(rego::compiler::Prints::kDropped, outside_);
    request.compile_errors = compile_errors;
    request.world = world_of(outside_);
    request.cancel = outside_.cancel;
    Optimized optimized = optimize(request);
    if (optimized.errors.empty()) policies_ = std::move(optimized.policies);
    return std::move(optimized.errors);
}

std::string Build::manifest() const {
    std::string out;
    text::JsonWriter json(out, "", text::JsonEscapes::kGo);
    json.begin_object().key("revision");
    if (command_.is_set("revision")) {
        json.string(command_.text("revision"));
    } else if (const Value* revision = wants_optimization() ? nullptr : member("revision")) {
        json.value(*revision);
    } else {
        json.string("");
    }
    json.key("roots").begin_array();
    bool is_owned = !wants_optimization();
    for (const std::string& root : roots()) {
        json.string(root);
        const std::string& added = command_.text("partial-namespace");
        is_owned = is_owned || root.empty() || root == added || added.starts_with(root + "/");
    }
    if (!is_owned) json.string(command_.text("partial-namespace"));
    json.end_array();
    json.key("rego_version");
    if (const Value* version = member("rego_version")) {
        json.value(*version);
    } else {
        json.integer(version_of(command_) == rego::syntax::RegoVersion::kV0 ? 0 : 1);
    }
    const Value* const metadata = member("metadata");
    if (metadata != nullptr && metadata->size() > 0) json.key("metadata").value(*metadata);
    json.end_object();
    return out + "\n";
}

Result<std::string> Build::sign(const std::vector<text::TarText>& texts) {
    std::vector<rego::bundle::File> files;
    for (const text::TarText& text : texts) files.push_back({text.path, text.bytes});
    // As OPA lists them: policies come first.
    std::ranges::stable_partition(
        files, [](const rego::bundle::File& file) { return file.path.ends_with(".rego"); });
    const auto digests =
        MERLON_TRY(rego::bundle::digests_of(files, rego::bundle::Options{}, arena_, interner_));
    const auto signing = MERLON_TRY(signing_of(command_, loader_));
    return rego::bundle::sign_digests(digests, signing, rego::bundle::kDefaultSigner);
}

std::string_view Build::contradiction() const {
    const bool is_signed = command_.is_set("signing-key");
    if (!is_signed && command_.is_set("claims-file")) {
        return "specify the secret (HMAC) or path of the PEM file containing the private key (RSA "
               "and ECDSA)";
    }
    if (!command_.is_set("bundle") && (is_signed || command_.is_set("verification-key"))) {
        return "enable bundle mode (ie. --bundle) to verify or sign bundle files or directories";
    }
    return {};
}

void Build::warn_of_manifests() const {
    if (command_.is_set("bundle")) return;
    std::error_code code;
    for (const std::string& argument : command_.arguments) {
        if (!std::filesystem::exists(std::filesystem::path(argument) / ".manifest", code)) continue;
        std::string shown;
        match::append_go_quoted(shown, argument);
        outside_.write_error("Warning: .manifest file found in " + shown +
                             " but -b flag not specified. Manifest will be ignored.\n");
    }
}

int Build::run() {
    if (command_.arguments.empty()) {
        return wrongly_asked(command_, outside_, "expected at least one path");
    }
    if (const std::string_view wrong = contradiction(); !wrong.empty()) return fail(wrong);
    CompileFlags flags;
    if (!flags.read(command_, loader_)) {
        return flags.wrong_flag().empty()
                   ? fail("load error: " + to_string(flags.errors(), flags.during()))
                   : wrongly_asked(command_, outside_, flags.wrong_flag());
    }
    warn_of_manifests();
    load_arguments(command_, outside_, loader_);
    if (!loader_.errors().empty()) {
        const bool is_merged = loader_.errors()[0].message.starts_with("bundle merge failed: ");
        return fail(is_merged ? loader_.errors()[0].message
                              : "load error: " + load_failure(loader_.errors()).to_string());
    }
    if (const std::string unverified = unverified_bundle(command_, loader_); !unverified.empty()) {
        return fail("load error: " + unverified);
    }
    const auto compiled =
        rego::compiler::compile(without_schemas(loader_.modules(), arena_), {},
                                flags.options(rego::compiler::Prints::kDropped, outside_));
    std::vector<ShownError> errors;
    for (const auto& error : compiled.errors) errors.push_back(shown(error));
    if (!errors.empty() && !wants_optimization()) return fail(errors);
    std::set<std::string> gathered_bundles;
    for (const std::string& argument : command_.arguments) {
        if (!gathered_bundles.insert(argument).second) continue;
        const Status gathered = gather(argument);
        if (!gathered.ok()) return fail(gathered.error().to_string());
    }
    for (const rego::compiler::SourceModule& module : loader_.modules()) {
        // What came from bundles is there.
        if (command_.is_set("bundle") || !std::filesystem::exists(module.file)) continue;
        const auto text = read_text_file(module.file, kMaxBuiltBytes);
        if (!text.ok()) return fail(text.error().to_string());
        add_policy(module.file, text.value());
    }
    if (wants_optimization()) {
        const std::vector<ShownError> wrong = optimize_policies(flags, errors);
        if (!wrong.empty() && wrong[0].code.empty()) return fail(wrong[0].message);
        if (!wrong.empty()) return fail(wrong);
    }
    std::vector<text::TarText> texts{{"/data.json", rego::json_text(loader_.data()) + "\n"}};
    std::ranges::stable_sort(policies_, {}, &text::TarText::path);
    texts.insert(texts.end(), policies_.begin(), policies_.end());
    texts.push_back({"/.manifest", manifest()});
    if (command_.is_set("signing-key")) {
        const auto signatures = sign(texts);
        if (!signatures.ok()) return fail(signatures.error().to_string());
        texts.insert(texts.end() - 1, {"/.signatures.json", signatures.value()});
    }
    const auto packed = text::write_tar_gz(texts);
    if (!packed.ok()) return fail(packed.error().to_string());
    const Status written = write_file_atomically(command_.text("output"), packed.value());
    if (!written.ok()) return fail(written.error().to_string());
    return 0;
}

}  // namespace

int run_build(const ParsedCommand& command, const Outside& outside) {
    return Build(command, outside).run();
}

}  // namespace merlon::compat::opa
