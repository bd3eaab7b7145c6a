#pragma once

// OpenSSH's public keys and what they sign (RFC 4253, section 6.6; RFC 5656; RFC 8332; RFC 8709;
// OpenSSH's PROTOCOL.u2f and PROTOCOL.sshsig).
//
// The idea: a key is its blob, byte for byte, and two keys are one if their blobs are. Signatures
// are OpenSSH's SSHSIG, so that people sign with `ssh-keygen -Y sign` and whatever holds their key:
// an agent, a card, a token. A signature names what it is for (its namespace), and one for another
// purpose verifies nothing. SHA-1, DSA and RSA below 2048 bits are refused.
//
// Keys of security tokens (sk-…) verify only where the token says that somebody touched it.
//
// Thread-safe to read. Cost: that of the algorithm; texts are bounded.

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/jose_key.h"

namespace merlon::crypto {

class SshKey {
  public:
    // "ssh-ed25519 AAAA… comment", as in a .pub file.
    static Result<SshKey> parse(std::string_view line);
    static Result<SshKey> from_blob(std::string_view blob);

    const std::string& type() const { return type_; }  // "ssh-ed25519"
    const std::string& blob() const { return blob_; }
    std::string text() const;         // "ssh-ed25519 AAAA…"
    std::string fingerprint() const;  // "SHA256:…", as ssh-keygen -l prints it

    // Whether `signature`, as the protocol has it (algorithm, bytes), is of exactly these bytes.
    bool verifies(std::string_view message, std::string_view signature) const;

    bool operator==(const SshKey& other) const { return blob_ == other.blob_; }

  private:
    SshKey(std::string type, std::string blob, JoseKey key)
        : type_(std::move(type)), blob_(std::move(blob)), key_(std::move(key)) {}

    std::string type_;
    std::string blob_;
    std::string application_;  // of a security token's key
    JoseKey key_;
};

// The signer of `message`, from an armoured SSHSIG. Fails with the reason where it is none, is for
// another namespace, or does not verify. Whose key that is, the caller has to know.
Result<SshKey> verify_ssh_signature(std::string_view armored, std::string_view name_space,
                                    std::string_view message);

}  // namespace merlon::crypto
