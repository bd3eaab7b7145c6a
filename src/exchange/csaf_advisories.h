#pragma once

// Advisories of distributions as CSAF 2.0 (OASIS): Red Hat's and SUSE's, which say by product ids
// which version of which rpm in which product fixes a weakness.
//
// The idea: one OSV record for a document, with an entry for each package of each product. A
// product is named as OSV does: Red Hat's by its CPE ("Red Hat:enterprise_linux:9::baseos"), SUSE's
// by its name ("SUSE:Linux Enterprise Server 15 SP5"). A VEX document, which is about one weakness,
// also says which packages are affected and have no fix. A package is told by its package URL, else
// by its rpm's name, as SUSE writes it ("bind-9.16.6-150000.1.x86_64").
//
// Products of other makers and forms are counted in `unread`. Thread-safe: no state. Cost: one
// pass.

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "exchange/osv.h"

namespace merlon::exchange {

struct CsafAdvisory {
    OsvRecord record;
    std::size_t unread = 0;  // products that are no rpm of a product that is known here
};

// Fails with line and column for what is no CSAF document.
Result<CsafAdvisory> read_csaf_advisory(std::string_view bytes);

}  // namespace merlon::exchange
