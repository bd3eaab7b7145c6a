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
#include <vector>

#include "exchange/field_reader.h"
#include "exchange/vex.h"

namespace merlon::exchange {

using CsafProducts = std::map<std::string, VexProduct, std::less<>>;  // by product id

// `root`: the document. A relationship of a product that there is not is a problem: what is said of
// a part would be said of the whole.
CsafProducts read_csaf_products(const value::Value& root, FieldReader& fields);

// Ids of products by the id of their group (section 3.2.2.3).
using CsafGroups = std::map<std::string, std::vector<std::string>, std::less<>>;
CsafGroups read_csaf_groups(const value::Value& root, FieldReader& fields);

}  // namespace merlon::exchange
