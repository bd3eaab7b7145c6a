#pragma once

// The commit-graph (gitformat-commit-graph, version 1): trees, parents, dates and generation
// numbers of commits, so that a walk need not inflate them. One file, or a chain of them.
//
// Answers are checked: a position outside of the chain is an error, and the caller reads the commit
// itself then. The graph is not asked where replacements, grafts or a shallow boundary change
// parents, as in git.
//
// Immutable, thread-safe. Cost: opening looks at the chunk tables; a search halves one 256th.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "connect/git/fan_out.h"
#include "connect/git/object_id.h"

namespace merlon::connect::git {

struct GraphCommit {
    ObjectId tree;
    std::vector<ObjectId> parents;
    std::uint64_t date = 0;
    std::uint64_t generation = 0;                 // topological level; 0: not computed
    std::optional<std::uint64_t> corrected_date;  // generation numbers of version 2
};

class CommitGraph {
  public:
    // The graph of an objects folder; nothing where it has none.
    static Result<std::optional<CommitGraph>> open(const std::string& objects,
                                                   HashAlgorithm algorithm);
    // One file alone, or with the layers below it, the lowest first.
    static Result<CommitGraph> open_files(const std::vector<std::string>& paths,
                                          HashAlgorithm algorithm);

    std::uint32_t count() const;
    // Nothing where the graph has not the commit.
    Result<std::optional<GraphCommit>> find(const ObjectId& id) const;

  private:
    struct Chunk {
        std::size_t at = 0;
        std::size_t size = 0;
    };
    struct Layer {
        Layer(MappedFile mapped, std::string name)
            : file(std::move(mapped)), path(std::move(name)) {}

        MappedFile file;
        std::string path;
        std::uint32_t first = 0;  // position of its first commit in the chain
        FanOut fan_out;
        Chunk ids, data, edges, corrections, large_corrections;

        std::uint32_t count() const { return fan_out.count(); }
    };

    static Status read_layout(Layer& layer, HashAlgorithm algorithm, std::size_t layers_below,
                              std::string_view bytes);
    std::optional<std::uint32_t> search(const Layer& layer, const ObjectId& id) const;
    Result<ObjectId> id_at(std::uint32_t position) const;
    Result<GraphCommit> commit_at(const Layer& layer, std::uint32_t row) const;

    HashAlgorithm algorithm_ = HashAlgorithm::kSha1;
    std::vector<Layer> layers_;
};

}  // namespace merlon::connect::git
