#include "evidence/secret_key.h"

#include "crypto/digest.h"

namespace merlon::evidence {
namespace {

constexpr std::size_t kKeyBytes = 32;

Result<std::string> stored_key(Database& database) {
    std::string key;
    MERLON_TRY(database.each_row("SELECT value FROM meta WHERE name = 'secret-key'", {},
                                 [&](Cells row) { key = text_of(row[0]); }));
    return key;
}

}  // namespace

Result<std::string> secret_key(Database& database) {
    std::string key = MERLON_TRY(stored_key(database));
    if (!key.empty()) return key;
    return secret_key(database, MERLON_TRY(draw_secret_key()));
}

Result<std::string> draw_secret_key() {
    return crypto::hex(MERLON_TRY(crypto::random_bytes(kKeyBytes)));
}

Result<std::string> secret_key(Database& database, std::string_view drawn) {
    MERLON_TRY(
        database.run("INSERT INTO meta (name, value) VALUES ('secret-key', $1) "
                     "ON CONFLICT (name) DO NOTHING",
                     {drawn}));
    // Another writer may have been first.
    return stored_key(database);
}

}  // namespace merlon::evidence
