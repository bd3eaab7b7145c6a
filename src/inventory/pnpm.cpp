// pnpm-lock.yaml (github.com/pnpm/spec, "lockfile"), versions 5 to 9: the same parts under other
// keys. 5: "/name/1.0.0_peers"; 6: "/name@1.0.0(peers)"; 9: "name@1.0.0(peers)", with edges apart
// in "snapshots".

#include <algorithm>
#include <unordered_map>

#include "inventory/npm_names.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using packages::Scope;
using value::Value;

struct PnpmKey {
    std::string_view name;
    std::string_view version;
};

bool begins_with_digit(std::string_view text) {
    return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

// Takes a key of "packages" apart; the name is empty where it is a place ("github.com/a/b/<id>").
PnpmKey parse_key(std::string_view key) {
    key = key.substr(0, key.find('('));
    bool had_slash = key.starts_with('/');
    if (had_slash) key.remove_prefix(1);
    // "registry.npmjs.org/name/1.0.0", of another registry than the default.
    const std::size_t slash = key.find('/');
    if (!had_slash && !key.starts_with('@') && slash != std::string_view::npos &&
        key.substr(0, slash).find('.') != std::string_view::npos && key.find('@') > key.find('/')) {
        had_slash = true;
        key.remove_prefix(slash + 1);
    }
    const std::size_t scope = key.starts_with('@') ? key.find('/') + 1 : 0;  // npos + 1 is 0
    const std::size_t end =
        key.find_first_of(had_slash ? "/@" : "@", std::max<std::size_t>(scope, 1));
    if (end == std::string_view::npos) return {};
    const std::string_view name = key.substr(0, end), version = key.substr(end + 1);
    if (begins_with_digit(version)) {
        // Version 5 has the peers behind '_'; later ones no such letter.
        return {name, key[end] == '/' ? version.substr(0, version.find('_')) : version};
    }
    // "name@https://…" names it; other places do not.
    if (key[end] == '@' && version.find(':') != std::string_view::npos) return {name, {}};
    return {};
}

class PnpmReader {
  public:
    explicit PnpmReader(Reading& reading) : reading_(reading) {}

    // pnpm 11 writes what its own version and "configDependencies" need in front, as a document of
    // the same form.
    Status read() {
        const std::vector<const Value*> roots = MERLON_TRY(reading_.yaml_documents());
        for (const Value* root : roots) {
            if (!root->is_object()) return Error{"pnpm-lock: expected a mapping"};
            indexes_.clear();
            read_document(root);
        }
        return roots.empty() ? Status(Error{"pnpm-lock: expected a mapping"}) : Status();
    }

  private:
    void read_document(const Value* root) {
        if (object_in(root, "overrides") != nullptr) reading_.facts.has_overrides = true;
        each_entry(object_in(root, "packages"),
                   [&](std::string_view key, const Value& entry) { read_package(key, entry); });
        read_edges(object_in(root, "packages"));
        read_edges(object_in(root, "snapshots"));
        if (const Value* importers = object_in(root, "importers")) {
            each_entry(importers,
                       [&](std::string_view, const Value& importer) { read_importer(&importer); });
        } else {
            read_importer(root);
        }
    }

    void read_package(std::string_view key, const Value& entry) {
        PnpmKey named = parse_key(key);
        if (const std::string_view name = string_in(&entry, "name"); !name.empty())
            named.name = name;
        std::string version = text_of(entry.find("version"));
        if (version.empty()) version = named.version;
        Package& package = reading_.add(named.name.empty() ? key : named.name, version,
                                        reading_.offset_of(&entry));
        if (const Value* dev = entry.find("dev"); dev != nullptr && dev->is_boolean())
            package.scope = dev->as_boolean() ? Scope::kDevelopment : Scope::kRuntime;
        if (is_true_in(&entry, "optional")) package.scope = Scope::kOptional;
        package.has_install_script = is_true_in(&entry, "requiresBuild");
        package.withdrawn = entry.find("deprecated") != nullptr;
        const Value* resolution = object_in(&entry, "resolution");
        if (!add_integrity(package, string_in(resolution, "integrity")))
            reading_.unknown(package.location.region.start_offset,
                             "the integrity of " + package.name + " cannot be read");
        set_npm_origin(package, string_in(resolution, "tarball"));
        if (const std::string_view commit = string_in(resolution, "commit"); !commit.empty()) {
            package.download_url = string_in(resolution, "repo");
            package.commit = commit;
        }
        package.local = package.local || string_in(resolution, "type") == "directory" ||
                        (key.starts_with("file:") && !is_npm_archive(key));
        indexes_.emplace(key, reading_.count() - 1);
    }

    // The package that "name: version" means in a list of dependencies.
    const std::uint32_t* find(std::string_view name, std::string_view version) const {
        const std::string_view bare = version.substr(0, version.find('('));
        const std::string at(name), joined = at + "@";
        for (const std::string& key :
             {"/" + at + "/" + std::string(version), "/" + joined + std::string(version),
              joined + std::string(version), joined + std::string(bare),
              "/" + joined + std::string(bare), std::string(version), std::string(bare)}) {
            if (const auto found = indexes_.find(key); found != indexes_.end())
                return &found->second;
        }
        return nullptr;
    }

    void read_edges(const Value* list) {
        each_entry(list, [&](std::string_view key, const Value& entry) {
            auto from = indexes_.find(std::string(key));
            if (from == indexes_.end())
                from = indexes_.find(std::string(key.substr(0, key.find('('))));
            if (from == indexes_.end()) return;
            for (const std::string_view part : {"dependencies", "optionalDependencies"})
                each_entry(object_in(&entry, part),
                           [&](std::string_view name, const Value& version) {
                               if (const auto* to = find(name, text_of(&version)))
                                   reading_.require(from->second, *to);
                           });
        });
    }

    void read_importer(const Value* importer) {
        const Value* specifiers = object_in(importer, "specifiers");
        each_npm_dependency(importer, [&](std::string_view name, const Value& entry, Scope scope) {
            const std::string version = text_of(entry.is_object() ? entry.find("version") : &entry);
            const auto* found = find(name, version);
            if (found == nullptr) return;  // "link:": a member of the workspace
            Package& package = reading_.at(*found);
            package.relation = Relation::kDirect;
            if (package.scope == Scope::kUnknown || scope == Scope::kRuntime) package.scope = scope;
            if (package.requested.empty())
                package.requested = string_in(entry.is_object() ? &entry : specifiers,
                                              entry.is_object() ? "specifier" : name);
        });
    }

    Reading& reading_;
    std::unordered_map<std::string, std::uint32_t> indexes_;
};

}  // namespace

Status read_pnpm_lock(Reading& reading) { return PnpmReader(reading).read(); }

}  // namespace merlon::inventory
