#include "scan/trivy_settings.h"

#include <algorithm>
#include <array>

#include "exchange/field_reader.h"

namespace merlon::scan {
namespace {

using exchange::FieldReader;
using value::Value;

struct Key {
    std::string_view path;
    std::string_view flag;  // empty: nothing about packages
};

// Of "Config file" in Trivy's reference; a path that ends in '.' is all that is below it.
constexpr std::array kKeys{
    Key{"cacert", ""},
    Key{"cache.", ""},
    Key{"clean.", ""},
    Key{"db.", ""},
    Key{"debug", ""},
    Key{"dependency-tree", ""},
    Key{"ansible.", ""},
    Key{"exit-code", "exit-code"},
    Key{"exit-on-eol", "exit-on-eol"},
    Key{"format", "format"},
    Key{"ignore-policy", "ignore-policy"},
    Key{"ignorefile", "ignorefile"},
    Key{"image.", ""},
    Key{"insecure", ""},
    Key{"kubernetes.", ""},
    Key{"license.", ""},
    Key{"list-all-pkgs", "list-all-pkgs"},
    Key{"misconfiguration.", ""},
    Key{"module.", ""},
    Key{"output", "output"},
    Key{"pkg.include-dev-deps", "include-dev-deps"},
    Key{"pkg.relationships", "pkg-relationships"},
    Key{"pkg.types", "pkg-types"},
    Key{"quiet", "quiet"},
    Key{"registry.", ""},
    Key{"rego.", ""},
    Key{"repository.", ""},
    Key{"report", "report"},
    Key{"scan.compliance", "compliance"},
    Key{"scan.detection-priority", "detection-priority"},
    Key{"scan.disable-telemetry", ""},
    Key{"scan.distro", "distro"},
    Key{"scan.file-patterns", "file-patterns"},
    Key{"scan.maven.", ""},
    Key{"scan.offline", ""},
    Key{"scan.parallel", ""},
    Key{"scan.rekor-url", ""},
    Key{"scan.sbom-sources", ""},
    Key{"scan.scanners", "scanners"},
    Key{"scan.show-suppressed", "show-suppressed"},
    Key{"scan.skip-dirs", "skip-dirs"},
    Key{"scan.skip-files", "skip-files"},
    Key{"scan.skip-version-check", ""},
    Key{"secret.", ""},
    Key{"server.", ""},
    Key{"severity", "severity"},
    Key{"table-mode", ""},
    Key{"template", "template"},
    Key{"timeout", ""},
    Key{"vulnerability.ignore-status", "ignore-status"},
    Key{"vulnerability.ignore-unfixed", "ignore-unfixed"},
    Key{"vulnerability.severity-source", "vuln-severity-source"},
    Key{"vulnerability.skip-vex-repo-update", ""},
    Key{"vulnerability.vex", "vex"},
};

const Key* key_of(std::string_view path) {
    const auto* const found = std::ranges::find_if(kKeys, [&](const Key& key) {
        return key.path.back() == '.' ? path.starts_with(key.path) : path == key.path;
    });
    return found == kKeys.end() ? nullptr : found;
}

std::string scalar(const Value& value, FieldReader& fields) {
    if (value.is_boolean()) return value.as_boolean() ? "true" : "false";
    return fields.text_of(value);
}

// The depth is that of the text, which its reader bounds.
void read_object(const Value& object, const std::string& above, FieldReader& fields,
                 TrivySettings& settings) {
    const std::span<const Value> keys = object.keys();
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (!keys[i].is_string()) return fields.fail("a key that is no text", &object);
        const Value& value = object.values()[i];
        const std::string path = above + std::string(keys[i].as_string());
        const Key* const key = key_of(path);
        if (value.is_object() && key == nullptr) {
            read_object(value, path + '.', fields, settings);
        } else if (key == nullptr) {
            // "cache:" with nothing below it
            if (!value.is_null() || key_of(path + '.') == nullptr)
                settings.unknown_keys.push_back(path);
        } else if (!key->flag.empty() && !value.is_null()) {
            TrivySetting setting{path, key->flag, {}};
            if (value.is_array()) {
                for (const Value& item : value.items())
                    setting.values.push_back(scalar(item, fields));
            } else {
                setting.values.push_back(scalar(value, fields));
            }
            settings.settings.push_back(std::move(setting));
        }
    }
}

}  // namespace

std::vector<std::string> TrivySettings::values(std::string_view flag) const {
    const auto found = std::ranges::find(settings, flag, &TrivySetting::flag);
    return found == settings.end() ? std::vector<std::string>() : found->values;
}

std::string exclude_of(std::string_view path, Skipped what) {
    while (path.starts_with("./")) path.remove_prefix(2);
    while (path.ends_with('/')) path.remove_suffix(1);
    std::string pattern = path.starts_with("**/") || path.starts_with('/') ? "" : "/";
    pattern += path;
    if (what == Skipped::kFolder) pattern += '/';
    return pattern;
}

Result<TrivySettings> read_trivy_settings(std::string_view text) {
    TrivySettings settings;
    const Status read = exchange::read_fields(text, exchange::RecordSyntax::kYaml,
                                              [&](const Value& root, FieldReader& fields) {
                                                  settings = {};
                                                  if (root.is_null()) return;
                                                  if (fields.is_object(root))
                                                      read_object(root, {}, fields, settings);
                                              });
    if (!read.ok()) {
        Error error = read.error();
        const std::uint32_t line = error.line, column = error.column;
        return std::move(error).at(kTrivySettingsFile, line, column);
    }
    std::ranges::sort(settings.settings, {}, &TrivySetting::key);
    std::ranges::sort(settings.unknown_keys);
    return settings;
}

}  // namespace merlon::scan
