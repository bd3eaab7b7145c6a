#include "inventory/npm_names.h"

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

bool is_npm_local(std::string_view range) {
    for (const std::string_view prefix : {"file:", "link:", "workspace:", "portal:"})
        if (range.starts_with(prefix)) return true;
    return range.starts_with("./") || range.starts_with("../");
}

void set_npm_origin(Package& package, std::string_view from) {
    if (from.empty()) return;
    if (is_npm_local(from)) {
        package.local = true;
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
