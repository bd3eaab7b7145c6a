#include "scan/fix_advice.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/file.h"
#include "packages/package_url.h"
#include "packages/version.h"
#include "sca/match_text.h"
#include "scan/manifest_edit.h"

namespace merlon::scan {
namespace {

using packages::Ecosystem;
using packages::Package;
using packages::PackageSource;
using packages::Relation;

constexpr int kMaxRounds = 16;
constexpr std::size_t kContextLines = 3;

// Of a distribution, versions are its own to choose.
bool is_of_distribution(Ecosystem ecosystem) {
    return ecosystem == Ecosystem::kDeb || ecosystem == Ecosystem::kRpm ||
           ecosystem == Ecosystem::kApk || ecosystem == Ecosystem::kAlpm;
}

bool is_above(Ecosystem ecosystem, const std::string& left, const std::string& right) {
    return compare_versions(facts(ecosystem).scheme, left, right) > 0;
}

// The highest of the versions that the matches of each package call fixed; nothing for a package
// with a weakness that no version mends.
Result<std::map<std::size_t, std::string>> fixed_versions(const sca::Database& database,
                                                          std::span<const Package> packages,
                                                          const sca::MatchReport& matched) {
    std::map<std::size_t, std::string> fixed;
    std::set<std::size_t> hopeless;
    MERLON_TRY(database.read([&](const sca::DatabaseReader& reader) {
        const sca::MatchTexts texts(reader, packages, matched);
        for (const sca::MatchedClass& match : matched.matches) {
            const Package& package = packages[match.package];
            std::string version = texts.fixed(match);
            if (version.empty() || is_of_distribution(package.ecosystem)) {
                hopeless.insert(match.package);
                continue;
            }
            std::string& highest = fixed[match.package];
            if (highest.empty() || is_above(package.ecosystem, version, highest))
                highest = std::move(version);
        }
    }));
    for (const std::size_t index : hopeless) fixed.erase(index);
    return fixed;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::size_t length = end == std::string_view::npos ? text.size() : end + 1;
        lines.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return lines;
}

void add_line(std::string& out, char sign, std::string_view line) {
    out += sign;
    out += line;
    if (!line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

// Whether a patch can name the file without quotes (git-diff(1), "core.quotePath").
bool is_plain(std::string_view path) {
    return std::ranges::none_of(path, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7F;
    });
}

std::string_view folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash + 1);
}

// Of each package whether a member of the same workspace asks for it itself.
std::vector<bool> asked_by_members(const PackageSource& source) {
    std::vector<bool> asked(source.packages.size(), false);
    for (const Package& package : source.packages) {
        if (!package.local) continue;
        for (const std::uint32_t index : package.requires_) asked[index] = true;
    }
    return asked;
}

class Patcher {
  public:
    Patcher(const model::Report& report, const TakenInventory& taken) : taken_(taken) {
        for (const model::Finding& finding : report.findings) {
            const auto safe = finding.properties.find("safe-version");
            if (!finding.suppressed_by.empty() || safe == finding.properties.end()) continue;
            safe_[finding.properties.at("purl")] = safe->second;
        }
    }

    FixPatch run() {
        for (const PackageSource& source : taken_.sources) look_at(source);
        FixPatch patch;
        for (const auto& [path, file] : files_) {
            if (file.changes.empty()) continue;
            if (!is_plain(path)) {
                notices_.insert(path + ": its name cannot stand in a patch; change it by hand");
                continue;
            }
            patch.text += unified_patch(path, file.text, file.changed_text());
        }
        patch.notices.assign(notices_.begin(), notices_.end());
        return patch;
    }

  private:
    struct Change {
        std::size_t length = 0;
        std::string text;
        std::string version;
    };
    // A manifest that was opened once for all the packages that it asks for.
    struct ManifestFile {
        std::string text;
        OpenedManifest manifest = Error{"was not opened"};
        std::map<std::size_t, Change> changes;  // by their place in the text

        std::string changed_text() const {
            std::string changed;
            std::size_t at = 0;
            for (const auto& [offset, change] : changes) {
                if (offset < at) continue;
                changed.append(text, at, offset - at).append(change.text);
                at = offset + change.length;
            }
            return changed.append(text, at);
        }

        // What one place asks for may be many packages: a property of a POM. The highest counts.
        void add(const ManifestEdit& edit, Ecosystem ecosystem, const std::string& version) {
            Change& change = changes[edit.offset];
            if (!change.version.empty() && !is_above(ecosystem, version, change.version)) return;
            change = {edit.length, edit.text, version};
        }
    };

    void look_at(const PackageSource& source) {
        const ManifestKind* kind = manifest_kind(source.reader);
        const std::vector<bool> asked = asked_by_members(source);
        BroughtBy brought_by(source);
        for (std::uint32_t i = 0; i < source.packages.size(); ++i) {
            const Package& package = source.packages[i];
            const auto safe = safe_.find(packages::package_url_text(package));
            if (safe == safe_.end() || package.version.empty()) continue;
            const std::string what =
                fmt::format("{}: {} {}", source.path, package.name, package.version);
            if (kind == nullptr) {
                notices_.insert(what + " has to become " + safe->second +
                                "; no patch is made for such a file");
                continue;
            }
            const bool is_listed = package.relation != Relation::kTransitive ||
                                   kind->lists == ManifestKind::Lists::kAll || asked[i];
            if (!is_listed) {
                std::string by;
                for (const std::string& name : brought_by.names(i))
                    by += (by.empty() ? "" : ", ") + name;
                notices_.insert(what + " has to become " + safe->second + "; it is brought in by " +
                                (by.empty() ? "another package" : by) +
                                ", of which a version is needed that asks for it");
                continue;
            }
            edit(source, *kind, package, safe->second);
        }
    }

    // The manifests that may say it, the nearest first.
    std::vector<std::string> manifests_of(const PackageSource& source,
                                          const ManifestKind& kind) const {
        using enum ManifestKind::Others;
        const std::string folder(folder_of(source.path));
        const std::string file(source.path.substr(folder.size()));
        const std::string name = kind.file.empty() ? file : std::string(kind.file);
        std::vector<std::string> paths{folder + name};
        if (kind.others == kAbove) {
            for (std::string above = folder; !above.empty();) {
                above.pop_back();  // its slash
                above = folder_of(above);
                paths.push_back(above + name);
            }
        }
        if (kind.others != kBelow) return paths;
        for (auto place = taken_.system_paths.lower_bound(folder);
             place != taken_.system_paths.end() && place->first.starts_with(folder); ++place) {
            const std::string& path = place->first;
            const std::string below(folder_of(path));
            // A member has no lock file of its own, and what is installed is no member.
            if (below == folder || path.substr(below.size()) != name ||
                taken_.system_paths.contains(below + file) ||
                path.find("node_modules/") != std::string::npos)
                continue;
            paths.push_back(path);
        }
        return paths;
    }

    void edit(const PackageSource& source, const ManifestKind& kind, const Package& package,
              const std::string& version) {
        const std::vector<std::string> paths = manifests_of(source, kind);
        if (file_of(paths.front(), kind) == nullptr) {
            notices_.insert(paths.front() + ": is not there or cannot be read, so " + package.name +
                            " is not changed in it");
            return;
        }
        bool is_said = false;
        for (const std::string& path : paths) {
            ManifestFile* file = file_of(path, kind);
            if (file == nullptr) continue;
            const ManifestEdits edits = file->manifest.ok()
                                            ? file->manifest.value()->find(package, version)
                                            : ManifestEdits(file->manifest.error());
            if (!edits.ok()) {
                is_said = true;
                notices_.insert(fmt::format("{}: {} has to become {}: {}", path, package.name,
                                            version, edits.error().message));
                continue;
            }
            if (edits.value().empty()) continue;
            is_said = true;
            for (const ManifestEdit& edit : edits.value())
                file->add(edit, package.ecosystem, version);
            if (!kind.afterwards.empty())
                notices_.insert(path + ": " + std::string(kind.afterwards));
            if (kind.others == ManifestKind::Others::kAbove) break;  // the nearest says it
        }
        if (is_said) return;
        notices_.insert(fmt::format(
            "{}: {} has to become {}: the manifest does not say it in a place that is understood",
            paths.front(), package.name, version));
    }

    // Null where it cannot be read.
    ManifestFile* file_of(const std::string& path, const ManifestKind& kind) {
        if (const auto known = files_.find(path); known != files_.end()) return &known->second;
        const auto place = taken_.system_paths.find(path);
        if (place == taken_.system_paths.end()) return nullptr;
        Result<std::string> text = read_text_file(place->second);
        if (!text.ok()) return nullptr;
        ManifestFile& file = files_[path];
        file.text = std::move(text).value();
        file.manifest = kind.open(file.text);
        return &file;
    }

    const TakenInventory& taken_;
    std::map<std::string, std::string> safe_;  // by package URL
    std::map<std::string, ManifestFile> files_;
    std::set<std::string> notices_;
};

}  // namespace

Result<std::map<std::size_t, std::string>> safe_versions(const sca::Database& database,
                                                         std::span<const Package> questions,
                                                         const sca::MatchReport& matched,
                                                         ThreadPool& pool) {
    std::map<std::size_t, std::string> safe;
    std::map<std::size_t, std::string> open =
        MERLON_TRY(fixed_versions(database, questions, matched));
    for (int round = 0; round < kMaxRounds && !open.empty(); ++round) {
        std::vector<Package> candidates;
        std::vector<std::size_t> indexes;
        for (const auto& [index, version] : open) {
            Package candidate = questions[index];
            candidate.version = version;
            candidates.push_back(std::move(candidate));
            indexes.push_back(index);
        }
        const sca::MatchReport again = MERLON_TRY(sca::match_packages(database, candidates, pool));
        std::set<std::size_t> affected;
        for (const sca::MatchedClass& match : again.matches) affected.insert(match.package);
        const auto next = MERLON_TRY(fixed_versions(database, candidates, again));
        std::map<std::size_t, std::string> still_open;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            const Package& candidate = candidates[i];
            if (!affected.contains(i)) {
                safe.emplace(indexes[i], candidate.version);
            } else if (const auto higher = next.find(i);
                       higher != next.end() &&
                       is_above(candidate.ecosystem, higher->second, candidate.version)) {
                still_open.emplace(indexes[i], higher->second);
            }
        }
        open = std::move(still_open);
    }
    return safe;
}

std::vector<std::string> BroughtBy::names(std::uint32_t index) {
    const std::vector<Package>& packages = source_.packages;
    if (needed_by_.empty()) {
        needed_by_.resize(packages.size());
        seen_.assign(packages.size(), 0);
        for (std::uint32_t i = 0; i < packages.size(); ++i)
            for (const std::uint32_t needed : packages[i].requires_)
                needed_by_[needed].push_back(i);
    }
    ++question_;
    std::set<std::string> names;
    std::vector<std::uint32_t> open{index};
    seen_[index] = question_;
    while (!open.empty()) {
        const std::uint32_t at = open.back();
        open.pop_back();
        if (at != index && packages[at].relation == Relation::kDirect)
            names.insert(packages[at].name);
        for (const std::uint32_t by : needed_by_[at]) {
            if (seen_[by] == question_) continue;
            seen_[by] = question_;
            open.push_back(by);
        }
    }
    return {names.begin(), names.end()};
}

FixPatch fix_patch(const model::Report& report, const TakenInventory& taken) {
    return Patcher(report, taken).run();
}

std::string unified_patch(const std::string& path, std::string_view before,
                          std::string_view after) {
    const auto old = lines_of(before), young = lines_of(after);
    if (before == after || old.size() != young.size()) return {};
    std::string out = "--- a/" + path + "\n+++ b/" + path + "\n";
    for (std::size_t i = 0; i < old.size(); ++i) {
        if (old[i] == young[i]) continue;
        // A hunk goes on as long as the next change is within its context.
        const std::size_t first = i - std::min(i, kContextLines);
        std::size_t last = i;
        for (std::size_t k = i; k < std::min(old.size(), last + 2 * kContextLines + 1); ++k)
            if (old[k] != young[k]) last = k;
        const std::size_t end = std::min(old.size(), last + kContextLines + 1);
        out += fmt::format("@@ -{0},{1} +{0},{1} @@\n", first + 1, end - first);
        for (std::size_t k = first; k < end;) {
            if (old[k] == young[k]) {
                add_line(out, ' ', old[k++]);
                continue;
            }
            std::size_t stop = k;
            while (stop < end && old[stop] != young[stop]) ++stop;
            for (std::size_t n = k; n < stop; ++n) add_line(out, '-', old[n]);
            for (std::size_t n = k; n < stop; ++n) add_line(out, '+', young[n]);
            k = stop;
        }
        i = end - 1;
    }
    return out;
}

}  // namespace merlon::scan
