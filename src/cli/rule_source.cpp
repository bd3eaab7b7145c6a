#include "cli/rule_source.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/arena.h"
#include "base/file.h"
#include "base/interner.h"
#include "cli/command_table.h"
#include "secrets/cached_config.h"
#include "secrets/stored_config.h"
#include "text/encoding.h"
#include "text/toml.h"

namespace merlon::cli {
namespace {

namespace fs = std::filesystem;

Result<std::string> read_folder(const std::string& path) {
    std::vector<std::string> names;
    std::error_code code;
    for (fs::directory_iterator it(path, code), end; !code && it != end; it.increment(code)) {
        if (it->path().extension() == ".toml") names.push_back(it->path().string());
    }
    if (code) return Error{"cannot list it: " + code.message(), kNoOffset, path};
    if (names.empty()) return Error{"holds no *.toml with rules", kNoOffset, path};
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& name : names) {
        const std::string part = MERLON_TRY(read_text_file(name));
        // An error of one file is told with its name and line, and not with those of the whole.
        Arena arena;
        Interner interner;
        if (auto alone = text::read_toml(part, arena, interner); !alone.ok()) {
            return std::move(alone).error().at(name, 0, 0);
        }
        text +=
            std::string_view(part).substr(text::mark_bytes(part, text::Encoding::kUtf8WithMark));
        if (!text.empty() && text.back() != '\n') text += '\n';
    }
    return text;
}

}  // namespace

Result<RuleSource> read_rules(const std::string& path) {
    if (path.empty()) {
        return RuleSource{.origin = RuleSource::Origin::kOwnPack,
                          .read = {},
                          .name = "merlon's own pack",
                          .folder = {},
                          .pack_id = "merlon-secrets",
                          .digest = embedded_rules_digest()};
    }
    const FileResult<FileStatus> status = file_status(path, FollowLinks::kYes);
    const bool is_folder = status.ok() && status.result.value().kind == FileKind::kDirectory;
    Result<std::string> text = is_folder ? read_folder(path) : read_text_file(path);
    if (!text.ok()) return std::move(text).error().within("reading the rules");
    fs::path file = fs::path(path).lexically_normal();
    if (!file.has_filename()) file = file.parent_path();
    std::string pack = file.stem().string();
    while (pack.starts_with('.')) pack.erase(0, 1);
    const crypto::Digest digest = crypto::sha256(text.value());
    return RuleSource{.origin = RuleSource::Origin::kFile,
                      .read = std::move(text).value(),
                      .name = path,
                      .folder = is_folder ? path : file.parent_path().string(),
                      .pack_id = pack.empty() ? "rules" : pack,
                      .digest = digest};
}

namespace {

Result<secrets::Config> load_text(const RuleSource& source, FileCache* cache,
                                  model::Diagnostics& diagnostics) {
    secrets::ConfigSources sources;
    sources.read_file = [&source](const std::string& path) -> Result<std::string> {
        if (source.other_files == RuleSource::OtherFiles::kRefused) {
            return Error{"these rules may not extend other files", kNoOffset, path};
        }
        return read_text_file(path);
    };
    sources.read_default = [] { return Result<std::string>(std::string(embedded_rules())); };
    return secrets::load_config({cache, build()}, source.text(), source.name, sources,
                                secrets::BadRules::kReport, diagnostics)
        .config;
}

}  // namespace

Result<secrets::Config> load_rules(const RuleSource& source, model::Diagnostics& diagnostics) {
    return load_text(source, nullptr, diagnostics);
}

Result<secrets::Config> load_compiled_rules(const RuleSource& source, FileCache* cache,
                                            model::Diagnostics& diagnostics) {
    if (source.origin == RuleSource::Origin::kOwnPack) {
        std::optional<secrets::Config> config = secrets::restore_config(compiled_rules());
        if (config.has_value()) return *std::move(config);
    }
    return load_text(source, cache, diagnostics);
}

}  // namespace merlon::cli
