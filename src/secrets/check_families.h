#pragma once

// The checks of checks.h, a file for each family, and what they share.
//
// Thread-safe: no state. Each is linear in the secret, for whatever bytes a rule has matched.

#include <optional>
#include <string>
#include <string_view>

#include "secrets/checks.h"

namespace merlon::secrets {

// kValid, or kInvalid with the reason.
CheckResult verdict(bool valid, std::string_view if_invalid);
CheckResult invalid(std::string_view why);
// kExpired, with the day, where `expiry_seconds` (since 1970) lies before `now`.
CheckResult expiry(std::int64_t expiry_seconds, Timestamp now);

// Base64 of either alphabet, with or without padding: tokens are written in every mixture.
std::optional<std::string> decode_any_base64(std::string_view text);

// check_azure.cpp
CheckResult check_azure_key(std::string_view key, Timestamp now);
CheckResult check_azure_storage_key(std::string_view key, Timestamp now);
CheckResult check_azure_sas(std::string_view query, Timestamp now);
CheckResult check_entra_secret(std::string_view secret, Timestamp now);
CheckResult check_azure_devops_token(std::string_view token, Timestamp now);

// check_checksum.cpp
CheckResult check_crc32_base62(std::string_view token, Timestamp now);
CheckResult check_gitlab_routable(std::string_view token, Timestamp now);
CheckResult check_grafana_crc32(std::string_view token, Timestamp now);
CheckResult check_atlassian(std::string_view token, Timestamp now);
CheckResult check_crates_io(std::string_view token, Timestamp now);
CheckResult check_age_key(std::string_view key, Timestamp now);

// check_json.cpp
CheckResult check_jwt(std::string_view token, Timestamp now);
CheckResult check_grafana_json(std::string_view token, Timestamp now);
CheckResult check_sentry_token(std::string_view token, Timestamp now);
CheckResult check_onepassword_token(std::string_view token, Timestamp now);
CheckResult check_mapbox_token(std::string_view token, Timestamp now);
CheckResult check_docker_config(std::string_view text, Timestamp now);

// check_structure.cpp
CheckResult check_aws_key_id(std::string_view id, Timestamp now);
CheckResult check_pypi_macaroon(std::string_view token, Timestamp now);
CheckResult check_slack_token(std::string_view token, Timestamp now);
CheckResult check_discord_token(std::string_view token, Timestamp now);
CheckResult check_jfrog_reference(std::string_view token, Timestamp now);
CheckResult check_user_password(std::string_view text, Timestamp now);

// check_key.cpp
CheckResult check_pem_key(std::string_view text, Timestamp now);
CheckResult check_pem_key_base64(std::string_view text, Timestamp now);
CheckResult check_putty_key(std::string_view text, Timestamp now);

}  // namespace merlon::secrets
