#pragma once

// The vulnerabilities of a CycloneDX document (ECMA-424, "vulnerabilities"): reading them from its
// tree, and writing them as JSON and XML.
//
// The idea: both forms have the same members in the same order, so one function writes both through
// a small writer for each form; only lists are called otherwise.
//
// Thread-safe: no state. Cost: linear.

#include <vector>

#include "base/text_sink.h"
#include "exchange/bom.h"
#include "exchange/cyclonedx.h"
#include "text/json.h"
#include "text/xml_write.h"
#include "value/value.h"

namespace merlon::exchange {

// From a tree that check_cyclonedx has passed.
std::vector<BomWeakness> read_weaknesses(const value::Value& root);

// The member or element "vulnerabilities" of an open document; nothing where there are none.
void write_weaknesses(const Bom& bom, CycloneDxVersion version, text::JsonWriter& json,
                      TextSink& sink);
void write_weaknesses(const Bom& bom, CycloneDxVersion version, text::XmlWriter& xml,
                      TextSink& sink);

}  // namespace merlon::exchange
