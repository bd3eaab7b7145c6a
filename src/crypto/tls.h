#pragma once

// TLS 1.2 and 1.3 as a client (RFC 8446, RFC 5246), with the peer's certificate verified (RFC 5280,
// RFC 9525).
//
// The idea: a session is a machine between two texts, what the peer sent and what has to be sent to
// it, and knows no socket. So net waits, cancels and counts time in one place, and a session can
// run inside of another one (a proxy that is spoken to by TLS). There is no way to switch
// verification off: an own authority is named instead.
//
// A context is immutable and thread-safe; a session belongs to one thread. Cost: a context reads
// the authorities (some 150, a few milliseconds).

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::crypto {

// Whose certificates are believed. Files hold PEM.
struct TlsTrust {
    // In place of the system's (SSL_CERT_FILE, SSL_CERT_DIR); both empty: the system's.
    std::string file;
    std::string directory;
    std::string additional_file;   // beside them
    std::string authorities = {};  // PEM itself; in place of the system's, where no file is named
    // What the caller shows of itself, in PEM; both or neither.
    std::string client_certificates = {};  // its own first, then those that lead to an authority
    std::string client_key = {};
};

class TlsContext {
  public:
    // Fails where a named file cannot be read, or the system has no authorities.
    static Result<TlsContext> make(const TlsTrust& trust);

  private:
    friend class TlsSession;
    explicit TlsContext(std::shared_ptr<void> context) : context_(std::move(context)) {}
    std::shared_ptr<void> context_;
};

class TlsSession {
  public:
    // `host`: the name or address that the certificate has to be for.
    static Result<TlsSession> open(const TlsContext& context, const std::string& host);
    TlsSession(TlsSession&&) noexcept;
    TlsSession& operator=(TlsSession&&) noexcept;
    ~TlsSession();

    // What came from the peer.
    void receive(std::string_view encrypted);
    // Takes what has to be sent to the peer; to be asked after each other call.
    std::string to_send();

    // Goes on with the handshake; true once it is done. Fails where the certificate is not
    // believed, and says why.
    Result<bool> handshake();
    Status write(std::string_view plain);

    enum class ReadState : std::uint8_t {
        kWaiting,  // all that came is read
        kClosed,   // the peer has said that nothing follows
    };
    // Appends all plain bytes that are there.
    Result<ReadState> read(std::string& plain);

  private:
    struct State;
    explicit TlsSession(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace merlon::crypto
