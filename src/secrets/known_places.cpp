#include "secrets/known_places.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "secrets/place_index.h"

namespace merlon::secrets {
namespace {

void add(PlaceIndex& places, const Fact& fact) { places.add(fact.secret_begin, fact.secret_end); }

bool overlaps(const PlaceIndex& places, const Fact& fact) {
    return places.overlaps(fact.secret_begin, fact.secret_end);
}

}  // namespace

void drop_known_places(const Config& config, Facts& facts, std::size_t begin, std::size_t end) {
    if (begin == end) return;
    constexpr std::size_t kConfidences = static_cast<std::size_t>(model::Confidence::kHigh) + 1;
    const auto confidence = [&config](const Fact& fact) {
        return static_cast<std::size_t>(config.rules[fact.rule].extras.confidence);
    };
    std::map<std::pair<std::uint32_t, bool>, PlaceIndex> by_rule;
    std::array<PlaceIndex, kConfidences> no_less_sure;  // than a rule of this confidence
    for (std::size_t i = 0; i < facts.matches.size(); ++i) {
        if (i >= begin && i < end) continue;
        const Fact& fact = facts.matches[i];
        if (fact.pass == 0) add(by_rule[{fact.rule, fact.companion}], fact);
        const bool is_generic =
            config.rules[fact.rule].id.find("generic") != std::string_view::npos;
        if (is_generic || fact.companion || fact.doubt != Doubt::kNone) continue;
        for (std::size_t each = 0; each <= confidence(fact); ++each) add(no_less_sure[each], fact);
    }
    for (auto& [rule, places] : by_rule) places.finish();
    for (PlaceIndex& places : no_less_sure) places.finish();
    const auto is_known = [&](const Fact& fact) {
        const auto own = by_rule.find({fact.rule, fact.companion});
        if (own != by_rule.end() && overlaps(own->second, fact)) return true;
        return !fact.companion && overlaps(no_less_sure[confidence(fact)], fact);
    };
    const auto first = facts.matches.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = facts.matches.begin() + static_cast<std::ptrdiff_t>(end);
    facts.matches.erase(std::remove_if(first, last, is_known), last);
}

}  // namespace merlon::secrets
