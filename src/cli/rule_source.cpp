#include "cli/rule_source.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "cli/command_table.h"
#include "secrets/cached_config.h"
#include "secrets/stored_config.h"

namespace merlon::cli {
namespace {

namespace fs = std::filesystem;

Result<std::vector<RuleSource::File>> read_folder(const std::string& path) {
    std::vector<std::string> names;
    std::error_code code;
    for (fs::directory_iterator it(path, code), end; !code && it != end; it.increment(code)) {
        if (it->path().extension() == ".toml") names.push_back(it->path().string());
    }
    if (code) return Error{"cannot list it: " + code.message(), kNoOffset, path};
    if (names.empty()) return Error{"holds no *.toml with rules", kNoOffset, path};
    std::sort(names.begin(), names.end());
    std::vector<RuleSource::File> files;
    for (std::string& name : names) {
        std::string text = MERLON_TRY(read_text_file(name));
        files.push_back({std::move(name), std::move(text)});
    }
    return files;
}

Result<std::vector<RuleSource::File>> read_one(const std::string& path) {
    std::string text = MERLON_TRY(read_text_file(path));
    return std::vector<RuleSource::File>{{path, std::move(text)}};
}

crypto::Digest digest_of(const std::vector<RuleSource::File>& files) {
    if (files.size() == 1) return crypto::sha256(files[0].text);
    std::string digests;
    for (const RuleSource::File& file : files) digests += crypto::sha256(file.text).bytes();
    return crypto::sha256(digests);
}

}  // namespace

std::vector<secrets::ConfigText> RuleSource::texts() const {
    if (origin == Origin::kOwnPack) return {{embedded_rules(), name}};
    std::vector<secrets::ConfigText> texts;
    for (const File& file : files) texts.push_back({file.text, file.name});
    return texts;
}

Result<RuleSource> read_rules(const std::string& path) {
    if (path.empty()) {
        return RuleSource{.origin = RuleSource::Origin::kOwnPack,
                          .files = {},
                          .name = "merlon's own pack",
                          .folder = {},
                          .pack_id = "merlon-secrets",
                          .digest = embedded_rules_digest()};
    }
    const FileResult<FileStatus> status = file_status(path, FollowLinks::kYes);
    const bool is_folder = status.ok() && status.result.value().kind == FileKind::kDirectory;
    auto files = is_folder ? read_folder(path) : read_one(path);
    if (!files.ok()) return std::move(files).error().within("reading the rules");
    fs::path file = fs::path(path).lexically_normal();
    if (!file.has_filename()) file = file.parent_path();
    std::string pack = file.stem().string();
    while (pack.starts_with('.')) pack.erase(0, 1);
    const crypto::Digest digest = digest_of(files.value());
    return RuleSource{.origin = RuleSource::Origin::kFile,
                      .files = std::move(files).value(),
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
    return secrets::load_config({cache, build()}, source.texts(), sources,
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
