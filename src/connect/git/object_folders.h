#pragma once

// The folders that a repository's objects stand in, and the packs in them: its own, those of its
// alternates (gitrepository-layout, "objects/info/alternates"), and what came after opening.
//
// The idea: all packs are opened once and stay mapped, so that nothing that was in them is lost
// when another process packs and prunes; what is not found then is looked for once more, in packs
// that came since, as git does. What cannot be opened does not sink the rest: it is a gap.
//
// Opened by one thread; then immutable but for packs that came since, and thread-safe. Memory: the
// mappings.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "connect/git/multi_pack_index.h"
#include "connect/git/pack.h"
#include "model/coverage.h"

namespace merlon::connect::git {

bool path_exists(const std::string& path);

class ObjectFolders {
  public:
    // A multi-pack-index with its packs by their number in it; null: unreadable.
    struct Indexed {
        MultiPackIndex index;
        std::vector<const Pack*> packs;
    };

    explicit ObjectFolders(HashAlgorithm algorithm) : algorithm_(algorithm) {}

    // Opens the folder and its alternates, unless it has been.
    void open(const std::string& folder) { open_at_depth(folder, 0); }

    HashAlgorithm algorithm() const { return algorithm_; }
    // In the order that they were opened, each before its alternates.
    const std::vector<std::string>& paths() const { return paths_; }
    std::span<const std::unique_ptr<Pack>> packs() const { return packs_; }
    std::span<const Indexed> indexed() const { return indexed_; }
    // Those in no multi-pack-index.
    std::span<const Pack* const> single_packs() const { return single_packs_; }
    // Those that are there now and were not at opening; they stay. Lists the folders.
    std::vector<const Pack*> packs_since() const;
    // Packs, indexes and alternates that could not be read.
    const std::vector<model::Gap>& gaps() const { return gaps_; }
    // Whether a remote has promised what is absent (a pack with a .promisor mark).
    bool has_promisor_pack() const { return has_promisor_pack_; }

  private:
    // One look at a folder of packs.
    struct PackFolder {
        std::vector<std::unique_ptr<Pack>> packs;
        std::optional<MultiPackIndex> multi;
        std::vector<std::pair<std::string, Error>> problems;  // with the path
        bool has_promisor = false;
        bool is_steady = true;  // nothing was gone by the time that it was opened
    };
    struct Look {
        std::int64_t modified_ns = 0;
        unsigned times = 0;
    };

    static PackFolder read_pack_folder(const std::string& folder, HashAlgorithm algorithm);
    void open_at_depth(const std::string& folder, unsigned depth);
    void open_packs(const std::string& folder);
    void read_alternates(const std::string& folder, unsigned depth);
    void add_gap(std::string path, const Error& error);

    HashAlgorithm algorithm_;
    std::vector<std::string> paths_;
    std::vector<std::unique_ptr<Pack>> packs_;
    std::vector<Indexed> indexed_;
    std::vector<const Pack*> single_packs_;
    std::vector<model::Gap> gaps_;
    bool has_promisor_pack_ = false;

    // Of packs that came after opening:
    mutable std::mutex mutex_;
    mutable std::vector<std::unique_ptr<Pack>> since_;
    mutable std::unordered_set<std::string> known_;        // paths of all open packs
    mutable std::unordered_map<std::string, Look> looks_;  // by folder
};

// The names in a folder, sorted; none where it cannot be listed.
std::vector<std::string> names_in(const std::string& folder);

}  // namespace merlon::connect::git
