// Any bytes as a commit and a mailmap: what git's log and go-gitdiff make of them, without a crash;
// a printed commit has an indented message, so that no line of it passes for git's own.

#include "connect/git/log_text.h"

#include <cstdlib>

#include "connect/git/gitdiff_view.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::connect::git;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = std::min(bytes.find("\0map\0", 0, 5), bytes.size());
    const Mailmap mailmap = Mailmap::parse(bytes.substr(cut));
    const std::string text =
        "tree " + std::string(40, 'a') + "\n" + std::string(bytes.substr(0, cut));

    const ObjectId id;
    const auto log = log_text(id, text, mailmap, std::nullopt);
    if (!log.ok()) return 0;
    if (log.value().text.find("\ndiff ") != std::string::npos) std::abort();
    const auto header = gitdiff_header(id, text, mailmap, LogNote{std::string(bytes.substr(cut))});
    if (!header.ok()) std::abort();
    return 0;
}
