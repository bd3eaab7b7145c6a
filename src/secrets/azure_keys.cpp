#include "secrets/azure_keys.h"

#include <algorithm>

#include "base/assert.h"
#include "secrets/checksums.h"
#include "text/base64.h"

namespace merlon::secrets {
namespace {

constexpr std::size_t kChecksumBytes = 4;
// In base64: the mark, then 36 bits for the 32 of the checksum.
constexpr std::size_t kMarkCharacters = 4;
constexpr std::size_t kChecksumCharacters = 6;

constexpr AzureService kServices[] = {
    {"+ASt", 64, "Storage", {"Default0"}},
    {"+ABa", 64, "Batch", {"AbAcct00"}},
    {"ACDb", 64, "Cosmos DB", {"MastRW00", "MastRO00", "Encryp00", "Resour00", "SysAll00"}},
    {"+AMC", 64, "Machine Learning", {"Classic0"}},
    {"APIM", 64, "API Management", {"Tenant00", "IoTHub00", "Gatewy00", "GitKey00"}},
    {"+ASb", 32, "Service Bus", {"Send0000", "Listen00", "Manage00", "System00", "Unknown0"}},
    {"+AEh", 32, "Event Hubs", {"Send0000", "Listen00", "Manage00", "System00", "Unknown0"}},
    {"+ARm", 32, "Relay", {"Send0000", "Listen00", "Manage00", "System00", "Unknown0"}},
    {"AIoT", 32, "IoT Hub", {"IoTHub00", "DpsKey00", "Device00"}},
    {"AZEG", 32, "Event Grid", {"SendRecv", "Default0"}},
    {"AzCa", 32, "Cache for Redis", {"Access00"}},
    {"AzSe", 39, "AI Search", {"Query000", "PAdmin00"}},
    {"+ACR", 39, "Container Registry", {"ACRDflt0"}},
    {"AzFu", 40, "Functions", {"Functi00", "System00", "Master00"}},
};

}  // namespace

const AzureService* find_azure_service(std::string_view mark, std::size_t bytes) {
    const AzureService* service = find_azure_service(mark);
    return service != nullptr && service->bytes == bytes ? service : nullptr;
}

const AzureService* find_azure_service(std::string_view mark) {
    const auto* found =
        std::find_if(std::begin(kServices), std::end(kServices),
                     [mark](const AzureService& service) { return service.mark == mark; });
    return found == std::end(kServices) ? nullptr : found;
}

bool azure_checksum_holds(const AzureService& service, std::string_view key) {
    if (key.size() <= kChecksumBytes) return false;
    const std::string_view made = key.substr(0, key.size() - kChecksumBytes);
    const std::string_view checksum = key.substr(made.size());
    return std::any_of(service.seeds.begin(), service.seeds.end(), [&](std::string_view seed) {
        return !seed.empty() && little_endian(marvin32(made, marvin_seed(seed))) == checksum;
    });
}

std::string make_azure_key(const AzureService& service, std::string key) {
    using text::Base64Alphabet;
    MERLON_ASSERT(key.size() == service.bytes);
    std::string encoded = text::encode_base64(key, Base64Alphabet::kStandard);
    const std::size_t unpadded = encoded.find_last_not_of('=') + 1;
    encoded.replace(unpadded - kChecksumCharacters - kMarkCharacters, kMarkCharacters,
                    service.mark);
    // The bits between mark and checksum are zero.
    encoded[unpadded - kChecksumCharacters] = 'A';
    key = text::decode_base64(encoded, Base64Alphabet::kStandard).value();
    key.resize(key.size() - kChecksumBytes);
    key += little_endian(marvin32(key, marvin_seed(service.seeds[0])));
    return text::encode_base64(key, Base64Alphabet::kStandard);
}

}  // namespace merlon::secrets
