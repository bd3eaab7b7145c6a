#pragma once

// Scanning in a sandboxed child: for a parent that holds rights or tokens (DESIGN, "Hostile input
// is normal").
//
// The idea: the parent sends one Document in its serialised form and gets one Report back. A child
// that crashes, hangs, eats memory, floods its output or answers with anything but a whole Report
// is a gap of cause scanner-failed: the document counts as not read, and the run goes on.
//
// Thread-safe: no state. Cost: one process for each document, and two copies of its bytes.

#include <functional>

#include "base/cancel.h"
#include "base/child_process.h"
#include "model/analysis.h"
#include "model/document.h"

namespace merlon::scan {

// The parent's side: adds what the child found in `document`, or the gap, to `report`.
void scan_in_child(const ChildCommand& command, const model::Document& document,
                   const CancelToken& cancel, model::Report& report);

// The child's side: gives up network and writing, reads one Document from standard input, and
// writes the Report that `scan` makes to standard output. Returns the exit code.
int serve_parent(const std::function<model::Report(const model::Document&)>& scan);

}  // namespace merlon::scan
