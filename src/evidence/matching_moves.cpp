#include "evidence/matching_moves.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace merlon::evidence {
namespace {

// Values that more findings have than this are in every file, and tell files that are called alike
// only.
constexpr std::size_t kMaxShared = 64;
constexpr std::size_t kMaxEnding = 3;  // folders and name by which these are told apart

// How many of their last folders two paths share, the file's name first.
std::size_t common_ending(std::string_view left, std::string_view right) {
    std::size_t common = 0;
    while (!left.empty() && !right.empty()) {
        const std::size_t l = left.rfind('/') + 1, r = right.rfind('/') + 1;
        if (left.substr(l) != right.substr(r)) break;
        ++common;
        left = left.substr(0, l == 0 ? 0 : l - 1);
        right = right.substr(0, r == 0 ? 0 : r - 1);
    }
    return common;
}

// Its last `parts` parts; all of it where it has no more.
std::string_view ending_of(std::string_view path, std::size_t parts) {
    std::size_t at = path.size();
    for (; parts > 0; --parts) {
        const std::size_t slash = at == 0 ? std::string_view::npos : path.rfind('/', at - 1);
        if (slash == std::string_view::npos) return path;
        at = slash;
    }
    return path.substr(at + 1);
}

bool is_very_common(const EqualsGroup& group) {
    return group.before.size() > kMaxShared || group.after.size() > kMaxShared;
}

using PathPair = std::pair<std::int64_t, std::int64_t>;
using CommonScore = std::pair<std::size_t, std::size_t>;  // findings, last folders

// The file with the highest score, and whether no other has it too.
template <typename Score>
struct BestOf {
    std::int64_t path = 0;
    Score score{};
    bool is_clear = false;

    void offer(std::int64_t other, Score its_score) {
        if (its_score == score) is_clear = false;
        if (its_score <= score) return;
        *this = {other, its_score, true};
    }
};

}  // namespace

class MoveMatcher::Moves {
  public:
    Moves(MatchState& state, std::span<const MatchSource> sources)
        : state_(state), sources_(sources) {}

    // --- 4: renamed files ---

    void find_renamed_files() {
        std::unordered_set<std::int64_t> now, then;
        for (const After& found : state_.after) now.insert(found.view.path);
        for (const Before& known : state_.before)
            if (known.nearness != Nearness::kGone) then.insert(known.view.path);
        find_files_of_like_text(now, then);
        // How much a file that went and one that came have in common.
        std::map<PathPair, std::size_t> common;
        each_shared_group([&](const AlgorithmFacts& facts, const EqualsGroup& group,
                              bool is_copied) {
            if (is_copied) return;
            std::set<PathPair> pairs;
            each_candidate(group, 0, [&](std::size_t i, std::size_t j) {
                if (state_.before[i].is_past) return;
                const std::int64_t was = state_.before[i].view.path, is = state_.after[j].view.path;
                if (now.contains(was) || then.contains(is) || is_told_of_.contains({was, is}))
                    return;
                if (facts.heeds_surround &&
                    are_lines_around_others(state_.before[i].view, state_.after[j].view))
                    return;
                if (facts.algorithm == Algorithm::kFingerprint &&
                    are_other_lines(state_.before[i].view, state_.after[j].view))
                    return;
                pairs.insert({was, is});
            });
            for (const PathPair& pair : pairs) ++common[pair];
        });
        find_files_that_are_alike(now, then);
        // By each side: the best of the other, if it is better than the next one.
        std::unordered_map<std::int64_t, BestOf<CommonScore>> by_old, by_new;
        for (const auto& [pair, count] : common) {
            const CommonScore score(count, common_ending(state_.answers.path_name(pair.first),
                                                         state_.answers.path_name(pair.second)));
            by_old[pair.first].offer(pair.second, score);
            by_new[pair.second].offer(pair.first, score);
        }
        take_the_best_of_both(by_old, by_new);
    }

    // --- 5: elsewhere ---

    void match_elsewhere() {
        each_shared_group(
            [&](const AlgorithmFacts& facts, const EqualsGroup& group, bool is_copied) {
                if (is_very_common(group)) return;
                const bool is_doubtful =
                    is_copied || (facts.heeds_surround && are_all_lines_around_others(group)) ||
                    (facts.algorithm == Algorithm::kFingerprint && are_all_other_lines(group));
                match_moved(group, is_doubtful ? Moved::kMaybe : Moved::kSurely);
            });
    }

  private:
    static constexpr double kLeastLikeness = 0.5;          // as Git's of renames
    static constexpr std::size_t kMostFilesCompared = 16;  // with one

    // By their texts, where these are known: of files that have a finding's code in common.
    void find_files_of_like_text(const std::unordered_set<std::int64_t>& now,
                                 const std::unordered_set<std::int64_t>& then) {
        if (!state_.answers.likeness_of) return;
        using Files = std::map<std::int64_t, std::size_t>;  // by path, one finding of each
        std::map<GroupKey, Files> came;
        for (std::size_t i = 0; i < state_.after.size(); ++i) {
            const View& view = state_.after[i].view;
            if (then.contains(view.path) || state_.pairings[i].finding != 0) continue;
            for (const Signature& code : code_of(view))
                came[{view.family, code.value, 0}].emplace(view.path, i);
        }
        if (came.empty()) return;
        std::map<std::int64_t, std::pair<std::size_t, Files>> went;
        for (std::size_t i = 0; i < state_.before.size(); ++i) {
            const Before& known = state_.before[i];
            const View& view = known.view;
            if (!known.stood || now.contains(view.path) || state_.used.contains(known.finding))
                continue;
            for (const Signature& code : code_of(view)) {
                const auto found = came.find({view.family, code.value, 0});
                if (found == came.end() || !can_move(known.finding)) continue;
                auto& [before, files] = went[view.path];
                before = i;
                files.insert(found->second.begin(), found->second.end());
            }
        }
        std::unordered_map<std::int64_t, BestOf<double>> by_old, by_new;
        for (auto& [was, file] : went) {
            auto& [before, files] = file;
            if (files.size() > kMostFilesCompared)
                std::erase_if(files, [&](const auto& other) {
                    return common_ending(state_.answers.path_name(was),
                                         state_.answers.path_name(other.first)) == 0;
                });
            if (files.size() > kMostFilesCompared) continue;
            for (const auto& [is, after] : files) {
                const auto likeness = state_.answers.likeness_of(state_.before[before], after);
                if (!likeness) continue;
                is_told_of_.insert({was, is});
                if (*likeness < kLeastLikeness) continue;
                by_old[was].offer(is, *likeness);
                by_new[is].offer(was, *likeness);
            }
        }
        take_the_best_of_both(by_old, by_new);
    }

    // Of each other: renamed.
    template <typename Score>
    void take_the_best_of_both(const std::unordered_map<std::int64_t, BestOf<Score>>& by_old,
                               const std::unordered_map<std::int64_t, BestOf<Score>>& by_new) {
        for (const auto& [was, best] : by_old) {
            if (!best.is_clear) continue;
            const BestOf<Score>& back = by_new.at(best.path);
            if (back.is_clear && back.path == was) state_.renamed.insert_or_assign(was, best.path);
        }
    }

    // All that stands in a file.
    using Standing = std::vector<MatchedPlace>;
    static void add_to(Standing& standing, const View& view) {
        standing.push_back(place_of(view));
        std::get<0>(standing.back()) = 0;  // in whichever file
    }
    // The same one under the other, at whichever lines.
    static Standing in_order_alone(Standing standing) {
        std::ranges::sort(standing, {}, [](const MatchedPlace& place) {
            return std::tuple(std::get<2>(place), std::get<3>(place), std::get<1>(place));
        });
        for (MatchedPlace& place : standing) std::get<2>(place) = std::get<3>(place) = 0;
        return standing;
    }

    struct FileThatWent {
        Standing standing;
        std::vector<std::size_t> before;
        bool is_left_out = false;
    };
    using FilesThatWent = std::unordered_map<std::int64_t, FileThatWent>;
    using Standings = std::unordered_map<std::int64_t, Standing>;

    // A file that went and one that came in which the same stands at the same places, and in no
    // other file; else, where they are called alike, in the same order.
    void find_files_that_are_alike(const std::unordered_set<std::int64_t>& now,
                                   const std::unordered_set<std::int64_t>& then) {
        Standings after;
        for (const After& found : state_.after) add_to(after[found.view.path], found.view);
        for (auto& [path, standing] : after) std::ranges::sort(standing);
        for (const MatchSource& source : sources_) {
            if (source.nearness == Nearness::kGone) continue;
            FilesThatWent went = files_that_went(source, now);
            if (went.empty()) continue;
            pair_files_alike(went, after, then, Likeness::kPlaces);
            Standings in_order;
            for (const auto& [path, standing] : after) in_order[path] = in_order_alone(standing);
            for (auto& [path, file] : went) file.standing = in_order_alone(file.standing);
            pair_files_alike(went, in_order, then, Likeness::kOrder);
        }
    }

    FilesThatWent files_that_went(const MatchSource& source,
                                  const std::unordered_set<std::int64_t>& now) const {
        FilesThatWent went;
        for (const std::size_t i : source.before) {
            const Before& known = state_.before[i];
            if (now.contains(known.view.path)) continue;
            FileThatWent& file = went[known.view.path];
            // What has no code says too little of what it is.
            if (known.is_apart || known.is_past || state_.used.contains(known.finding) ||
                code_of(known.view).empty())
                file.is_left_out = true;
            add_to(file.standing, known.view);
            file.before.push_back(i);
        }
        std::erase_if(went, [](const auto& file) { return file.second.is_left_out; });
        for (auto& [path, file] : went) std::ranges::sort(file.standing);
        return went;
    }

    enum class Likeness : std::uint8_t { kPlaces, kOrder };

    void pair_files_alike(const FilesThatWent& went, const Standings& after,
                          const std::unordered_set<std::int64_t>& then, Likeness likeness) {
        struct Files {
            std::vector<std::int64_t> went, came;
            bool has_stayed = false;
        };
        std::map<Standing, Files> files;
        for (const auto& [path, file] : went) files[file.standing].went.push_back(path);
        for (const auto& [path, standing] : after) {
            const auto found = files.find(standing);
            if (found == files.end()) continue;
            if (then.contains(path))
                found->second.has_stayed = true;
            else
                found->second.came.push_back(path);
        }
        std::unordered_set<std::int64_t> taken;
        for (const auto& [was, is] : state_.renamed) taken.insert(is);
        for (const auto& [standing, alike] : files) {
            if (alike.went.size() != 1 || alike.came.size() != 1) continue;
            const std::int64_t was = alike.went[0], is = alike.came[0];
            if (is_told_of_.contains({was, is})) continue;
            if (!says_enough(standing, alike.has_stayed, was, is, likeness)) continue;
            const std::vector<std::size_t>& before = went.at(was).before;
            const bool can_have_moved = std::ranges::all_of(
                before, [&](std::size_t i) { return can_move(state_.before[i].finding); });
            if (can_have_moved && taken.insert(is).second) state_.renamed.emplace(was, is);
        }
    }

    // A single line, or what an untouched file has as well, is of two files that are called alike;
    // an order is of these alone, and of several different lines.
    bool says_enough(const Standing& standing, bool has_stayed, std::int64_t was, std::int64_t is,
                     Likeness likeness) const {
        const bool is_called_alike =
            common_ending(state_.answers.path_name(was), state_.answers.path_name(is)) > 0;
        if (likeness == Likeness::kPlaces)
            return is_called_alike || (standing.size() > 1 && !has_stayed);
        constexpr std::size_t kLeastLines = 3;
        std::set<MatchedPlace> different(standing.begin(), standing.end());
        return is_called_alike && !has_stayed && different.size() >= kLeastLines;
    }

    // Calls use(before, after) for each pair; where there are too many, of paths that end alike.
    template <typename Use>
    void each_candidate(const EqualsGroup& group, std::size_t parts, const Use& use) const {
        if (!is_very_common(group)) {
            for (const std::size_t i : group.before)
                for (const std::size_t j : group.after) use(i, j);
            return;
        }
        if (parts == kMaxEnding) return;
        std::map<std::string_view, EqualsGroup> endings;
        for (const std::size_t i : group.before)
            endings[ending_of(state_.answers.path_name(state_.before[i].view.path), parts + 1)]
                .before.push_back(i);
        for (const std::size_t j : group.after)
            endings[ending_of(state_.answers.path_name(state_.after[j].view.path), parts + 1)]
                .after.push_back(j);
        for (const auto& [ending, part] : endings)
            if (!part.before.empty() && !part.after.empty()) each_candidate(part, parts + 1, use);
    }

    // Calls use(facts, group, is_copied) for each group of values that reach other files, from the
    // strongest algorithm to the weakest.
    template <typename Use>
    void each_shared_group(const Use& use) {
        for (const AlgorithmFacts& facts : kAlgorithms) {
            if (!facts.reaches_other_files) continue;
            const std::vector<EqualsGroup> groups = shared_values(facts.algorithm);
            if (groups.empty()) continue;
            const DecidedValues decided = decided_values(facts.algorithm);
            for (const EqualsGroup& group : groups)
                use(facts, group, is_copied(facts.algorithm, group, decided));
        }
    }

    // Groups of all files together; of those that are left of both sides.
    std::vector<EqualsGroup> shared_values(Algorithm algorithm) {
        std::map<GroupKey, EqualsGroup> groups;
        for (std::size_t i = 0; i < state_.before.size(); ++i) {
            if (state_.used.contains(state_.before[i].finding) || state_.before[i].is_apart)
                continue;
            const View& view = state_.before[i].view;
            for (const Signature& signature : of_algorithm(view, algorithm))
                groups[{view.family, signature.value, 0}].before.push_back(i);
        }
        for (std::size_t i = 0; i < state_.after.size(); ++i) {
            if (state_.pairings[i].finding != 0) continue;
            const View& view = state_.after[i].view;
            for (const Signature& signature : of_algorithm(view, algorithm)) {
                const auto found = groups.find({view.family, signature.value, 0});
                if (found != groups.end()) found->second.after.push_back(i);
            }
        }
        std::vector<EqualsGroup> shared;
        for (auto& [key, group] : groups) {
            if (group.after.empty()) continue;
            std::erase_if(group.before,
                          [&](std::size_t i) { return !can_move(state_.before[i].finding); });
            if (!group.before.empty()) shared.push_back(std::move(group));
        }
        return shared;
    }

    bool can_move(std::int64_t finding) {
        if (!state_.answers.may_move) return true;
        const auto [place, is_first] = can_move_.try_emplace(finding, true);
        if (is_first) place->second = state_.answers.may_move(finding);
        return place->second;
    }

    // By family: values that findings have of which it is known where they are. Others with the
    // same value may be copies.
    using DecidedValues = std::set<std::pair<std::int64_t, SignatureValue>>;
    DecidedValues decided_values(Algorithm algorithm) const {
        DecidedValues values;
        for (std::size_t i = 0; i < state_.after.size(); ++i) {
            if (state_.pairings[i].finding == 0) continue;
            for (const Signature& signature : of_algorithm(state_.after[i].view, algorithm))
                values.insert({state_.after[i].view.family, signature.value});
        }
        return values;
    }

    bool is_copied(Algorithm algorithm, const EqualsGroup& group,
                   const DecidedValues& decided) const {
        const View& now = state_.after[group.after[0]].view;
        return std::ranges::any_of(of_algorithm(now, algorithm), [&](const Signature& signature) {
            return decided.contains({now.family, signature.value});
        });
    }

    enum class Moved : std::uint8_t { kSurely, kMaybe };
    void match_moved(EqualsGroup group, Moved moved) {
        // One that went in this run rather than one that went before.
        const auto is_past = [&](std::size_t i) { return state_.before[i].is_past; };
        const bool are_past = std::ranges::all_of(group.before, is_past);
        if (are_past)
            moved = Moved::kMaybe;
        else
            std::erase_if(group.before, is_past);
        std::set<std::int64_t> findings;
        for (const std::size_t i : group.before) findings.insert(state_.before[i].finding);
        const bool was_stopped = state_.pairings[group.after[0]].maybe_from != 0;
        if (findings.size() == 1 && group.after.size() == 1 && moved == Moved::kSurely &&
            !was_stopped) {
            state_.match_single({{group.before[0]}, group.after});
            return;
        }
        for (const std::size_t i : group.after)
            if (state_.pairings[i].finding == 0 && state_.pairings[i].maybe_from == 0)
                state_.pairings[i].maybe_from = *findings.begin();
    }

    // Of all places where it is known.
    bool are_all_lines_around_others(const EqualsGroup& group) const {
        const View& now = state_.after[group.after[0]].view;
        return std::ranges::all_of(group.before, [&](std::size_t i) {
            return are_lines_around_others(state_.before[i].view, now);
        });
    }

    bool are_all_other_lines(const EqualsGroup& group) const {
        const View& now = state_.after[group.after[0]].view;
        return std::ranges::all_of(group.before, [&](std::size_t i) {
            return are_other_lines(state_.before[i].view, now);
        });
    }

    MatchState& state_;
    std::span<const MatchSource> sources_;
    std::set<PathPair> is_told_of_;  // files of which their texts say whether they are one
    std::unordered_map<std::int64_t, bool> can_move_;  // by finding, of those that it was asked of
};

MoveMatcher::MoveMatcher(MatchState& state, std::span<const MatchSource> sources)
    : moves_(std::make_unique<Moves>(state, sources)) {}

MoveMatcher::~MoveMatcher() = default;

void MoveMatcher::find_renamed_files() { moves_->find_renamed_files(); }

void MoveMatcher::match_elsewhere() { moves_->match_elsewhere(); }

}  // namespace merlon::evidence
