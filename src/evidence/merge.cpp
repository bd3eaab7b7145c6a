#include "evidence/merge.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "evidence/import.h"
#include "evidence/key_change.h"
#include "evidence/matching.h"
#include "evidence/merge_write.h"
#include "evidence/told_lines.h"

namespace merlon::evidence {
namespace {

// Finds occurrences by their prints, which are hashes already: a table of them, of which at least
// half is free. They stand in it once more, since an occurrence is far away in memory.
class PrintIndex {
  public:
    explicit PrintIndex(std::span<const Occurrence> occurrences)
        : slots_(std::bit_ceil(occurrences.size() * 2 + 1)) {
        for (std::size_t i = 0; i < occurrences.size(); ++i) {
            std::size_t at = start_of(occurrences[i].print);
            while (slots_[at].number != 0) at = next(at);
            slots_[at] = {occurrences[i].print, i + 1};
        }
    }

    // Its place, and one; 0: none has it.
    std::size_t number_of(std::string_view bytes) const {
        Print print{};
        if (bytes.size() != print.size()) return 0;
        std::memcpy(print.data(), bytes.data(), print.size());
        std::size_t at = start_of(print);
        while (slots_[at].number != 0 && slots_[at].print != print) at = next(at);
        return slots_[at].number;
    }

  private:
    using Print = decltype(Occurrence::print);
    std::size_t start_of(const Print& print) const {
        std::size_t bits = 0;
        std::memcpy(&bits, print.data(), sizeof bits);
        return bits & (slots_.size() - 1);
    }
    std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }

    struct Slot {
        Print print{};
        std::size_t number = 0;
    };
    std::vector<Slot> slots_;
};

class Merge {
  public:
    Merge(Database& database, const MergePlace& place, std::vector<Occurrence>& occurrences)
        : database_(database), place_(place), occurrences_(occurrences) {}

    Result<MergeCounts> run() {
        counts_.found = occurrences_.size();
        MERLON_TRY(intern_paths());
        MERLON_TRY(find_the_same());
        MERLON_TRY(read_commits());
        find_those_in_motion();
        MERLON_TRY(read_missing());
        if (decision_.known.empty() && are_all_the_same()) {
            keep_the_same();
        } else {
            sign(occurrences_);
            note_states();
            MERLON_TRY(read_candidates());
            MERLON_TRY(std::move(damage_));
            MERLON_TRY(read_commits_of_gone());
            MERLON_TRY(read_streams_beside());
            match();
        }
        MERLON_TRY(write_merge(database_, place_, decision_, counts_));
        return counts_;
    }

  private:
    // --- reading ---

    Status intern_paths() {
        PathIds ids;
        // They stand in the order of their paths.
        const auto is_next = [this](std::size_t i) {
            return i == 0 || occurrences_[i].path != occurrences_[i - 1].path;
        };
        for (std::size_t i = 0; i < occurrences_.size(); ++i)
            if (is_next(i)) ids.emplace(occurrences_[i].path, 0);
        constexpr Column kColumns[] = {{"name", ColumnType::kText}};
        auto at = ids.begin();
        MERLON_TRY(database_.stage("stage_path", kColumns, [&](std::span<Cell> row) {
            if (at == ids.end()) return false;
            row[0] = (at++)->first;
            return true;
        }));
        MERLON_TRY(read_paths(ids));
        // Most often they are all there.
        if (std::ranges::any_of(ids, [](const auto& path) { return path.second == 0; })) {
            MERLON_TRY(database_.run(
                "INSERT INTO path (scope, name) SELECT $1, name FROM stage_path WHERE true "
                "ON CONFLICT (scope, name) DO NOTHING",
                {place_.scope}));
            MERLON_TRY(read_paths(ids));
        }
        for (std::size_t i = 0; i < occurrences_.size(); ++i)
            occurrences_[i].path_id =
                is_next(i) ? ids[occurrences_[i].path] : occurrences_[i - 1].path_id;
        return {};
    }

    using PathIds = std::unordered_map<std::string_view, std::int64_t>;
    Status read_paths(PathIds& ids) {
        return database_.each_row(
            "SELECT p.id, p.name FROM stage_path s CROSS JOIN path p "
            "WHERE p.scope = $1 AND p.name = s.name",
            {place_.scope}, [&](Cells row) {
                const auto found = ids.find(text_of(row[1]));
                if (found == ids.end()) return;
                found->second = integer_of(row[0]);
                path_names_.emplace(found->second, std::string(found->first));
            });
    }

    // The exact pass. What was closed with this very print is the same, too, and comes back. All
    // that the stream has is read, once and in the order of an index: what is not met is missing,
    // so that it has to be read anyway, and a look-up for each print would cost more.
    Status find_the_same() {
        same_as_.assign(occurrences_.size(), 0);
        states_.assign(occurrences_.size(), 0);
        const PrintIndex by_print(occurrences_);
        return database_.each_row(
            "SELECT finding, state, print FROM presence WHERE stream = $1", {place_.stream},
            [&](Cells row) {
                std::int64_t finding = integer_of(row[0]), state = integer_of(row[1]);
                const std::size_t number = by_print.number_of(bytes_of(row[2]));
                if (number != 0) {
                    // Of several with one print the first that is there.
                    std::int64_t& same = same_as_[number - 1];
                    std::int64_t& same_state = states_[number - 1];
                    if (same == 0 || std::pair(state, finding) < std::pair(same_state, same)) {
                        std::swap(finding, same);
                        std::swap(state, same_state);
                    }
                }
                if (finding != 0 && state != kAbsent) unmet_.push_back(finding);
            });
    }

    bool are_all_the_same() const {
        return in_motion_.empty() &&
               std::ranges::none_of(same_as_, [](std::int64_t finding) { return finding == 0; });
    }

    // What has equals in a file whose text is another one now: the print alone says too little.
    void find_those_in_motion() {
        const auto commit = commits_.find(place_.stream);
        if (commit == commits_.end() || commit->second == place_.revision) return;
        const std::vector<bool> are_equals =
            equals_in_changed_files(occurrences_, [&](std::string_view path) {
                return !place_.files->is_the_same(place_.revision, commit->second, path);
            });
        for (std::size_t i = 0; i < occurrences_.size(); ++i) {
            if (!are_equals[i] || same_as_[i] == 0) continue;
            in_motion_.insert(same_as_[i]);
            if (states_[i] != kAbsent) unmet_.push_back(same_as_[i]);
        }
    }

    // Whether the exact pass has decided about the finding.
    bool is_met(std::int64_t finding) const {
        return same_states_.contains(finding) && !in_motion_.contains(finding);
    }

    void note_states() {
        same_states_.reserve(occurrences_.size());
        for (std::size_t i = 0; i < states_.size(); ++i)
            if (same_as_[i] != 0) same_states_.emplace(same_as_[i], states_[i]);
    }

    // A presence, with the name of its path behind it.
    void take_view(Cells row) {
        KnownView view{.finding = integer_of(row[0]),
                       .stream = integer_of(row[1]),
                       .state = integer_of(row[2]),
                       .path = integer_of(row[3]),
                       .line = integer_of(row[4]),
                       .position = integer_of(row[5]),
                       .family = integer_of(row[6]),
                       .signatures = {}};
        Result<Signatures> signatures = unpacked(bytes_of(row[7]));
        if (signatures.ok()) {
            view.signatures = std::move(signatures).value();
        } else if (damage_.ok()) {
            damage_ = std::move(signatures).error();
        }
        path_names_.emplace(view.path, std::string(text_of(row[8])));
        decision_.known.push_back(std::move(view));
    }

    // What this stream had until now, and the exact pass did not meet, or not for good.
    Status read_missing() {
        if (unmet_.empty()) return {};
        std::ranges::sort(unmet_);
        MERLON_TRY(stage_ids(database_, "stage_missing", unmet_));
        return database_.each_row(
            "SELECT p.finding, p.stream, p.state, p.path, p.line, p.position, f.family, "
            "p.signatures, n.name FROM stage_missing s CROSS JOIN presence p CROSS JOIN finding f "
            "CROSS JOIN path n WHERE p.finding = s.finding AND p.stream = $1 AND f.id = p.finding "
            "AND n.id = p.path ORDER BY p.finding",
            {place_.stream}, [&](Cells row) {
                take_view(row);
                missing_.emplace(decision_.known.back().finding, decision_.known.back().state);
            });
    }

    // With or without a comment behind the lines.
    static void want(const Signature& signature, Signatures& wanted) {
        wanted.push_back(signature);
        if (signature.algorithm == Algorithm::kCode) {
            wanted.push_back({Algorithm::kDistinctContent, signature.value});
            wanted.push_back({Algorithm::kContent, signature.value});
        } else if (signature.algorithm == Algorithm::kDistinctContent ||
                   signature.algorithm == Algorithm::kContent) {
            wanted.push_back({Algorithm::kCode, signature.value});
        }
    }

    // What shares a signature with an occurrence that the exact pass did not settle: in other
    // streams, or gone.
    Status read_candidates() {
        // Of what is looked at for the first time nothing is known.
        const std::int64_t some = MERLON_TRY(
            database_.number("SELECT 1 FROM finding WHERE scope = $1 LIMIT 1", {place_.scope}, 0));
        if (some == 0) return {};
        Signatures wanted;
        for (std::size_t i = 0; i < occurrences_.size(); ++i) {
            if (is_met(same_as_[i])) continue;
            for (const Signature& signature : occurrences_[i].signatures)
                if (!is_beside(signature.algorithm)) want(signature, wanted);
        }
        if (wanted.empty()) return {};
        std::ranges::sort(wanted);
        wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
        constexpr Column kColumns[] = {{"algorithm", ColumnType::kInteger},
                                       {"value", ColumnType::kBytes}};
        auto at = wanted.begin();
        MERLON_TRY(database_.stage("stage_wanted", kColumns, [&](std::span<Cell> row) {
            if (at == wanted.end()) return false;
            row[0] = static_cast<std::int64_t>(at->algorithm);
            row[1] = Bytes{at->bytes()};
            ++at;
            return true;
        }));
        return database_.each_row(
            "SELECT p.finding, p.stream, p.state, p.path, p.line, p.position, f.family, "
            "p.signatures, n.name FROM (SELECT DISTINCT g.finding FROM stage_wanted w "
            "CROSS JOIN signature g WHERE g.scope = $1 AND g.algorithm = w.algorithm "
            "AND g.value = w.value) c CROSS JOIN presence p CROSS JOIN finding f CROSS JOIN path n "
            "WHERE p.finding = c.finding AND f.id = p.finding AND n.id = p.path "
            "ORDER BY p.finding, p.stream",
            {place_.scope}, [&](Cells row) {
                const bool is_here = integer_of(row[1]) == place_.stream;
                const std::int64_t finding = integer_of(row[0]);
                if (is_here && (missing_.contains(finding) || is_met(finding)))
                    return;  // known already
                take_view(row);
            });
    }

    // Those that look at something else, of which this analysis does not tell that it left there;
    // and at another artifact, whose paths mean other files.
    Status read_streams_beside() {
        if (decision_.known.empty()) return {};
        return database_.each_row(
            "SELECT t.id, t.below, o.below FROM stream t JOIN stream o ON o.scope = t.scope "
            "WHERE o.id = $1 AND t.id <> o.id "
            "AND (t.below <> o.below OR t.category <> o.category)",
            {place_.stream}, [&](Cells row) {
                const std::int64_t stream = integer_of(row[0]);
                if (are_apart(text_of(row[1]), text_of(row[2]))) elsewhere_.insert(stream);
                beside_.insert(stream);
            });
    }

    // What the branches, this one before now, were looked at as.
    Status read_commits() {
        if (place_.files == nullptr) return {};
        return database_.each_row(
            "SELECT t.id, a.revision FROM stream t JOIN analysis a ON a.id = t.last_analysis "
            "WHERE t.scope = $1 AND a.revision <> ''",
            {place_.scope},
            [&](Cells row) { commits_.emplace(integer_of(row[0]), text_of(row[1])); });
    }

    // Of what went, the commit that its stream was looked at as before.
    Status read_commits_of_gone() {
        if (place_.files == nullptr) return {};
        std::vector<std::int64_t> gone;
        for (const KnownView& known : decision_.known)
            if (known.state == kAbsent) gone.push_back(known.finding);
        if (gone.empty()) return {};
        std::ranges::sort(gone);
        gone.erase(std::unique(gone.begin(), gone.end()), gone.end());
        MERLON_TRY(stage_ids(database_, "stage_gone", gone));
        return database_.each_row(
            "SELECT p.stream, p.finding, a.revision FROM stage_gone s CROSS JOIN presence p "
            "CROSS JOIN analysis a WHERE p.finding = s.finding AND p.state = 1 "
            "AND a.id = (SELECT max(b.id) FROM analysis b WHERE b.stream = p.stream "
            "AND b.id < p.since_analysis) AND a.revision <> ''",
            {}, [&](Cells row) {
                commits_of_gone_.emplace(std::pair(integer_of(row[0]), integer_of(row[1])),
                                         text_of(row[2]));
            });
    }

    // --- deciding ---

    // Whether it was where this analysis has not looked, so that it may be there still, whatever
    // is found elsewhere.
    bool may_have_stayed(const KnownView& known) const {
        if (known.state == kAbsent) return false;
        if (beside_.contains(known.stream)) return true;
        if (place_.says_of_missing == MergePlace::Says::kIncomplete) return true;
        return place_.has_looked && !place_.has_looked(path_names_.at(known.path), known.family);
    }

    // Nothing came or went: the prints have said everything.
    void keep_the_same() {
        counts_.known = counts_.found;
        for (std::size_t i = 0; i < states_.size(); ++i)
            if (states_[i] != kPresent) decision_.back.push_back(same_as_[i]);
        std::ranges::sort(decision_.back);
    }

    // The commit that a finding's stream was looked at as when it was there; null: nobody knows.
    const std::string* commit_of(const Before& known) const {
        const std::int64_t stream = known.stream == 0 ? place_.stream : known.stream;
        if (known.nearness == Nearness::kGone) {
            const auto gone = commits_of_gone_.find({stream, known.finding});
            return gone == commits_of_gone_.end() ? nullptr : &gone->second;
        }
        const auto last = commits_.find(stream);
        return last == commits_.end() ? nullptr : &last->second;
    }

    // From the file that it stood in then.
    const LineChanges* changes(const Before& known, std::string_view path_then,
                               std::string_view path_now) const {
        const std::string* const commit = commit_of(known);
        if (commit == nullptr || path_then.empty()) return nullptr;
        return place_.files->changes(place_.revision, *commit, path_then, path_now);
    }

    // Whether this branch may have had what another one has in that file: where Git knows, if both
    // come from a commit that has the file; else before the branch was ever looked at, and since
    // then it has what it was seen to have.
    bool may_come_from(const KnownView& known) const {
        const auto commit = commits_.find(known.stream);
        if (commit != commits_.end()) {
            const std::optional<bool> was_common = place_.files->was_common(
                place_.revision, commit->second, path_names_.at(known.path));
            if (was_common) return *was_common;
        }
        return place_.is_first;
    }

    // Where a finding is known to have been, from all views of it.
    struct Whereabouts {
        bool is_here = false;         // in this stream, until now
        bool went_from_here = false;  // as an earlier run of it saw
        bool may_have_stayed = false;
        std::vector<const KnownView*> elsewhere = {};  // where it is there, in other streams

        bool is_past() const { return !is_here && (went_from_here || elsewhere.empty()); }
    };

    // Whether an occurrence may be what other branches have at another line of its file: not where
    // Git knows that none of the commits that this one and theirs come from has such a line, so
    // that it was written twice.
    bool may_share(const Whereabouts& of, const Occurrence& one) const {
        const std::string code = code_text(*one.finding);
        if (code.empty()) return true;
        return std::ranges::any_of(of.elsewhere, [&](const KnownView* view) {
            const auto commit = commits_.find(view->stream);
            if (view->path != one.path_id || commit == commits_.end() || place_.files == nullptr)
                return true;
            const bool is_here = view->line == one.line && view->position == one.position;
            if (is_here && place_.files->is_the_same(place_.revision, commit->second,
                                                     path_names_.at(view->path)))
                return true;
            return place_.files
                ->was_common(place_.revision, commit->second, path_names_.at(view->path),
                             static_cast<std::uint32_t>(view->line), code)
                .value_or(true);
        });
    }

    std::unordered_map<std::int64_t, Whereabouts> whereabouts() const {
        std::unordered_map<std::int64_t, Whereabouts> all;
        for (const KnownView& known : decision_.known) {
            Whereabouts& of = all[known.finding];
            of.may_have_stayed = of.may_have_stayed || may_have_stayed(known);
            const bool is_gone = known.state == kAbsent;
            if (known.stream == place_.stream) {
                of.is_here = of.is_here || !is_gone;
                of.went_from_here = of.went_from_here || is_gone;
            } else if (!is_gone) {
                of.elsewhere.push_back(&known);
            }
        }
        return all;
    }

    // What this branch never had cannot have moved in it.
    bool may_move(const Whereabouts& of) const {
        return of.is_here || of.is_past() ||
               std::ranges::any_of(of.elsewhere,
                                   [&](const KnownView* view) { return may_come_from(*view); });
    }

    void match() {
        const std::unordered_map<std::int64_t, Whereabouts> places = whereabouts();
        std::vector<Before> before, unmet;  // unmet: of this stream
        for (const KnownView& known : decision_.known) {
            // One that the exact pass has met is decided, unless it has to be looked at anew.
            if (is_met(known.finding)) continue;
            if (elsewhere_.contains(known.stream)) continue;
            const bool is_here = known.stream == place_.stream;
            const Nearness nearness = known.state == kAbsent ? Nearness::kGone
                                      : is_here              ? Nearness::kSameStream
                                                             : Nearness::kOtherStream;
            const Whereabouts& places_of = places.at(known.finding);
            before.push_back({{known.family, known.path, static_cast<std::uint32_t>(known.line),
                               static_cast<std::uint32_t>(known.position), known.signatures},
                              known.finding,
                              nearness,
                              places_of.may_have_stayed,
                              places_of.is_past(),
                              known.stream,
                              known.state == kPresent ||
                                  commits_of_gone_.contains({known.stream, known.finding})});
            if (nearness == Nearness::kSameStream) unmet.push_back(before.back());
        }
        std::vector<After> after;
        after.reserve(occurrences_.size());
        for (std::size_t i = 0; i < occurrences_.size(); ++i) {
            const Occurrence& one = occurrences_[i];
            after.push_back({{one.family_id, one.path_id, one.line, one.position, one.signatures},
                             is_met(same_as_[i]) ? same_as_[i] : 0,
                             states_[i] == kPresent});
        }
        AcrossKeys across;
        if (place_.is_default_ref && !unmet.empty()) {
            across = match_across_keys(unmet, after);
            take_across_keys(across, before, after);
        }
        MatchAnswers answers;
        answers.path_name = [this](std::int64_t path) -> std::string_view {
            const auto found = path_names_.find(path);
            return found == path_names_.end() ? std::string_view() : found->second;
        };
        // What the exact pass met is this stream's own.
        answers.may_move = [&](std::int64_t finding) {
            return is_met(finding) || may_move(places.at(finding));
        };
        answers.may_share = [&](std::int64_t finding, std::size_t index) {
            return may_share(places.at(finding), occurrences_[index]);
        };
        ToldLines told(occurrences_, answers.path_name,
                       [this](const Before& known, std::string_view then, std::string_view now) {
                           return changes(known, then, now);
                       });
        if (place_.files != nullptr) {
            answers.likeness_of = [&told](const Before& known, std::size_t index) {
                return told.likeness(known, index);
            };
            answers.lines_of = [&told](const Before& known, std::size_t index) {
                return told.of(known, index);
            };
            answers.is_of_base = [this](std::int64_t stream,
                                        std::int64_t path) -> std::optional<bool> {
                const auto commit = commits_.find(stream);
                if (commit == commits_.end()) return std::nullopt;
                return place_.files->is_as_at_base(place_.revision, commit->second,
                                                   path_names_.at(path));
            };
        }
        std::vector<Pairing> pairings = match_views(before, after, answers);
        tell_of_keys(across, pairings);
        sort_out(pairings);
    }

    // What is the same under another key is decided, and no other view of it counts.
    void take_across_keys(const AcrossKeys& across, std::vector<Before>& before,
                          std::vector<After>& after) {
        std::unordered_set<std::int64_t> taken;
        for (std::size_t i = 0; i < after.size(); ++i) {
            if (across.matches[i].finding == 0) continue;
            after[i].same_as = across.matches[i].finding;
            taken.insert(after[i].same_as);
        }
        counts_.rekeyed = taken.size();
        std::erase_if(before, [&](const Before& known) { return taken.contains(known.finding); });
    }

    void tell_of_keys(const AcrossKeys& across, std::vector<Pairing>& pairings) {
        for (std::size_t i = 0; i < across.matches.size(); ++i) {
            const std::int64_t maybe = across.matches[i].maybe_from;
            if (maybe == 0 || pairings[i].finding != 0) continue;
            ++counts_.maybe_rekeyed;
            if (pairings[i].maybe_from == 0) pairings[i].maybe_from = maybe;
        }
    }

    void sort_out(const std::vector<Pairing>& pairings) {
        for (std::size_t i = 0; i < pairings.size(); ++i) {
            const Pairing& pairing = pairings[i];
            const Occurrence* const one = &occurrences_[i];
            if (pairing.finding == 0) {
                decision_.new_ones.push_back({one, 0, pairing.maybe_from});
                counts_.maybe += pairing.maybe_from != 0 ? 1 : 0;
                continue;
            }
            seen_.insert(pairing.finding);
            if (pairing.finding != same_as_[i]) {
                decision_.changes.push_back({one, pairing.finding, 0});
            } else if (same_states_[pairing.finding] != kPresent) {
                decision_.back.push_back(pairing.finding);
            }
        }
        counts_.fresh = decision_.new_ones.size();
        counts_.known = counts_.found - counts_.fresh;
        for (const auto& [finding, state] : missing_)
            if (!seen_.contains(finding)) decision_.lost.push_back(finding);
        // One whose place another took over: what the exact pass met may have been handed on.
        for (const auto& [finding, state] : same_states_)
            if (!seen_.contains(finding) && state != kAbsent && !missing_.contains(finding))
                decision_.lost.push_back(finding);
        leave_out_overlooked();
        std::ranges::sort(decision_.lost);
        std::ranges::sort(decision_.overlooked);
        std::ranges::sort(decision_.back);
    }

    // What went missing, and was not looked for.
    void leave_out_overlooked() {
        if (!place_.has_looked) return;
        std::unordered_map<std::int64_t, const KnownView*> here;
        for (const KnownView& known : decision_.known)
            if (known.stream == place_.stream) here.emplace(known.finding, &known);
        std::erase_if(decision_.lost, [&](std::int64_t finding) {
            const auto found = here.find(finding);
            if (found == here.end()) return false;  // its place was met, by another one
            const KnownView& view = *found->second;
            if (place_.has_looked(path_names_.at(view.path), view.family)) return false;
            decision_.overlooked.push_back(finding);
            return true;
        });
    }

    Database& database_;
    const MergePlace& place_;
    std::vector<Occurrence>& occurrences_;
    MergeCounts counts_;

    std::unordered_map<std::int64_t, std::string> path_names_;
    std::vector<std::int64_t> same_as_, states_;                  // by occurrence
    std::unordered_map<std::int64_t, std::int64_t> same_states_;  // by finding
    std::unordered_set<std::int64_t> in_motion_;                  // of these, to be looked at anew
    Ids unmet_;  // that the stream had, and the exact pass has not met
    std::unordered_map<std::int64_t, std::int64_t> missing_;  // by finding

    std::unordered_set<std::int64_t> beside_, elsewhere_;                           // streams
    std::unordered_map<std::int64_t, std::string> commits_;                         // by stream
    std::map<std::pair<std::int64_t, std::int64_t>, std::string> commits_of_gone_;  // and finding
    std::unordered_set<std::int64_t> seen_;
    MergeDecision decision_;
    Status damage_;  // of what was read
};

}  // namespace

Result<MergeCounts> merge(Database& database, const MergePlace& place,
                          std::vector<Occurrence>& occurrences) {
    return Merge(database, place, occurrences).run();
}

}  // namespace merlon::evidence
