#pragma once

// CycloneDX (ECMA-424, cyclonedx.org) 1.4 to 1.7, in JSON and XML: writing. Reading is in
// bom_read.h.
//
// The idea: each version has what the one before has; what an older one lacks is left out (the
// lines of occurrences before 1.6) or said in its own way (tools before 1.5), never refused.
//
// Thread-safe: no state. Deterministic: equal Boms give equal bytes.

#include <cstdint>

#include "base/text_sink.h"
#include "exchange/bom.h"

namespace merlon::exchange {

enum class CycloneDxVersion : std::uint8_t { k1_4, k1_5, k1_6, k1_7 };

void write_cyclonedx_json(const Bom& bom, CycloneDxVersion version, TextSink& sink);
void write_cyclonedx_xml(const Bom& bom, CycloneDxVersion version, TextSink& sink);

}  // namespace merlon::exchange
