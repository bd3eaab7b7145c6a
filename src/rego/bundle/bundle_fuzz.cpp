#include <cstddef>
#include <cstdint>

#include "rego/bundle/bundle.h"

// The first byte says what the rest is: an archive, or files as "path\nbytes" with a NUL between
// them, which reaches behind the compression that a fuzzer does not get through.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (bytes.empty()) return 0;
    const bool is_archive = bytes[0] == 'a';
    rego::bundle::Verification verification{.key = "secret", .algorithm = "HS256"};
    rego::bundle::Options options;
    if (bytes[0] == 'v') options.verification = &verification;
    bytes.remove_prefix(1);
    std::vector<rego::bundle::File> files;
    if (is_archive) {
        Limits limits;
        limits.max_archive_bytes = 16 << 20;
        auto read = rego::bundle::read_archive(bytes, limits);
        if (read.ok()) files = std::move(read).value();
    } else {
        while (!bytes.empty()) {
            const std::size_t end = std::min(bytes.find('\0'), bytes.size());
            const std::string_view file = bytes.substr(0, end);
            const std::size_t line = std::min(file.find('\n'), file.size());
            files.push_back({std::string(file.substr(0, line)),
                             std::string(file.substr(std::min(line + 1, file.size())))});
            bytes.remove_prefix(std::min(end + 1, bytes.size()));
        }
    }
    Arena arena;
    Interner interner;
    static_cast<void>(rego::bundle::read_bundle(files, options, arena, interner));
    return 0;
}
