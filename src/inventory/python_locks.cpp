// Lock files in TOML that list packages as tables: poetry.lock, uv.lock, pdm.lock, and pylock.toml
// (PyPA, "pylock.toml specification", once PEP 751).

#include "inventory/python_names.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using packages::Scope;
using value::Value;

// Adds the package of one table, at its name.
Package* add_table(Reading& reading, PythonEdges& edges, const Value& table) {
    const std::string_view name = string_in(&table, "name");
    if (name.empty()) {
        reading.unknown(reading.offset_of(&table), "a package without a name");
        return nullptr;
    }
    Package& package =
        reading.add(name, string_in(&table, "version"), reading.offset_of(table.find("name")));
    edges.name_last(name);
    return &package;
}

// "files" of Poetry and PDM: [{file, hash}].
void add_file_hashes(Package& package, const Value* files) {
    each_item(files, [&](const Value& file) { add_checksum(package, string_in(&file, "hash")); });
}

bool names_one_of(const Value* groups, std::initializer_list<std::string_view> names) {
    bool found = false;
    each_item(groups, [&](const Value& group) {
        for (const std::string_view name : names) found |= string_of(&group) == name;
    });
    return found;
}

Scope poetry_scope(const Value& table) {
    if (const Value* groups = array_in(&table, "groups"))  // Poetry 2
        return !names_one_of(groups, {"main"})  ? Scope::kDevelopment
               : is_true_in(&table, "optional") ? Scope::kOptional
                                                : Scope::kRuntime;
    const std::string_view category = string_in(&table, "category");  // until Poetry 1.5
    if (category == "dev") return Scope::kDevelopment;
    if (is_true_in(&table, "optional")) return Scope::kOptional;
    return category == "main" ? Scope::kRuntime : Scope::kUnknown;
}

void set_poetry_source(Package& package, const Value* source) {
    const std::string_view type = string_in(source, "type");
    if (type == "git" || type == "url") {
        package.download_url = string_in(source, "url");
        package.commit = string_in(source, "resolved_reference");
    } else if (type == "directory" || type == "file") {
        set_python_origin(package, string_in(source, "url"));
    }
}

}  // namespace

Status read_poetry_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.toml());
    const Value* tables = array_in(root, "package");
    if (tables == nullptr && object_in(root, "metadata") == nullptr)
        return Error{"poetry.lock: expected tables [[package]]"};
    const Value* old_files = object_in(object_in(root, "metadata"), "files");
    PythonEdges edges(reading);
    each_item(tables, [&](const Value& table) {
        Package* package = add_table(reading, edges, table);
        if (package == nullptr) return;
        package->scope = poetry_scope(table);
        add_file_hashes(*package, array_in(&table, "files"));
        add_file_hashes(*package, array_in(old_files, package->name));
        set_poetry_source(*package, object_in(&table, "source"));
        const std::uint32_t from = reading.count() - 1;
        each_entry(object_in(&table, "dependencies"),
                   [&](std::string_view name, const Value&) { edges.want(from, name); });
    });
    edges.link();
    return {};
}

namespace {

// uv: { registry | git | url | path | directory | editable | virtual = "…" }.
void set_uv_source(Package& package, const Value* source, std::vector<std::string>& members) {
    for (const std::string_view key : {"editable", "virtual"}) {
        if (string_in(source, key).empty()) continue;
        members.emplace_back(string_in(source, key));
        package.local = true;
        package.relation = Relation::kRoot;
    }
    set_python_origin(package, string_in(source, "path"));  // of an archive
    package.local |= !string_in(source, "directory").empty();
    if (const std::string_view git = string_in(source, "git"); !git.empty()) {
        const auto [address, commit] = split_first(git, '#');
        package.download_url = address.substr(0, address.find('?'));
        package.commit = commit;
    }
    if (const std::string_view url = string_in(source, "url"); !url.empty())
        package.download_url = url;
}

// A source's or wheel's address and digest: "hash" (uv), or "hashes" (pylock).
void add_artefact(Package& package, const Value* artefact) {
    if (artefact == nullptr) return;
    if (package.download_url.empty()) package.download_url = string_in(artefact, "url");
    add_checksum(package, string_in(artefact, "hash"));
    each_entry(object_in(artefact, "hashes"), [&](std::string_view algorithm, const Value& digest) {
        package.checksums.push_back({std::string(algorithm), std::string(string_of(&digest))});
    });
}

void add_artefacts(Package& package, const Value& table) {
    add_artefact(package, object_in(&table, "archive"));
    add_artefact(package, object_in(&table, "sdist"));
    each_item(array_in(&table, "wheels"),
              [&](const Value& wheel) { add_artefact(package, &wheel); });
}

// What a root of uv's asks for in a group has that group's scope, unless another asks for it too.
struct GroupWish {
    std::string name;
    Scope scope;
};

}  // namespace

Status read_uv_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.toml());
    if (array_in(root, "package") == nullptr && root->find("version") == nullptr)
        return Error{"uv.lock: expected tables [[package]]"};
    PythonEdges edges(reading);
    std::vector<GroupWish> wishes;
    reading.facts.has_overrides = array_in(object_in(root, "manifest"), "overrides") != nullptr;
    each_item(array_in(root, "package"), [&](const Value& table) {
        Package* package = add_table(reading, edges, table);
        if (package == nullptr) return;
        set_uv_source(*package, object_in(&table, "source"), reading.facts.members);
        add_artefacts(*package, table);
        const bool is_root = package->relation == Relation::kRoot;
        const std::uint32_t from = reading.count() - 1;
        const auto want_all = [&](const Value* list, Scope scope) {
            each_item(list, [&](const Value& item) {
                const std::string_view name = string_in(&item, "name");
                edges.want(from, name, string_in(&item, "version"));
                if (is_root) wishes.push_back({normal_python_name(name), scope});
            });
        };
        want_all(array_in(&table, "dependencies"), Scope::kRuntime);
        each_entry(object_in(&table, "optional-dependencies"),
                   [&](std::string_view, const Value& list) { want_all(&list, Scope::kOptional); });
        each_entry(object_in(&table, "dev-dependencies"), [&](std::string_view, const Value& list) {
            want_all(&list, Scope::kDevelopment);
        });
    });
    edges.link();
    std::map<std::string, Scope> scopes;
    for (const GroupWish& wish : wishes) {
        const auto [place, is_new] = scopes.emplace(wish.name, wish.scope);
        if (!is_new && wish.scope < place->second && place->second != Scope::kRuntime)
            place->second = wish.scope == Scope::kRuntime ? Scope::kRuntime : Scope::kOptional;
        if (wish.scope == Scope::kRuntime) place->second = Scope::kRuntime;
    }
    for (Package& package : reading.facts.source.packages)
        if (const auto found = scopes.find(normal_python_name(package.name));
            found != scopes.end() && package.relation != Relation::kRoot)
            package.scope = found->second;
    return {};
}

Status read_pdm_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.toml());
    if (array_in(root, "package") == nullptr && object_in(root, "metadata") == nullptr)
        return Error{"pdm.lock: expected tables [[package]]"};
    PythonEdges edges(reading);
    each_item(array_in(root, "package"), [&](const Value& table) {
        Package* package = add_table(reading, edges, table);
        if (package == nullptr) return;
        if (const Value* groups = array_in(&table, "groups"))
            package->scope =
                names_one_of(groups, {"default"}) ? Scope::kRuntime : Scope::kDevelopment;
        add_file_hashes(*package, array_in(&table, "files"));
        package->download_url = string_in(&table, "git");
        package->commit = string_in(&table, "revision");
        set_python_origin(*package, string_in(&table, "path"));
        const std::uint32_t from = reading.count() - 1;
        each_item(array_in(&table, "dependencies"), [&](const Value& item) {
            edges.want(from, parse_requirement(string_of(&item)).name);
        });
    });
    edges.link();
    return {};
}

Status read_pylock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.toml());
    if (root->find("lock-version") == nullptr)
        return Error{"pylock.toml: expected \"lock-version\""};
    PythonEdges edges(reading);
    each_item(array_in(root, "packages"), [&](const Value& table) {
        Package* package = add_table(reading, edges, table);
        if (package == nullptr) return;
        if (const Value* repository = object_in(&table, "vcs")) {
            package->download_url = string_in(repository, "url");
            package->commit = string_in(repository, "commit-id");
        }
        package->local = object_in(&table, "directory") != nullptr;
        add_artefacts(*package, table);
        const std::uint32_t from = reading.count() - 1;
        each_item(array_in(&table, "dependencies"), [&](const Value& item) {
            edges.want(from, string_in(&item, "name"), string_in(&item, "version"));
        });
    });
    edges.link();
    return {};
}

}  // namespace merlon::inventory
