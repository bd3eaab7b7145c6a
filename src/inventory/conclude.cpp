// What several files of a tree say together.

#include <algorithm>
#include <map>

#include "inventory/inventory.h"
#include "inventory/joins.h"
#include "inventory/python_names.h"
#include "inventory/reading.h"

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

// The lock file's package that answers a manifest's request: by the request where the lock file
// keeps those, else by name, where only one version of it is there or nothing tells them apart.
void mark_requested(FileFacts& lock, const Package& asked,
                    const std::map<std::string_view, std::uint32_t>& answers,
                    const std::multimap<std::string, std::uint32_t>& names) {
    std::vector<Package>& all = lock.facts.source.packages;
    const auto mark = [&](std::uint32_t index) {
        Package& package = all[index];
        if (package.relation == Relation::kRoot) return;
        package.relation = Relation::kDirect;
        if (package.scope == Scope::kUnknown || asked.scope == Scope::kRuntime)
            package.scope = asked.scope;
        if (package.requested.empty()) package.requested = asked.requested;
    };
    for (const std::string& request :
         {asked.name + "@" + asked.requested, asked.name + "@npm:" + asked.requested}) {
        if (const auto found = answers.find(request); found != answers.end())
            return mark(found->second);
    }
    if (!answers.empty()) return;
    const auto [first, last] = names.equal_range(normal_name(asked));
    for (auto found = first; found != last; ++found) mark(found->second);
}

// A manifest beside a lock file says which of its packages the project asks for. What it asks for
// is in the lock file with a version then, and only the project itself is left of the manifest.
void join_manifest(FileFacts& lock, FileFacts& manifest, bool& joined) {
    std::map<std::string_view, std::uint32_t> answers;
    for (const Answer& answer : lock.facts.answers) answers.emplace(answer.request, answer.package);
    std::multimap<std::string, std::uint32_t> names;
    std::vector<Package>& all = lock.facts.source.packages;
    for (std::uint32_t i = 0; i < all.size(); ++i) names.emplace(normal_name(all[i]), i);
    for (const Package& asked : manifest.facts.source.packages)
        if (asked.relation == Relation::kDirect) mark_requested(lock, asked, answers, names);
    joined = true;
}

void join_manifests(std::vector<FileFacts>& files, const Tree& tree) {
    std::vector<FileFacts*> joined;
    for (FileFacts& lock : files) {
        if (lock.reader->manifests.empty()) continue;
        bool any = false;
        for (const std::string_view name : split(lock.reader->manifests, ' ')) {
            FileFacts* manifest = tree.find_beside(lock, name);
            if (manifest == nullptr || manifest->facts.role != Role::kManifest) continue;
            join_manifest(lock, *manifest, any);
            joined.push_back(manifest);
        }
        if (any) derive_relations(lock.facts.source);
    }
    for (FileFacts* manifest : joined) {
        PackageSource& source = manifest->facts.source;
        std::erase_if(source.packages,
                      [](const Package& package) { return package.relation == Relation::kDirect; });
        for (Package& package : source.packages) package.requires_.clear();
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
    join_manifests(files, tree);

    Inventory inventory;
    for (FileFacts& file : files) {
        for (model::Gap& gap : file.facts.gaps) {
            gap.path = file.path + (gap.path.empty() ? "" : "!" + gap.path);
            inventory.gaps.push_back(std::move(gap));
        }
        PackageSource& source = file.facts.source;
        if (file.facts.role == Role::kAid) continue;
        if (source.packages.empty() && source.unknowns.empty()) continue;
        source.path = file.path;
        for (Package& package : source.packages) {
            package.location.path = file.path;
            package.location.members.insert(package.location.members.begin(), file.members.begin(),
                                            file.members.end());
        }
        inventory.sources.push_back(std::move(source));
    }
    return inventory;
}

}  // namespace merlon::inventory
