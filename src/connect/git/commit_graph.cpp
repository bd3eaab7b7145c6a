#include "connect/git/commit_graph.h"

#include <functional>
#include <utility>

#include "base/file.h"
#include "connect/git/byte_order.h"
#include "connect/git/chunk_table.h"

namespace merlon::connect::git {
namespace {

constexpr std::size_t kHeaderBytes = 8;
constexpr std::uint32_t kNoParent = 0x7000'0000;
constexpr std::uint32_t kMoreParents = 0x8000'0000;  // the rest indexes the chunk of edges
constexpr std::uint32_t kLastEdge = 0x8000'0000;
constexpr std::uint32_t kLargeCorrection = 0x8000'0000;
constexpr std::size_t kMaxLayers = 1024;

Error damaged(std::string message, const std::string& path) {
    return Error{.message = std::move(message) + "; 'git commit-graph write' makes it anew",
                 .file = path};
}

}  // namespace

Result<std::optional<CommitGraph>> CommitGraph::open(const std::string& objects,
                                                     HashAlgorithm algorithm) {
    const std::string lone = objects + "/info/commit-graph";
    if (file_status(lone, FollowLinks::kYes).ok()) {
        return std::optional<CommitGraph>(MERLON_TRY(open_files({lone}, algorithm)));
    }
    const std::string folder = objects + "/info/commit-graphs";
    const std::string chain = folder + "/commit-graph-chain";
    if (!file_status(chain, FollowLinks::kYes).ok()) return std::optional<CommitGraph>();
    const std::string text = MERLON_TRY(read_text_file(chain, std::uint64_t{1} << 20));
    std::vector<std::string> paths;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.empty()) continue;
        if (!ObjectId::parse(line).has_value() || paths.size() >= kMaxLayers) {
            return damaged("names a layer that is none", chain);
        }
        paths.push_back(folder + "/graph-" + std::string(line) + ".graph");
    }
    return std::optional<CommitGraph>(MERLON_TRY(open_files(paths, algorithm)));
}

Result<CommitGraph> CommitGraph::open_files(const std::vector<std::string>& paths,
                                            HashAlgorithm algorithm) {
    CommitGraph graph;
    graph.algorithm_ = algorithm;
    for (const std::string& path : paths) {
        Layer layer(MERLON_TRY(MappedFile::open(path)), path);
        layer.first = graph.count();
        const auto read = [&](std::string_view bytes) {
            return read_layout(layer, algorithm, graph.layers_.size(), bytes);
        };
        MERLON_TRY(layer.file.checked(std::ref(read)));
        if (layer.count() > kNoParent - layer.first) return damaged("has too many commits", path);
        graph.layers_.push_back(std::move(layer));
    }
    return graph;
}

std::uint32_t CommitGraph::count() const {
    return layers_.empty() ? 0 : layers_.back().first + layers_.back().count();
}

Status CommitGraph::read_layout(Layer& layer, HashAlgorithm algorithm, std::size_t layers_below,
                                std::string_view bytes) {
    const std::size_t hash = hash_bytes_of(algorithm);
    const std::string& path = layer.path;
    if (bytes.size() < kHeaderBytes + hash || !bytes.starts_with("CGPH")) {
        return damaged("is no commit-graph", path);
    }
    if (bytes[4] != 1) return damaged("is a commit-graph of a version other than 1", path);
    if (bytes[5] != (algorithm == HashAlgorithm::kSha1 ? 1 : 2)) {
        return damaged("is for another hash algorithm than its repository's", path);
    }
    if (static_cast<std::uint8_t>(bytes[7]) != layers_below) {
        return damaged("stands on another number of layers than its chain has", path);
    }
    const Result<std::vector<FileChunk>> chunks =
        read_chunk_table(bytes, kHeaderBytes, static_cast<std::uint8_t>(bytes[6]), hash);
    if (!chunks.ok()) return damaged(chunks.error().message, path);
    Chunk fan_out;
    for (const FileChunk& chunk : chunks.value()) {
        const Chunk place{chunk.at, chunk.size};
        if (chunk.name == chunk_name("OIDF")) fan_out = place;
        if (chunk.name == chunk_name("OIDL")) layer.ids = place;
        if (chunk.name == chunk_name("CDAT")) layer.data = place;
        if (chunk.name == chunk_name("EDGE")) layer.edges = place;
        if (chunk.name == chunk_name("GDA2")) layer.corrections = place;
        if (chunk.name == chunk_name("GDO2")) layer.large_corrections = place;
    }
    if (fan_out.size != FanOut::kBytes) return damaged("has no whole fan-out", path);
    if (!layer.fan_out.read(bytes.data() + fan_out.at)) {
        return damaged("its fan-out table does not rise", path);
    }
    const std::size_t commits = layer.count();
    if (layer.ids.size != commits * hash || layer.data.size != commits * (hash + 16) ||
        (layer.corrections.size != 0 && layer.corrections.size != commits * 4)) {
        return damaged("its tables do not fit its fan-out", path);
    }
    return {};
}

std::optional<std::uint32_t> CommitGraph::search(const Layer& layer, const ObjectId& id) const {
    std::optional<std::uint32_t> found;
    const auto search = [&](std::string_view bytes) {
        found = layer.fan_out.find(id.bytes(), bytes.data() + layer.ids.at, id.bytes().size());
    };
    if (!layer.fan_out.has_any_like(id.bytes()) || !layer.file.guarded(std::ref(search)).ok()) {
        return std::nullopt;
    }
    return found;
}

Result<std::optional<GraphCommit>> CommitGraph::find(const ObjectId& id) const {
    if (id.algorithm() != algorithm_) return std::optional<GraphCommit>();
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
        if (const auto row = search(*layer, id); row.has_value()) {
            return std::optional<GraphCommit>(MERLON_TRY(commit_at(*layer, *row)));
        }
    }
    return std::optional<GraphCommit>();
}

Result<ObjectId> CommitGraph::id_at(std::uint32_t position) const {
    for (const Layer& layer : layers_) {
        if (position >= layer.first && position - layer.first < layer.count()) {
            ObjectId id;
            const auto read = [&](std::string_view bytes) {
                id = ObjectId::from_bytes(algorithm_, bytes.data() + layer.ids.at +
                                                          std::size_t{position - layer.first} *
                                                              hash_bytes_of(algorithm_));
            };
            MERLON_TRY(layer.file.guarded(std::ref(read)));
            return id;
        }
    }
    return Error{"a parent's position is outside of the commit-graph"};
}

Result<GraphCommit> CommitGraph::commit_at(const Layer& layer, std::uint32_t row) const {
    const std::size_t hash = hash_bytes_of(algorithm_);
    GraphCommit commit;
    std::vector<std::uint32_t> parents;
    const auto read = [&](std::string_view bytes) -> Status {
        const char* data = bytes.data() + layer.data.at + std::size_t{row} * (hash + 16);
        commit.tree = ObjectId::from_bytes(algorithm_, data);
        const std::uint32_t first = load_be32(data + hash);
        const std::uint32_t second = load_be32(data + hash + 4);
        if (first != kNoParent) parents.push_back(first);
        if ((second & kMoreParents) != 0) {
            for (std::size_t edge = second & ~kMoreParents;; ++edge) {
                if (edge >= layer.edges.size / 4) {
                    return damaged("a commit's parents go on behind the table", layer.path);
                }
                const std::uint32_t parent = load_be32(bytes.data() + layer.edges.at + edge * 4);
                parents.push_back(parent & ~kLastEdge);
                if ((parent & kLastEdge) != 0) break;
            }
        } else if (second != kNoParent) {
            parents.push_back(second);
        }
        // 30 bits of the topological level, then 34 bits of the date.
        const std::uint64_t packed = load_be64(data + hash + 8);
        commit.generation = packed >> 34;
        commit.date = packed & 0x3'FFFF'FFFF;
        if (layer.corrections.size != 0) {
            const std::uint32_t offset =
                load_be32(bytes.data() + layer.corrections.at + std::size_t{row} * 4);
            if ((offset & kLargeCorrection) == 0) {
                commit.corrected_date = commit.date + offset;
            } else if (const std::size_t large = offset & ~kLargeCorrection;
                       large < layer.large_corrections.size / 8) {
                commit.corrected_date =
                    commit.date + load_be64(bytes.data() + layer.large_corrections.at + large * 8);
            }
        }
        return {};
    };
    MERLON_TRY(layer.file.checked(std::ref(read)));
    commit.parents.reserve(parents.size());
    for (const std::uint32_t position : parents) {
        commit.parents.push_back(MERLON_TRY(id_at(position)));
    }
    return commit;
}

}  // namespace merlon::connect::git
