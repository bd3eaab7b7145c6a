#include <algorithm>

#include "base/ascii.h"
#include "rego/go_time.h"
#include "rego/term.h"

namespace merlon::rego {
namespace {}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
    std::string quoted;
    append_go_quoted(quoted, text);
    const Error invalid{"time: invalid duration " + quoted};
    std::string_view rest = text;
    const bool is_negative = rest.starts_with('-');
    if (is_negative || rest.starts_with('+')) rest.remove_prefix(1);
    if (rest == "0") return std::int64_t{0};
    if (rest.empty()) return invalid;
    constexpr std::pair<std::string_view, std::uint64_t> kUnits[] = {
        {"ns", 1},
        {"us", 1'000},
        {"\xC2\xB5s", 1'000},
        {"\xCE\xBCs", 1'000},
        {"ms", 1'000'000},
        {"s", 1'000'000'000},
        {"m", 60'000'000'000},
        {"h", 3'600'000'000'000},
        {"d", 86'400'000'000'000},
        {"w", 604'800'000'000'000},
        {"y", 31'536'000'000'000'000},
    };
    constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;
    std::uint64_t total = 0;
    while (!rest.empty()) {
        std::uint64_t whole = 0;
        std::size_t at = 0;
        for (; at < rest.size() && is_digit(rest[at]); ++at) {
            if (whole > kLimit / 10) return invalid;
            whole = whole * 10 + static_cast<std::uint64_t>(rest[at] - '0');
        }
        std::size_t count = at;
        // As many digits as a word holds; Go does not look at those behind.
        std::uint64_t fraction = 0;
        double scale = 1;
        if (at < rest.size() && rest[at] == '.') {
            bool is_full = false;
            for (++at; at < rest.size() && is_digit(rest[at]); ++at, ++count) {
                is_full = is_full || fraction > (kLimit - 1) / 10;
                if (is_full) continue;
                const std::uint64_t longer =
                    fraction * 10 + static_cast<std::uint64_t>(rest[at] - '0');
                is_full = longer > kLimit;
                if (is_full) continue;
                fraction = longer;
                scale *= 10;
            }
        }
        if (count == 0) return invalid;
        rest.remove_prefix(at);
        std::size_t end = 0;
        while (end < rest.size() && rest[end] != '.' && !is_digit(rest[end])) ++end;
        const std::string_view name = rest.substr(0, end);
        if (name.empty()) return Error{"time: missing unit in duration " + quoted};
        const auto unit =
            std::ranges::find(kUnits, name, [](const auto& known) { return known.first; });
        if (unit == std::end(kUnits)) {
            std::string shown;
            append_go_quoted(shown, name);
            return Error{"time: unknown unit " + shown + " in duration " + quoted};
        }
        rest.remove_prefix(end);
        if (whole > kLimit / unit->second) return invalid;
        total += whole * unit->second +
                 static_cast<std::uint64_t>(static_cast<double>(fraction) *
                                            (static_cast<double>(unit->second) / scale));
        if (total > kLimit) return invalid;
    }
    if (total == kLimit && !is_negative) return invalid;
    return static_cast<std::int64_t>(is_negative ? 0 - total : total);
}

}  // namespace merlon::rego
