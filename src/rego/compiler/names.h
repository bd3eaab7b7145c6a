#pragma once

// Names as people wrote them, for messages: the compiler gives variables names of its own and takes
// terms out of others.
//
// Thread-safe once built. Cost: a copy of what is shown.

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "rego/compiler/nodes.h"

namespace merlon::rego::compiler {

using WrittenNames = std::map<std::string_view, std::string_view>;
using Subjects = std::map<std::string_view, const Term*>;

// A reference with the names of variables that were written, and with the terms that variables
// stand for. Lives in `arena`.
Terms written_reference(std::span<Term* const> reference, const WrittenNames& names,
                        const Subjects& subjects, Arena& arena);

}  // namespace merlon::rego::compiler
