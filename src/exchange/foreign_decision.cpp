#include "exchange/foreign_decision.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/joined.h"
#include "exchange/bom.h"
#include "exchange/date_time.h"
#include "exchange/purl_version.h"
#include "exchange/vex.h"

namespace merlon::exchange {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

// ECMA-424's impactAnalysisJustification, and the closest of VEX's five.
constexpr std::array<Pair, 9> kJustifications{{
    {"code_not_present", "vulnerable_code_not_present"},
    {"code_not_reachable", "vulnerable_code_not_in_execute_path"},
    {"requires_configuration", "vulnerable_code_cannot_be_controlled_by_adversary"},
    {"requires_dependency", "vulnerable_code_not_in_execute_path"},
    {"requires_environment", "vulnerable_code_cannot_be_controlled_by_adversary"},
    {"protected_by_compiler", "inline_mitigations_already_exist"},
    {"protected_at_runtime", "inline_mitigations_already_exist"},
    {"protected_at_perimeter", "inline_mitigations_already_exist"},
    {"protected_by_mitigating_control", "inline_mitigations_already_exist"},
}};
constexpr std::array<std::string_view, 5> kOfVex{
    "component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist"};

constexpr std::array<Pair, 6> kVerdicts{{
    {"resolved", "fixed"},
    {"resolved_with_pedigree", "fixed"},
    {"exploitable", "affected"},
    {"in_triage", "under_investigation"},
    {"false_positive", "false_positive"},
    {"not_affected", "not_affected"},
}};

constexpr std::string_view kNoProduct = "the statement names no product";

bool is_purl(std::string_view text) { return text.starts_with("pkg:"); }

// What a package URL names as a whole that has parts: an image, a repository, something of one's
// own. The others are packages, wherever they are.
bool is_whole(std::string_view purl) {
    constexpr std::array<std::string_view, 6> kWholes{
        "pkg:oci/", "pkg:docker/", "pkg:github/", "pkg:gitlab/", "pkg:generic/", "pkg:bitbucket/"};
    return std::ranges::any_of(kWholes,
                               [&](std::string_view type) { return purl.starts_with(type); });
}

std::string reason_of(std::string_view status, std::string_view explanation,
                      std::string_view justification) {
    std::string reason(status);
    for (const std::string_view part : {justification, explanation})
        if (!part.empty()) reason.append(": ").append(part);
    return reason;
}

std::optional<Timestamp> moment_of(const std::string& text) {
    const Result<Timestamp> read = parse_date_time(text);
    return read.ok() ? std::optional(read.value()) : std::nullopt;
}

// Whether a package URL leaves open which versions a range, told beside it or in it, has.
bool is_of_a_range(std::string_view purl, std::string_view range) {
    return !has_version(purl) && (!range.empty() || !range_of(purl).empty());
}

constexpr std::string_view kOfRange =
    "it is about a range of versions, which is not compared: state it for each version";

// Fills in what the statement is about; why it cannot be carried over, if it cannot.
std::string_view take_product(const VexProduct& product, ForeignDecision& decision) {
    constexpr std::string_view kNoPurl = "the statement names a component without a package URL";
    std::vector<std::string> names{product.id};
    names.insert(names.end(), product.identifiers.begin(), product.identifiers.end());
    const auto purl = std::ranges::find_if(names, [](const auto& name) { return is_purl(name); });
    const std::string& id = purl == names.end() ? product.id : *purl;
    if (id.empty()) return kNoPurl;
    for (const std::string& component : product.components)
        if (is_purl(component)) decision.packages.push_back(component);
    if (!product.components.empty()) {
        decision.product = id;
        // Else it would be about the whole product.
        if (decision.packages.empty()) return kNoPurl;
    } else if (!is_purl(id) || is_whole(id)) {
        decision.product = id;
        return {};
    } else {
        for (const std::string& name : names)
            if (is_purl(name)) decision.packages.push_back(name);
    }
    // What is said of some versions is nothing for the others.
    std::erase_if(decision.packages, [&](const std::string& package) {
        return is_of_a_range(package, product.range);
    });
    return decision.packages.empty() ? kOfRange : std::string_view();
}

// Puts the versions that an analysis is about into its package URLs: those that are listed beside
// the component, else the component's own. False where they are a range.
bool add_versions(const BomAffected& affected, std::string_view verdict, const std::string& version,
                  ForeignDecision& decision) {
    if (decision.packages.empty() || has_version(decision.packages.front())) return true;
    const std::string purl = decision.packages.front();
    if (affected.versions.empty()) {
        decision.packages.front() = with_version(purl, version);
        return !is_of_a_range(decision.packages.front(), {});
    }
    // Where some are called affected and others not, the analysis is about those that its verdict
    // fits.
    const bool is_open = verdict == "affected" || verdict == "under_investigation";
    const auto fits = [&](const BomAffectedVersion& one) {
        const bool is_unaffected = one.status == "unaffected";
        return is_open != is_unaffected;
    };
    const bool is_mixed = std::ranges::any_of(affected.versions, fits) &&
                          !std::ranges::all_of(affected.versions, fits);
    decision.packages.clear();
    for (const BomAffectedVersion& one : affected.versions)
        if (!one.version.empty() && (!is_mixed || fits(one)))
            decision.packages.push_back(with_version(purl, one.version));
    return !decision.packages.empty();
}

void in_order(std::vector<ForeignDecision>& decisions) {
    std::ranges::stable_sort(
        decisions, {}, [](const ForeignDecision& one) { return one.made.value_or(Timestamp{}); });
}

}  // namespace

std::string vex_justification(std::string_view word) {
    const std::string lower = lower_case(word);
    if (std::ranges::find(kOfVex, lower) != kOfVex.end()) return lower;
    const auto* const found = std::ranges::find(kJustifications, lower, &Pair::first);
    return found == kJustifications.end() ? std::string() : std::string(found->second);
}

std::string verdict_of_state(std::string_view state) {
    const auto* const found = std::ranges::find(kVerdicts, lower_case(state), &Pair::first);
    return found == kVerdicts.end() ? std::string() : std::string(found->second);
}

ForeignDecisions decisions_of(const VexDocument& document) {
    ForeignDecisions all;
    for (const VexStatement& statement : document.statements) {
        if (statement.is_draft) {
            all.not_carried["the document is a draft"] += statement.products.size();
            continue;
        }
        if (statement.products.empty()) ++all.not_carried[std::string(kNoProduct)];
        // A report of weaknesses may say so; it is nothing that somebody has looked into.
        if (statement.status == VexStatus::kNotAffected && statement.justification.empty() &&
            statement.explanation.empty()) {
            all.not_carried["it says not_affected, and not why"] += statement.products.size();
            continue;
        }
        for (const VexProduct& product : statement.products) {
            ForeignDecision decision{
                .rules = statement.ids,
                .verdict = std::string(name(statement.status)),
                .justification = vex_justification(statement.justification),
                .reason = reason_of(name(statement.status), statement.explanation,
                                    statement.justification),
                .author = document.author.empty() ? "an unnamed supplier" : document.author,
                .made = moment_of(statement.time),
                .origin = "VEX " + (document.id.empty() ? "statement" : document.id)};
            if (statement.status != VexStatus::kNotAffected) decision.justification.clear();
            const std::string_view problem = take_product(product, decision);
            if (problem.empty())
                all.decisions.push_back(std::move(decision));
            else
                ++all.not_carried[std::string(problem)];
        }
    }
    in_order(all.decisions);
    return all;
}

ForeignDecisions decisions_of(const Bom& bom) {
    std::map<std::string_view, const BomComponent*> components;
    for (const BomComponent& component : bom.components)
        components.emplace(component.ref, &component);
    const std::string whole = bom.root.purl.empty() ? bom.root.name : bom.root.purl;
    std::string author = joined(bom.authors, ", ");
    if (author.empty()) author = bom.root.supplier;
    if (author.empty()) author = bom.tools.empty() ? "an unnamed supplier" : bom.tools[0].name;
    ForeignDecisions all;
    for (const BomWeakness& weakness : bom.weaknesses) {
        if (!weakness.analysis) continue;
        const BomAnalysis& analysis = *weakness.analysis;
        const std::string verdict = verdict_of_state(analysis.state);
        if (verdict.empty()) {
            if (!analysis.state.empty() && lower_case(analysis.state) != "not_set")
                ++all.not_carried["the state '" + analysis.state +
                                  "' of an analysis is none that is known"];
            continue;
        }
        ForeignDecision decision{
            .rules = {weakness.id},
            .verdict = verdict,
            .justification =
                verdict == "not_affected" ? vex_justification(analysis.justification) : "",
            .reason = reason_of(analysis.state, analysis.detail, analysis.justification),
            .author = author,
            .made = moment_of(!analysis.last_updated.empty()   ? analysis.last_updated
                              : !analysis.first_issued.empty() ? analysis.first_issued
                                                               : bom.timestamp),
            .origin = bom.serial.empty() ? "CycloneDX analysis"
                                         : "CycloneDX analysis urn:uuid:" + bom.serial};
        for (const BomAlias& alias : weakness.aliases) decision.rules.push_back(alias.id);
        if (weakness.id.empty() || weakness.affects.empty()) {
            ++all.not_carried["the analysis names no weakness, or nothing that it affects"];
            continue;
        }
        for (const BomAffected& affected : weakness.affects) {
            ForeignDecision one = decision;
            one.product = whole;
            std::string version;
            const auto known = components.find(affected.ref);
            const bool is_root = !bom.root.ref.empty() && affected.ref == bom.root.ref;
            if (known != components.end() && is_purl(known->second->purl)) {
                one.packages.push_back(known->second->purl);
                version = known->second->version;
            } else if (is_purl(affected.ref)) {
                one.packages.push_back(affected.ref);
            } else if (const std::size_t hash = affected.ref.find("#pkg:");
                       affected.ref.starts_with("urn:cdx:") && hash != std::string::npos) {
                one.packages.push_back(affected.ref.substr(hash + 1));
            } else if (!is_root || whole.empty()) {
                ++all.not_carried["the analysis affects something without a package URL"];
                continue;
            }
            if (add_versions(affected, verdict, version, one))
                all.decisions.push_back(std::move(one));
            else
                ++all.not_carried[std::string(kOfRange)];
        }
    }
    in_order(all.decisions);
    return all;
}

}  // namespace merlon::exchange
