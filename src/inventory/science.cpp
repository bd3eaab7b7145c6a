// Haskell, R and Julia: stack.yaml.lock, cabal.project.freeze, renv.lock, DESCRIPTION,
// Manifest.toml.

#include <algorithm>
#include <map>

#include "inventory/headers.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using value::Value;

// "name-version@sha256:<of the cabal file>,size", which begins at `offset`.
Package& add_hackage_package(Reading& reading, std::string_view text, std::size_t offset) {
    const auto [named, digest] = split_first(text, '@');
    const auto [name, version] = split_last(named, '-');
    Package& package = reading.add(name, version, offset);
    // Of the cabal file in the registry, and of no archive.
    if (digest.starts_with("sha256:"))
        package.checksums.push_back(
            {"cabal-sha256", std::string(digest.substr(7, digest.find(',') - 7))});
    return package;
}

}  // namespace

// docs.haskellstack.org, "Lock files".
Status read_stack_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.yaml());
    if (array_in(root, "packages") == nullptr)
        return Error{"stack.yaml.lock: expected a list \"packages\""};
    each_item(array_in(root, "packages"), [&](const Value& item) {
        const Value* completed = object_in(&item, "completed");
        const std::string_view hackage = string_in(completed, "hackage");
        if (!hackage.empty()) {
            add_hackage_package(reading, hackage, reading.offset_of(completed->find("hackage")));
            return;
        }
        const std::string_view name = string_in(completed, "name");
        if (name.empty())
            return reading.unknown(reading.offset_of(&item), "a package without a name");
        Package& package = reading.add(name, text_of(completed->find("version")),
                                       reading.offset_of(completed->find("name")));
        package.download_url = string_in(completed, "git");
        if (package.download_url.empty()) package.download_url = string_in(completed, "url");
        package.commit = string_in(completed, "commit");
    });
    return {};
}

// docs.haskellstack.org, "stack.yaml": extra-deps are packages of Hackage, folders and
// repositories; what the resolver brings with it is not in the file.
Status read_stack_yaml(Reading& reading) {
    const Value* root = MERLON_TRY(reading.yaml());
    each_item(array_in(root, "extra-deps"), [&](const Value& item) {
        const std::string_view text = string_of(&item);
        const std::string_view version = split_last(split_first(text, '@').first, '-').second;
        const bool is_version =
            !version.empty() && version.find_first_not_of("0123456789.") == std::string_view::npos;
        if (!is_version || text.find('/') != std::string_view::npos) return;
        add_hackage_package(reading, text, reading.offset_of(&item)).relation =
            packages::Relation::kDirect;
    });
    return {};
}

// "constraints: any.base ==4.18.0, any.text ==2.0.2," with flags ("text -simdutf") between.
Status read_cabal_freeze(Reading& reading) {
    std::string_view rest = reading.bytes;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find_first_of(",\n"), rest.size());
        std::string_view entry = trim(rest.substr(0, end));
        const std::size_t offset = static_cast<std::size_t>(
            (entry.empty() ? rest.data() : entry.data()) - reading.bytes.data());
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (entry.starts_with("--")) continue;
        std::size_t moved = 0;
        for (const std::string_view prefix : {"constraints:", "any."}) {
            if (!entry.starts_with(prefix)) continue;
            const std::string_view shorter = trim(entry.substr(prefix.size()));
            if (shorter.empty()) break;
            moved = static_cast<std::size_t>(shorter.data() - reading.bytes.data()) - offset;
            entry = shorter;
        }
        const std::size_t equals = entry.find("==");
        if (equals == std::string_view::npos) continue;
        reading.add(trim(entry.substr(0, equals)), trim(entry.substr(equals + 2)), offset + moved);
    }
    return {};
}

// rstudio.github.io/renv, "Lockfiles".
Status read_renv_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json());
    const Value* listed = object_in(root, "Packages");
    if (listed == nullptr) return Error{"renv.lock: expected an object \"Packages\""};
    std::map<std::string_view, std::uint32_t> names;
    each_entry(listed, [&](std::string_view key, const Value& entry) {
        std::string_view name = string_in(&entry, "Package");
        if (name.empty()) name = key;
        Package& package =
            reading.add(name, string_in(&entry, "Version"), reading.offset_of(&entry));
        const std::string_view source = string_in(&entry, "Source");
        package.commit = string_in(&entry, "RemoteSha");
        if (source == "GitHub")
            package.download_url = "https://github.com/" +
                                   std::string(string_in(&entry, "RemoteUsername")) + "/" +
                                   std::string(string_in(&entry, "RemoteRepo"));
        names.emplace(name, reading.count() - 1);
    });
    each_entry(listed, [&](std::string_view key, const Value& entry) {
        const auto from = names.find(key);
        if (from == names.end()) return;
        // Until renv 1.0 one list of names, since then the fields of DESCRIPTION.
        for (const std::string_view list : {"Requirements", "Imports", "Depends", "LinkingTo"})
            each_item(array_in(&entry, list), [&](const Value& item) {
                const std::string_view text = string_of(&item);
                const auto to = names.find(text.substr(0, text.find_first_of(" (\n")));
                if (to != names.end()) reading.require(from->second, to->second);
            });
    });
    return {};
}

// "Writing R Extensions", section 1.1.1. Debian's and others' files of that name have no "Version".
Status read_r_description(Reading& reading) {
    const HeaderBlock block = read_header_block(reading.bytes, 0);
    const std::string_view name = block.get("Package"), version = block.get("Version");
    if (name.empty() || version.empty()) return {};
    Package& package = reading.add(name, version, block.offset_of("Package"));
    if (const std::string_view license = block.get("License"); !license.empty())
        package.licenses.emplace_back(license);
    package.commit = block.get("RemoteSha");
    return {};
}

// pkgdocs.julialang.org, "Manifest.toml": format 2 has "deps", format 1 the packages at the top.
// What comes with Julia itself has no version there.
Status read_julia_manifest(Reading& reading) {
    const Value* root = MERLON_TRY(reading.toml());
    const Value* listed = object_in(root, "deps");
    if (listed == nullptr) listed = root;
    std::map<std::string_view, std::uint32_t> names;
    std::vector<std::pair<std::uint32_t, const Value*>> wanted;
    each_entry(listed, [&](std::string_view name, const Value& entries) {
        each_item(&entries, [&](const Value& entry) {
            if (string_in(&entry, "uuid").empty()) return;
            const std::string_view version = string_in(&entry, "version");
            if (version.empty() && string_in(&entry, "git-tree-sha1").empty()) return;
            Package& package = reading.add(name, version, reading.offset_of(&entry));
            package.local = !string_in(&entry, "path").empty();
            // Its package URL has to name it by this ("julia" of the purl types).
            package.purl_namespace_hint = string_in(&entry, "uuid");
            package.download_url = string_in(&entry, "repo-url");
            if (const std::string_view tree = string_in(&entry, "git-tree-sha1"); !tree.empty())
                package.checksums.push_back({"git-tree-sha1", std::string(tree)});
            names.emplace(name, reading.count() - 1);
            wanted.emplace_back(reading.count() - 1, entry.find("deps"));
        });
    });
    for (const auto& [from, list] : wanted) {
        const auto link = [&](std::string_view name) {
            if (const auto to = names.find(name); to != names.end())
                reading.require(from, to->second);
        };
        each_item(list, [&](const Value& item) { link(string_of(&item)); });
        each_entry(list, [&](std::string_view name, const Value&) { link(name); });
    }
    return {};
}

}  // namespace merlon::inventory
