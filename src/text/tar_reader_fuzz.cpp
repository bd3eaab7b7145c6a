// Any bytes as a tar, in both readings: in memory and from an input the same; every step tells of
// something or goes on; a content is as long as its member says.

#include "text/tar_reader.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "text/text_input.h"

namespace {

using namespace merlon;
using namespace merlon::text;

struct Found {
    std::vector<std::string> members;  // name, size, content
    std::vector<std::string> problems;
    bool operator==(const Found&) const = default;
};

constexpr std::size_t kMostContent = std::size_t{1} << 18;

std::string content_of(TarReader& tar, Found& found) {
    std::string content;
    while (content.size() < kMostContent) {
        const auto piece = tar.read(4096);
        if (!piece.ok()) {
            found.problems.push_back(piece.error().message);
            break;
        }
        if (piece.value().empty()) {
            if (content.size() != tar.member().size) std::abort();
            break;
        }
        if (piece.value().size() > 4096) std::abort();
        content += piece.value();
    }
    return content;
}

Found read_tar(PackedBytes packed, TarReading reading) {
    Found found;
    TarReader tar(std::move(packed), reading);
    bool is_refused = false;
    std::uint64_t taken = 0;
    std::size_t idle_steps = 0;
    for (TarStep step = tar.next(); step != TarStep::kEnd; step = tar.next()) {
        // Each step tells of something or goes on.
        idle_steps = tar.taken_bytes() > taken || step != TarStep::kMore ? 0 : idle_steps + 1;
        taken = tar.taken_bytes();
        if (idle_steps > 2) std::abort();
        if (step == TarStep::kRefusal && (is_refused || reading == TarReading::kTolerant)) {
            std::abort();
        }
        if (step == TarStep::kFlaw || step == TarStep::kRefusal) {
            if (tar.problem().empty()) std::abort();
            found.problems.push_back(tar.problem());
        }
        is_refused |= step == TarStep::kRefusal;
        if (step != TarStep::kMember) continue;
        std::string content = content_of(tar, found);
        found.members.push_back(tar.member().name + '\0' + content);
    }
    return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    (void)begins_as_tar(bytes);
    for (const TarReading reading : {TarReading::kTolerant, TarReading::kAsGo}) {
        const Found in_memory = read_tar(PackedBytes(bytes), reading);
        TextInput input(bytes);
        if (read_tar(PackedBytes(input), reading) != in_memory) std::abort();
    }
    return 0;
}
