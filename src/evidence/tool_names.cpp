#include "evidence/tool_names.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace merlon::evidence {
namespace {

// The first of them is the tool's.
constexpr std::array<std::string_view, 3> kSemgrep{"semgrep", "semgrep oss", "semgrep pro"};

bool is_semgrep(std::string_view name) {
    return std::ranges::find(kSemgrep, name) != kSemgrep.end();
}

}  // namespace

std::string tool_name(std::string_view name) {
    std::string lower = lower_case(name);
    if (is_semgrep(lower)) lower = kSemgrep.front();
    return lower;
}

Result<std::string> tool_called(Database& database, std::string_view scope, std::string_view name) {
    const std::string lower = lower_case(name);
    if (!is_semgrep(lower)) return lower;
    std::string known;
    MERLON_TRY(database.each_row(
        "SELECT DISTINCT t.tool FROM stream t JOIN scope s ON s.id = t.scope WHERE s.name = $1 "
        "AND t.tool IN ('semgrep', 'semgrep oss', 'semgrep pro') ORDER BY t.tool",
        {scope}, [&](Cells row) {
            if (known.empty() || text_of(row[0]) == lower) known = text_of(row[0]);
        }));
    return known.empty() ? tool_name(lower) : known;
}

}  // namespace merlon::evidence
