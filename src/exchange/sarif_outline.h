#pragma once

// A SARIF document in two parts: what its runs say once, and the texts of their results.
//
// The idea: a tree of a document takes several times its bytes, and nearly all of it is results
// (SARIF 2.1.0, section 3.14.23), of which each is read by itself. So the brackets are counted
// first, which takes no memory; then one tree is made of what is left, and small ones of the
// results, a few at a time and on all processors.
//
// Nothing is checked here: whoever reads both parts as JSON has checked the document, because a
// result begins with '{' and ends with its '}', and stands between commas in a list. Keys that are
// written in another way ("re\u0073ults") and what is no list of objects stay where they are.
//
// Thread-safe: no state. Ownership: views into the document. Cost: one look at each byte, and a
// copy of what is no result.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"

namespace merlon::exchange {

struct SarifOutline {
    std::string text;  // the document, with empty lists in the places of its results
    // Of each element of `runs`, those that were taken out of it.
    std::vector<std::vector<std::string_view>> results;
};

// Nothing for what is no such document, or no JSON, or once `cancel` is set, which may be null.
std::optional<SarifOutline> outline_sarif(std::string_view bytes, const CancelToken* cancel);

}  // namespace merlon::exchange
