#include "evidence/event_log.h"

#include <fmt/core.h>

#include "crypto/digest.h"

namespace merlon::evidence {
namespace {

constexpr std::size_t kHashBytes = 32;

std::string eight_bytes(std::uint64_t number) {
    std::string bytes;
    for (int i = 0; i < 8; ++i, number >>= 8) bytes += static_cast<char>(number & 0xFF);
    return bytes;
}

std::string hash_of(std::string_view before, std::int64_t seq, std::int64_t at_ms,
                    std::string_view actor, std::string_view kind, std::string_view body) {
    crypto::Hasher hasher(crypto::DigestAlgorithm::kSha256);
    hasher.update(before);
    hasher.update(eight_bytes(static_cast<std::uint64_t>(seq)));
    hasher.update(eight_bytes(static_cast<std::uint64_t>(at_ms)));
    for (const std::string_view text : {actor, kind, body})
        hasher.update(eight_bytes(text.size())).update(text);
    return std::string(hasher.finish().bytes());
}

}  // namespace

Result<std::int64_t> append_event(Database& database, const NewEvent& event) {
    std::int64_t seq = 1;
    std::string before(kHashBytes, '\0');
    MERLON_TRY(database.each_row("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1", {},
                                 [&](Cells row) {
                                     seq = integer_of(row[0]) + 1;
                                     before = bytes_of(row[1]);
                                 }));
    const std::int64_t at_ms = event.at.nanoseconds / 1'000'000;
    const std::string hash = hash_of(before, seq, at_ms, event.actor, event.kind, event.body);
    MERLON_TRY(
        database.run("INSERT INTO event (seq, at_ms, actor, kind, body, before, hash) "
                     "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                     {seq, at_ms, std::string_view(event.actor), event.kind,
                      std::string_view(event.body), Bytes{before}, Bytes{hash}}));
    return seq;
}

Status check_events(Database& database, const std::function<void(std::string_view problem)>& use) {
    std::int64_t expected = 1;
    std::string before(kHashBytes, '\0');
    return database.each_row(
        "SELECT seq, at_ms, actor, kind, body, before, hash FROM event ORDER BY seq", {},
        [&](Cells row) {
            const std::int64_t seq = integer_of(row[0]);
            if (seq != expected)
                use(fmt::format("event {} is missing from the audit log", expected));
            else if (bytes_of(row[5]) != before)
                use(fmt::format("event {} does not follow the one before it", seq));
            if (hash_of(bytes_of(row[5]), seq, integer_of(row[1]), text_of(row[2]), text_of(row[3]),
                        text_of(row[4])) != bytes_of(row[6]))
                use(fmt::format("event {} is not as it was written", seq));
            before = bytes_of(row[6]);
            expected = seq + 1;
        });
}

}  // namespace merlon::evidence
