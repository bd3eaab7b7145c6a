#include "evidence/matching.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "evidence/matching_equals.h"
#include "evidence/matching_moves.h"
#include "evidence/matching_state.h"
#include "evidence/matching_text.h"

namespace merlon::evidence {
namespace {

struct Member {
    GroupKey key;
    std::size_t index = 0;
    bool is_after = false;
    auto operator<=>(const Member&) const = default;
};

class Matcher {
  public:
    Matcher(std::span<const Before> before, std::span<const After> after,
            const MatchAnswers& answers)
        : state_{.before = {before.begin(), before.end()},
                 .after = after,
                 .pairings = std::vector<Pairing>(after.size()),
                 .used = {},
                 .anchors = {},
                 .renamed = {},
                 .answers = answers},
          answers_(answers) {}

    std::vector<Pairing> match() {
        keep_the_same();
        if (state_.before.empty()) return std::move(state_.pairings);
        find_sources();
        match_in_files();
        match_without_text(state_);
        MoveMatcher moves(state_, sources_);
        moves.find_renamed_files();
        if (!state_.renamed.empty()) match_in_files();
        moves.match_elsewhere();
        match_files_of_other_streams();
        return std::move(state_.pairings);
    }

  private:
    // --- 1: what is the same in everything ---

    void keep_the_same() {
        if (std::ranges::all_of(state_.after,
                                [](const After& found) { return found.same_as == 0; }))
            return;
        // Where equals came or went: by algorithm, family, value and path.
        std::set<std::pair<Algorithm, GroupKey>> in_motion;
        const auto note = [&](const View& view) {
            for (const Signature& signature : view.signatures)
                if (!is_beside(signature.algorithm))
                    in_motion.insert(
                        {signature.algorithm, {view.family, signature.value, view.path}});
        };
        for (const Before& known : state_.before)
            if (known.nearness == Nearness::kSameStream) note(known.view);
        for (const After& found : state_.after)
            if (found.same_as == 0) note(found.view);
        for (std::size_t i = 0; i < state_.after.size(); ++i) {
            const After& found = state_.after[i];
            if (found.same_as == 0) continue;
            const bool moves =
                std::ranges::any_of(found.view.signatures, [&](const Signature& signature) {
                    return in_motion.contains(
                        {signature.algorithm,
                         {found.view.family, signature.value, found.view.path}});
                });
            if (moves) {
                state_.before.push_back({.view = found.view,
                                         .finding = found.same_as,
                                         .nearness = Nearness::kSameStream,
                                         .stood = found.stood});
            } else {
                state_.take(i, found.same_as, found.view);
            }
        }
    }

    // --- where views are from ---

    // The nearest first; of other streams what they have of the commit that both come from, then
    // that which is the most like this one.
    void find_sources() {
        std::set<MatchedPlace> now;
        const bool has_others = std::ranges::any_of(state_.before, [](const Before& known) {
            return known.nearness == Nearness::kOtherStream;
        });
        if (has_others)
            for (const After& found : state_.after) now.insert(place_of(found.view));
        const auto changed = files_changed_since_base();
        std::map<std::tuple<Nearness, std::int64_t, bool>, MatchSource> sources;
        for (std::size_t i = 0; i < state_.before.size(); ++i) {
            const Before& known = state_.before[i];
            const bool is_other = known.nearness == Nearness::kOtherStream;
            const bool has_changed = is_other && changed.contains({known.stream, known.view.path});
            MatchSource& source =
                sources[{known.nearness, is_other ? known.stream : 0, has_changed}];
            source.nearness = known.nearness;
            source.has_changed = has_changed;
            source.before.push_back(i);
            if (is_other) source.standing += now.contains(place_of(known.view)) ? 1 : 0;
        }
        for (auto& [key, source] : sources) sources_.push_back(std::move(source));
        std::ranges::stable_sort(sources_, [](const MatchSource& left, const MatchSource& right) {
            return std::tuple(left.nearness, left.has_changed, right.standing) <
                   std::tuple(right.nearness, right.has_changed, left.standing);
        });
    }

    // By stream and path: of files of which streams know different things, those that a stream has
    // changed since its branch and this one parted, as far as Git tells.
    std::set<std::pair<std::int64_t, std::int64_t>> files_changed_since_base() const {
        std::set<std::pair<std::int64_t, std::int64_t>> changed;
        if (!answers_.is_of_base) return changed;
        using Known = std::set<std::tuple<std::int64_t, std::uint32_t, std::uint32_t>>;
        std::unordered_map<std::int64_t, std::map<std::int64_t, Known>> files;  // by path, stream
        for (const Before& known : state_.before)
            if (known.nearness == Nearness::kOtherStream)
                files[known.view.path][known.stream].insert(
                    {known.finding, known.view.line, known.view.position});
        for (const auto& [path, streams] : files) {
            const Known& first = streams.begin()->second;
            if (std::ranges::all_of(streams, [&](const auto& of) { return of.second == first; }))
                continue;
            for (const auto& [stream, known] : streams)
                if (answers_.is_of_base(stream, path) == false) changed.insert({stream, path});
        }
        return changed;
    }

    bool is_free_before(std::size_t index) const {
        return !before_waits_[index] && !state_.used.contains(state_.before[index].finding);
    }
    bool is_free_after(std::size_t index) const {
        return state_.pairings[index].finding == 0 && !after_waits_[index];
    }
    bool is_free_after(std::size_t index, Nearness nearness) const {
        return is_free_after(index) &&
               (nearness == Nearness::kOtherStream || !is_none_of_here_[index]);
    }

    // --- 2 and 3: in one file ---

    // Until nothing more is decided: what equals of this stream have left over may be what another
    // one has.
    void match_in_files() {
        before_waits_.assign(state_.before.size(), false);
        after_waits_.assign(state_.after.size(), false);
        is_none_of_here_.assign(state_.after.size(), false);
        match_unchanged_lines_of_equals();
        Round round = Round::kFirst;
        while (match_groups_in_files(round)) round = Round::kOfLeftOver;
    }

    // The texts of the file before all that was made of a part of them: a block or a fingerprint
    // may end with the lines of what stands below.
    void match_unchanged_lines_of_equals() {
        if (!answers_.lines_of) return;
        const AlgorithmFacts& facts =
            *std::ranges::find(kAlgorithms, Algorithm::kCode, &AlgorithmFacts::algorithm);
        for (const MatchSource& source : sources_) {
            each_group(facts.algorithm, source, [&](EqualsGroup& group) {
                if (group.before.size() == 1 && group.after.size() == 1) return;
                const Certainty certainty = needs_place(group, facts, source.nearness)
                                                ? Certainty::kNeedsPlace
                                                : Certainty::kSure;
                match_unchanged_lines(state_, group, certainty);
            });
        }
    }

    // In a file where this stream had an equal, one that is left over is what another stream has
    // only where that stands.
    enum class Round : std::uint8_t { kFirst, kOfLeftOver };

    // Whether it has decided about some equals.
    bool match_groups_in_files(Round round) {
        struct Waiting {
            EqualsGroup group;
            Certainty certainty;
            bool is_told = false;
        };
        std::vector<Waiting> waiting;
        for (const AlgorithmFacts& facts : kAlgorithms) {
            const Changes changes = changes_of(facts.algorithm);
            for (const MatchSource& source : sources_) {
                each_group(facts.algorithm, source, [&](EqualsGroup& group) {
                    const bool is_left_over = round == Round::kOfLeftOver && facts.is_of_lines &&
                                              source.nearness != Nearness::kSameStream;
                    const Certainty certainty =
                        is_left_over || needs_place(group, facts, source.nearness)
                            ? Certainty::kNeedsPlace
                            : certainty_of(group, facts, changes);
                    if (certainty == Certainty::kSure && state_.match_single(group)) return;
                    set_waiting(group, true);
                    waiting.push_back({.group = std::move(group), .certainty = certainty});
                });
            }
        }
        // Now that everything that is certain is an anchor.
        for (Waiting& wait : waiting) {
            set_waiting(wait.group, false);
            wait.is_told = match_equals(state_, wait.group, wait.certainty);
        }
        bool has_decided = false;
        // Weaker algorithms do not decide what a stronger one could not.
        for (const Waiting& wait : waiting) {
            const EqualsGroup& left = wait.group;
            if (left.before.empty() || left.after.empty()) {
                has_decided = true;
                continue;
            }
            set_waiting(left, true);
            if (!wait.is_told) continue;
            // Of each it is known that it is none of these: another branch may have it.
            for (const std::size_t i : left.after) {
                after_waits_[i] = false;
                is_none_of_here_[i] = true;
            }
            has_decided = true;
        }
        return has_decided;
    }

    void set_waiting(const EqualsGroup& group, bool waits) {
        for (const std::size_t i : group.before) before_waits_[i] = waits;
        for (const std::size_t i : group.after) after_waits_[i] = waits;
    }

    // By family and value, with 0 as the path: files that have more or fewer than they had, and
    // only two of them, because no more are ever asked for.
    using Changes = std::map<GroupKey, std::vector<std::int64_t>>;

    Changes changes_of(Algorithm algorithm) const {
        constexpr std::array kOfLines{Algorithm::kDistinctContent, Algorithm::kContent,
                                      Algorithm::kCode};
        if (std::ranges::find(kOfLines, algorithm) == kOfLines.end()) return {};
        std::map<GroupKey, std::int64_t> more;  // than were there
        for (std::size_t i = 0; i < state_.before.size(); ++i) {
            if (state_.before[i].nearness != Nearness::kSameStream || !is_free_before(i)) continue;
            const View& view = state_.before[i].view;
            for (const Signature& signature : in_pass_of(algorithm, view))
                --more[{view.family, signature.value, state_.path_of(view.path)}];
        }
        for (std::size_t i = 0; i < state_.after.size(); ++i) {
            if (!is_free_after(i)) continue;
            const View& view = state_.after[i].view;
            for (const Signature& signature : in_pass_of(algorithm, view))
                ++more[{view.family, signature.value, view.path}];
        }
        Changes changes;
        for (const auto& [key, count] : more) {
            if (count == 0) continue;
            std::vector<std::int64_t>& paths = changes[{key.family, key.value, 0}];
            if (paths.size() < 2) paths.push_back(key.path);
        }
        return changes;
    }

    // Whether equal values say nothing by themselves: at another place it may be another one.
    bool needs_place(const EqualsGroup& group, const AlgorithmFacts& facts,
                     Nearness nearness) const {
        if (facts.needs_place) return true;
        if (!facts.is_of_lines && !facts.is_from_lines) return false;
        const auto known = [&](std::size_t i) -> const Before& { return state_.before[i]; };
        if (facts.is_of_lines &&
            std::ranges::all_of(group.before, [&](std::size_t i) { return known(i).is_past; }))
            return true;
        if (nearness != Nearness::kOtherStream || !answers_.may_share) return false;
        return std::ranges::none_of(group.before, [&](std::size_t i) {
            return answers_.may_share(known(i).finding, group.after[0]);
        });
    }

    Certainty certainty_of(const EqualsGroup& group, const AlgorithmFacts& facts,
                           const Changes& changes) {
        if (group.before.size() != 1 || group.after.size() != 1) return Certainty::kSure;
        const View& was = state_.before[group.before[0]].view;
        const View& now = state_.after[group.after[0]].view;
        // One member of the fingerprints agrees; another one and the lines do not.
        if (facts.algorithm == Algorithm::kFingerprint && was.line != now.line &&
            are_other_lines(was, now) &&
            !std::ranges::equal(of_algorithm(was, facts.algorithm),
                                of_algorithm(now, facts.algorithm)))
            return Certainty::kDoubtful;
        if (facts.is_of_lines || facts.is_from_lines) {
            const auto lines = state_.lines_of(group.before[0], group.after[0]);
            if (lines && !are_other_lines(was, now) && came_in_another_change(*lines, was, now))
                return Certainty::kDoubtful;
            if (!lines && facts.is_from_lines && was.line != now.line && stands_equal_at(was))
                return Certainty::kDoubtful;
        }
        if (changes.empty()) return Certainty::kSure;
        const auto around_was = of_algorithm(was, Algorithm::kSurround);
        const auto around_now = of_algorithm(now, Algorithm::kSurround);
        if (around_was.empty() || around_now.empty() || std::ranges::equal(around_was, around_now))
            return Certainty::kSure;
        if (was.path == now.path && was.line == now.line && was.position == now.position)
            return Certainty::kSure;
        for (const Signature& signature : in_pass_of(facts.algorithm, now)) {
            const auto found = changes.find({now.family, signature.value, 0});
            if (found == changes.end()) continue;
            if (std::ranges::any_of(found->second,
                                    [&](std::int64_t path) { return path != now.path; }))
                return Certainty::kDoubtful;
        }
        return Certainty::kSure;
    }

    // Whether one that reads the same stands where that stood: then it may be that, and what its
    // tool made of the lines below it may have gone to another one with them.
    bool stands_equal_at(const View& was) {
        if (standing_.empty())
            for (const After& found : state_.after) standing_.insert(place_of(found.view));
        MatchedPlace place = place_of(was);
        std::get<0>(place) = state_.path_of(was.path);
        return standing_.contains(place);
    }

    // Whether the line that was went, and this one came elsewhere, or between other lines, or where
    // nothing tells that it is that.
    static bool came_in_another_change(const LinesNow& lines, const View& was, const View& now) {
        if (now.line < lines.first || lines.end <= now.line || lines.may_be_anew) return true;
        return !lines.is_unchanged && are_lines_around_others(was, now);
    }

    template <typename Use>
    void each_group(Algorithm algorithm, const MatchSource& source, const Use& use) {
        std::vector<Member> members;
        for (const std::size_t i : source.before) {
            if (!is_free_before(i)) continue;
            const View& view = state_.before[i].view;
            for (const Signature& signature : in_pass_of(algorithm, view))
                members.push_back(
                    {{view.family, signature.value, state_.path_of(view.path)}, i, false});
        }
        if (members.empty()) return;
        for (std::size_t i = 0; i < state_.after.size(); ++i) {
            if (!is_free_after(i, source.nearness)) continue;
            const View& view = state_.after[i].view;
            for (const Signature& signature : in_pass_of(algorithm, view))
                members.push_back({{view.family, signature.value, view.path}, i, true});
        }
        std::ranges::sort(members);
        for (std::size_t first = 0; first < members.size();) {
            EqualsGroup group;
            std::size_t at = first;
            for (; at < members.size() && members[at].key == members[first].key; ++at) {
                const Member& member = members[at];
                // A group before may have decided of it.
                if (member.is_after ? is_free_after(member.index, source.nearness)
                                    : is_free_before(member.index))
                    (member.is_after ? group.after : group.before).push_back(member.index);
            }
            first = at;
            if (group.before.empty() || group.after.empty()) continue;
            sort_by_line(group);
            use(group);
        }
    }

    void sort_by_line(EqualsGroup& group) const {
        const auto order = [](const View& view) { return std::pair(view.line, view.position); };
        std::ranges::stable_sort(group.before, {},
                                 [&](std::size_t i) { return order(state_.before[i].view); });
        std::ranges::stable_sort(group.after, {},
                                 [&](std::size_t i) { return order(state_.after[i].view); });
    }

    // --- 6: what came from another branch ---

    void match_files_of_other_streams() {
        using Places = std::map<MatchedPlace, std::vector<std::size_t>>;
        std::unordered_map<std::int64_t, Places> now;  // by path, where something is left
        for (std::size_t i = 0; i < state_.after.size(); ++i)
            if (state_.pairings[i].finding == 0) now[state_.after[i].view.path];
        if (now.empty()) return;
        for (std::size_t i = 0; i < state_.after.size(); ++i) {
            const View& view = state_.after[i].view;
            const auto file = now.find(view.path);
            if (file != now.end()) file->second[place_of(view)].push_back(i);
        }
        for (const MatchSource& source : sources_) {
            if (source.nearness != Nearness::kOtherStream) continue;
            std::unordered_map<std::int64_t, Places> there;
            for (const std::size_t i : source.before) {
                const View& view = state_.before[i].view;
                if (now.contains(view.path)) there[view.path][place_of(view)].push_back(i);
            }
            for (const auto& [path, places] : there) {
                const Places& found = now.at(path);
                const bool stands = std::ranges::all_of(places, [&](const auto& place) {
                    const auto now_there = found.find(place.first);
                    return now_there != found.end() &&
                           std::ranges::all_of(place.second, [&](std::size_t i) {
                               return may_have_come(i, now_there->second[0]);
                           });
                });
                // What the exact pass met is not among the places of before.
                const bool is_all_there = std::ranges::all_of(found, [&](const auto& place) {
                    return places.contains(place.first) ||
                           std::ranges::none_of(place.second, [&](std::size_t i) {
                               return state_.pairings[i].finding == 0;
                           });
                });
                if (!stands || !is_all_there) continue;
                for (const auto& [place, was] : places) state_.match_single({was, found.at(place)});
            }
        }
    }

    // What stands at the same place in another branch: not if the lines around are others, nor if
    // it was written after the two parted, and what heads it there does not head it here.
    bool may_have_come(std::size_t before, std::size_t after) const {
        const Before& known = state_.before[before];
        const View& now = state_.after[after].view;
        if (are_lines_around_others(known.view, now)) return false;
        if (!answers_.may_share || answers_.may_share(known.finding, after)) return true;
        const std::optional<LinesNow> lines = state_.lines_of(before, after);
        return lines && lines->is_with_head && lines->first == now.line;
    }

    MatchState state_;
    std::vector<MatchSource> sources_;
    const MatchAnswers& answers_;
    // Of a group that waits until everything certain is known.
    std::vector<bool> before_waits_, after_waits_;
    std::set<MatchedPlace> standing_;    // of all that is now, when it is first asked for
    std::vector<bool> is_none_of_here_;  // by after: that this stream has
};

}  // namespace

std::vector<Pairing> match_views(std::span<const Before> before, std::span<const After> after,
                                 const MatchAnswers& answers) {
    return Matcher(before, after, answers).match();
}

}  // namespace merlon::evidence
