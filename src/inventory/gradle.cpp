// Gradle and sbt: lock files ("Locking Versions"), verification-metadata.xml, version catalogs, and
// sbt-dependency-lock's JSON.

#include <map>

#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using packages::Scope;
using text::XmlElement;
using value::Value;

bool contains_folded(std::string_view text, std::string_view word) {
    for (std::size_t i = 0; i + word.size() <= text.size(); ++i) {
        std::size_t k = 0;
        while (k < word.size() && (text[i + k] | 0x20) == word[k]) ++k;
        if (k == word.size()) return true;
    }
    return false;
}

// The configurations that an entry is locked for: it is needed to run where one of them is.
Scope scope_of(std::string_view configurations) {
    bool any_test = false, any_run = false;
    for (const std::string_view one : split(configurations, ',')) {
        if (contains_folded(one, "test")) {
            any_test = true;
        } else if (contains_folded(one, "runtimeclasspath") ||
                   contains_folded(one, "compileclasspath") || one == "default") {
            any_run = true;
        }
    }
    if (any_run) return Scope::kRuntime;
    return any_test ? Scope::kTest : Scope::kBuild;
}

}  // namespace

// "group:artifact:version=configuration,configuration"
Status read_gradle_lock(Reading& reading) {
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view line = trim(reading.lines().line_text(number));
        if (line.empty() || line.starts_with('#') || line.starts_with("empty=")) continue;
        const auto [coordinates, configurations] = split_first(line, '=');
        const auto [name, version] = split_last(coordinates, ':');
        const std::size_t offset = reading.lines().line_begin(number);
        if (version.empty() || name.find(':') == std::string_view::npos) {
            reading.unknown(offset, "expected \"group:artifact:version=…\": " + std::string(line));
            continue;
        }
        // The older form has one file for each configuration, and none in the lines.
        Package& package = reading.add(name, version, offset);
        package.scope = configurations.empty() ? Scope::kUnknown : scope_of(configurations);
    }
    return {};
}

Status read_gradle_verification(Reading& reading) {
    const XmlElement* root = MERLON_TRY(reading.xml());
    const XmlElement* components = root->child("components");
    if (root->name != "verification-metadata")
        return Error{"verification-metadata.xml: expected <verification-metadata>"};
    for (const XmlElement* one = components == nullptr ? nullptr : components->first_child;
         one != nullptr; one = one->next) {
        if (one->name != "component") continue;
        Package& package = reading.add(
            std::string(one->attribute("group")) + ":" + std::string(one->attribute("name")),
            one->attribute("version"), one->offset);
        for (const XmlElement* file = one->first_child; file != nullptr; file = file->next) {
            if (!file->attribute("name").ends_with(".jar")) continue;
            for (const XmlElement* digest = file->first_child; digest != nullptr;
                 digest = digest->next)
                if (const std::string_view hex = digest->attribute("value"); !hex.empty())
                    add_checksum(package, std::string(digest->name) + ":" + std::string(hex));
        }
    }
    return {};
}

namespace {

// A version is a text, { ref = "name" } in [versions], or a rich version.
struct CatalogVersion {
    std::string_view exact;
    std::string_view range;
};

CatalogVersion version_of(const Value* stated, const Value* versions) {
    if (stated == nullptr) return {};
    if (const std::string_view name = string_in(stated, "ref"); !name.empty())
        return version_of(versions == nullptr ? nullptr : versions->find(name), nullptr);
    std::string_view text = string_of(stated);
    for (const std::string_view key : {"strictly", "require", "prefer"})
        if (text.empty() && stated->is_object()) text = string_in(stated, key);
    if (text.find_first_of("[](,)+") != std::string_view::npos) return {{}, text};
    return {text, {}};
}

void add_catalog_entry(Reading& reading, std::string_view name, CatalogVersion version,
                       std::size_t offset, Scope scope) {
    Package& package = reading.add(name, version.exact, offset);
    package.requested = version.range;
    package.relation = Relation::kDirect;
    package.scope = scope;
}

}  // namespace

// docs.gradle.org, "The version catalog TOML file format".
Status read_gradle_catalog(Reading& reading) {
    const Value* root = MERLON_TRY(reading.toml());
    const Value* versions = object_in(root, "versions");
    each_entry(object_in(root, "libraries"), [&](std::string_view, const Value& entry) {
        const std::size_t offset = reading.offset_of(&entry);
        std::string name(string_in(&entry, "module"));
        CatalogVersion version = version_of(entry.find("version"), versions);
        if (entry.is_string()) {  // "group:artifact:version"
            const auto [module, stated] = split_last(string_of(&entry), ':');
            name = module;
            version = {stated, {}};
        } else if (name.empty()) {
            name = std::string(string_in(&entry, "group")) + ":" +
                   std::string(string_in(&entry, "name"));
        }
        if (name.find(':') == std::string::npos || name == ":")
            return reading.unknown(offset, "a library without group and name");
        // Without a version a platform gives it.
        add_catalog_entry(reading, name, version, offset, Scope::kUnknown);
    });
    each_entry(object_in(root, "plugins"), [&](std::string_view, const Value& entry) {
        std::string_view id = string_in(&entry, "id");
        CatalogVersion version = version_of(entry.find("version"), versions);
        if (entry.is_string()) {
            const auto [name, stated] = split_last(string_of(&entry), ':');
            id = name;
            version = {stated, {}};
        }
        if (id.empty()) return;
        // Where Gradle looks a plugin up: its marker ("Plugin Marker Artifacts").
        add_catalog_entry(reading, std::string(id) + ":" + std::string(id) + ".gradle.plugin",
                          version, reading.offset_of(&entry), Scope::kBuild);
    });
    return {};
}

Status read_sbt_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json());
    if (array_in(root, "dependencies") == nullptr)
        return Error{"build.sbt.lock: expected a list \"dependencies\""};
    each_item(array_in(root, "dependencies"), [&](const Value& entry) {
        Package& package = reading.add(
            std::string(string_in(&entry, "org")) + ":" + std::string(string_in(&entry, "name")),
            string_in(&entry, "version"), reading.offset_of(&entry));
        bool is_run = false, any = false;
        each_item(array_in(&entry, "configurations"), [&](const Value& one) {
            any = true;
            is_run |= string_of(&one) == "compile" || string_of(&one) == "runtime";
        });
        if (any) package.scope = is_run ? Scope::kRuntime : Scope::kTest;
        each_item(array_in(&entry, "artifacts"), [&](const Value& artifact) {
            add_checksum(package, string_in(&artifact, "hash"));
        });
    });
    return {};
}

}  // namespace merlon::inventory
