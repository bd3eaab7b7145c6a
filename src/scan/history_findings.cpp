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
               (place.head_object == kNoNumber || allow(place.head_object, place));
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
        if (place.head_object != kNoNumber) {
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
            if (walk_.steps()[step].commit != git::CommitNumber{kNoNumber}) steps.push_back(step);
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
    return place.step == kNoNumber ? Reach::kUnreachable : walk_.steps()[place.step].reach;
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
    if (place.step == kNoNumber) {
        shown.kind = "unreachable";
        return shown;
    }
    const HistoryStep& step = walk_.steps()[place.step];
    if (step.commit == git::CommitNumber{kNoNumber}) {
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
    if (place.removed != kNoNumber) {
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

}  // namespace merlon::scan
