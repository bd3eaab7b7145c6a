#include "cli/configuration.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <span>

#include "base/arena.h"
#include "base/file.h"
#include "base/interner.h"
#include "base/nearest.h"
#include "cli/outputs.h"
#include "model/coverage.h"
#include "model/fingerprint.h"
#include "text/glob.h"
#include "text/position.h"
#include "text/yaml.h"
#include "value/value.h"

namespace merlon::cli {
namespace {

using value::Value;

enum class Kind : std::uint8_t { kText, kTexts, kSwitch, kNumber, kSize, kPath };

struct Setting {
    std::string_view section;
    std::string_view key;
    std::string_view flag;
    Kind kind;
};

constexpr std::array<Setting, 16> kSettings = {{
    {"scan", "fail-on", "fail-on", Kind::kText},
    {"scan", "exclude", "exclude", Kind::kTexts},
    {"scan", "no-ignore", "no-ignore", Kind::kSwitch},
    {"scan", "follow-symlinks", "follow-symlinks", Kind::kSwitch},
    {"scan", "max-archive-depth", "max-archive-depth", Kind::kNumber},
    {"scan", "max-file-size", "max-file-size", Kind::kSize},
    {"scan", "baseline", "baseline", Kind::kPath},
    {"scan", "threads", "threads", Kind::kNumber},
    {"secrets", "rules", "rules", Kind::kPath},
    {"packages", "database", "database", Kind::kPath},
    {"packages", "max-database-age", "max-database-age", Kind::kNumber},
    {"packages", "internal", "internal", Kind::kTexts},
    {"packages", "popular", "popular", Kind::kPath},
    {"findings", "sla", "sla", Kind::kTexts},
    {"report", "format", "format", Kind::kText},
    {"report", "output", "output", Kind::kTexts},
}};
constexpr std::string_view kSections[] = {"version", "scan",   "secrets",      "packages",
                                          "report",  "ignore", "coverage",     "licenses",
                                          "gates",   "groups", "environments", "findings"};
// What src/gate reads, and checks.
constexpr std::string_view kGateSections[] = {"gates", "groups", "environments"};
constexpr std::string_view kIgnoreKeys[] = {"id", "rule", "reason", "expires"};
constexpr std::string_view kGapKeys[] = {"path", "cause", "reason", "expires"};
constexpr std::string_view kLicenseKeys[] = {"allow",   "deny",        "review",    "unlisted",
                                             "unknown", "development", "exceptions"};
constexpr std::string_view kLicensePolicyKeys[] = {"allow", "deny", "review", "unlisted"};
constexpr std::string_view kExceptionKeys[] = {"package", "license", "reason", "expires"};
constexpr std::string_view kCoverageKeys[] = {"accept"};

std::string relative_to(const std::string& folder, std::string path) {
    if (path.empty() || path.starts_with('/') || folder == ".") return path;
    return folder + '/' + path;
}

class Reader {
  public:
    Reader(std::string_view text, const std::string& file) : lines_(text) {
        configuration_.file = file;
        configuration_.folder = parent_directory(file);
        configuration_.text = text;
    }

    Result<Configuration> read(const value::ValueDocument& document) {
        spans_ = &document.spans;
        const Value& root = *document.root;
        if (root.is_null()) return std::move(configuration_);
        if (!root.is_object()) return wrong(document.root, "expected keys such as 'scan:'");
        for (std::size_t i = 0; i < root.size(); ++i) {
            const std::string name = key_name(root, i);
            const Value* value = &root.values()[i];
            if (name == "version") {
                if (!value->is_number() || value->as_integer() != 1) {
                    return wrong(value, "this Merlon reads configurations of version 1");
                }
            } else if (name == "ignore") {
                if (Status status = read_ignored(value); !status.ok()) return error_of(status);
            } else if (name == "licenses") {
                if (Status status = read_licenses(value); !status.ok()) return error_of(status);
            } else if (name == "coverage") {
                if (Status status = read_coverage(value); !status.ok()) return error_of(status);
            } else if (std::ranges::find(kGateSections, name) != std::end(kGateSections)) {
                continue;
            } else if (std::ranges::find(kSettings, name, &Setting::section) != kSettings.end()) {
                if (Status status = read_section(name, value); !status.ok()) {
                    return error_of(status);
                }
            } else {
                return unknown_key(value, name, kSections);
            }
        }
        return std::move(configuration_);
    }

  private:
    static Error error_of(Status& status) { return std::move(status).error(); }

    static std::string key_name(const Value& object, std::size_t index) {
        const Value& key = object.keys()[index];
        return key.is_string() ? std::string(key.as_string()) : std::string();
    }

    Error place(Error error, const std::optional<value::Span>& span) const {
        if (!span.has_value() || span->begin == kNoOffset) {
            return std::move(error).at(configuration_.file, 0, 0);
        }
        const text::Position position = lines_.position(span->begin);
        return std::move(error).at(configuration_.file, position.line, position.column);
    }

    Error wrong(const Value* value, std::string message) const {
        return place(Error{std::move(message)}, spans_->value_span(value));
    }

    Error unknown_key(const Value* value, const std::string& name,
                      std::span<const std::string_view> known) const {
        std::string listed;
        for (const std::string_view key : known) {
            listed += (listed.empty() ? "" : ", ") + std::string(key);
        }
        const std::string near = suggestion(name, known);
        return place(
            Error{"unknown key '" + name + "'" + (near.empty() ? "; there are " + listed : near)},
            spans_->key_span(value));
    }

    Status read_section(const std::string& section, const Value* object) {
        if (object->is_null()) return {};
        if (!object->is_object()) return wrong(object, "expected keys below '" + section + "'");
        for (std::size_t i = 0; i < object->size(); ++i) {
            const std::string name = key_name(*object, i);
            const Value* value = &object->values()[i];
            const Setting* setting = nullptr;
            std::vector<std::string_view> known;
            for (const Setting& candidate : kSettings) {
                if (candidate.section != section) continue;
                known.push_back(candidate.key);
                if (candidate.key == name) setting = &candidate;
            }
            if (setting == nullptr) return unknown_key(value, name, known);
            if (Status status = read_setting(*setting, value); !status.ok()) return status;
        }
        return {};
    }

    Status read_setting(const Setting& setting, const Value* value) {
        std::vector<std::string> values;
        const std::string shown = "'" + std::string(setting.key) + "'";
        switch (setting.kind) {
            case Kind::kSwitch:
                if (!value->is_boolean()) return wrong(value, shown + " is true or false");
                if (value->as_boolean()) values = {"true"};
                break;
            case Kind::kNumber:
                if (!value->is_number() || value->as_integer().value_or(-1) < 0) {
                    return wrong(value, shown + " is a whole number of at least 0");
                }
                values = {value->number_text()};
                break;
            case Kind::kTexts:
                if (value->is_array()) {
                    for (const Value& item : value->items()) {
                        if (!item.is_string()) return wrong(&item, shown + " is a list of texts");
                        values.emplace_back(item.as_string());
                    }
                    break;
                }
                [[fallthrough]];
            case Kind::kText:
            case Kind::kPath:
                if (!value->is_string()) return wrong(value, shown + " is a text");
                values = {std::string(value->as_string())};
                break;
            case Kind::kSize:
                if (!value->is_string() && !value->is_number()) {
                    return wrong(value, shown + " is a size such as 100M");
                }
                values = {value->is_string() ? std::string(value->as_string())
                                             : value->number_text()};
                if (Result<std::uint64_t> size = parse_size(values[0], setting.flag); !size.ok()) {
                    return place(std::move(size).error(), spans_->value_span(value));
                }
                break;
        }
        if (setting.kind == Kind::kPath) {
            values[0] = relative_to(configuration_.folder, values[0]);
        }
        std::vector<ValuePlace> places;
        for (std::size_t i = 0; i < values.size(); ++i) {
            places.push_back(value_place(value->is_array() ? &value->items()[i] : value));
        }
        configuration_.flags.push_back(
            {std::string(setting.flag), std::move(values), std::move(places)});
        return {};
    }

    ValuePlace value_place(const Value* value) const {
        const auto span = spans_->value_span(value);
        if (!span || span->begin == kNoOffset) return {configuration_.file};
        const text::Position position = lines_.position(span->begin);
        return {configuration_.file, position.line, position.column};
    }

    // The text at `key` of an entry; fails for another kind, and for none where it is needed.
    enum class Need : std::uint8_t { kOptional, kRequired };
    Result<std::string> entry_text(const Value* entry, std::string_view key, Need need) const {
        const Value* value = entry->find(key);
        if (value == nullptr || value->is_null()) {
            if (need == Need::kOptional) return std::string();
            return wrong(entry, "the entry has no '" + std::string(key) + "'");
        }
        if (!value->is_string() || value->size() == 0) {
            return wrong(value, "'" + std::string(key) + "' is a text (in quotes where needed)");
        }
        return std::string(value->as_string());
    }

    Result<std::string> entry_date(const Value* entry, Need need) const {
        std::string date = MERLON_TRY(entry_text(entry, "expires", need));
        if (date.empty()) return date;
        if (Result<Timestamp> day = parse_date(date); !day.ok()) {
            return place(std::move(day).error(), spans_->value_span(entry->find("expires")));
        }
        return date;
    }

    Status check_entry(const Value* entry, std::span<const std::string_view> known) const {
        if (!entry->is_object()) {
            return wrong(entry, "expected an entry with '" + std::string(known[0]) + ":'");
        }
        for (std::size_t i = 0; i < entry->size(); ++i) {
            const std::string name = key_name(*entry, i);
            if (std::find(known.begin(), known.end(), name) == known.end()) {
                return unknown_key(&entry->values()[i], name, known);
            }
        }
        return {};
    }

    // "FILE:LINE".
    std::string place_of(const Value* item) const {
        const auto span = spans_->value_span(item);
        if (!span || span->begin == kNoOffset) return configuration_.file;
        return configuration_.file + ':' + std::to_string(lines_.line_of(span->begin));
    }

    // An entry that no list has is a typing error, or a LicenseRef; a * ends it.
    Status read_license_list(const Value* section, std::string_view key,
                             std::vector<std::string>& list) const {
        const Value* value = section->find(key);
        if (value == nullptr || value->is_null()) return {};
        if (!value->is_array()) return wrong(value, "'" + std::string(key) + "' is a list");
        for (const Value& item : value->items()) {
            if (!item.is_string() || item.size() == 0)
                return wrong(&item, "expected a licence such as MIT or GPL-*");
            const std::string_view entry = item.as_string();
            const std::size_t star = entry.find('*');
            if (star != std::string_view::npos && star + 1 == entry.size()) {
                list.emplace_back(entry);
                continue;
            }
            const auto known = packages::parse_license(entry, packages::LicenseSpelling::kStandard);
            if (!known.ok() || packages::license_terms(known.value()).size() != 1) {
                return wrong(&item, "'" + std::string(entry) +
                                        "' is no licence of the SPDX list; expected one, a "
                                        "LicenseRef-…, or the start of some with a * at its end");
            }
            // As licences are compared: GPL-3.0 is GPL-3.0-only.
            list.push_back(packages::to_string(known.value()));
        }
        return {};
    }

    Status read_verdict(const Value* section, std::string_view key,
                        packages::LicenseVerdict& verdict) const {
        const std::string text = MERLON_TRY(entry_text(section, key, Need::kOptional));
        if (text.empty()) return {};
        const auto parsed = packages::parse_license_verdict(text);
        if (!parsed) return wrong(section->find(key), "expected allow, review or deny");
        verdict = *parsed;
        return {};
    }

    Status read_license_policy(const Value* section, packages::LicensePolicy& policy) const {
        MERLON_TRY(read_license_list(section, "allow", policy.allowed));
        MERLON_TRY(read_license_list(section, "deny", policy.denied));
        MERLON_TRY(read_license_list(section, "review", policy.review));
        return read_verdict(section, "unlisted", policy.unlisted);
    }

    Status read_licenses(const Value* section) {
        if (section->is_null()) return {};
        MERLON_TRY(check_entry(section, kLicenseKeys));
        scan::LicenseRules rules;
        MERLON_TRY(read_license_policy(section, rules.policy));
        configuration_.says_unlisted_licenses = section->find("unlisted") != nullptr;
        configuration_.says_unknown_licenses = section->find("unknown") != nullptr;
        // What nobody knows is in no list, either.
        rules.unknown = std::max(rules.unknown, rules.policy.unlisted);
        MERLON_TRY(read_verdict(section, "unknown", rules.unknown));
        const Value* development = section->find("development");
        if (development != nullptr && !development->is_null()) {
            MERLON_TRY(check_entry(development, kLicensePolicyKeys));
            MERLON_TRY(read_license_policy(development, rules.development.emplace()));
        }
        const Value* list = section->find("exceptions");
        if (list != nullptr && !list->is_null()) {
            if (!list->is_array()) return wrong(list, "'exceptions' is a list of entries");
            for (const Value& item : list->items()) {
                MERLON_TRY(check_entry(&item, kExceptionKeys));
                scan::LicenseException entry;
                entry.package = MERLON_TRY(entry_text(&item, "package", Need::kRequired));
                entry.license = MERLON_TRY(entry_text(&item, "license", Need::kOptional));
                entry.reason = MERLON_TRY(entry_text(&item, "reason", Need::kRequired));
                entry.expires = MERLON_TRY(entry_date(&item, Need::kOptional));
                entry.place = place_of(&item);
                rules.exceptions.push_back(std::move(entry));
            }
        }
        configuration_.licenses = std::move(rules);
        return {};
    }

    Status read_ignored(const Value* list) {
        if (list->is_null()) return {};
        if (!list->is_array()) return wrong(list, "'ignore' is a list of entries");
        for (const Value& item : list->items()) {
            if (Status status = check_entry(&item, kIgnoreKeys); !status.ok()) return status;
            scan::IgnoreEntry entry;
            entry.secret_id = MERLON_TRY(entry_text(&item, "id", Need::kRequired));
            if (Status known = model::check_secret_id(entry.secret_id); !known.ok()) {
                return wrong(item.find("id"), known.error().message);
            }
            entry.rule_id = MERLON_TRY(entry_text(&item, "rule", Need::kOptional));
            if (entry.rule_id.empty()) entry.rule_id = "*";
            entry.reason = MERLON_TRY(entry_text(&item, "reason", Need::kRequired));
            entry.expires = MERLON_TRY(entry_date(&item, Need::kOptional));
            entry.place = place_of(&item);
            configuration_.ignored.push_back(std::move(entry));
        }
        return {};
    }

    Status read_coverage(const Value* section) {
        if (section->is_null()) return {};
        if (Status status = check_entry(section, kCoverageKeys); !status.ok()) return status;
        const Value* list = section->find("accept");
        if (list == nullptr || list->is_null()) return {};
        if (!list->is_array()) return wrong(list, "'accept' is a list of entries");
        for (const Value& item : list->items()) {
            if (Status status = check_entry(&item, kGapKeys); !status.ok()) return status;
            scan::GapAcceptance gap;
            gap.path = MERLON_TRY(entry_text(&item, "path", Need::kRequired));
            if (const std::string_view defect = text::glob_defect(gap.path); !defect.empty()) {
                return wrong(item.find("path"), "'" + gap.path + "' " + std::string(defect) +
                                                    ", so it matches nothing");
            }
            const std::string cause = MERLON_TRY(entry_text(&item, "cause", Need::kRequired));
            gap.reason = MERLON_TRY(entry_text(&item, "reason", Need::kRequired));
            gap.expires = MERLON_TRY(entry_date(&item, Need::kRequired));
            const std::optional<model::GapCause> known = model::parse_gap_cause(cause);
            // A run that was stopped has seen nothing to accept.
            if (!known.has_value() || *known == model::GapCause::kCancelled) {
                return wrong(item.find("cause"), unknown_cause(cause));
            }
            gap.cause = *known;
            configuration_.accepted_gaps.push_back(std::move(gap));
        }
        return {};
    }

    static std::string unknown_cause(const std::string& cause) {
        std::vector<std::string_view> causes;
        std::string listed;
        for (int i = 0; i < static_cast<int>(model::GapCause::kCancelled); ++i) {
            causes.push_back(model::name(static_cast<model::GapCause>(i)));
            listed += (listed.empty() ? "" : ", ") + std::string(causes.back());
        }
        const std::string near = suggestion(cause, causes);
        return "'" + cause + "' is no cause that can be accepted" +
               (near.empty() ? "; there are " + listed : near);
    }

    text::LineIndex lines_;
    const value::SpanTable* spans_ = nullptr;
    Configuration configuration_;
};

}  // namespace

Result<Configuration> parse_configuration(std::string_view text, const std::string& file) {
    Arena arena;
    Interner interner;
    text::YamlOptions options;
    options.spans = text::KeepSpans::kYes;
    auto documents = text::read_yaml(text, arena, interner, options);
    if (!documents.ok()) return std::move(documents).error().at(file, 0, 0);
    if (documents.value().empty()) {
        Configuration empty;
        empty.file = file;
        return empty;
    }
    if (documents.value().size() > 1) {
        const auto second = documents.value()[1].spans.value_span(documents.value()[1].root);
        const std::size_t begin = second ? second->begin : kNoOffset;
        const text::Position at = text::LineIndex(text).position(begin == kNoOffset ? 0 : begin);
        return Error{"holds several documents; a configuration is one"}.at(file, at.line,
                                                                           at.column);
    }
    return Reader(text, file).read(documents.value()[0]);
}

namespace {

// Whether a file at `path`, links resolved, stands below `folder` and not in a repository's own.
bool is_below(std::string_view path, const std::string& folder) {
    std::error_code code;
    // One that leads nowhere yet would be followed, too.
    if (std::filesystem::is_symlink(std::filesystem::symlink_status(path, code))) return false;
    const auto root = std::filesystem::canonical(folder, code);
    if (code) return false;
    const auto full = std::filesystem::weakly_canonical(std::filesystem::absolute(path), code);
    const auto below = full.lexically_relative(root);
    if (code || below.empty() || *below.begin() == "..") return false;
    return std::ranges::find(below, std::filesystem::path(".git")) == below.end();
}

// Who scans what somebody else has written has not chosen where its configuration writes.
Status check_found_outputs(const Configuration& configuration) {
    for (const FlagSetting& setting : configuration.flags) {
        if (setting.flag != "output") continue;
        for (std::size_t i = 0; i < setting.values.size(); ++i) {
            const std::string& value = setting.values[i];
            // FORMAT=FILE or FILE: which of both it is does not matter here.
            const std::string_view file = std::string_view(value).substr(value.find('=') + 1);
            if (file == kStandardOutput ||
                (is_below(file, configuration.folder) && is_below(value, configuration.folder))) {
                continue;
            }
            return Error{"'" + value + "' is outside of '" + configuration.folder +
                         "', or leads there; a configuration that was found writes below its "
                         "own folder alone: name it with --config to let it write elsewhere"}
                .at(setting.places[i].file, setting.places[i].line, setting.places[i].column);
        }
    }
    return {};
}

}  // namespace

Result<Configuration> find_configuration(const ParsedCommand& command, const std::string& folder) {
    const bool named = command.is_set("config");
    const std::string path = named           ? command.text("config")
                             : folder == "." ? ".merlon.yaml"
                                             : folder + "/.merlon.yaml";
    // A link that leads nowhere is there, and an error.
    if (!named && file_status(path, FollowLinks::kNo).failure == FileFailure::kNotFound) {
        const std::string misnamed = path.substr(0, path.rfind('.')) + ".yml";
        if (file_status(misnamed, FollowLinks::kNo).ok())
            return Error{misnamed + " is not read: call it " + path + ", or name it with --config"};
        return Configuration{};
    }
    Result<std::string> text = read_text_file(path);
    if (!text.ok()) return std::move(text).error().within("reading the configuration");
    Result<Configuration> read = parse_configuration(text.value(), path);
    if (!read.ok()) return std::move(read).error().within("reading the configuration");
    if (!named) MERLON_TRY(check_found_outputs(read.value()));
    return read;
}

Status apply_configuration(const Configuration& configuration, ParsedCommand& command) {
    for (const FlagSetting& setting : configuration.flags) {
        if (!command.takes(setting.flag)) continue;  // it is for other verbs
        MERLON_TRY(command.apply_configuration(setting.flag, setting.values, setting.places));
    }
    return {};
}

}  // namespace merlon::cli
