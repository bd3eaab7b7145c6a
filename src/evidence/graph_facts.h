#pragma once

// The steps of the graph that stand in the tables of findings and decisions already: where a
// finding was first seen, what it is in, which secret it shows, who has decided what about it.
//
// Internal to graph.cpp. The idea: a million findings are no nodes; the rows that the store has
// anyway are read as edges, each with the document or event that is its evidence.
//
// Not thread-safe: the connection belongs to one thread. Cost: a look-up, but for the findings of a
// commit, an author's decisions and a secret, which are searched for.

#include <optional>
#include <string>
#include <vector>

#include "evidence/database.h"
#include "evidence/graph.h"

namespace merlon::evidence {

// The node of one of these kinds ("finding", "decision", "secret", "identity") that is called so:
// a finding's number, the number of a decision's event, the beginning of a secret's print. Nothing
// where the tables have none; a gate's decision and most identities are nodes of the graph.
Result<std::optional<exchange::LinkEnd>> find_fact(Database& database, const std::string& kind,
                                                   const std::string& name);

// `with_findings`: those of a commit and of a package, too, which may be many.
enum class FactScope : std::uint8_t { kFew, kWithFindings };
Result<std::vector<TracedEdge>> fact_edges(Database& database, const exchange::LinkEnd& node,
                                           TraceDirection direction, FactScope scope);

}  // namespace merlon::evidence
