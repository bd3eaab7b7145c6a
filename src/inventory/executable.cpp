// Executables: chosen by their first bytes, as their names say nothing.

#include "inventory/readers.h"

namespace merlon::inventory {

const Reader* reader_for_bytes(std::string_view) { return nullptr; }

}  // namespace merlon::inventory
