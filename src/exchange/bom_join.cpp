#include "exchange/bom_join.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "crypto/digest.h"
#include "exchange/cyclonedx.h"

namespace merlon::exchange {
namespace {

std::string full_name(const BomComponent& component) {
    return component.group.empty() ? component.name : component.group + '/' + component.name;
}

std::string identity(const BomComponent& component) {
    if (!component.purl.empty()) return component.purl;
    return full_name(component) + '\n' + component.version;
}

template <typename T>
void join(std::vector<T>& into, const std::vector<T>& from) {
    for (const T& one : from)
        if (std::ranges::find(into, one) == into.end()) into.push_back(one);
}

// An expression is the only licence of its component (CycloneDX 1.7, "licenses"): what is beside
// it holds as well, so both are ANDed. A text that no list has cannot stand in an expression; then
// each is kept by its own name.
void join_licenses(std::vector<BomLicense>& into, const std::vector<BomLicense>& from) {
    using enum BomLicense::Kind;
    join(into, from);
    const auto is = [&](BomLicense::Kind kind) {
        return std::ranges::any_of(into, [&](const BomLicense& one) { return one.kind == kind; });
    };
    if (into.size() < 2 || !is(kExpression)) return;
    if (is(kName)) {
        for (BomLicense& license : into)
            if (license.kind == kExpression) license.kind = kName;
        return;
    }
    std::string all;
    for (const BomLicense& license : into) {
        const bool is_simple = license.text.find(' ') == std::string::npos;
        all += all.empty() ? "" : " AND ";
        all += is_simple ? license.text : '(' + license.text + ')';
    }
    into = {{kExpression, std::move(all)}};
}

void join(std::string& into, const std::string& from) {
    if (into.empty()) into = from;
}

class Merger {
  public:
    explicit Merger(Bom bom) : bom_(std::move(bom)) { used_.insert(bom_.root.ref); }

    Bom merge(std::span<const Bom> parts) {
        for (const Bom& part : parts) add(part);
        if (!bom_.root.ref.empty() && !tops_.empty())
            edges_[bom_.root.ref].insert(tops_.begin(), tops_.end());
        for (const auto& [from, to] : edges_)
            bom_.dependencies.push_back({.ref = from, .depends_on = {to.begin(), to.end()}});
        std::ranges::sort(bom_.components, {}, [](const BomComponent& component) {
            return std::tie(component.purl, component.group, component.name, component.version);
        });
        add_compositions();
        bom_.serial = content_serial(bom_);
        return std::move(bom_);
    }

  private:
    void add(const Bom& part) {
        std::map<std::string_view, std::string> refs;
        if (!part.root.ref.empty() || !part.root.name.empty()) {
            const std::string root = take(part.root);
            refs.emplace(part.root.ref, root);
            tops_.insert(root);
        }
        for (const BomComponent& component : part.components)
            refs.emplace(component.ref, take(component));
        // Without a root everything stands alone.
        if (tops_.empty() || part.root.name.empty()) {
            for (const auto& [old, ref] : refs) tops_.insert(ref);
        }
        for (const BomDependency& dependency : part.dependencies) {
            const auto from = refs.find(dependency.ref);
            if (from == refs.end()) continue;
            for (const std::string& needed : dependency.depends_on) {
                const auto to = refs.find(needed);
                if (to != refs.end() && to->second != from->second)
                    edges_[from->second].insert(to->second);
            }
        }
        for (const BomComposition& composition : part.compositions) note(composition, refs);
        if (part.compositions.empty()) worst_ = std::max(worst_, BomAggregate::kUnknown);
        for (const BomWeakness& weakness : part.weaknesses) take(weakness, refs);
        join(bom_.authors, part.authors);
        join(bom_.tools, part.tools);
    }

    // The ref of the component that is made of it.
    std::string take(const BomComponent& component) {
        const auto [known, is_new] =
            by_identity_.emplace(identity(component), bom_.components.size());
        if (is_new) {
            BomComponent made = component;
            made.ref = component.purl.empty() ? full_name(component) : component.purl;
            for (int count = 2; !used_.insert(made.ref).second; ++count)
                made.ref = identity(component) + '#' + std::to_string(count);
            bom_.components.push_back(std::move(made));
            return bom_.components.back().ref;
        }
        BomComponent& into = bom_.components[known->second];
        join(into.cpe, component.cpe);
        join(into.description, component.description);
        join(into.supplier, component.supplier);
        join(into.copyright, component.copyright);
        join_licenses(into.licenses, component.licenses);
        join(into.found_licenses, component.found_licenses);
        join(into.hashes, component.hashes);
        join(into.references, component.references);
        join(into.properties, component.properties);
        join(into.occurrences, component.occurrences);
        // Whatever needs it most decides, and where nothing is said it may be needed
        // (CycloneDX 1.7, "scope": required is to be assumed). The order of the names is that of
        // need.
        into.scope = std::min(into.scope, component.scope);
        return into.ref;
    }

    // Its components are those of the merged document; what it names elsewhere stays as it is.
    void take(BomWeakness weakness, const std::map<std::string_view, std::string>& refs) {
        for (BomAffected& affected : weakness.affects) {
            const auto known = refs.find(affected.ref);
            if (known != refs.end()) affected.ref = known->second;
        }
        const std::string stem = std::exchange(weakness.ref, {});
        if (!weaknesses_.insert(weakness).second) return;
        weakness.ref = stem;
        for (int count = 2; !stem.empty() && !used_.insert(weakness.ref).second; ++count)
            weakness.ref = stem + '#' + std::to_string(count);
        bom_.weaknesses.push_back(std::move(weakness));
    }

    // What is said of the dependencies of a component; unknown wins over complete.
    void note(const BomComposition& composition,
              const std::map<std::string_view, std::string>& refs) {
        if (!composition.assemblies.empty()) worst_ = std::max(worst_, composition.aggregate);
        for (const std::string& old : composition.dependencies) {
            const auto ref = refs.find(old);
            if (ref == refs.end()) continue;
            const auto [known, is_new] = known_edges_.emplace(ref->second, composition.aggregate);
            if (!is_new) known->second = std::max(known->second, composition.aggregate);
        }
    }

    void add_compositions() {
        for (const BomAggregate aggregate :
             {BomAggregate::kComplete, BomAggregate::kIncomplete, BomAggregate::kUnknown}) {
            BomComposition composition{
                .aggregate = aggregate, .assemblies = {}, .dependencies = {}};
            for (const auto& [ref, known] : known_edges_)
                if (known == aggregate) composition.dependencies.push_back(ref);
            if (!composition.dependencies.empty())
                bom_.compositions.push_back(std::move(composition));
        }
        if (bom_.root.ref.empty()) return;
        bom_.compositions.push_back(
            {.aggregate = worst_, .assemblies = {bom_.root.ref}, .dependencies = {}});
    }

    Bom bom_;
    std::set<std::string> used_;
    std::map<std::string, std::size_t> by_identity_;
    std::map<std::string, std::set<std::string>> edges_;
    std::set<std::string> tops_;
    std::set<BomWeakness> weaknesses_;  // without their references
    std::map<std::string, BomAggregate> known_edges_;
    BomAggregate worst_ = BomAggregate::kComplete;
};

// A package URL or name without the version: what a component is called whatever its version.
using ByVersion = std::map<std::string, const BomComponent*>;
std::map<std::string, ByVersion> by_name(const Bom& bom) {
    std::map<std::string, ByVersion> names;
    for (const BomComponent& component : bom.components) {
        const std::size_t cut = component.purl.find('@', component.purl.rfind('/') + 1);
        const std::string kind = component.purl.substr(0, component.purl.find('/'));
        const std::string key = component.purl.empty() ? full_name(component)
                                                       : component.purl.substr(0, cut) + ' ' + kind;
        names[key].emplace(component.version, &component);
    }
    return names;
}

std::string texts_of(const std::vector<BomLicense>& licenses) {
    std::set<std::string> texts;
    for (const BomLicense& license : licenses) texts.insert(license.text);
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
    return all.empty() ? "none" : all;
}

std::string versions_of(const ByVersion& versions, const ByVersion& others) {
    std::string all;
    for (const auto& [version, component] : versions) {
        if (others.contains(version)) continue;
        all += (all.empty() ? "" : ", ") + (version.empty() ? std::string("no version") : version);
    }
    return all;
}

// The algorithm whose two values differ; empty where none does.
std::string other_hash(const BomComponent& before, const BomComponent& after) {
    for (const BomHash& hash : after.hashes) {
        const auto is_same_kind = [&](const BomHash& old) {
            return old.algorithm == hash.algorithm;
        };
        if (std::ranges::any_of(before.hashes, is_same_kind) &&
            std::ranges::find(before.hashes, hash) == before.hashes.end())
            return hash.algorithm;
    }
    return {};
}

}  // namespace

std::string content_serial(const Bom& bom) {
    Bom content = bom;
    content.serial.clear();
    content.timestamp.clear();
    crypto::Hasher hasher(crypto::DigestAlgorithm::kSha256);
    TextSink sink([&](std::string_view text) {
        hasher.update(text);
        return Status{};
    });
    write_cyclonedx_json(content, CycloneDxVersion::k1_7, sink);
    static_cast<void>(sink.finish());  // hashing does not fail
    std::string hex = hasher.finish().hex().substr(0, 32);
    hex[12] = '8';
    hex[16] = "89ab"[static_cast<std::size_t>(hex[16]) % 4];
    for (const std::size_t dash : {8u, 13u, 18u, 23u}) hex.insert(dash, 1, '-');
    return hex;
}

Bom merge_boms(std::span<const Bom> parts, Bom bom) { return Merger(std::move(bom)).merge(parts); }

BomDifference compare_boms(const Bom& before, const Bom& after) {
    const auto old = by_name(before), young = by_name(after);
    static const ByVersion kNone;
    const auto versions = [](const auto& names, const std::string& name) -> const ByVersion& {
        const auto found = names.find(name);
        return found == names.end() ? kNone : found->second;
    };
    BomDifference difference;
    std::set<std::string> names;
    for (const auto& [name, unused] : old) names.insert(name);
    for (const auto& [name, unused] : young) names.insert(name);
    for (const std::string& name : names) {
        const ByVersion& was = versions(old, name);
        const ByVersion& is = versions(young, name);
        const std::string shown = full_name(*(is.empty() ? was : is).begin()->second);
        const std::string gone = versions_of(was, is), came = versions_of(is, was);
        if (!gone.empty() && !came.empty()) {
            difference.changed.push_back({shown, gone + " -> " + came});
        } else if (!came.empty()) {
            difference.added.push_back({shown, came});
        } else if (!gone.empty()) {
            difference.removed.push_back({shown, gone});
        }
        for (const auto& [version, component] : is) {
            const auto same = was.find(version);
            if (same == was.end()) continue;
            const std::string of_version = shown + (version.empty() ? "" : " ") + version;
            const std::string had = texts_of(same->second->licenses);
            const std::string has = texts_of(component->licenses);
            if (had != has) difference.licenses.push_back({of_version, had + " -> " + has});
            const std::string algorithm = other_hash(*same->second, *component);
            if (!algorithm.empty()) difference.hashes.push_back({of_version, algorithm});
        }
    }
    return difference;
}

}  // namespace merlon::exchange
