#pragma once

// SPDX: 2.3 (spdx.github.io/spdx-spec/v2.3) as JSON, YAML and tag-value, and 3.0.1 as JSON-LD.
//
// The idea: components are packages, the root is what the document describes, the ways in which
// things depend on each other are relationships. Element ids come from the components' positions,
// so that they are valid whatever a ref looks like; the purl says who is who.
//
// Licences that are no SPDX expression become LicenseRefs with their text (2.3, clause 10).
// Thread-safe: no state. Deterministic: equal Boms give equal bytes.

#include "base/text_sink.h"
#include "exchange/bom.h"

namespace merlon::exchange {

void write_spdx_json(const Bom& bom, TextSink& sink);
void write_spdx_yaml(const Bom& bom, TextSink& sink);
void write_spdx_tag_value(const Bom& bom, TextSink& sink);
void write_spdx3(const Bom& bom, TextSink& sink);

}  // namespace merlon::exchange
