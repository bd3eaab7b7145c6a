#include "evidence/matching_equals.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>

namespace merlon::evidence {
namespace {

class EqualsMatcher {
  public:
    explicit EqualsMatcher(MatchState& state) : state_(state) {}

    bool match(EqualsGroup& group, Certainty certainty) {
        leave_out_repeats(group);
        const bool had_others = group.before.size() > 1 || group.after.size() > 1;
        using Step = void (EqualsMatcher::*)(const EqualsGroup&);
        // Their order says that all have moved, and a line that is unchanged that it has not: what
        // nothing else tells apart is not guessed.
        const bool is_contradicted = does_order_contradict_lines(group);
        const bool is_told = match_unchanged_lines(group, certainty);
        const bool is_guess = is_told || is_contradicted;
        if (certainty == Certainty::kDoubtful) {
            leave_out_decided(group);
            if (!is_told) match_by_anchors(group);
        } else {
            static constexpr std::array<Step, 5> kSteps{
                &EqualsMatcher::match_by_surround, &EqualsMatcher::match_by_anchors,
                &EqualsMatcher::match_by_shift, &EqualsMatcher::match_by_order,
                &EqualsMatcher::match_in_place};
            static constexpr std::array<Step, 3> kStepsByPlace{&EqualsMatcher::match_by_surround,
                                                               &EqualsMatcher::match_by_anchors,
                                                               &EqualsMatcher::match_at_same_line};
            static constexpr std::array<Step, 1> kToldSteps{&EqualsMatcher::match_in_changed_lines};
            const bool needs_place = certainty == Certainty::kNeedsPlace;
            const std::span<const Step> steps = is_told       ? std::span<const Step>(kToldSteps)
                                                : needs_place ? std::span<const Step>(kStepsByPlace)
                                                              : std::span<const Step>(kSteps);
            const std::size_t count = is_told && needs_place ? 0
                                      : is_told              ? steps.size()
                                      : is_contradicted      ? kCertainSteps
                                                             : steps.size();
            for (const Step step : steps.first(count)) {
                leave_out_decided(group);
                if (group.before.empty() || group.after.empty()) return is_told;
                if (!needs_place && !is_guess && group.before.size() == 1 &&
                    group.after.size() == 1)
                    break;
                (this->*step)(group);
            }
        }
        leave_out_decided(group);
        if (group.before.empty() || group.after.empty()) return is_told;
        const bool is_left_over = had_others && may_be_another(group);
        if (certainty == Certainty::kSure && !is_guess && !is_left_over &&
            state_.match_single(group))
            return is_told;
        for (const std::size_t i : group.after)
            state_.pairings[i].maybe_from = state_.before[group.before[0]].finding;
        return is_told;
    }

    // Two views of one finding, in two streams, are no equals: the first of them counts.
    void leave_out_repeats(EqualsGroup& group) const {
        std::unordered_set<std::int64_t> seen;
        std::erase_if(group.before,
                      [&](std::size_t i) { return !seen.insert(state_.before[i].finding).second; });
    }

    // What stands in a line that no change touched is there now; where equal lines say nothing by
    // themselves, if what heads them is there, too. Returns whether it is known what became of
    // each.
    bool match_unchanged_lines(const EqualsGroup& group, Certainty certainty) {
        bool is_told = true;
        ToldParts parts;
        for (const std::size_t i : group.before) {
            const std::optional<LinesNow> lines = state_.lines_of(i, group.after[0]);
            if (!lines) is_told = false;
            if (lines && lines->is_unchanged &&
                (certainty != Certainty::kNeedsPlace || lines->is_with_head))
                parts[{lines->first, lines->end}].before.push_back(i);
        }
        for (const auto& [lines, part] : parts) {
            const std::span<const std::size_t> there = found_in(group, lines.first, lines.second);
            if (part.before.size() != there.size() || has_untold_beside(group, parts, lines.first))
                continue;
            for (std::size_t n = 0; n < there.size(); ++n)
                state_.match_single({{part.before[n]}, {there[n]}});
        }
        return is_told;
    }

  private:
    // By the lines that they may be in now.
    using ToldParts = std::map<std::pair<std::uint32_t, std::uint32_t>, EqualsGroup>;

    void leave_out_decided(EqualsGroup& group) const {
        std::erase_if(group.before, [&](std::size_t i) {
            return state_.used.contains(state_.before[i].finding);
        });
        std::erase_if(group.after, [&](std::size_t i) { return state_.pairings[i].finding != 0; });
    }

    // The first of the steps, which go by the code and not by what is likely.
    static constexpr std::size_t kCertainSteps = 2;
    static constexpr std::size_t kMostCompared = 64;  // each with each
    static constexpr std::size_t kMostSkipped = 8;    // of more

    bool are_at_same_place(std::size_t before, std::size_t after) const {
        const View& was = state_.before[before].view;
        const View& now = state_.after[after].view;
        return was.line == now.line && was.position == now.position;
    }

    bool are_lines_around_others(std::size_t before, std::size_t after) const {
        return evidence::are_lines_around_others(state_.before[before].view,
                                                 state_.after[after].view);
    }

    // As many as before, and one stands where another one would have to have gone from.
    bool does_order_contradict_lines(const EqualsGroup& group) const {
        if (group.before.size() != group.after.size()) return false;
        for (std::size_t n = 0, m = 0; n < group.before.size(); ++n) {
            const std::uint32_t line = state_.before[group.before[n]].view.line;
            while (m < group.after.size() && state_.after[group.after[m]].view.line < line) ++m;
            for (std::size_t k = m;
                 k < group.after.size() && state_.after[group.after[k]].view.line == line; ++k)
                if (k != n && are_at_same_place(group.before[n], group.after[k])) return true;
        }
        return false;
    }

    // How many lines came or went so that those of `was` stand where those of `now` are, one after
    // the other, between two neighbours.
    struct Neighbours {
        std::int64_t above = 0;                  // how far it moved
        std::optional<std::int64_t> below = {};  // none: the end of the file
    };
    static std::int64_t lines_changed(std::span<const std::int64_t> was,
                                      std::span<const std::int64_t> now, std::size_t without_was,
                                      std::size_t without_now, const Neighbours& beside) {
        std::int64_t changed = 0, moved = beside.above;
        const auto move_by = [&](std::int64_t distance) {
            changed += std::abs(distance - moved);
            moved = distance;
        };
        for (std::size_t i = 0, j = 0; i < was.size() && j < now.size(); ++i, ++j) {
            if (i == without_was) ++i;
            if (j == without_now) ++j;
            if (i < was.size() && j < now.size()) move_by(now[j] - was[i]);
        }
        if (beside.below) move_by(*beside.below);
        return changed;
    }

    // What went in a small change and what came in it: one that has these lines around before, one
    // now; where they are not known, in order, if as many came as went.
    void match_in_changed_lines(const EqualsGroup& group) {
        ToldParts parts;
        for (const std::size_t i : group.before) {
            const std::optional<LinesNow> lines = state_.lines_of(i, group.after[0]);
            if (lines && !lines->is_unchanged && lines->went <= kMostChanged)
                parts[{lines->first, lines->end}].before.push_back(i);
        }
        for (auto& [lines, part] : parts) {
            const std::span<const std::size_t> there = found_in(group, lines.first, lines.second);
            if (there.empty()) continue;
            part.after.assign(there.begin(), there.end());
            if (!of_algorithm(state_.after[there[0]].view, Algorithm::kSurround).empty()) {
                match_by_surround(part);
            } else if (part.before.size() == part.after.size() &&
                       lines.second - lines.first <= kMostChanged) {
                for (std::size_t n = 0; n < there.size(); ++n)
                    state_.match_single({{part.before[n]}, {part.after[n]}});
            }
        }
    }

    // Those of now that stand in these lines, the last one not among them.
    std::span<const std::size_t> found_in(const EqualsGroup& group, std::uint32_t first,
                                          std::uint32_t end) const {
        const auto line_of = [&](std::size_t i) { return state_.after[i].view.line; };
        const auto from = std::ranges::lower_bound(group.after, first, {}, line_of);
        return {from, std::ranges::lower_bound(from, group.after.end(), end, {}, line_of)};
    }

    // Whether the line is one of several equals without a line between them, and one of these came:
    // then any of them may have.
    bool has_untold_beside(const EqualsGroup& group, const ToldParts& parts,
                           std::uint32_t line) const {
        const auto is_there = [&](std::uint32_t at) {
            return !found_in(group, at, at + 1).empty();
        };
        const auto is_told = [&](std::uint32_t at) {
            const auto behind = parts.upper_bound({at, UINT32_MAX});
            return behind != parts.begin() && at < std::prev(behind)->first.second;
        };
        if (!is_there(line)) return false;
        for (std::uint32_t at = line + 1; is_there(at); ++at)
            if (!is_told(at)) return true;
        for (std::uint32_t at = line - 1; is_there(at); --at)
            if (!is_told(at)) return true;
        return false;
    }

    static constexpr std::int64_t kReplacedLines = 2;  // where one went and one came

    // Whether one of them may have gone and another one have come, because then far fewer lines
    // did. At the end of a file nothing says how many.
    bool may_have_been_replaced(const EqualsGroup& part, const Neighbours& beside) const {
        const std::size_t count = part.before.size();
        std::vector<std::int64_t> was, now;
        for (const std::size_t i : part.before) was.push_back(state_.before[i].view.line);
        for (const std::size_t i : part.after) now.push_back(state_.after[i].view.line);
        const std::int64_t in_order = lines_changed(was, now, count, count, beside);
        const std::size_t farthest = count > kMostCompared ? kMostSkipped : count;
        for (std::size_t gone = 0; gone < count; ++gone)
            for (std::size_t come = gone - std::min(gone, farthest);
                 come < std::min(count, gone + farthest); ++come) {
                if (come == gone && gone + 1 == count && !beside.below) continue;
                const std::int64_t otherwise = lines_changed(was, now, gone, come, beside) +
                                               (come == gone ? kReplacedLines : 0);
                if (2 * otherwise < in_order) return true;
            }
        return false;
    }

    // Whether the one that its equals have left over may be another one: it stood between other
    // neighbours, or far fewer lines came or went if one of its equals went and one came.
    bool may_be_another(const EqualsGroup& group) const {
        if (group.before.size() != 1 || group.after.size() != 1) return false;
        const View& was = state_.before[group.before[0]].view;
        const View& now = state_.after[group.after[0]].view;
        const std::vector<MatchAnchor> anchors = anchors_of(now.path);
        if (!std::ranges::is_sorted(anchors, {}, &MatchAnchor::then)) return false;
        const std::size_t part = part_of(anchors, now.line, &MatchAnchor::now);
        if (part_of(anchors, was.line, &MatchAnchor::then) != part) return true;
        return may_have_been_replaced(group, neighbours_of(anchors, part));
    }

    // Of what stands before the anchor of that number.
    static Neighbours neighbours_of(const std::vector<MatchAnchor>& anchors, std::size_t part) {
        const auto moved_by = [&](std::size_t n) {
            return std::int64_t{anchors[n].now} - anchors[n].then;
        };
        Neighbours beside;
        if (part > 0) beside.above = moved_by(part - 1);
        if (part < anchors.size()) beside.below = moved_by(part);
        return beside;
    }

    // The lines around: one that has them before, one now.
    void match_by_surround(const EqualsGroup& group) {
        std::map<SignatureValue, EqualsGroup> by_lines;
        for (const std::size_t i : group.before)
            for (const Signature& around :
                 of_algorithm(state_.before[i].view, Algorithm::kSurround))
                by_lines[around.value].before.push_back(i);
        for (const std::size_t i : group.after)
            for (const Signature& around : of_algorithm(state_.after[i].view, Algorithm::kSurround))
                by_lines[around.value].after.push_back(i);
        for (const auto& [value, part] : by_lines) state_.match_single(part);
    }

    // As far as the nearest neighbours moved: those above and below have to name the same place.
    // One that names none says that something came or went between it and the line. At the ends of
    // a file there is a neighbour on one side only, which may be far away: it has to name a place
    // for all that stand there.
    void match_by_anchors(const EqualsGroup& group) {
        std::map<std::size_t, std::vector<std::size_t>> wanted;  // by before: who asks for it
        std::vector<std::pair<std::size_t, std::size_t>> at_ends;
        bool are_ends_named = true;
        for (const std::size_t i : group.after) {
            const std::optional<std::size_t> named = named_by_anchors(group, state_.after[i].view);
            const bool is_at_end = !is_between_anchors(state_.after[i].view);
            if (is_at_end && !named) are_ends_named = false;
            if (!named) continue;
            if (is_at_end)
                at_ends.emplace_back(*named, i);
            else
                wanted[*named].push_back(i);
        }
        if (are_ends_named)
            for (const auto& [known, found] : at_ends) wanted[known].push_back(found);
        for (const auto& [known, found] : wanted)
            if (found.size() == 1) state_.match_single({{known}, found});
    }

    bool is_between_anchors(const View& now) const {
        const auto anchors = state_.anchors.find(now.path);
        if (anchors == state_.anchors.end()) return false;
        return anchors->second.begin()->now < now.line && now.line <= anchors->second.rbegin()->now;
    }

    std::optional<std::size_t> named_by_anchors(const EqualsGroup& group, const View& now) const {
        const auto anchors = state_.anchors.find(now.path);
        if (anchors == state_.anchors.end()) return std::nullopt;
        const auto below = anchors->second.lower_bound(MatchAnchor{now.line, 0});
        std::optional<std::size_t> named;
        const auto ask = [&](const MatchAnchor& anchor) {
            const std::int64_t line = std::int64_t{anchor.then} - anchor.now + now.line;
            std::vector<std::size_t> there;
            std::ranges::copy_if(group.before, std::back_inserter(there),
                                 [&](std::size_t i) { return state_.before[i].view.line == line; });
            if (there.size() > 1)
                std::erase_if(there, [&](std::size_t i) {
                    return state_.before[i].view.position != now.position;
                });
            if (there.size() != 1 || (named && *named != there[0])) return false;
            named = there[0];
            return true;
        };
        if (below != anchors->second.end() && !ask(*below)) return std::nullopt;
        if (below != anchors->second.begin()) {
            if (!ask(*std::prev(below))) return std::nullopt;
        } else if (named && stood_another_at(group, now, *named)) {
            return std::nullopt;
        }
        return named;
    }

    // The beginning of a file does not move: above the first neighbour another one may have stayed.
    bool stood_another_at(const EqualsGroup& group, const View& now, std::size_t named) const {
        return std::ranges::any_of(group.before, [&](std::size_t i) {
            return i != named && state_.before[i].view.line == now.line;
        });
    }

    // As many as before, each as far away: the whole block moved, unless lines around say that it
    // is another one.
    void match_by_shift(const EqualsGroup& group) {
        if (group.before.size() != group.after.size()) return;
        for (std::size_t n = 0; n < group.after.size(); ++n)
            if (are_lines_around_others(group.before[n], group.after[n])) return;
        const auto distance = [&](std::size_t n) {
            return std::int64_t{state_.after[group.after[n]].view.line} -
                   state_.before[group.before[n]].view.line;
        };
        for (std::size_t n = 1; n < group.after.size(); ++n)
            if (distance(n) != distance(0)) return;
        for (std::size_t n = 0; n < group.after.size(); ++n)
            state_.match_single({{group.before[n]}, {group.after[n]}});
    }

    // As many as before between two neighbours that kept their order: these kept theirs, unless one
    // may have gone and another one come. Where the lines around are known and are others now, or
    // blocks changed places, so that nobody knows between which of them a line stood, it says
    // nothing.
    void match_by_order(const EqualsGroup& group) {
        const auto has_surround = [](const View& view) {
            return !of_algorithm(view, Algorithm::kSurround).empty();
        };
        if (has_surround(state_.after[group.after[0]].view)) return;
        const std::vector<MatchAnchor> line = anchors_of(state_.after[group.after[0]].view.path);
        if (!std::ranges::is_sorted(line, {}, &MatchAnchor::then)) return;
        std::map<std::size_t, EqualsGroup> parts;
        for (const std::size_t i : group.before)
            parts[part_of(line, state_.before[i].view.line, &MatchAnchor::then)].before.push_back(
                i);
        for (const std::size_t i : group.after)
            parts[part_of(line, state_.after[i].view.line, &MatchAnchor::now)].after.push_back(i);
        for (const auto& [number, part] : parts) {
            if (part.before.size() != part.after.size() || does_order_contradict_lines(part))
                continue;
            if (may_have_been_replaced(part, neighbours_of(line, number))) continue;
            for (std::size_t n = 0; n < part.after.size(); ++n)
                state_.match_single({{part.before[n]}, {part.after[n]}});
        }
    }

    // Where one was, one is, and the code there is not known to have moved, or to be another one's.
    void match_at_same_line(const EqualsGroup& group) {
        std::map<std::uint32_t, EqualsGroup> lines;
        for (const std::size_t i : group.before)
            lines[state_.before[i].view.line].before.push_back(i);
        for (const std::size_t i : group.after) lines[state_.after[i].view.line].after.push_back(i);
        for (const auto& [line, part] : lines) {
            if (part.before.empty() || part.after.empty()) continue;
            if (has_moved(state_.after[part.after[0]].view)) continue;
            if (part.before.size() == 1 && part.after.size() == 1 &&
                !code_of(state_.after[part.after[0]].view).empty() &&
                are_lines_around_others(part.before[0], part.after[0]))
                continue;
            if (state_.match_single(part)) continue;
            for (const std::size_t was : part.before)
                for (const std::size_t now : part.after)
                    if (are_at_same_place(was, now)) state_.match_single({{was}, {now}});
        }
    }

    // Whether all that is certain next to it stood at another line.
    bool has_moved(const View& now) const {
        const auto anchors = state_.anchors.find(now.path);
        if (anchors == state_.anchors.end()) return false;
        const auto below = anchors->second.lower_bound(MatchAnchor{now.line, 0});
        const auto stayed = [](const MatchAnchor& anchor) { return anchor.now == anchor.then; };
        if (below != anchors->second.end() && stayed(*below)) return false;
        if (below != anchors->second.begin() && stayed(*std::prev(below))) return false;
        return true;
    }

    // Some came or some went, nothing else in the file is known to have moved, and all of the fewer
    // are where one was: those stayed.
    void match_in_place(const EqualsGroup& group) {
        if (state_.anchors.contains(state_.after[group.after[0]].view.path)) return;
        std::map<std::pair<std::uint32_t, std::uint32_t>, EqualsGroup> places;
        for (const std::size_t i : group.before)
            places[{state_.before[i].view.line, state_.before[i].view.position}].before.push_back(
                i);
        for (const std::size_t i : group.after)
            places[{state_.after[i].view.line, state_.after[i].view.position}].after.push_back(i);
        std::size_t stayed = 0;
        for (const auto& [place, part] : places)
            stayed += part.before.size() == 1 && part.after.size() == 1 &&
                              !are_lines_around_others(part.before[0], part.after[0])
                          ? 1
                          : 0;
        if (stayed != std::min(group.before.size(), group.after.size())) return;
        for (const auto& [place, part] : places) state_.match_single(part);
    }

    // By their lines now.
    std::vector<MatchAnchor> anchors_of(std::int64_t path) const {
        const auto found = state_.anchors.find(path);
        if (found == state_.anchors.end()) return {};
        return {found->second.begin(), found->second.end()};
    }

    static std::size_t part_of(const std::vector<MatchAnchor>& anchors, std::uint32_t line,
                               std::uint32_t MatchAnchor::* side) {
        return static_cast<std::size_t>(std::ranges::upper_bound(anchors, line, {}, side) -
                                        anchors.begin());
    }

    MatchState& state_;
};

}  // namespace

void match_unchanged_lines(MatchState& state, EqualsGroup& group, Certainty certainty) {
    EqualsMatcher matcher(state);
    matcher.leave_out_repeats(group);
    matcher.match_unchanged_lines(group, certainty);
}

bool match_equals(MatchState& state, EqualsGroup& group, Certainty certainty) {
    return EqualsMatcher(state).match(group, certainty);
}

}  // namespace merlon::evidence
