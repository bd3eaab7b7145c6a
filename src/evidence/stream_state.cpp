#include "evidence/stream_state.h"

#include "evidence/row_hash.h"

namespace merlon::evidence {
namespace {

constexpr std::size_t kSeverity = 9;  // a column of the query

}  // namespace

Result<std::string> stream_state(Database& database, std::int64_t stream) {
    RowHash hash;
    MERLON_TRY(database.each_row(
        "SELECT r.print, r.finding, r.state, n.name, r.line, r.position, r.signatures, "
        "r.first_analysis, r.since_analysis, r.severity, r.suppressed FROM presence r LEFT JOIN "
        "path n ON n.id = r.path "
        "WHERE r.stream = $1 ORDER BY r.print, r.finding",
        {stream}, [&](Cells row) {
            // What was not told since these two columns are there is hashed as it was before.
            const bool is_told = integer_of(row[kSeverity]) >= 0;
            hash.take(is_told ? row : row.first(kSeverity));
        }));
    return hash.finish();
}

}  // namespace merlon::evidence
