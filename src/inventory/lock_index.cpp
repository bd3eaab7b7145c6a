#include "inventory/lock_index.h"

#include <algorithm>
#include <array>

#include "inventory/joins.h"
#include "packages/version.h"
#include "packages/version_range.h"
#include "text/utf8.h"

namespace merlon::inventory {

using packages::Package;
using packages::Relation;
using packages::Scope;

namespace {

// Which lock files have all that their manifest asks for in these scopes.
enum class Holds : std::uint8_t { kRuntime, kDevelopmentToo };

struct CompleteLock {
    std::string_view reader;
    Holds holds;
};
constexpr std::array kCompleteLocks{
    CompleteLock{"npm-package-lock", Holds::kDevelopmentToo},
    CompleteLock{"yarn-lock", Holds::kDevelopmentToo},
    CompleteLock{"pnpm-lock", Holds::kDevelopmentToo},
    CompleteLock{"bun-lock", Holds::kDevelopmentToo},
    CompleteLock{"pipfile-lock", Holds::kDevelopmentToo},
    // Which groups are locked, Poetry, PDM and who writes a pylock.toml were told.
    CompleteLock{"poetry-lock", Holds::kRuntime},
    CompleteLock{"pdm-lock", Holds::kRuntime},
    CompleteLock{"pylock", Holds::kRuntime},
    CompleteLock{"uv-lock", Holds::kDevelopmentToo},
    CompleteLock{"cargo-lock", Holds::kDevelopmentToo},
    CompleteLock{"composer-lock", Holds::kDevelopmentToo},
    CompleteLock{"gemfile-lock", Holds::kDevelopmentToo},
};

// Whether a lock file that is up to date has an answer to it.
bool is_expected(const Package& asked, Holds holds) {
    if (asked.relation != Relation::kDirect || asked.is_conditional || asked.local) return false;
    if (!asked.download_url.empty() || !asked.commit.empty()) return false;
    if (asked.scope == Scope::kRuntime) return true;
    const bool is_build_of_cargo =
        asked.scope == Scope::kBuild && asked.ecosystem == packages::Ecosystem::kCargo;
    return holds == Holds::kDevelopmentToo &&
           (asked.scope == Scope::kDevelopment || is_build_of_cargo);
}

// Whether the range takes the version; what cannot be decided is taken.
bool takes(const Package& asked, const std::string& version) {
    const packages::Ecosystem ecosystem = asked.ecosystem;
    const packages::VersionScheme scheme = packages::facts(ecosystem).scheme;
    auto syntax = packages::range_syntax_of(ecosystem);
    // Poetry's takes what the standard has, too.
    if (ecosystem == packages::Ecosystem::kPypi) syntax = packages::RangeSyntax::kPoetry;
    // Branches and stability flags of Composer are no part of a range.
    const bool is_branch = asked.requested.find("dev") != std::string::npos ||
                           asked.requested.find('@') != std::string::npos ||
                           version.find("dev") != std::string::npos;
    // "latest" is a tag, and any version may have it.
    const bool is_tag = asked.requested.find_first_of("0123456789") == std::string::npos;
    if (!syntax || is_tag || packages::is_no_version(scheme, version) ||
        (ecosystem == packages::Ecosystem::kComposer && is_branch))
        return true;
    const auto range = packages::parse_version_range(*syntax, scheme, asked.requested);
    return !range.ok() || range.value().contains(version);
}

}  // namespace

LockIndex::LockIndex(FileFacts& lock)
    : lock_(lock),
      all_(lock.facts.source.packages),
      has_overrides_(lock.facts.has_overrides),
      provides_(lock.facts.provides.begin(), lock.facts.provides.end()) {
    for (const Answer& answer : lock.facts.answers)
        answers_.emplace(answer.request, answer.package);
    for (std::uint32_t i = 0; i < all_.size(); ++i) names_.emplace(normal_name(all_[i]), i);
}

void LockIndex::join(const FileFacts& manifest) {
    has_overrides_ |= manifest.facts.has_overrides;
    const Package* root = nullptr;
    for (const Package& package : manifest.facts.source.packages)
        if (package.relation == Relation::kRoot) root = find_root(package);
    for (const Package& asked : manifest.facts.source.packages)
        if (asked.relation == Relation::kDirect) mark_requested(asked, root);
}

const Package* LockIndex::find_root(const Package& named) const {
    const auto [first, last] = names_.equal_range(normal_name(named));
    for (auto found = first; found != last; ++found)
        if (all_[found->second].relation == Relation::kRoot) return &all_[found->second];
    return nullptr;
}

// By the request where the lock file keeps those; else by name: among what the lock file says that
// this project needs, where it says so, or among all.
void LockIndex::mark_requested(const Package& asked, const Package* root) {
    for (const std::string& request :
         {asked.name + "@" + asked.requested, asked.name + "@npm:" + asked.requested}) {
        if (const auto found = answers_.find(request); found != answers_.end())
            return mark(found->second, asked);
    }
    if (!answers_.empty()) return;
    const auto [first, last] = names_.equal_range(normal_name(asked));
    const auto is_needed = [&](std::uint32_t index) {
        return root != nullptr &&
               std::binary_search(root->requires_.begin(), root->requires_.end(), index);
    };
    const bool any_needed =
        std::any_of(first, last, [&](const auto& entry) { return is_needed(entry.second); });
    for (auto found = first; found != last; ++found)
        if (!any_needed || is_needed(found->second)) mark(found->second, asked);
}

void LockIndex::mark(std::uint32_t index, const Package& asked) {
    Package& package = all_[index];
    if (package.relation == Relation::kRoot) return;
    package.relation = Relation::kDirect;
    if (package.scope == Scope::kUnknown || asked.scope == Scope::kRuntime)
        package.scope = asked.scope;
    if (package.requested.empty()) package.requested = asked.requested;
}

bool LockIndex::has_answer(const Package& asked) const {
    const auto [first, last] = names_.equal_range(normal_name(asked));
    const bool is_there = std::any_of(first, last, [&](const auto& entry) {
        const Package& locked = all_[entry.second];
        return has_overrides_ || locked.local || locked.version.empty() || !locked.commit.empty() ||
               takes(asked, locked.version);
    });
    return is_there || provides_.contains(asked.name);
}

std::vector<const Package*> LockIndex::unanswered(const FileFacts& manifest) const {
    const auto* complete =
        std::ranges::find(kCompleteLocks, lock_.reader->name, &CompleteLock::reader);
    std::vector<const Package*> missing;
    // What a setup.py says is computed, and may be for others than who keeps the lock file.
    if (complete == kCompleteLocks.end() || manifest.reader->name.starts_with("python-setup"))
        return missing;
    for (const Package& asked : manifest.facts.source.packages)
        if (is_expected(asked, complete->holds) && !has_answer(asked)) missing.push_back(&asked);
    return missing;
}

model::Gap lag_gap(const FileFacts& manifest, std::span<const Package* const> unanswered) {
    constexpr std::size_t kShown = 3;
    std::string detail = "it lags behind " + manifest.path + ", which asks for ";
    for (std::size_t i = 0; i < std::min(unanswered.size(), kShown); ++i) {
        const Package& asked = *unanswered[i];
        detail += (i == 0 ? "" : ", ") + asked.name;
        if (!asked.requested.empty()) detail += " '" + asked.requested + "'";
    }
    if (unanswered.size() > kShown)
        detail += " and " + std::to_string(unanswered.size() - kShown) + " more";
    detail += "; lock again, so that it says what is installed";
    return {model::GapCause::kOutdatedLock, "", text::to_printable(detail)};
}

}  // namespace merlon::inventory
