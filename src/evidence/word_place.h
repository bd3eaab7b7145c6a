#pragma once

// Places of findings in the order of pages, which the index of words keeps in the place of their
// numbers: the worst first, of equals the newest. So a page is read and no more, however many there
// are.
//
// Thread-safe: no state.

#include <cstdint>
#include <string>
#include <string_view>

namespace merlon::evidence {

std::int64_t word_place(std::int64_t risk, std::int64_t finding);
std::int64_t finding_at(std::int64_t place);

// The same in SQL, of columns.
std::string word_place_sql(std::string_view risk, std::string_view finding);
std::string finding_at_sql(std::string_view place);

}  // namespace merlon::evidence
