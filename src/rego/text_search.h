#pragma once

// Texts in texts, for built-ins whose operands somebody may have chosen to take long.
//
// The idea: a short text is looked for at each place; a longer one with memmem, which never goes
// back in the text. Of many beginnings, those that another one begins with are left out; of the
// rest one at most begins a text, and in their order it stands right before the text.
//
// Thread-safe once built. Cost: of a search linear in both texts; of a Beginnings n log n for
// n texts, then log n for each one that is asked for.

#include <cstddef>
#include <functional>
#include <string_view>

#include "base/recycled.h"

namespace merlon::rego {

// As std::string_view::find().
std::size_t find_text(std::string_view text, std::string_view search, std::size_t from = 0);

// Calls `found` with each place where it stands, also where it overlaps itself, until that says
// false. `search` is not empty.
void find_overlapping(std::string_view text, std::string_view search,
                      const std::function<bool(std::size_t at)>& found);

// Which of several texts a text begins with.
class Beginnings {
  public:
    explicit Beginnings(RecycledVector<std::string_view> texts);

    bool begin(std::string_view text) const;

  private:
    RecycledVector<std::string_view> sorted_;
};

// The same from the end.
class Endings {
  public:
    explicit Endings(RecycledVector<std::string_view> texts);

    bool end(std::string_view text) const;

  private:
    RecycledVector<std::string_view> sorted_;  // by their last bytes
};

}  // namespace merlon::rego
