#include "base/sandbox.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#if defined(__linux__) && __has_include(<linux/landlock.h>)
#define MERLON_HAS_LANDLOCK 1
#include <linux/landlock.h>
#endif
#if defined(__linux__) && __has_include(<linux/seccomp.h>) && \
    (defined(__x86_64__) || defined(__aarch64__))
#define MERLON_HAS_SECCOMP 1
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#endif

namespace merlon {
namespace {

#ifdef MERLON_HAS_LANDLOCK

// Rights that headers older than the kernel do not name (userspace-api/landlock, "ABI versions").
constexpr std::uint64_t kRefer = std::uint64_t{1} << 13;                                  // ABI 2
constexpr std::uint64_t kTruncate = std::uint64_t{1} << 14;                               // ABI 3
constexpr std::uint64_t kConnectAndBind = std::uint64_t{1} << 0 | std::uint64_t{1} << 1;  // ABI 4
constexpr std::uint64_t kScopeAll = std::uint64_t{1} << 0 | std::uint64_t{1} << 1;        // ABI 6

constexpr std::uint64_t kFileWrites = LANDLOCK_ACCESS_FS_WRITE_FILE;
constexpr std::uint64_t kDirectoryWrites =
    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
// What an output needs of a directory: files and directories, no devices or sockets.
constexpr std::uint64_t kOutputWrites =
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG;

// struct landlock_ruleset_attr as of ABI 6; an older kernel is given the size that it knows.
struct RulesetAttributes {
    std::uint64_t handled_access_fs = 0;
    std::uint64_t handled_access_net = 0;
    std::uint64_t scoped = 0;
};

int landlock_abi() {
    const long version =
        syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version < 0 ? 0 : static_cast<int>(version);
}

std::string landlock_reason() {
    return errno == EOPNOTSUPP ? "Landlock is switched off in this kernel (boot parameter lsm=)"
                               : "this kernel has no Landlock (Linux 5.13 brought it)";
}

void allow_writes(int ruleset, const std::string& path, std::uint64_t truncate) {
    const int parent = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (parent < 0) return;
    struct stat entry{};
    landlock_path_beneath_attr rule{};
    rule.parent_fd = parent;
    rule.allowed_access = kFileWrites | truncate;
    if (fstat(parent, &entry) == 0 && S_ISDIR(entry.st_mode)) rule.allowed_access |= kOutputWrites;
    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    ::close(parent);
}

void restrict_files(const SandboxPolicy& policy, SandboxReport& report) {
    report.landlock_abi = landlock_abi();
    if (report.landlock_abi == 0) {
        report.files_reason = landlock_reason();
        return;
    }
    const std::uint64_t truncate = report.landlock_abi >= 3 ? kTruncate : 0;
    RulesetAttributes attributes;
    attributes.handled_access_fs = kFileWrites | kDirectoryWrites | truncate;
    if (report.landlock_abi >= 2) attributes.handled_access_fs |= kRefer;
    std::size_t size = offsetof(RulesetAttributes, handled_access_net);
    if (report.landlock_abi >= 4) size = offsetof(RulesetAttributes, scoped);
    if (report.landlock_abi >= 6) size = sizeof(RulesetAttributes);
    if (policy.network == NetworkAccess::kDenied) {
        if (report.landlock_abi >= 4) attributes.handled_access_net = kConnectAndBind;
        if (report.landlock_abi >= 6) attributes.scoped = kScopeAll;
    }
    const int ruleset =
        static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, size, 0));
    if (ruleset < 0) {
        report.files_reason = std::string("Landlock refused: ") + std::strerror(errno);
        return;
    }
    for (const std::string& path : policy.writable_paths) allow_writes(ruleset, path, truncate);
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) == 0) {
        report.files = SandboxReport::State::kApplied;
    } else {
        report.files_reason = std::string("Landlock refused: ") + std::strerror(errno);
    }
    ::close(ruleset);
}

#endif  // MERLON_HAS_LANDLOCK

#ifdef MERLON_HAS_SECCOMP

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#endif

constexpr sock_filter load(std::size_t offset) {
    return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
constexpr sock_filter skip_if(std::uint32_t value, std::uint8_t otherwise) {
    return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, otherwise);
}
constexpr sock_filter answer(std::uint32_t action) { return BPF_STMT(BPF_RET | BPF_K, action); }

constexpr std::uint32_t kRefuse = SECCOMP_RET_ERRNO | EPERM;

void deny_sockets(SandboxReport& report) {
    // A scan needs no socket of any family: a local one reaches daemons that have the network.
    // io_uring would open sockets behind the filter's back; ptrace would borrow another's rights.
    const sock_filter filter[] = {
        load(offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
        answer(kRefuse),  // 32-bit calls number differently; we make none
        load(offsetof(seccomp_data, nr)),
#if defined(__x86_64__)
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),  // the x32 numbering
        answer(kRefuse),
#endif
        skip_if(SYS_socket, 1),
        answer(kRefuse),
        skip_if(SYS_io_uring_setup, 1),
        answer(kRefuse),
        skip_if(SYS_ptrace, 1),
        answer(kRefuse),
        answer(SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{static_cast<unsigned short>(sizeof(filter) / sizeof(filter[0])),
                             const_cast<sock_filter*>(filter)};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) {
        report.network = SandboxReport::State::kApplied;
    } else {
        report.network_reason = std::string("seccomp refused: ") + std::strerror(errno);
    }
}

// Asked with an address that cannot be read: EFAULT means that filters are there.
bool seccomp_available() {
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nullptr) != 0 && errno == EFAULT;
}

#endif  // MERLON_HAS_SECCOMP

}  // namespace

SandboxReport apply_sandbox(const SandboxPolicy& policy) {
    SandboxReport report;
    report.files_reason = "not available on this system";
    report.network_reason = "not available on this system or processor";
    // Without it neither takes effect for an ordinary user.
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        report.files_reason = report.network_reason = "the kernel refuses no_new_privs";
        return report;
    }
#ifdef MERLON_HAS_LANDLOCK
    report.files_reason.clear();
    restrict_files(policy, report);
#endif
    if (policy.network == NetworkAccess::kAllowed) {
        report.network = SandboxReport::State::kNotAsked;
        report.network_reason.clear();
        return report;
    }
#ifdef MERLON_HAS_SECCOMP
    report.network_reason.clear();
    deny_sockets(report);
#endif
    return report;
}

SandboxReport probe_sandbox() {
    SandboxReport report;
    report.files_reason = "not available on this system";
    report.network_reason = "not available on this system or processor";
#ifdef MERLON_HAS_LANDLOCK
    report.landlock_abi = landlock_abi();
    report.files_reason = report.landlock_abi == 0 ? landlock_reason() : "";
    if (report.landlock_abi > 0) report.files = SandboxReport::State::kAvailable;
#endif
#ifdef MERLON_HAS_SECCOMP
    report.network_reason.clear();
    if (seccomp_available()) {
        report.network = SandboxReport::State::kAvailable;
    } else {
        report.network_reason = "this kernel has no seccomp filters";
    }
#endif
    return report;
}

}  // namespace merlon
