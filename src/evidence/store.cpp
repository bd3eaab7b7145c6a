#include "evidence/store.h"

#include <fmt/core.h>

#include <set>
#include <string>
#include <vector>

#include "base/hex.h"
#include "crypto/digest.h"
#include "evidence/audit.h"
#include "evidence/decisions.h"
#include "evidence/event_log.h"
#include "evidence/migrations.h"
#include "evidence/postgres_database.h"
#include "evidence/standing.h"
#include "evidence/word_index.h"
#include "text/json.h"
#include "text/zstd.h"

namespace merlon::evidence {

Result<Store> Store::open(const StoreRequest& request) {
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

Result<StoreInfo> Store::info() {
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
    MERLON_TRY(database_->each_row("SELECT hash FROM event ORDER BY seq DESC LIMIT 1", {},
                                   [&](Cells row) { info.last_hash = to_hex(bytes_of(row[0])); }));
    return info;
}

Status Store::check(const std::function<void(std::string_view problem)>& use) {
    MERLON_TRY(database_->check(use));
    MERLON_TRY(check_documents(use));
    MERLON_TRY(check_counters(use));
    MERLON_TRY(check_standing(use));
    MERLON_TRY(check_words(*database_, use));
    MERLON_TRY(check_decisions(*database_, use));
    MERLON_TRY(check_log(*database_, {}, use));
    return {};
}

namespace {

// What an event says is in the store: that it was imported, decided or judged.
std::vector<std::string> documents_of(const Event& event) {
    constexpr std::size_t kDigestSize = sizeof("sha256:") - 1 + 64;
    Arena arena;
    Interner interner;
    const auto read = text::read_json(event.body, arena, interner);
    std::vector<std::string> all;
    if (!read.ok() || !read.value().root->is_object()) return all;
    for (const std::string_view key : {"document", "verdict", "policy", "input"}) {
        const value::Value* const digest = read.value().root->find(key);
        if (digest == nullptr || !digest->is_string()) continue;
        const std::string_view text = digest->as_string();
        if (text.starts_with("sha256:") && text.size() == kDigestSize) all.emplace_back(text);
    }
    return all;
}

}  // namespace

Status Store::check_documents(const std::function<void(std::string_view problem)>& use) {
    std::set<std::string> digests;
    MERLON_TRY(database_->each_row(
        "SELECT digest, size, packed FROM document ORDER BY id", {}, [&](Cells row) {
            digests.insert("sha256:" + to_hex(bytes_of(row[0])));
            const Result<std::string> bytes =
                text::unpack_zstd(bytes_of(row[2]), static_cast<std::size_t>(integer_of(row[1])));
            const bool is_whole =
                bytes.ok() && crypto::sha256(bytes.value()).bytes() == bytes_of(row[0]);
            if (!is_whole)
                use(fmt::format("the document sha256:{} is not as it was imported",
                                to_hex(bytes_of(row[0]))));
        }));
    return each_event(*database_, 0, kAllEvents, [&](const Event& event) {
        for (const std::string& digest : documents_of(event))
            if (!digests.contains(digest))
                use(fmt::format("the document {} of event {} is gone", digest, event.seq));
    });
}

Status Store::check_counters(const std::function<void(std::string_view problem)>& use) {
    return database_->each_row(
        "SELECT severity, open, CAST(sum(n) AS BIGINT) FROM ("
        "SELECT severity, open, count(*) AS n FROM finding GROUP BY severity, open UNION ALL "
        "SELECT severity, open, -n FROM counter) c GROUP BY severity, open HAVING sum(n) <> 0",
        {}, [&](Cells row) {
            use(fmt::format("the counter of findings of severity {} that are {} is wrong by {}",
                            integer_of(row[0]), integer_of(row[1]) == 1 ? "open" : "not open",
                            integer_of(row[2])));
        });
}

// What is derived must be what it is derived from.
Status Store::check_standing(const std::function<void(std::string_view problem)>& use) {
    MERLON_TRY(database_->each_row(
        fmt::format("SELECT id FROM finding WHERE open <> {} ORDER BY id",
                    open_expression("finding.detection", "finding.verdict")),
        {}, [&](Cells row) {
            use(fmt::format("finding {} is open or closed against what is known of it",
                            integer_of(row[0])));
        }));
    return database_->each_row(
        "SELECT f.id FROM finding f LEFT JOIN decision d ON d.id = f.decision AND d.current = 1 "
        "WHERE f.verdict <> coalesce(d.verdict, 0) OR f.expires <> coalesce(d.expires, 0) "
        "ORDER BY f.id",
        {}, [&](Cells row) {
            use(fmt::format("finding {} has another decision than its own", integer_of(row[0])));
        });
}

}  // namespace merlon::evidence
