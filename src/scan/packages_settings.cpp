#include "scan/packages_settings.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/file.h"
#include "scan/peer_settings.h"
#include "scan/trivy_settings.h"
#include "scan/vex_files.h"

namespace merlon::scan {
namespace {

bool is_there(const std::string& path) { return file_status(path, FollowLinks::kYes).ok(); }

// What the files of other scanners at the top of the repository say.
Result<ForeignIgnores> foreign_ignores(const std::string& home) {
    ForeignIgnores ignores;
    for (const std::string_view name : foreign_ignore_files()) {
        const std::string path = home + '/' + std::string(name);
        if (!is_there(path)) continue;
        const std::string text = MERLON_TRY(read_text_file(path));
        if (Status read = read_foreign_ignores(name, text, ignores); !read.ok()) {
            return std::move(read).error().within(kReadingIgnores);
        }
    }
    return ignores;
}

// A switch of trivy.yaml.
bool is_on(const PeerSettings& trivy, std::string_view flag) {
    const std::vector<std::string> values = trivy.values(flag);
    return !values.empty() && values.back() == "true";
}

Status take_trivy_filter(const PeerSettings& trivy, PackageFilter& filter) {
    filter.place = kTrivySettingsFile;
    for (const std::string& written : trivy.values("severity")) {
        std::string severity = lower_case(written);
        if (std::ranges::find(kSeverityWords, severity) == kSeverityWords.end()) {
            return Error{"trivy.yaml: severity '" + severity +
                         "' is not known; expected UNKNOWN, LOW, MEDIUM, HIGH or CRITICAL"};
        }
        filter.severities.push_back(std::move(severity));
    }
    filter.ignored_statuses = trivy.values("ignore-status");
    if (is_on(trivy, "ignore-unfixed")) leave_out_unfixed(filter);
    return {};
}

// What trivy.yaml can say of packages and is not looked at here, where it would change the result.
constexpr std::string_view kUnheardTrivyFlags[] = {
    "ignore-policy", "pkg-types",   "pkg-relationships", "vuln-severity-source", "file-patterns",
    "distro",        "exit-on-eol", "compliance",        "detection-priority"};

std::string below(const std::string& home, const std::string& file) {
    return file.starts_with('/') ? file : fmt::format("{}/{}", home, file);
}

// trivy.yaml at the top of the repository, for what it says of packages.
Status take_trivy_settings(const std::string& home, PackagesSettings& settings,
                           std::vector<std::string>& vex_paths) {
    const std::string path = home + '/' + std::string(kTrivySettingsFile);
    if (!is_there(path)) return {};
    const std::string text = MERLON_TRY(read_text_file(path));
    const PeerSettings trivy = MERLON_TRY(read_trivy_settings(text));
    MERLON_TRY(take_trivy_filter(trivy, settings.filter));
    for (const std::string& folder : trivy.values("skip-dirs"))
        settings.excludes.push_back(exclude_of(folder, Skipped::kFolder));
    for (const std::string& file : trivy.values("skip-files"))
        settings.excludes.push_back(exclude_of(file, Skipped::kFile));
    for (const std::string& file : trivy.values("vex")) {
        if (file == "repo" || file == "oci") {
            settings.ignores.notices.push_back("trivy.yaml: VEX of '" + file +
                                               "' is not looked at: nothing is fetched here");
        } else {
            vex_paths.push_back(below(home, file));
        }
    }
    for (const std::string& file : trivy.values("ignorefile")) {
        const std::string ignore_path = below(home, file);
        if (file == ".trivyignore" || !is_there(ignore_path)) continue;
        const std::string ignored = MERLON_TRY(read_text_file(ignore_path));
        const bool is_yaml = file.ends_with(".yaml") || file.ends_with(".yml");
        Status read = read_foreign_ignores(is_yaml ? ".trivyignore.yaml" : ".trivyignore", ignored,
                                           settings.ignores);
        if (!read.ok()) return std::move(read).error().within("reading " + ignore_path);
    }
    for (const std::string_view flag : kUnheardTrivyFlags) {
        if (trivy.values(flag).empty()) continue;
        settings.ignores.notices.push_back("trivy.yaml: what it says of " + std::string(flag) +
                                           " is not looked at");
    }
    for (const std::string& key : trivy.unknown_keys)
        settings.ignores.notices.push_back("trivy.yaml: '" + key +
                                           "' is not known, and not looked at");
    return {};
}

// What is still being written decides nothing (CSAF 2.0, 3.2.1.12.7: "draft").
void leave_out_drafts(PackagesSettings& settings) {
    for (exchange::VexDocument& document : settings.vex) {
        const auto drafts = std::erase_if(document.statements, &exchange::VexStatement::is_draft);
        if (drafts > 0)
            settings.ignores.notices.push_back(
                fmt::format("the VEX document {} is a draft: what it says ({} statements) is not "
                            "applied",
                            document.id, drafts));
    }
}

}  // namespace

Result<PackagesSettings> read_packages_settings(const std::string& home,
                                                std::vector<std::string> vex_paths) {
    PackagesSettings settings;
    settings.ignores = MERLON_TRY(foreign_ignores(home));
    if (Status taken = take_trivy_settings(home, settings, vex_paths); !taken.ok()) {
        return std::move(taken).error().within(kReadingIgnores);
    }
    settings.vex = MERLON_TRY(read_vex_files(vex_paths));
    leave_out_drafts(settings);
    return settings;
}

}  // namespace merlon::scan
