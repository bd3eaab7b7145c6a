#include "evidence/store.h"

#include <fmt/core.h>

#include "base/hex.h"
#include "crypto/digest.h"
#include "evidence/event_log.h"
#include "evidence/migrations.h"
#include "text/zstd.h"

namespace merlon::evidence {

Result<Store> Store::open(const StoreRequest& request) {
    const std::size_t scheme = request.place.find("://");
    if (scheme != std::string::npos) {
        return Error{fmt::format("no store is kept at {} yet; name a file",
                                 request.place.substr(0, scheme + 3))};
    }
    auto database = MERLON_TRY(
        open_sqlite(request.place, {.access = request.access, .command = request.command}));
    if (request.access == Access::kWrite) {
        MERLON_TRY(migrate(*database, request.place + ".before-schema-"));
    } else {
        MERLON_TRY(check_schema(*database));
    }
    return Store(std::move(database), request.place);
}

Result<StoreInfo> Store::info() {
    StoreInfo info;
    info.place = place_;
    info.bytes = database_->size_bytes();
    info.schema = MERLON_TRY(schema_of(*database_));
    const std::pair<std::string_view, std::int64_t*> numbers[] = {
        {"SELECT count(*) FROM document", &info.documents},
        {"SELECT CAST(coalesce(sum(size), 0) AS INTEGER) FROM document", &info.document_bytes},
        {"SELECT count(*) FROM analysis", &info.analyses},
        {"SELECT CAST(coalesce(sum(n), 0) AS INTEGER) FROM counter", &info.findings},
        {"SELECT CAST(coalesce(sum(n), 0) AS INTEGER) FROM counter WHERE open = 1", &info.open},
        {"SELECT count(*) FROM finding WHERE open = 1 AND owner = ''", &info.unowned},
        {"SELECT coalesce(max(seq), 0) FROM event", &info.events},
    };
    for (const auto& [sql, number] : numbers) *number = MERLON_TRY(database_->number(sql, {}, 0));
    MERLON_TRY(database_->each_row("SELECT hash FROM event ORDER BY seq DESC LIMIT 1", {},
                                   [&](Cells row) { info.last_hash = to_hex(bytes_of(row[0])); }));
    return info;
}

Status Store::check(const std::function<void(std::string_view problem)>& use) {
    MERLON_TRY(database_->check(use));
    MERLON_TRY(check_documents(use));
    MERLON_TRY(check_counters(use));
    return check_events(*database_, use);
}

Status Store::check_documents(const std::function<void(std::string_view problem)>& use) {
    return database_->each_row(
        "SELECT digest, size, packed FROM document ORDER BY id", {}, [&](Cells row) {
            const Result<std::string> bytes =
                text::unpack_zstd(bytes_of(row[2]), static_cast<std::size_t>(integer_of(row[1])));
            const bool is_whole =
                bytes.ok() && crypto::sha256(bytes.value()).bytes() == bytes_of(row[0]);
            if (!is_whole)
                use(fmt::format("the document sha256:{} is not as it was imported",
                                to_hex(bytes_of(row[0]))));
        });
}

Status Store::check_counters(const std::function<void(std::string_view problem)>& use) {
    return database_->each_row(
        "SELECT severity, open, CAST(sum(n) AS INTEGER) FROM ("
        "SELECT severity, open, count(*) AS n FROM finding GROUP BY severity, open UNION ALL "
        "SELECT severity, open, -n FROM counter) c GROUP BY severity, open HAVING sum(n) <> 0",
        {}, [&](Cells row) {
            use(fmt::format("the counter of findings of severity {} that are {} is wrong by {}",
                            integer_of(row[0]), integer_of(row[1]) == 1 ? "open" : "not open",
                            integer_of(row[2])));
        });
}

}  // namespace merlon::evidence
