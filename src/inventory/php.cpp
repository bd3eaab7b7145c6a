// PHP: composer.lock, composer.json and what Composer installed (vendor/composer/installed.json).

#include <fmt/core.h>

#include <map>

#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using packages::Scope;
using value::Value;

// PHP itself and its extensions are no packages.
bool is_platform(std::string_view name) { return name.find('/') == std::string_view::npos; }

class ComposerReader {
  public:
    explicit ComposerReader(Reading& reading) : reading_(reading) {}

    void read(const Value* list, Scope scope) {
        each_item(list, [&](const Value& entry) {
            const std::string_view name = string_in(&entry, "name");
            if (name.empty()) {
                reading_.unknown(reading_.offset_of(&entry), "a package without a name");
                return;
            }
            std::string_view version = string_in(&entry, "version");
            if (version.starts_with('v') && version.size() > 1 && version[1] >= '0' &&
                version[1] <= '9')
                version.remove_prefix(1);
            Package& package = reading_.add(name, version, reading_.offset_of(entry.find("name")));
            package.scope = scope;
            package.withdrawn = entry.find("abandoned") != nullptr && !is_false(entry);
            take_place(package, entry);
            const Value* license = entry.find("license");
            if (license != nullptr && license->is_string())
                package.licenses.emplace_back(string_of(license));
            each_item(license,
                      [&](const Value& one) { package.licenses.emplace_back(string_of(&one)); });
            const std::uint32_t index = reading_.count() - 1;
            names_.emplace(name, index);
            each_entry(object_in(&entry, "provide"), [&](std::string_view provided, const Value&) {
                names_.emplace(provided, index);
            });
            for (const std::string_view key : {"provide", "replace"})
                each_entry(object_in(&entry, key), [&](std::string_view other, const Value&) {
                    reading_.facts.provides.emplace_back(other);
                });
            wanted_.emplace_back(index, object_in(&entry, "require"));
        });
    }

    void link() {
        for (const auto& [from, list] : wanted_)
            each_entry(list, [&](std::string_view name, const Value&) {
                const auto found = names_.find(name);
                if (found != names_.end()) reading_.require(from, found->second);
            });
    }

  private:
    static bool is_false(const Value& entry) {
        const Value* abandoned = entry.find("abandoned");
        return abandoned->is_boolean() && !abandoned->as_boolean();
    }

    static void take_place(Package& package, const Value& entry) {
        const Value* dist = object_in(&entry, "dist");
        const Value* source = object_in(&entry, "source");
        package.download_url = string_in(dist, "url");
        if (const std::string_view sha1 = string_in(dist, "shasum"); !sha1.empty())
            package.checksums.push_back({"sha1", std::string(sha1)});
        if (package.download_url.empty()) package.download_url = string_in(source, "url");
        package.local = string_in(dist, "type") == "path";
        std::string_view made_of = string_in(dist, "reference");
        if (made_of.empty()) made_of = string_in(source, "reference");
        if (!made_of.empty())
            package.reference = fmt::format("{}#{}", string_in(source, "url"), made_of);
        if (package.version.starts_with("dev-") || package.version.ends_with("-dev"))
            package.commit = string_in(source, "reference");
    }

    Reading& reading_;
    std::map<std::string_view, std::uint32_t> names_;
    std::vector<std::pair<std::uint32_t, const Value*>> wanted_;
};

void add_composer_list(Reading& reading, const Value* list, Scope scope) {
    each_entry(list, [&](std::string_view name, const Value& range) {
        if (is_platform(name)) return;
        Package& package = reading.add(name, "", reading.offset_of(&range));
        package.requested = string_of(&range);
        package.relation = Relation::kDirect;
        package.scope = scope;
    });
}

}  // namespace

Status read_composer_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json());
    if (array_in(root, "packages") == nullptr)
        return Error{"composer.lock: expected a list \"packages\""};
    ComposerReader reader(reading);
    reader.read(array_in(root, "packages"), Scope::kRuntime);
    reader.read(array_in(root, "packages-dev"), Scope::kDevelopment);
    reader.link();
    return {};
}

Status read_composer_installed(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json());
    // Composer 2 has an object, Composer 1 the list alone.
    const Value* list = root->is_array() ? root : array_in(root, "packages");
    if (list == nullptr) return Error{"installed.json: expected a list \"packages\""};
    ComposerReader reader(reading);
    reader.read(list, Scope::kUnknown);
    reader.link();
    each_item(array_in(root, "dev-package-names"), [&](const Value& name) {
        for (Package& package : reading.facts.source.packages)
            if (package.name == string_of(&name)) package.scope = Scope::kDevelopment;
    });
    return {};
}

Status read_composer_json(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json());
    if (!root->is_object()) return Error{"composer.json: expected an object"};
    if (const std::string_view name = string_in(root, "name"); !name.empty()) {
        Package& package =
            reading.add(name, string_in(root, "version"), reading.offset_of(root->find("name")));
        package.relation = Relation::kRoot;
        package.local = true;
        if (const std::string_view license = string_in(root, "license"); !license.empty())
            package.licenses.emplace_back(license);
    }
    // A repository that is not canonical shares its names with those behind it (Composer 2,
    // "Repository priorities").
    const auto add_repository = [&](const Value& repository) {
        const std::string_view url = string_in(&repository, "url");
        if (!repository.is_object() || url.empty() || string_in(&repository, "type") != "composer")
            return;
        const Value* canonical = repository.find("canonical");
        const bool is_shared =
            canonical != nullptr && canonical->is_boolean() && !canonical->as_boolean();
        reading.add_registry(
            is_shared ? RegistrySetting::Role::kExtra : RegistrySetting::Role::kNamed,
            packages::Ecosystem::kComposer, "repositories", url,
            reading.offset_of(repository.find("url")));
    };
    if (const Value* repositories = root->find("repositories"); repositories != nullptr) {
        each_item(repositories->is_array() ? repositories : nullptr, add_repository);
        each_entry(repositories->is_object() ? repositories : nullptr,
                   [&](std::string_view, const Value& entry) { add_repository(entry); });
    }
    add_composer_list(reading, object_in(root, "require"), Scope::kRuntime);
    add_composer_list(reading, object_in(root, "require-dev"), Scope::kDevelopment);
    return {};
}

}  // namespace merlon::inventory
