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

namespace merlon::evidence {
namespace {

constexpr std::array kNearnesses{Nearness::kSameStream, Nearness::kOtherStream, Nearness::kGone};
// Values that more findings have than this are in every file, and tell files that are called alike
// only.
constexpr std::size_t kMaxShared = 64;
constexpr std::size_t kMaxEnding = 3;  // folders and name by which these are told apart

using Value = std::array<char, kSignatureBytes>;

// What stands in one group: equal family and value, and path where that counts.
struct Key {
    std::int64_t family = 0;
    Value value{};
    std::int64_t path = 0;
    auto operator<=>(const Key&) const = default;
};

struct Member {
    Key key;
    std::size_t index = 0;
    bool is_after = false;
    auto operator<=>(const Member&) const = default;
};

struct Group {
    std::vector<std::size_t> before, after;  // in the order of their lines
};

// Where something that is certain stood and stands: what lies near it moved as far.
struct Anchor {
    std::uint32_t now = 0;
    std::uint32_t then = 0;
    auto operator<=>(const Anchor&) const = default;
};

bool has(const View& view, Algorithm algorithm, const Value& value) {
    return std::ranges::binary_search(view.signatures, Signature{algorithm, value});
}

std::span<const Signature> of_algorithm(const View& view, Algorithm algorithm) {
    const auto range =
        std::ranges::equal_range(view.signatures, algorithm, {}, &Signature::algorithm);
    return {range.begin(), range.end()};
}

// Whether the two cannot be one: another secret, another package.
bool are_separate(const View& left, const View& right) {
    for (const AlgorithmFacts& facts : kAlgorithms) {
        if (!facts.separates) continue;
        const auto of_left = of_algorithm(left, facts.algorithm);
        const auto of_right = of_algorithm(right, facts.algorithm);
        if (of_left.empty() || of_right.empty()) continue;
        const bool share = std::ranges::any_of(of_left, [&](const Signature& signature) {
            return has(right, facts.algorithm, signature.value);
        });
        if (!share) return true;
    }
    return false;
}

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

bool is_very_common(const Group& group) {
    return group.before.size() > kMaxShared || group.after.size() > kMaxShared;
}

class Matcher {
  public:
    Matcher(std::span<const Before> before, std::span<const After> after, const PathName& path_name)
        : before_(before.begin(), before.end()),
          after_(after),
          path_name_(path_name),
          pairings_(after.size()),
          after_waits_(after.size()) {}

    std::vector<Pairing> match() {
        keep_the_same();
        if (before_.empty()) return std::move(pairings_);
        before_waits_.resize(before_.size());
        match_in_files();
        find_renamed_files();
        if (!renamed_.empty()) match_in_files();
        match_elsewhere();
        return std::move(pairings_);
    }

  private:
    // --- 1: what is the same in everything ---

    void keep_the_same() {
        if (std::ranges::all_of(after_, [](const After& found) { return found.same_as == 0; }))
            return;
        // Where equals came or went: by algorithm, family, value and path.
        std::set<std::pair<Algorithm, Key>> in_motion;
        const auto note = [&](const View& view) {
            for (const Signature& signature : view.signatures)
                if (signature.algorithm != Algorithm::kSurround)
                    in_motion.insert(
                        {signature.algorithm, {view.family, signature.value, view.path}});
        };
        for (const Before& known : before_)
            if (known.nearness == Nearness::kSameStream) note(known.view);
        for (const After& found : after_)
            if (found.same_as == 0) note(found.view);
        for (std::size_t i = 0; i < after_.size(); ++i) {
            const After& found = after_[i];
            if (found.same_as == 0) continue;
            const bool moves =
                std::ranges::any_of(found.view.signatures, [&](const Signature& signature) {
                    return in_motion.contains(
                        {signature.algorithm,
                         {found.view.family, signature.value, found.view.path}});
                });
            if (moves) {
                before_.push_back({found.view, found.same_as, Nearness::kSameStream});
            } else {
                take(i, found.same_as, found.view);
            }
        }
    }

    void take(std::size_t after, std::int64_t finding, const View& was) {
        pairings_[after] = {finding, 0};
        used_.insert(finding);
        const View& now = after_[after].view;
        if (path_of(was.path) == now.path) anchors_[now.path].insert({now.line, was.line});
    }

    bool is_free_before(std::size_t index) const {
        return !before_waits_[index] && !used_.contains(before_[index].finding);
    }
    bool is_free_after(std::size_t index) const {
        return pairings_[index].finding == 0 && !after_waits_[index];
    }

    // The path that a file has now.
    std::int64_t path_of(std::int64_t path) const {
        const auto found = renamed_.find(path);
        return found == renamed_.end() ? path : found->second;
    }

    // --- 2 and 3: in one file ---

    void match_in_files() {
        struct Waiting {
            Group group;
            Certainty certainty;
        };
        std::vector<Waiting> waiting;
        before_waits_.assign(before_.size(), false);
        after_waits_.assign(after_.size(), false);
        for (const AlgorithmFacts& facts : kAlgorithms) {
            const Changes changes = changes_of(facts.algorithm);
            for (const Nearness nearness : kNearnesses) {
                each_group(facts.algorithm, nearness, [&](Group& group) {
                    const Certainty certainty = facts.needs_place
                                                    ? Certainty::kNeedsPlace
                                                    : certainty_of(group, facts.algorithm, changes);
                    if (certainty == Certainty::kSure && match_single(group)) return;
                    for (const std::size_t i : group.before) before_waits_[i] = true;
                    for (const std::size_t i : group.after) after_waits_[i] = true;
                    waiting.push_back({std::move(group), certainty});
                });
            }
        }
        // Now that everything that is certain is an anchor.
        for (Waiting& wait : waiting) match_equals(wait.group, wait.certainty);
    }

    // Whether one before and one now, alike in a file, may yet be two: the lines around are others,
    // and one that reads the same has come to another file, or gone from one. Then the first may
    // have gone there, or the second have come from there.
    enum class Certainty : std::uint8_t {
        kSure,
        kDoubtful,
        kNeedsPlace,  // alike in what says nothing by itself
    };

    // By family and value, with 0 as the path: files that have more or fewer than they had, and
    // only two of them, because no more are ever asked for.
    using Changes = std::map<Key, std::vector<std::int64_t>>;

    Changes changes_of(Algorithm algorithm) const {
        if (algorithm != Algorithm::kDistinctContent && algorithm != Algorithm::kContent) return {};
        std::map<Key, std::int64_t> more;  // than were there
        for (std::size_t i = 0; i < before_.size(); ++i) {
            if (before_[i].nearness != Nearness::kSameStream || !is_free_before(i)) continue;
            const View& view = before_[i].view;
            for (const Signature& signature : of_algorithm(view, algorithm))
                --more[{view.family, signature.value, path_of(view.path)}];
        }
        for (std::size_t i = 0; i < after_.size(); ++i) {
            if (!is_free_after(i)) continue;
            const View& view = after_[i].view;
            for (const Signature& signature : of_algorithm(view, algorithm))
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

    Certainty certainty_of(const Group& group, Algorithm algorithm, const Changes& changes) const {
        if (changes.empty() || group.before.size() != 1 || group.after.size() != 1)
            return Certainty::kSure;
        const View& was = before_[group.before[0]].view;
        const View& now = after_[group.after[0]].view;
        const auto around_was = of_algorithm(was, Algorithm::kSurround);
        const auto around_now = of_algorithm(now, Algorithm::kSurround);
        if (around_was.empty() || around_now.empty() || std::ranges::equal(around_was, around_now))
            return Certainty::kSure;
        if (was.path == now.path && was.line == now.line && was.position == now.position)
            return Certainty::kSure;
        for (const Signature& signature : of_algorithm(now, algorithm)) {
            const auto found = changes.find({now.family, signature.value, 0});
            if (found == changes.end()) continue;
            if (std::ranges::any_of(found->second,
                                    [&](std::int64_t path) { return path != now.path; }))
                return Certainty::kDoubtful;
        }
        return Certainty::kSure;
    }

    template <typename Use>
    void each_group(Algorithm algorithm, Nearness nearness, const Use& use) {
        std::vector<Member> members;
        for (std::size_t i = 0; i < before_.size(); ++i) {
            if (before_[i].nearness != nearness || !is_free_before(i)) continue;
            const View& view = before_[i].view;
            for (const Signature& signature : of_algorithm(view, algorithm))
                members.push_back({{view.family, signature.value, path_of(view.path)}, i, false});
        }
        if (members.empty()) return;
        for (std::size_t i = 0; i < after_.size(); ++i) {
            if (!is_free_after(i)) continue;
            const View& view = after_[i].view;
            for (const Signature& signature : of_algorithm(view, algorithm))
                members.push_back({{view.family, signature.value, view.path}, i, true});
        }
        std::ranges::sort(members);
        for (std::size_t first = 0; first < members.size();) {
            Group group;
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

    void sort_by_line(Group& group) const {
        const auto order = [](const View& view) { return std::pair(view.line, view.position); };
        std::ranges::stable_sort(group.before, {},
                                 [&](std::size_t i) { return order(before_[i].view); });
        std::ranges::stable_sort(group.after, {},
                                 [&](std::size_t i) { return order(after_[i].view); });
    }

    // Whether nothing is left to decide: one and one, or two that cannot be one.
    bool match_single(const Group& group) {
        if (group.before.size() != 1 || group.after.size() != 1) return false;
        const Before& known = before_[group.before[0]];
        if (used_.contains(known.finding) || pairings_[group.after[0]].finding != 0) return true;
        if (!are_separate(known.view, after_[group.after[0]].view))
            take(group.after[0], known.finding, known.view);
        return true;
    }

    void match_equals(Group& group, Certainty certainty) {
        // Two views of one finding, in two streams, are no equals: the first of them counts.
        std::unordered_set<std::int64_t> seen;
        std::erase_if(group.before,
                      [&](std::size_t i) { return !seen.insert(before_[i].finding).second; });
        using Step = void (Matcher::*)(const Group&);
        // Their order says that all have moved, and a line that is unchanged that it has not: what
        // nothing else tells apart is not guessed.
        const bool is_guess = does_order_contradict_lines(group);
        if (certainty == Certainty::kDoubtful) {
            leave_out_decided(group);
            match_by_anchors(group);
        } else {
            static constexpr std::array<Step, 5> kSteps{
                &Matcher::match_by_surround, &Matcher::match_by_anchors, &Matcher::match_by_shift,
                &Matcher::match_by_order, &Matcher::match_in_place};
            static constexpr std::array<Step, 3> kStepsByPlace{&Matcher::match_by_surround,
                                                               &Matcher::match_by_anchors,
                                                               &Matcher::match_at_same_line};
            const bool needs_place = certainty == Certainty::kNeedsPlace;
            const std::span<const Step> steps =
                needs_place ? std::span<const Step>(kStepsByPlace) : std::span<const Step>(kSteps);
            for (const Step step : is_guess ? steps.first(kCertainSteps) : steps) {
                leave_out_decided(group);
                if (group.before.empty() || group.after.empty()) return;
                if (!needs_place && !is_guess && group.before.size() == 1 &&
                    group.after.size() == 1)
                    break;
                (this->*step)(group);
            }
        }
        leave_out_decided(group);
        if (group.before.empty() || group.after.empty()) return;
        if (certainty == Certainty::kSure && !is_guess && match_single(group)) return;
        for (const std::size_t i : group.after)
            pairings_[i].maybe_from = before_[group.before[0]].finding;
    }

    void leave_out_decided(Group& group) const {
        std::erase_if(group.before,
                      [&](std::size_t i) { return used_.contains(before_[i].finding); });
        std::erase_if(group.after, [&](std::size_t i) { return pairings_[i].finding != 0; });
    }

    // The first of the steps, which go by the code and not by what is likely.
    static constexpr std::size_t kCertainSteps = 2;

    bool are_at_same_place(std::size_t before, std::size_t after) const {
        const View& was = before_[before].view;
        const View& now = after_[after].view;
        return was.line == now.line && was.position == now.position;
    }

    // As many as before, and one stands where another one would have to have gone from.
    bool does_order_contradict_lines(const Group& group) const {
        if (group.before.size() != group.after.size()) return false;
        for (std::size_t n = 0, m = 0; n < group.before.size(); ++n) {
            const std::uint32_t line = before_[group.before[n]].view.line;
            while (m < group.after.size() && after_[group.after[m]].view.line < line) ++m;
            for (std::size_t k = m;
                 k < group.after.size() && after_[group.after[k]].view.line == line; ++k)
                if (k != n && are_at_same_place(group.before[n], group.after[k])) return true;
        }
        return false;
    }

    // The lines around: one that has them before, one now.
    void match_by_surround(const Group& group) {
        std::map<Value, Group> by_lines;
        for (const std::size_t i : group.before)
            for (const Signature& around : of_algorithm(before_[i].view, Algorithm::kSurround))
                by_lines[around.value].before.push_back(i);
        for (const std::size_t i : group.after)
            for (const Signature& around : of_algorithm(after_[i].view, Algorithm::kSurround))
                by_lines[around.value].after.push_back(i);
        for (const auto& [value, part] : by_lines) match_single(part);
    }

    // As far as the nearest neighbours moved: those above and below have to name the same place.
    // One that names none says that something came or went between it and the line. At the ends of
    // a file there is a neighbour on one side only, which may be far away: it has to name a place
    // for all that stand there.
    void match_by_anchors(const Group& group) {
        std::map<std::size_t, std::vector<std::size_t>> wanted;  // by before: who asks for it
        std::vector<std::pair<std::size_t, std::size_t>> at_ends;
        bool are_ends_named = true;
        for (const std::size_t i : group.after) {
            const std::optional<std::size_t> named = named_by_anchors(group, after_[i].view);
            const bool is_at_end = !is_between_anchors(after_[i].view);
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
            if (found.size() == 1) match_single({{known}, found});
    }

    bool is_between_anchors(const View& now) const {
        const auto anchors = anchors_.find(now.path);
        if (anchors == anchors_.end()) return false;
        return anchors->second.begin()->now < now.line && now.line <= anchors->second.rbegin()->now;
    }

    std::optional<std::size_t> named_by_anchors(const Group& group, const View& now) const {
        const auto anchors = anchors_.find(now.path);
        if (anchors == anchors_.end()) return std::nullopt;
        const auto below = anchors->second.lower_bound(Anchor{now.line, 0});
        std::optional<std::size_t> named;
        const auto ask = [&](const Anchor& anchor) {
            const std::int64_t line = std::int64_t{anchor.then} - anchor.now + now.line;
            std::vector<std::size_t> there;
            std::ranges::copy_if(group.before, std::back_inserter(there),
                                 [&](std::size_t i) { return before_[i].view.line == line; });
            if (there.size() > 1)
                std::erase_if(
                    there, [&](std::size_t i) { return before_[i].view.position != now.position; });
            if (there.size() != 1 || (named && *named != there[0])) return false;
            named = there[0];
            return true;
        };
        if (below != anchors->second.end() && !ask(*below)) return std::nullopt;
        if (below != anchors->second.begin() && !ask(*std::prev(below))) return std::nullopt;
        return named;
    }

    // As many as before, each as far away: the whole block moved.
    void match_by_shift(const Group& group) {
        if (group.before.size() != group.after.size()) return;
        const auto distance = [&](std::size_t n) {
            return std::int64_t{after_[group.after[n]].view.line} -
                   before_[group.before[n]].view.line;
        };
        for (std::size_t n = 1; n < group.after.size(); ++n)
            if (distance(n) != distance(0)) return;
        for (std::size_t n = 0; n < group.after.size(); ++n)
            match_single({{group.before[n]}, {group.after[n]}});
    }

    // As many as before between two neighbours that kept their order: these kept theirs. Where the
    // lines around are known, and are others now, one may have gone and another one come.
    void match_by_order(const Group& group) {
        const auto has_surround = [](const View& view) {
            return !of_algorithm(view, Algorithm::kSurround).empty();
        };
        if (has_surround(after_[group.after[0]].view)) return;
        const std::vector<Anchor> line = rising_anchors(after_[group.after[0]].view.path);
        std::map<std::size_t, Group> parts;
        for (const std::size_t i : group.before)
            parts[part_of(line, before_[i].view.line, &Anchor::then)].before.push_back(i);
        for (const std::size_t i : group.after)
            parts[part_of(line, after_[i].view.line, &Anchor::now)].after.push_back(i);
        for (const auto& [number, part] : parts) {
            if (part.before.size() != part.after.size() || does_order_contradict_lines(part))
                continue;
            for (std::size_t n = 0; n < part.after.size(); ++n)
                match_single({{part.before[n]}, {part.after[n]}});
        }
    }

    // Where one was, one is, and the code there is not known to have moved.
    void match_at_same_line(const Group& group) {
        std::map<std::uint32_t, Group> lines;
        for (const std::size_t i : group.before) lines[before_[i].view.line].before.push_back(i);
        for (const std::size_t i : group.after) lines[after_[i].view.line].after.push_back(i);
        for (const auto& [line, part] : lines) {
            if (part.before.empty() || part.after.empty()) continue;
            if (has_moved(after_[part.after[0]].view)) continue;
            if (match_single(part)) continue;
            for (const std::size_t was : part.before)
                for (const std::size_t now : part.after)
                    if (are_at_same_place(was, now)) match_single({{was}, {now}});
        }
    }

    // Whether all that is certain next to it stood at another line.
    bool has_moved(const View& now) const {
        const auto anchors = anchors_.find(now.path);
        if (anchors == anchors_.end()) return false;
        const auto below = anchors->second.lower_bound(Anchor{now.line, 0});
        const auto stayed = [](const Anchor& anchor) { return anchor.now == anchor.then; };
        if (below != anchors->second.end() && stayed(*below)) return false;
        if (below != anchors->second.begin() && stayed(*std::prev(below))) return false;
        return true;
    }

    // Some came or some went, nothing else in the file is known to have moved, and all of the fewer
    // are where one was: those stayed.
    void match_in_place(const Group& group) {
        if (anchors_.contains(after_[group.after[0]].view.path)) return;
        std::map<std::pair<std::uint32_t, std::uint32_t>, Group> places;
        for (const std::size_t i : group.before)
            places[{before_[i].view.line, before_[i].view.position}].before.push_back(i);
        for (const std::size_t i : group.after)
            places[{after_[i].view.line, after_[i].view.position}].after.push_back(i);
        std::size_t stayed = 0;
        for (const auto& [place, part] : places)
            stayed += part.before.size() == 1 && part.after.size() == 1 ? 1 : 0;
        if (stayed != std::min(group.before.size(), group.after.size())) return;
        for (const auto& [place, part] : places) match_single(part);
    }

    // Those of a file's anchors whose order is the same before and now; none where blocks changed
    // places, because then nobody knows between which of them a line stood.
    std::vector<Anchor> rising_anchors(std::int64_t path) const {
        const auto found = anchors_.find(path);
        if (found == anchors_.end()) return {};
        std::vector<Anchor> rising(found->second.begin(), found->second.end());
        const bool is_rising = std::ranges::is_sorted(rising, {}, &Anchor::then);
        return is_rising ? rising : std::vector<Anchor>();
    }

    static std::size_t part_of(const std::vector<Anchor>& anchors, std::uint32_t line,
                               std::uint32_t Anchor::* side) {
        return static_cast<std::size_t>(std::ranges::upper_bound(anchors, line, {}, side) -
                                        anchors.begin());
    }

    // --- 4: renamed files ---

    void find_renamed_files() {
        std::unordered_set<std::int64_t> now, then;
        for (const After& found : after_) now.insert(found.view.path);
        for (const Before& known : before_)
            if (known.nearness != Nearness::kGone) then.insert(known.view.path);
        // How much a file that went and one that came have in common.
        std::map<PathPair, std::size_t> common;
        for (const AlgorithmFacts& facts : kAlgorithms) {
            if (!facts.reaches_other_files) continue;
            const std::vector<Group> groups = shared_values(facts.algorithm);
            if (groups.empty()) continue;
            const DecidedValues decided = decided_values(facts.algorithm);
            for (const Group& group : groups) {
                if (is_copied(facts.algorithm, group, decided)) continue;
                std::set<PathPair> pairs;
                each_candidate(group, 0, [&](std::size_t i, std::size_t j) {
                    const std::int64_t was = before_[i].view.path, is = after_[j].view.path;
                    if (now.contains(was) || then.contains(is)) return;
                    if (facts.heeds_surround &&
                        are_lines_around_others(before_[i].view, after_[j].view))
                        return;
                    pairs.insert({was, is});
                });
                for (const PathPair& pair : pairs) ++common[pair];
            }
        }
        // By each side: the best of the other, if it is better than the next one.
        std::unordered_map<std::int64_t, Best> by_old, by_new;
        for (const auto& [pair, count] : common) {
            const std::pair score(count,
                                  common_ending(path_name_(pair.first), path_name_(pair.second)));
            by_old[pair.first].offer(pair.second, score);
            by_new[pair.second].offer(pair.first, score);
        }
        for (const auto& [was, best] : by_old) {
            const auto back = by_new.find(best.path);
            if (best.is_clear && back->second.is_clear && back->second.path == was)
                renamed_.emplace(was, best.path);
        }
    }

    using PathPair = std::pair<std::int64_t, std::int64_t>;

    // Calls use(before, after) for each pair; where there are too many, of paths that end alike.
    template <typename Use>
    void each_candidate(const Group& group, std::size_t parts, const Use& use) const {
        if (!is_very_common(group)) {
            for (const std::size_t i : group.before)
                for (const std::size_t j : group.after) use(i, j);
            return;
        }
        if (parts == kMaxEnding) return;
        std::map<std::string_view, Group> endings;
        for (const std::size_t i : group.before)
            endings[ending_of(path_name_(before_[i].view.path), parts + 1)].before.push_back(i);
        for (const std::size_t j : group.after)
            endings[ending_of(path_name_(after_[j].view.path), parts + 1)].after.push_back(j);
        for (const auto& [ending, part] : endings)
            if (!part.before.empty() && !part.after.empty()) each_candidate(part, parts + 1, use);
    }

    // Whether both are known, and none of the one is of the other.
    static bool are_lines_around_others(const View& was, const View& now) {
        const auto before = of_algorithm(was, Algorithm::kSurround);
        const auto after = of_algorithm(now, Algorithm::kSurround);
        return !before.empty() && !after.empty() && !std::ranges::equal(before, after);
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
    std::vector<Group> shared_values(Algorithm algorithm) const {
        std::map<Key, Group> groups;
        for (std::size_t i = 0; i < before_.size(); ++i) {
            if (used_.contains(before_[i].finding) || before_[i].is_apart) continue;
            const View& view = before_[i].view;
            for (const Signature& signature : of_algorithm(view, algorithm))
                groups[{view.family, signature.value, 0}].before.push_back(i);
        }
        for (std::size_t i = 0; i < after_.size(); ++i) {
            if (pairings_[i].finding != 0) continue;
            const View& view = after_[i].view;
            for (const Signature& signature : of_algorithm(view, algorithm)) {
                const auto found = groups.find({view.family, signature.value, 0});
                if (found != groups.end()) found->second.after.push_back(i);
            }
        }
        std::vector<Group> shared;
        for (auto& [key, group] : groups)
            if (!group.after.empty()) shared.push_back(std::move(group));
        return shared;
    }

    // By family: values that findings have of which it is known where they are. Others with the
    // same value may be copies.
    using DecidedValues = std::set<std::pair<std::int64_t, Value>>;
    DecidedValues decided_values(Algorithm algorithm) const {
        DecidedValues values;
        for (std::size_t i = 0; i < after_.size(); ++i) {
            if (pairings_[i].finding == 0) continue;
            for (const Signature& signature : of_algorithm(after_[i].view, algorithm))
                values.insert({after_[i].view.family, signature.value});
        }
        return values;
    }

    bool is_copied(Algorithm algorithm, const Group& group, const DecidedValues& decided) const {
        const View& now = after_[group.after[0]].view;
        return std::ranges::any_of(of_algorithm(now, algorithm), [&](const Signature& signature) {
            return decided.contains({now.family, signature.value});
        });
    }

    // --- 5: elsewhere ---

    void match_elsewhere() {
        for (const AlgorithmFacts& facts : kAlgorithms) {
            if (!facts.reaches_other_files) continue;
            const std::vector<Group> groups = shared_values(facts.algorithm);
            if (groups.empty()) continue;
            const DecidedValues decided = decided_values(facts.algorithm);
            for (const Group& group : groups) {
                if (is_very_common(group)) continue;
                const bool is_doubtful =
                    is_copied(facts.algorithm, group, decided) ||
                    (facts.heeds_surround && are_all_lines_around_others(group));
                match_moved(group, is_doubtful ? Moved::kMaybe : Moved::kSurely);
            }
        }
    }

    enum class Moved : std::uint8_t { kSurely, kMaybe };
    void match_moved(const Group& group, Moved moved) {
        std::set<std::int64_t> findings;
        for (const std::size_t i : group.before) findings.insert(before_[i].finding);
        const bool was_stopped = pairings_[group.after[0]].maybe_from != 0;
        if (findings.size() == 1 && group.after.size() == 1 && moved == Moved::kSurely &&
            !was_stopped) {
            match_single({{group.before[0]}, group.after});
            return;
        }
        for (const std::size_t i : group.after)
            if (pairings_[i].finding == 0 && pairings_[i].maybe_from == 0)
                pairings_[i].maybe_from = *findings.begin();
    }

    // Of all places where it is known.
    bool are_all_lines_around_others(const Group& group) const {
        const View& now = after_[group.after[0]].view;
        return std::ranges::all_of(group.before, [&](std::size_t i) {
            return are_lines_around_others(before_[i].view, now);
        });
    }

    std::vector<Before> before_;
    std::span<const After> after_;
    const PathName& path_name_;
    std::vector<Pairing> pairings_;
    // Of a group that waits until everything certain is known.
    std::vector<bool> before_waits_, after_waits_;
    std::unordered_set<std::int64_t> used_;
    std::unordered_map<std::int64_t, std::set<Anchor>> anchors_;  // by the path of now
    std::unordered_map<std::int64_t, std::int64_t> renamed_;
};

}  // namespace

std::vector<Pairing> match_views(std::span<const Before> before, std::span<const After> after,
                                 const PathName& path_name) {
    return Matcher(before, after, path_name).match();
}

}  // namespace merlon::evidence
