#include "secrets/terraform_state.h"

#include <gtest/gtest.h>

namespace merlon::secrets {
namespace {

using Values = std::vector<std::string>;

Values values_of(const std::string& text) {
    Values all;
    for (const StateValue& value : terraform_state_values(text)) {
        all.push_back(text.substr(value.begin, value.end - value.begin));
    }
    return all;
}

TEST(TerraformState, gives_the_secrets_of_every_instance) {
    EXPECT_EQ(values_of(R"({"version": 4, "resources": [
        {"type": "random_password", "name": "db", "instances": [
            {"attributes": {"bcrypt_hash": "hash-hash-1", "id": "none-none", "result": "one-one-one"}},
            {"attributes": {"result": "two-two-two", "length": 24}}]},
        {"type": "azurerm_key_vault_secret", "instances": [
            {"attributes": {"id": "https://v/secrets/x", "name": "db-password", "value": "three-three"}}]}]})"),
              (Values{"hash-hash-1", "one-one-one", "two-two-two", "three-three"}));
}

TEST(TerraformState, reads_plans_and_states_of_version_3) {
    EXPECT_EQ(values_of(R"({"resource_changes": [{"type": "random_password",
        "change": {"before": null, "after": {"result": "one-one-one"}}}]})"),
              (Values{"one-one-one"}));
    EXPECT_EQ(
        values_of(R"({"modules": [{"resources": {"random_password.db": {"type": "random_password",
        "primary": {"attributes": {"result": "one-one-one", "id": "none-none"}}}}}]})"),
        (Values{"one-one-one"}));
}

TEST(TerraformState, a_map_of_secrets_gives_each_and_a_text_in_json_is_one) {
    EXPECT_EQ(values_of(R"([{"type": "kubernetes_secret", "instances": [{"attributes":
        {"data": {"a": "one-one-one", "b": "two-two-two", "c": "short"}, "metadata": [{"name": "name-name"}]}}]},
        {"type": "aws_secretsmanager_secret_version",
         "instances": [{"attributes": {"secret_string": "{\"password\":\"x\"}"}}]}])"),
              (Values{"one-one-one", "two-two-two", R"({\"password\":\"x\"})"}));
}

TEST(TerraformState, the_value_of_a_parameter_is_one_where_its_own_type_says_so) {
    EXPECT_EQ(values_of(R"([{"type": "aws_ssm_parameter", "instances": [
        {"attributes": {"type": "String", "value": "plain-plain"}},
        {"attributes": {"type": "SecureString", "value": "one-one-one"}}]}])"),
              (Values{"one-one-one"}));
}

TEST(TerraformState, other_types_other_names_and_no_json_give_none) {
    for (const char* text :
         {R"({"type": "random_id", "instances": [{"attributes": {"result": "one-one-one"}}]})",
          R"({"type": "random_password", "instances": [{"attributes": {"id": "one-one-one"}}]})",
          R"({"type": "random_password", "result": "one-one-one")",
          R"({"result": "one-one-one"} "type": "random_password")", "\"type\"", ""}) {
        EXPECT_EQ(values_of(text), Values{}) << text;
    }
}

}  // namespace
}  // namespace merlon::secrets
