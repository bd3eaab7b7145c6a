#pragma once

// The tables of a database while they are made; used by database_writer.cpp alone.
//
// The idea: gather() walks the sorted records once and fills every table under provisional string
// numbers; write() learns the final ones, puts them in, and lays the sections out.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "sca/database_writer.h"
#include "sca/string_pool.h"

namespace merlon::sca {

// Of (ecosystem, normalised name): what packages are found by.
std::uint64_t package_hash(std::string_view ecosystem, std::string_view name);

class DatabaseAssembly {
  public:
    explicit DatabaseAssembly(const DatabaseWriter& writer) : writer_(writer) {}

    Status gather();
    Result<std::string> write(std::int64_t built_at_s, ThreadPool& pool,
                              const std::optional<crypto::SecretKey>& key);

  private:
    // One affected entry with what it is sorted by.
    struct Affected {
        std::uint64_t hash;
        std::string_view ecosystem;
        const DraftAffected* draft;
        std::uint32_t record;
        std::uint32_t position;
    };
    struct Version {
        packages::VersionScheme scheme;
        std::uint32_t text;
    };

    void gather_records();
    void gather_classes();
    Status gather_packages();
    void gather_threats();
    FeedRow row_of(const FeedInfo& feed);
    void gather_feeds();
    void add_events(const DraftAffected& draft);
    void add_symbols(const DraftAffected& draft);
    std::uint32_t version_number(packages::VersionScheme scheme, std::string_view text);
    Result<std::uint16_t> label(std::string_view text);

    void renumber(const StringPoolWriter::Packed& strings);
    void sort_versions(const StringPoolWriter::Packed& strings);
    void add_package_top();
    std::vector<std::string> pack_texts(ThreadPool& pool) const;

    const DatabaseWriter& writer_;
    StringPoolWriter strings_;
    std::vector<EcosystemRow> ecosystems_;
    std::vector<std::uint32_t> labels_;
    std::unordered_map<std::string_view, std::uint16_t> label_numbers_;
    std::vector<std::uint32_t> top_;
    std::vector<PackageRow> packages_;
    std::vector<AffectedRow> affected_;
    std::vector<std::uint32_t> events_;
    std::vector<Version> provisional_versions_;
    std::unordered_map<std::uint64_t, std::uint32_t> version_numbers_;
    std::vector<VersionRow> versions_;
    std::string version_keys_;
    std::vector<std::uint32_t> symbols_;
    std::vector<RecordRow> records_;
    std::vector<std::uint32_t> classes_;
    std::vector<std::uint32_t> class_ids_;
    std::vector<std::uint32_t> upstream_;
    std::vector<ThreatRow> threats_;
    std::vector<FeedRow> feeds_;
};

}  // namespace merlon::sca
