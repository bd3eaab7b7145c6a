#include "evidence/signature_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <cstring>
#include <vector>

#include "evidence/signature.h"

namespace merlon::evidence {
namespace {

struct KnownBy {
    std::int64_t finding = 0, scope = 0;
    Signature signature;
    auto operator<=>(const KnownBy&) const = default;
};

}  // namespace

Status check_signatures(Database& database,
                        const std::function<void(std::string_view problem)>& use) {
    std::vector<KnownBy> said, kept;
    MERLON_TRY(database.each_row(
        "SELECT p.finding, f.scope, p.signatures FROM presence p JOIN finding f "
        "ON f.id = p.finding",
        {}, [&](Cells row) {
            const std::int64_t finding = integer_of(row[0]);
            const Result<Signatures> signatures = unpacked(bytes_of(row[2]));
            if (!signatures.ok())
                return use(fmt::format("finding {}: {}", finding, signatures.error().message));
            for (const Signature& one : signatures.value())
                if (is_looked_up(one, signatures.value()))
                    said.push_back({finding, integer_of(row[1]), one});
        }));
    MERLON_TRY(database.each_row(
        "SELECT finding, scope, algorithm, value FROM signature", {}, [&](Cells row) {
            KnownBy one{integer_of(row[0]), integer_of(row[1]), {}};
            one.signature.algorithm = static_cast<Algorithm>(integer_of(row[2]));
            const std::string_view value = bytes_of(row[3]);
            std::memcpy(one.signature.value.data(), value.data(),
                        std::min(value.size(), kSignatureBytes));
            kept.push_back(one);
        }));
    std::ranges::sort(said);
    std::ranges::sort(kept);
    std::int64_t told = 0;  // of each finding once
    auto at = kept.begin();
    for (const KnownBy& one : said) {
        while (at != kept.end() && *at < one) ++at;
        if ((at != kept.end() && *at == one) || told == one.finding) continue;
        told = one.finding;
        use(fmt::format("finding {} cannot be known again by all that it was known by", told));
    }
    return {};
}

}  // namespace merlon::evidence
