// Swift packages, CocoaPods and Carthage.

#include <map>

#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using value::Value;

// "https://github.com/a/b.git" and "git@github.com:a/b" are "github.com/a/b".
std::string repository_name(std::string_view address) {
    if (const std::size_t scheme = address.find("://"); scheme != std::string_view::npos)
        address.remove_prefix(scheme + 3);
    std::string name(address);
    if (const std::size_t user = name.find('@'); user != std::string::npos && user < name.find('/'))
        name.erase(0, user + 1);
    const std::size_t colon = name.find(':');
    if (colon != std::string::npos && colon < name.find('/')) name[colon] = '/';
    if (name.ends_with(".git")) name.resize(name.size() - 4);
    while (name.ends_with('/')) name.pop_back();
    return name;
}

}  // namespace

// Swift Package Manager: version 1 has its pins in "object", 2 and 3 at the top.
Status read_swift_resolved(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json());
    const Value* pins = array_in(root, "pins");
    if (pins == nullptr) pins = array_in(object_in(root, "object"), "pins");
    if (pins == nullptr) return Error{"Package.resolved: expected a list \"pins\""};
    each_item(pins, [&](const Value& pin) {
        std::string_view address = string_in(&pin, "location");
        if (address.empty()) address = string_in(&pin, "repositoryURL");
        const Value* state = object_in(&pin, "state");
        const bool is_registry = string_in(&pin, "kind") == "registry";
        if (address.empty() && !is_registry)
            return reading.unknown(reading.offset_of(&pin), "a pin without a repository");
        Package& package = reading.add(
            is_registry ? std::string(string_in(&pin, "identity")) : repository_name(address),
            string_in(state, "version"), reading.offset_of(&pin));
        package.download_url = address;
        package.commit = string_in(state, "revision");
        package.requested = string_in(state, "branch");
    });
    return {};
}

namespace {

// "Name/Part (1.0)" or "Name (~> 1.0)": what stands in the parentheses.
std::pair<std::string_view, std::string_view> split_pod(std::string_view text) {
    const std::size_t open = text.find(" (");
    if (open == std::string_view::npos || !text.ends_with(')')) return {text, {}};
    return {text.substr(0, open), text.substr(open + 2, text.size() - open - 3)};
}

}  // namespace

Status read_podfile_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.yaml());
    if (array_in(root, "PODS") == nullptr) return Error{"Podfile.lock: expected a list PODS"};
    std::map<std::string_view, std::uint32_t> names;
    std::vector<std::pair<std::uint32_t, std::string_view>> wanted;
    const Value* checksums = object_in(root, "SPEC CHECKSUMS");
    const Value* places = object_in(root, "EXTERNAL SOURCES");
    const Value* checkouts = object_in(root, "CHECKOUT OPTIONS");
    const auto add = [&](std::string_view text, std::size_t offset) {
        const auto [name, version] = split_pod(text);
        const std::string_view whole = name.substr(0, name.find('/'));
        Package& package = reading.add(name, version, offset);
        // The digest is of the pod's specification, and of no file that is fetched.
        if (const std::string_view digest = string_in(checksums, whole); !digest.empty())
            package.checksums.push_back({"podspec-sha1", std::string(digest)});
        const Value* place = object_in(places, whole);
        package.local = !string_in(place, ":path").empty();
        package.download_url = string_in(place, ":git");
        package.commit = string_in(object_in(checkouts, whole), ":commit");
        names.emplace(name, reading.count() - 1);
    };
    each_item(array_in(root, "PODS"), [&](const Value& item) {
        if (item.is_string()) return add(string_of(&item), reading.offset_of(&item));
        each_entry(&item, [&](std::string_view text, const Value& list) {
            add(text, reading.offset_of(&list));
            const std::uint32_t from = reading.count() - 1;
            each_item(&list, [&](const Value& need) {
                wanted.emplace_back(from, split_pod(string_of(&need)).first);
            });
        });
    });
    for (const auto& [from, name] : wanted)
        if (const auto found = names.find(name); found != names.end())
            reading.require(from, found->second);
    each_item(array_in(root, "DEPENDENCIES"), [&](const Value& item) {
        const auto [name, requested] = split_pod(string_of(&item));
        const auto found = names.find(name);
        if (found == names.end()) return;
        reading.at(found->second).relation = Relation::kDirect;
        if (!requested.starts_with("from ")) reading.at(found->second).requested = requested;
    });
    return {};
}

// Carthage, "Artifacts", Cartfile.resolved: origin "name" "version".
Status read_cartfile_resolved(Reading& reading) {
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view line = trim(reading.lines().line_text(number));
        if (line.empty() || line.starts_with('#')) continue;
        const std::size_t offset = reading.lines().line_begin(number);
        std::vector<std::string_view> quoted;
        for (std::size_t open = line.find('"'); open != std::string_view::npos;
             open = line.find('"', open + 1)) {
            const std::size_t close = line.find('"', open + 1);
            if (close == std::string_view::npos) break;
            quoted.push_back(line.substr(open + 1, close - open - 1));
            open = close;
        }
        if (quoted.size() < 2) {
            reading.unknown(offset, "Cartfile.resolved: expected origin, name and version");
            continue;
        }
        const bool is_github = line.starts_with("github ");
        const bool is_bare = is_github && quoted[0].find("://") == std::string_view::npos;
        Package& package = reading.add(
            is_bare ? "github.com/" + std::string(quoted[0]) : repository_name(quoted[0]),
            quoted[1], offset);
        package.download_url =
            is_bare ? "https://github.com/" + std::string(quoted[0]) : std::string(quoted[0]);
        const bool is_hex = quoted[1].size() == 40 &&
                            quoted[1].find_first_not_of("0123456789abcdef") == quoted[1].npos;
        if (is_hex) package.commit = quoted[1];
    }
    return {};
}

}  // namespace merlon::inventory
