#pragma once

// GitHub's dependency snapshot: what its dependency submission API takes (REST API, "Create a
// snapshot of dependencies for a repository"). Reading is in bom_read.h.
//
// The idea: components go under the files that name them, as GitHub shows them; what no file names
// goes under the document's own name. The project itself is no dependency and is left out.
//
// Thread-safe: no state. Deterministic: equal Boms give equal bytes.

#include <string>

#include "base/text_sink.h"
#include "exchange/bom.h"

namespace merlon::exchange {

// Of which run and which commit it is; GitHub refuses a snapshot without.
struct SnapshotOrigin {
    std::string job_id;
    std::string correlator;  // snapshots of one correlator replace each other
    std::string sha;
    std::string ref;
};

void write_github_snapshot(const Bom& bom, const SnapshotOrigin& origin, TextSink& sink);

}  // namespace merlon::exchange
