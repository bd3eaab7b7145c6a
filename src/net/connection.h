#pragma once

// A TCP connection to a host by name, with any number of TLS sessions around it (one to a proxy,
// one through it to the host).
//
// The idea: the socket never blocks; each wait is a poll() of at most kCancelCheck, so that a
// cancelled run ends in time, and is bounded by two clocks: nothing happened for `idle`, and all of
// the exchange took `total`. Addresses of a host are tried one after the other (RFC 6724 orders
// them, in the system's resolver).
//
// The resolver of the system cannot be interrupted. It runs in a thread of its own that owns what
// it writes to: where a run is cancelled or out of time, that thread ends by itself.
//
// Not thread-safe. Errors name the host and the step.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/tls.h"

namespace merlon::net {

inline constexpr std::chrono::milliseconds kCancelCheck{50};

// How long an exchange may take; zero: as long as it wants.
struct Timeouts {
    std::chrono::milliseconds connect{15'000};  // look-up, connection, and each TLS handshake
    std::chrono::milliseconds idle{30'000};
    std::chrono::milliseconds total{0};
};

// The clocks of one exchange.
class Waiting {
  public:
    Waiting(const Clock& clock, const CancelToken* cancel, const Timeouts& timeouts);

    // Until when the step that begins now has to be over.
    std::chrono::nanoseconds end_of_connect() const { return after(timeouts_.connect); }
    std::chrono::nanoseconds end_of_idle() const { return after(timeouts_.idle); }
    // Fails where the run is cancelled, or that moment or the whole exchange's end is over.
    Status check(std::chrono::nanoseconds end) const;
    // Waits for `events` (poll(2)) of a descriptor.
    Status wait(int descriptor, short events, std::chrono::nanoseconds end) const;

  private:
    std::chrono::nanoseconds after(std::chrono::milliseconds time) const;

    const Clock& clock_;
    const CancelToken* cancel_;
    Timeouts timeouts_;
    std::chrono::nanoseconds total_end_;
};

// The addresses of a host, as texts, in the resolver's order.
Result<std::vector<std::string>> look_up_host(const std::string& host, const Waiting& waiting);

class Connection {
  public:
    // `waiting` has to outlive the connection.
    static Result<Connection> open(const std::string& host, std::uint16_t port,
                                   const Waiting& waiting);
    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&&) = delete;
    ~Connection();

    // From now on all is encrypted to `host`, inside of what was encrypted before.
    Status start_tls(const crypto::TlsContext& context, const std::string& host);

    Status send(std::string_view bytes);

    enum class Received : std::uint8_t {
        kSome,
        kEnd,
        kCut,  // the connection ended, and TLS had not said that it would: an attacker can do that
    };
    // Waits for more and appends it.
    Result<Received> receive(std::string& bytes);

  private:
    Connection(int descriptor, const Waiting& waiting)
        : descriptor_(descriptor), waiting_(&waiting) {}

    // What the sessions up to `count` have to send, and `bytes` inside of them.
    Status send_within(std::size_t count, std::string_view bytes);
    // What the socket has, unwrapped by the first `count` sessions.
    Result<Received> receive_within(std::size_t count, std::string& bytes,
                                    std::chrono::nanoseconds end);
    Status send_raw(std::string_view bytes);

    int descriptor_ = -1;
    const Waiting* waiting_;
    std::vector<crypto::TlsSession> sessions_;  // the outermost first
};

}  // namespace merlon::net
