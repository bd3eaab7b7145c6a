#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "model/analysis.h"
#include "model/coverage.h"
#include "model/document.h"
#include "model/engine.h"
#include "model/finding.h"
#include "model/history.h"
#include "model/location.h"
#include "model/severity.h"

namespace merlon::model {
namespace {

constexpr std::array<std::string_view, 5> kSeverities = {"info", "low", "medium", "high",
                                                         "critical"};
constexpr std::array<std::string_view, 5> kSecuritySeverities = {"0.0", "2.0", "5.5", "8.0", "9.5"};
constexpr std::array<std::string_view, 3> kConfidences = {"low", "medium", "high"};
constexpr std::array<std::string_view, 24> kGapCauses = {
    "permission-denied", "read-error",      "changed-while-read", "not-regular-file",
    "symlink-loop",      "broken-symlink",  "too-large",          "encrypted",
    "corrupt-archive",   "archive-limit",   "unsupported-format", "invalid-rule",
    "invalid-input",     "limit-reached",   "scanner-failed",     "missing-object",
    "corrupt-object",    "shallow-history", "unresolved-version", "unknown-release",
    "no-advisories",     "outdated-data",   "outdated-lock",      "cancelled"};

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [lower](char a, char b) { return lower(a) == lower(b); });
}

template <typename Enum, std::size_t Count>
std::optional<Enum> parse_name(const std::array<std::string_view, Count>& names,
                               std::string_view text) {
    for (std::size_t i = 0; i < Count; ++i) {
        if (equal_ignoring_case(names[i], text)) return static_cast<Enum>(i);
    }
    return std::nullopt;
}

struct LocationText {
    std::string operator()(const FileLocation& file) const {
        std::string text = joined_path(file);
        if (file.region.start_line != 0) {
            text += ':' + std::to_string(file.region.start_line) + ':' +
                    std::to_string(file.region.start_column);
        }
        return text;
    }
    std::string operator()(const LayerLocation& layer) const {
        return layer.image + ' ' + layer.layer_digest + ' ' + (*this)(layer.file);
    }
    std::string operator()(const ObjectLocation& object) const {
        return object.object + object.pointer;
    }
    std::string operator()(const UrlLocation& url) const { return url.url; }
    std::string operator()(const EventLocation& event) const {
        return event.stream + '/' + event.event_id;
    }
};

}  // namespace

std::string_view name(Severity severity) { return kSeverities[static_cast<std::size_t>(severity)]; }

std::string_view name(Confidence confidence) {
    return kConfidences[static_cast<std::size_t>(confidence)];
}

std::optional<Severity> parse_severity(std::string_view text) {
    return parse_name<Severity>(kSeverities, text);
}

std::optional<Confidence> parse_confidence(std::string_view text) {
    return parse_name<Confidence>(kConfidences, text);
}

std::string_view security_severity(Severity severity) {
    return kSecuritySeverities[static_cast<std::size_t>(severity)];
}

std::string_view name(GapCause cause) { return kGapCauses[static_cast<std::size_t>(cause)]; }

std::optional<GapCause> parse_gap_cause(std::string_view text) {
    return parse_name<GapCause>(kGapCauses, text);
}

GapCause gap_cause(FileFailure failure) {
    switch (failure) {
        case FileFailure::kPermission:
            return GapCause::kPermissionDenied;
        case FileFailure::kLoop:
            return GapCause::kSymlinkLoop;
        case FileFailure::kNotRegular:
            return GapCause::kNotRegularFile;
        case FileFailure::kTooLarge:
            return GapCause::kTooLarge;
        case FileFailure::kChanged:
            return GapCause::kChangedWhileRead;
        default:
            return GapCause::kReadError;
    }
}

void Coverage::merge(const Coverage& other) {
    files_seen += other.files_seen;
    files_read += other.files_read;
    files_skipped += other.files_skipped;
    bytes_read += other.bytes_read;
    members_read += other.members_read;
    windowed_files += other.windowed_files;
    if (!objects) objects = other.objects;
    append(other.gaps, gaps);
    accepted.insert(accepted.end(), other.accepted.begin(), other.accepted.end());
}

std::string joined_path(const FileLocation& file) {
    std::string path = file.path;
    for (const std::string& member : file.members) path += '!' + member;
    return path;
}

std::string to_string(const Location& location) { return std::visit(LocationText{}, location); }

std::string display_path(const Origin& origin) {
    std::string path;
    for (const OriginStep& step : origin) {
        if (!path.empty()) path += '!';
        path += step.name;
    }
    return path;
}

std::string qualified_id(const Rule& rule) { return rule.engine + '/' + rule.pack + '/' + rule.id; }

bool names_rule(std::string_view given, std::string_view id) {
    if (given == id) return true;
    if (given.size() <= id.size() || !given.ends_with(id)) return false;
    given.remove_suffix(id.size());
    return given.ends_with('/') && std::ranges::count(given, '/') == 2;
}

void Diagnostics::add(Diagnostic diagnostic) { items_.push_back(std::move(diagnostic)); }

void Diagnostics::error(std::string rule_id, Error what) {
    add({Diagnostic::Level::kError, std::move(rule_id), std::move(what)});
}

void Diagnostics::warning(std::string rule_id, Error what) {
    add({Diagnostic::Level::kWarning, std::move(rule_id), std::move(what)});
}

bool Diagnostics::has_errors() const {
    return std::any_of(items_.begin(), items_.end(), [](const Diagnostic& item) {
        return item.level == Diagnostic::Level::kError;
    });
}

Result<std::string> DeniedHost::ask(std::string_view kind, std::string_view question) {
    touched_ = true;
    return Error{"'" + std::string(kind) + "' is not allowed in this run (asked for '" +
                 std::string(question) + "')"};
}

}  // namespace merlon::model
