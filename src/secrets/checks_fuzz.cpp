// Every check on arbitrary bytes: none may fail on what a rule of somebody else's pack matches.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "secrets/checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using merlon::secrets::Check;
    using merlon::secrets::CheckResult;
    using merlon::secrets::CheckVerdict;
    if (size == 0) return 0;
    const auto checks = merlon::secrets::checks();
    const Check& check = checks[data[0] % checks.size()];
    const std::string_view secret(reinterpret_cast<const char*>(data + 1), size - 1);
    const CheckResult result = check.run(secret, merlon::Timestamp{1'780'000'000'000'000'000});
    // Whoever is told that a secret is none is told why.
    MERLON_ASSERT(result.verdict == CheckVerdict::kUnknown || !result.remark.empty());
    return 0;
}
