#pragma once

// Which files gitleaks 8.30.1 takes for archives (by their names alone), and what is in them.
//
// The idea: a compression and a container are looked for anywhere in the base name ("a.tar.gz.old"
// is one); a container gives members, a compression alone gives one text under the same name. What
// the name says is all that is tried: a tar below the name "a.gz" stays one text. Where gitleaks
// meets a damage it says nothing and drops its last piece, or what follows; here both are handed
// out, marked, and the damage is a gap. The unpacking itself is text's, with its limits.
//
// Thread-safe: no state. Cost of the name: one pass for each known suffix.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "compat/gitleaks/chunker.h"
#include "text/stream_input.h"

namespace merlon::compat::gitleaks {

// What a name says. Of two compressions or two containers gitleaks picks one by chance; the one
// that stands last counts here.
struct Packing {
    std::optional<text::StreamKind> stream;
    std::optional<text::ContainerKind> container;
    bool is_minlz = false;  // the compression of ".mz", which is not read

    bool is_none() const { return !stream && !container && !is_minlz; }
};

Packing packing_of(std::string_view path);

// Whether the first bytes are text, as no archive's and no compressed file's are.
bool begins_as_text(std::string_view first_bytes);

// How much of a member gitleaks has too.
enum class Reach : std::uint8_t {
    kWhole,
    kButLastPiece,  // the piece that runs into a damage is dropped
    kButOpenPiece,  // only where it asks for more than comes before the damage
    kNothing,       // behind a damage
};

struct Member {
    std::string name;  // empty for a compressed text
    std::string_view bytes;
    ReadBlocks blocks;  // those in which gitleaks's reader hands these bytes out
    Reach reach = Reach::kWhole;
    std::size_t reached_bytes = std::string_view::npos;  // of those, what gitleaks's reader gives
};

// Of a container: whether gitleaks reads it to its end. An archive that it does not ends the one
// around it, too.
enum class Outcome : std::uint8_t { kComplete, kBroken };

// Calls `visit` for each file in the container, or once for a compressed text; what cannot be read
// goes to `failed`. `visit` says what came of a member that is a container itself. `blocks` are
// those of `bytes` themselves. All bytes live until the call returns. Once `cancel` is set, nothing
// more is unpacked.
using VisitMember = std::function<Outcome(const Member&)>;
Outcome unpack(std::string_view bytes, const Packing& packing, const ReadBlocks& blocks,
               const VisitMember& visit,
               const std::function<void(std::string_view name, std::string reason)>& failed,
               const CancelToken* cancel = nullptr);

}  // namespace merlon::compat::gitleaks
