// Any bytes are a tree within the limits, or an error with a line.

#include "text/xml.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    Arena arena;
    const auto root = text::read_xml(bytes, arena, {.max_depth = 20, .max_elements = 1'000});
    if (!root.ok()) {
        if (root.error().message.empty() || root.error().line == 0) std::abort();
        return 0;
    }
    std::size_t elements = 0;
    for (const text::XmlElement* element = root.value(); element != nullptr;) {
        if (++elements > 1'000 || element->offset >= size || bytes[element->offset] != '<')
            std::abort();
        if (element->first_child != nullptr) {
            element = element->first_child;
            continue;
        }
        while (element != nullptr && element->next == nullptr) element = element->parent;
        if (element != nullptr) element = element->next;
    }
    return 0;
}
