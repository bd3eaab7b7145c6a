#pragma once

// Azure's identifiable keys: random bytes, a mark of four base64 characters that names the service,
// and a Marvin checksum whose seed the service has chosen (Microsoft's security-utilities,
// IdentifiableMetadata and IdentifiableSecrets).
//
// Thread-safe: no state. Cost: linear in the key.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace merlon::secrets {

struct AzureService {
    std::string_view mark;
    std::size_t bytes;  // of the whole key
    std::string_view name;
    // Of eight characters each, the rest empty: one for each kind of key, and one of them fits.
    std::array<std::string_view, 5> seeds;
};

// The service of a mark, for keys of so many bytes; null where there is none.
const AzureService* find_azure_service(std::string_view mark, std::size_t bytes);
const AzureService* find_azure_service(std::string_view mark);

// Whether the last four of `key`'s bytes are the checksum of those before, under any seed.
bool azure_checksum_holds(const AzureService& service, std::string_view key);

// `key`, as long as the service asks, with mark and checksum put in, in base64.
std::string make_azure_key(const AzureService& service, std::string key);

}  // namespace merlon::secrets
