#include "scan/foreign_ignores.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/ascii.h"
#include "exchange/field_reader.h"
#include "text/glob.h"
#include "text/toml.h"

namespace merlon::scan {
namespace {

using exchange::FieldReader;
using value::Value;

constexpr std::string_view kTrivy = ".trivyignore";
constexpr std::string_view kTrivyYaml = ".trivyignore.yaml";
constexpr std::string_view kGrype = ".grype.yaml";
constexpr std::array kFiles{kTrivy, kTrivyYaml, kGrype};

// "2026-01-31T00:00:00Z" and the like: the day.
std::string day_of(std::string_view time) { return std::string(time.substr(0, 10)); }

// A line each: an id, and "exp:2026-01-31" behind it; '#' begins a comment.
Status read_trivy(std::string_view text, ForeignIgnores& ignores) {
    std::size_t line = 0;
    while (!text.empty()) {
        ++line;
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view words = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        words = words.substr(0, words.find('#'));
        ForeignIgnore entry;
        entry.about = ForeignIgnore::About::kEither;
        while (!words.empty()) {
            const std::size_t begin = words.find_first_not_of(" \t\r");
            if (begin == std::string_view::npos) break;
            words.remove_prefix(begin);
            const std::size_t length = std::min(words.find_first_of(" \t\r"), words.size());
            const std::string_view word = words.substr(0, length);
            words.remove_prefix(length);
            if (word.starts_with("exp:")) {
                entry.expires = word.substr(4);
                if (Result<Timestamp> day = parse_date(entry.expires); !day.ok()) {
                    Error error{"expected exp:YYYY-MM-DD, found '" + std::string(word) + "'"};
                    return std::move(error).at(kTrivy, static_cast<std::uint32_t>(line), 1);
                }
            } else if (entry.id.empty()) {
                entry.id = word;
            }
        }
        if (entry.id.empty()) continue;
        entry.place = std::string(kTrivy) + ":" + std::to_string(line);
        ignores.entries.push_back(std::move(entry));
    }
    return {};
}

Status read_trivy_yaml(std::string_view text, ForeignIgnores& ignores) {
    return exchange::read_fields(
        text, exchange::RecordSyntax::kYaml, [&](const Value& root, FieldReader& fields) {
            using enum ForeignIgnore::About;
            for (const auto& [list, about] :
                 {std::pair("vulnerabilities", kVulnerability), std::pair("licenses", kLicense)}) {
                for (const Value& item : fields.items(root, list)) {
                    if (!fields.is_object(item)) return;
                    ForeignIgnore entry;
                    entry.about = about;
                    entry.id = fields.required_text(item, "id");
                    entry.paths = fields.texts(item, "paths");
                    entry.expires = day_of(fields.text(item, "expired_at"));
                    entry.reason = fields.text(item, "statement");
                    entry.place = kTrivyYaml;
                    if (item.find("purls") != nullptr) {
                        ignores.notices.push_back(
                            entry.place + ": " + entry.id +
                            ": 'purls' is not looked at, so it hides nothing");
                        continue;
                    }
                    ignores.entries.push_back(std::move(entry));
                }
            }
        });
}

// A key that is none of `known`; empty where there is none.
std::string other_key(const Value& object, std::span<const std::string_view> known) {
    for (const Value& key : object.keys()) {
        if (!key.is_string()) return "(no text)";
        if (std::ranges::find(known, key.as_string()) == known.end())
            return std::string(key.as_string());
    }
    return {};
}

// Grype, "Specifying matches to ignore": a name is an expression that the whole name has to fit.
bool take_grype_name(const std::string& name, ForeignIgnore& entry) {
    constexpr std::string_view kSpecial = "\\^$.|?*+()[]{}";
    entry.package = name;
    if (name.find_first_of(kSpecial) == std::string::npos) return true;
    auto pattern = match::Regex::compile("^(?:" + name + ")$");
    if (!pattern.ok()) return false;
    entry.package_pattern = std::make_shared<const match::Regex>(std::move(pattern).value());
    return true;
}

Status read_grype(std::string_view text, ForeignIgnores& ignores) {
    constexpr std::array<std::string_view, 3> kKnown{"vulnerability", "package", "reason"};
    constexpr std::array<std::string_view, 3> kOfPackage{"name", "version", "location"};
    return exchange::read_fields(
        text, exchange::RecordSyntax::kYaml, [&](const Value& root, FieldReader& fields) {
            for (const Value& item : fields.items(root, "ignore")) {
                if (!fields.is_object(item)) return;
                ForeignIgnore entry;
                entry.id = fields.text(item, "vulnerability");
                entry.reason = fields.text(item, "reason");
                entry.place = kGrype;
                std::string unknown = other_key(item, kKnown);
                if (const Value* package = fields.object(item, "package"); package != nullptr) {
                    if (!take_grype_name(fields.text(*package, "name"), entry)) {
                        fields.fail("a package's name that is no regular expression", package);
                        return;
                    }
                    entry.version = fields.text(*package, "version");
                    const std::string path = fields.text(*package, "location");
                    if (!path.empty()) entry.paths.push_back(path);
                    if (unknown.empty()) unknown = other_key(*package, kOfPackage);
                }
                const bool is_empty = entry.id.empty() && entry.package.empty();
                if (!unknown.empty() || is_empty) {
                    ignores.notices.push_back(entry.place + ": " + entry.id + entry.package +
                                              ": '" + unknown +
                                              "' is not looked at, so it hides nothing");
                    continue;
                }
                ignores.entries.push_back(std::move(entry));
            }
        });
}

std::string text_in(const Value& table, std::string_view key) {
    const Value* found = table.find(key);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

Status read_osv_scanner(std::string_view text, ForeignIgnores& ignores) {
    Arena arena;
    Interner interner;
    Result<text::TomlDocument> read = text::read_toml(text, arena, interner);
    if (!read.ok()) return std::move(read).error().at(kOsvScannerFile, 0, 0);
    const Value& root = *read.value().root;
    const auto each = [&](std::string_view key, const auto& take) {
        const Value* list = root.find(key);
        if (list == nullptr || !list->is_array()) return;
        for (const Value& table : list->items()) {
            ForeignIgnore entry;
            entry.reason = text_in(table, "reason");
            entry.place = kOsvScannerFile;
            take(table, entry);
        }
    };
    each("IgnoredVulns", [&](const Value& table, ForeignIgnore& entry) {
        entry.id = text_in(table, "id");
        entry.expires = day_of(text_in(table, "ignoreUntil"));
        if (!entry.id.empty()) ignores.entries.push_back(std::move(entry));
    });
    each("PackageOverrides", [&](const Value& table, ForeignIgnore& entry) {
        const Value* vulnerability = table.find("vulnerability");
        const Value* ignored =
            vulnerability == nullptr ? table.find("ignore") : vulnerability->find("ignore");
        if (ignored == nullptr || !ignored->is_boolean() || !ignored->as_boolean()) return;
        entry.package = text_in(table, "name");
        entry.version = text_in(table, "version");
        entry.ecosystem = text_in(table, "ecosystem");
        entry.expires = day_of(text_in(table, "effectiveUntil"));
        if (entry.package.empty() || table.find("group") != nullptr) {
            ignores.notices.push_back(
                entry.place +
                ": an override without a name, or with a group, is not looked "
                "at, so it hides nothing");
            return;
        }
        ignores.entries.push_back(std::move(entry));
    });
    return {};
}

std::string_view property(const model::Finding& finding, const std::string& name) {
    const auto found = finding.properties.find(name);
    return found == finding.properties.end() ? std::string_view() : found->second;
}

// Whether `id` is a word of `ids`.
bool has_id(std::string_view ids, std::string_view id) {
    const std::string all = " " + lower_case(ids) + " ";
    return all.find(" " + lower_case(id) + " ") != std::string::npos;
}

// Whether `name` is one of `names`, which commas part.
bool has_name(std::string_view names, std::string_view name) {
    constexpr std::string_view kComma = ", ";
    while (!names.empty()) {
        const std::size_t end = std::min(names.find(kComma), names.size());
        if (equal_without_case(names.substr(0, end), name)) return true;
        names.remove_prefix(std::min(end + kComma.size(), names.size()));
    }
    return false;
}

// Of a package or a file, the licence that is stated or was found there.
bool means_license(const ForeignIgnore& entry, const model::Finding& finding) {
    if (entry.about == ForeignIgnore::About::kVulnerability || entry.id.empty()) return false;
    return has_name(property(finding, "stated"), entry.id) ||
           has_name(property(finding, "found"), entry.id);
}

// Whether the entry is about the weakness, wherever it stands.
bool means(const ForeignIgnore& entry, const model::Finding& finding) {
    const std::string_view ids = property(finding, "ids");
    if (ids.empty()) return means_license(entry, finding);
    if (entry.about == ForeignIgnore::About::kLicense) return false;
    const std::string_view package = property(finding, "package");
    const bool is_package = entry.package_pattern != nullptr
                                ? entry.package_pattern->is_match(package)
                                : entry.package.empty() || entry.package == package;
    if (!is_package) return false;
    if (!entry.version.empty() && entry.version != property(finding, "version")) return false;
    const std::string_view ecosystem = property(finding, "ecosystem");
    if (!entry.ecosystem.empty() && lower_case(entry.ecosystem) != lower_case(ecosystem))
        return false;
    return entry.id.empty() || has_id(ids, entry.id);
}

// Whether the entry is for this place.
bool covers_path(const ForeignIgnore& entry, std::string_view path) {
    return entry.paths.empty() || std::ranges::any_of(entry.paths, [&](const std::string& glob) {
               return text::glob_matches(glob, path);
           });
}

bool covers(const ForeignIgnore& entry, const model::Location& location) {
    const auto* place = std::get_if<model::FileLocation>(&location);
    if (entry.folder) {
        if (place == nullptr) return false;
        const std::size_t slash = place->path.rfind('/');
        const std::size_t length = slash == std::string::npos ? 0 : slash;
        if (std::string_view(place->path).substr(0, length) != *entry.folder) return false;
    }
    return entry.paths.empty() || (place != nullptr && covers_path(entry, place->path));
}

}  // namespace

std::span<const std::string_view> foreign_ignore_files() { return kFiles; }

Status read_foreign_ignores(std::string_view name, std::string_view text, ForeignIgnores& ignores) {
    Status read;
    if (name == kTrivy) return read_trivy(text, ignores);
    if (name == kTrivyYaml) read = read_trivy_yaml(text, ignores);
    if (name == kOsvScannerFile) return read_osv_scanner(text, ignores);
    if (name == kGrype) read = read_grype(text, ignores);
    if (read.ok()) return {};
    Error error = std::move(read).error();
    const std::uint32_t line = error.line, column = error.column;
    return std::move(error).at(name, line, column);
}

bool ignores_license(const ForeignIgnores& ignores, Timestamp now, std::string_view license,
                     std::string_view path) {
    const std::string today = format_date(now);
    return std::ranges::any_of(ignores.entries, [&](const ForeignIgnore& entry) {
        const bool is_over = !entry.expires.empty() && entry.expires <= today;
        return entry.about != ForeignIgnore::About::kVulnerability && !is_over &&
               equal_without_case(entry.id, license) && covers_path(entry, path);
    });
}

void apply(const ForeignIgnores& ignores, Timestamp now, std::vector<model::Finding>& findings,
           std::vector<std::string>& notices) {
    notices.insert(notices.end(), ignores.notices.begin(), ignores.notices.end());
    const std::string today = format_date(now);
    std::set<const ForeignIgnore*> told;
    for (model::Finding& finding : findings) {
        if (!finding.suppressed_by.empty()) continue;
        // A finding has several places; it is ignored where each of them is.
        std::vector<const model::Location*> places{&finding.location};
        for (const model::Location& place : finding.also_at) places.push_back(&place);
        const ForeignIgnore* first = nullptr;
        for (const ForeignIgnore& entry : ignores.entries) {
            if (places.empty() || !means(entry, finding)) continue;
            const auto is_covered = [&](const model::Location* place) {
                return covers(entry, *place);
            };
            if (!entry.expires.empty() && entry.expires <= today) {
                if (std::ranges::any_of(places, is_covered) && told.insert(&entry).second) {
                    notices.push_back(entry.place + ": " + finding.rule_id +
                                      " counts again since " + entry.expires);
                }
            } else if (std::erase_if(places, is_covered) > 0 && first == nullptr) {
                first = &entry;
            }
        }
        if (!places.empty()) continue;
        finding.suppressed_by = "ignore";
        finding.suppression_reason =
            first->place + (first->reason.empty() ? "" : ": " + first->reason);
    }
}

}  // namespace merlon::scan
