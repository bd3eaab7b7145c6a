// What several files of a tree say together.

#include <algorithm>
#include <map>
#include <set>

#include "inventory/go.h"
#include "inventory/inventory.h"
#include "inventory/jar.h"
#include "inventory/joins.h"
#include "inventory/known_programs.h"
#include "inventory/lock_index.h"
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
// lock file with a version then, and of the manifest only the project itself is left, with what the
// lock file does not have.
void join_manifests(std::vector<FileFacts>& files, const Tree& tree) {
    std::map<FileFacts*, std::set<std::string>> left;
    for (FileFacts& lock : files) {
        if (lock.reader->manifests.empty()) continue;
        const std::vector<FileFacts*> manifests = manifests_of(lock, tree);
        if (manifests.empty()) continue;
        LockIndex index(lock);
        for (const FileFacts* manifest : manifests) index.join(*manifest);
        for (FileFacts* manifest : manifests) {
            const std::vector<const Package*> unanswered = index.unanswered(*manifest);
            for (const Package* package : unanswered) left[manifest].insert(package->name);
            if (!unanswered.empty()) lock.facts.gaps.push_back(lag_gap(*manifest, unanswered));
            left.try_emplace(manifest);
        }
        derive_relations(lock.facts.source);
    }
    for (const auto& [manifest, names] : left)
        std::erase_if(manifest->facts.source.packages, [&names](const Package& package) {
            // What is transitive in a manifest is an override, and the lock file has its answer.
            return package.relation == Relation::kTransitive ||
                   (package.relation == Relation::kDirect && !names.contains(package.name));
        });
}

// What a binary lock file of Bun holds is known where the text that says the same is beside it.
void join_bun_locks(std::vector<FileFacts>& files, const Tree& tree) {
    for (FileFacts& file : files) {
        if (file.reader->name != "bun-lockb" || tree.find_beside(file, "bun.lock") == nullptr)
            continue;
        file.facts.gaps.clear();
    }
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
    join_gemspecs(files, tree);
    join_bun_locks(files, tree);
    join_manifests(files, tree);
    join_python_constraints(files, tree);
    join_go_works(files, tree);
    join_go_sums(files, tree);
    join_maven_projects(files, tree);
    join_jar_names(files);
    join_nuget_projects(files, tree);
    join_distributions(files, tree);
    join_debian_copyrights(files, tree);
    join_opam_names(files);
    join_program_versions(files, tree);

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
