// bun.lock (JSON with comments and trailing commas; bun.sh/docs/install/lockfile) and deno.lock
// (JSON, versions 2 to 5).

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "inventory/npm_names.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Ecosystem;
using packages::Package;
using packages::Relation;
using packages::Scope;
using value::Value;

using Indexes = std::unordered_map<std::string, std::uint32_t>;

// An entry is [ "name@version", registry, {lists}, integrity ]; a repository has no registry and
// its commit last, a workspace member only the first two.
void read_bun_package(Reading& reading, const Value& entry, Indexes& indexes,
                      std::string_view key) {
    const std::string_view identity = string_of(&entry.items()[0]);
    const auto [name, version] = split_npm_name(identity);
    Package& package = reading.add(name, version, reading.offset_of(&entry));
    if (is_npm_archive(version)) package.version.clear();
    set_npm_origin(package, version);
    if (version.starts_with("workspace:")) package.relation = Relation::kRoot;
    if (package.local || !package.download_url.empty()) package.version.clear();
    if (entry.size() >= 4) {
        set_npm_origin(package, string_of(&entry.items()[1]));
        if (!add_integrity(package, string_of(&entry.items()[3])))
            reading.unknown(reading.offset_of(&entry), "an integrity that cannot be read");
    }
    indexes.emplace(key, reading.count() - 1);
}

// Keys are paths of names, as in node_modules: "a/b" is the b that a has for itself. A scope's
// slash belongs to the name.
const std::uint32_t* find_bun(const Indexes& indexes, std::string key, std::string_view name) {
    while (true) {
        const std::string candidate =
            key.empty() ? std::string(name) : key + "/" + std::string(name);
        if (const auto found = indexes.find(candidate); found != indexes.end())
            return &found->second;
        if (key.empty()) return nullptr;
        std::size_t up = key.rfind('/');
        if (up == std::string::npos) up = 0;
        if (up > 0) {
            const std::size_t before = key.rfind('/', up - 1);
            const std::size_t part = before == std::string::npos ? 0 : before + 1;
            if (key[part] == '@') up = before == std::string::npos ? 0 : before;
        }
        key.resize(up);
    }
}

const Value* bun_lists(const Value& entry) {
    for (const Value& part : entry.items())
        if (part.is_object()) return &part;
    return nullptr;
}

}  // namespace

// Bun's own form before 1.2, which nothing documents: said, and not passed over.
Status read_bun_binary_lock(Reading& reading) {
    reading.facts.gaps.push_back(
        {model::GapCause::kUnsupportedFormat,
         {},
         "a binary lock file is not read; write bun.lock beside it (bun install "
         "--save-text-lockfile --frozen-lockfile --lockfile-only)"});
    return {};
}

Status read_bun_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json(text::JsonMode::kLenient));
    const Value* listed = object_in(root, "packages");
    if (listed == nullptr && object_in(root, "workspaces") == nullptr)
        return Error{"bun.lock: expected an object with \"packages\""};
    reading.facts.has_overrides = object_in(root, "overrides") != nullptr;
    Indexes indexes;
    each_entry(listed, [&](std::string_view key, const Value& entry) {
        if (!entry.is_array() || entry.size() == 0 || string_of(&entry.items()[0]).empty()) {
            reading.unknown(reading.offset_of(&entry), "bun.lock: an entry without a name");
            return;
        }
        read_bun_package(reading, entry, indexes, key);
    });
    for (const auto& [key, from] : indexes) {
        each_npm_dependency(bun_lists(*listed->find(key)),
                            [&](std::string_view name, const Value&, Scope scope) {
                                if (scope == Scope::kDevelopment) return;
                                if (const auto* to = find_bun(indexes, key, name))
                                    reading.require(from, *to);
                            });
    }
    each_entry(object_in(root, "workspaces"), [&](std::string_view place, const Value& member) {
        reading.facts.members.emplace_back(place);
        const std::string folder(string_in(&member, "name"));
        each_npm_dependency(&member, [&](std::string_view name, const Value& range, Scope scope) {
            const auto* found = find_bun(indexes, folder, name);
            if (found == nullptr) return;
            Package& package = reading.at(*found);
            if (package.relation == Relation::kRoot) return;
            package.relation = Relation::kDirect;
            if (package.scope == Scope::kUnknown || scope == Scope::kRuntime) package.scope = scope;
            if (package.requested.empty()) package.requested = string_of(&range);
        });
    });
    return {};
}

namespace {

// One list of packages, "name@version" (npm's with the peers behind '_').
void read_deno_list(Reading& reading, const Value* list, Ecosystem ecosystem,
                    std::string_view prefix, Indexes& indexes) {
    each_entry(list, [&](std::string_view key, const Value& entry) {
        if (!entry.is_object()) return;
        auto [name, version] = split_npm_name(key);
        version = version.substr(0, version.find('_'));
        Package& package = reading.add(name, version, reading.offset_of(&entry));
        package.ecosystem = ecosystem;
        const std::string_view integrity = string_in(&entry, "integrity");
        if (ecosystem == Ecosystem::kJsr) {
            if (integrity.size() == 64)
                package.checksums.push_back({"sha256", std::string(integrity)});
        } else if (!add_integrity(package, integrity)) {
            reading.unknown(reading.offset_of(&entry), "an integrity that cannot be read");
        }
        indexes.emplace(std::string(prefix) + std::string(key), reading.count() - 1);
        // Where only one version is there, edges name the package alone.
        indexes.emplace(std::string(prefix) + std::string(name), reading.count() - 1);
    });
}

class DenoLinks {
  public:
    DenoLinks(Reading& reading, const Value* specifiers, const Indexes& indexes)
        : reading_(reading), specifiers_(specifiers), indexes_(indexes) {}

    // "jsr:@std/path@1" through the specifiers, "npm:a@1.0.0", or a bare name of `prefix`.
    const std::uint32_t* find(const std::string& text, std::string_view prefix) const {
        std::string_view kind = prefix;
        if (text.starts_with("npm:") || text.starts_with("jsr:")) {
            const std::string_view resolved = string_in(specifiers_, text);
            kind = std::string_view(text).substr(0, 4);
            if (!resolved.empty()) {
                // Version 3 gives "npm:a@1.0.0", later ones the version alone.
                const bool is_whole = resolved.starts_with("npm:") || resolved.starts_with("jsr:");
                const std::string name(split_npm_name(std::string_view(text).substr(4)).first);
                return look(is_whole ? std::string(resolved)
                                     : std::string(kind) + name + "@" + std::string(resolved));
            }
            return look(text);
        }
        return look(std::string(kind) + text);
    }

    void link(const Value* list, std::string_view prefix) {
        each_entry(list, [&](std::string_view key, const Value& entry) {
            const auto from = indexes_.find(std::string(prefix) + std::string(key));
            if (from == indexes_.end()) return;
            const Value* wanted = entry.find("dependencies");
            each_item(wanted,
                      [&](const Value& item) { require(from->second, string_of(&item), prefix); });
            if (wanted == nullptr || !wanted->is_object()) return;
            each_entry(wanted, [&](std::string_view, const Value& item) {
                require(from->second, string_of(&item), prefix);
            });
        });
    }

    void mark_direct(std::string_view specifier) {
        if (const auto* found = find(std::string(specifier), "")) {
            reading_.at(*found).relation = Relation::kDirect;
            reading_.at(*found).requested = split_npm_name(specifier.substr(4)).second;
        }
    }

  private:
    const std::uint32_t* look(const std::string& key) const {
        const auto found = indexes_.find(key);
        return found == indexes_.end() ? nullptr : &found->second;
    }
    void require(std::uint32_t from, std::string_view text, std::string_view prefix) {
        if (const auto* to = find(std::string(text), prefix)) reading_.require(from, *to);
    }

    Reading& reading_;
    const Value* specifiers_;
    const Indexes& indexes_;
};

}  // namespace

namespace {

// Where a file of a registry's package can be had by an address: "https://HOST" and behind it the
// package, as an import of that registry names it, or as folders "@scope/name/version".
struct PackageHost {
    std::string_view prefix;
    Ecosystem ecosystem;
};
constexpr std::array kPackageHosts{
    PackageHost{"esm.sh/jsr/", Ecosystem::kJsr},
    PackageHost{"esm.sh/", Ecosystem::kNpm},
    PackageHost{"unpkg.com/", Ecosystem::kNpm},
    PackageHost{"cdn.jsdelivr.net/npm/", Ecosystem::kNpm},
    PackageHost{"cdn.skypack.dev/", Ecosystem::kNpm},
    PackageHost{"ga.jspm.io/npm:", Ecosystem::kNpm},
    PackageHost{"jsr.io/", Ecosystem::kJsr},
};

struct Import {
    Ecosystem ecosystem = Ecosystem::kUnknown;
    std::string_view name, range;
};

// "@scope/name@range/path": behind the package a path inside of it may stand.
Import read_import(Ecosystem ecosystem, std::string_view text) {
    const std::size_t scope = text.starts_with('@') ? text.find('/') : 0;
    const std::size_t end = text.find_first_of("@/", std::min(scope, text.size() - 1) + 1);
    Import import{ecosystem, text.substr(0, end), {}};
    if (end == std::string_view::npos || text[end] == '/') return import;
    import.range = text.substr(end + 1);
    import.range = import.range.substr(0, import.range.find('/'));
    return import;
}

bool begins_with_digit(std::string_view text) {
    return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

// esm.sh puts its own version in front ("v135/", "stable/"), and marks in front of the name.
std::string_view without_build(std::string_view text) {
    const auto [first, rest] = split_first(text, '/');
    const bool is_build =
        first == "stable" || (first.starts_with('v') &&
                              first.find_first_not_of("0123456789", 1) == std::string_view::npos);
    if (is_build && first.size() > 1 && !rest.empty()) text = rest;
    return text.starts_with('*') ? text.substr(1) : text;
}

// Nothing where no registry has it.
std::optional<Import> import_of_address(std::string_view address) {
    constexpr std::string_view kScheme = "https://";
    if (!address.starts_with(kScheme)) return std::nullopt;
    address.remove_prefix(kScheme.size());
    address = address.substr(0, address.find_first_of("?#"));
    const auto* host = std::ranges::find_if(kPackageHosts, [&](const PackageHost& candidate) {
        return address.starts_with(candidate.prefix);
    });
    if (host == kPackageHosts.end()) return std::nullopt;
    std::string_view rest = without_build(address.substr(host->prefix.size()));
    if (rest.empty() || rest.starts_with("gh/")) return std::nullopt;
    Import import = read_import(host->ecosystem, rest);
    if (import.name.empty()) return std::nullopt;
    if (host->prefix == "jsr.io/" && import.range.empty() && rest.size() > import.name.size() &&
        begins_with_digit(rest.substr(import.name.size() + 1))) {
        rest.remove_prefix(import.name.size() + 1);
        import.range = rest.substr(0, rest.find('/'));
    }
    return import;
}

// An address names one version where it has all its parts.
Package& add_import(Reading& reading, const Import& import, const Value& entry) {
    const bool is_version =
        begins_with_digit(import.range) && std::ranges::count(import.range, '.') >= 2;
    Package& package =
        reading.add(import.name, is_version ? import.range : "", reading.offset_of(&entry));
    package.ecosystem = import.ecosystem;
    return package;
}

// The modules that are had by their addresses: many files of one package.
void read_deno_remotes(Reading& reading, const Value* remotes) {
    std::unordered_set<std::string> known;
    std::size_t others = 0;
    const Value* first = nullptr;
    std::string_view first_address;
    each_entry(remotes, [&](std::string_view address, const Value& entry) {
        if (const auto import = import_of_address(address)) {
            const std::string key = std::string(import->name) + '@' + std::string(import->range);
            if (known.insert(key).second) add_import(reading, *import, entry);
        } else if (others++ == 0) {
            first = &entry;
            first_address = address;
        }
    });
    if (others == 0) return;
    reading.unknown(reading.offset_of(first),
                    std::to_string(others) +
                        " modules by address that no registry has, the first from " +
                        std::string(first_address));
}

}  // namespace

Status read_deno_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json());
    if (!root->is_object()) return Error{"deno.lock: expected an object"};
    // Version 2 has "npm": {"specifiers", "packages"}, version 3 "packages": {"specifiers", "jsr",
    // "npm"}, version 4 and 5 have all three at the top.
    const Value* third = object_in(root, "packages");
    const Value* holder = third != nullptr ? third : root;
    const Value* npm = object_in(holder, "npm");
    const Value* specifiers = object_in(holder, "specifiers");
    if (const Value* second = object_in(npm, "packages"); second != nullptr && third == nullptr) {
        specifiers = object_in(npm, "specifiers");
        npm = second;
    }
    const Value* jsr = object_in(holder, "jsr");
    Indexes indexes;
    read_deno_list(reading, npm, Ecosystem::kNpm, "npm:", indexes);
    read_deno_list(reading, jsr, Ecosystem::kJsr, "jsr:", indexes);
    DenoLinks links(reading, specifiers, indexes);
    links.link(npm, "npm:");
    links.link(jsr, "jsr:");
    const Value* workspace = object_in(root, "workspace");
    const auto mark = [&](const Value& item) { links.mark_direct(string_of(&item)); };
    each_item(array_in(workspace, "dependencies"), mark);
    each_item(array_in(object_in(workspace, "packageJson"), "dependencies"), mark);
    each_entry(object_in(workspace, "members"), [&](std::string_view, const Value& member) {
        each_item(array_in(&member, "dependencies"), mark);
        each_item(array_in(object_in(&member, "packageJson"), "dependencies"), mark);
    });
    read_deno_remotes(reading, object_in(root, "remote"));
    return {};
}

namespace {

// By alias: a registry's package, an address, or a file of the project.
void read_deno_imports(Reading& reading, const Value* imports) {
    each_entry(imports, [&](std::string_view, const Value& entry) {
        std::string_view specifier = string_of(&entry);
        std::optional<Import> import;
        const bool is_npm = specifier.starts_with("npm:");
        if (is_npm || specifier.starts_with("jsr:")) {
            specifier.remove_prefix(specifier.find(':') + 1);
            if (specifier.starts_with('/')) specifier.remove_prefix(1);  // "npm:/preact@10/hooks"
            if (specifier.empty()) return;
            import = read_import(is_npm ? Ecosystem::kNpm : Ecosystem::kJsr, specifier);
        } else if (specifier.starts_with("https://") || specifier.starts_with("http://")) {
            import = import_of_address(specifier);
            if (!import) {
                reading.unknown(
                    reading.offset_of(&entry),
                    "an import from " + std::string(specifier) + ", which no registry has");
            }
        }
        if (!import) return;
        const bool is_address = specifier.starts_with("https://");
        Package& package = add_import(reading, *import, entry);
        if (!is_address) package.version.clear();  // "1.2.3" of a registry may be patched
        package.requested = import->range.empty() ? "*" : import->range;
        package.relation = Relation::kDirect;
    });
}

}  // namespace

// docs.deno.com, "deno.json": imports by alias, of registries or by address.
Status read_deno_json(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json(text::JsonMode::kLenient));
    if (!root->is_object()) return Error{"deno.json: expected an object"};
    read_deno_imports(reading, object_in(root, "imports"));
    each_entry(object_in(root, "scopes"), [&](std::string_view, const Value& imports) {
        read_deno_imports(reading, &imports);
    });
    // The imports may stand in a file of their own, which has the same form.
    if (const std::string_view map = string_in(root, "importMap"); map.contains("://")) {
        reading.unknown(reading.offset_of(root->find("importMap")),
                        "imports that stand at an address");
    } else if (!map.empty()) {
        reading.facts.includes.push_back({std::string(map), "deno-json"});
    }
    return {};
}

}  // namespace merlon::inventory
