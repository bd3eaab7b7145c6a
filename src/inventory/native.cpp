// C and C++, and what is built from repositories: conan.lock, conanfile.txt, vcpkg.json,
// .gitmodules (gitmodules(5)).

#include <map>

#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using packages::Scope;
using value::Value;

// "name/version@user/channel#revision%time"
void add_conan_reference(Reading& reading, std::string_view text, std::size_t offset, Scope scope,
                         Relation relation) {
    const std::string_view reference = text.substr(0, text.find_first_of("#%"));
    const std::string_view bare = reference.substr(0, reference.find('@'));
    const auto [name, version] = split_first(bare, '/');
    if (name.empty() || version.empty()) {
        reading.unknown(offset, "not a Conan reference: " + std::string(text));
        return;
    }
    const bool is_range = version.starts_with('[');
    Package& package = reading.add(name, is_range ? "" : version, offset);
    if (is_range) package.requested = version;
    package.scope = scope;
    package.relation = relation;
    if (const std::size_t at = reference.find('@'); at != std::string_view::npos)
        package.purl_namespace_hint = reference.substr(at + 1);
}

// Until Conan 1: nodes by number, "0" is the project.
void read_conan_graph(Reading& reading, const Value* nodes) {
    std::map<std::string_view, std::uint32_t> indexes;
    each_entry(nodes, [&](std::string_view id, const Value& node) {
        // Until version 0.3 with the package's id behind ':'.
        const char* const key = node.find("ref") != nullptr ? "ref" : "pref";
        const std::string_view whole = string_in(&node, key);
        const std::string_view reference = whole.substr(0, whole.find(':'));
        const std::uint32_t before = reading.count();
        if (reference.find('/') == std::string_view::npos) return;  // a conanfile without a name
        add_conan_reference(reading, reference, reading.offset_of(node.find(key)), Scope::kUnknown,
                            Relation::kUnknown);
        if (reading.count() == before) return;
        if (string_in(&node, "path").ends_with("conanfile.py") ||
            string_in(&node, "path").ends_with("conanfile.txt")) {
            reading.at(before).relation = Relation::kRoot;
            reading.at(before).local = true;
        }
        indexes.emplace(id, before);
    });
    each_entry(nodes, [&](std::string_view id, const Value& node) {
        for (const std::string_view list : {"requires", "build_requires"}) {
            const auto link = [&](const Value& item) {
                const auto to = indexes.find(string_of(&item));
                if (to == indexes.end()) return;
                if (const auto from = indexes.find(id); from != indexes.end())
                    reading.require(from->second, to->second);
                else
                    reading.at(to->second).relation = Relation::kDirect;  // the project's own
                if (list == "build_requires") reading.at(to->second).scope = Scope::kBuild;
            };
            each_item(node.find(list), link);
            each_entry(node.find(list), [&](std::string_view, const Value& item) { link(item); });
        }
    });
}

struct ConanList {
    std::string_view name;
    Scope scope;
};
constexpr ConanList kConanLists[] = {{"requires", Scope::kRuntime},
                                     {"build_requires", Scope::kBuild},
                                     {"tool_requires", Scope::kBuild},
                                     {"test_requires", Scope::kTest},
                                     {"python_requires", Scope::kBuild}};

}  // namespace

Status read_conan_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json());
    if (const Value* nodes = object_in(object_in(root, "graph_lock"), "nodes")) {
        read_conan_graph(reading, nodes);
        return {};
    }
    if (root->find("version") == nullptr) return Error{"conan.lock: expected \"version\""};
    for (const ConanList& list : kConanLists)
        each_item(array_in(root, list.name), [&](const Value& item) {
            add_conan_reference(reading, string_of(&item), reading.offset_of(&item), list.scope,
                                Relation::kUnknown);
        });
    return {};
}

Status read_conanfile_txt(Reading& reading) {
    std::optional<Scope> scope;
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view whole = reading.lines().line_text(number);
        const std::string_view line = trim(whole.substr(0, whole.find('#')));
        if (line.empty()) continue;
        if (line.starts_with('[') && line.ends_with(']')) {
            scope.reset();
            for (const ConanList& list : kConanLists)
                if (line.substr(1, line.size() - 2) == list.name) scope = list.scope;
        } else if (scope) {
            add_conan_reference(reading, line,
                                reading.lines().line_begin(number) + whole.find(line), *scope,
                                Relation::kDirect);
        }
    }
    return {};
}

// learn.microsoft.com/vcpkg, "vcpkg.json". The versions are those of a baseline commit of the
// registry, which no file here has: only overrides are exact.
Status read_vcpkg_manifest(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json(text::JsonMode::kLenient));
    if (!root->is_object()) return Error{"vcpkg.json: expected an object"};
    std::map<std::string_view, std::string_view> overrides;
    constexpr std::string_view kVersions[] = {"version", "version-string", "version-semver",
                                              "version-date"};
    each_item(array_in(root, "overrides"), [&](const Value& entry) {
        for (const std::string_view key : kVersions)
            if (!string_in(&entry, key).empty())
                overrides.emplace(string_in(&entry, "name"), string_in(&entry, key));
    });
    const auto add_list = [&](const Value* list, Scope scope) {
        each_item(list, [&](const Value& item) {
            const std::string_view name =
                item.is_object() ? string_in(&item, "name") : string_of(&item);
            if (name.empty()) return;
            const auto exact = overrides.find(name);
            Package& package =
                reading.add(name, exact == overrides.end() ? std::string_view() : exact->second,
                            reading.offset_of(&item));
            package.relation = Relation::kDirect;
            package.scope = is_true_in(&item, "host") ? Scope::kBuild : scope;
            if (const std::string_view least = string_in(&item, "version>="); !least.empty())
                package.requested = ">=" + std::string(least);
        });
    };
    add_list(array_in(root, "dependencies"), Scope::kRuntime);
    each_entry(object_in(root, "features"), [&](std::string_view, const Value& feature) {
        add_list(array_in(&feature, "dependencies"), Scope::kOptional);
    });
    return {};
}

// The commit of a submodule stands in the tree and not in this file.
Status read_git_modules(Reading& reading) {
    bool in_module = false;
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view whole = reading.lines().line_text(number);
        const std::string_view line = trim(whole);
        if (line.starts_with('[')) {
            in_module = line.starts_with("[submodule ");
            continue;
        }
        const auto [key, content] = split_first(line, '=');
        if (!in_module) continue;
        if (trim(key) == "url") {
            Package& package = reading.add(trim(content), "",
                                           reading.lines().line_begin(number) + whole.find(line));
            package.download_url = package.name;
            package.relation = Relation::kDirect;
            package.local = package.name.starts_with('.') || package.name.starts_with('/');
        } else if (trim(key) == "branch" && reading.count() > 0) {
            reading.at(reading.count() - 1).requested = trim(content);
        }
    }
    return {};
}

}  // namespace merlon::inventory
