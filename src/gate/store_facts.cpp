#include "gate/store_facts.h"

#include "base/hex.h"
#include "exchange/report_read.h"
#include "gate/reports.h"

namespace merlon::gate {
namespace {

using evidence::Cells;
using evidence::integer_of;
using evidence::text_of;

constexpr std::string_view kBranches = "refs/heads/";

// Each ref under both of its names: "main", "refs/heads/main".
std::string other_name(const std::string& ref) {
    return ref.starts_with(kBranches) ? ref.substr(kBranches.size()) : std::string(kBranches) + ref;
}

std::string digest_text(std::string_view bytes) { return "sha256:" + to_hex(bytes); }

// "merlon/secrets/" is the category of our engine "secrets".
std::string engine_of(std::string_view tool, std::string_view category) {
    if (!category.starts_with(tool) || !category.ends_with('/')) return {};
    category.remove_prefix(tool.size());
    if (category.size() < 2 || !category.starts_with('/')) return {};
    return std::string(category.substr(1, category.size() - 2));
}

SeenFinding finding_of(Cells row) {
    SeenFinding finding{.id = integer_of(row[0]),
                        .rule = std::string(text_of(row[1])),
                        .tool = std::string(text_of(row[2])),
                        .kind = "code",
                        .severity = static_cast<model::Severity>(integer_of(row[3])),
                        .path = std::string(text_of(row[4])),
                        .line = static_cast<std::uint32_t>(integer_of(row[5])),
                        .title = std::string(text_of(row[6])),
                        .fix = {},
                        .is_new = integer_of(row[11]) == 0,
                        .may_have_moved = integer_of(row[12]) > 0,
                        .suppressed_by = std::string(text_of(row[7])),
                        .document = digest_text(evidence::bytes_of(row[10])),
                        .suppressed_until = {}};
    if (const std::int64_t until = integer_of(row[13]); until > 0)
        finding.suppressed_until = format_rfc3339({until * 1'000'000'000});
    const std::string engine = engine_of(finding.tool, text_of(row[9]));
    if (const auto read = exchange::read_finding(text_of(row[8])); read.ok())
        finding.kind = kind_of(read.value(), finding.tool, engine);
    return finding;
}

}  // namespace

Status add_store_facts(evidence::Database& database, Input& input) {
    const std::string ref = other_name(input.ref), target = other_name(input.target);
    // Beside itself nothing is new.
    const bool has_target =
        !input.target.empty() && input.target != input.ref && target != input.ref;
    MERLON_TRY(database.each_row(
        "SELECT f.id, f.rule, fa.tool, f.severity, pa.name, p.line, f.title, "
        "CASE WHEN f.suppressed = '' AND f.open = 0 AND f.detection <> 2 THEN 'decision' "
        "ELSE f.suppressed END, d.body, "
        "t.category, doc.digest, EXISTS (SELECT 1 FROM presence q JOIN stream u ON u.id = q.stream "
        "WHERE q.finding = f.id AND q.state <> 1 AND u.ref IN ($4, $5) AND $6 = 1), "
        "f.maybe_moved_from, "
        "CASE WHEN f.open = 0 THEN f.expires ELSE 0 END "
        "FROM presence p JOIN stream t ON t.id = p.stream JOIN finding f ON f.id = p.finding "
        "JOIN family fa ON fa.id = f.family JOIN path pa ON pa.id = p.path "
        "JOIN finding_detail d ON d.finding = f.id JOIN analysis a ON a.id = p.since_analysis "
        "JOIN document doc ON doc.id = a.document "
        "WHERE t.scope = (SELECT id FROM scope WHERE name = $1) AND t.ref IN ($2, $3) "
        "AND p.state <> 1 ORDER BY f.id, t.id",
        {std::string_view(input.repository), std::string_view(input.ref), std::string_view(ref),
         std::string_view(input.target), std::string_view(target),
         std::int64_t{has_target ? 1 : 0}},
        [&](Cells row) {
            // Several streams of one ref may see it.
            const bool is_known =
                !input.findings.empty() && input.findings.back().id == integer_of(row[0]);
            if (!is_known) input.findings.push_back(finding_of(row));
        }));
    MERLON_TRY(database.each_row(
        "SELECT t.tool, t.category, a.complete, a.incomplete_because, a.revision, doc.digest "
        "FROM stream t JOIN analysis a ON a.id = t.last_analysis "
        "JOIN document doc ON doc.id = a.document "
        "WHERE t.scope = (SELECT id FROM scope WHERE name = $1) AND t.ref IN ($2, $3) ORDER BY "
        "t.id",
        {std::string_view(input.repository), std::string_view(input.ref), std::string_view(ref)},
        [&](Cells row) {
            SeenAnalysis analysis{.tool = std::string(text_of(row[0])),
                                  .engine = engine_of(text_of(row[0]), text_of(row[1])),
                                  .category = std::string(text_of(row[1])),
                                  .commit = std::string(text_of(row[4])),
                                  .other_repository = {},
                                  .is_complete = integer_of(row[2]) == 1,
                                  .because = {},
                                  .gaps = {},
                                  .document = digest_text(evidence::bytes_of(row[5]))};
            if (!text_of(row[3]).empty()) analysis.because.emplace_back(text_of(row[3]));
            input.analyses.push_back(std::move(analysis));
        }));
    const std::int64_t of_target = MERLON_TRY(database.number(
        "SELECT count(*) FROM stream t WHERE t.scope = (SELECT id FROM scope WHERE name = $1) "
        "AND t.ref IN ($2, $3) AND t.last_analysis IS NOT NULL",
        {std::string_view(input.repository), std::string_view(input.target),
         std::string_view(target)},
        0));
    input.has_base = has_target && of_target > 0;
    return {};
}

}  // namespace merlon::gate
