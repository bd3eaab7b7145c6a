#include <algorithm>
#include <optional>
#include <unordered_map>

#include "base/ascii.h"
#include "exchange/bom_read.h"
#include "inventory/readers.h"
#include "packages/license.h"
#include "packages/package_url.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using packages::Scope;

Scope scope_of(exchange::BomScope scope) {
    switch (scope) {
        case exchange::BomScope::kRequired:
            return Scope::kRuntime;
        case exchange::BomScope::kOptional:
            return Scope::kOptional;
        case exchange::BomScope::kExcluded:
            return Scope::kDevelopment;
        case exchange::BomScope::kUnstated:
            break;
    }
    return Scope::kUnknown;
}

std::string lower_without_dashes(std::string_view text) {
    std::string word;
    for (const char c : text)
        if (c != '-') word += to_lower(c);
    return word;
}

// A whole commit, or at least `shortest` digits of one.
bool is_commit(std::string_view version, std::size_t shortest) {
    constexpr std::size_t kCommitDigits = 40;
    return version.size() >= shortest && version.size() <= kCommitDigits &&
           version.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string_view property(const exchange::BomComponent& component, std::string_view name) {
    for (const exchange::BomProperty& property : component.properties)
        if (property.name == name) return property.value;
    return {};
}

// A component that is a package; nothing where its package URL says no more than a name.
class BomPackages {
  public:
    BomPackages(Reading& reading, const exchange::Bom& bom) : reading_(reading), bom_(bom) {}

    void add_all() {
        add_root();
        for (const exchange::BomComponent& component : bom_.components) add(component);
        for (const exchange::BomDependency& dependency : bom_.dependencies) {
            const auto from = by_ref_.find(dependency.ref);
            for (const std::string& ref : dependency.depends_on) {
                const auto to = by_ref_.find(ref);
                if (to == by_ref_.end()) continue;
                if (from != by_ref_.end()) {
                    reading_.require(from->second, to->second);
                } else if (dependency.ref == bom_.root.ref) {
                    reading_.at(to->second).relation = Relation::kDirect;
                }
            }
        }
    }

  private:
    // What the document describes is a project, or the one package that it is about.
    void add_root() {
        if (bom_.root.purl.empty()) return;
        const std::uint32_t index = reading_.count();
        add(bom_.root);
        if (reading_.count() == index) return;
        const bool is_alone = bom_.components.empty();
        reading_.at(index).relation = is_alone ? Relation::kDirect : Relation::kRoot;
    }

    // Named by its package URL, or by its CPE name as a program that no registry has.
    std::optional<Package> stated_in(const exchange::BomComponent& component, std::size_t offset) {
        if (component.purl.empty() && !component.cpe.empty() && !component.name.empty()) {
            Package package;
            package.ecosystem = packages::Ecosystem::kGeneric;
            package.name = component.name;
            package.version = component.version;
            return package;
        }
        const bool is_package = component.type == exchange::BomType::kLibrary ||
                                component.type == exchange::BomType::kFramework ||
                                component.type == exchange::BomType::kApplication;
        if (component.purl.empty()) {
            if (is_package && !component.version.empty()) {
                reading_.unknown(offset,
                                 "'" + component.name + "' has no package URL and no CPE name");
            }
            return std::nullopt;
        }
        const auto url = packages::parse_package_url(component.purl);
        if (url.ok()) return packages::package_of(url.value());
        reading_.unknown(offset, "'" + component.name + "': " + url.error().message);
        return std::nullopt;
    }

    void add(const exchange::BomComponent& component) {
        const std::string& name = component.purl.empty() ? component.cpe : component.purl;
        const std::size_t found = name.empty() ? std::string_view::npos : reading_.bytes.find(name);
        const std::size_t offset = found == std::string_view::npos ? 0 : found;
        std::optional<Package> read = stated_in(component, offset);
        if (!read.has_value()) return;
        Package& stated = *read;
        const std::uint32_t index = reading_.count();
        Package& package = reading_.add(stated.name, stated.version, offset);
        stated.location = package.location;
        package = std::move(stated);
        // A repository at a commit has that in its package URL, and no version of its own.
        // Beside the repository, or what was asked for and not resolved, it may be cut short.
        package.requested = property(component, "merlon:requested");
        const bool is_known_commit =
            !package.requested.empty() ||
            std::ranges::any_of(component.references, [](const exchange::BomReference& reference) {
                return reference.type == "vcs";
            });
        if (component.version.empty() && is_commit(package.version, is_known_commit ? 7 : 40)) {
            package.commit = std::move(package.version);
            package.version.clear();
        }
        package.local = property(component, "merlon:project") == "true";
        package.scope = scope_of(component.scope);
        package.cpe = component.cpe;
        for (const exchange::BomHash& hash : component.hashes)
            package.checksums.push_back({lower_without_dashes(hash.algorithm), hash.value});
        for (const exchange::BomLicense& license : component.licenses)
            package.licenses.push_back(license.text);
        for (const exchange::BomLicense& license : component.found_licenses)
            package.found_licenses.push_back(license.text);
        for (const exchange::BomReference& reference : component.references)
            if (reference.type == (package.commit.empty() ? "distribution" : "vcs"))
                package.download_url = reference.url;
        by_ref_.emplace(component.ref, index);
    }

    Reading& reading_;
    const exchange::Bom& bom_;
    std::unordered_map<std::string_view, std::uint32_t> by_ref_;
};

}  // namespace

Status read_bill_of_materials(Reading& reading) {
    const exchange::ReadBom read =
        MERLON_TRY(exchange::read_bom(reading.bytes, packages::is_listed_license));
    BomPackages(reading, read.bom).add_all();
    return {};
}

}  // namespace merlon::inventory
