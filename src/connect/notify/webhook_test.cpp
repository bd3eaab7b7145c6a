#include "connect/notify/webhook.h"

#include <gtest/gtest.h>

namespace merlon::connect::notify {
namespace {

TEST(Webhook, IsSignedOverIdTimeAndBody) {
    // By openssl: printf '%s' 'm1.1700000000.{}' | openssl dgst -sha256 -hmac key -binary | base64
    EXPECT_EQ(signature_of({.id = "m1", .body = "{}"}, 1'700'000'000, "key"),
              "v1,n4G0JeWsADKachD9DYkYICH9XWz9wh4c+ftKZ6L+sn0=");
}

TEST(Webhook, IsToldOverTlsOrOnThisMachine) {
    EXPECT_TRUE(check_address("https://hooks.example.org/merlon?a=b").ok());
    EXPECT_TRUE(check_address("http://127.0.0.1:8080/hook").ok());
    EXPECT_TRUE(check_address("http://[::1]:8080/hook").ok());
    EXPECT_FALSE(check_address("http://hooks.example.org/").ok());
    EXPECT_FALSE(check_address("https://user:word@hooks.example.org/").ok());
    EXPECT_FALSE(check_address("ftp://hooks.example.org/").ok());
    EXPECT_FALSE(check_address("hooks").ok());
}

}  // namespace
}  // namespace merlon::connect::notify
