#include "crypto/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <system_error>

#include "base/ascii.h"
#include "base/file.h"

namespace merlon::crypto {
namespace {

struct FreeSession {
    void operator()(SSL* session) const { SSL_free(session); }
};

// Where distributions keep the authorities that they believe; the library, linked into the program,
// knows those of the machine that it was built on.
constexpr std::array kSystemFiles{
    "/etc/ssl/certs/ca-certificates.crt",  // Debian, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",    // Fedora, Red Hat
    "/etc/ssl/ca-bundle.pem",              // SUSE
    "/etc/ssl/cert.pem",                   // Alpine, the BSDs
};

// The oldest error of this thread, which is the cause of the later ones.
std::string library_error() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return "the connection ended";
    const char* const reason = ERR_reason_error_string(code);
    return reason == nullptr ? "error " + std::to_string(code) : std::string(reason);
}

Status load_file(SSL_CTX* context, const std::string& file) {
    ERR_clear_error();
    if (SSL_CTX_load_verify_file(context, file.c_str()) == 1) return {};
    return Error{file + " gives no authorities: " + library_error() +
                 "; expected certificates in PEM"};
}

Status load_system(SSL_CTX* context) {
    for (const char* file : kSystemFiles) {
        if (file_status(file, FollowLinks::kYes).ok()) return load_file(context, file);
    }
    return Error{
        "this system has no file of certificate authorities; install ca-certificates, or name a "
        "file by SSL_CERT_FILE"};
}

struct FreeMemory {
    void operator()(BIO* memory) const { BIO_free(memory); }
};
using Memory = std::unique_ptr<BIO, FreeMemory>;
struct FreeCertificate {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;
struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

Result<Memory> memory_of(std::string_view bytes) {
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
        return Error{"PEM of more than 2 GiB"};
    }
    Memory memory(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
    if (memory == nullptr) return Error{"TLS: " + library_error()};
    return memory;
}

Certificate next_certificate(BIO* memory) {
    return Certificate(PEM_read_bio_X509(memory, nullptr, nullptr, nullptr));
}

Status load_authorities(SSL_CTX* context, std::string_view pem) {
    ERR_clear_error();
    const Memory memory = MERLON_TRY(memory_of(pem));
    std::size_t count = 0;
    while (const Certificate one = next_certificate(memory.get())) {
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get()) != 1) {
            return Error{"an authority is not taken: " + library_error()};
        }
        ++count;
    }
    ERR_clear_error();
    if (count == 0) return Error{"no authorities; expected certificates in PEM"};
    return {};
}

Status load_client(SSL_CTX* context, const TlsTrust& trust) {
    ERR_clear_error();
    const Memory chain = MERLON_TRY(memory_of(trust.client_certificates));
    const Certificate own = next_certificate(chain.get());
    if (own == nullptr || SSL_CTX_use_certificate(context, own.get()) != 1) {
        return Error{"the client's certificate: " + library_error()};
    }
    while (const Certificate one = next_certificate(chain.get())) {
        if (SSL_CTX_add1_chain_cert(context, one.get()) != 1) {
            return Error{"the client's chain: " + library_error()};
        }
    }
    ERR_clear_error();
    const Memory text = MERLON_TRY(memory_of(trust.client_key));
    const std::unique_ptr<EVP_PKEY, FreeKey> key(
        PEM_read_bio_PrivateKey(text.get(), nullptr, nullptr, nullptr));
    if (key == nullptr || SSL_CTX_use_PrivateKey(context, key.get()) != 1 ||
        SSL_CTX_check_private_key(context) != 1) {
        return Error{"the client's key: " + library_error()};
    }
    return {};
}

struct FreeNames {
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

// *.internal is a name for a.internal: OpenSSL wants two labels behind the star, which is a matter
// of public authorities; those of companies have such names, and Go takes them.
bool is_wildcard_of_one_label(std::string_view name, std::string_view host) {
    const std::size_t dot = host.find('.');
    if (dot == 0 || dot == std::string_view::npos || !name.starts_with("*.")) return false;
    const std::string_view parent = host.substr(dot + 1);
    return !parent.empty() && parent.find('.') == std::string_view::npos &&
           equal_without_case(name.substr(2), parent);
}

bool names_host_below_one_label(X509* certificate, std::string_view host) {
    const std::unique_ptr<GENERAL_NAMES, FreeNames> names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_DNS) continue;
        const std::string_view text(
            reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
            static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        if (is_wildcard_of_one_label(text, host)) return true;
    }
    return false;
}

// What OpenSSL tells of the chain: nothing but a name that does not fit is looked at again.
int verify_again(int is_good, X509_STORE_CTX* chain) {
    if (is_good == 1 || X509_STORE_CTX_get_error(chain) != X509_V_ERR_HOSTNAME_MISMATCH) {
        return is_good;
    }
    const void* const session =
        X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
    const char* const host =
        SSL_get_servername(static_cast<const SSL*>(session), TLSEXT_NAMETYPE_host_name);
    X509* const certificate = X509_STORE_CTX_get0_cert(chain);
    if (host == nullptr || certificate == nullptr) return 0;
    if (!names_host_below_one_label(certificate, host)) return 0;
    X509_STORE_CTX_set_error(chain, X509_V_OK);
    return 1;
}

int length_of(std::string_view bytes) {
    return static_cast<int>(
        std::min<std::size_t>(bytes.size(), std::numeric_limits<int>::max() / 2));
}

}  // namespace

Result<TlsContext> TlsContext::make(const TlsTrust& trust) {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    if (context == nullptr) return Error{"TLS: " + library_error()};
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, verify_again);
    // Whatever is named as an authority is trusted: an intermediate one, and the server's own
    // certificate, too.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.get()),
                                X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
    if (!trust.file.empty()) {
        if (Status loaded = load_file(context.get(), trust.file); !loaded.ok())
            return loaded.error();
    }
    if (!trust.directory.empty() &&
        SSL_CTX_load_verify_dir(context.get(), trust.directory.c_str()) != 1) {
        return Error{trust.directory + " gives no authorities: " + library_error()};
    }
    if (!trust.authorities.empty()) {
        if (Status loaded = load_authorities(context.get(), trust.authorities); !loaded.ok()) {
            return loaded.error();
        }
    }
    if (!trust.client_certificates.empty() || !trust.client_key.empty()) {
        if (Status loaded = load_client(context.get(), trust); !loaded.ok()) return loaded.error();
    }
    if (trust.file.empty() && trust.directory.empty() && trust.authorities.empty()) {
        const Status loaded = load_system(context.get());
        // Who names an authority of their own may need no other.
        if (!loaded.ok() && trust.additional_file.empty()) return loaded.error();
    }
    if (!trust.additional_file.empty()) {
        if (Status loaded = load_file(context.get(), trust.additional_file); !loaded.ok()) {
            return loaded.error();
        }
    }
    return TlsContext(std::move(context));
}

struct TlsSession::State {
    std::unique_ptr<SSL, FreeSession> session;
    BIO* incoming = nullptr;  // both belong to the session
    BIO* outgoing = nullptr;
    std::string host;
};

TlsSession::TlsSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsSession::TlsSession(TlsSession&&) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&&) noexcept = default;
TlsSession::~TlsSession() = default;

Result<TlsSession> TlsSession::open(const TlsContext& context, const std::string& host) {
    auto state = std::make_unique<State>();
    state->host = host;
    state->session.reset(SSL_new(static_cast<SSL_CTX*>(context.context_.get())));
    SSL* const session = state->session.get();
    state->incoming = BIO_new(BIO_s_mem());
    state->outgoing = BIO_new(BIO_s_mem());
    if (session == nullptr || state->incoming == nullptr || state->outgoing == nullptr) {
        BIO_free(state->incoming);
        BIO_free(state->outgoing);
        return Error{"TLS: " + library_error()};
    }
    SSL_set_bio(session, state->incoming, state->outgoing);
    SSL_set_connect_state(session);
    // RFC 9525: an address is compared with addresses only, a name with names, and never with the
    // common name. RFC 6066, section 3: an address is not sent as the server's name.
    X509_VERIFY_PARAM* const wanted = SSL_get0_param(session);
    const bool is_address = X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
    if (!is_address) {
        // The dot of the root is part of no certificate, and not sent (RFC 6066, section 3).
        const std::string name = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
        X509_VERIFY_PARAM_set_hostflags(
            wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        if (X509_VERIFY_PARAM_set1_host(wanted, name.data(), name.size()) != 1 ||
            SSL_set_tlsext_host_name(session, name.c_str()) != 1) {
            return Error{"TLS: no name that a certificate can be for: " + host};
        }
    }
    // RFC 7301: nothing but HTTP/1.1 is spoken here.
    static constexpr std::array<unsigned char, 9> kProtocols{8,   'h', 't', 't', 'p',
                                                             '/', '1', '.', '1'};
    SSL_set_alpn_protos(session, kProtocols.data(), kProtocols.size());
    return TlsSession(std::move(state));
}

void TlsSession::receive(std::string_view encrypted) {
    while (!encrypted.empty()) {
        const int taken = BIO_write(state_->incoming, encrypted.data(), length_of(encrypted));
        if (taken <= 0) return;  // out of memory: the session then waits for ever, which net ends
        encrypted.remove_prefix(static_cast<std::size_t>(taken));
    }
}

std::string TlsSession::to_send() {
    std::string bytes(BIO_ctrl_pending(state_->outgoing), '\0');
    if (bytes.empty()) return bytes;
    const int taken = BIO_read(state_->outgoing, bytes.data(), length_of(bytes));
    bytes.resize(taken > 0 ? static_cast<std::size_t>(taken) : 0);
    return bytes;
}

Result<bool> TlsSession::handshake() {
    ERR_clear_error();
    SSL* const session = state_->session.get();
    const int done = SSL_do_handshake(session);
    if (done == 1) return true;
    const int why = SSL_get_error(session, done);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return false;
    const long verified = SSL_get_verify_result(session);
    if (verified != X509_V_OK) {
        ERR_clear_error();
        return Error{"the certificate is not believed to be that of " + state_->host + ": " +
                     X509_verify_cert_error_string(verified)};
    }
    return Error{"no TLS with " + state_->host + ": " + library_error()};
}

Status TlsSession::write(std::string_view plain) {
    while (!plain.empty()) {
        ERR_clear_error();
        const int taken = SSL_write(state_->session.get(), plain.data(), length_of(plain));
        if (taken <= 0) return Error{"TLS: cannot write: " + library_error()};
        plain.remove_prefix(static_cast<std::size_t>(taken));
    }
    return {};
}

Result<TlsSession::ReadState> TlsSession::read(std::string& plain) {
    std::array<char, 16384> buffer{};  // the largest record of RFC 8446, section 5.1
    while (true) {
        ERR_clear_error();
        const int count = SSL_read(state_->session.get(), buffer.data(), buffer.size());
        if (count > 0) {
            plain.append(buffer.data(), static_cast<std::size_t>(count));
            continue;
        }
        switch (SSL_get_error(state_->session.get(), count)) {
            case SSL_ERROR_ZERO_RETURN:
                return ReadState::kClosed;
            case SSL_ERROR_WANT_READ:
            case SSL_ERROR_WANT_WRITE:
                return ReadState::kWaiting;
            default:
                return Error{"TLS: cannot read: " + library_error()};
        }
    }
}

}  // namespace merlon::crypto
