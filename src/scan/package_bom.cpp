#include "scan/package_bom.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/ascii.h"
#include "exchange/bom_join.h"
#include "inventory/inventory.h"
#include "packages/license.h"
#include "packages/package_url.h"

namespace merlon::scan {
namespace {

using exchange::Bom;
using exchange::BomComponent;
using packages::Package;
using packages::PackageSource;
using packages::Relation;
using packages::Scope;

constexpr std::string_view kRootRef = "root";

// CycloneDX's word for a checksum's algorithm; empty for what is no hash of a file (Go's h1), and
// for one that a lock file cut short: the schemas refuse a document that holds it.
std::string_view hash_name(std::string_view algorithm, std::string_view digest) {
    struct Hash {
        std::string_view ours, theirs;
        std::size_t digits;
    };
    static constexpr std::array<Hash, 6> kHashes{{{"md5", "MD5", 32},
                                                  {"sha1", "SHA-1", 40},
                                                  {"sha256", "SHA-256", 64},
                                                  {"sha384", "SHA-384", 96},
                                                  {"sha512", "SHA-512", 128},
                                                  {"blake3", "BLAKE3", 64}}};
    const bool is_hex = digest.find_first_not_of("0123456789abcdef") == std::string::npos;
    for (const Hash& hash : kHashes)
        if (hash.ours == algorithm && hash.digits == digest.size() && is_hex) return hash.theirs;
    return {};
}

// Whether no registry has it: it is the project itself, or a folder. A program that is installed
// is one of others, whatever it calls itself.
bool is_project(const Package& package, const PackageSource& source) {
    const bool is_program = source.reader == "executable" && !package.version.empty();
    return package.local || (package.relation == Relation::kRoot && !is_program);
}

bool is_lower_bound(const Package& package) {
    return !package.version.empty() && package.requested == ">=" + package.version;
}

exchange::BomScope scope_of(Scope scope) {
    switch (scope) {
        case Scope::kUnknown:
            return exchange::BomScope::kUnstated;
        case Scope::kRuntime:
            return exchange::BomScope::kRequired;
        case Scope::kOptional:
        case Scope::kPeer:
            return exchange::BomScope::kOptional;
        default:
            return exchange::BomScope::kExcluded;  // not there when the program runs
    }
}

std::string_view scope_name(Scope scope) {
    constexpr std::array<std::string_view, 7> kNames{"",      "runtime",  "development", "test",
                                                     "build", "optional", "peer"};
    return kNames[static_cast<std::size_t>(scope)];
}

// The expression that is stated, in the list's spelling; nothing where it names what no list has.
std::optional<std::string> listed_expression(const std::string& stated) {
    const Result<packages::LicenseExpression> parsed = packages::parse_license(stated);
    if (!parsed.ok()) return std::nullopt;
    using enum packages::LicenseTerm::Kind;
    for (const packages::LicenseTerm& term : license_terms(parsed.value()))
        if (term.kind != kListed && term.kind != kReference) return std::nullopt;
    return to_string(parsed.value());
}

// One expression for all that are stated, if all are expressions; else each by itself.
void add_licenses(const Package& package, BomComponent& component) {
    using enum exchange::BomLicense::Kind;
    if (!component.licenses.empty()) return;
    std::string joined;
    for (const std::string& stated : package.licenses) {
        const std::optional<std::string> expression = listed_expression(stated);
        if (!expression) {
            component.licenses.clear();
            for (const std::string& license : package.licenses) {
                const bool is_id = packages::is_listed_license(license);
                component.licenses.push_back({is_id ? kId : kName, license});
            }
            return;
        }
        const bool is_simple = package.licenses.size() == 1 || !expression->contains(' ');
        joined += joined.empty() ? "" : " AND ";
        joined += is_simple ? *expression : "(" + *expression + ")";
    }
    if (joined.empty()) return;
    component.licenses = {{packages::is_listed_license(joined) ? kId : kExpression, joined}};
}

// Ecosystems whose names have two parts, as CycloneDX has them.
std::pair<std::string, std::string> group_and_name(const Package& package) {
    using enum packages::Ecosystem;
    const bool has_groups =
        package.ecosystem == kNpm || package.ecosystem == kMaven || package.ecosystem == kComposer;
    const std::size_t cut = has_groups ? package.name.rfind(package.ecosystem == kMaven ? ':' : '/')
                                       : std::string::npos;
    if (cut == std::string::npos) return {"", package.name};
    return {package.name.substr(0, cut), package.name.substr(cut + 1)};
}

class BomMaker {
  public:
    BomMaker(const BomSubject& subject, PackageRefs* refs)
        : subject_(subject), wanted_refs_(refs) {}

    Bom make(const std::vector<PackageSource>& sources) {
        choose_root(sources);
        for (const PackageSource& source : sources) add_source(source);
        bom_.name = bom_.root.name;
        bom_.tools = {{.vendor = "", .name = "merlon", .version = subject_.tool_version}};
        sort_components();
        for (const auto& [package, index] : entries_) wanted_refs_->emplace(package, refs_[index]);
        add_dependencies();
        add_compositions();
        bom_.serial = exchange::content_serial(bom_);
        bom_.timestamp = format_rfc3339(subject_.time);
        return std::move(bom_);
    }

  private:
    // The project that stands at the top, if there is just one, is what the document describes.
    void choose_root(const std::vector<PackageSource>& sources) {
        bom_.root.ref = kRootRef;
        bom_.root.type = exchange::BomType::kApplication;
        std::set<std::pair<std::string, std::string>> projects;
        for (const PackageSource& source : sources) {
            if (source.path.find('/') != std::string::npos) continue;
            for (const Package& package : source.packages)
                if (package.relation == Relation::kRoot && !package.name.empty())
                    projects.emplace(package.name, package.version);
        }
        bom_.root.name = subject_.fallback_name;
        if (projects.size() == 1) {
            bom_.root.name = projects.begin()->first;
            bom_.root.version = projects.begin()->second;
        }
        if (!subject_.name.empty()) bom_.root.name = subject_.name;
        if (!subject_.version.empty()) bom_.root.version = subject_.version;
    }

    void add_source(const PackageSource& source) {
        std::vector<std::size_t> indexes;
        indexes.reserve(source.packages.size());
        for (const Package& package : source.packages) {
            indexes.push_back(component_of(package, source));
            if (wanted_refs_ != nullptr) entries_.emplace_back(&package, indexes.back());
        }
        const inventory::Reader* reader = inventory::reader_named(source.reader);
        const bool is_resolved = reader == nullptr || reader->role != inventory::Role::kManifest;
        std::vector<bool> is_required(source.packages.size(), false);
        for (std::size_t i = 0; i < source.packages.size(); ++i) {
            const Package& package = source.packages[i];
            for (const std::uint32_t needed : package.requires_) {
                is_required[needed] = true;
                if (indexes[i] != indexes[needed]) edges_[indexes[i]].insert(indexes[needed]);
            }
            const bool edges_known = is_resolved && package.relation != Relation::kUnknown;
            if (edges_known) known_edges_.insert(indexes[i]);
        }
        for (std::size_t i = 0; i < source.packages.size(); ++i) {
            const Relation relation = source.packages[i].relation;
            const bool is_top = relation == Relation::kRoot || relation == Relation::kDirect ||
                                (relation == Relation::kUnknown && !is_required[i]);
            if (is_top) tops_.insert(indexes[i]);
        }
        complete_ = complete_ && source.unknowns.empty() && is_resolved;
    }

    std::size_t component_of(const Package& package, const PackageSource& source) {
        const std::string purl = packages::package_url_text(package);
        // Without a package URL, the name says what it is.
        std::string key = purl.empty() ? package.name + '\n' + package.version : purl;
        if (package.version.empty()) key += '\n' + package.requested;
        const auto [known, is_new] = by_key_.emplace(key, bom_.components.size());
        if (is_new) {
            bom_.components.push_back(component(package, purl));
            readers_.emplace_back();
            scopes_.emplace_back();
            alike_.emplace_back();
        }
        Alike& alike = alike_[known->second];
        alike.is_project = alike.is_project && is_project(package, source);
        alike.is_lower_bound = alike.is_lower_bound && is_lower_bound(package);
        BomComponent& merged = bom_.components[known->second];
        add_licenses(package, merged);
        for (const std::string& found : package.found_licenses) {
            const exchange::BomLicense::Kind kind = packages::is_listed_license(found)
                                                        ? exchange::BomLicense::Kind::kId
                                                        : exchange::BomLicense::Kind::kName;
            if (is_first(known->second, "license", found))
                merged.found_licenses.push_back({kind, found});
        }
        // Whatever needs it most decides; of what nothing is said, that it runs is to be assumed.
        const exchange::BomScope scope = scope_of(package.scope);
        merged.scope = is_new ? scope : std::min(merged.scope, scope);
        for (const packages::Checksum& checksum : package.checksums) {
            const std::string digest = lower_case(checksum.value);
            const std::string algorithm(hash_name(lower_case(checksum.algorithm), digest));
            if (!algorithm.empty() && is_first(known->second, algorithm, digest))
                merged.hashes.push_back({algorithm, digest});
        }
        const exchange::BomOccurrence seen{joined_path(package.location),
                                           package.location.region.start_line};
        if (is_first(known->second, std::to_string(seen.line), seen.path))
            merged.occurrences.push_back(seen);
        readers_[known->second].insert(source.reader);
        if (package.scope != Scope::kUnknown) scopes_[known->second].insert(package.scope);
        return known->second;
    }

    // Whether this was not said of the component before. (One may stand in thousands of files.)
    bool is_first(std::size_t component, std::string_view what, std::string_view text) {
        return known_
            .insert(
                std::to_string(component).append(1, '\n').append(what).append(1, '\n').append(text))
            .second;
    }

    static BomComponent component(const Package& package, const std::string& purl) {
        BomComponent made;
        made.type = package.relation == Relation::kRoot ? exchange::BomType::kApplication
                                                        : exchange::BomType::kLibrary;
        std::tie(made.group, made.name) = group_and_name(package);
        made.version = package.version;
        made.purl = purl;
        made.cpe = package.cpe;
        if (!package.download_url.empty()) {
            made.references.push_back({.type = package.commit.empty() ? "distribution" : "vcs",
                                       .url = package.download_url});
        }
        // Of an action's commit what says its version (sca/names.cpp).
        const bool is_open =
            package.version.empty() || package.ecosystem == packages::Ecosystem::kGithubActions;
        if (is_open && !package.requested.empty()) {
            made.properties.push_back({"merlon:requested", package.requested});
        }
        return made;
    }

    // Order and refs: by purl, so that they do not depend on which file was read first.
    void sort_components() {
        std::vector<std::size_t> order(bom_.components.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        const auto key = [&](std::size_t i) {
            const BomComponent& component = bom_.components[i];
            return std::tie(component.purl, component.group, component.name);
        };
        std::ranges::stable_sort(order, [&](auto a, auto b) { return key(a) < key(b); });
        std::vector<BomComponent> sorted;
        sorted.reserve(order.size());
        refs_.resize(order.size());
        std::map<std::string, int> used{{std::string(kRootRef), 1}};
        for (const std::size_t index : order) {
            BomComponent component = std::move(bom_.components[index]);
            component.ref = component.purl.empty() ? component.name : component.purl;
            const int count = ++used[component.ref];
            if (count > 1) component.ref += "#" + std::to_string(count);
            for (const std::string& reader : readers_[index])
                component.properties.push_back({"merlon:source", reader});
            for (const Scope scope : scopes_[index])
                component.properties.push_back({"merlon:scope", std::string(scope_name(scope))});
            // What reads this again has to judge it as the tree is judged.
            if (alike_[index].is_project)
                component.properties.push_back({"merlon:project", "true"});
            if (alike_[index].is_lower_bound)
                component.properties.push_back({"merlon:requested", ">=" + component.version});
            refs_[index] = component.ref;
            sorted.push_back(std::move(component));
        }
        bom_.components = std::move(sorted);
    }

    void add_dependencies() {
        const auto names = [&](const std::set<std::size_t>& indexes) {
            std::vector<std::string> refs;
            for (const std::size_t index : indexes) refs.push_back(refs_[index]);
            std::ranges::sort(refs);
            return refs;
        };
        for (const auto& [from, to] : edges_)
            bom_.dependencies.push_back({.ref = refs_[from], .depends_on = names(to)});
        std::ranges::sort(bom_.dependencies, {}, &exchange::BomDependency::ref);
        bom_.dependencies.insert(bom_.dependencies.begin(),
                                 {.ref = std::string(kRootRef), .depends_on = names(tops_)});
    }

    void add_compositions() {
        using enum exchange::BomAggregate;
        exchange::BomComposition known{
            .aggregate = kComplete, .assemblies = {}, .dependencies = {}};
        exchange::BomComposition open{.aggregate = kUnknown, .assemblies = {}, .dependencies = {}};
        for (std::size_t i = 0; i < refs_.size(); ++i)
            (known_edges_.contains(i) ? known : open).dependencies.push_back(refs_[i]);
        for (exchange::BomComposition* composition : {&known, &open}) {
            if (composition->dependencies.empty()) continue;
            std::ranges::sort(composition->dependencies);
            bom_.compositions.push_back(std::move(*composition));
        }
        const bool is_complete = complete_ && subject_.complete;
        bom_.compositions.push_back({.aggregate = is_complete ? kComplete : kIncomplete,
                                     .assemblies = {std::string(kRootRef)},
                                     .dependencies = {}});
    }

    const BomSubject& subject_;
    PackageRefs* wanted_refs_;                                     // may be null
    std::vector<std::pair<const Package*, std::size_t>> entries_;  // by position before the sorting
    Bom bom_;
    std::unordered_map<std::string, std::size_t> by_key_;
    std::unordered_set<std::string> known_;
    std::map<std::size_t, std::set<std::size_t>> edges_;  // by position before the sorting
    std::set<std::size_t> tops_;
    std::set<std::size_t> known_edges_;
    // What holds of all the places that a component was seen at.
    struct Alike {
        bool is_project = true;
        bool is_lower_bound = true;
    };
    std::vector<Alike> alike_;
    std::vector<std::set<std::string>> readers_;
    std::vector<std::set<Scope>> scopes_;
    std::vector<std::string> refs_;
    bool complete_ = true;
};

}  // namespace

Bom bom_of(const std::vector<PackageSource>& sources, const BomSubject& subject,
           PackageRefs* refs) {
    return BomMaker(subject, refs).make(sources);
}

}  // namespace merlon::scan
