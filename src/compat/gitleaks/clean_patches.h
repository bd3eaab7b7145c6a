#pragma once

// Changes of which it is known that they add nothing that a rule looks at.
//
// The idea: the same two versions of a file follow each other in many commits (branches that were
// rebased, changes that were picked onto another branch), in a fifth to a half of the changes of a
// history. What a rule finds in the added lines depends on the two contents, on how git compares
// them and on which rules the path allows; only what is then made of it depends on commit and path.
// So a change that gave nothing at all needs to be read, compared and searched once. A change that
// gave something is scanned again each time, as it is reported each time.
//
// The key is all that decides, compared whole: what stands for an id could be made to collide.
//
// Thread-safe: any number of threads. Which of them comes first changes no answer. Memory: some 130
// bytes a change, at most kShards * 2 * kMostRecent of them; those that were not asked for lately
// go first.

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "connect/git/attributes.h"
#include "connect/git/patch.h"
#include "connect/git/tree_diff.h"
#include "model/engine.h"

namespace merlon::compat::gitleaks {

class CleanPatches {
  public:
    struct Key {
        connect::git::FileVersion before;
        connect::git::FileVersion after;
        // What .gitattributes say of the attribute "diff" of both paths.
        connect::git::AttributeState diff_before = connect::git::AttributeState::kUnspecified;
        connect::git::AttributeState diff_after = connect::git::AttributeState::kUnspecified;
        model::DocumentKind rules = 0;  // Program::kind() of the path

        bool operator==(const Key&) const = default;
    };
    struct Patch {
        connect::git::PatchKind kind = connect::git::PatchKind::kSameContent;
        std::uint64_t added_bytes = 0;
    };

    // Nothing where it is not known.
    std::optional<Patch> find(const Key& key);
    void add(const Key& key, const Patch& patch);

  private:
    static constexpr std::size_t kShards = 16;
    static constexpr std::size_t kMostRecent = 4096;

    struct KeyHash {
        std::size_t operator()(const Key& key) const {
            return static_cast<std::size_t>(key.after.id.prefix() ^
                                            (key.before.id.prefix() * 0x9E37'79B9'7F4A'7C15U));
        }
    };
    using Patches = std::unordered_map<Key, Patch, KeyHash>;
    struct alignas(64) Shard {
        std::mutex mutex;
        Patches recent;
        Patches older;
    };

    Shard& shard_of(const Key& key) { return shards_[KeyHash()(key) >> 32 & (kShards - 1)]; }
    static void add_recent(Shard& shard, const Key& key, const Patch& patch);

    std::array<Shard, kShards> shards_;
};

}  // namespace merlon::compat::gitleaks
