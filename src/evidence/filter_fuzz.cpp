// Whatever the filter says, it is read or refused, and each of its terms has a value.

#include <cstdlib>

#include "evidence/filter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::evidence;
    const auto filter = parse_filter(std::string_view(reinterpret_cast<const char*>(data), size));
    if (!filter.ok()) return 0;
    for (const FilterTerm& term : filter.value())
        if (term.texts.empty() == term.numbers.empty()) std::abort();
    return 0;
}
