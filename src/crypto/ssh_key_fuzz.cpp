// Any bytes as an armoured signature, as a key, and as a file of allowed signers.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crypto/allowed_signers.h"
#include "crypto/ssh_key.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::crypto;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    (void)verify_ssh_signature(bytes, "test", "message").ok();
    (void)SshKey::from_blob(bytes).ok();
    for (const AllowedSigner& signer : parse_allowed_signers(bytes).signers) {
        // What was read is written so that it is read again.
        const auto again = SshKey::parse(signer.key.text());
        if (!again.ok() || !(again.value() == signer.key)) std::abort();
        (void)signer.key.verifies("message", bytes);
        (void)signer.holds("test", 0);
    }
    return 0;
}
