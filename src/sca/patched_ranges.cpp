#include "sca/patched_ranges.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "packages/version.h"

namespace merlon::sca {
namespace {

using exchange::OsvEventKind;
using packages::VersionScheme;

// From `begin` to before `end`; nothing: without an edge.
struct Interval {
    std::optional<std::string> begin;
    std::optional<std::string> end;
};

class Requirements {
  public:
    explicit Requirements(VersionScheme scheme) : scheme_(scheme) {}

    // ">= 1.2, < 2": where all comparisons hold; nothing where none can.
    Result<std::optional<Interval>> read(std::string_view text) const {
        Interval interval;
        for (;;) {
            const std::size_t comma = text.find(',');
            if (Status status = narrow(text.substr(0, comma), interval); !status.ok()) {
                return std::move(status).error();
            }
            if (comma == std::string_view::npos) break;
            text.remove_prefix(comma + 1);
        }
        if (interval.begin.has_value() && interval.end.has_value() &&
            compare(*interval.begin, *interval.end) >= 0) {
            return std::optional<Interval>();
        }
        return std::optional(std::move(interval));
    }

    // What none of `intervals` holds, as events.
    exchange::OsvRange rest_of(std::vector<Interval> intervals) const {
        std::sort(intervals.begin(), intervals.end(), [&](const auto& left, const auto& right) {
            if (!left.begin.has_value() || !right.begin.has_value()) {
                return !left.begin.has_value() && right.begin.has_value();
            }
            return compare(*left.begin, *right.begin) < 0;
        });
        exchange::OsvRange range;
        range.type = exchange::OsvRangeType::kEcosystem;
        std::string from = "0";
        for (const Interval& interval : intervals) {
            if (interval.begin.has_value() && is_before(from, *interval.begin)) {
                range.events.push_back({OsvEventKind::kIntroduced, from});
                range.events.push_back({OsvEventKind::kFixed, *interval.begin});
            }
            if (!interval.end.has_value()) return range;
            if (is_before(from, *interval.end)) from = *interval.end;
        }
        range.events.push_back({OsvEventKind::kIntroduced, from});
        return range;
    }

  private:
    std::weak_ordering compare(std::string_view left, std::string_view right) const {
        return packages::compare_versions(scheme_, left, right);
    }
    bool is_before(const std::string& from, const std::string& version) const {
        return from == "0" || compare(from, version) < 0;
    }

    void raise(std::string version, Interval& interval) const {
        if (!interval.begin.has_value() || compare(*interval.begin, version) < 0) {
            interval.begin = std::move(version);
        }
    }
    void lower(std::string version, Interval& interval) const {
        if (!interval.end.has_value() || compare(version, *interval.end) < 0) {
            interval.end = std::move(version);
        }
    }

    // The numbers of "1.2.3-rc.1+b".
    static std::vector<std::uint64_t> numbers_of(std::string_view version) {
        std::vector<std::uint64_t> numbers{0};
        for (const char c : version.substr(0, version.find_first_of("-+"))) {
            if (c == '.') {
                numbers.push_back(0);
            } else if (c >= '0' && c <= '9' && numbers.back() < 1'000'000'000'000) {
                numbers.back() = numbers.back() * 10 + static_cast<std::uint64_t>(c - '0');
            } else {
                break;
            }
        }
        return numbers;
    }

    bool is_gem() const { return scheme_ == VersionScheme::kGem; }

    // "1.2" as Cargo completes it; gems are left as they are.
    std::string whole(std::string_view version) const {
        std::string out(version);
        if (is_gem() || version.find_first_of("-+") != std::string_view::npos) return out;
        for (auto dots = std::count(out.begin(), out.end(), '.'); dots < 2; ++dots) out += ".0";
        return out;
    }

    // The first version behind `version`. SemVer, section 11: behind 1.2.3 that is 1.2.4-0, behind
    // 1.2.3-rc 1.2.3-rc.0. Gems lie dense; no release is known to come before this one.
    std::string next(std::string_view version) const {
        if (is_gem()) return std::string(version) + ".0.0.1.a";
        const std::string complete = whole(version);
        const std::string_view bare = std::string_view(complete).substr(0, complete.find('+'));
        if (bare.find('-') != std::string_view::npos) return std::string(bare) + ".0";
        auto numbers = numbers_of(bare);
        numbers.resize(3);
        return std::to_string(numbers[0]) + "." + std::to_string(numbers[1]) + "." +
               std::to_string(numbers[2] + 1) + "-0";
    }

    // The version with its number at `place` one higher and nothing behind it.
    std::string bumped(std::string_view version, std::size_t place) const {
        auto numbers = numbers_of(version);
        numbers.resize(std::max(numbers.size(), place + 1));
        ++numbers[place];
        std::string out;
        for (std::size_t i = 0; i <= place; ++i) {
            out += (i == 0 ? "" : ".") + std::to_string(numbers[i]);
        }
        // Gem's "~> 1.2" takes no prerelease of 2 (Gem::Requirement, "~>").
        return is_gem() ? out + ".a" : whole(out);
    }

    // Cargo's caret: the first number that is not zero stays.
    std::string caret_end(std::string_view version) const {
        const auto numbers = numbers_of(version);
        std::size_t place = 0;
        while (place + 1 < numbers.size() && numbers[place] == 0) ++place;
        return bumped(version, std::min<std::size_t>(place, 2));
    }

    std::string tilde_end(std::string_view version) const {
        const std::size_t count = numbers_of(version).size();
        if (is_gem()) return bumped(version, count < 2 ? 0 : count - 2);
        return bumped(version, count < 2 ? 0 : 1);
    }

    Status narrow(std::string_view text, Interval& interval) const {
        const std::size_t begin = text.find_first_not_of(' ');
        if (begin == std::string_view::npos) return Error{"a requirement without a version"};
        text.remove_prefix(begin);
        const std::size_t digits = text.find_first_not_of("<>=~^! ");
        if (digits == std::string_view::npos) return Error{"a requirement without a version"};
        std::string_view sign = text.substr(0, digits);
        while (sign.ends_with(' ')) sign.remove_suffix(1);
        std::string_view version = text.substr(digits);
        version = version.substr(0, version.find_last_not_of(' ') + 1);
        if (version == "*" && sign.empty()) return {};
        if (packages::parse_problem(scheme_, whole(version)).has_value()) {
            return Error{"not a version: " + std::string(version)};
        }
        if (sign.empty()) sign = is_gem() ? "=" : "^";
        if (sign == ">=" || sign == "=" || sign == "==" || sign == "~>" || sign == "~" ||
            sign == "^") {
            raise(whole(version), interval);
        }
        if (sign == ">") {
            raise(next(version), interval);
        } else if (sign == "<") {
            lower(whole(version), interval);
        } else if (sign == "<=" || sign == "=" || sign == "==") {
            lower(next(version), interval);
        } else if (sign == "~>" || sign == "~") {
            lower(tilde_end(version), interval);
        } else if (sign == "^") {
            lower(caret_end(version), interval);
        } else if (sign != ">=") {
            return Error{"not a comparison: " + std::string(sign)};
        }
        return {};
    }

    VersionScheme scheme_;
};

}  // namespace

Result<exchange::OsvRecord> with_ranges(exchange::PatchedAdvisory advisory) {
    exchange::OsvAffected& affected = advisory.record.affected.front();
    const auto ecosystem = packages::ecosystem_of_osv_name(affected.ecosystem);
    if (!ecosystem.has_value()) return std::move(advisory.record);
    const Requirements requirements(packages::facts(*ecosystem).scheme);
    std::vector<Interval> intervals;
    for (const auto* list : {&advisory.patched, &advisory.unaffected}) {
        for (const std::string& text : *list) {
            auto interval = requirements.read(text);
            if (!interval.ok()) {
                return std::move(interval).error().within("reading '" + text + "' of " +
                                                          advisory.record.id);
            }
            if (interval.value().has_value()) intervals.push_back(std::move(*interval.value()));
        }
    }
    exchange::OsvRange range = requirements.rest_of(std::move(intervals));
    if (!range.events.empty()) affected.ranges.push_back(std::move(range));
    return std::move(advisory.record);
}

}  // namespace merlon::sca
