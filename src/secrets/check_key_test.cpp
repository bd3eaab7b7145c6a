#include "secrets/example_keys.h"

#include <gtest/gtest.h>

#include "secrets/check_families.h"
#include "text/base64.h"

namespace merlon::secrets {
namespace {

constexpr Timestamp kNow{};

CheckResult judge(const std::string& text) { return check_pem_key(text, kNow); }

std::string example(std::string_view kind) {
    ExampleRandom random(7);
    return example_pem(kind, random).value();
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
    }
    return text;
}

TEST(KeyCheck, a_whole_structure_is_valid_and_half_of_it_is_not) {
    for (const char* kind : {"rsa", "dsa", "ec", "pkcs8", "openssh", "pgp", "ssh2"}) {
        EXPECT_EQ(judge(example(kind)).verdict, CheckVerdict::kValid) << kind;
        ExampleRandom random(7);
        EXPECT_EQ(judge(example_cut_pem(kind, random).value()).verdict, CheckVerdict::kInvalid)
            << kind;
    }
    ExampleRandom random(7);
    EXPECT_EQ(judge(example_cut_pem("encrypted", random).value()).verdict, CheckVerdict::kInvalid);
}

TEST(KeyCheck, a_structure_under_another_label_is_not_valid) {
    for (const char* label : {"EC", "DSA"}) {
        const std::string text = replaced(example("rsa"), "RSA", label);
        const CheckVerdict expected =
            std::string_view(label) == "DSA" ? CheckVerdict::kValid : CheckVerdict::kInvalid;
        EXPECT_EQ(judge(text).verdict, expected) << label << ": DSA asks for fewer numbers";
    }
    EXPECT_EQ(judge(replaced(example("ec"), "EC", "RSA")).verdict, CheckVerdict::kInvalid);
    EXPECT_EQ(judge(replaced(example("rsa"), "RSA ", "")).verdict, CheckVerdict::kInvalid);
}

TEST(KeyCheck, is_read_as_it_stands_in_source) {
    const std::string key = example("pkcs8");
    const std::string writings[] = {
        replaced(key, "\n", "\\n"),
        replaced(key, "\n", "\\r\\n"),
        replaced(key, "\n", "\r\n"),
        replaced(key, "\n", "\n        "),
        replaced(key, "\n", "\\n\" +\n    \""),
        replaced(key, "\n", "\\n' +\n    '"),
        replaced(key, "\n", "\",\n    \""),
        replaced(key, "\n", "\\n\"\n    \""),
    };
    for (const std::string& text : writings) {
        EXPECT_EQ(judge(text).verdict, CheckVerdict::kValid) << text.substr(0, 120);
    }
}

TEST(KeyCheck, is_read_behind_the_mark_of_a_comment_a_quotation_or_a_diff) {
    for (const char* kind : {"rsa", "pkcs8", "ec", "openssh", "pgp"}) {
        const std::string key = example(kind);
        for (const char* mark : {"# ", " * ", "> ", "> > ", "// ", "//", "+", "-", "-- ", "; ",
                                 "% ", "REM ", "dnl ", "! ", "' ", "| ", "\t#  ", "  + # "}) {
            EXPECT_EQ(judge(replaced(key, "\n", std::string("\n") + mark)).verdict,
                      CheckVerdict::kValid)
                << kind << " behind " << mark;
        }
        for (const char* end : {"&#10;", "&#13;&#10;", "&#xA;", "<br>", "<br />\n", "\\r\\n"}) {
            EXPECT_EQ(judge(replaced(key, "\n", end)).verdict, CheckVerdict::kValid) << end;
        }
    }
}

TEST(KeyCheck, an_empty_line_may_have_lost_the_blank_behind_its_mark) {
    std::string key = replaced(example("rsa"), "\n", "\n# ");
    key.insert(key.find("\n# ") + 1, "# Proc-Type: 4,CLEAR\n#\n");
    EXPECT_EQ(judge(key).verdict, CheckVerdict::kValid);
}

TEST(KeyCheck, is_read_behind_the_numbers_of_its_lines) {
    for (const char* behind : {": ", ":", "\t", "| "}) {
        std::string numbered;
        int number = 7;
        for (const char c : example("pkcs8")) {
            numbered += c;
            if (c == '\n') numbered += std::to_string(++number) + behind;
        }
        EXPECT_EQ(judge(numbered).verdict, CheckVerdict::kValid) << behind;
    }
}

TEST(KeyCheck, a_cut_key_behind_a_mark_is_no_key) {
    for (const char* mark : {"# ", "+", "// "}) {
        ExampleRandom random(7);
        const std::string cut = example_cut_pem("rsa", random).value();
        EXPECT_EQ(judge(replaced(cut, "\n", std::string("\n") + mark)).verdict,
                  CheckVerdict::kInvalid);
    }
}

TEST(KeyCheck, an_encrypted_key_is_remarked_and_not_judged) {
    const CheckResult pkcs8 = judge(example("encrypted"));
    EXPECT_EQ(pkcs8.verdict, CheckVerdict::kUnknown);
    EXPECT_NE(pkcs8.remark.find("passphrase"), std::string::npos);
    const std::string key = "PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES,00\n\n";
    const CheckResult old =
        judge("-----BEGIN RSA " + key + std::string(64, 'A') + "\n-----END RSA PRIVATE KEY-----");
    EXPECT_EQ(old.verdict, CheckVerdict::kUnknown);
    EXPECT_NE(old.remark.find("passphrase"), std::string::npos);
    EXPECT_EQ(
        judge("-----BEGIN RSA " + key + std::string(60, 'A') + "\n-----END RSA PRIVATE KEY-----")
            .verdict,
        CheckVerdict::kInvalid)
        << "45 bytes are no whole blocks";
}

TEST(KeyCheck, a_placeholder_is_not_valid) {
    const std::string begin = "-----BEGIN PRIVATE KEY-----\n";
    const std::string end = "\n-----END PRIVATE KEY-----";
    for (const char* body : {"...", "AAAAAAAAAAAAAAAA", "your key here", ""}) {
        std::string text = begin;
        text += body;
        text += end;
        EXPECT_EQ(judge(text).verdict, CheckVerdict::kInvalid) << body;
    }
    EXPECT_EQ(judge("no key").verdict, CheckVerdict::kUnknown);
    EXPECT_EQ(judge(begin).verdict, CheckVerdict::kUnknown);
}

TEST(KeyCheck, a_kubeconfig_holds_the_pem_text_in_base64) {
    const auto encoded = [](const std::string& text) {
        return text::encode_base64(text, text::Base64Alphabet::kStandard);
    };
    const auto verdict = [](const std::string& text) {
        return check_pem_key_base64(text, kNow).verdict;
    };
    EXPECT_EQ(verdict(encoded(example("rsa") + "\n")), CheckVerdict::kValid);
    EXPECT_EQ(verdict(encoded("-----BEGIN nothing")), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict("!"), CheckVerdict::kInvalid);
}

TEST(KeyCheck, a_putty_key_has_as_many_lines_as_it_says) {
    ExampleRandom random(7);
    const std::string key = example_putty_key(random);
    const auto verdict = [](const std::string& text) {
        return check_putty_key(text, kNow).verdict;
    };
    EXPECT_EQ(verdict(key), CheckVerdict::kValid);
    EXPECT_EQ(verdict(replaced(key, "Private-Lines: 1", "Private-Lines: 9")),
              CheckVerdict::kInvalid);
    EXPECT_EQ(verdict(key.substr(0, key.find("Private"))), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict(replaced(key, "Encryption: none", "Encryption: aes256-cbc")),
              CheckVerdict::kUnknown);
}

}  // namespace
}  // namespace merlon::secrets
