#include "evidence/key_change.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "evidence/matching_state.h"
#include "model/fingerprint.h"

namespace merlon::evidence {
namespace {

// The number of the key in the head of a report; empty: there is none.
std::string key_in(const std::vector<std::string>& versions) {
    const std::string start = std::string(model::kSecretIdAlgorithm) + '+';
    for (const std::string& version : versions)
        if (version.starts_with(start)) return version.substr(start.size());
    return {};
}

std::optional<SignatureValue> first_of(const View& view, Algorithm algorithm) {
    const std::span<const Signature> found = of_algorithm(view, algorithm);
    return found.empty() ? std::nullopt : std::optional(found.front().value);
}

// By which key it is known: nothing where nobody knows, and zeros where it is by none.
std::optional<SignatureValue> secret_key_of(const View& view) {
    if (const auto key = first_of(view, Algorithm::kSecretKey)) return key;
    return of_algorithm(view, Algorithm::kPlace).empty() ? std::nullopt
                                                         : std::optional(SignatureValue{});
}

using LinePlace = std::tuple<std::int64_t, std::int64_t, std::uint32_t>;  // family, path, line
LinePlace line_place(const View& view) { return {view.family, view.path, view.line}; }
// Family, path or 0, and what is shown.
GroupKey shown_of(const View& view) {
    return {view.family, first_of(view, Algorithm::kMasked).value_or(SignatureValue{}), 0};
}
GroupKey look_of(const View& view) {
    return {view.family, first_of(view, Algorithm::kMaskedLook).value_or(SignatureValue{}),
            view.path};
}

class Across {
  public:
    Across(std::span<const Before> before, std::span<const After> after)
        : before_(before), after_(after) {
        made_.matches.resize(after.size());
    }

    AcrossKeys match() {
        gather();
        for (const std::size_t i : now_) match_one(i);
        return std::move(made_);
    }

  private:
    static bool is_shown(const View& view) {
        return !of_algorithm(view, Algorithm::kMasked).empty() && secret_key_of(view);
    }

    // Those that are not known by their value.
    void gather() {
        std::set<SignatureValue> then, now;
        for (const Before& known : before_)
            if (const auto value = first_of(known.view, Algorithm::kSecret)) then.insert(*value);
        for (const After& found : after_)
            if (const auto value = first_of(found.view, Algorithm::kSecret)) now.insert(*value);
        const auto is_in = [](const View& view, const std::set<SignatureValue>& values) {
            const auto value = first_of(view, Algorithm::kSecret);
            return value && values.contains(*value);
        };
        for (std::size_t i = 0; i < before_.size(); ++i) {
            const View& view = before_[i].view;
            if (!is_shown(view) || is_in(view, now)) continue;
            for (Tally* const tally : tallies_of(view)) {
                ++tally->before;
                note_value(view, tally->then);
            }
            by_line_[line_place(view)].push_back(i);
            by_look_.try_emplace(look_of(view), i);
        }
        for (std::size_t i = 0; i < after_.size(); ++i) {
            const View& view = after_[i].view;
            if (after_[i].same_as != 0 || !is_shown(view) || is_in(view, then)) continue;
            for (Tally* const tally : tallies_of(view)) {
                ++tally->after;
                tally->in_place += one_at_place_of(view) == nullptr ? 0 : 1;
                note_value(view, tally->now);
            }
            now_.push_back(i);
        }
    }

    // How many look so. Several are no doubt where one value stands in all of these places, and
    // each place is one of before.
    struct Tally {
        int before = 0, after = 0, in_place = 0;
        std::set<SignatureValue> then, now;  // their values, as far as they have hashes

        bool is_clear() const {
            if (before != after) return false;
            const bool is_one_value =
                then.size() <= 1 && now.size() <= 1 && then.size() + now.size() > 0;
            return before == 1 || (is_one_value && in_place == before);
        }
    };
    std::array<Tally*, 2> tallies_of(const View& view) {
        return {&shown_[shown_of(view)], &looks_[look_of(view)]};
    }
    static void note_value(const View& view, std::set<SignatureValue>& values) {
        if (const auto value = first_of(view, Algorithm::kSecret)) values.insert(*value);
    }

    // What stood there, and showed the same, under another key.
    const Before* one_at_place_of(const View& now) const {
        const auto there = by_line_.find(line_place(now));
        if (there == by_line_.end()) return nullptr;
        for (const std::size_t i : there->second) {
            const View& was = before_[i].view;
            if (secret_key_of(was) != secret_key_of(now) && was.position == now.position &&
                shown_of(was) == shown_of(now))
                return &before_[i];
        }
        return nullptr;
    }

    void match_one(std::size_t index) {
        const View& now = after_[index].view;
        const Before* maybe = one_at_place_of(now);
        if (maybe != nullptr && std::ranges::all_of(tallies_of(now), &Tally::is_clear)) {
            made_.matches[index].finding = maybe->finding;
            return;
        }
        if (const auto there = by_line_.find(line_place(now));
            maybe == nullptr && there != by_line_.end())
            for (const std::size_t i : there->second)
                if (secret_key_of(before_[i].view) != secret_key_of(now)) maybe = &before_[i];
        const auto alike = by_look_.find(look_of(now));
        if (maybe == nullptr && alike != by_look_.end() &&
            secret_key_of(before_[alike->second].view) != secret_key_of(now))
            maybe = &before_[alike->second];
        if (maybe != nullptr) made_.matches[index].maybe_from = maybe->finding;
    }

    std::span<const Before> before_;
    std::span<const After> after_;
    AcrossKeys made_;
    std::vector<std::size_t> now_;
    std::map<GroupKey, Tally> shown_, looks_;
    std::map<LinePlace, std::vector<std::size_t>> by_line_;
    std::map<GroupKey, std::size_t> by_look_;
};

}  // namespace

void name_secret_key(model::Report& report) {
    const std::vector<std::string>& versions = report.analysis.signature_versions;
    if (versions.empty()) return;
    const std::string key = key_in(versions);
    for (model::Finding& finding : report.findings) {
        if (finding.secret.empty()) continue;
        const bool is_by_key = !finding.secret_id.empty();
        if (is_by_key && key.empty()) continue;  // a Merlon before this one: nobody knows
        finding.properties[std::string(kSecretKeyProperty)] =
            is_by_key ? key : std::string(kNoSecretKey);
    }
}

AcrossKeys match_across_keys(std::span<const Before> before, std::span<const After> after) {
    return Across(before, after).match();
}

}  // namespace merlon::evidence
