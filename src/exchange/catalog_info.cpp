#include "exchange/catalog_info.h"

#include "base/arena.h"
#include "base/interner.h"
#include "text/yaml.h"

namespace merlon::exchange {

Result<std::string> catalog_owner(std::string_view bytes) {
    Arena arena;
    Interner interner;
    const auto documents = MERLON_TRY(text::read_yaml(bytes, arena, interner));
    for (const value::ValueDocument& document : documents) {
        if (document.root == nullptr) continue;
        const value::Value* const spec = document.root->find("spec");
        const value::Value* const owner = spec == nullptr ? nullptr : spec->find("owner");
        if (owner == nullptr || !owner->is_string()) continue;
        // An entity reference: [kind:][namespace/]name.
        std::string_view name = owner->as_string();
        name = name.substr(name.find(':') == std::string_view::npos ? 0 : name.find(':') + 1);
        name = name.substr(name.rfind('/') == std::string_view::npos ? 0 : name.rfind('/') + 1);
        if (!name.empty()) return std::string(name);
    }
    return std::string();
}

}  // namespace merlon::exchange
