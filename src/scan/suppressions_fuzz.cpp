// What a team hands in about known findings and gaps: ignore entries, baselines, inline comments,
// accepted gaps. Any bytes are read or refused with a reason; what is read suppresses exactly what
// it names; what is written is read back as it was.

#include <algorithm>
#include <cstdlib>

#include "base/arena.h"
#include "base/interner.h"
#include "scan/suppressions.h"
#include "text/yaml.h"

namespace {

using namespace merlon;
using namespace merlon::scan;

model::Finding finding_of(std::string rule, std::string id) {
    model::Finding finding;
    finding.rule_id = std::move(rule);
    finding.secret_id = std::move(id);
    return finding;
}

void check_ignore_entries(std::string_view bytes) {
    auto read = read_ignore_entries(bytes, ".merlon/ignore");
    if (!read.ok()) {
        if (read.error().message.empty() || read.error().line == 0) std::abort();
        return;
    }
    Suppressions suppressions;
    suppressions.ignored = std::move(read).value();
    for (const IgnoreEntry& entry : suppressions.ignored) {
        if (entry.secret_id.empty() || entry.rule_id.empty() || entry.reason.empty()) std::abort();
        std::vector<model::Finding> findings = {
            finding_of(entry.rule_id == "*" ? "any" : entry.rule_id, entry.secret_id),
            finding_of(entry.rule_id, entry.secret_id + "x"), finding_of(entry.rule_id, "")};
        std::vector<std::string> notices;
        // The first second of time: before every day that an entry can name but those before it.
        apply(suppressions, Timestamp{}, findings, notices);
        if (findings[0].suppressed_by.empty() && notices.empty()) std::abort();
        if (findings[2].suppressed_by == "ignore") std::abort();
        const bool other = std::ranges::any_of(suppressions.ignored, [&](const IgnoreEntry& e) {
            return e.secret_id == findings[1].secret_id;
        });
        if (!other && !findings[1].suppressed_by.empty()) std::abort();
    }
}

void check_baseline(std::string_view bytes) {
    const auto read = read_baseline(bytes, "baseline.json");
    if (!read.ok()) {
        if (read.error().message.empty()) std::abort();
        return;
    }
    std::vector<model::Finding> findings;
    for (const BaselineEntry& entry : read.value())
        findings.push_back(finding_of(entry.rule_id, entry.secret_id));
    const auto again = read_baseline(write_baseline(findings), "baseline.json");
    if (!again.ok()) std::abort();
    std::vector<BaselineEntry> unique = read.value();
    unique.erase(std::ranges::unique(unique).begin(), unique.end());
    if (again.value() != unique) std::abort();
}

void check_inline_comment(std::string_view bytes) {
    const std::string_view lines[] = {bytes};
    const InlineAllowance allowance = inline_allowance(lines, "rule");
    const bool says = allowance.reason || allowance.names_no_rule || !allowance.other_rule.empty();
    if (says && bytes.find(":allow") == std::string_view::npos) std::abort();
    if (allowance.reason && allowance.reason->empty()) std::abort();
}

void check_revocations(std::string_view bytes) {
    const auto read = read_revoked_entries(bytes, "revoked");
    if (!read.ok()) return;
    std::string text;
    for (const RevokedEntry& entry : read.value()) {
        if (entry.secret_id.empty() || entry.reason.empty()) std::abort();
        text += entry.secret_id + ' ' + entry.date + ' ' + entry.reason + '\n';
    }
    const auto again = read_revoked_entries(text, "again");
    if (!again.ok() || again.value().size() != read.value().size()) std::abort();
}

// The lines that a run prints for a new gap accept that gap, whatever its path.
void check_acceptance(std::string_view bytes) {
    if (bytes.find('\0') != std::string_view::npos) return;  // no path has one
    const model::Gap gaps[] = {{model::GapCause::kEncrypted, std::string(bytes), "locked"}};
    Arena arena;
    Interner interner;
    const auto documents = text::read_yaml(acceptance_lines(gaps), arena, interner);
    if (!documents.ok() || documents.value().size() != 1) std::abort();
    const value::Value& accept =
        documents.value()[0].root->find("coverage")->find("accept")->items()[0];

    Suppressions suppressions;
    suppressions.accepted_gaps = {
        {std::string(accept.find("path")->as_string()), model::GapCause::kEncrypted, "known", ""}};
    model::Coverage coverage;
    coverage.gaps.assign(std::begin(gaps), std::end(gaps));
    std::vector<std::string> notices;
    accept_gaps(suppressions, Timestamp{}, coverage, notices);
    if (!coverage.gaps.empty() || coverage.accepted.size() != 1) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 4096) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 5) {
        case 0:
            check_ignore_entries(bytes);
            break;
        case 1:
            check_baseline(bytes);
            break;
        case 2:
            check_inline_comment(bytes);
            break;
        case 3:
            check_acceptance(bytes);
            break;
        default:
            check_revocations(bytes);
    }
    return 0;
}
