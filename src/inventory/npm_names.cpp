#include "inventory/npm_names.h"

#include <algorithm>
#include <array>

namespace merlon::inventory {

using packages::Package;
using packages::Scope;
using value::Value;

std::pair<std::string_view, std::string_view> split_npm_name(std::string_view text) {
    const std::size_t at = text.find('@', 1);
    if (text.empty() || at == std::string_view::npos) return {text, {}};
    return {text.substr(0, at), text.substr(at + 1)};
}

namespace {

// "dir/a-1.0.0.tgz" of "file:dir/a-1.0.0.tgz#…" and of berry's "…::locator=…".
std::string_view place_of(std::string_view range) {
    range = range.substr(0, range.find('#'));
    return range.substr(0, range.find("::"));
}

// docs.npmjs.com, "npm pack": name-version.tgz, the scope as a first part of the name.
std::string_view archive_version(std::string_view name, std::string_view place) {
    std::string stem(name.starts_with('@') ? name.substr(1) : name);
    std::ranges::replace(stem, '/', '-');
    std::string_view file = place.substr(place.rfind('/') + 1);
    file = file.substr(file.rfind(':') + 1);
    for (const std::string_view known : {std::string_view(stem), split_last(name, '/').second}) {
        if (known.empty() || !file.starts_with(known)) continue;
        std::string_view version = file.substr(known.size());
        if (!version.starts_with('-')) continue;
        version.remove_prefix(1);
        if (version.starts_with('v')) version.remove_prefix(1);
        version = version.substr(0, version.rfind(version.ends_with(".gz") ? ".tar" : "."));
        if (!version.empty() && version[0] >= '0' && version[0] <= '9') return version;
    }
    return {};
}

}  // namespace

bool is_npm_archive(std::string_view range) {
    const std::string_view place = place_of(range);
    for (const std::string_view ending : {".tgz", ".tar.gz", ".tar"})
        if (place.ends_with(ending)) return true;
    return false;
}

bool is_npm_local(std::string_view range) {
    for (const std::string_view prefix : {"file:", "link:", "workspace:", "portal:"})
        if (range.starts_with(prefix)) return true;
    if (range.starts_with("./") || range.starts_with("../")) return true;
    return is_npm_archive(range) && range.find("://") == std::string_view::npos;
}

void set_npm_origin(Package& package, std::string_view from) {
    if (from.empty()) return;
    if (is_npm_local(from)) {
        if (!is_npm_archive(from)) {
            package.local = true;
        } else if (package.version.empty()) {
            package.version = archive_version(package.name, place_of(from));
        }
        return;
    }
    const bool is_repository = from.starts_with("git") || from.starts_with("ssh:") ||
                               from.find(".git#") != std::string_view::npos;
    if (!is_repository && !from.starts_with("http")) return;
    const auto [address, fragment] = split_first(from, '#');
    package.download_url = address;
    if (is_repository) {
        // yarn berry writes "commit=<id>" among others.
        std::string_view commit = fragment;
        if (const std::size_t at = commit.find("commit="); at != std::string_view::npos)
            commit = commit.substr(at + 7);
        package.commit = commit.substr(0, commit.find('&'));
    }
}

void each_npm_dependency(const Value* manifest,
                         const std::function<void(std::string_view, const Value&, Scope)>& use) {
    struct List {
        std::string_view key;
        Scope scope;
    };
    constexpr std::array kLists{
        List{"dependencies", Scope::kRuntime},
        List{"devDependencies", Scope::kDevelopment},
        List{"optionalDependencies", Scope::kOptional},
        List{"peerDependencies", Scope::kPeer},
    };
    for (const List& list : kLists)
        each_entry(object_in(manifest, list.key), [&](std::string_view name, const Value& range) {
            use(name, range, list.scope);
        });
}

void add_npm_licenses(Package& package, const Value* manifest) {
    const auto add = [&](const Value& license) {
        const std::string_view text =
            license.is_object() ? string_in(&license, "type") : string_of(&license);
        if (!text.empty()) package.licenses.emplace_back(text);
    };
    for (const std::string_view key : {"license", "licenses"}) {
        const Value* stated = manifest->find(key);
        if (stated == nullptr) continue;
        if (stated->is_array()) {
            each_item(stated, add);
        } else {
            add(*stated);
        }
    }
}

}  // namespace merlon::inventory
