#include "cli/scan_settings.h"

#include <fmt/core.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "cli/outputs.h"
#include "cli/secrets_command.h"
#include "text/encoding.h"

namespace merlon::cli {
namespace {

namespace fs = std::filesystem;

Result<std::optional<std::string>> read_key(scan::CreateKey create, const Environment& environment,
                                            const SettingsFiles& files) {
    const std::string file = files.home + "/.merlon/key";
    const std::optional<std::string> named = environment.variable("MERLON_KEY");
    if (!files.are_foreign() || (named && !named->empty())) {
        return scan::repository_key(named, file, create);
    }
    const std::optional<std::string> text = MERLON_TRY(files.foreign(".merlon/key"));
    if (!text) return std::optional<std::string>();
    return std::optional(MERLON_TRY(scan::parse_key(*text, file)));
}

Result<std::string> read_baseline_file(const ParsedCommand& command, const SettingsFiles& files,
                                       const std::string& baseline) {
    const bool is_foreign = files.hold_file_of(command, "baseline");
    Result<std::string> text = is_foreign ? files.required(baseline) : read_text_file(baseline);
    if (!text.ok() && !is_foreign) {
        Error error = std::move(text).error();
        error.message += "; --write-baseline makes one, and without the setting there is none";
        text = std::move(error);
    }
    return command.at_value(std::move(text), "baseline");
}

}  // namespace

bool SettingsFiles::hold_file_of(const ParsedCommand& command, std::string_view flag) const {
    return are_foreign() && command.source(flag) == ValueSource::kConfiguration;
}

Result<std::optional<std::string>> SettingsFiles::read(const std::string& name) const {
    if (are_foreign()) return foreign(name);
    const std::string path = home + '/' + name;
    if (!file_status(path, FollowLinks::kYes).ok()) return std::optional<std::string>();
    return std::optional(MERLON_TRY(read_text_file(path)));
}

Result<std::string> SettingsFiles::required(const std::string& path) const {
    const std::optional<std::string> text = MERLON_TRY(foreign(path));
    if (!text) {
        return Error{"is named by the configuration, and is not in " + home, kNoOffset, path};
    }
    return *text;
}

Result<KnownFindings> read_known(const ParsedCommand& command, const Environment& environment,
                                 const Configuration& configuration, const SettingsFiles& files) {
    KnownFindings known;
    scan::Suppressions& suppressions = known.suppressions;
    suppressions.ignored = configuration.ignored;
    suppressions.accepted_gaps = configuration.accepted_gaps;
    if (const auto text = MERLON_TRY(files.read(".merlon/ignore"))) {
        const std::string ignore_file = files.home + "/.merlon/ignore";
        const std::size_t mark = text::mark_bytes(*text, text::Encoding::kUtf8WithMark);
        const std::string_view lines = std::string_view(*text).substr(mark);
        for (auto& entry : MERLON_TRY(scan::read_ignore_entries(lines, ignore_file))) {
            suppressions.ignored.push_back(std::move(entry));
        }
    }
    if (const auto text = MERLON_TRY(files.read(std::string(kRevokedFile)))) {
        suppressions.revoked = MERLON_TRY(
            scan::read_revoked_entries(*text, files.home + '/' + std::string(kRevokedFile)));
    }
    const std::string& baseline = command.text("baseline");
    if (!baseline.empty()) {
        const std::string text = MERLON_TRY(read_baseline_file(command, files, baseline));
        suppressions.baseline = MERLON_TRY(scan::read_baseline(text, baseline, environment.cancel));
    }
    const bool writes = command.is_set("write-baseline");
    const std::string& target = command.text("write-baseline");
    if (writes && parent_directory(target) != ".") {
        std::error_code code;
        fs::create_directories(parent_directory(target), code);
        if (code) {
            return Error{"--write-baseline: the directory '" + parent_directory(target) +
                             "' cannot be made: " + code.message(),
                         kNoOffset, target};
        }
    }
    known.key = MERLON_TRY(
        read_key(writes ? scan::CreateKey::kYes : scan::CreateKey::kNo, environment, files));
    if (!known.key.has_value() && !suppressions.baseline.empty()) {
        return Error{"the baseline's key is missing: restore .merlon/key or set MERLON_KEY",
                     kNoOffset, baseline};
    }
    const std::size_t entries = suppressions.ignored.size() + suppressions.revoked.size();
    if (!known.key.has_value() && entries > 0) {
        known.notices.push_back(fmt::format(
            "{} of .merlon.yaml, .merlon/ignore and .merlon/revoked count for nothing, because "
            "their key is missing: restore .merlon/key or set MERLON_KEY",
            entries == 1 ? std::string("1 entry") : fmt::format("{} entries", entries)));
    }
    return known;
}

}  // namespace merlon::cli
