#include "evidence/store.h"

#include <fmt/core.h>

#include <string>

#include "base/hex.h"
#include "evidence/migrations.h"
#include "evidence/postgres_database.h"
#include "evidence/seconds.h"
#include "evidence/standing.h"
#include "evidence/store_check.h"

namespace merlon::evidence {

Result<Store> Store::open(const StoreRequest& request) {
    if (request.place.starts_with('-')) {
        return Error{
            fmt::format("{} is no place of a store: is a file missing before this flag? A "
                        "file of that name is ./{}",
                        request.place, request.place)};
    }
    const std::size_t scheme = request.place.find("://");
    if (scheme != std::string::npos && !is_postgres(request.place)) {
        return Error{fmt::format("no store is kept at {}; name a file or postgres://HOST/DATABASE",
                                 request.place.substr(0, scheme + 3))};
    }
    const std::string shown =
        is_postgres(request.place) ? shown_address(request.place) : request.place;
    auto database = MERLON_TRY(
        is_postgres(request.place)
            ? open_postgres(request.place, {.access = request.access, .command = request.command})
            : open_sqlite(request.place, {.access = request.access, .command = request.command}));
    if (request.access == Access::kWrite) {
        MERLON_TRY(migrate(*database, request.place + ".before-schema-"));
    } else {
        MERLON_TRY(check_schema(*database));
    }
    return Store(std::move(database), shown);
}

Result<StoreInfo> Store::info(Timestamp now) {
    StoreInfo info;
    info.place = place_;
    info.bytes = database_->size_bytes();
    info.schema = MERLON_TRY(schema_of(*database_));
    const std::pair<std::string_view, std::int64_t*> numbers[] = {
        {"SELECT count(*) FROM document", &info.documents},
        {"SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM document", &info.document_bytes},
        {"SELECT count(*) FROM analysis", &info.analyses},
        {"SELECT CAST(coalesce(sum(n), 0) AS BIGINT) FROM counter", &info.findings},
        {"SELECT CAST(coalesce(sum(n), 0) AS BIGINT) FROM counter WHERE open = 1", &info.open},
        {"SELECT count(*) FROM finding WHERE open = 1 AND owner = ''", &info.unowned},
        {"SELECT coalesce(max(seq), 0) FROM event", &info.events},
    };
    for (const auto& [sql, number] : numbers) *number = MERLON_TRY(database_->number(sql, {}, 0));
    MERLON_TRY(database_->each_row(
        "SELECT count(*), coalesce(CAST(sum(CASE WHEN f.owner = '' THEN 1 ELSE 0 END) AS BIGINT), "
        "0) FROM finding f WHERE " +
            reopened_condition("$1"),
        {seconds_of(now)}, [&](Cells row) {
            info.open += integer_of(row[0]);
            info.unowned += integer_of(row[1]);
        }));
    MERLON_TRY(database_->each_row("SELECT hash FROM event ORDER BY seq DESC LIMIT 1", {},
                                   [&](Cells row) { info.last_hash = to_hex(bytes_of(row[0])); }));
    return info;
}

Status Store::check(const std::function<void(std::string_view problem)>& use) {
    return check_store(*database_, use);
}

}  // namespace merlon::evidence
