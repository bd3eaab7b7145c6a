#include <algorithm>
#include <filesystem>
#include <string_view>

#include "base/file.h"
#include "compat/opa/commands.h"
#include "compat/opa/load.h"
#include "compat/opa/load_failure.h"

namespace merlon::compat::opa {
namespace {

constexpr std::uint64_t kMaxKeyBytes = std::uint64_t{1} << 20;

}  // namespace

std::vector<std::string> values_of(const ParsedCommand& command, std::string_view flag) {
    std::vector<std::string> values;
    for (std::string_view text : command.list(flag)) {
        while (!text.empty()) {
            const std::size_t end = std::min(text.find(','), text.size());
            values.emplace_back(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    }
    return values;
}

namespace {

// What --verification-key and its like say; nothing where bundles are not to be verified. A key is
// a file's content, or itself where there is no such file: the secret of an HMAC.
std::optional<rego::bundle::Verification> verification_of(const ParsedCommand& command) {
    if (!command.is_set("verification-key") || command.is_set("skip-verify")) return std::nullopt;
    rego::bundle::Verification verification;
    const std::string& named = command.text("verification-key");
    verification.key = read_text_file(named, kMaxKeyBytes).value_or(named);
    verification.key_id = command.text("verification-key-id");
    verification.algorithm = command.text("signing-alg");
    verification.scope = command.text("scope");
    verification.excluded = values_of(command, "exclude-files-verify");
    return verification;
}

BundleUse use_of_bundles(const ParsedCommand& command) {
    const std::string_view verb = command.verb->path;
    if (verb == "check") return BundleUse::kMergedEach;
    if (verb == "build") return BundleUse::kMerged;
    if (verb == "deps") return BundleUse::kListed;
    return verb == "exec" ? BundleUse::kActivatedEach : BundleUse::kActivated;
}

void load_bundles(const ParsedCommand& command, const std::vector<std::string>& paths,
                  const Outside& outside, Loader& loader) {
    const auto verification = verification_of(command);
    loader.verify_with(verification ? &*verification : nullptr);
    loader.use_bundles(use_of_bundles(command));
    for (const std::string& path : paths) loader.load_bundle(path);
    loader.finish_bundles();
    loader.verify_with(nullptr);
    if (command.is_set("skip-verify")) return;
    for (const std::string& path : loader.unverified()) {
        outside.write_error("merlon: " + path +
                            " is signed, and not verified without --verification-key\n");
    }
}

}  // namespace

std::string unverified_bundle(const ParsedCommand& command, const Loader& loader) {
    if (command.is_set("skip-verify") || loader.unverified().empty()) return {};
    return "bundle " + loader.unverified()[0] + ": verification key not provided";
}

Result<rego::bundle::Signing> signing_of(const ParsedCommand& command, Loader& loader) {
    rego::bundle::Signing signing;
    const std::string& named = command.text("signing-key");
    std::error_code code;
    // A key that is there and cannot be read is no secret.
    signing.key = !std::filesystem::exists(named, code)
                      ? named
                      : MERLON_TRY(read_text_file(named, kMaxKeyBytes));
    signing.algorithm = command.text("signing-alg");
    if (!command.is_set("claims-file")) return signing;
    const std::string& file = command.text("claims-file");
    if (!std::filesystem::exists(file, code)) {
        return Error{"open " + file + ": no such file or directory"};
    }
    const std::string text = MERLON_TRY(read_text_file(file, kMaxKeyBytes));
    const auto claims = loader.read_value(text, "claims.json");
    if (!claims.ok()) return Error{file + ": " + claims.error().to_string()};
    if (!claims.value().is_object()) return Error{file + ": expected an object of claims"};
    signing.claims = claims.value();
    return signing;
}

void load_arguments(const ParsedCommand& command, const Outside& outside, Loader& loader) {
    std::vector<std::string> ignored = values_of(command, "ignore");
    // Those that stand in a folder were written by `build`.
    if (command.verb->path == "build" && !command.is_set("bundle"))
        ignored.emplace_back("*.tar.gz");
    loader.ignore(ignored);
    if (command.is_set("bundle")) {
        return load_bundles(command, command.arguments, outside, loader);
    }
    for (const std::string& argument : command.arguments) loader.load(argument);
    loader.finish_bundles();
}

ShownError load_failure(const std::vector<ShownError>& errors) {
    const std::string& first = errors[0].message;
    for (const std::string_view step :
         {"loading error: ", "bundle activation failed: ", "bundle merge failed: "}) {
        if (!first.starts_with(step)) continue;
        return {.message = first.substr(step.size()), .hint = errors[0].hint};
    }
    return {.message = to_string(errors, " during loading")};
}

void load_data(const ParsedCommand& command, const Outside& outside, Loader& loader) {
    loader.ignore(values_of(command, "ignore"));
    // Of both `deps` looks at the bundles alone.
    const bool is_data_looked_at = command.verb->path != "deps" || command.list("bundle").empty();
    if (command.takes("data") && is_data_looked_at) {
        for (const std::string& argument : command.list("data")) loader.load(argument);
    }
    load_bundles(command, command.list("bundle"), outside, loader);
}

}  // namespace merlon::compat::opa
