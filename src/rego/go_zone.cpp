#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "rego/go_time.h"
#include "rego/go_zone_rule.h"

// Time zones from TZif files (RFC 8536).

namespace merlon::rego {
namespace {

// Big-endian numbers of a TZif file; zero beyond its end, which is looked for before.
class TzifReader {
  public:
    explicit TzifReader(std::string_view bytes) : bytes_(bytes) {}

    std::int64_t number(std::size_t width) {
        std::uint64_t value = 0;
        for (const char c : take(width)) value = value << 8 | static_cast<std::uint8_t>(c);
        if (width == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
        return static_cast<std::int64_t>(value);
    }
    std::string_view take(std::size_t count) {
        const std::string_view taken = bytes_.substr(0, std::min(count, bytes_.size()));
        is_short_ = is_short_ || taken.size() < count;
        bytes_.remove_prefix(taken.size());
        return taken;
    }
    std::string_view rest() const { return bytes_; }
    bool is_short() const { return is_short_; }

  private:
    std::string_view bytes_;
    bool is_short_ = false;
};

// The turns of the years to come, as the footer has them: to the last year that 64 bits of
// nanoseconds reach.
void follow(std::string_view footer, std::vector<std::int64_t>& transitions,
            std::vector<std::uint8_t>& kinds, std::vector<Zone::Period>& periods) {
    constexpr std::int64_t kLastYear = 2263;
    constexpr std::size_t kMaxPeriods = 254;
    const auto rule = ZoneRule::read(footer);
    if (!rule || transitions.empty() || periods.size() >= kMaxPeriods) return;
    const auto standard = static_cast<std::uint8_t>(periods.size());
    periods.push_back({rule->standard().seconds, rule->standard().abbreviation});
    periods.push_back({rule->summer().seconds, rule->summer().abbreviation});
    const std::int64_t last = transitions.back();
    if (!rule->has_summer()) {
        kinds.back() = standard;
        return;
    }
    const std::int64_t first_year = civil_time(Instant{last, 0}, Zone()).year;
    for (std::int64_t year = first_year; year <= kLastYear; ++year) {
        for (const ZoneRule::Turn& turn : rule->turns(year)) {
            if (turn.seconds <= last) continue;
            transitions.push_back(turn.seconds);
            kinds.push_back(static_cast<std::uint8_t>(standard + (turn.is_to_summer ? 1 : 0)));
        }
    }
}

}  // namespace

Result<Zone> Zone::load(std::string_view name, const std::string& directory) {
    const Error unknown{"unknown time zone " + std::string(name)};
    Zone zone;
    if (name.empty() || name == "UTC") return zone;
    const bool leads_out = name.find("..") != std::string_view::npos || name.starts_with('/') ||
                           name.starts_with('\\');
    if (leads_out) return Error{"time: invalid location name"};
    if (name.find('\0') != std::string_view::npos) return Error{"invalid argument"};
    constexpr std::size_t kMostOfName = 255;  // that Linux takes
    if (name.find('/') == std::string_view::npos && name.size() > kMostOfName) {
        return Error{"file name too long"};
    }
    if (directory.empty() || name.size() >= 100) return unknown;
    constexpr std::uint64_t kMaxZoneBytes = 1 << 20;
    const std::string path = directory + "/" + std::string(name);
    for (std::size_t at = name.find('/'); at != name.npos; at = name.find('/', at + 1)) {
        std::error_code ignored;
        const std::string above = directory + "/" + std::string(name.substr(0, at));
        if (std::filesystem::is_regular_file(above, ignored)) return Error{"not a directory"};
    }
    std::error_code code;
    if (std::filesystem::is_directory(path, code)) return Error{"is a directory"};
    const auto file = read_text_file(path, kMaxZoneBytes);
    if (!file.ok()) return unknown;
    // RFC 8536, section 3: a header and a block of 32 bits, then a header and a block of 64.
    TzifReader reader(file.value());
    std::size_t width = 4;
    for (int version = 1; version <= 2; ++version) {
        if (reader.take(4) != "TZif") return unknown;
        const bool has_second = reader.take(1) >= "2";
        reader.take(15);
        std::size_t counts[6] = {};
        for (std::size_t& count : counts) {
            count =
                static_cast<std::size_t>(std::clamp<std::int64_t>(reader.number(4), 0, 100'000));
        }
        const auto [utc, standard, leaps, times, types, characters] = counts;
        if (version == 1 && has_second) {
            reader.take(times * 5 + types * 6 + characters + leaps * 8 + standard + utc);
            width = 8;
            continue;
        }
        for (std::size_t i = 0; i < times; ++i) zone.transitions_.push_back(reader.number(width));
        for (const char kind : reader.take(times)) {
            zone.kinds_.push_back(static_cast<std::uint8_t>(kind));
        }
        std::vector<std::pair<int, std::size_t>> found;
        for (std::size_t i = 0; i < types; ++i) {
            const auto offset = static_cast<int>(reader.number(4));
            reader.take(1);
            found.emplace_back(offset, static_cast<std::uint8_t>(reader.number(1)));
        }
        const std::string_view names = reader.take(characters);
        if (reader.is_short() || found.empty()) return unknown;
        zone.periods_.clear();
        for (const auto& [offset, at] : found) {
            const std::string_view tail = names.substr(std::min(at, names.size()));
            zone.periods_.push_back({offset, std::string(tail.substr(0, tail.find('\0')))});
        }
        for (const std::uint8_t kind : zone.kinds_) {
            if (kind >= zone.periods_.size()) return unknown;
        }
        // The footer: a line of its own.
        reader.take(leaps * (width + 4) + standard + utc);
        if (width == 8 && reader.take(1) == "\n") {
            const std::string_view footer = reader.rest();
            follow(footer.substr(0, footer.find('\n')), zone.transitions_, zone.kinds_,
                   zone.periods_);
        }
        return zone;
    }
    return unknown;
}

const Zone::Period& Zone::at(std::int64_t seconds) const {
    const auto after = std::ranges::upper_bound(transitions_, seconds);
    if (after == transitions_.begin()) return periods_[first_];
    return periods_[kinds_[static_cast<std::size_t>(after - transitions_.begin()) - 1]];
}

}  // namespace merlon::rego
