#pragma once

// Reports of scanners as facts of a gate: what they found, what of it is new, what they did not
// see.
//
// The idea: new is what the head has and the merge base has not, by identity and not by lines: the
// same matching that the evidence store does (evidence/matching.h). Runs of one tool, engine,
// category and place (image, folder) are one, whatever number of documents they come in, and are
// compared with those of the same place: what is old in one image is not in another. Where the base
// has no such analysis, nothing shows that a finding is old, so it is new; a base that was not
// complete may only make too much new.
//
// Thread-safe: no state. Cost: O(n log n) in the findings.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/line_changes.h"
#include "exchange/read_report.h"
#include "gate/input.h"

namespace merlon::gate {

struct ReportDocument {
    std::string digest;  // "sha256:…" of its bytes
    std::vector<exchange::ReadReport> runs;
};

// From a file of the merge base to one of the head; null where one of them is not there.
using ChangesSinceBase =
    std::function<const evidence::LineChanges*(std::string_view path_then, std::string_view path)>;

// Adds findings and analyses of `head`. An empty `base` says nothing of the target branch.
void add_reports(std::span<const ReportDocument> head, std::span<const ReportDocument> base,
                 Input& input, const ChangesSinceBase& changes_since = {});

// "secret", "package", "license" or "code".
std::string kind_of(const model::Finding& finding, std::string_view tool, std::string_view engine);

}  // namespace merlon::gate
