// Any answers of a Git server, in any pieces: they are read or refused.

#include <cstddef>
#include <cstdint>

#include "connect/git/fetch_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::connect::git;
    if (size < 2) return 0;
    const std::size_t piece = data[0] == 0 ? size : data[0];
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    Advertisement advertisement;
    ReferenceAnswer references(HashAlgorithm::kSha1, "main");
    std::size_t pack_bytes = 0;
    FetchAnswer fetched([&](std::string_view pack) {
        pack_bytes += pack.size();
        return merlon::Status();
    });
    PacketReader reader([&](PacketKind kind, std::string_view payload) {
        (void)advertisement.take(kind, payload);
        (void)references.take(kind, payload);
        return fetched.take(kind, payload);
    });
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        if (!reader.feed(bytes.substr(at, piece)).ok()) return 0;
    }
    (void)reader.finish();
    (void)advertisement.check();
    (void)fetched.check();
    return pack_bytes > size ? -1 : 0;
}
