// Tokens that hold JSON: web tokens, and provider tokens that carry an object in base64.

#include <array>

#include "base/arena.h"
#include "base/interner.h"
#include "secrets/check_families.h"
#include "text/base64.h"
#include "text/json.h"

namespace merlon::secrets {
namespace {

// An object that lives as long as this does.
class JsonObject {
  public:
    // Null inside where `text` is no JSON object.
    explicit JsonObject(std::string_view text) {
        const auto document = text::read_json(text, arena_, interner_);
        if (document.ok() && document.value().root->is_object()) root_ = document.value().root;
    }

    bool holds() const { return root_ != nullptr; }
    const value::Value* find(std::string_view key) const {
        return root_ == nullptr ? nullptr : root_->find(key);
    }
    std::string_view string(std::string_view key) const {
        const value::Value* found = find(key);
        return found != nullptr && found->is_string() ? found->as_string() : std::string_view{};
    }

  private:
    Arena arena_;
    Interner interner_;
    const value::Value* root_ = nullptr;
};

// Whether `encoded` is the base64 of an object that has all of `keys`.
CheckResult object_with(std::string_view encoded, std::initializer_list<std::string_view> keys) {
    const auto json = decode_any_base64(encoded);
    if (!json.has_value()) return invalid("the part that should be base64 is not");
    const JsonObject object(*json);
    if (!object.holds()) return invalid("what it holds in base64 is no JSON object");
    for (const std::string_view key : keys) {
        if (object.find(key) == nullptr) {
            return invalid("the JSON object in it has no '" + std::string(key) + "'");
        }
    }
    return verdict(true, {});
}

// What the claims say: an end that is over, or a use for which nothing has to be secret.
CheckResult judge_claims(const JsonObject& claims, Timestamp now) {
    if (claims.string("sub") == "1234567890" && claims.string("name") == "John Doe") {
        return invalid("its claims are those of the example on jwt.io");
    }
    const value::Value* end = claims.find("exp");
    if (end != nullptr && end->is_number()) {
        // NumericDate: seconds, with a fraction where the issuer likes (RFC 7519, section 2).
        const double seconds = end->as_double();
        constexpr double kSecondsOfATimestamp = 9e9;
        if (seconds >= 0 && seconds < kSecondsOfATimestamp) {
            return expiry(static_cast<std::int64_t>(seconds), now);
        }
    }
    return {};
}

}  // namespace

CheckResult check_jwt(std::string_view token, Timestamp now) {
    // GitHub writes its installation tokens as ghs_APP_JWT; the header of any begins with {".
    const std::size_t start = token.starts_with("ghs_") ? token.find("eyJ") : 0;
    if (start == std::string_view::npos) return invalid("it holds no signed token");
    token.remove_prefix(start);
    const std::size_t first = token.find('.');
    const std::size_t second = token.find('.', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) {
        return invalid("it has not the three parts of a signed token");
    }
    const auto decode = [](std::string_view part) {
        Result<std::string> bytes = text::decode_base64(part, text::Base64Alphabet::kUrl);
        return bytes.ok() ? std::move(bytes).value() : std::string();
    };
    const JsonObject header(decode(token.substr(0, first)));
    const JsonObject claims(decode(token.substr(first + 1, second - first - 1)));
    if (!header.holds() || !claims.holds()) {
        return invalid("a part of it is no JSON object in base64url");
    }
    const std::string_view algorithm = header.string("alg");
    if (algorithm.empty()) return invalid("its header names no algorithm");
    // The form is right, which says nothing about the signature: never kValid.
    if (algorithm == "none") {
        return {CheckVerdict::kUnknown,
                "it is not signed (alg: none): whoever accepts it accepts any"};
    }
    if (second + 1 == token.size()) return invalid("it has no signature, and its header names one");
    return judge_claims(claims, now);
}

// glc_ and JSON, or JSON alone (keys before service accounts).
CheckResult check_grafana_json(std::string_view token, Timestamp) {
    if (token.starts_with("glc_")) token.remove_prefix(4);
    return object_with(token, {"k"});
}

// sntrys_ JSON _ SECRET (Sentry's source, orgauthtoken_token.py).
CheckResult check_sentry_token(std::string_view token, Timestamp) {
    constexpr std::string_view kPrefix = "sntrys_";
    constexpr std::size_t kSecretBytes = 32;
    const std::size_t last = token.rfind('_');
    if (!token.starts_with(kPrefix) || last < kPrefix.size()) return {};
    const auto secret = decode_any_base64(token.substr(last + 1));
    if (!secret.has_value() || secret->size() != kSecretBytes) {
        return invalid("its secret is not 32 bytes in base64");
    }
    return object_with(token.substr(kPrefix.size(), last - kPrefix.size()), {"iat", "org"});
}

CheckResult check_onepassword_token(std::string_view token, Timestamp) {
    if (token.starts_with("ops_")) token.remove_prefix(4);
    return object_with(token, {"signInAddress", "secretKey"});
}

// sk. JSON . SIGNATURE
CheckResult check_mapbox_token(std::string_view token, Timestamp) {
    const std::size_t first = token.find('.');
    const std::size_t second = token.find('.', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) return {};
    return object_with(token.substr(first + 1, second - first - 1), {"u"});
}

CheckResult check_docker_config(std::string_view text, Timestamp) {
    return object_with(text, {"auths"});
}

}  // namespace merlon::secrets
