#include "scan/source_changes.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/ascii.h"
#include "scan/registry_checks.h"

namespace merlon::scan {
namespace {

using model::Severity;
using packages::Package;
using packages::PackageSource;

enum Which : std::size_t {
    kContentChanged,
    kNoIntegrity,
    kWeaker,
    kOtherHost,
    kOtherSource,
    kPlainHttp,
    kOtherPackage,
};

constexpr std::string_view kMakeAnew = "Make the lock file anew with the package manager.";

constexpr std::array kRules{
    PackageRule{"lock-content-changed",
                "The same version has another checksum: its content is not what it was",
                "Make the lock file anew from the registry and compare; a registry does not change "
                "what it published.",
                Severity::kCritical, Gate::kFails},
    PackageRule{"lock-no-integrity",
                "An entry has no checksum, where it had one or the file's other entries have one",
                kMakeAnew, Severity::kHigh, Gate::kFails},
    PackageRule{"lock-integrity-weakened",
                "An entry has a checksum that can be forged, and had one that cannot", kMakeAnew,
                Severity::kHigh, Gate::kFails},
    PackageRule{"lock-other-host",
                "An entry is fetched from another host than before, or than the file's others",
                "If the host is meant, say so in the project's registry settings; else make the "
                "lock file anew.",
                Severity::kHigh, Gate::kFails},
    PackageRule{"lock-source-changed",
                "An entry is not fetched from where it was: a registry, repository or folder",
                "Look at what is fetched now. If that is meant, accept this finding; else make the "
                "lock file anew.",
                Severity::kHigh, Gate::kFails},
    PackageRule{"lock-plain-http", "An entry is fetched without encryption, and was not before",
                "Fetch it over https: whoever is on the way can change it.", Severity::kHigh,
                Gate::kFails},
    PackageRule{"lock-other-package",
                "An entry is fetched from the address of another package or version", kMakeAnew,
                Severity::kCritical, Gate::kFails},
};

std::string_view path_below(const TakenInventory& taken, std::string_view path) {
    if (path.starts_with(taken.root)) path.remove_prefix(taken.root.size());
    return path;
}

// Of one lock file: what most of its entries have.
struct Custom {
    std::string_view host;
    bool has_integrity = false;
};

Custom custom_of(const PackageSource& source) {
    std::map<std::string_view, std::size_t> hosts;
    std::size_t fetched = 0;
    std::size_t with_integrity = 0;
    for (const Package& package : source.packages) {
        const std::string_view host = host_of(package.download_url);
        if (host.empty() || !package.commit.empty()) continue;
        ++fetched;
        ++hosts[host];
        if (!package.checksums.empty()) ++with_integrity;
    }
    Custom custom;
    const auto most =
        std::ranges::max_element(hosts, {}, [](const auto& host) { return host.second; });
    // One of few says nothing about the others.
    constexpr std::size_t kEnough = 4;
    if (fetched < kEnough) return custom;
    const auto is_custom = [fetched](std::size_t count) {
        return count + 1 >= fetched || count * 10 >= fetched * 9;
    };
    if (is_custom(most->second)) custom.host = most->first;
    custom.has_integrity = is_custom(with_integrity);
    return custom;
}

// A checksum of the same algorithm that differs.
bool has_other_content(const Package& before, const Package& after) {
    const auto differs = [&](const packages::Checksum& checksum) {
        const auto same =
            std::ranges::find(before.checksums, checksum.algorithm, &packages::Checksum::algorithm);
        return same != before.checksums.end() &&
               std::ranges::find(before.checksums, checksum) == before.checksums.end();
    };
    return std::ranges::any_of(after.checksums, differs);
}

// How hard it is to make other content of the same checksum; 0: there is none.
int strength_of(const Package& package) {
    int strongest = 0;
    for (const packages::Checksum& checksum : package.checksums) {
        const bool is_forged_at_will = checksum.algorithm == "md5";
        const bool is_sha1 = checksum.algorithm.ends_with("sha1");
        strongest = std::max(strongest, is_forged_at_will ? 1 : is_sha1 ? 2 : 3);
    }
    return strongest;
}

std::string algorithms_of(const Package& package) {
    std::string text;
    for (const packages::Checksum& checksum : package.checksums)
        text += (text.empty() ? "" : ", ") + checksum.algorithm;
    return text;
}

enum class Kind : std::uint8_t { kRegistry, kRepository, kFolder };

Kind kind_of(const Package& package) {
    // The project itself and members of its workspace, too.
    if (package.local || package.relation == packages::Relation::kRoot) return Kind::kFolder;
    return package.commit.empty() ? Kind::kRegistry : Kind::kRepository;
}

std::string place_of(const Package& package) {
    switch (kind_of(package)) {
        case Kind::kFolder:
            return "a folder of the project";
        case Kind::kRepository:
            return "the repository " + package.download_url;
        case Kind::kRegistry:
            break;
    }
    const std::string_view host = host_of(package.download_url);
    return host.empty() ? "the registry" : std::string(host);
}

bool is_plain(std::string_view url) {
    if (!url.starts_with("http://") && !url.starts_with("git://")) return false;
    std::string_view host = host_of(url);
    host = host.substr(0, host.starts_with('[') ? host.find(']') + 1 : host.find(':'));
    return host != "localhost" && host != "[::1]" && !host.starts_with("127.");
}

std::string_view path_of_url(std::string_view url) {
    return url.substr(0, url.find_first_of("?#"));
}

// npm's registries have an archive at NAME/-/LAST_PART_OF_NAME-VERSION.tgz; other addresses say
// nothing of what is behind them.
bool is_of_other_package(const Package& package) {
    if (package.ecosystem != packages::Ecosystem::kNpm) return false;
    std::string path(path_of_url(package.download_url));
    for (std::size_t at; (at = lower_case(path).find("%2f")) != std::string::npos;)
        path.replace(at, 3, "/");
    constexpr std::string_view kArchive = "/-/";
    const std::size_t cut = path.rfind(kArchive);
    if (cut == std::string::npos) return false;
    const std::string file = path.substr(path.rfind('/') + 1);
    const std::string last = package.name.substr(package.name.rfind('/') + 1);
    std::string_view owner(path.data(), cut);
    if (!owner.ends_with("/" + package.name)) return true;
    owner.remove_suffix(package.name.size() + 1);
    const bool has_other_scope =
        last == package.name && owner.substr(owner.rfind('/') + 1).starts_with('@');
    return has_other_scope || file != last + "-" + package.version + ".tgz";
}

// "https://host/a.git#0123": the repository and the commit.
std::pair<std::string_view, std::string_view> parts_of(std::string_view reference) {
    const std::size_t mark = reference.rfind('#');
    if (mark == std::string_view::npos) return {};
    return {reference.substr(0, mark), reference.substr(mark + 1)};
}

class SourceReview {
  public:
    SourceReview(const TakenInventory& base, const TakenInventory& head, const PackageIndex& before,
                 const std::optional<std::string>& key, std::vector<model::Finding>& findings)
        : head_(head), before_(before), key_(key), findings_(findings) {
        // What a project has from a folder of its own was not from elsewhere before.
        for (const PackageSource& source : base.sources)
            for (const Package& package : source.packages)
                if (kind_of(package) == Kind::kFolder)
                    folders_.insert(key_of(base, source, package));
    }

    void run() {
        for (const PackageSource& source : head_.sources) {
            custom_ = custom_of(source);
            for (const Package& package : source.packages) look_at(source, package);
            tell();
        }
    }

  private:
    void look_at(const PackageSource& source, const Package& package) {
        const PackageKey key = key_of(head_, source, package);
        const Package* const was = before_of(key, package.version);
        if (kind_of(package) == Kind::kFolder) {
            const bool was_elsewhere = was != nullptr && !folders_.contains(key);
            if (was_elsewhere) note(kOtherSource, package, place_of(*was), place_of(package));
            return;
        }
        const bool is_same_version =
            was != nullptr && !was->version.empty() && was->version == package.version;
        if (is_same_version) look_at_content(*was, package);
        if (was != nullptr && kind_of(*was) != kind_of(package)) {
            // Back to the registry is no step into the dark.
            if (kind_of(package) == Kind::kRepository)
                note(kOtherSource, package, place_of(*was), place_of(package));
            return;
        }
        look_at_place(was, is_same_version, package);
        look_at_integrity(was, package);
    }

    // What the base has of the name at the same version, or else at any; null: nothing.
    const Package* before_of(const PackageKey& key, std::string_view version) {
        const PackageIndex::Place* found = before_.find(key);
        if (found == nullptr) return nullptr;
        // Of a few a search is fastest; npm nests some files' names in thousands of versions.
        constexpr std::size_t kFew = 8;
        const std::vector<const Package*>& all = found->packages;
        const auto is_same = [&](const Package* old) { return old->version == version; };
        if (version.empty() || all.size() <= kFew) {
            const auto same = version.empty() ? all.end() : std::ranges::find_if(all, is_same);
            return same == all.end() ? all.front() : *same;
        }
        auto& by_version = by_version_[&all];
        if (by_version.empty()) {
            for (const Package* old : all) by_version.emplace(old->version, old);
        }
        const auto same = by_version.find(version);
        return same == by_version.end() ? all.front() : same->second;
    }

    void look_at_content(const Package& was, const Package& package) {
        const auto [old_repository, old_commit] = parts_of(was.reference);
        const auto [repository, commit] = parts_of(package.reference);
        const bool moved_tag = !old_commit.empty() && !commit.empty() && old_commit != commit;
        if (has_other_content(was, package)) {
            note(kContentChanged, package, "another checksum than before, at the same version");
        } else if (moved_tag) {
            note(kContentChanged, package, "another commit than before, at the same version");
        } else if (!old_repository.empty() && old_repository != repository) {
            note(kOtherSource, package, std::string(old_repository), std::string(repository));
        }
    }

    void look_at_place(const Package* was, bool is_same_version, const Package& package) {
        const std::string& url = package.download_url;
        const std::string_view host = host_of(url);
        if (is_plain(url) && (was == nullptr || !is_plain(was->download_url)))
            note(kPlainHttp, package, std::string(host));
        if (kind_of(package) == Kind::kRepository) {
            if (was != nullptr && path_of_url(was->download_url) != path_of_url(url))
                note(kOtherSource, package, place_of(*was), place_of(package));
            return;
        }
        if (host.empty()) return;
        if ((was == nullptr || was->download_url != url) && is_of_other_package(package))
            note(kOtherPackage, package, std::string(path_of_url(url)));
        std::string_view other = was == nullptr ? std::string_view() : host_of(was->download_url);
        if (other == host) {
            // Of these a version has one address; others choose one of several files.
            const bool has_one = package.ecosystem == packages::Ecosystem::kNpm ||
                                 (package.ecosystem == packages::Ecosystem::kComposer &&
                                  was->reference == package.reference);
            if (is_same_version && has_one && path_of_url(was->download_url) != path_of_url(url) &&
                is_plain(was->download_url) == is_plain(url))
                note(kOtherSource, package, was->download_url, url);
            return;
        }
        if (other.empty() && was != nullptr && !is_public_registry(host) && !is_configured(host)) {
            note(kOtherSource, package, place_of(*was), std::string(host));
            return;
        }
        if (other.empty()) other = custom_.host;
        if (other.empty() || other == host || is_configured(host)) return;
        if (is_public_registry(host) && is_public_registry(other)) return;
        note(kOtherHost, package, std::string(other), std::string(host));
    }

    void look_at_integrity(const Package* was, const Package& package) {
        const int before = was == nullptr ? 0 : strength_of(*was);
        const int after = strength_of(package);
        if (after == 0) {
            const bool is_odd =
                custom_.has_integrity && was == nullptr && !host_of(package.download_url).empty();
            if (before > 0 || is_odd) note(kNoIntegrity, package, "");
        } else if (after < before && after < 3) {
            note(kWeaker, package, algorithms_of(*was), algorithms_of(package));
        }
    }

    // Whether the project's own settings name the host.
    bool is_configured(std::string_view host) const {
        return std::ranges::any_of(
            head_.registries, [&](const auto& setting) { return host_of(setting.url) == host; });
    }

    void note(Which which, const Package& package, std::string from, std::string to = {}) {
        noted_[{which, std::move(from), std::move(to)}].push_back(&package);
    }

    // What was noted of one file.
    void tell() {
        constexpr std::size_t kMany = 5;
        for (const auto& [what, packages] : noted_) {
            const auto& [which, from, to] = what;
            if (packages.size() < kMany) {
                for (const Package* package : packages)
                    add(which, *package, described(*package) + sentence(which, from, to));
                continue;
            }
            model::Finding& finding =
                add(which, *packages.front(),
                    fmt::format("{} entries, such as {}: each{}", packages.size(),
                                described(*packages.front()), sentence(which, from, to)));
            for (std::size_t i = 1; i < packages.size(); ++i)
                finding.also_at.emplace_back(packages[i]->location);
        }
        noted_.clear();
    }

    static std::string sentence(Which which, const std::string& from, const std::string& to) {
        switch (which) {
            case kContentChanged:
                return " has " + from;
            case kNoIntegrity:
                return " has no checksum";
            case kWeaker:
                return fmt::format(" has a checksum of {}, in place of {}", to, from);
            case kOtherHost:
                return fmt::format(" is fetched from {}, and not from {}", to, from);
            case kOtherSource:
                return fmt::format(" comes from {}, and came from {}", to, from);
            case kPlainHttp:
                return fmt::format(" is fetched from {} without encryption", from);
            case kOtherPackage:
                return fmt::format(" is fetched from {}, which is another package's", from);
        }
        return {};
    }

    model::Finding& add(Which which, const Package& package, std::string message) {
        model::Finding& finding =
            findings_.emplace_back(finding_of(kRules[which], package.location, std::move(message)));
        describe(package, finding);
        identify(key_, finding.properties["purl"], finding);
        return finding;
    }

    const TakenInventory& head_;
    const PackageIndex& before_;
    const std::optional<std::string>& key_;
    std::vector<model::Finding>& findings_;
    // Of names with many versions, the first package of each.
    std::map<const void*, std::unordered_map<std::string_view, const Package*>> by_version_;
    std::unordered_set<PackageKey, PackageKeyHash> folders_;
    Custom custom_;
    std::map<std::tuple<Which, std::string, std::string>, std::vector<const Package*>> noted_;
};

}  // namespace

std::size_t PackageKeyHash::operator()(const PackageKey& key) const {
    const std::hash<std::string_view> hash;
    return (hash(key.path) * 31 + hash(key.name)) * 31 + static_cast<std::size_t>(key.ecosystem);
}

void PackageIndex::add(const PackageKey& key, const Package& package) {
    const auto [position, is_new] =
        positions_.try_emplace(key, static_cast<std::uint32_t>(places_.size()));
    if (is_new) places_.push_back({key, {}});
    places_[position->second].packages.push_back(&package);
}

const PackageIndex::Place* PackageIndex::find(const PackageKey& key) const {
    const auto position = positions_.find(key);
    return position == positions_.end() ? nullptr : &places_[position->second];
}

PackageKey key_of(const TakenInventory& taken, const PackageSource& source,
                  const Package& package) {
    return {path_below(taken, source.path), package.ecosystem, package.name};
}

PackageIndex index_of(const TakenInventory& taken) {
    PackageIndex index;
    for (const PackageSource& source : taken.sources) {
        for (const Package& package : source.packages) {
            if (package.relation == packages::Relation::kRoot || package.local) continue;
            index.add(key_of(taken, source, package), package);
        }
    }
    return index;
}

std::span<const PackageRule> source_change_rules() { return kRules; }

void review_source_changes(const TakenInventory& base, const TakenInventory& head,
                           const PackageIndex& before, const std::optional<std::string>& key,
                           std::vector<model::Finding>& findings) {
    SourceReview(base, head, before, key, findings).run();
}

}  // namespace merlon::scan
