#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "evidence/audit.h"
#include "evidence/key_rotation.h"

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

// Nothing where there is no such file.
Result<std::optional<NoteSigner>> read_key_file(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return std::optional<NoteSigner>();
    if ((status.st_mode & kOthersMayRead) != 0)
        return Error{path + " may be read by others; run chmod 600 on it"};
    std::string text = MERLON_TRY(read_text_file(path, kMaxKeyBytes));
    while (text.ends_with('\n')) text.pop_back();
    Result<NoteSigner> signer = parse_signer(text);
    if (signer.ok()) return std::optional(std::move(signer).value());
    return std::move(signer).error().at(path, 1, 0);
}

}  // namespace

Status write_key_file(const std::string& path, const NoteSigner& signer) {
    return write_new_file(path, to_string(signer) + "\n");
}

Result<NoteSigner> audit_signer(const std::string& path) {
    if (std::optional<NoteSigner> signer = MERLON_TRY(read_key_file(path)))
        return std::move(*signer);
    NoteSigner signer = MERLON_TRY(make_signer());
    MERLON_TRY(write_key_file(path, signer));
    return signer;
}

std::string key_path_beside(const std::string& path, const NoteVerifier& key) {
    return path + "." + number_text(key);
}

Result<std::optional<NoteSigner>> find_signer(const NoteVerifier& key, const std::string& path) {
    for (const std::string& file : {path, key_path_beside(path, key)}) {
        std::optional<NoteSigner> signer = MERLON_TRY(read_key_file(file));
        if (signer && MERLON_TRY(verifier_of(*signer)) == key) return signer;
    }
    return std::optional<NoteSigner>();
}

Result<NoteSigner> log_signer(Database& database, const std::string& path) {
    const std::optional<NoteVerifier> key = MERLON_TRY(signing_key(database));
    if (!key) return audit_signer(path);
    std::optional<NoteSigner> signer = MERLON_TRY(find_signer(*key, path));
    if (signer) return std::move(*signer);
    return Error{fmt::format(
        "this log is signed with the key {}, which is neither {} nor {}: put its file back; where "
        "it is lost, 'merlon audit rotate --lost --reason TEXT' begins with a new one, which "
        "everybody who verifies the log is told of",
        short_name(*key), path, key_path_beside(path, *key))};
}

}  // namespace merlon::evidence
