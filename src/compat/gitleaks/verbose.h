#pragma once

// What `--verbose` prints for a finding, as gitleaks 8.30.1 prints it to a pipe.
//
// Thread-safe: no state.

#include <cstdint>
#include <string>

#include "compat/gitleaks/report.h"

namespace merlon::compat::gitleaks {

enum class Styles : std::uint8_t { kShow, kPlain };  // kPlain: --no-color

std::string verbose_text(const Row& row, Styles styles);

}  // namespace merlon::compat::gitleaks
