#pragma once

// From commit to deployment and back: what documents have said of where software comes from and
// where it went (exchange/links.h), kept as nodes and edges.
//
// The idea: a node is a kind and a name, and knows nothing; each edge is evidence, with the
// document, its collector, when it was taken in, for how long it holds and how sure it is. Edges
// lead from source code towards what runs. A trace follows them from one node in one direction at a
// time: forwards to where it went, backwards to what it is of. What is in an artifact is a side
// road (packages), which is followed from a package, and backwards only where it is asked for.
//
// Not thread-safe: the connection belongs to one thread. Cost: writing, three statements for each
// document; a trace, a look-up for each node that it meets, at most kMaxTracedEdges edges.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "evidence/database.h"
#include "exchange/link.h"

namespace merlon::evidence {

inline constexpr std::size_t kMaxTracedEdges = 10'000;

struct LinkSource {
    std::int64_t document = 0;
    std::int64_t analysis = 0;  // 0: none
    std::string collector;      // where a link does not say
    Timestamp observed;
};

// Within a transaction. The same link of the same document is one edge; the number of new ones.
Result<std::uint64_t> write_links(Database& database, const LinkSource& source,
                                  std::span<const exchange::Link> links);

// The kinds that can be asked for: "repository", "ref", "commit", "pull request", "pipeline",
// "run", "artifact", "image", "package", "finding", "deployment", "workload", "identity", "secret",
// "decision", "incident".
bool is_node_kind(std::string_view kind);

enum class TraceDirection : std::uint8_t { kForwards, kBackwards };

struct TracedEdge {
    TraceDirection direction = TraceDirection::kForwards;
    std::size_t depth = 1;  // of the step
    exchange::LinkEnd from, to;
    std::string relation, collector;
    // Of a decision about findings the event of the audit log, which has no digest.
    std::string document_digest, document_name, document_kind;
    std::int64_t analysis = 0;
    std::int64_t observed_s = 0, valid_from_s = 0, valid_until_s = 0;  // 0: not said
    exchange::Confidence confidence = exchange::Confidence::kStated;
};

struct Trace {
    exchange::LinkEnd start;
    std::vector<TracedEdge> edges;  // by direction and depth
    std::uint64_t packages = 0;     // that were met and not followed
    bool is_cut = false;            // there are more than kMaxTracedEdges
};

struct TraceRequest {
    std::string kind, name;  // of a commit or an artifact, the first 7 digits will do
    std::string to;          // a kind: only ways that lead there; empty: all
};

// Fails where the store has no such node, or several that begin so.
Result<Trace> trace(Database& database, const TraceRequest& request);

}  // namespace merlon::evidence
