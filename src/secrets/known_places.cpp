#include "secrets/known_places.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace merlon::secrets {
namespace {

// Places that may overlap, looked up by halving.
class Places {
  public:
    void add(const Fact& fact) { places_.push_back({fact.secret_begin, fact.secret_end, 0}); }

    void finish() {
        std::sort(places_.begin(), places_.end(),
                  [](const Place& a, const Place& b) { return a.begin < b.begin; });
        std::uint64_t reach = 0;
        for (Place& place : places_) place.reach = reach = std::max(reach, place.end);
    }

    bool overlap(const Fact& fact) const {
        const auto first = std::partition_point(
            places_.begin(), places_.end(),
            [&fact](const Place& place) { return place.reach <= fact.secret_begin; });
        return first != places_.end() && first->begin < fact.secret_end;
    }

  private:
    struct Place {
        std::uint64_t begin;
        std::uint64_t end;
        std::uint64_t reach;  // the furthest end of this place and those before it
    };
    std::vector<Place> places_;
};

}  // namespace

void drop_known_places(const Config& config, Facts& facts, std::size_t begin, std::size_t end) {
    if (begin == end) return;
    constexpr std::size_t kConfidences = static_cast<std::size_t>(model::Confidence::kHigh) + 1;
    const auto confidence = [&config](const Fact& fact) {
        return static_cast<std::size_t>(config.rules[fact.rule].extras.confidence);
    };
    std::map<std::pair<std::uint32_t, bool>, Places> by_rule;
    std::array<Places, kConfidences> no_less_sure;  // than a rule of this confidence
    for (std::size_t i = 0; i < facts.matches.size(); ++i) {
        if (i >= begin && i < end) continue;
        const Fact& fact = facts.matches[i];
        if (fact.pass == 0) by_rule[{fact.rule, fact.companion}].add(fact);
        const bool is_generic =
            config.rules[fact.rule].id.find("generic") != std::string_view::npos;
        if (is_generic || fact.companion || fact.doubt != Doubt::kNone) continue;
        for (std::size_t each = 0; each <= confidence(fact); ++each) no_less_sure[each].add(fact);
    }
    for (auto& [rule, places] : by_rule) places.finish();
    for (Places& places : no_less_sure) places.finish();
    const auto is_known = [&](const Fact& fact) {
        const auto own = by_rule.find({fact.rule, fact.companion});
        if (own != by_rule.end() && own->second.overlap(fact)) return true;
        return !fact.companion && no_less_sure[confidence(fact)].overlap(fact);
    };
    const auto first = facts.matches.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = facts.matches.begin() + static_cast<std::ptrdiff_t>(end);
    facts.matches.erase(std::remove_if(first, last, is_known), last);
}

}  // namespace merlon::secrets
