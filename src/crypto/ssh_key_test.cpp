#include "crypto/ssh_key.h"

#include <gtest/gtest.h>

#include "crypto/allowed_signers.h"
#include "text/base64.h"

namespace merlon::crypto {
namespace {

// Made with OpenSSH 9.2: `ssh-keygen -Y sign -n test` over "hello\n".
struct Vector {
    std::string type, key, signature;
    std::string line() const { return type + " " + key + " somebody"; }
    std::string armored() const {
        return "-----BEGIN SSH SIGNATURE-----\n" + signature + "\n-----END SSH SIGNATURE-----\n";
    }
};
const Vector kVectors[] = {
    {"ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAILE5FshRzIrrh9hJ8ZC1rr7vay2QV/qTXYaiCAn0nfyc",
     "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgsTkWyFHMiuuH2EnxkLWuvu9rLZBX+pNdhqIICfSd/JwA"
     "AAAEdGVzdAAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUxOQAAAECFkieD4WkBGgBxOYRMcy50ZiwhqQnG"
     "2NRHlhATs1JC2vUqYoSeaS4STnfANnRVVul3YILmGbgdqw57H2/qHDwG"},
    {"ecdsa-sha2-nistp256",
     "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBU94kxz9St70ravSfia8ryXkUeTSVfn1o89"
     "zD54Y5OqiYa9fQ+M8p7vBvg+BxN6g2T9z5qWiTnjfF5En88lJZY=",
     "U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAEEEFT3iTHP1K3vStq9J"
     "+JryvJeRR5NJV+fWjz3MPnhjk6qJhr19D4zynu8G+D4HE3qDZP3PmpaJOeN8XkSfzyUllgAAAAR0ZXN0AAAAAAAA"
     "AAZzaGE1MTIAAABjAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAABIAAAAIDZuqvxE6aSFrBjZNor3hT7kGr2YgeVy"
     "EzkQZaroBED+AAAAIGiFivKH5WHenTmHYpKsAqLXrrSMpB5WGZ0UFGTXZzQj"},
    {"ecdsa-sha2-nistp521",
     "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAD/hQXzReAaItFxdqZb2pcce9zGM5mRKEOA"
     "amAfb6ZE54YnGJscPOwv2CYdnu3KXCjcfCi58p7S+26R0rJbmeo2vgFxxSHfMdC4MV6MB5oy+yI4TVzdksK+BQ3P"
     "cuQlN2gi7p8LXeTCzpfDAkeOYZtqAB2nLNbt/LIfnAyy/fDmFlxXBw==",
     "U1NIU0lHAAAAAQAAAKwAAAATZWNkc2Etc2hhMi1uaXN0cDUyMQAAAAhuaXN0cDUyMQAAAIUEAP+FBfNF4Boi0XF2"
     "plvalxx73MYzmZEoQ4BqYB9vpkTnhicYmxw87C/YJh2e7cpcKNx8KLnyntL7bpHSsluZ6ja+AXHFId8x0LgxXowH"
     "mjL7IjhNXN2Swr4FDc9y5CU3aCLunwtd5MLOl8MCR45hm2oAHacs1u38sh+cDLL98OYWXFcHAAAABHRlc3QAAAAA"
     "AAAABnNoYTUxMgAAAKcAAAATZWNkc2Etc2hhMi1uaXN0cDUyMQAAAIwAAABCAWW4o27xozJs+G086ptEimooVx8G"
     "KN4TIO6IlHXg4AIq8uotkFNMI7cjo97i9D1yVL1KEY/jgVIOSN3w/v2FN7FkAAAAQgH1R82hk0dwACuZf/fIWWUG"
     "89s44sQj6s2XMWqFS82g3Y2+T85Q7Upk7Q1d+TncP0/zqEQzAliRoKcXBr+yVNXamQ=="},
    {"ssh-rsa",
     "AAAAB3NzaC1yc2EAAAADAQABAAABAQCHF5A/SGQZqHwKeoz+h09eHQxOpiGmxuFNJe8xqPyDdJNFJTcMsJwX7NIa"
     "FbfSKNCel2HAOmpmIn6nghqglkXQVbQe9SC1GPzzfwbLL5/lK14wV8x84/96ChOmQa06Z3m7n7PFFYxUfLtVKv6U"
     "H9psVZXA1vTGZPxuGnnUirOlg/eqvsIjgXhUgwCIfOZk99AgvVlfShO/wXDWDjXiKdzOiiUvqLdrGg5PcUgcVS24"
     "K4tSBKcm1gYrYh4eTMwWrLiJpyc/BJ4oGsQ8K+lhsJPoKATecKwbgeI3bIYJk7jywllEX1QIXNEmAb5eBSwalFRu"
     "I5Fi0RlgpT7eabnyyrQP",
     "U1NIU0lHAAAAAQAAARcAAAAHc3NoLXJzYQAAAAMBAAEAAAEBAIcXkD9IZBmofAp6jP6HT14dDE6mIabG4U0l7zGo"
     "/IN0k0UlNwywnBfs0hoVt9Io0J6XYcA6amYifqeCGqCWRdBVtB71ILUY/PN/Bssvn+UrXjBXzHzj/3oKE6ZBrTpn"
     "ebufs8UVjFR8u1Uq/pQf2mxVlcDW9MZk/G4aedSKs6WD96q+wiOBeFSDAIh85mT30CC9WV9KE7/BcNYONeIp3M6K"
     "JS+ot2saDk9xSBxVLbgri1IEpybWBitiHh5MzBasuImnJz8EnigaxDwr6WGwk+goBN5wrBuB4jdshgmTuPLCWURf"
     "VAhc0SYBvl4FLBqUVG4jkWLRGWClPt5pufLKtA8AAAAEdGVzdAAAAAAAAAAGc2hhNTEyAAABFAAAAAxyc2Etc2hh"
     "Mi01MTIAAAEAQVovXJLK2OT93yd3Z/5F4HPC6Df7al8/fbuGWKipdaFItYENxFG3swxX3os3H00czuQfarQ+kdw5"
     "nVWtfmTQ1N22uRS6F26A2LdgkCl8vGWYzmwzszWk/MWrYqfQBUJcS+gPI3oqILcxjM16Neq1qQgQJNvF5Bwy7rBn"
     "DuhqqVQt6ReLAH6mMtnEjgqqyK5WdvIv4FsgehmV6Bgtrtc932ZjkX9QXcE7Cz6+eNzAZLq3K3o4LrJh0n+3TRB0"
     "u6mEbiXmYNLZLIxSrHkptQNVL38i4l99L4hMMXw0KzIYejhbW4cIV1PiQuuDa7zq0CihO+2/42dI57NccJ4WAuuS"
     "Qw=="},
};

TEST(SshKey, verifies_what_openssh_signed_with_each_kind_of_key) {
    for (const Vector& one : kVectors) {
        const auto signer = verify_ssh_signature(one.armored(), "test", "hello\n");
        ASSERT_TRUE(signer.ok()) << one.type << ": " << signer.error().message;
        EXPECT_EQ(signer.value().type(), one.type);
        EXPECT_EQ(signer.value(), SshKey::parse(one.line()).value());
        EXPECT_EQ(signer.value().text(), one.type + " " + one.key);
    }
}

TEST(SshKey, a_signature_is_of_these_bytes_and_for_this_purpose_only) {
    for (const Vector& one : kVectors) {
        EXPECT_FALSE(verify_ssh_signature(one.armored(), "test", "hello").ok());
        EXPECT_FALSE(verify_ssh_signature(one.armored(), "test", "").ok());
        EXPECT_FALSE(verify_ssh_signature(one.armored(), "git", "hello\n").ok());
        EXPECT_FALSE(verify_ssh_signature(one.armored(), "", "hello\n").ok());
    }
}

TEST(SshKey, no_byte_of_a_signature_may_change) {
    const Vector& one = kVectors[0];
    std::string bytes = text::decode_base64(one.signature, text::Base64Alphabet::kStandard).value();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<char>(bytes[i] ^ 1);
        const Vector changed{one.type, one.key,
                             text::encode_base64(bytes, text::Base64Alphabet::kStandard)};
        EXPECT_FALSE(verify_ssh_signature(changed.armored(), "test", "hello\n").ok()) << i;
        bytes[i] = static_cast<char>(bytes[i] ^ 1);
    }
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const Vector cut{
            one.type, one.key,
            text::encode_base64(bytes.substr(0, length), text::Base64Alphabet::kStandard)};
        EXPECT_FALSE(verify_ssh_signature(cut.armored(), "test", "hello\n").ok()) << length;
    }
}

TEST(SshKey, refuses_keys_that_vouch_for_nothing) {
    const Vector& one = kVectors[0];
    EXPECT_FALSE(SshKey::parse("ssh-dss " + one.key).ok());  // DSA; the key names another type
    EXPECT_FALSE(SshKey::parse("ssh-rsa " + one.key).ok());
    EXPECT_FALSE(SshKey::parse(one.type).ok());
    EXPECT_FALSE(SshKey::parse(one.type + " AAAA").ok());
    EXPECT_FALSE(SshKey::from_blob("").ok());
}

TEST(AllowedSigners, reads_principals_options_and_keys) {
    const std::string text = "# people\n\nana,ana@example.com " + kVectors[0].line() +
                             "\nben namespaces=\"test,git\",valid-before=20270101 " +
                             kVectors[1].line() + "\r\n\"cleo\" valid-after=\"20260101Z\" " +
                             kVectors[0].line();
    const AllowedSigners all = parse_allowed_signers(text);
    ASSERT_TRUE(all.problems.empty()) << all.problems[0].message;
    ASSERT_EQ(all.signers.size(), 3U);
    EXPECT_EQ(all.signers[0].principals, (std::vector<std::string>{"ana", "ana@example.com"}));
    EXPECT_EQ(all.signers[1].line, 4U);
    EXPECT_EQ(all.signers[2].principals, std::vector<std::string>{"cleo"});
    constexpr std::int64_t kNewYear2027 = 1'798'761'600;
    EXPECT_TRUE(all.signers[1].holds("test", kNewYear2027 - 1));
    EXPECT_FALSE(all.signers[1].holds("test", kNewYear2027));
    EXPECT_FALSE(all.signers[1].holds("other", 0));
    constexpr std::int64_t kNewYear2026 = 1'767'225'600;
    EXPECT_TRUE(all.signers[2].holds("any", kNewYear2026));
    EXPECT_FALSE(all.signers[2].holds("any", kNewYear2026 - 1));
}

TEST(AllowedSigners, a_line_that_is_not_understood_lets_nobody_in) {
    const std::string key = kVectors[0].line();
    for (const std::string& line :
         {"*@example.com " + key, "!ana " + key, "ana cert-authority " + key,
          "ana no-such-option " + key, "ana valid-before=tomorrow " + key,
          std::string("ana ssh-ed25519 AAAA"), std::string("ana"), "ana,,ben " + key}) {
        const AllowedSigners all = parse_allowed_signers(line);
        EXPECT_TRUE(all.signers.empty()) << line;
        ASSERT_EQ(all.problems.size(), 1U) << line;
        EXPECT_EQ(all.problems[0].line, 1U);
    }
}

}  // namespace
}  // namespace merlon::crypto
