#include "cli/rule_source.h"

#include <gtest/gtest.h>

#include "secrets/stored_config.h"

namespace merlon::cli {
namespace {

TEST(RuleSource, the_compiled_pack_is_that_of_the_text) {
    model::Diagnostics diagnostics;
    const RuleSource source = read_rules({}).value();
    EXPECT_EQ(source.digest, crypto::sha256(source.texts().front().toml));
    const secrets::Config loaded = load_rules(source, diagnostics).value();
    const secrets::Config compiled = load_compiled_rules(source, nullptr, diagnostics).value();
    EXPECT_NE(compiled.patterns, nullptr) << "it was loaded from the text";
    EXPECT_EQ(secrets::digest_of(compiled), secrets::digest_of(loaded));
    EXPECT_EQ(compiled.rules.size(), loaded.rules.size());
    EXPECT_TRUE(diagnostics.items().empty());
}

}  // namespace
}  // namespace merlon::cli
