#pragma once

// One list behind another.
//
// Thread-safe: no state. Cost: a move for each element.

#include <iterator>
#include <vector>

namespace merlon {

template <typename T>
void append(std::vector<T>& to, std::vector<T>&& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace merlon
