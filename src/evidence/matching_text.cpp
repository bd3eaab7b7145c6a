#include "evidence/matching_text.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

namespace merlon::evidence {
namespace {

using TextPlace = std::tuple<std::int64_t, std::uint32_t, std::uint32_t>;  // family, line, position
using TextPlaces = std::map<TextPlace, std::vector<std::size_t>>;

struct TextSide {
    TextPlaces with, without;

    void note(const View& view, std::size_t index) {
        const auto has = [&](Algorithm algorithm) {
            return !of_algorithm(view, algorithm).empty();
        };
        TextPlaces* side = nullptr;  // of what is known by something else, none
        if (has(Algorithm::kMessage)) side = &without;
        if (has(Algorithm::kContent) || has(Algorithm::kDistinctContent)) side = &with;
        if (side != nullptr) (*side)[{view.family, view.line, view.position}].push_back(index);
    }
};

bool are_all_there(const TextPlaces& without, const TextPlaces& with) {
    return !without.empty() && std::ranges::all_of(without, [&](const auto& place) {
        const auto found = with.find(place.first);
        return place.second.size() == 1 && found != with.end() && found->second.size() == 1;
    });
}

}  // namespace

void match_without_text(MatchState& state) {
    struct File {
        TextSide then, now;
    };
    std::map<std::int64_t, File> files;
    for (std::size_t i = 0; i < state.before.size(); ++i) {
        const Before& known = state.before[i];
        if (known.nearness == Nearness::kSameStream && !state.used.contains(known.finding))
            files[known.view.path].then.note(known.view, i);
    }
    for (std::size_t i = 0; i < state.after.size(); ++i) {
        const View& view = state.after[i].view;
        const auto file = files.find(view.path);
        if (file != files.end() && state.pairings[i].finding == 0) file->second.now.note(view, i);
    }
    for (const auto& [path, file] : files) {
        const auto anchors = state.anchors.find(path);
        if (anchors != state.anchors.end() &&
            std::ranges::any_of(anchors->second, [](const MatchAnchor& anchor) {
                return anchor.now != anchor.then;
            }))
            continue;
        const auto& [then, now] = file;
        if (now.without.empty() && are_all_there(then.without, now.with))
            for (const auto& [place, known] : then.without)
                state.match_single({known, now.with.at(place)});
        if (then.without.empty() && are_all_there(now.without, then.with))
            for (const auto& [place, found] : now.without)
                state.match_single({then.with.at(place), found});
    }
}

}  // namespace merlon::evidence
