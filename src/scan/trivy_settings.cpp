#include "scan/trivy_settings.h"

#include <array>

namespace merlon::scan {
namespace {

// Of "Config file" in Trivy's reference.
constexpr std::array kKeys{
    SettingKey{"cacert", ""},
    SettingKey{"cache.", ""},
    SettingKey{"clean.", ""},
    SettingKey{"db.", ""},
    SettingKey{"debug", ""},
    SettingKey{"dependency-tree", ""},
    SettingKey{"ansible.", ""},
    SettingKey{"exit-code", "exit-code"},
    SettingKey{"exit-on-eol", "exit-on-eol"},
    SettingKey{"format", "format"},
    SettingKey{"ignore-policy", "ignore-policy"},
    SettingKey{"ignorefile", "ignorefile"},
    SettingKey{"image.", ""},
    SettingKey{"insecure", ""},
    SettingKey{"kubernetes.", ""},
    SettingKey{"license.", ""},
    SettingKey{"list-all-pkgs", "list-all-pkgs"},
    SettingKey{"misconfiguration.", ""},
    SettingKey{"module.", ""},
    SettingKey{"output", "output"},
    SettingKey{"pkg.include-dev-deps", "include-dev-deps"},
    SettingKey{"pkg.relationships", "pkg-relationships"},
    SettingKey{"pkg.types", "pkg-types"},
    SettingKey{"quiet", "quiet"},
    SettingKey{"registry.", ""},
    SettingKey{"rego.", ""},
    SettingKey{"repository.", ""},
    SettingKey{"report", "report"},
    SettingKey{"scan.compliance", "compliance"},
    SettingKey{"scan.detection-priority", "detection-priority"},
    SettingKey{"scan.disable-telemetry", ""},
    SettingKey{"scan.distro", "distro"},
    SettingKey{"scan.file-patterns", "file-patterns"},
    SettingKey{"scan.maven.", ""},
    SettingKey{"scan.offline", ""},
    SettingKey{"scan.parallel", ""},
    SettingKey{"scan.rekor-url", ""},
    SettingKey{"scan.sbom-sources", ""},
    SettingKey{"scan.scanners", "scanners"},
    SettingKey{"scan.show-suppressed", "show-suppressed"},
    SettingKey{"scan.skip-dirs", "skip-dirs"},
    SettingKey{"scan.skip-files", "skip-files"},
    SettingKey{"scan.skip-version-check", ""},
    SettingKey{"secret.", ""},
    SettingKey{"server.", ""},
    SettingKey{"severity", "severity"},
    SettingKey{"table-mode", ""},
    SettingKey{"template", "template"},
    SettingKey{"timeout", ""},
    SettingKey{"vulnerability.ignore-status", "ignore-status"},
    SettingKey{"vulnerability.ignore-unfixed", "ignore-unfixed"},
    SettingKey{"vulnerability.severity-source", "vuln-severity-source"},
    SettingKey{"vulnerability.skip-vex-repo-update", ""},
    SettingKey{"vulnerability.vex", "vex"},
};

}  // namespace

std::string exclude_of(std::string_view path, Skipped what) {
    while (path.starts_with("./")) path.remove_prefix(2);
    while (path.ends_with('/')) path.remove_suffix(1);
    std::string pattern = path.starts_with("**/") || path.starts_with('/') ? "" : "/";
    pattern += path;
    if (what == Skipped::kFolder) pattern += '/';
    return pattern;
}

Result<PeerSettings> read_trivy_settings(std::string_view text) {
    return read_peer_settings(kTrivySettingsFile, text, kKeys);
}

}  // namespace merlon::scan
