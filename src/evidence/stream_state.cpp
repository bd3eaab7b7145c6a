#include "evidence/stream_state.h"

#include "crypto/digest.h"

namespace merlon::evidence {
namespace {

constexpr std::size_t kHashedAtOnce = 1 << 16;

void append_number(std::uint64_t number, std::string& bytes) {
    for (std::size_t i = 0; i < sizeof number; ++i, number >>= 8)
        bytes += static_cast<char>(number & 0xFF);
}

}  // namespace

Result<std::string> stream_state(Database& database, std::int64_t stream) {
    crypto::Hasher hasher(crypto::DigestAlgorithm::kSha256);
    std::string bytes;
    MERLON_TRY(database.each_row(
        "SELECT r.print, r.finding, r.state, n.name, r.line, r.position, r.signatures, "
        "r.first_analysis, r.since_analysis FROM presence r LEFT JOIN path n ON n.id = r.path "
        "WHERE r.stream = $1 ORDER BY r.print, r.finding",
        {stream}, [&](Cells row) {
            for (const Cell& cell : row) {
                if (std::holds_alternative<std::int64_t>(cell)) {
                    append_number(static_cast<std::uint64_t>(integer_of(cell)), bytes);
                    continue;
                }
                const bool is_text = std::holds_alternative<std::string_view>(cell);
                const std::string_view view = is_text ? text_of(cell) : bytes_of(cell);
                append_number(view.size(), bytes);
                bytes += view;
            }
            if (bytes.size() < kHashedAtOnce) return;
            hasher.update(bytes);
            bytes.clear();
        }));
    return hasher.update(bytes).finish().to_string();
}

}  // namespace merlon::evidence
