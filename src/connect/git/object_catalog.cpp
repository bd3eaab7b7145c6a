#include "connect/git/object_catalog.h"

#include <algorithm>
#include <iterator>

namespace merlon::connect::git {

ObjectCatalog ObjectCatalog::of(const ObjectDatabase& database) {
    ObjectCatalog catalog;
    catalog.database_ = &database;
    catalog.loose_ = database.loose_objects();
    for (const std::unique_ptr<Pack>& pack : database.packs()) {
        catalog.packs_.push_back(pack.get());
    }
    std::ranges::copy(database.packs_since(), std::back_inserter(catalog.packs_));
    std::uint32_t number = 0;
    for (const Pack* pack : catalog.packs_) {
        catalog.begins_.push_back(number);
        number += pack->index().count();
    }
    catalog.loose_begin_ = number;
    if (catalog.packs_.size() < 2 && (catalog.loose_.empty() || catalog.packs_.empty())) {
        return catalog;
    }
    catalog.second_copy_.assign(catalog.count(), false);
    for (std::uint32_t copy = catalog.begins_.size() < 2 ? number : catalog.begins_[1];
         copy < catalog.count(); ++copy) {
        const Result<ObjectId> id = catalog.id_of(copy);
        if (id.ok() && catalog.find(id.value()) != copy) catalog.second_copy_[copy] = true;
    }
    return catalog;
}

std::optional<std::uint32_t> ObjectCatalog::find(const ObjectId& id) const {
    for (std::size_t i = 0; i < packs_.size(); ++i) {
        const Result<std::optional<std::uint32_t>> position = packs_[i]->index().find(id);
        if (position.ok() && position.value().has_value()) return begins_[i] + *position.value();
    }
    const auto found = std::ranges::lower_bound(loose_, id);
    if (found == loose_.end() || *found != id) return std::nullopt;
    return loose_begin_ + static_cast<std::uint32_t>(found - loose_.begin());
}

Result<ObjectId> ObjectCatalog::id_of(std::uint32_t number) const {
    MERLON_ASSERT(number < count());
    if (number >= loose_begin_) return loose_[number - loose_begin_];
    // Packs without objects have the begin of the pack behind them.
    const auto behind = std::ranges::upper_bound(begins_, number);
    const auto pack = static_cast<std::size_t>(behind - begins_.begin()) - 1;
    return packs_[pack]->index().id_at(number - begins_[pack]);
}

bool ObjectCatalog::is_first_copy(std::uint32_t number) const {
    return second_copy_.empty() || !second_copy_[number];
}

}  // namespace merlon::connect::git
