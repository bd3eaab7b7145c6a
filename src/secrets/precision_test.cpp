#include "secrets/precision.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "secrets/word_set.h"

namespace merlon::secrets {
namespace {

TEST(WordSet, holds_its_words_in_any_case_and_no_others) {
    const std::vector<std::string> list{"Harbour", "quay", "it", "don't",
                                        "antidisestablishmentarian"};
    const std::string block = make_word_block(list);
    const WordSet words(block);
    EXPECT_TRUE(words.contains("harbour"));
    EXPECT_TRUE(words.contains("quay"));
    for (const std::string_view other : {"harbor", "it", "don", "", "antidisestablishmentarian"}) {
        EXPECT_FALSE(words.contains(other)) << other;
    }
}

TEST(WordSet, is_more_surprised_by_random_letters_than_by_words_it_never_saw) {
    const WordSet& words = WordSet::english();
    EXPECT_LT(words.surprise("unrelatable"), 4);
    EXPECT_GT(words.surprise("xqzjvkwpfh"), 6);
}

TEST(UnguessableBits, are_none_in_words_sequences_and_repetitions) {
    for (const std::string_view text : {"getUserName", "config.get_value", "aaaaaaaaaaaaaaaa",
                                        "12345678", "abcdefghijkl", "HTTPServerFactory"}) {
        EXPECT_LT(unguessable_bits(text), 8) << text;
    }
}

TEST(UnguessableBits, are_many_in_what_a_machine_made) {
    std::mt19937 random(1);  // NOLINT: the same texts each time
    const std::string_view alphabets[] = {
        "0123456789abcdef", "abcdefghijklmnopqrstuvwxyz0123456789",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"};
    int doubted = 0;
    constexpr int kTexts = 1000;
    for (const std::string_view alphabet : alphabets) {
        std::uniform_int_distribution<std::size_t> pick(0, alphabet.size() - 1);
        for (int i = 0; i < kTexts; ++i) {
            std::string text;
            while (text.size() < 24) text += alphabet[pick(random)];
            if (doubt_secret(Precision::kRandom, text) != Doubt::kNone) ++doubted;
        }
    }
    EXPECT_LE(doubted, kTexts / 500);
}

TEST(DoubtSecret, takes_placeholders_for_what_they_are_in_every_precision) {
    for (const std::string_view text :
         {"<your token>", "${API_TOKEN}", "{{ .Values.token }}", "%(password)s", "[redacted]",
          "xxxxxxxxxxxxxxxxxxxx", "sk_live_your_key_here", "1111111111111111", "eyJhbGciOi...",
          "token-#####-92ab7c1d"}) {
        for (const Precision precision :
             {Precision::kFormat, Precision::kRandom, Precision::kPassword}) {
            EXPECT_EQ(doubt_secret(precision, text), Doubt::kPlaceholder) << text;
        }
    }
}

TEST(DoubtSecret, takes_counting_in_a_format_for_a_placeholder) {
    EXPECT_EQ(doubt_secret(Precision::kFormat, "fig_1234567890123456789012345678901234"),
              Doubt::kPlaceholder);
    EXPECT_EQ(doubt_secret(Precision::kFormat, "ghp_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij"),
              Doubt::kPlaceholder);
    // Eight in a row are too few, and a long text may count somewhere.
    EXPECT_EQ(doubt_secret(Precision::kFormat, "fig_12345678Wd2RkX9bVt"), Doubt::kNone);
    EXPECT_EQ(doubt_secret(Precision::kFormat, "q7Wd2RkX9bVt4Lm8Zc1Ys6Ph-q7Wd2RkX9bVt-123456789"),
              Doubt::kNone);
}

TEST(DoubtSecret, leaves_long_documents_to_their_format) {
    const std::string key = "Comment: me@example.org\n" + std::string("a8Kx0") + "\n";
    EXPECT_EQ(doubt_secret(Precision::kFormat, key), Doubt::kNone);
}

TEST(DoubtSecret, lets_a_person_choose_a_poor_password_but_not_a_word) {
    EXPECT_EQ(doubt_secret(Precision::kPassword, "hunter2"), Doubt::kNone);
    EXPECT_EQ(doubt_secret(Precision::kPassword, "s3cr3tP4ss"), Doubt::kNone);
    EXPECT_EQ(doubt_secret(Precision::kPassword, "form-control"), Doubt::kWords);
    EXPECT_EQ(doubt_secret(Precision::kPassword, "process.env.STRIPE_KEY"), Doubt::kWords);
}

TEST(DoubtSecret, asks_a_key_for_bits_and_letters) {
    EXPECT_EQ(doubt_secret(Precision::kRandom, "AuthenticationServiceV1Beta1"), Doubt::kWords);
    EXPECT_EQ(doubt_secret(Precision::kRandom, "2020-01-02T03:04:05Z"), Doubt::kWords);
    EXPECT_EQ(doubt_secret(Precision::kRandom, "q7Wd2RkX9bVt4Lm8Zc1Ys6Ph"), Doubt::kNone);
}

TEST(DoubtSecret, takes_encrypted_values_for_no_secret) {
    for (const std::string_view text :
         {"ENC[AES256_GCM,data:Zm9v,iv:YQ==]", "ENC(Zm9vYmFyYmF6cXV4)", "{cipher}0123456789abcdef",
          "vault:v1:Zm9vYmFyYmF6"})
        EXPECT_EQ(doubt_secret(Precision::kFormat, text), Doubt::kPlaceholder) << text;
}

TEST(DoubtSecret, reads_sentences_of_any_language) {
    EXPECT_EQ(doubt_secret(Precision::kPassword, "Erstes Kennwort f\xC3\xBCr Gerät!"),
              Doubt::kWords);
    EXPECT_EQ(doubt_secret(Precision::kPassword, "Zugang2 zum Server"), Doubt::kNone);
    EXPECT_EQ(doubt_secret(Precision::kPassword, "my-secret-token"), Doubt::kWords);
    EXPECT_EQ(doubt_secret(Precision::kPassword, "to-my-database"), Doubt::kWords);
    EXPECT_EQ(doubt_secret(Precision::kPassword, "ab-cd-ef-gh"), Doubt::kNone)
        << "no word among them";
}

TEST(DoubtSecret, looks_into_base64_that_a_person_wrote) {
    EXPECT_EQ(doubt_secret(Precision::kPassword, "cGFzc3dvcmQ="), Doubt::kWords);
    EXPECT_EQ(doubt_secret(Precision::kPassword, "Y2hhbmdlbWU="), Doubt::kPlaceholder);
    EXPECT_EQ(doubt_secret(Precision::kPassword, "cTlYIXp6UXFhMTIz"), Doubt::kNone);
}

TEST(IsTestLike, looks_at_folders_and_at_the_name) {
    for (const std::string_view path :
         {"a/tests/b.c", "src/x_test.go", "web/login.spec.ts", "docs/a.md", "a.zip!fixtures/k",
          "test_login.py", "Examples/a.py"}) {
        EXPECT_TRUE(is_test_like(path)) << path;
    }
    for (const std::string_view path :
         {"src/latest.go", "contest/a.c", "a/testament.txt", "main.c", "src/attestation.cpp", ""}) {
        EXPECT_FALSE(is_test_like(path)) << path;
    }
}

}  // namespace
}  // namespace merlon::secrets
