#include "evidence/stream_state.h"

#include "evidence/row_hash.h"

namespace merlon::evidence {

Result<std::string> stream_state(Database& database, std::int64_t stream) {
    RowHash hash;
    MERLON_TRY(database.each_row(
        "SELECT r.print, r.finding, r.state, n.name, r.line, r.position, r.signatures, "
        "r.first_analysis, r.since_analysis FROM presence r LEFT JOIN path n ON n.id = r.path "
        "WHERE r.stream = $1 ORDER BY r.print, r.finding",
        {stream}, [&](Cells row) { hash.take(row); }));
    return hash.finish();
}

}  // namespace merlon::evidence
