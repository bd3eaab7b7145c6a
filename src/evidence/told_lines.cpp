#include "evidence/told_lines.h"

#include <algorithm>
#include <map>
#include <string>

#include "evidence/signature.h"

namespace merlon::evidence {
namespace {

// As far as it shows lines that are not masked. Some tools show a line in part.
bool reads_as(const model::Finding& finding, const BareLines& text) {
    const model::Excerpt& excerpt = finding.excerpt;
    for (std::size_t i = 0; i < excerpt.lines.size(); ++i) {
        const std::string shown = without_space(excerpt.lines[i]);
        if (shown.contains(kMask)) continue;
        if (!text.at(excerpt.first_line + static_cast<std::uint32_t>(i)).contains(shown))
            return false;
    }
    return true;
}

}  // namespace

std::vector<bool> equals_in_changed_files(
    std::span<const Occurrence> now,
    const std::function<bool(std::string_view path)>& has_changed) {
    std::vector<bool> are_equals(now.size(), false);
    for (std::size_t first = 0, end = 0; first < now.size(); first = end) {
        while (end < now.size() && now[end].path == now[first].path) ++end;
        if (end - first < 2) continue;
        std::map<std::pair<std::string_view, std::string>, std::vector<std::size_t>> alike;
        for (std::size_t i = first; i < end; ++i)
            if (std::string code = code_text(*now[i].finding); !code.empty())
                alike[{now[i].finding->rule_id, std::move(code)}].push_back(i);
        std::erase_if(alike, [](const auto& group) { return group.second.size() < 2; });
        if (alike.empty() || !has_changed(now[first].path)) continue;
        for (const auto& [text, group] : alike)
            for (const std::size_t i : group) are_equals[i] = true;
    }
    return are_equals;
}

std::optional<LinesNow> ToldLines::of(const Before& known, std::size_t number) {
    const Occurrence& now = now_[number];
    const LineChanges* const changes = this->changes(known, now);
    if (changes == nullptr) return std::nullopt;
    const std::string code = code_text(*now.finding);
    if (!code.empty() && !changes->then().has_at(known.view.line, code)) return std::nullopt;
    return changes->of(known.view.line);
}

std::optional<double> ToldLines::likeness(const Before& known, std::size_t number) {
    const Occurrence& now = now_[number];
    const LineChanges* const changes = this->changes(known, now);
    if (changes == nullptr) return std::nullopt;
    const std::string_view was = path_name_(known.view.path);
    const bool are_both_files =
        changes_(known, was, was) != nullptr || changes_(known, now.path, now.path) != nullptr;
    return are_both_files ? 0 : changes->likeness();
}

const LineChanges* ToldLines::changes(const Before& known, const Occurrence& now) {
    const LineChanges* const changes = changes_(known, path_name_(known.view.path), now.path);
    return changes != nullptr && is_text_of(now.path, changes->now()) ? changes : nullptr;
}

bool ToldLines::is_text_of(std::string_view path, const BareLines& text) {
    const auto [place, is_first] = is_text_.try_emplace(path, true);
    if (is_first) {
        const auto findings = std::ranges::equal_range(
            now_, path, {}, [](const Occurrence& one) { return std::string_view(one.path); });
        place->second = std::ranges::all_of(
            findings, [&](const Occurrence& one) { return reads_as(*one.finding, text); });
    }
    return place->second;
}

}  // namespace merlon::evidence
