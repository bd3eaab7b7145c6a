#include "net/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <limits>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace merlon::net {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kReceiveBytes = std::size_t{64} << 10;

struct FreeAddresses {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// Shared by the caller and the thread that asks the system.
struct Lookup {
    std::string host;
    std::string service;
    std::mutex lock;
    std::condition_variable done;
    bool is_done = false;
    int failure = 0;
    Addresses addresses;
};

void look_up(Lookup& lookup) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const int failure = getaddrinfo(lookup.host.c_str(), lookup.service.c_str(), &hints, &list);
    const std::scoped_lock locked(lookup.lock);
    lookup.failure = failure;
    lookup.addresses.reset(list);
    lookup.is_done = true;
    lookup.done.notify_one();
}

// 127.1, 0x7f000001: getaddrinfo still takes the forms of inet_aton(3), by which a host may be
// reached under a name that nobody has thought of when others were allowed or refused.
bool is_old_address(const std::string& host) {
    in_addr address{};
    return inet_aton(host.c_str(), &address) == 1 &&
           inet_pton(AF_INET, host.c_str(), &address) != 1;
}

Result<Addresses> addresses_of(const std::string& host, std::uint16_t port, const Waiting& waiting,
                               nanoseconds end) {
    if (is_old_address(host)) {
        return Error{"cannot look up " + host +
                     ": no such host; an address has four decimal numbers, 127.0.0.1"};
    }
    auto lookup = std::make_shared<Lookup>();
    lookup->host = host;
    lookup->service = std::to_string(port);
    try {
        std::thread([lookup] { look_up(*lookup); }).detach();
    } catch (const std::system_error& error) {
        return Error{std::string("cannot start a thread: ") + error.what()};
    }
    std::unique_lock locked(lookup->lock);
    while (!lookup->done.wait_for(locked, kCancelCheck, [&] { return lookup->is_done; })) {
        if (Status checked = waiting.check(end); !checked.ok()) {
            return std::move(checked).error().within("looking up " + host);
        }
    }
    if (lookup->failure != 0) {
        return Error{"cannot look up " + host + ": " + gai_strerror(lookup->failure) +
                     "; is the name right, and is there a network? Behind a proxy, set "
                     "HTTPS_PROXY"};
    }
    return std::move(lookup->addresses);
}

// A descriptor, or a number of errno below zero.
Result<int> connect_to(const addrinfo& address, const Waiting& waiting, nanoseconds end) {
    const int descriptor = socket(
        address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol);
    if (descriptor < 0) return -errno;
    int failure = connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
    if (failure == EINPROGRESS) {
        if (Status waited = waiting.wait(descriptor, POLLOUT, end); !waited.ok()) {
            close(descriptor);
            return waited.error();
        }
        socklen_t size = sizeof failure;
        if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) != 0) failure = errno;
    }
    if (failure != 0) {
        close(descriptor);
        return -failure;
    }
    const int yes = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return descriptor;
}

}  // namespace

Result<std::vector<std::string>> look_up_host(const std::string& host, const Waiting& waiting) {
    const Addresses list = MERLON_TRY(addresses_of(host, 0, waiting, waiting.end_of_connect()));
    std::vector<std::string> texts;
    for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        const int failure = getnameinfo(at->ai_addr, at->ai_addrlen, text.data(), text.size(),
                                        nullptr, 0, NI_NUMERICHOST);
        if (failure == 0) texts.emplace_back(text.data());
    }
    return texts;
}

Waiting::Waiting(const Clock& clock, const CancelToken* cancel, const Timeouts& timeouts)
    : clock_(clock), cancel_(cancel), timeouts_(timeouts), total_end_(after(timeouts.total)) {}

nanoseconds Waiting::after(std::chrono::milliseconds time) const {
    return time.count() == 0 ? nanoseconds::max() : clock_.monotonic() + time;
}

Status Waiting::check(nanoseconds end) const {
    if (cancel_ != nullptr && cancel_->cancelled()) return Error{"cancelled"};
    const nanoseconds now = clock_.monotonic();
    if (now >= total_end_) return Error{"it took longer than allowed"};
    if (now >= end) return Error{"nothing came in time"};
    return {};
}

Status Waiting::wait(int descriptor, short events, nanoseconds end) const {
    while (true) {
        pollfd wanted{descriptor, events, 0};
        const int ready = poll(&wanted, 1, static_cast<int>(kCancelCheck.count()));
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) {
            return Error{std::string("cannot wait: ") + std::strerror(errno)};
        }
        if (Status checked = check(end); !checked.ok()) return checked;
    }
}

Result<Connection> Connection::open(const std::string& host, std::uint16_t port,
                                    const Waiting& waiting) {
    const nanoseconds end = waiting.end_of_connect();
    const Addresses addresses = MERLON_TRY(addresses_of(host, port, waiting, end));
    const std::string doing = "connecting to " + host + " port " + std::to_string(port);
    int failure = 0;
    for (const addrinfo* address = addresses.get(); address != nullptr;
         address = address->ai_next) {
        auto connected = connect_to(*address, waiting, end);
        if (!connected.ok()) return std::move(connected).error().within(doing);
        if (connected.value() >= 0) return Connection(connected.value(), waiting);
        failure = -connected.value();
    }
    return Error{host + " port " + std::to_string(port) +
                 " cannot be reached: " + std::strerror(failure) +
                 "; is the address right? Behind a proxy, set HTTPS_PROXY"};
}

Connection::Connection(Connection&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      waiting_(other.waiting_),
      sessions_(std::move(other.sessions_)) {}

Connection::~Connection() {
    if (descriptor_ >= 0) close(descriptor_);
}

Status Connection::start_tls(const crypto::TlsContext& context, const std::string& host) {
    const nanoseconds end = waiting_->end_of_connect();
    const std::size_t outer = sessions_.size();
    sessions_.push_back(MERLON_TRY(crypto::TlsSession::open(context, host)));
    while (true) {
        auto done = sessions_.back().handshake();
        // Also where it failed: the alert tells the peer why.
        Status sent = send_within(outer, sessions_.back().to_send());
        if (!done.ok()) return std::move(done).error();
        if (!sent.ok()) return sent;
        if (done.value()) return {};
        std::string bytes;
        auto received = receive_within(outer, bytes, end);
        if (!received.ok()) {
            return std::move(received).error().within("the TLS handshake with " + host);
        }
        if (received.value() != Received::kSome) {
            return Error{host + " ended the connection in the TLS handshake; does it speak TLS?"};
        }
        sessions_.back().receive(bytes);
    }
}

Status Connection::send(std::string_view bytes) { return send_within(sessions_.size(), bytes); }

Status Connection::send_within(std::size_t count, std::string_view bytes) {
    if (count == 0) return send_raw(bytes);
    crypto::TlsSession& session = sessions_[count - 1];
    if (!bytes.empty()) {
        if (Status written = session.write(bytes); !written.ok()) return written;
    }
    const std::string wrapped = session.to_send();
    return wrapped.empty() ? Status() : send_within(count - 1, wrapped);
}

Status Connection::send_raw(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return Error{std::string("cannot send: ") + std::strerror(errno)};
        if (Status waited = waiting_->wait(descriptor_, POLLOUT, waiting_->end_of_idle());
            !waited.ok()) {
            return waited;
        }
    }
    return {};
}

Result<Connection::Received> Connection::receive(std::string& bytes) {
    return receive_within(sessions_.size(), bytes, waiting_->end_of_idle());
}

Result<Connection::Received> Connection::receive_within(std::size_t count, std::string& bytes,
                                                        nanoseconds end) {
    if (count == 0) {
        while (true) {
            std::array<char, kReceiveBytes> buffer{};
            const ssize_t got = recv(descriptor_, buffer.data(), buffer.size(), 0);
            if (got == 0) return Received::kEnd;
            if (got > 0) {
                bytes.append(buffer.data(), static_cast<std::size_t>(got));
                // A peer that never lets us wait must not keep us from looking at the clock.
                if (Status checked = waiting_->check(nanoseconds::max()); !checked.ok()) {
                    return checked.error();
                }
                return Received::kSome;
            }
            if (errno == EINTR) continue;
            // A reset is how many servers and proxies cut a connection.
            if (errno == ECONNRESET) return Received::kCut;
            if (errno != EAGAIN) {
                return Error{std::string("cannot receive: ") + std::strerror(errno)};
            }
            if (Status waited = waiting_->wait(descriptor_, POLLIN, end); !waited.ok()) {
                return waited.error();
            }
        }
    }
    crypto::TlsSession& session = sessions_[count - 1];
    const std::size_t before = bytes.size();
    while (true) {
        const auto state = MERLON_TRY(session.read(bytes));
        if (Status sent = send_within(count, {}); !sent.ok()) return sent.error();
        if (bytes.size() > before) return Received::kSome;
        if (state == crypto::TlsSession::ReadState::kClosed) return Received::kEnd;
        std::string wrapped;
        const Received received = MERLON_TRY(receive_within(count - 1, wrapped, end));
        if (received != Received::kSome) return Received::kCut;
        session.receive(wrapped);
    }
}

}  // namespace merlon::net
