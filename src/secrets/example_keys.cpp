#include "secrets/example_keys.h"

#include <algorithm>
#include <array>

#include "text/base64.h"

namespace merlon::secrets {
namespace {

constexpr std::size_t kLineLength = 64;  // RFC 7468, section 2
constexpr unsigned char kInteger = 0x02;
constexpr unsigned char kOctetString = 0x04;
constexpr unsigned char kSequence = 0x30;

// X.690, section 8.1.3: the short form, or the long one with two bytes.
std::string der(unsigned char tag, std::string_view content) {
    std::string out(1, static_cast<char>(tag));
    if (content.size() < 0x80) {
        out += static_cast<char>(content.size());
    } else {
        out += '\x82';
        out += static_cast<char>(content.size() >> 8);
        out += static_cast<char>(content.size() & 0xFF);
    }
    return out + std::string(content);
}

std::string der_integer(std::size_t bytes, ExampleRandom& random) {
    std::string number = random.bytes(bytes);
    number[0] = '\x55';  // positive, and no leading zeros
    return der(kInteger, number);
}

std::string rsa(ExampleRandom& random) {
    std::string numbers = der(kInteger, std::string(1, '\0'));
    for (const std::size_t bytes : {128, 3, 128, 64, 64, 64, 64, 64}) {
        numbers += der_integer(bytes, random);
    }
    return der(kSequence, numbers);
}

std::string dsa(ExampleRandom& random) {
    std::string numbers = der(kInteger, std::string(1, '\0'));
    for (const std::size_t bytes : {128, 20, 128, 128, 20}) numbers += der_integer(bytes, random);
    return der(kSequence, numbers);
}

std::string ec(ExampleRandom& random) {
    return der(kSequence, der(kInteger, "\x01") + der(kOctetString, random.bytes(32)) +
                              der(0xA1, der(0x03, random.bytes(66))));
}

// rsaEncryption, 1.2.840.113549.1.1.1
std::string pkcs8(ExampleRandom& random) {
    const std::string algorithm = der(0x06, "\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01");
    return der(kSequence, der(kInteger, std::string(1, '\0')) +
                              der(kSequence, algorithm + der(0x05, "")) +
                              der(kOctetString, rsa(random)));
}

// PBES2, 1.2.840.113549.1.5.13
std::string encrypted(ExampleRandom& random) {
    const std::string algorithm = der(0x06, "\x2A\x86\x48\x86\xF7\x0D\x01\x05\x0D");
    return der(kSequence, der(kSequence, algorithm + der(kSequence, random.bytes(40))) +
                              der(kOctetString, random.bytes(640)));
}

std::string ssh_number(std::size_t number) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xFF);
    return out;
}

std::string ssh_string(std::string_view text) {
    return ssh_number(text.size()) + std::string(text);
}

std::string openssh(ExampleRandom& random) {
    const std::string type = "ssh-ed25519";
    const std::string public_key = ssh_string(type) + ssh_string(random.bytes(32));
    const std::string check = random.bytes(4);
    const std::string secret = check + check + public_key + ssh_string(random.bytes(64)) +
                               ssh_string("") + std::string("\x01\x02\x03", 3);
    return std::string("openssh-key-v1\0", 15) + ssh_string("none") + ssh_string("none") +
           ssh_string("") + ssh_number(1) + ssh_string(public_key) + ssh_string(secret);
}

// RFC 9580, section 4.2.2: an old packet of type 5 with a length of two bytes, then one of type 13.
std::string pgp(ExampleRandom& random) {
    const std::string body = "\x04" + random.bytes(299);
    return std::string("\x95") + static_cast<char>(body.size() >> 8) +
           static_cast<char>(body.size() & 0xFF) + body + "\xB4\x08" + random.bytes(8);
}

std::string ssh2(ExampleRandom& random) {
    const std::string rest = ssh_string("if-modn{sign{rsa-pkcs1-sha1},encrypt{rsa-pkcs1v2-oaep}}") +
                             ssh_string("none") + ssh_string(random.bytes(240));
    return ssh_number(0x3f6ff9eb) + ssh_number(rest.size() + 8) + rest;
}

struct Kind {
    std::string_view name;
    std::string_view label;
    std::string (*bytes)(ExampleRandom& random);
};
constexpr std::array<Kind, 8> kKinds = {{
    {"rsa", "RSA PRIVATE KEY", rsa},
    {"dsa", "DSA PRIVATE KEY", dsa},
    {"ec", "EC PRIVATE KEY", ec},
    {"pkcs8", "PRIVATE KEY", pkcs8},
    {"encrypted", "ENCRYPTED PRIVATE KEY", encrypted},
    {"openssh", "OPENSSH PRIVATE KEY", openssh},
    {"pgp", "PGP PRIVATE KEY BLOCK", pgp},
    {"ssh2", "SSH2 ENCRYPTED PRIVATE KEY", ssh2},
}};

const Kind* find_kind(std::string_view name) {
    for (const Kind& kind : kKinds) {
        if (kind.name == name) return &kind;
    }
    return nullptr;
}

std::string in_lines(std::string_view bytes) {
    const std::string base64 = text::encode_base64(bytes, text::Base64Alphabet::kStandard);
    std::string lines;
    for (std::size_t at = 0; at < base64.size(); at += kLineLength) {
        lines += base64.substr(at, kLineLength) + '\n';
    }
    return lines;
}

std::string in_pem(std::string_view label, std::string_view bytes) {
    const std::string dashes(5, '-');
    const std::string name(label);
    return dashes + "BEGIN " + name + dashes + '\n' + in_lines(bytes) + dashes + "END " + name +
           dashes;
}

}  // namespace

std::optional<std::string> example_pem(std::string_view kind, ExampleRandom& random) {
    const Kind* found = find_kind(kind);
    if (found == nullptr) return std::nullopt;
    return in_pem(found->label, found->bytes(random));
}

std::optional<std::string> example_cut_pem(std::string_view kind, ExampleRandom& random) {
    const Kind* found = find_kind(kind);
    if (found == nullptr) return std::nullopt;
    const std::string bytes = found->bytes(random);
    return in_pem(found->label, std::string_view(bytes).substr(0, bytes.size() / 2));
}

std::string example_putty_key(ExampleRandom& random) {
    const auto part = [&random](std::string_view name, std::size_t bytes) {
        const std::string lines = in_lines(random.bytes(bytes));
        const auto count = static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
        return std::string(name) + "-Lines: " + std::to_string(count) + '\n' + lines;
    };
    return "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: deploy\n" +
           part("Public", 51) + part("Private", 36);
}

}  // namespace merlon::secrets
