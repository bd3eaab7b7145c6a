#pragma once

// The readers of the table in readers.cpp, by file. Each reads one format; what it takes and states
// is in the table.

#include "inventory/reading.h"

namespace merlon::inventory {

// npm.cpp
Status read_package_lock(Reading& reading);
Status read_package_json(Reading& reading);
Status read_installed_package_json(Reading& reading);
// yarn.cpp
Status read_yarn_lock(Reading& reading);
// pnpm.cpp
Status read_pnpm_lock(Reading& reading);
// bun_deno.cpp
Status read_bun_lock(Reading& reading);
Status read_deno_lock(Reading& reading);

}  // namespace merlon::inventory
