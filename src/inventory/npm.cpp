// package-lock.json and npm-shrinkwrap.json of lockfileVersion 1 to 3 (docs.npmjs.com,
// "package-lock.json"), and package.json as a manifest and as what lies in node_modules.

#include <map>
#include <unordered_map>

#include "inventory/npm_names.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using packages::Scope;
using value::Value;

constexpr std::size_t kMaxNesting = 200;

Scope scope_of(const Value* entry) {
    if (is_true_in(entry, "dev")) return Scope::kDevelopment;
    if (is_true_in(entry, "devOptional") || is_true_in(entry, "optional")) return Scope::kOptional;
    if (is_true_in(entry, "peer")) return Scope::kPeer;
    return Scope::kRuntime;
}

// Takes what both forms of an entry state. A version is one, or where the package comes from.
void fill(Reading& reading, Package& package, const Value* entry) {
    const std::string stated = package.version;
    if (is_npm_local(stated)) package.version.clear();
    set_npm_origin(package, stated);
    if (package.local || !package.download_url.empty()) package.version.clear();
    set_npm_origin(package, string_in(entry, "resolved"));
    package.scope = scope_of(entry);
    package.has_install_script = is_true_in(entry, "hasInstallScript");
    package.withdrawn = entry->find("deprecated") != nullptr;
    add_npm_licenses(package, entry);
    if (!add_integrity(package, string_in(entry, "integrity")))
        reading.unknown(reading.offset_of(entry),
                        "the integrity of " + package.name + " is no Subresource Integrity text");
}

// lockfileVersion 2 and 3: "packages", by their places in the tree.
class PlacesReader {
  public:
    PlacesReader(Reading& reading, const Value* places) : reading_(reading), places_(places) {}

    void read() {
        each_entry(places_, [&](std::string_view place, const Value& entry) {
            if (!is_true_in(&entry, "link")) return;
            links_.emplace(place, string_in(&entry, "resolved"));
            linked_names_.emplace(string_in(&entry, "resolved"), name_of_place(place));
        });
        each_entry(places_, [&](std::string_view place, const Value& entry) {
            if (entry.is_object()) read_entry(place, entry);
        });
        for (const auto& [place, index] : indexes_) {
            const Value* entry = places_->find(place);
            each_npm_dependency(entry, [&](std::string_view name, const Value& range, Scope scope) {
                // What a dependency has for its own development is not installed.
                if (scope == Scope::kDevelopment && reading_.at(index).relation != Relation::kRoot)
                    return;
                link(place, index, name, range);
            });
        }
    }

  private:
    void read_entry(std::string_view place, const Value& entry) {
        if (is_true_in(&entry, "link")) return;
        const bool is_root = name_of_place(place).empty();
        std::string_view name = string_in(&entry, "name");
        if (name.empty()) name = name_of_place(place);
        if (const auto linked = linked_names_.find(place);
            name.empty() && linked != linked_names_.end())
            name = linked->second;
        // npm writes a name only where it is not that of the folder.
        if (name.empty()) name = place.empty() ? "." : place.substr(place.rfind('/') + 1);
        Package& package =
            reading_.add(name, string_in(&entry, "version"), reading_.offset_of(&entry));
        fill(reading_, package, &entry);
        if (is_root) {
            reading_.facts.members.emplace_back(place);
            package.relation = Relation::kRoot;
            package.local = true;
        }
        indexes_.emplace(place, reading_.count() - 1);
    }

    // What stands behind the last "node_modules/"; empty for the project and its members.
    static std::string_view name_of_place(std::string_view place) {
        constexpr std::string_view kFolder = "node_modules/";
        const std::size_t folder = place.rfind(kFolder);
        return folder == std::string_view::npos ? std::string_view()
                                                : place.substr(folder + kFolder.size());
    }

    // Node's search: the nearest node_modules going up from the package's own folder.
    void link(std::string_view place, std::uint32_t from, std::string_view name,
              const Value& range) {
        std::string folder(place);
        while (true) {
            std::string candidate = folder.empty() ? "" : folder + "/";
            candidate += "node_modules/";
            candidate += name;
            if (const auto linked = links_.find(candidate); linked != links_.end())
                candidate = linked->second;
            if (const auto found = indexes_.find(candidate); found != indexes_.end()) {
                reading_.require(from, found->second);
                Package& target = reading_.at(found->second);
                if (reading_.at(from).relation == Relation::kRoot && target.requested.empty())
                    target.requested = string_of(&range);
                return;
            }
            if (folder.empty()) return;  // optional, or a peer that nobody installed
            const std::size_t up = folder.rfind('/');
            folder.resize(up == std::string::npos ? 0 : up);
        }
    }

    Reading& reading_;
    const Value* places_;
    std::unordered_map<std::string_view, std::string_view> links_;
    std::unordered_map<std::string_view, std::string_view> linked_names_;
    std::map<std::string_view, std::uint32_t> indexes_;  // ordered: the first to ask is named
};

// lockfileVersion 1: "dependencies" inside "dependencies". Node's search goes up these levels.
class LevelsReader {
  public:
    explicit LevelsReader(Reading& reading) : reading_(reading) {}

    Status read(const Value* level) {
        if (levels_.size() > kMaxNesting)
            return Error{"package-lock: dependencies nest deeper than " +
                         std::to_string(kMaxNesting)};
        levels_.emplace_back();
        each_entry(level, [&](std::string_view name, const Value& entry) {
            if (!entry.is_object()) return;
            add(name, entry);
            levels_.back().emplace(name, reading_.count() - 1);
        });
        Status status;
        each_entry(level, [&](std::string_view name, const Value& entry) {
            if (!entry.is_object() || !status.ok()) return;
            const std::uint32_t index = levels_.back().at(name);
            if (const Value* inner = object_in(&entry, "dependencies")) {
                status = read(inner);
                if (!status.ok()) return;
                link(index, entry);
                levels_.pop_back();
            } else {
                link(index, entry);
            }
        });
        return status;
    }

  private:
    void add(std::string_view name, const Value& entry) {
        std::string_view version = string_in(&entry, "version");
        if (version.starts_with("npm:")) {  // an alias: what is installed has another name
            const auto [real, real_version] = split_npm_name(version.substr(4));
            name = real;
            version = real_version;
        }
        fill(reading_, reading_.add(name, version, reading_.offset_of(&entry)), &entry);
    }

    void link(std::uint32_t from, const Value& entry) {
        each_entry(object_in(&entry, "requires"), [&](std::string_view name, const Value&) {
            for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
                const auto found = level->find(name);
                if (found == level->end()) continue;
                reading_.require(from, found->second);
                return;
            }
        });
    }

    Reading& reading_;
    std::vector<std::unordered_map<std::string_view, std::uint32_t>> levels_;
};

// What a manifest has others have in place of what they ask for (docs.npmjs.com, "overrides";
// yarnpkg.com, "resolutions"; pnpm.io, "pnpm.overrides"): no request of the project's own, and
// known only where no lock file has the answer.
class Overrides {
  public:
    Overrides(Reading& reading, const Value* manifest) : reading_(reading), manifest_(manifest) {}

    void read() {
        read_level(object_in(manifest_, "overrides"), "", 0);
        for (const Value* list : {object_in(manifest_, "resolutions"),
                                  object_in(object_in(manifest_, "pnpm"), "overrides")})
            each_entry(list, [&](std::string_view pattern, const Value& range) {
                add(last_name(pattern), range);
            });
    }

  private:
    // npm's nest: "." is the package around.
    void read_level(const Value* level, std::string_view around, std::size_t depth) {
        if (depth > kMaxNesting) return;
        each_entry(level, [&](std::string_view key, const Value& entry) {
            const std::string_view name = key == "." ? around : split_npm_name(key).first;
            if (entry.is_object()) {
                read_level(&entry, name, depth + 1);
            } else if (!name.empty()) {
                add(name, entry);
            }
        });
    }

    // "a/**/@s/b", "a@1>b@2", "b@npm:1": the last name.
    static std::string_view last_name(std::string_view pattern) {
        pattern = pattern.substr(pattern.rfind('>') + 1);
        // The version behind a name may hold slashes, and the parts in front of it may not.
        const std::size_t scope = pattern.rfind("/@");
        std::string_view name = pattern;
        if (scope != std::string_view::npos) {
            name = pattern.substr(scope + 1);
        } else if (!pattern.starts_with('@')) {
            const std::size_t version = pattern.find('@');
            name = pattern.substr(pattern.substr(0, version).rfind('/') + 1);
        }
        return split_npm_name(name).first;
    }

    void add(std::string_view name, const Value& entry) {
        std::string_view requested = string_of(&entry);
        if (requested.empty() || requested == "-" || name.empty()) return;  // "-": taken out
        if (requested.starts_with('$')) requested = direct_request(requested.substr(1));
        if (requested.starts_with("npm:"))
            std::tie(name, requested) = split_npm_name(requested.substr(4));
        Package& package = reading_.add(name, "", reading_.offset_of(&entry));
        package.requested = requested;
        package.relation = Relation::kTransitive;
        set_npm_origin(package, requested);
    }

    std::string_view direct_request(std::string_view name) const {
        std::string_view request;
        each_npm_dependency(manifest_, [&](std::string_view direct, const Value& range, Scope) {
            if (direct == name && request.empty()) request = string_of(&range);
        });
        return request;
    }

    Reading& reading_;
    const Value* manifest_;
};

}  // namespace

void add_npm_package(Reading& reading, const Value* root, Relation relation) {
    const std::string_view name = string_in(root, "name");
    if (name.empty()) return;
    const Value* place = root->find("name");
    Package& package = reading.add(name, string_in(root, "version"), reading.offset_of(place));
    package.relation = relation;
    package.local = relation == Relation::kRoot;
    add_npm_licenses(package, root);
    const Value* scripts = object_in(root, "scripts");
    for (const std::string_view script : {"preinstall", "install", "postinstall"})
        package.has_install_script |= !string_in(scripts, script).empty();
}

Status read_package_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json());
    if (const Value* places = object_in(root, "packages")) {
        PlacesReader(reading, places).read();
        return {};
    }
    if (object_in(root, "dependencies") == nullptr && root->find("lockfileVersion") == nullptr &&
        string_in(root, "name").empty())
        return Error{"package-lock: expected an object with \"packages\" or \"dependencies\""};
    return LevelsReader(reading).read(object_in(root, "dependencies"));
}

Status read_package_json(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json());
    if (!root->is_object()) return Error{"package.json: expected an object"};
    add_npm_package(reading, root, Relation::kRoot);
    const Value* workspaces = root->find("workspaces");
    if (workspaces != nullptr && workspaces->is_object())
        workspaces = array_in(workspaces, "packages");
    const Value* pnpm = object_in(root, "pnpm");
    reading.facts.has_overrides = object_in(root, "overrides") != nullptr ||
                                  object_in(root, "resolutions") != nullptr ||
                                  object_in(pnpm, "overrides") != nullptr;
    each_item(workspaces,
              [&](const Value& member) { reading.facts.members.emplace_back(string_of(&member)); });
    each_npm_dependency(root, [&](std::string_view name, const Value& range, Scope scope) {
        std::string_view requested = string_of(&range);
        if (requested.starts_with("npm:"))
            std::tie(name, requested) = split_npm_name(requested.substr(4));
        Package& package = reading.add(name, "", reading.offset_of(&range));
        package.requested = requested;
        package.scope = scope;
        package.relation = Relation::kDirect;
        set_npm_origin(package, requested);
    });
    Overrides(reading, root).read();
    return {};
}

Status read_installed_package_json(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json(text::JsonMode::kLenient));
    if (!root->is_object()) return Error{"package.json: expected an object"};
    // Folders inside a package have such files too, which name no package.
    if (string_in(root, "version").empty()) return {};
    add_npm_package(reading, root, Relation::kUnknown);
    return {};
}

}  // namespace merlon::inventory
