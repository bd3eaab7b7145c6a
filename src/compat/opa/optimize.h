#pragma once

// Rewrites the policies of a bundle for the documents that will be asked for: `opa build -O`.
//
// The idea: each entry point is evaluated partially, with the input unknown; the rules that are
// left take the place of those that they were made of, in modules below optimized/. Later entry
// points see what the earlier ones have left.
//
// Standard: OPA 1.22.2, compile.optimizer. Not thread-safe. Cost: that of the watched evaluation,
// once for each entry point, with its limits.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "compat/opa/load.h"
#include "rego/watch/watcher.h"
#include "text/tar_write.h"

namespace merlon::compat::opa {

struct OptimizeRequest {
    std::span<const text::TarText> policies;  // as written, each with its path in the bundle
    // What errors call those whose path is another one. May be null.
    const std::map<std::string, std::string>* files = nullptr;
    std::vector<std::string> entrypoints;  // "shop/allow"; those of annotations are added
    std::span<const std::string> roots;    // of the bundle; what is outside is unknown
    value::Value data;
    rego::watch::PartialOptions::Inline inlining = rego::watch::PartialOptions::Inline::kShallow;
    std::string name_space = "partial";  // of rules that have no place of their own
    rego::syntax::RegoVersion version = rego::syntax::RegoVersion::kV1;
    rego::compiler::CompileOptions compile = {};
    // What is wrong with the policies, which is told at the first entry point that may be one.
    std::span<const ShownError> compile_errors = {};
    rego::World world = {};
    const CancelToken* cancel = nullptr;  // may be null
};

struct Optimized {
    std::vector<text::TarText> policies;  // in the order of their paths
    std::vector<ShownError> errors;
};

Optimized optimize(const OptimizeRequest& request);

}  // namespace merlon::compat::opa
