#pragma once

// Which files gitleaks 8.30.1 takes for archives (by their names alone), and what is in them.
//
// The idea: a compression and a container are looked for anywhere in the base name ("a.tar.gz.old"
// is one); a container gives members, a compression alone gives one text under the same name. The
// unpacking itself is text/archive's, with its limits.
//
// Thread-safe: no state. Cost of the name: one pass for each known suffix.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::compat::gitleaks {

enum class Packing : std::uint8_t { kNone, kCompressed, kContainer };

// How a file of this name counts.
Packing packing_of(std::string_view path);

// The blocks in which gitleaks's readers hand out unpacked bytes: inflate gives its window's 32 KiB
// at a time, which decides where pieces end. 0: any size.
std::size_t read_limit_of(std::string_view path);

struct Member {
    std::string name;
    std::string_view bytes;
    std::size_t offset = 0;  // in the stream that the blocks belong to
    bool is_stored = false;  // as it is, so that it comes in blocks of any size
};

// Calls `visit` for each file in the container (or once for a compressed text, with an empty name);
// members that cannot be read go to `failed`. The bytes live until the call returns.
Status unpack(std::string_view bytes, std::string_view path,
              const std::function<void(const Member&)>& visit,
              const std::function<void(std::string_view name, std::string reason)>& failed);

}  // namespace merlon::compat::gitleaks
