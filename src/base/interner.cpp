#include "base/interner.h"

namespace merlon {

std::string_view Interner::intern(std::string_view text) {
    const auto found = texts_.find(text);
    if (found != texts_.end()) return *found;
    return *texts_.insert(arena_.copy(text)).first;
}

}  // namespace merlon
