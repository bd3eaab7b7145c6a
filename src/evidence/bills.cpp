#include "evidence/bills.h"

#include <optional>

#include "base/hex.h"
#include "crypto/digest.h"
#include "evidence/seconds.h"
#include "text/zstd.h"

namespace merlon::evidence {

Status keep_bill(Database& database, const BillKey& key, std::int64_t document,
                 std::string_view revision, Timestamp received) {
    return database.run(
        "INSERT INTO bill (scope, ref, artifact, document, revision, received) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (scope, ref, artifact) DO UPDATE SET "
        "document = excluded.document, revision = excluded.revision, received = excluded.received",
        {std::string_view(key.scope), std::string_view(key.ref), std::string_view(key.artifact),
         document, revision, seconds_of(received)});
}

Result<std::vector<StoredBill>> stored_bills(Database& database) {
    std::vector<StoredBill> bills;
    std::optional<Error> damage;
    MERLON_TRY(database.each_row(
        "SELECT b.scope, b.ref, b.artifact, b.revision, d.digest, d.size, d.packed FROM bill b "
        "JOIN document d ON d.id = b.document ORDER BY b.scope, b.ref, b.artifact",
        {}, [&](Cells row) {
            StoredBill bill;
            bill.key = {std::string(text_of(row[0])), std::string(text_of(row[1])),
                        std::string(text_of(row[2]))};
            bill.revision = text_of(row[3]);
            bill.document = "sha256:" + to_hex(bytes_of(row[4]));
            Result<std::string> bytes =
                text::unpack_zstd(bytes_of(row[6]), static_cast<std::size_t>(integer_of(row[5])));
            if (!bytes.ok() || crypto::sha256(bytes.value()).to_string() != bill.document) {
                damage = Error{"the document " + bill.document +
                               " is not as it was imported: run 'merlon store check'"};
                return;
            }
            bill.bytes = std::move(bytes).value();
            bills.push_back(std::move(bill));
        }));
    if (damage) return *std::move(damage);
    return bills;
}

}  // namespace merlon::evidence
