// Of HistoryFindings: the versions of files, and the messages, that findings are shown in; read
// again for lines and excerpts, or taken from what an earlier run has made.

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/thread_pool.h"
#include "connect/git/log_text.h"
#include "scan/history_findings.h"
#include "scan/match_room.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

// Findings of versions that are shown, which are of other secrets.
constexpr std::size_t kMostNotShown = 20'000;
// What the findings of all versions that are shown need.
constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;

}  // namespace

std::string HistoryFindings::path_of(const Version& version) const {
    if (version.kind == PlaceKind::kInCommit) return std::string(kCommitMessage);
    if (version.kind == PlaceKind::kInTag) return std::string(kTagMessage);
    return version.path == kNoNumber ? std::string(kNoPath) : walk_.paths()[version.path];
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
        if (place.head_object != kNoNumber) {
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

}  // namespace merlon::scan
