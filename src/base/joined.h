#pragma once

#include <span>
#include <string>
#include <string_view>

namespace merlon {

// The texts in their order, with `separator` between two.
inline std::string joined(std::span<const std::string> texts, std::string_view separator) {
    std::string all;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i > 0) all += separator;
        all += texts[i];
    }
    return all;
}

}  // namespace merlon
