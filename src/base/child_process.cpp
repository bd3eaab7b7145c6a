#include "base/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace merlon {
namespace {

constexpr std::size_t kMaxErrorBytes = 4096;
constexpr std::size_t kChunkBytes = std::size_t{64} << 10;
constexpr int kPollMilliseconds = 50;  // how soon cancellation is seen
constexpr int kExecFailed = 127;

class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() { close(); }

    int get() const { return number_; }
    bool is_open() const { return number_ >= 0; }
    void close() {
        if (number_ >= 0) ::close(std::exchange(number_, -1));
    }

  private:
    int number_ = -1;
};

struct Channel {
    Descriptor ours;
    Descriptor theirs;
};

// Sockets and not pipes: a write to a child that is gone then fails instead of raising SIGPIPE.
Result<Channel> open_channel() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return Error{std::string("cannot make a channel to a child process: ") +
                     std::strerror(errno)};
    }
    Channel channel{Descriptor(ends[0]), Descriptor(ends[1])};
    fcntl(channel.ours.get(), F_SETFL, O_NONBLOCK);
    return channel;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
    list.push_back(nullptr);
    return list;
}

struct Prepared {
    std::vector<char*> arguments;
    std::vector<char*> environment;
    std::array<int, 3> streams{};
    rlimit memory{};
    bool limits_memory = false;
    pid_t parent = 0;
};

// Between fork and exec of a process with threads: system calls alone, no memory is asked for.
[[noreturn]] void become(const Prepared& prepared) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != prepared.parent) _exit(kExecFailed);
    // Above the three first, so that none is overwritten before it is used.
    std::array<int, 3> moved{};
    for (std::size_t i = 0; i < moved.size(); ++i) {
        moved[i] = fcntl(prepared.streams[i], F_DUPFD_CLOEXEC, 3);
    }
    for (std::size_t i = 0; i < moved.size(); ++i) dup2(moved[i], static_cast<int>(i));
    syscall(SYS_close_range, 3U, ~0U, 0U);
    rlimit none{};
    setrlimit(RLIMIT_CORE, &none);
    if (prepared.limits_memory) setrlimit(RLIMIT_AS, &prepared.memory);
    for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGXFSZ}) signal(number, SIG_DFL);
    execve(prepared.arguments.front(), prepared.arguments.data(), prepared.environment.data());
    const char* reason = strerrordesc_np(errno);
    if (write(STDERR_FILENO, reason, std::strlen(reason)) < 0) _exit(kExecFailed);
    _exit(kExecFailed);
}

// Reads what is there. False at the end of the stream.
bool read_some(int descriptor, std::string& into, std::string& chunk) {
    for (;;) {
        const ssize_t count = read(descriptor, chunk.data(), chunk.size());
        if (count > 0) {
            into.append(chunk.data(), static_cast<std::size_t>(count));
            continue;
        }
        if (count < 0 && errno == EINTR) continue;
        return count < 0 && errno == EAGAIN;
    }
}

class Conversation {
  public:
    Conversation(const ChildCommand& command, std::string_view input, const CancelToken& cancel)
        : command_(command),
          left_(input),
          cancel_(cancel),
          deadline_(std::chrono::steady_clock::now() + command.time_limit),
          chunk_(kChunkBytes, '\0') {}

    // Until both streams of the child end, or one of the limits is hit.
    void hold(Descriptor& to_child, Descriptor& from_child, Descriptor& errors) {
        while (from_child.is_open() || errors.is_open()) {
            if (cancel_.cancelled()) return kill_because(ChildEnd::kCancelled);
            const auto now = std::chrono::steady_clock::now();
            if (now >= deadline_) return kill_because(ChildEnd::kTimedOut);
            pollfd waiting[] = {{left_.empty() ? -1 : to_child.get(), POLLOUT, 0},
                                {from_child.get(), POLLIN, 0},
                                {errors.get(), POLLIN, 0}};
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - now);
            const auto wait =
                std::min<std::chrono::milliseconds::rep>(left.count(), kPollMilliseconds);
            if (poll(waiting, std::size(waiting), static_cast<int>(wait)) <= 0) continue;
            if (waiting[0].revents != 0 && !send_some(to_child.get())) left_ = {};
            if (left_.empty()) to_child.close();
            if (waiting[1].revents != 0 && !read_some(from_child.get(), result_.output, chunk_)) {
                from_child.close();
            }
            if (waiting[2].revents != 0 && !read_some(errors.get(), result_.errors, chunk_)) {
                errors.close();
            }
            result_.errors.resize(std::min(result_.errors.size(), kMaxErrorBytes));
            if (result_.output.size() > command_.max_output_bytes) {
                return kill_because(ChildEnd::kOutputTooLarge);
            }
        }
    }

    // Waits for the end of the child, which may outlive its streams, and kills it where it must.
    ChildResult finish(pid_t child) && {
        int status = 0;
        while (!killed_) {
            const pid_t ended = waitpid(child, &status, WNOHANG);
            if (ended == child) break;
            if (cancel_.cancelled()) kill_because(ChildEnd::kCancelled);
            if (std::chrono::steady_clock::now() >= deadline_) kill_because(ChildEnd::kTimedOut);
            poll(nullptr, 0, 1);
        }
        if (killed_) {
            kill(child, SIGKILL);
            while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
            }
        }
        if (!killed_ && WIFSIGNALED(status)) {
            result_.end = ChildEnd::kSignalled;
            result_.signal_number = WTERMSIG(status);
        } else if (!killed_) {
            result_.exit_code = WEXITSTATUS(status);
        }
        return std::move(result_);
    }

  private:
    bool send_some(int descriptor) {
        while (!left_.empty()) {
            const ssize_t count = send(descriptor, left_.data(), left_.size(), MSG_NOSIGNAL);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return errno == EAGAIN;
            left_.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }

    void kill_because(ChildEnd end) {
        result_.end = end;
        result_.output.clear();
        killed_ = true;
    }

    const ChildCommand& command_;
    std::string_view left_;
    const CancelToken& cancel_;
    std::chrono::steady_clock::time_point deadline_;
    std::string chunk_;
    ChildResult result_;
    bool killed_ = false;
};

}  // namespace

Result<ChildResult> run_child(const ChildCommand& command, std::string_view input,
                              const CancelToken& cancel) {
    Channel in = MERLON_TRY(open_channel());
    Channel out = MERLON_TRY(open_channel());
    Channel errors = MERLON_TRY(open_channel());
    const Prepared prepared{pointers(command.arguments),
                            pointers(command.environment),
                            {in.theirs.get(), out.theirs.get(), errors.theirs.get()},
                            {command.max_memory_bytes, command.max_memory_bytes},
                            command.max_memory_bytes != 0,
                            getpid()};
    const pid_t child = fork();
    if (child < 0) {
        return Error{std::string("cannot start a child process: ") + std::strerror(errno)};
    }
    if (child == 0) become(prepared);
    in.theirs.close();
    out.theirs.close();
    errors.theirs.close();

    Conversation conversation(command, input, cancel);
    if (input.empty()) in.ours.close();
    conversation.hold(in.ours, out.ours, errors.ours);
    return std::move(conversation).finish(child);
}

std::string describe_end(const ChildResult& result, const ChildCommand& command) {
    switch (result.end) {
        case ChildEnd::kExited: {
            std::string text = "ended with exit code " + std::to_string(result.exit_code);
            const std::string first_line = result.errors.substr(0, result.errors.find('\n'));
            if (!first_line.empty()) text += ": " + first_line;
            return text;
        }
        case ChildEnd::kSignalled: {
            const char* name = sigdescr_np(result.signal_number);
            return "was killed by signal " + std::to_string(result.signal_number) + " (" +
                   (name == nullptr ? "unknown" : name) + ")";
        }
        case ChildEnd::kTimedOut:
            return "was stopped after its time limit of " +
                   std::to_string(command.time_limit.count()) + " ms";
        case ChildEnd::kOutputTooLarge:
            return "was stopped after more than " + std::to_string(command.max_output_bytes) +
                   " bytes of output";
        case ChildEnd::kCancelled:
            return "was stopped because the run was";
    }
    return {};
}

}  // namespace merlon
