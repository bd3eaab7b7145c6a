#pragma once

// What is written about capabilities: those of this program, and those that modules require.
//
// Standard: the JSON of `opa capabilities --current` and the "capabilities" of `opa inspect -f
// json` (1.22.2). Descriptions and categories of built-ins are OPA's own texts and are left out.
// Thread-safe: no state. Cost: linear.

#include <span>
#include <string>
#include <string_view>

#include "compat/opa/releases.h"
#include "rego/compiler/compiler.h"
#include "rego/syntax/tree.h"
#include "text/json.h"
#include "value/value.h"

namespace merlon::compat::opa {

// The capabilities of modules of this version, with a line end.
std::string capabilities_text(rego::syntax::RegoVersion version);
// Those of a release.
std::string capabilities_text(const ReleaseFacts& facts);
// Those of a document that Capabilities::read() takes, in OPA's order.
std::string capabilities_text(const value::Value& document);

// What a program must have that is to run the modules; `rules` are theirs, compiled.
void write_required(text::JsonWriter& json, std::span<const rego::compiler::SourceModule> modules,
                    std::span<const rego::compiler::PlacedRule> rules);

}  // namespace merlon::compat::opa
