#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "evidence/audit.h"

namespace merlon::evidence {
namespace {

constexpr std::uint64_t kMaxKeyBytes = 4096;
constexpr mode_t kOthersMayRead = S_IRWXG | S_IRWXO;

Status write_new_file(const std::string& path, std::string_view bytes) {
    const int descriptor =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return Error{path + ": " + std::strerror(errno)};
    Status written = write_all(descriptor, bytes);
    // A key that signed and is lost again would leave a log that nobody can go on signing.
    if (written.ok() && ::fsync(descriptor) != 0) written = Error{std::strerror(errno)};
    ::close(descriptor);
    if (!written.ok()) ::unlink(path.c_str());
    return written;
}

}  // namespace

Result<NoteSigner> audit_signer(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) {
        if ((status.st_mode & kOthersMayRead) != 0)
            return Error{path + " may be read by others; run chmod 600 on it"};
        std::string text = MERLON_TRY(read_text_file(path, kMaxKeyBytes));
        while (text.ends_with('\n')) text.pop_back();
        Result<NoteSigner> signer = parse_signer(text);
        if (signer.ok()) return signer;
        return std::move(signer).error().at(path, 1, 0);
    }
    NoteSigner signer = MERLON_TRY(make_signer());
    MERLON_TRY(write_new_file(path, to_string(signer) + "\n"));
    return signer;
}

}  // namespace merlon::evidence
