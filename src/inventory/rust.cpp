// Cargo.lock and Cargo.toml (doc.rust-lang.org/cargo/reference).

#include <map>

#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using packages::Scope;
using value::Value;

// "registry+https://…", "sparse+https://…", "git+https://…?branch=x#<commit>"
void set_cargo_source(Package& package, std::string_view source) {
    const auto [kind, address] = split_first(source, '+');
    if (kind == "git") {
        package.download_url = address.substr(0, address.find_first_of("?#"));
        package.commit = split_last(address, '#').second;
    } else {
        package.download_url = address;
    }
}

struct CargoPlaces {
    std::multimap<std::string, std::uint32_t, std::less<>> by_name;
    // "name", "name version" or "name version (source)": as short as it is unique.
    const std::uint32_t* find(const Reading& reading, std::string_view text) const {
        const auto words = split(text, ' ');
        if (words.empty()) return nullptr;
        const auto [first, last] = by_name.equal_range(words[0]);
        for (auto found = first; found != last; ++found) {
            const Package& package = reading.facts.source.packages[found->second];
            if (words.size() < 2 || package.version == words[1]) return &found->second;
        }
        return nullptr;
    }
};

void add_cargo_list(Reading& reading, const Value* list, Scope scope) {
    each_entry(list, [&](std::string_view name, const Value& entry) {
        const std::string_view renamed = string_in(&entry, "package");
        Package& package =
            reading.add(renamed.empty() ? name : renamed, "", reading.offset_of(&entry));
        package.relation = Relation::kDirect;
        package.scope = is_true_in(&entry, "optional") ? Scope::kOptional : scope;
        package.requested = entry.is_object() ? string_in(&entry, "version") : string_of(&entry);
        package.local = !string_in(&entry, "path").empty();
        package.download_url = string_in(&entry, "git");
        package.commit = string_in(&entry, "rev");
    });
}

void add_cargo_lists(Reading& reading, const Value* holder) {
    add_cargo_list(reading, object_in(holder, "dependencies"), Scope::kRuntime);
    add_cargo_list(reading, object_in(holder, "dev-dependencies"), Scope::kDevelopment);
    add_cargo_list(reading, object_in(holder, "build-dependencies"), Scope::kBuild);
}

}  // namespace

Status read_cargo_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.toml());
    if (array_in(root, "package") == nullptr && root->find("version") == nullptr &&
        object_in(root, "root") == nullptr)
        return Error{"Cargo.lock: expected tables [[package]]"};
    CargoPlaces places;
    std::vector<std::pair<std::uint32_t, const Value*>> lists;
    const auto add = [&](const Value& table) {
        const std::string_view name = string_in(&table, "name");
        if (name.empty())
            return reading.unknown(reading.offset_of(&table), "a package without a name");
        Package& package =
            reading.add(name, string_in(&table, "version"), reading.offset_of(table.find("name")));
        const std::string_view source = string_in(&table, "source");
        if (source.empty()) {
            package.relation = Relation::kRoot;
            package.local = true;
        } else {
            set_cargo_source(package, source);
        }
        if (const std::string_view digest = string_in(&table, "checksum"); !digest.empty())
            package.checksums.push_back({"sha256", std::string(digest)});
        places.by_name.emplace(name, reading.count() - 1);
        lists.emplace_back(reading.count() - 1, array_in(&table, "dependencies"));
    };
    if (const Value* single = object_in(root, "root")) add(*single);
    each_item(array_in(root, "package"), add);
    for (const auto& [from, list] : lists)
        each_item(list, [&](const Value& item) {
            if (const auto* to = places.find(reading, string_of(&item))) reading.require(from, *to);
        });
    // Version 1 has the digests apart: "checksum name version (source)" = "…".
    each_entry(object_in(root, "metadata"), [&](std::string_view key, const Value& digest) {
        constexpr std::string_view kPrefix = "checksum ";
        if (!key.starts_with(kPrefix) || string_of(&digest).size() != 64) return;
        if (const auto* found = places.find(reading, key.substr(kPrefix.size())))
            reading.at(*found).checksums.push_back({"sha256", std::string(string_of(&digest))});
    });
    return {};
}

Status read_cargo_toml(Reading& reading) {
    const Value* root = MERLON_TRY(reading.toml());
    const Value* own = object_in(root, "package");
    if (const std::string_view name = string_in(own, "name"); !name.empty()) {
        Package& package =
            reading.add(name, string_in(own, "version"), reading.offset_of(own->find("name")));
        package.relation = Relation::kRoot;
        package.local = true;
        if (const std::string_view license = string_in(own, "license"); !license.empty())
            package.licenses.emplace_back(license);
    }
    add_cargo_lists(reading, root);
    each_entry(object_in(root, "target"),
               [&](std::string_view, const Value& target) { add_cargo_lists(reading, &target); });
    reading.facts.has_overrides =
        object_in(root, "patch") != nullptr || object_in(root, "replace") != nullptr;
    const Value* workspace = object_in(root, "workspace");
    add_cargo_list(reading, object_in(workspace, "dependencies"), Scope::kUnknown);
    each_item(array_in(workspace, "members"),
              [&](const Value& member) { reading.facts.members.emplace_back(string_of(&member)); });
    return {};
}

}  // namespace merlon::inventory
