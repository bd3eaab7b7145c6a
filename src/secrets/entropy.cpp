#include "secrets/entropy.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <map>

#include "text/utf8.h"

namespace merlon::secrets {

double shannon_entropy(std::string_view text) {
    if (text.empty()) return 0;
    std::array<std::uint32_t, 128> ascii{};
    std::map<char32_t, std::uint32_t> others;
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte < 0x80) {
            ++ascii[byte];
            ++at;
            continue;
        }
        const text::CodePoint point = text::decode_utf8(text.substr(at));
        ++others[point.value];
        at += point.width;
    }
    const double inverse_length = 1.0 / static_cast<double>(text.size());
    double entropy = 0;
    const auto add = [&](std::uint32_t count) {
        const double frequency = count * inverse_length;
        entropy -= frequency * std::log2(frequency);
    };
    for (const std::uint32_t count : ascii) {
        if (count > 0) add(count);
    }
    for (const auto& [point, count] : others) add(count);
    return entropy;
}

}  // namespace merlon::secrets
