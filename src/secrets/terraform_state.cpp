#include "secrets/terraform_state.h"

#include <algorithm>
#include <optional>
#include <span>

#include "base/arena.h"
#include "base/interner.h"
#include "text/json.h"
#include "value/value.h"

namespace merlon::secrets {
namespace {

using value::Value;

constexpr std::size_t kLeastBytes = 8;

// The attributes of a type that hold a secret: a text, or an object all of whose texts are one.
struct SecretAttribute {
    std::string_view type;
    std::string_view name;
};
constexpr SecretAttribute kAttributes[] = {
    {"SecureString", "value"},  // the `type` of an aws_ssm_parameter
    {"aws_secretsmanager_secret_version", "secret_binary"},
    {"aws_secretsmanager_secret_version", "secret_string"},
    {"azuread_application_password", "value"},
    {"azuread_service_principal_password", "value"},
    {"azurerm_app_configuration_key", "value"},
    {"azurerm_key_vault_secret", "value"},
    {"cloudflare_api_token", "value"},
    {"doppler_secret", "value"},
    {"github_actions_environment_secret", "plaintext_value"},
    {"github_actions_organization_secret", "plaintext_value"},
    {"github_actions_secret", "plaintext_value"},
    {"github_dependabot_secret", "plaintext_value"},
    {"google_secret_manager_secret_version", "secret_data"},
    {"google_service_account_key", "private_key"},
    {"kubernetes_secret", "binary_data"},
    {"kubernetes_secret", "data"},
    {"kubernetes_secret_v1", "binary_data"},
    {"kubernetes_secret_v1", "data"},
    {"random_bytes", "base64"},
    {"random_bytes", "hex"},
    {"random_password", "bcrypt_hash"},
    {"random_password", "result"},
    {"vault_generic_secret", "data"},
    {"vault_generic_secret", "data_json"},
    {"vault_kv_secret", "data"},
    {"vault_kv_secret", "data_json"},
    {"vault_kv_secret_v2", "data"},
    {"vault_kv_secret_v2", "data_json"},
};
static_assert(std::ranges::is_sorted(kAttributes, {}, &SecretAttribute::type));

std::span<const SecretAttribute> attributes_of(std::string_view type) {
    const auto found = std::ranges::equal_range(kAttributes, type, {}, &SecretAttribute::type);
    return {found.begin(), found.end()};
}

bool has_known_type(std::string_view text) {
    constexpr std::string_view kType = "\"type\"";
    for (std::size_t at = text.find(kType); at != std::string_view::npos;
         at = text.find(kType, at + kType.size())) {
        const std::size_t begin = text.find('"', at + kType.size());
        if (begin == std::string_view::npos) return false;
        const std::size_t end = std::min(text.find('"', begin + 1), text.size());
        if (!attributes_of(text.substr(begin + 1, end - begin - 1)).empty()) return true;
    }
    return false;
}

class Walk {
  public:
    Walk(const value::SpanTable& spans, std::string_view text, std::vector<StateValue>& values)
        : spans_(spans), text_(text), values_(values) {}

    // `attributes`: of the innermost object around with a known type. The reader bounds the depth.
    void look_at(const Value& value, std::span<const SecretAttribute> attributes) {
        if (value.is_array()) {
            for (const Value& item : value.items()) look_at(item, attributes);
        }
        if (!value.is_object()) return;
        const auto keys = value.keys();
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const Value& type = value.values()[i];
            if (!keys[i].is_string() || keys[i].as_string() != "type" || !type.is_string())
                continue;
            const auto own = attributes_of(type.as_string());
            if (!own.empty()) attributes = own;
        }
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const std::string_view key =
                keys[i].is_string() ? keys[i].as_string() : std::string_view{};
            const bool is_secret = std::ranges::any_of(
                attributes, [key](const SecretAttribute& each) { return each.name == key; });
            const Value& member = value.values()[i];
            is_secret ? take(member) : look_at(member, attributes);
        }
    }

  private:
    void take(const Value& value) {
        if (value.is_object()) {
            for (const Value& member : value.values()) {
                if (member.is_string()) take(member);
            }
        }
        if (!value.is_string() || value.as_string().size() < kLeastBytes) return;
        // A file of several lines is left to the rules that know its format.
        if (value.as_string().find('\n') != std::string_view::npos) return;
        const std::optional<value::Span> span = spans_.value_span(&value);
        if (!span || span->end > text_.size() || span->end < span->begin + 2) return;
        values_.push_back({span->begin + 1, span->end - 1, std::string(value.as_string())});
    }

    const value::SpanTable& spans_;
    std::string_view text_;
    std::vector<StateValue>& values_;
};

}  // namespace

std::vector<StateValue> terraform_state_values(std::string_view text, const CancelToken* cancel) {
    std::vector<StateValue> values;
    if (text.size() > kMaxStateBytes || !has_known_type(text)) return values;
    Arena arena;
    Interner interner;
    text::JsonOptions options;
    options.spans = text::KeepSpans::kYes;
    options.cancel = cancel;
    const auto json = text::read_json(text, arena, interner, options);
    if (!json.ok()) return values;
    Walk(json.value().spans, text, values).look_at(*json.value().root, {});
    std::ranges::sort(values, {}, &StateValue::begin);
    return values;
}

}  // namespace merlon::secrets
