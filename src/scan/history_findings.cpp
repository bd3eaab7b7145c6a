#include "scan/history_findings.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "base/thread_pool.h"
#include "connect/git/commit.h"
#include "connect/git/log_text.h"
#include "scan/match_room.h"
#include "text/utf8.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

constexpr std::size_t kMaxNamedReferences = 20;
// Findings of versions that are shown, which are of other secrets.
constexpr std::size_t kMostNotShown = 20'000;
// What the findings of all versions that are shown need.
constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;

std::string rfc3339(std::uint64_t seconds) {
    const git::CivilTime time = git::civil_time(static_cast<std::int64_t>(seconds));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", time.year, time.month, time.day,
                       time.hour, time.minute, time.second);
}

std::uint32_t line_of(const model::Finding& finding) {
    const auto* file = std::get_if<model::FileLocation>(&finding.location);
    return file == nullptr ? 0 : file->region.start_line;
}

// The order of reports; two secrets that stood in one place at different times in that of their
// commits and objects, however the objects are packed.
bool before(const model::Finding& a, const model::Finding& b) {
    if (model::less(a, b)) return true;
    if (model::less(b, a)) return false;
    const auto key = [](const model::Finding& finding) {
        const model::HistoryPlace& place = finding.history->places.front();
        return std::tie(place.date, place.commit, place.object);
    };
    return key(a) < key(b);
}

// Calls `take` with the places of each secret.
template <typename Take>
void each_secret(std::span<const StoryPlace> places, Take take) {
    for (std::size_t begin = 0; begin < places.size();) {
        std::size_t end = begin;
        while (end < places.size() && places[end].secret == places[begin].secret) ++end;
        take(places.subspan(begin, end - begin));
        begin = end;
    }
}

}  // namespace

std::string HistoryFindings::path_of(const Version& version) const {
    if (version.kind == PlaceKind::kInCommit) return std::string(kCommitMessage);
    if (version.kind == PlaceKind::kInTag) return std::string(kTagMessage);
    return version.path == kNone ? std::string(kNoPath) : walk_.paths()[version.path];
}

// Takes what an earlier run has made; the others are left.
std::vector<HistoryFindings::Version> HistoryFindings::recall_versions(
    const std::vector<Version>& wanted) {
    if (recalled_ == nullptr) return wanted;
    std::map<Version, const HistoryCheckpoint::Version*> known;
    for (const HistoryCheckpoint::Version& version : recalled_->versions) {
        known.emplace(Version{version.object, version.path, static_cast<PlaceKind>(version.kind)},
                      &version);
    }
    std::vector<Version> left;
    for (const Version& version : wanted) {
        const auto at = known.find(version);
        if (at == known.end()) {
            left.push_back(version);
            continue;
        }
        const auto begin = static_cast<std::ptrdiff_t>(at->second->first_finding);
        const auto end = begin + static_cast<std::ptrdiff_t>(at->second->finding_count);
        const auto& [findings, tags, prints] =
            std::tie(recalled_->findings, recalled_->tags, recalled_->prints);
        add_version(version, {{findings.begin() + begin, findings.begin() + end},
                              {tags.begin() + begin, tags.begin() + end},
                              {prints.begin() + begin, prints.begin() + end}});
    }
    return left;
}

HistoryFindings::Needs HistoryFindings::needs_of_versions() const {
    Needs needs;
    for (const StoryPlace& place : story_.places()) {
        needs.push_back({{place.object, place.path, place.kind}, place.secret});
        if (place.head_object != kNone) {
            needs.push_back({{place.head_object, place.path, place.kind}, place.secret});
        }
    }
    std::ranges::sort(needs);
    const auto repeated = std::ranges::unique(needs);
    needs.erase(repeated.begin(), repeated.end());
    return needs;
}

// Of which versions only what is shown is kept: of all where a run has more secrets than it keeps,
// else of those with which what is not shown would be too much.
std::vector<bool> HistoryFindings::read_in_part(const std::vector<Version>& wanted,
                                                const Needs& needs) const {
    std::vector<bool> in_part(wanted.size(),
                              options_.room != nullptr && options_.room->is_limited());
    std::vector<std::size_t> surplus(wanted.size());
    const auto place_of = [&](const Version& version) {
        const auto at = std::ranges::lower_bound(wanted, version);
        return at != wanted.end() && *at == version ? static_cast<std::size_t>(at - wanted.begin())
                                                    : wanted.size();
    };
    for (const ObjectMatches& found : blobs_) {
        const std::size_t at = place_of({found.object, found.path, PlaceKind::kInFile});
        if (at < wanted.size()) surplus[at] += found.matches.size();
    }
    for (const auto& [version, secret] : needs) {
        const std::size_t at = place_of(version);
        if (at < wanted.size() && surplus[at] > 0) --surplus[at];
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (kept + surplus[i] > kMostNotShown) {
            in_part[i] = true;
        } else {
            kept += surplus[i];
        }
    }
    return in_part;
}

// Reads again what holds something, this time for lines and excerpts.
void HistoryFindings::read_versions() {
    const Needs needs = needs_of_versions();
    std::vector<Version> wanted;
    for (const auto& [version, secret] : needs) {
        if (wanted.empty() || wanted.back() != version) wanted.push_back(version);
    }
    wanted = recall_versions(wanted);
    const std::vector<bool> in_part = read_in_part(wanted, needs);
    FindingRoom room(kMostBytes);
    std::vector<Read> read(wanted.size());
    ThreadPool pool(options_.threads);
    std::vector<secrets::Program::Scratch> scratches(pool.size());
    pool.for_each(wanted.size(), [&](std::size_t i, unsigned worker) {
        if (is_cancelled()) return;
        Only only;
        if (in_part[i]) {
            for (const auto& need :
                 std::ranges::equal_range(needs, wanted[i], {}, &Needs::value_type::first)) {
                only.push_back(&story_.secrets()[need.second]);
            }
            std::ranges::sort(only, std::less<>(),
                              [](const ContentMatch* one) -> const ContentMatch& { return *one; });
        }
        read[i].found.room = &room;
        read[i].found.unit = i;
        read_version(wanted[i], in_part[i] ? &only : nullptr, scratches[worker], read[i]);
        room.settle(read[i].found);
    });
    keep_first(read);
    std::vector<Shown> shown(wanted.size());
    pool.for_each(wanted.size(),
                  [&](std::size_t i, unsigned) { shown[i] = shown_of(wanted[i], read[i]); });
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        std::ranges::move(read[i].gaps, std::back_inserter(gaps_));
        add_version(wanted[i], std::move(shown[i]));
    }
}

// What is more than a run keeps is counted.
void HistoryFindings::keep_first(std::vector<Read>& all) {
    std::uint64_t bytes = 0;
    std::size_t left_out = 0;
    for (Read& read : all) {
        keep_within(read.found, kMostBytes - std::min(bytes, kMostBytes));
        bytes += read.found.bytes;
        if (read.found.counted == read.found.reaches.size()) continue;
        left_out += read.found.counted - read.found.reaches.size();
        read.is_whole = false;
    }
    if (left_out > 0) {
        gaps_.push_back({model::GapCause::kLimitReached, std::string(kRunPath),
                         fmt::format("more places than one run keeps in memory; {} more {} counted "
                                     "and not shown: {}",
                                     left_out, left_out == 1 ? "is" : "are", kLessHistory)});
    }
}

void HistoryFindings::add_version(const Version& version, Shown shown) {
    shown.by_tag.resize(shown.tags.size());
    std::iota(shown.by_tag.begin(), shown.by_tag.end(), std::uint32_t{0});
    std::ranges::stable_sort(shown.by_tag, {},
                             [&](std::uint32_t i) -> const std::string& { return shown.tags[i]; });
    versions_.emplace(version, std::move(shown));
}

// `only`: the secrets that are wanted; null: all.
void HistoryFindings::read_version(const Version& version, const Only* only,
                                   secrets::Program::Scratch& scratch, Read& read) const {
    const auto id = catalog_.id_of(version.object);
    if (!id.ok()) return;
    const auto object = repository_.objects().read_original(id.value());
    if (!object.ok()) {
        read.gaps.push_back(
            {model::GapCause::kReadError, path_of(version), object.error().message});
        read.is_whole = false;
        return;
    }
    std::string_view bytes = object.value().bytes();
    std::string text;
    if (version.kind != PlaceKind::kInFile) {
        text = git::text_of(object.value().type, bytes, repository_.algorithm());
        bytes = text;
    }
    FindingOptions findings = options_.findings;
    if (only != nullptr) {
        const auto* const rules = findings.program->config().rules.data();
        findings.is_wanted = [this, only, rules](const secrets::SecretFinding& match) {
            if (match.fact == nullptr) return true;  // a path has few
            const ContentMatch content{static_cast<std::uint32_t>(match.rule - rules),
                                       tag_of(options_, match.fact->secret)};
            return std::ranges::binary_search(
                *only, content, std::less<>(),
                [](const auto& one) -> const ContentMatch& { return *one; });
        };
    }
    add_findings_of(options_, findings, bytes, path_of(version), scratch, read.found);
    const std::vector<model::Gap>& gaps = read.found.coverage.gaps;
    read.is_whole = only == nullptr && gaps.empty();
    for (const model::Gap& gap : gaps) {
        // All others were told when the object was examined.
        if (gap.cause == model::GapCause::kLimitReached ||
            gap.cause == model::GapCause::kReadError) {
            read.gaps.push_back(gap);
        }
    }
}

HistoryFindings::Shown HistoryFindings::shown_of(const Version& version, Read& read) const {
    Shown shown;
    add_fingerprints(read.found);
    for (const std::string& content : read.found.contents) {
        shown.tags.push_back(tag_of(options_, content));
        shown.prints.push_back(
            content == content_of_path(path_of(version)) ? SecretPrint{} : mask_.print_of(content));
    }
    shown.findings = std::move(read.found.findings);
    shown.is_whole = read.is_whole;
    read.found = {};
    return shown;
}

// The findings of this secret in that version, each place once.
std::vector<const model::Finding*> HistoryFindings::findings_of_secret(
    const Version& version, const ContentMatch& secret) const {
    std::vector<const model::Finding*> found;
    const auto at = versions_.find(version);
    if (at == versions_.end()) return found;
    const std::string& rule = options_.findings.program->config().rules[secret.rule].id;
    const Shown& shown = at->second;
    const auto tag_of = [&](std::uint32_t i) -> const std::string& { return shown.tags[i]; };
    for (const std::uint32_t i : std::ranges::equal_range(shown.by_tag, secret.tag, {}, tag_of)) {
        if (shown.findings[i].rule_id == rule) found.push_back(&shown.findings[i]);
    }
    std::ranges::stable_sort(found, [](const model::Finding* left, const model::Finding* right) {
        return model::less(*left, *right);
    });
    const auto repeated =
        std::ranges::unique(found, [](const model::Finding* left, const model::Finding* right) {
            return left->location == right->location;
        });
    found.erase(repeated.begin(), repeated.end());
    return found;
}

// Which references lead to the tags that hold something, directly or through another tag.
void HistoryFindings::find_tag_names() {
    const auto is_tag = [](const StoryPlace& place) { return place.kind == PlaceKind::kInTag; };
    if (std::ranges::none_of(story_.places(), is_tag)) return;
    for (const git::Reference& reference : repository_.references().all()) {
        git::ObjectType type{};
        std::vector<git::ObjectId> passed;
        // Of what cannot be read the walk tells.
        (void)git::peel_tags(repository_.objects(), repository_.algorithm(), reference.id, type,
                             &passed);
        for (const git::ObjectId& id : passed) {
            if (const auto number = catalog_.find(id))
                tag_names_[*number].push_back(reference.name);
        }
    }
}

// Whether comments allow the secret in each version that is shown.
bool HistoryFindings::are_shown_allowed(std::span<const StoryPlace> places) const {
    const ContentMatch& secret = story_.secrets()[places.front().secret];
    const auto allow = [&](std::uint32_t object, const StoryPlace& place) {
        return std::ranges::none_of(
            findings_of_secret({object, place.path, place.kind}, secret),
            [](const model::Finding* finding) { return finding->suppressed_by.empty(); });
    };
    return std::ranges::all_of(places, [&](const StoryPlace& place) {
        return allow(place.object, place) &&
               (place.head_object == kNone || allow(place.head_object, place));
    });
}

// Also where it is not found again: what is not known is not accepted.
bool HistoryFindings::is_open_in(const Shown& shown, const ContentMatch& secret) const {
    const std::string& rule = options_.findings.program->config().rules[secret.rule].id;
    bool is_there = false;
    for (std::size_t i = 0; i < shown.findings.size(); ++i) {
        if (shown.tags[i] != secret.tag || shown.findings[i].rule_id != rule) continue;
        if (shown.findings[i].suppressed_by.empty()) return true;
        is_there = true;
    }
    return !is_there;
}

void HistoryFindings::find_open_secrets() {
    std::set<ContentMatch> allowed;
    each_secret(story_.places(), [&](std::span<const StoryPlace> places) {
        if (are_shown_allowed(places)) allowed.insert(story_.secrets()[places.front().secret]);
    });
    if (allowed.empty()) return;
    std::vector<const ObjectMatches*> others;
    for (const ObjectMatches& found : blobs_) {
        if (versions_.contains({found.object, found.path, PlaceKind::kInFile})) continue;
        if (std::ranges::any_of(found.matches,
                                [&](const ContentMatch& match) { return allowed.contains(match); }))
            others.push_back(&found);
    }
    ThreadPool pool(options_.threads);
    std::vector<secrets::Program::Scratch> scratches(pool.size());
    std::vector<std::set<ContentMatch>> open(pool.size());
    std::vector<std::vector<model::Gap>> gaps(others.size());
    pool.for_each(others.size(), [&](std::size_t i, unsigned worker) {
        if (is_cancelled()) return;
        Only only;
        for (const ContentMatch& match : others[i]->matches) {
            if (allowed.contains(match)) only.push_back(&match);
        }
        const Version version{others[i]->object, others[i]->path, PlaceKind::kInFile};
        Read read;
        read_version(version, &only, scratches[worker], read);
        gaps[i] = std::move(read.gaps);
        const Shown shown = shown_of(version, read);
        for (const ContentMatch& match : others[i]->matches) {
            if (allowed.contains(match) && is_open_in(shown, match)) open[worker].insert(match);
        }
    });
    for (std::vector<model::Gap>& some : gaps) std::ranges::move(some, std::back_inserter(gaps_));
    for (std::set<ContentMatch>& some : open) open_elsewhere_.merge(some);
}

void HistoryFindings::make() {
    read_versions();
    find_tag_names();
    find_open_secrets();
    each_secret(story_.places(), [this](std::span<const StoryPlace> places) {
        if (!is_cancelled()) make_finding(places);
    });
    add_references();
    std::ranges::stable_sort(findings_, before);
}

void HistoryFindings::add_to(SecretMask& mask) const {
    for (const auto& [version, shown] : versions_) {
        for (const SecretPrint& print : shown.prints) mask.add(print);
    }
}

void HistoryFindings::remember(MadeCheckpoint& made) const {
    HistoryCheckpoint& all = made.checkpoint;
    for (const auto& [version, shown] : versions_) {
        if (!shown.is_whole) continue;
        all.versions.push_back({made.place_of[version.object], version.path,
                                static_cast<std::uint8_t>(version.kind),
                                static_cast<std::uint32_t>(all.findings.size()),
                                static_cast<std::uint32_t>(shown.findings.size())});
        all.findings.insert(all.findings.end(), shown.findings.begin(), shown.findings.end());
        all.tags.insert(all.tags.end(), shown.tags.begin(), shown.tags.end());
        all.prints.insert(all.prints.end(), shown.prints.begin(), shown.prints.end());
    }
}

void HistoryFindings::make_finding(std::span<const StoryPlace> places) {
    const ContentMatch& secret = story_.secrets()[places.front().secret];
    std::optional<model::Finding> finding;
    model::History history;
    Reach reach = Reach::kIndex;
    bool all_suppressed = true;
    std::string reason;
    std::vector<std::uint32_t> steps;
    std::vector<std::uint32_t> tags;
    for (const StoryPlace& place : places) {
        const auto then = findings_of_secret({place.object, place.path, place.kind}, secret);
        if (then.empty()) continue;
        if (!finding) finding = *then.front();
        std::vector<const model::Finding*> now;
        if (place.head_object != kNone) {
            history.in_head = true;
            now = findings_of_secret({place.head_object, place.path, place.kind}, secret);
        }
        for (std::size_t i = 0; i < then.size(); ++i) {
            history.places.push_back(place_of(place, *then[i]));
            if (i < now.size()) history.places.back().head_line = line_of(*now[i]);
        }
        // Lines that came later, to a file that held it already: which commit brought each is not
        // looked for.
        for (std::size_t i = then.size(); i < now.size(); ++i) {
            model::HistoryPlace later;
            later.kind = history.places.back().kind;
            later.location = now[i]->location;
            later.head_line = line_of(*now[i]);
            if (const auto id = catalog_.id_of(place.head_object); id.ok()) {
                later.object = id.value().hex();
            }
            history.places.push_back(std::move(later));
        }
        const auto note = [&](const model::Finding* one) {
            all_suppressed &= !one->suppressed_by.empty();
            if (!one->suppressed_by.empty()) reason = one->suppression_reason;
        };
        std::ranges::for_each(then, note);
        std::ranges::for_each(now, note);
        reach = std::min(reach, reach_of(place));
        for (const std::uint32_t step : place.steps) {
            if (walk_.steps()[step].commit != git::CommitNumber{kNone}) steps.push_back(step);
        }
        if (place.kind == PlaceKind::kInTag) tags.push_back(place.object);
    }
    if (!finding) return;
    all_suppressed &= !open_elsewhere_.contains(secret);
    if (!all_suppressed && !reason.empty()) {
        finding->message +=
            " A comment allows it in some versions of the file, not in all; .merlon/ignore accepts "
            "the secret itself.";
    }
    finding->suppressed_by = all_suppressed ? "inline" : "";
    finding->suppression_reason = all_suppressed ? reason : "";
    history.reach = name(reach);
    finding->history = std::move(history);
    findings_.push_back(*std::move(finding));
    steps_.push_back(std::move(steps));
    tags_.push_back(std::move(tags));
}

Reach HistoryFindings::reach_of(const StoryPlace& place) const {
    if (place.kind == PlaceKind::kInTag) {
        return tag_names_.contains(place.object) ? Reach::kReferences : Reach::kUnreachable;
    }
    return place.step == kNone ? Reach::kUnreachable : walk_.steps()[place.step].reach;
}

model::HistoryPlace HistoryFindings::place_of(const StoryPlace& place, const model::Finding& then) {
    model::HistoryPlace shown;
    shown.location = then.location;
    if (const auto id = catalog_.id_of(place.object); id.ok()) shown.object = id.value().hex();
    shown.introductions = std::max<std::uint64_t>(place.steps.size(), 1);
    if (place.kind == PlaceKind::kInTag) {
        shown.kind = "tag-message";
        describe_tag(place.object, shown);
        return shown;
    }
    if (place.step == kNone) {
        shown.kind = "unreachable";
        return shown;
    }
    const HistoryStep& step = walk_.steps()[place.step];
    if (step.commit == git::CommitNumber{kNone}) {
        shown.kind = step.reach == Reach::kIndex ? "index" : "unreachable";
        return shown;
    }
    shown.kind = place.kind == PlaceKind::kInCommit ? "commit-message"
                 : step.reach == Reach::kNotes      ? "note"
                 : step.is_merge                    ? "merge"
                                                    : "commit";
    const Described& brought = describe(place.step);
    shown.commit = brought.commit;
    shown.date = brought.date;
    shown.author = brought.author;
    shown.email = brought.email;
    if (place.removed != kNone) {
        const Described& took = describe(place.removed);
        shown.removed_commit = took.commit;
        shown.removed_date = took.date;
    }
    return shown;
}

const HistoryFindings::Described& HistoryFindings::describe(std::uint32_t step) {
    const auto [at, added] = described_.try_emplace(step);
    Described& described = at->second;
    if (!added) return described;
    const git::ObjectId& id = walk_.history().id(walk_.steps()[step].commit);
    described.commit = id.hex();
    const auto object = repository_.objects().read(id);
    if (!object.ok()) return described;
    const auto parsed = git::parse_commit(object.value().bytes(), repository_.algorithm());
    if (!parsed.ok()) return described;
    const auto who = git::parse_identity(parsed.value().author);
    if (!who) return described;
    if (who->has_date) described.date = rfc3339(who->seconds);
    described.author = text::to_valid_utf8(who->name);
    described.email = text::to_valid_utf8(who->email);
    return described;
}

void HistoryFindings::describe_tag(std::uint32_t number, model::HistoryPlace& shown) const {
    const auto id = catalog_.id_of(number);
    if (!id.ok()) return;
    const auto object = repository_.objects().read_original(id.value());
    if (!object.ok()) return;
    const auto tag = git::parse_tag(object.value().bytes(), repository_.algorithm());
    if (!tag.ok()) return;
    shown.commit = tag.value().target.hex();
    const auto who = git::parse_identity(tag.value().tagger);
    if (!who) return;
    if (who->has_date) shown.date = rfc3339(who->seconds);
    shown.author = text::to_valid_utf8(who->name);
    shown.email = text::to_valid_utf8(who->email);
}

// Commits that brought something in are looked for in all references, 64 at a time. Findings that
// came with the same commits have the same references, however many of both there are.
void HistoryFindings::add_references() {
    std::map<std::vector<std::uint32_t>, std::vector<std::size_t>> findings_of;
    for (std::size_t i = 0; i < findings_.size(); ++i) {
        std::vector<std::uint32_t>& steps = steps_[i];
        std::ranges::sort(steps);
        const auto repeated = std::ranges::unique(steps);
        steps.erase(repeated.begin(), repeated.end());
        findings_of[std::move(steps)].push_back(i);
    }
    std::map<std::uint32_t, std::vector<std::size_t>> groups_of_step;
    std::size_t group = 0;
    for (const auto& [steps, findings] : findings_of) {
        for (const std::uint32_t step : steps) groups_of_step[step].push_back(group);
        ++group;
    }
    std::vector<std::vector<bool>> leads(group, std::vector<bool>(walk_.tips().size()));
    for (auto at = groups_of_step.begin(); at != groups_of_step.end();) {
        std::vector<std::uint32_t> steps;
        const auto begin = at;
        for (; steps.size() < 64 && at != groups_of_step.end(); ++at) steps.push_back(at->first);
        const std::vector<std::uint64_t> has = story_.references_of(steps);
        for (std::size_t reference = 0; reference < has.size(); ++reference) {
            auto step = begin;
            for (std::uint64_t bits = has[reference]; bits != 0; ++step, bits >>= 1) {
                if ((bits & 1) == 0) continue;
                for (const std::size_t i : step->second) leads[i][reference] = true;
            }
        }
    }
    group = 0;
    for (const auto& [steps, findings] : findings_of) {
        const std::vector<bool>& references = leads[group++];
        for (const std::size_t i : findings) name_references(i, references);
    }
}

// `leads`: for each of the walk's tips, which stand in the order of their names, whether it leads
// to the finding.
void HistoryFindings::name_references(std::size_t finding, const std::vector<bool>& leads) {
    const auto& tips = walk_.tips();
    std::set<std::string> of_tags;
    for (const std::uint32_t tag : tags_[finding]) {
        const auto more = tag_names_.find(tag);
        if (more != tag_names_.end()) of_tags.insert(more->second.begin(), more->second.end());
    }
    model::History& history = *findings_[finding].history;
    history.reference_count = 0;
    history.references.clear();
    const auto add = [&history](const std::string& name) {
        if (++history.reference_count <= kMaxNamedReferences) history.references.push_back(name);
    };
    auto tag = of_tags.begin();
    for (std::size_t i = 0; i < leads.size(); ++i) {
        if (!leads[i]) continue;
        for (; tag != of_tags.end() && *tag <= tips[i].first; ++tag) {
            if (*tag < tips[i].first) add(*tag);
        }
        add(tips[i].first);
    }
    for (; tag != of_tags.end(); ++tag) add(*tag);
}

}  // namespace merlon::scan
