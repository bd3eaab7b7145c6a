#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "base/ascii.h"
#include "base/recycled.h"
#include "rego/go_layout.h"
#include "rego/go_time.h"
#include "rego/term.h"

namespace merlon::rego {
namespace {

// time.ParseDuration.
Result<std::int64_t> parse_plain(std::string_view text) {
    const auto invalid = [text] {
        return Error{"time: invalid duration " + layouts::time_quoted(text)};
    };
    std::string_view rest = text;
    const bool is_negative = rest.starts_with('-');
    if (is_negative || rest.starts_with('+')) rest.remove_prefix(1);
    if (rest == "0") return std::int64_t{0};
    if (rest.empty()) return invalid();
    constexpr std::pair<std::string_view, std::uint64_t> kUnits[] = {
        {"ns", 1},         {"us", 1'000},        {"\xC2\xB5s", 1'000},  {"\xCE\xBCs", 1'000},
        {"ms", 1'000'000}, {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", 3'600'000'000'000},
    };
    constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;
    std::uint64_t total = 0;
    while (!rest.empty()) {
        std::uint64_t whole = 0;
        std::size_t at = 0;
        for (; at < rest.size() && is_digit(rest[at]); ++at) {
            if (whole > kLimit / 10) return invalid();
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
        if (count == 0) return invalid();
        rest.remove_prefix(at);
        std::size_t end = 0;
        while (end < rest.size() && rest[end] != '.' && !is_digit(rest[end])) ++end;
        const std::string_view name = rest.substr(0, end);
        if (name.empty())
            return Error{"time: missing unit in duration " + layouts::time_quoted(text)};
        const auto unit =
            std::ranges::find(kUnits, name, [](const auto& known) { return known.first; });
        if (unit == std::end(kUnits)) {
            return Error{"time: unknown unit " + layouts::time_quoted(name) + " in duration " +
                         layouts::time_quoted(text)};
        }
        rest.remove_prefix(end);
        if (whole > kLimit / unit->second) return invalid();
        total += whole * unit->second +
                 static_cast<std::uint64_t>(static_cast<double>(fraction) *
                                            (static_cast<double>(unit->second) / scale));
        if (total > kLimit) return invalid();
    }
    if (total == kLimit && !is_negative) return invalid();
    return static_cast<std::int64_t>(is_negative ? 0 - total : total);
}

// A sign, then numbers with units; days, weeks and years in hours. Nothing where it is written
// otherwise.
std::optional<RecycledString> in_hours(std::string_view text) {
    RecycledString written;
    if (text.starts_with('-') || text.starts_with('+')) {
        written = text[0];
        text.remove_prefix(1);
    }
    if (text.empty()) return std::nullopt;
    while (!text.empty()) {
        std::size_t end = 0;
        while (end < text.size() && (is_digit(text[end]) || text[end] == '.')) ++end;
        const std::string_view digits = text.substr(0, end);
        text.remove_prefix(end);
        std::size_t width = 0;
        for (const std::string_view unit : {"ms", "us", "\xC2\xB5s", "ns"}) {
            if (width == 0 && text.starts_with(unit)) width = unit.size();
        }
        if (width == 0 && !text.empty() && text[0] >= 'a' && text[0] <= 'z') width = 1;
        if (digits.empty() || width == 0) return std::nullopt;
        const std::string_view unit = text.substr(0, width);
        text.remove_prefix(width);
        const double hours = unit == "d" ? 24 : unit == "w" ? 7 * 24 : unit == "y" ? 365 * 24 : 0;
        if (hours == 0) {
            written += digits;
            written += unit;
            continue;
        }
        double number = 0;
        const char* const last = digits.data() + digits.size();
        const auto [stop, failed] = std::from_chars(digits.data(), last, number);
        if (failed != std::errc{} || stop != last) return std::nullopt;
        std::array<char, 400> buffer{};
        const auto made = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                        number * hours, std::chars_format::fixed);
        if (made.ec != std::errc{}) return std::nullopt;
        written.append(buffer.data(), made.ptr);
        written += 'h';
    }
    return written;
}

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
    if (!text.empty() && text.find_first_of("dwy") == std::string_view::npos) {
        return parse_plain(text);
    }
    const auto rewritten = in_hours(text);
    auto parsed = rewritten ? parse_plain(*rewritten) : Result<std::int64_t>(Error{});
    if (parsed.ok()) return parsed;
    std::string quoted;
    append_go_quoted(quoted, text);
    if (!rewritten) return Error{"time: invalid duration " + quoted};
    // The error tells what was written.
    const std::string& message = parsed.error().message;
    return Error{message.substr(0, message.rfind(' ') + 1) + quoted};
}

}  // namespace merlon::rego
