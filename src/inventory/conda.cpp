// Conda: environment.yml, conda-meta/*.json, conda-lock.yml, explicit lists of addresses,
// pixi.lock.

#include "inventory/python_names.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Ecosystem;
using packages::Package;
using packages::Relation;
using packages::Scope;
using value::Value;

// "https://host/channel/linux-64/name-version-build.conda"
struct CondaFile {
    std::string_view name;
    std::string_view version;
    std::string_view subdirectory;
};

CondaFile parse_conda_address(std::string_view address) {
    address = address.substr(0, address.find('#'));
    const auto [folder, file_name] = split_last(address, '/');
    std::string_view file = file_name;
    for (const std::string_view end : {".conda", ".tar.bz2"})
        if (file.ends_with(end)) file.remove_suffix(end.size());
    if (file.size() == file_name.size()) return {};
    const auto [rest, build] = split_last(file, '-');
    const auto [name, version] = split_last(rest, '-');
    if (build.empty() || version.empty()) return {};
    return {name, version, folder.substr(folder.rfind('/') + 1)};
}

// "channel::name=1.2=build", "name>=1.2", "name ==1.2" (conda, "Package match specifications").
void add_match_specification(Reading& reading, std::string_view text, std::size_t offset) {
    if (const std::size_t channel = text.find("::"); channel != std::string_view::npos)
        text = text.substr(channel + 2);
    text = trim(text.substr(0, text.find('[')));
    const std::size_t end = text.find_first_of(" =<>!~");
    const std::string_view name = text.substr(0, end);
    std::string_view rest =
        end == std::string_view::npos ? std::string_view() : trim(text.substr(end));
    Package& package = reading.add(name, "", offset);
    package.relation = Relation::kDirect;
    package.requested = rest;
    // "==1.2" is that version; "=1.2" is any 1.2.*, unless a build is named behind it.
    if (rest.starts_with("==")) {
        package.version = rest.substr(2, rest.find('=', 2) - 2);
    } else if (rest.starts_with('=')) {
        const auto [version, build] = split_first(rest.substr(1), '=');
        if (!build.empty()) package.version = version;
    }
    if (package.version.find_first_of("*,|<> ") != std::string::npos) package.version.clear();
}

void add_digests(Package& package, const Value* entry) {
    for (const std::string_view algorithm : {"sha256", "md5"})
        if (const std::string_view digest = string_in(entry, algorithm); !digest.empty())
            package.checksums.push_back({std::string(algorithm), std::string(digest)});
}

}  // namespace

Status read_conda_environment(Reading& reading) {
    const Value* root = MERLON_TRY(reading.yaml());
    if (!root->is_object()) return Error{"environment.yml: expected a mapping"};
    each_item(array_in(root, "dependencies"), [&](const Value& item) {
        if (item.is_string())
            return add_match_specification(reading, string_of(&item), reading.offset_of(&item));
        each_item(array_in(&item, "pip"), [&](const Value& text) {
            const std::string_view line = string_of(&text);
            if (line.starts_with("-r ")) {
                reading.facts.includes.push_back(
                    {std::string(trim(line.substr(3))), kRequirementsReader});
                return;
            }
            const Requirement requirement = parse_requirement(line);
            if (requirement.name.empty()) {
                reading.unknown(reading.offset_of(&text),
                                "not a requirement: " + std::string(line));
                return;
            }
            add_requirement(reading, requirement, reading.offset_of(&text)).ecosystem =
                Ecosystem::kPypi;
        });
    });
    return {};
}

Status read_conda_meta(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json());
    const std::string_view name = string_in(root, "name");
    if (name.empty()) return {};  // "history" and the like
    Package& package =
        reading.add(name, string_in(root, "version"), reading.offset_of(root->find("name")));
    if (const std::string_view license = string_in(root, "license"); !license.empty())
        package.licenses.emplace_back(license);
    package.download_url = string_in(root, "url");
    package.architecture = string_in(root, "subdir");
    package.requested = string_in(root, "requested_spec");
    if (!package.requested.empty() && package.requested != "None")
        package.relation = Relation::kDirect;
    add_digests(package, root);
    return {};
}

Status read_conda_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.yaml());
    if (array_in(root, "package") == nullptr)
        return Error{"conda-lock.yml: expected a list \"package\""};
    // The same names stand there for each platform and each manager; edges stay inside of one.
    std::map<std::string, std::uint32_t> places;
    const auto place_of = [](const Value& entry, std::string_view name) {
        return text_of(entry.find("platform")) + " " + std::string(name);
    };
    std::vector<std::pair<std::uint32_t, std::string>> wanted;
    each_item(array_in(root, "package"), [&](const Value& entry) {
        const std::string_view name = string_in(&entry, "name");
        if (name.empty())
            return reading.unknown(reading.offset_of(&entry), "a package without a name");
        Package& package = reading.add(name, text_of(entry.find("version")),
                                       reading.offset_of(entry.find("name")));
        if (string_in(&entry, "manager") == "pip") package.ecosystem = Ecosystem::kPypi;
        package.architecture = string_in(&entry, "platform");
        package.download_url = string_in(&entry, "url");
        const std::string_view category = string_in(&entry, "category");
        package.scope = is_true_in(&entry, "optional") ? Scope::kOptional : Scope::kRuntime;
        if (category == "dev") package.scope = Scope::kDevelopment;
        add_digests(package, object_in(&entry, "hash"));
        const std::uint32_t from = reading.count() - 1;
        places.emplace(place_of(entry, name), from);
        each_entry(object_in(&entry, "dependencies"), [&](std::string_view need, const Value&) {
            wanted.emplace_back(from, place_of(entry, need));
        });
    });
    for (const auto& [from, place] : wanted)
        if (const auto found = places.find(place); found != places.end())
            reading.require(from, found->second);
    return {};
}

Status read_conda_explicit(Reading& reading) {
    bool is_explicit = false;
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view line = trim(reading.lines().line_text(number));
        if (line == "@EXPLICIT") is_explicit = true;
        if (line.empty() || line[0] == '#' || line[0] == '@') continue;
        if (!is_explicit) return Error{"conda: expected \"@EXPLICIT\" before the addresses"};
        const std::size_t offset = reading.lines().line_begin(number);
        const CondaFile file = parse_conda_address(line);
        if (file.name.empty()) {
            reading.unknown(offset, "not the address of a package: " + std::string(line));
            continue;
        }
        Package& package = reading.add(file.name, file.version, offset);
        package.architecture = file.subdirectory;
        const auto [address, digest] = split_first(line, '#');
        package.download_url = address;
        if (digest.size() == 32) package.checksums.push_back({"md5", std::string(digest)});
    }
    return {};
}

Status read_pixi_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.yaml());
    if (array_in(root, "packages") == nullptr)
        return Error{"pixi.lock: expected a list \"packages\""};
    each_item(array_in(root, "packages"), [&](const Value& entry) {
        // Version 6 has the address under the kind; before it, "kind" and "url".
        const bool is_pypi = entry.find("pypi") != nullptr || string_in(&entry, "kind") == "pypi";
        std::string_view address = string_in(&entry, is_pypi ? "pypi" : "conda");
        if (address.empty()) address = string_in(&entry, "url");
        const CondaFile file = is_pypi ? CondaFile{} : parse_conda_address(address);
        std::string_view name = string_in(&entry, "name");
        std::string version = text_of(entry.find("version"));
        if (name.empty()) name = file.name;
        if (version.empty()) version = file.version;
        if (name.empty())
            return reading.unknown(reading.offset_of(&entry), "a package without a name");
        Package& package = reading.add(name, version, reading.offset_of(&entry));
        if (is_pypi) package.ecosystem = Ecosystem::kPypi;
        package.architecture =
            file.subdirectory.empty() ? string_in(&entry, "subdir") : file.subdirectory;
        if (address.find("://") != std::string_view::npos) {
            package.download_url = address;
        } else {
            package.local = true;
        }
        if (const std::string_view license = string_in(&entry, "license"); !license.empty())
            package.licenses.emplace_back(license);
        add_digests(package, &entry);
    });
    return {};
}

}  // namespace merlon::inventory
