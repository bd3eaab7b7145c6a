#include "crypto/tls.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <functional>

#include "base/file.h"

namespace merlon::crypto {
namespace {

// A certificate that signs itself, its key, and the same as PEM.
struct Identity {
    std::shared_ptr<EVP_PKEY> key;
    std::shared_ptr<X509> certificate;
    std::string pem;
};

Identity make_identity(const char* names, long valid_from_s, long valid_until_s) {
    Identity identity;
    identity.key.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
    identity.certificate.reset(X509_new(), X509_free);
    X509* const certificate = identity.certificate.get();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), valid_from_s);
    X509_gmtime_adj(X509_getm_notAfter(certificate), valid_until_s);
    X509_set_pubkey(certificate, identity.key.get());
    X509_NAME* const subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    for (const auto& [kind, text] : {std::pair{NID_subject_alt_name, names},
                                     std::pair{NID_basic_constraints, "critical,CA:TRUE"}}) {
        X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, text);
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }
    X509_sign(certificate, identity.key.get(), EVP_sha256());
    BIO* const text = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(text, certificate);
    identity.pem.resize(BIO_ctrl_pending(text));
    BIO_read(text, identity.pem.data(), static_cast<int>(identity.pem.size()));
    BIO_free(text);
    return identity;
}

// The other end, in memory.
class Peer {
  public:
    explicit Peer(const Identity& identity, int newest = TLS1_3_VERSION)
        : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
        SSL_CTX_use_certificate(context_.get(), identity.certificate.get());
        SSL_CTX_use_PrivateKey(context_.get(), identity.key.get());
        SSL_CTX_set_security_level(context_.get(), 0);
        SSL_CTX_set_max_proto_version(context_.get(), newest);
        session_.reset(SSL_new(context_.get()), SSL_free);
        SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_accept_state(session_.get());
    }
    // Hands over what each has for the other, until both are silent.
    void exchange(TlsSession& client) {
        const std::string sent = client.to_send();
        BIO_write(SSL_get_rbio(session_.get()), sent.data(), static_cast<int>(sent.size()));
        if (!SSL_is_init_finished(session_.get())) SSL_do_handshake(session_.get());
        std::string answer(BIO_ctrl_pending(SSL_get_wbio(session_.get())), '\0');
        if (!answer.empty()) {
            BIO_read(SSL_get_wbio(session_.get()), answer.data(), static_cast<int>(answer.size()));
        }
        client.receive(answer);
    }
    SSL* session() { return session_.get(); }

  private:
    std::shared_ptr<SSL_CTX> context_;
    std::shared_ptr<SSL> session_;
};

class Tls : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() /
                  ("merlon-tls-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    TlsContext trusting(const Identity& identity) {
        const std::string file = (folder_ / "authorities.pem").string();
        EXPECT_TRUE(write_file_atomically(file, identity.pem).ok());
        return TlsContext::make({.file = file, .directory = {}, .additional_file = {}}).value();
    }
    // The error of a handshake; empty: it was made.
    static std::string handshake(TlsSession& client, Peer& peer) {
        for (int round = 0; round < 10; ++round) {
            const auto done = client.handshake();
            if (!done.ok()) return done.error().message;
            peer.exchange(client);
            if (done.value()) return "";
        }
        return "it does not end";
    }

    std::filesystem::path folder_;
};

constexpr long kHour_s = 3600;

TEST_F(Tls, carries_bytes_both_ways_and_says_when_it_is_closed) {
    const Identity identity = make_identity("DNS:host.example,IP:127.0.0.1", -kHour_s, kHour_s);
    const TlsContext context = trusting(identity);
    for (const char* host : {"host.example", "127.0.0.1"}) {
        TlsSession client = TlsSession::open(context, host).value();
        Peer peer(identity);
        ASSERT_EQ(handshake(client, peer), "") << host;
        ASSERT_TRUE(client.write("question").ok());
        peer.exchange(client);
        char buffer[100];
        ASSERT_EQ(SSL_read(peer.session(), buffer, sizeof buffer), 8);
        EXPECT_EQ(std::string(buffer, 8), "question");
        std::string plain;
        EXPECT_EQ(client.read(plain).value(), TlsSession::ReadState::kWaiting);
        SSL_write(peer.session(), "answer", 6);
        SSL_shutdown(peer.session());
        peer.exchange(client);
        EXPECT_EQ(client.read(plain).value(), TlsSession::ReadState::kClosed);
        EXPECT_EQ(plain, "answer");
    }
}

TEST_F(Tls, refuses_who_is_not_believed_and_says_why) {
    const Identity good = make_identity("DNS:host.example", -kHour_s, kHour_s);
    const Identity other = make_identity("DNS:host.example", -kHour_s, kHour_s);
    const Identity old = make_identity("DNS:host.example", -2 * kHour_s, -kHour_s);
    const struct {
        const Identity& believed;
        const Identity& shown;
        const char* host;
        const char* reason;
    } cases[] = {
        {other, good, "host.example", "self-signed certificate"},
        {good, good, "other.example", "hostname mismatch"},
        {good, good, "127.0.0.1", "IP address mismatch"},
        {old, old, "host.example", "certificate has expired"},
    };
    for (const auto& c : cases) {
        const TlsContext context = trusting(c.believed);
        TlsSession client = TlsSession::open(context, c.host).value();
        Peer peer(c.shown);
        const std::string error = handshake(client, peer);
        EXPECT_TRUE(error.starts_with("the certificate is not believed to be that of")) << error;
        EXPECT_NE(error.find(c.reason), std::string::npos) << error;
    }
}

TEST_F(Tls, takes_a_name_as_go_does) {
    const struct {
        const char* names;
        const char* host;
        bool is_taken;
    } cases[] = {
        {"DNS:*.internal", "a.internal", true},
        {"DNS:*.internal", "A.Internal", true},
        {"DNS:*.internal", "a.internal.", true},
        {"DNS:*.internal", "a.b.internal", false},
        {"DNS:*.internal", "internal", false},
        {"DNS:*.internal", "a.external", false},
        {"DNS:*", "internal", false},
        {"DNS:host.example,DNS:*.internal", "a.internal", true},
        {"DNS:a*.internal", "ab.internal", false},
        {"DNS:*.host.example", "a.host.example", true},
        {"DNS:host.example", "host.example.", true},
        {"DNS:host.example", "host.example..", false},
    };
    for (const auto& c : cases) {
        const Identity identity = make_identity(c.names, -kHour_s, kHour_s);
        const TlsContext context = trusting(identity);
        TlsSession client = TlsSession::open(context, c.host).value();
        Peer peer(identity);
        EXPECT_EQ(handshake(client, peer).empty(), c.is_taken) << c.names << ' ' << c.host;
    }
    // A name that fits is no chain that is believed.
    const TlsContext context = trusting(make_identity("DNS:*.internal", -kHour_s, kHour_s));
    TlsSession client = TlsSession::open(context, "a.internal").value();
    Peer peer(make_identity("DNS:*.internal", -kHour_s, kHour_s));
    EXPECT_NE(handshake(client, peer), "");
}

TEST_F(Tls, speaks_no_version_below_1_2) {
    const Identity identity = make_identity("DNS:host.example", -kHour_s, kHour_s);
    const TlsContext context = trusting(identity);
    for (const int version : {TLS1_1_VERSION, TLS1_2_VERSION}) {
        TlsSession client = TlsSession::open(context, "host.example").value();
        Peer peer(identity, version);
        EXPECT_EQ(handshake(client, peer).empty(), version == TLS1_2_VERSION);
    }
}

TEST_F(Tls, bytes_that_are_no_tls_end_the_handshake) {
    const Identity identity = make_identity("DNS:host.example", -kHour_s, kHour_s);
    const TlsContext context = trusting(identity);
    TlsSession client = TlsSession::open(context, "host.example").value();
    EXPECT_FALSE(client.handshake().value());
    client.receive("HTTP/1.1 400 Bad Request\r\n\r\n");
    EXPECT_FALSE(client.handshake().ok());
}

TEST_F(Tls, a_file_without_certificates_is_named) {
    const std::string file = (folder_ / "empty.pem").string();
    ASSERT_TRUE(write_file_atomically(file, "nothing").ok());
    const auto made = TlsContext::make({.file = file, .directory = {}, .additional_file = {}});
    ASSERT_FALSE(made.ok());
    EXPECT_TRUE(made.error().message.starts_with(file));
}

}  // namespace
}  // namespace merlon::crypto
