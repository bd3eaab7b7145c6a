// What several files of a tree say together.

#include <algorithm>
#include <map>

#include "inventory/go.h"
#include "inventory/inventory.h"
#include "inventory/jar.h"
#include "inventory/joins.h"
#include "inventory/maven.h"
#include "inventory/nuget.h"
#include "inventory/python_names.h"
#include "inventory/reading.h"
#include "inventory/system.h"
#include "text/glob.h"

namespace merlon::inventory {

using packages::Package;
using packages::PackageSource;
using packages::Relation;
using packages::Scope;

Tree::Tree(std::vector<FileFacts>& files) {
    for (FileFacts& file : files)
        if (file.members.empty()) by_path_.emplace(file.path, &file);
}

FileFacts* Tree::find(std::string_view path) const {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? nullptr : found->second;
}

FileFacts* Tree::find_beside(const FileFacts& file, std::string_view name) const {
    return find(join_path(folder_of(file.path), name));
}

void Tree::each_below(std::string_view prefix, const std::function<void(FileFacts&)>& use) const {
    for (auto file = by_path_.lower_bound(prefix);
         file != by_path_.end() && file->first.starts_with(prefix); ++file)
        use(*file->second);
}

std::string_view folder_of(std::string_view path) {
    const std::size_t cut = path.rfind('/');
    return cut == std::string_view::npos ? std::string_view() : path.substr(0, cut);
}

std::string join_path(std::string_view folder, std::string_view relative) {
    std::vector<std::string_view> parts = split(folder, '/');
    for (const std::string_view part : split(relative, '/')) {
        if (part == ".") continue;
        if (part == ".." && !parts.empty() && parts.back() != "..") {
            parts.pop_back();
        } else {
            parts.push_back(part);
        }
    }
    std::string path = folder.starts_with('/') ? "/" : "";
    for (const std::string_view part : parts) {
        if (!path.empty() && !path.ends_with('/')) path += '/';
        path += part;
    }
    return path;
}

namespace {

// What a lock file has to answer a manifest's requests with.
class LockIndex {
  public:
    explicit LockIndex(PackageSource& source, const std::vector<Answer>& answers)
        : all_(source.packages) {
        for (const Answer& answer : answers) answers_.emplace(answer.request, answer.package);
        for (std::uint32_t i = 0; i < all_.size(); ++i) names_.emplace(normal_name(all_[i]), i);
    }

    // Marks what the manifest asks for as direct.
    void join(const PackageSource& manifest) {
        const Package* root = nullptr;
        for (const Package& package : manifest.packages)
            if (package.relation == Relation::kRoot) root = find_root(package);
        for (const Package& asked : manifest.packages)
            if (asked.relation == Relation::kDirect) mark_requested(asked, root);
    }

  private:
    const Package* find_root(const Package& named) const {
        const auto [first, last] = names_.equal_range(normal_name(named));
        for (auto found = first; found != last; ++found)
            if (all_[found->second].relation == Relation::kRoot) return &all_[found->second];
        return nullptr;
    }

    // By the request where the lock file keeps those; else by name: among what the lock file says
    // that this project needs, where it says so, or among all.
    void mark_requested(const Package& asked, const Package* root) {
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

    void mark(std::uint32_t index, const Package& asked) {
        Package& package = all_[index];
        if (package.relation == Relation::kRoot) return;
        package.relation = Relation::kDirect;
        if (package.scope == Scope::kUnknown || asked.scope == Scope::kRuntime)
            package.scope = asked.scope;
        if (package.requested.empty()) package.requested = asked.requested;
    }

    std::vector<Package>& all_;
    std::map<std::string_view, std::uint32_t> answers_;
    std::multimap<std::string, std::uint32_t> names_;
};

// The manifests that a lock file stands for: those beside it, and those of its workspace's members.
std::vector<FileFacts*> manifests_of(const FileFacts& lock, const Tree& tree) {
    std::vector<FileFacts*> found;
    const auto names = split(lock.reader->manifests, ' ');
    const auto add = [&](FileFacts* file) {
        if (file != nullptr && file->facts.role == Role::kManifest &&
            std::find(found.begin(), found.end(), file) == found.end())
            found.push_back(file);
    };
    std::vector<std::string> members = lock.facts.members;
    for (const std::string_view name : names) {
        FileFacts* beside = tree.find_beside(lock, name);
        add(beside);
        if (beside != nullptr)
            members.insert(members.end(), beside->facts.members.begin(),
                           beside->facts.members.end());
    }
    const std::string folder(folder_of(lock.path));
    for (const std::string& member : members) {
        const std::string place = join_path(folder, member);
        for (const std::string_view name : names) {
            if (place.find_first_of("*?[{") == std::string::npos) {
                add(tree.find(join_path(place, name)));
                continue;
            }
            const std::string pattern = join_path(place, name);
            tree.each_below(place.substr(0, place.find_first_of("*?[{")), [&](FileFacts& file) {
                if (text::glob_matches(pattern, file.path)) add(&file);
            });
        }
    }
    return found;
}

// A manifest says which packages of its lock file the project asks for. What it asks for is in the
// lock file with a version then, and only the project itself is left of the manifest.
void join_manifests(std::vector<FileFacts>& files, const Tree& tree) {
    std::vector<FileFacts*> joined;
    for (FileFacts& lock : files) {
        if (lock.reader->manifests.empty()) continue;
        const std::vector<FileFacts*> manifests = manifests_of(lock, tree);
        if (manifests.empty()) continue;
        LockIndex index(lock.facts.source, lock.facts.answers);
        for (const FileFacts* manifest : manifests) index.join(manifest->facts.source);
        derive_relations(lock.facts.source);
        joined.insert(joined.end(), manifests.begin(), manifests.end());
    }
    for (FileFacts* manifest : joined)
        std::erase_if(manifest->facts.source.packages,
                      [](const Package& package) { return package.relation == Relation::kDirect; });
}

}  // namespace

std::string normal_name(const Package& package) {
    return package.ecosystem == packages::Ecosystem::kPypi ? normal_python_name(package.name)
                                                           : package.name;
}

Inventory conclude(std::vector<FileFacts> files) {
    std::sort(files.begin(), files.end(), [](const FileFacts& left, const FileFacts& right) {
        return std::tie(left.path, left.members, left.reader->name) <
               std::tie(right.path, right.members, right.reader->name);
    });
    const Tree tree(files);
    join_manifests(files, tree);
    join_go_sums(files, tree);
    join_maven_projects(files, tree);
    join_jar_names(files);
    join_nuget_projects(files, tree);
    join_distributions(files, tree);

    Inventory inventory;
    inventory.license_files = join_license_files(files);
    for (FileFacts& file : files) {
        for (model::Gap& gap : file.facts.gaps) {
            gap.path = file.path + (gap.path.empty() ? "" : "!" + gap.path);
            inventory.gaps.push_back(std::move(gap));
        }
        for (RegistrySetting& registry : file.facts.registries) {
            registry.location.path = file.path;
            inventory.registries.push_back(std::move(registry));
        }
        PackageSource& source = file.facts.source;
        if (file.facts.role == Role::kAid) continue;
        if (source.packages.empty() && source.unknowns.empty()) continue;
        source.path = file.path;
        for (Package& package : source.packages) {
            if (package.location.path.empty()) package.location.path = file.path;
            package.location.members.insert(package.location.members.begin(), file.members.begin(),
                                            file.members.end());
        }
        inventory.sources.push_back(std::move(source));
    }
    return inventory;
}

}  // namespace merlon::inventory
