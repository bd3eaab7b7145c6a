#pragma once

// Packs texts as a .tar.gz: the same texts give the same bytes.
//
// Standard: POSIX.1-2017, pax, "ustar Interchange Format"; RFC 1952. Members have no owner, the
// mode 0600 and the time 0. Thread-safe: no state. Cost: linear.

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::text {

struct TarText {
    std::string path;
    std::string bytes;
};

// Fails for a path of 100 bytes or more, and for more than 1 GiB.
Result<std::string> write_tar_gz(std::span<const TarText> texts);

}  // namespace merlon::text
