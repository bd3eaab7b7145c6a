#include "secrets/checks.h"

#include <algorithm>

#include "secrets/check_families.h"
#include "text/base64.h"

namespace merlon::secrets {
namespace {

constexpr std::string_view kMicrosoft = "https://github.com/microsoft/security-utilities";

// By name: find_check halves, and the documentation is written in this order.
constexpr Check kChecks[] = {
    {"age-key", "Bech32 checksum of the key", "https://age-encryption.org/v1", check_age_key},
    {"atlassian-crc32",
     "CRC-32 in the last eight digits; one that differs stays as it is, for Atlassian does not "
     "publish it",
     "https://github.com/Samsung/CredSweeper", check_atlassian},
    {"aws-key-id", "base 32; the account number in the bits of a key made since 2019",
     "https://labs.withsecure.com/publications/"
     "a-bitwise-analysis-of-aws-access-key-identifiers.html",
     check_aws_key_id},
    {"azure-devops-token", "CRC-32 woven into the 52 characters", kMicrosoft,
     check_azure_devops_token},
    {"azure-key",
     "Marvin checksum of a key that carries its service's mark, and of a common annotated security "
     "key (JQQJ99); a key without a mark stays as it is",
     kMicrosoft, check_azure_key},
    {"azure-sas", "a signature of 32 bytes in base64; the expiry `se`",
     "https://learn.microsoft.com/rest/api/storageservices/create-account-sas", check_azure_sas},
    {"azure-storage-key", "64 bytes in base64, and the checks of `azure-key`",
     "https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key",
     check_azure_storage_key},
    {"crates-io-checksum", "the last character, of the 31 before it combined",
     "https://github.com/rust-lang/crates.io/blob/main/crates/crates_io_trustpub/src/"
     "access_token.rs",
     check_crates_io},
    {"discord-token", "the first part is a number (the bot's id) in base64",
     "https://docs.discord.com/developers/reference", check_discord_token},
    {"docker-config", "JSON in base64 with `auths`",
     "https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/",
     check_docker_config},
    {"entra-secret",
     "the last three characters of a secret with the mark 8Q~ (Marvin); one that differs stays "
     "as it is, for Microsoft does not refuse it either",
     kMicrosoft, check_entra_secret},
    {"github-crc32", "CRC-32 in base 62 in the last six characters",
     "https://github.blog/engineering/platform-security/"
     "behind-githubs-new-authentication-token-formats/",
     check_crc32_base62},
    {"gitlab-routable", "CRC-32 in base 36, the length field and the routing payload",
     "https://handbook.gitlab.com/handbook/engineering/architecture/design-documents/cells/"
     "routable_tokens/",
     check_gitlab_routable},
    {"grafana-crc32", "CRC-32 in the last eight digits",
     "https://github.com/grafana/grafana/blob/main/pkg/components/satokengen/tokengen.go",
     check_grafana_crc32},
    {"grafana-json", "JSON in base64 with the key `k`",
     "https://grafana.com/docs/grafana-cloud/developer-resources/api-reference/cloud-api/",
     check_grafana_json},
    {"jfrog-reference", "`reftkn`, version and expiry in base64",
     "https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens",
     check_jfrog_reference},
    {"jwt",
     "a header that names an algorithm and a JSON payload; `exp`. Never valid, since no signature "
     "is checked",
     "https://www.rfc-editor.org/rfc/rfc7519#section-7.2", check_jwt},
    {"mapbox-token", "JSON in base64 with the owner `u`",
     "https://docs.mapbox.com/api/accounts/tokens/", check_mapbox_token},
    {"npm-crc32", "CRC-32 in base 62 in the last six characters",
     "https://github.blog/2021-09-23-announcing-npms-new-access-token-format/", check_crc32_base62},
    {"onepassword-token", "JSON in base64 with the account's address and key",
     "https://developer.1password.com/docs/service-accounts/", check_onepassword_token},
    {"pem-key",
     "the DER, OpenSSH or OpenPGP structure to its end: a truncated or placeholder key is invalid, "
     "an encrypted one is remarked",
     "https://www.rfc-editor.org/rfc/rfc7468", check_pem_key},
    {"pem-key-base64", "the same, with the whole PEM text in base64 (kubeconfig)",
     "https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/", check_pem_key_base64},
    {"polar-crc32", "CRC-32 in base 62 in the last six characters",
     "https://github.com/polarsource/polar/blob/main/server/polar/kit/crypto.py",
     check_crc32_base62},
    {"putty-key", "the counted lines of base64; an encrypted key is remarked",
     "https://the.earth.li/~sgtatham/putty/latest/htmldoc/AppendixC.html", check_putty_key},
    {"pypi-macaroon", "the macaroon to its end: location, identifier, caveats, signature",
     "https://docs.pypi.org/api/secrets/", check_pypi_macaroon},
    {"sentry-token", "JSON in base64 with `iat` and `org`, and 32 bytes",
     "https://github.com/getsentry/sentry/blob/master/src/sentry/utils/security/"
     "orgauthtoken_token.py",
     check_sentry_token},
    {"slack-token", "ids that are numbers and no counting (12345…): those stand in manuals",
     "https://docs.slack.dev/authentication/tokens/", check_slack_token},
    {"user-password",
     "user and password, with a colon between them, in base64; a password that is a word, and the "
     "examples that standards print, are none",
     "https://www.rfc-editor.org/rfc/rfc7617#section-2", check_user_password},
};
static_assert(std::is_sorted(std::begin(kChecks), std::end(kChecks),
                             [](const Check& a, const Check& b) { return a.name < b.name; }));

}  // namespace

std::string_view name(CheckVerdict verdict) {
    switch (verdict) {
        case CheckVerdict::kUnknown:
            return "unknown";
        case CheckVerdict::kValid:
            return "valid";
        case CheckVerdict::kInvalid:
            return "invalid";
        case CheckVerdict::kExpired:
            return "expired";
    }
    return "unknown";
}

CheckResult verdict(bool valid, std::string_view if_invalid) {
    if (valid) return {CheckVerdict::kValid, "its own checksum or structure is right"};
    return invalid(if_invalid);
}

CheckResult invalid(std::string_view why) { return {CheckVerdict::kInvalid, std::string(why)}; }

CheckResult expiry(std::int64_t expiry_seconds, Timestamp now) {
    constexpr std::int64_t kNanoseconds = 1'000'000'000;
    if (expiry_seconds < 0 || expiry_seconds >= now.nanoseconds / kNanoseconds) return {};
    return {CheckVerdict::kExpired,
            "it expired on " + format_date(Timestamp{expiry_seconds * kNanoseconds})};
}

std::optional<std::string> decode_any_base64(std::string_view text) {
    while (!text.empty() && text.back() == '=') text.remove_suffix(1);
    std::string url(text);
    for (char& c : url) c = c == '+' ? '-' : c == '/' ? '_' : c;
    Result<std::string> bytes = text::decode_base64(url, text::Base64Alphabet::kUrl);
    if (!bytes.ok()) return std::nullopt;
    return std::move(bytes).value();
}

std::span<const Check> checks() { return kChecks; }

const Check* find_check(std::string_view name) {
    const auto* found =
        std::lower_bound(std::begin(kChecks), std::end(kChecks), name,
                         [](const Check& check, std::string_view key) { return check.name < key; });
    return found != std::end(kChecks) && found->name == name ? found : nullptr;
}

CheckResult check_secret(std::string_view check, std::string_view secret, Timestamp now) {
    const Check* found = find_check(check);
    return found == nullptr ? CheckResult{} : found->run(secret, now);
}

std::string checks_table() {
    std::string table = "| check | what it looks at | published |\n|---|---|---|\n";
    for (const Check& check : kChecks) {
        table += "| `" + std::string(check.name) + "` | " + std::string(check.looks_at) + " | " +
                 std::string(check.source) + " |\n";
    }
    return table;
}

}  // namespace merlon::secrets
