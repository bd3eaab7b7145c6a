#include <filesystem>

#include "base/file.h"
#include "compat/opa/commands.h"
#include "compat/opa/load.h"

namespace merlon::compat::opa {
namespace {

Result<std::vector<rego::bundle::NamedDigest>> digests_of(const std::vector<std::string>& paths,
                                                          Loader& loader, Arena& arena,
                                                          Interner& interner) {
    std::vector<rego::bundle::NamedDigest> digests;
    for (const std::string& named : paths) {
        const std::string path = MERLON_TRY(clean_path(named));
        std::error_code code;
        if (!std::filesystem::exists(path, code)) {
            return Error{"error reading \"" + path + "\": stat " + path +
                         ": no such file or directory"};
        }
        rego::bundle::Options options;
        if (std::filesystem::is_directory(path, code)) options.folder = folder_name(path);
        const auto files = MERLON_TRY(loader.bundle_files(path));
        for (auto& one : MERLON_TRY(rego::bundle::digests_of(files, options, arena, interner))) {
            digests.push_back(std::move(one));
        }
    }
    return digests;
}

Status sign(const ParsedCommand& command) {
    Arena arena;
    Interner interner;
    Loader loader(arena, interner, rego::syntax::RegoVersion::kV1);
    const auto digests = MERLON_TRY(digests_of(command.arguments, loader, arena, interner));
    const auto signing = MERLON_TRY(signing_of(command, loader));
    const std::string text = MERLON_TRY(rego::bundle::sign_digests(digests, signing));
    const std::filesystem::path folder(command.text("output-file-path"));
    return write_file_atomically((folder / ".signatures.json").string(), text);
}

std::string_view contradiction(const ParsedCommand& command) {
    if (command.arguments.empty()) {
        return "specify atleast one path containing policy and/or data files";
    }
    if (!command.is_set("signing-key")) {
        return "specify the secret (HMAC) or path of the PEM file containing the private key (RSA "
               "and ECDSA)";
    }
    if (!command.is_set("bundle")) {
        return "enable bundle mode (ie. --bundle) to sign bundle files or directories";
    }
    return {};
}

}  // namespace

int run_sign(const ParsedCommand& command, const Outside& outside) {
    if (const std::string_view wrong = contradiction(command); !wrong.empty()) {
        return wrongly_asked(command, outside, wrong);
    }
    const Status done = sign(command);
    if (done.ok()) return 0;
    // OPA says it on standard output.
    return print(outside, "error: " + done.error().to_string() + "\n", kWronglyAsked);
}

}  // namespace merlon::compat::opa
