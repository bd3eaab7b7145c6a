#pragma once

// The object database of a repository: packs, loose objects, and those of its alternates
// (gitrepository-layout, "objects").
//
// The idea: one read looks the id up (multi-pack-index, then the packs' indexes, then loose files),
// follows the delta chain down to a whole object or to a base that is still in the cache, and
// applies the deltas on the way back. The cache of bases is bounded and sharded, so that threads
// meet rarely. A scan of everything does not go this way: see bulk_read.h.
//
// Another process may pack and prune while we read. Packs that were opened stay mapped, so nothing
// that was in them is lost; what is not found is looked for once more, in packs that came since, as
// git does.
//
// Replacements (refs/replace) are honoured as git log does, once set_replacements() told of them.
// A damaged copy is passed over where another one is sound, as git does; the bulk reader tells of
// it.
//
// Immutable after opening but for packs that came since; thread-safe. Memory: the mappings, and at
// most `base_cache_bytes`.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "connect/git/object.h"
#include "connect/git/object_folders.h"
#include "connect/git/pack.h"
#include "model/coverage.h"
#include "text/archive.h"

namespace merlon::connect::git {

class BaseCache;

struct DatabaseOptions {
    std::uint64_t max_object_bytes = std::uint64_t{4} << 30;
    std::uint64_t base_cache_bytes = std::uint64_t{16} << 20;
    // Object folders to read before the repository's own: a push's quarantine.
    std::vector<std::string> first_folders;
};

class ObjectDatabase final : public ObjectReader {
  public:
    // `objects` is the folder of that name. Packs that cannot be read do not sink the rest: they
    // are in gaps().
    static Result<std::unique_ptr<ObjectDatabase>> open(const std::string& objects,
                                                        HashAlgorithm algorithm,
                                                        const DatabaseOptions& options = {});
    ~ObjectDatabase() override;

    ObjectResult<Object> read(const ObjectId& id) const override;
    ObjectResult<std::uint64_t> size(const ObjectId& id) const override;
    ObjectResult<std::unique_ptr<text::ArchiveInput>> open_stream(
        const ObjectId& id) const override;
    // The object itself, whatever replaces it.
    ObjectResult<Object> read_original(const ObjectId& id) const;
    // Whether it is there, without looking at it.
    bool contains(const ObjectId& id) const;
    // The ids that begin with these (4 or more) digits, sorted, at most `most` of them.
    std::vector<ObjectId> with_prefix(std::string_view digits, std::size_t most) const;

    HashAlgorithm algorithm() const { return folders_.algorithm(); }
    const DatabaseOptions& options() const { return options_; }
    std::span<const std::unique_ptr<Pack>> packs() const { return folders_.packs(); }
    // Those that are there now and were not at opening; they stay. Lists the folders.
    std::vector<const Pack*> packs_since() const { return folders_.packs_since(); }
    // All loose objects, sorted, each once. Lists the folders: some milliseconds.
    std::vector<ObjectId> loose_objects() const;
    // Packs, indexes and alternates that could not be read.
    const std::vector<model::Gap>& gaps() const { return folders_.gaps(); }
    // Whether a remote has promised what is absent (a pack with a .promisor mark).
    bool has_promisor_pack() const { return folders_.has_promisor_pack(); }
    const std::vector<std::string>& folders() const { return folders_.paths(); }

    // Before the first read: what stands for what, and whether absent objects are promised.
    void set_replacements(std::unordered_map<ObjectId, ObjectId> replacements);
    void set_partial_clone() { partial_clone_ = true; }

  private:
    // Where an object stands: an entry of a pack.
    struct Place {
        const Pack* pack = nullptr;
        std::uint64_t offset = 0;
    };

    // A delta on the way down to a base.
    struct Step {
        std::uint64_t offset = 0;
        PackEntry entry;
    };
    struct Descent;

    ObjectDatabase(HashAlgorithm algorithm, const DatabaseOptions& options);
    // Calls `use(place)` for each copy in a pack until one returns true.
    using PlaceUse = std::function<bool(Place)>;
    Result<bool> any_place(const ObjectId& id, const PlaceUse& use) const;
    // The same, in packs that came after opening.
    bool any_place_since(const ObjectId& id, const PlaceUse& use) const;
    ObjectResult<Object> read_packed(Place place, unsigned depth) const;
    ObjectResult<Object> read_at_depth(const ObjectId& id, unsigned depth) const;
    std::optional<ObjectResult<Object>> read_loose(const ObjectId& id) const;
    ObjectResult<std::uint64_t> size_packed(Place place) const;
    ObjectResult<std::uint64_t> size_at_depth(const ObjectId& id, unsigned depth) const;
    ObjectResult<Object> resolve_chain(Place place, Object base, std::span<const Step> chain) const;
    ObjectId replaced(const ObjectId& id) const;
    ObjectResult<Object> absent(const ObjectId& id) const;

    DatabaseOptions options_;
    ObjectFolders folders_;
    std::unordered_map<ObjectId, ObjectId> replacements_;
    bool partial_clone_ = false;
    std::unique_ptr<BaseCache> cache_;
};

}  // namespace merlon::connect::git
