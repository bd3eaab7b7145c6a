#pragma once

// Entries of lock files that are no longer fetched from where they were, or no longer checked as
// they were: what a change can hide where nobody reads ("SoK: Taxonomy of Attacks on Open-Source
// Software Supply Chains", Ladisa et al., "lock file").
//
// The idea: an entry is held against what the base has of the same name in the same file, and
// against the custom of its file. What befell many entries of a file alike is one finding.
//
// Thread-safe: no state. Cost: O(n log n) in packages.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scan/inventory_scan.h"
#include "scan/package_rules.h"

namespace merlon::scan {

// A package's place in a tree: what is compared with what. Views into a TakenInventory.
struct PackageKey {
    std::string_view path;  // below the tree
    packages::Ecosystem ecosystem;
    std::string_view name;
    bool operator==(const PackageKey&) const = default;
};
struct PackageKeyHash {
    std::size_t operator()(const PackageKey& key) const;
};

// The packages of each place, in the order of the tree.
class PackageIndex {
  public:
    struct Place {
        PackageKey key;
        std::vector<const packages::Package*> packages;
    };

    void add(const PackageKey& key, const packages::Package& package);
    // Null where nothing is there.
    const Place* find(const PackageKey& key) const;
    std::span<const Place> places() const { return places_; }

  private:
    std::vector<Place> places_;
    std::unordered_map<PackageKey, std::uint32_t, PackageKeyHash> positions_;
};

// Without the project itself and what no registry has.
PackageIndex index_of(const TakenInventory& taken);
PackageKey key_of(const TakenInventory& taken, const packages::PackageSource& source,
                  const packages::Package& package);

std::span<const PackageRule> source_change_rules();

// Adds findings, by file.
void review_source_changes(const TakenInventory& base, const TakenInventory& head,
                           const PackageIndex& before, const std::optional<std::string>& key,
                           std::vector<model::Finding>& findings);

}  // namespace merlon::scan
