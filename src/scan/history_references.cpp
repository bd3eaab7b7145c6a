// Of HistoryFindings: which references lead to what was found.

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "scan/history_findings.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

constexpr std::size_t kMaxNamedReferences = 20;

}  // namespace

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
