#pragma once

// CycloneDX (ECMA-424, cyclonedx.org) 1.4 to 1.7, in JSON and XML: writing, and reading.
//
// The idea: each version has what the one before has; what an older one lacks is left out (the
// lines of occurrences before 1.6) or said in its own way (tools before 1.5), never refused.
//
// Thread-safe: no state. Deterministic: equal Boms give equal bytes.

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "base/text_sink.h"
#include "exchange/bom.h"

namespace merlon::exchange {

enum class CycloneDxVersion : std::uint8_t { k1_4, k1_5, k1_6, k1_7 };

void write_cyclonedx_json(const Bom& bom, CycloneDxVersion version, TextSink& sink);
void write_cyclonedx_xml(const Bom& bom, CycloneDxVersion version, TextSink& sink);

// Whether a text is an id of the SPDX licence list, which stands on the side (packages/license.h).
using IsLicenseId = std::function<bool(std::string_view id)>;

// Reads a document of 1.0 to 1.7. Fails at the first place that its version does not allow, with
// line and column. Nested components stand behind the others; of what a Bom has no place for, only
// the form is checked.
Result<Bom> read_cyclonedx_json(std::string_view bytes, const IsLicenseId& is_license_id);

}  // namespace merlon::exchange
