#pragma once

// The product tree of CSAF 2.0 (OASIS, section 3.2.2): what a document's product ids stand for.
//
// The idea: branches and plain names are products by themselves; a relationship ("this package as a
// component of that system") is one whose identifiers are the system's, with the package as its
// component. VEX and advisories read the same tree.
//
// Thread-safe: no state. Cost: one pass.

#include <functional>
#include <map>
#include <string>

#include "exchange/field_reader.h"
#include "exchange/vex.h"

namespace merlon::exchange {

using CsafProducts = std::map<std::string, VexProduct, std::less<>>;  // by product id

// `root`: the document.
CsafProducts read_csaf_products(const value::Value& root, FieldReader& fields);

}  // namespace merlon::exchange
