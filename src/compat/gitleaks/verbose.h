#pragma once

// What `--verbose` prints for a finding, as gitleaks 8.30.1 does without colours.
//
// Thread-safe: no state.

#include <string>

#include "compat/gitleaks/report.h"

namespace merlon::compat::gitleaks {

std::string verbose_text(const Row& row);

}  // namespace merlon::compat::gitleaks
