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
#include "evidence/matching_state.h"
#include "evidence/matching_text.h"

namespace merlon::evidence {
namespace {

// Values that more findings have than this are in every file, and tell files that are called alike
// only.
constexpr std::size_t kMaxShared = 64;
constexpr std::size_t kMaxEnding = 3;  // folders and name by which these are told apart

struct Member {
    GroupKey key;
    std::size_t index = 0;
    bool is_after = false;
    auto operator<=>(const Member&) const = default;
};

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
        find_renamed_files();
        if (!state_.renamed.empty()) match_in_files();
        match_elsewhere();
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

    // One of the places where findings are known: this stream, each other one by itself, because
    // equals of two make no order, and what went.
    struct Source {
        Nearness nearness = Nearness::kSameStream;
        bool has_changed = false;  // of another stream: its files since the two parted
        std::vector<std::size_t> before;
        std::size_t standing = 0;  // views of it that are just where one of now is
    };

    using Place = std::tuple<std::int64_t, std::int64_t, std::uint32_t, std::uint32_t,
                             std::optional<SignatureValue>>;
    static Place place_of(const View& view) {
        return {view.path, view.family, view.line, view.position, code_value_of(view)};
    }
    // What has no code is known by its first signature.
    static std::optional<SignatureValue> code_value_of(const View& view) {
        const auto code = code_of(view);
        if (!code.empty()) return code[0].value;
        return view.signatures.empty() ? std::nullopt : std::optional(view.signatures[0].value);
    }

    // The nearest first; of other streams what they have of the commit that both come from, then
    // that which is the most like this one.
    void find_sources() {
        std::set<Place> now;
        const bool has_others = std::ranges::any_of(state_.before, [](const Before& known) {
            return known.nearness == Nearness::kOtherStream;
        });
        if (has_others)
            for (const After& found : state_.after) now.insert(place_of(found.view));
        const auto changed = files_changed_since_base();
        std::map<std::tuple<Nearness, std::int64_t, bool>, Source> sources;
        for (std::size_t i = 0; i < state_.before.size(); ++i) {
            const Before& known = state_.before[i];
            const bool is_other = known.nearness == Nearness::kOtherStream;
            const bool has_changed = is_other && changed.contains({known.stream, known.view.path});
            Source& source = sources[{known.nearness, is_other ? known.stream : 0, has_changed}];
            source.nearness = known.nearness;
            source.has_changed = has_changed;
            source.before.push_back(i);
            if (is_other) source.standing += now.contains(place_of(known.view)) ? 1 : 0;
        }
        for (auto& [key, source] : sources) sources_.push_back(std::move(source));
        std::ranges::stable_sort(sources_, [](const Source& left, const Source& right) {
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

    // --- 2 and 3: in one file ---

    // Until nothing more is decided: what equals of this stream have left over may be what another
    // one has.
    void match_in_files() {
        before_waits_.assign(state_.before.size(), false);
        after_waits_.assign(state_.after.size(), false);
        Round round = Round::kFirst;
        while (match_groups_in_files(round)) round = Round::kOfLeftOver;
    }

    // In a file where this stream had an equal, one that is left over is what another stream has
    // only where that stands.
    enum class Round : std::uint8_t { kFirst, kOfLeftOver };

    // Whether it has decided about some equals.
    bool match_groups_in_files(Round round) {
        struct Waiting {
            EqualsGroup group;
            Certainty certainty;
        };
        std::vector<Waiting> waiting;
        for (const AlgorithmFacts& facts : kAlgorithms) {
            const Changes changes = changes_of(facts.algorithm);
            for (const Source& source : sources_) {
                each_group(facts.algorithm, source, [&](EqualsGroup& group) {
                    const bool is_left_over = round == Round::kOfLeftOver && facts.is_of_lines &&
                                              source.nearness != Nearness::kSameStream;
                    const Certainty certainty =
                        is_left_over || needs_place(group, facts, source.nearness)
                            ? Certainty::kNeedsPlace
                            : certainty_of(group, facts, changes);
                    if (certainty == Certainty::kSure && state_.match_single(group)) return;
                    set_waiting(group, true);
                    waiting.push_back({std::move(group), certainty});
                });
            }
        }
        // Now that everything that is certain is an anchor.
        for (Waiting& wait : waiting) {
            set_waiting(wait.group, false);
            match_equals(state_, wait.group, wait.certainty);
        }
        bool has_decided = false;
        // Weaker algorithms do not decide what a stronger one could not.
        for (const Waiting& wait : waiting) {
            const EqualsGroup& left = wait.group;
            if (left.before.empty() || left.after.empty())
                has_decided = true;
            else
                set_waiting(left, true);
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
        if (!facts.is_of_lines) return false;
        const auto known = [&](std::size_t i) -> const Before& { return state_.before[i]; };
        if (std::ranges::all_of(group.before, [&](std::size_t i) { return known(i).is_past; }))
            return true;
        if (nearness != Nearness::kOtherStream || !answers_.may_share) return false;
        const auto stayed = [&](std::size_t i) {
            const View &was = known(i).view, &now = state_.after[group.after[0]].view;
            return was.line == now.line && was.position == now.position;
        };
        return std::ranges::none_of(group.before, [&](std::size_t i) {
            return stayed(i) || answers_.may_share(known(i).finding, group.after[0]);
        });
    }

    Certainty certainty_of(const EqualsGroup& group, const AlgorithmFacts& facts,
                           const Changes& changes) const {
        if (group.before.size() != 1 || group.after.size() != 1) return Certainty::kSure;
        const View& was = state_.before[group.before[0]].view;
        const View& now = state_.after[group.after[0]].view;
        // One member of the fingerprints agrees; another one and the lines do not.
        if (facts.algorithm == Algorithm::kFingerprint && was.line != now.line &&
            are_other_lines(was, now) &&
            !std::ranges::equal(of_algorithm(was, facts.algorithm),
                                of_algorithm(now, facts.algorithm)))
            return Certainty::kDoubtful;
        if (facts.is_of_lines && was.line != now.line && are_lines_around_others(was, now) &&
            came_in_another_change(state_.before[group.before[0]], now))
            return Certainty::kDoubtful;
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

    // Whether Git knows that the line that was went in one change, and this one came elsewhere.
    bool came_in_another_change(const Before& known, const View& now) const {
        if (!answers_.lines_of || !known.stood) return false;
        const std::optional<LinesNow> lines = answers_.lines_of(known, now.path);
        return lines && (now.line < lines->first || lines->end <= now.line);
    }

    template <typename Use>
    void each_group(Algorithm algorithm, const Source& source, const Use& use) {
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
            if (!is_free_after(i)) continue;
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
                if (member.is_after ? is_free_after(member.index) : is_free_before(member.index))
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

    // --- 4: renamed files ---

    using PathPair = std::pair<std::int64_t, std::int64_t>;

    void find_renamed_files() {
        std::unordered_set<std::int64_t> now, then;
        for (const After& found : state_.after) now.insert(found.view.path);
        for (const Before& known : state_.before)
            if (known.nearness != Nearness::kGone) then.insert(known.view.path);
        // How much a file that went and one that came have in common.
        std::map<PathPair, std::size_t> common;
        for (const AlgorithmFacts& facts : kAlgorithms) {
            if (!facts.reaches_other_files) continue;
            const std::vector<EqualsGroup> groups = shared_values(facts.algorithm);
            if (groups.empty()) continue;
            const DecidedValues decided = decided_values(facts.algorithm);
            for (const EqualsGroup& group : groups) {
                if (is_copied(facts.algorithm, group, decided)) continue;
                std::set<PathPair> pairs;
                each_candidate(group, 0, [&](std::size_t i, std::size_t j) {
                    if (state_.before[i].is_past) return;
                    const std::int64_t was = state_.before[i].view.path,
                                       is = state_.after[j].view.path;
                    if (now.contains(was) || then.contains(is)) return;
                    if (facts.heeds_surround &&
                        are_lines_around_others(state_.before[i].view, state_.after[j].view))
                        return;
                    if (facts.algorithm == Algorithm::kFingerprint &&
                        are_other_lines(state_.before[i].view, state_.after[j].view))
                        return;
                    pairs.insert({was, is});
                });
                for (const PathPair& pair : pairs) ++common[pair];
            }
        }
        find_files_that_are_alike(now, then);
        // By each side: the best of the other, if it is better than the next one.
        std::unordered_map<std::int64_t, Best> by_old, by_new;
        for (const auto& [pair, count] : common) {
            const std::pair score(count, common_ending(answers_.path_name(pair.first),
                                                       answers_.path_name(pair.second)));
            by_old[pair.first].offer(pair.second, score);
            by_new[pair.second].offer(pair.first, score);
        }
        for (const auto& [was, best] : by_old) {
            const auto back = by_new.find(best.path);
            if (best.is_clear && back->second.is_clear && back->second.path == was)
                state_.renamed.insert_or_assign(was, best.path);
        }
    }

    // All that stands in a file.
    using Standing = std::vector<Place>;
    static void add_to(Standing& standing, const View& view) {
        standing.push_back(place_of(view));
        std::get<0>(standing.back()) = 0;  // in whichever file
    }
    // The same one under the other, at whichever lines.
    static Standing in_order_alone(Standing standing) {
        std::ranges::sort(standing, {}, [](const Place& place) {
            return std::tuple(std::get<2>(place), std::get<3>(place), std::get<1>(place));
        });
        for (Place& place : standing) std::get<2>(place) = std::get<3>(place) = 0;
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
        for (const Source& source : sources_) {
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

    FilesThatWent files_that_went(const Source& source,
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
            common_ending(answers_.path_name(was), answers_.path_name(is)) > 0;
        if (likeness == Likeness::kPlaces)
            return is_called_alike || (standing.size() > 1 && !has_stayed);
        constexpr std::size_t kLeastLines = 3;
        std::set<Place> different(standing.begin(), standing.end());
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
            endings[ending_of(answers_.path_name(state_.before[i].view.path), parts + 1)]
                .before.push_back(i);
        for (const std::size_t j : group.after)
            endings[ending_of(answers_.path_name(state_.after[j].view.path), parts + 1)]
                .after.push_back(j);
        for (const auto& [ending, part] : endings)
            if (!part.before.empty() && !part.after.empty()) each_candidate(part, parts + 1, use);
    }

    // Whether both are known, and none of the one is of the other.
    static bool are_lines_around_others(const View& was, const View& now) {
        const auto before = of_algorithm(was, Algorithm::kSurround);
        const auto after = of_algorithm(now, Algorithm::kSurround);
        return !before.empty() && !after.empty() && !std::ranges::equal(before, after);
    }

    // Whether the marked lines of both are known, and are others: then an equal fingerprint may be
    // one that many things have.
    static bool are_other_lines(const View& was, const View& now) {
        const auto before = code_of(was), after = code_of(now);
        return !before.empty() && !after.empty() &&
               !std::ranges::equal(before, after, {}, &Signature::value, &Signature::value);
    }

    struct Best {
        std::int64_t path = 0;
        std::pair<std::size_t, std::size_t> score;
        bool is_clear = false;

        void offer(std::int64_t other, std::pair<std::size_t, std::size_t> its_score) {
            if (its_score == score) is_clear = false;
            if (its_score <= score) return;
            *this = {other, its_score, true};
        }
    };

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
        if (!answers_.may_move) return true;
        const auto [place, is_first] = can_move_.try_emplace(finding, true);
        if (is_first) place->second = answers_.may_move(finding);
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

    // --- 5: elsewhere ---

    void match_elsewhere() {
        for (const AlgorithmFacts& facts : kAlgorithms) {
            if (!facts.reaches_other_files) continue;
            const std::vector<EqualsGroup> groups = shared_values(facts.algorithm);
            if (groups.empty()) continue;
            const DecidedValues decided = decided_values(facts.algorithm);
            for (const EqualsGroup& group : groups) {
                if (is_very_common(group)) continue;
                const bool is_doubtful =
                    is_copied(facts.algorithm, group, decided) ||
                    (facts.heeds_surround && are_all_lines_around_others(group)) ||
                    (facts.algorithm == Algorithm::kFingerprint && are_all_other_lines(group));
                match_moved(group, is_doubtful ? Moved::kMaybe : Moved::kSurely);
            }
        }
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

    // --- 6: what came from another branch ---

    void match_files_of_other_streams() {
        using Places = std::map<Place, std::vector<std::size_t>>;
        std::unordered_map<std::int64_t, Places> now;  // by path, where something is left
        for (std::size_t i = 0; i < state_.after.size(); ++i)
            if (state_.pairings[i].finding == 0) now[state_.after[i].view.path];
        if (now.empty()) return;
        for (std::size_t i = 0; i < state_.after.size(); ++i) {
            const View& view = state_.after[i].view;
            const auto file = now.find(view.path);
            if (file != now.end()) file->second[place_of(view)].push_back(i);
        }
        for (const Source& source : sources_) {
            if (source.nearness != Nearness::kOtherStream) continue;
            std::unordered_map<std::int64_t, Places> there;
            for (const std::size_t i : source.before) {
                const View& view = state_.before[i].view;
                if (now.contains(view.path)) there[view.path][place_of(view)].push_back(i);
            }
            for (const auto& [path, places] : there) {
                const Places& found = now.at(path);
                const bool stands = std::ranges::all_of(
                    places, [&](const auto& place) { return found.contains(place.first); });
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

    MatchState state_;
    std::vector<Source> sources_;
    const MatchAnswers& answers_;
    std::unordered_map<std::int64_t, bool> can_move_;  // by finding, of those that it was asked of
    // Of a group that waits until everything certain is known.
    std::vector<bool> before_waits_, after_waits_;
};

}  // namespace

std::vector<Pairing> match_views(std::span<const Before> before, std::span<const After> after,
                                 const MatchAnswers& answers) {
    return Matcher(before, after, answers).match();
}

}  // namespace merlon::evidence
