#include "gate/store_facts.h"

#include <fmt/core.h>

#include "base/hex.h"
#include "evidence/decisions.h"
#include "evidence/detail.h"
#include "evidence/seconds.h"
#include "exchange/report_read.h"
#include "gate/reports.h"
#include "gate/store_base.h"

namespace merlon::gate {
namespace {

using evidence::Cells;
using evidence::integer_of;
using evidence::text_of;

// What base_expression() says.
constexpr std::int64_t kInBase = 0;
constexpr std::int64_t kMaybeInBase = 1;

std::string digest_text(std::string_view bytes) { return "sha256:" + to_hex(bytes); }

// What a decision suppresses, a person has: it has an event of its own.
constexpr std::string_view kByDecision = "decision";

Result<SeenFinding> finding_of(Cells row, const Input& input, evidence::DetailReader& details) {
    const std::int64_t in_base = integer_of(row[11]), base_severity = integer_of(row[15]);
    const bool is_suppressed = !text_of(row[7]).empty();
    // What somebody was silent about there and is not here is news.
    const bool is_told_again = integer_of(row[16]) == 1 && !is_suppressed;
    SeenFinding finding{.id = integer_of(row[0]),
                        .rule = std::string(text_of(row[1])),
                        .tool = std::string(text_of(row[2])),
                        .kind = "code",
                        .severity = static_cast<model::Severity>(integer_of(row[3])),
                        .path = std::string(text_of(row[4])),
                        .line = static_cast<std::uint32_t>(integer_of(row[5])),
                        .title = std::string(text_of(row[6])),
                        .fix = {},
                        .is_new = in_base != kInBase || is_told_again,
                        .may_have_moved = integer_of(row[12]) > 0,
                        .suppressed_by = std::string(text_of(row[7])),
                        .document = digest_text(evidence::bytes_of(row[10])),
                        .suppressed_until = {},
                        .is_base_unknown = in_base == kMaybeInBase ||
                                           (in_base != kInBase && integer_of(row[14]) == 0)};
    finding.is_suppressed_in_change = input.gate == "pr" && is_suppressed &&
                                      finding.suppressed_by != kByDecision &&
                                      (in_base != kInBase || integer_of(row[16]) == 0);
    if (in_base == kInBase && base_severity >= 0 && base_severity < integer_of(row[3]))
        finding.raised_from = static_cast<model::Severity>(base_severity);
    if (const std::int64_t until = integer_of(row[13]); until > 0)
        finding.suppressed_until = format_rfc3339(evidence::at_second(until));
    const std::string engine = engine_of(finding.tool, text_of(row[9]));
    const std::string body = MERLON_TRY(details.read(evidence::bytes_of(row[8])));
    finding.kind = kind_of(MERLON_TRY(exchange::read_finding(body)), finding.tool, engine);
    return finding;
}

// What several streams of one ref say of one finding: the worst of it.
void join(SeenFinding& finding, const SeenFinding& other) {
    finding.is_base_unknown |= other.is_base_unknown;
    finding.is_new |= other.is_new;
    if (other.severity > finding.severity) {
        finding.severity = other.severity;
        finding.raised_from = other.raised_from;
    }
    if (other.suppressed_by.empty()) {
        finding.suppressed_by.clear();
        finding.suppressed_until.clear();
    }
    finding.is_suppressed_in_change =
        !finding.suppressed_by.empty() &&
        (finding.is_suppressed_in_change || other.is_suppressed_in_change);
}

}  // namespace

Status add_store_facts(evidence::Database& database, Input& input) {
    const std::string ref = other_name_of_ref(input.ref);
    MERLON_TRY(stage_base(database, input));
    evidence::DetailReader details;
    Status are_readable;
    MERLON_TRY(database.each_row(
        fmt::format(
            "SELECT f.id, f.rule, fa.tool, CASE WHEN p.severity >= 0 THEN p.severity "
            "ELSE f.severity END, pa.name, p.line, f.title, "
            "CASE WHEN p.severity >= 0 AND p.suppressed <> '' THEN p.suppressed "
            "WHEN p.severity < 0 AND f.suppressed <> '' THEN f.suppressed "
            "WHEN f.verdict IN {0} THEN '{4}' ELSE '' END, d.body, t.category, doc.digest, "
            "{1}, f.maybe_moved_from, CASE WHEN f.verdict IN {0} THEN f.expires ELSE 0 END, "
            "(SELECT count(*) FROM stage_covered v WHERE v.stream = t.id), {2}, {3} "
            "FROM presence p JOIN stream t ON t.id = p.stream JOIN finding f ON f.id = p.finding "
            "JOIN family fa ON fa.id = f.family JOIN path pa ON pa.id = p.path "
            "JOIN finding_detail d ON d.finding = f.id JOIN analysis a ON a.id = p.since_analysis "
            "JOIN document doc ON doc.id = a.document "
            "WHERE t.scope = (SELECT id FROM scope WHERE name = $1) AND t.ref IN ($2, $3) "
            "AND p.state <> 1 ORDER BY f.id, t.id",
            evidence::kClosingVerdicts, base_expression(), base_severity_expression(),
            base_suppressed_expression(), kByDecision),
        {std::string_view(input.repository), std::string_view(input.ref), std::string_view(ref)},
        [&](Cells row) {
            Result<SeenFinding> read = finding_of(row, input, details);
            if (!read.ok()) {
                if (are_readable.ok())
                    are_readable = Error{
                        fmt::format("finding {} cannot be read ({}): the store was damaged; run "
                                    "'merlon store check'",
                                    integer_of(row[0]), read.error().message)};
                return;
            }
            SeenFinding finding = std::move(read).value();
            // Several streams of one ref may see it.
            const bool is_known = !input.findings.empty() && input.findings.back().id == finding.id;
            if (is_known)
                join(input.findings.back(), finding);
            else
                input.findings.push_back(std::move(finding));
        }));
    MERLON_TRY(std::move(are_readable));
    MERLON_TRY(database.each_row(
        "SELECT t.tool, t.category, a.complete, a.incomplete_because, a.revision, doc.digest, "
        "a.assumed, t.below "
        "FROM stream t JOIN analysis a ON a.id = t.last_analysis "
        "JOIN document doc ON doc.id = a.document AND doc.kind <> 'retirement' "
        "WHERE t.scope = (SELECT id FROM scope WHERE name = $1) AND t.ref IN ($2, $3) ORDER BY "
        "t.id",
        {std::string_view(input.repository), std::string_view(input.ref), std::string_view(ref)},
        [&](Cells row) {
            SeenAnalysis analysis{.tool = std::string(text_of(row[0])),
                                  .engine = engine_of(text_of(row[0]), text_of(row[1])),
                                  .category = std::string(text_of(row[1])),
                                  .below = std::string(text_of(row[7])),
                                  .commit = std::string(text_of(row[4])),
                                  .other_repository = {},
                                  .is_complete = integer_of(row[2]) == 1,
                                  .is_assumed = integer_of(row[6]) == 1,
                                  .because = {},
                                  .gaps = {},
                                  .document = digest_text(evidence::bytes_of(row[5])),
                                  .is_stored = true};
            if (!text_of(row[3]).empty()) analysis.because.emplace_back(text_of(row[3]));
            input.analyses.push_back(std::move(analysis));
        }));
    return {};
}

}  // namespace merlon::gate
