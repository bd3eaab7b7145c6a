#include <gtest/gtest.h>

#include "exchange/foreign_report.h"
#include "exchange/masked_document.h"
#include "exchange/sarif_read.h"

namespace merlon::exchange {
namespace {

TEST(ForeignInterrupt, each_reader_hears_of_it) {
    // One that fits what the format is known by, so that nothing else is wrong with it.
    const struct {
        std::string_view format, bytes;
    } documents[] = {
        {"merlon-report", R"({"schema": "merlon-report/v1", "findings": []})"},
        {"sarif", R"({"version": "2.1.0", "runs": [{"results": [{}]}]})"},
        {"trivy", R"({"SchemaVersion": 2, "Results": []})"},
        {"grype", R"({"matches": [], "descriptor": {}})"},
        {"gitleaks", "[]"},
        {"checkov", R"({"check_type": "terraform", "results": {}})"},
        {"semgrep", R"({"results": [], "errors": [], "paths": {}})"},
        {"kube-score", "[{}]"},
        {"zap", R"({"@programName": "ZAP", "site": []})"},
        {"nuclei", R"({"template-id": "t"})"},
        {"falco", R"({"rule": "r", "priority": "p", "output_fields": {}})"},
        {"github-alerts", "[]"},
        {"osv-scanner", R"({"results": []})"},
        {"junit", "<testsuite/>"},
        {"attestation", R"({"predicateType": "p", "subject": []})"},
        {"bom", R"({"bomFormat": "CycloneDX", "specVersion": "1.6"})"},
        {"bom", R"(<bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>)"},
        {"vex", R"({"@context": "https://openvex.dev/ns", "statements": []})"},
        {"defectdojo", "[]"},
        {"dependency-track", R"({"findings": []})"},
    };
    CancelToken stop;
    stop.cancel();
    for (const ForeignFormat& format : foreign_formats()) {
        std::size_t read_as = 0;
        for (const auto& document : documents) {
            if (document.format != format.name) continue;
            ++read_as;
            const auto read = read_foreign_report(
                {.bytes = document.bytes, .secret_key = {}, .cancel = &stop}, format.name);
            ASSERT_FALSE(read.ok()) << format.name;
            EXPECT_EQ(read.error().message, reading_interrupted().message) << format.name;
        }
        EXPECT_GT(read_as, 0U) << "no document here is of " << format.name;
    }
}

TEST(ForeignInterrupt, a_reader_finds_nothing_any_more) {
    CancelToken stop;
    std::size_t seen = 0;
    const Status read = read_fields(
        R"({"items": [{"a": "x"}, {"a": "y"}, {"a": "z"}]})", RecordSyntax::kJson,
        [&](const value::Value& root, FieldReader& fields) {
            for (const value::Value& item : fields.items(root, "items")) {
                if (!fields.is_object(item)) continue;
                seen += fields.text(item, "a").size();
                stop.cancel();
                EXPECT_EQ(fields.text(item, "a"), "");
                EXPECT_TRUE(fields.items(root, "items").empty());
                EXPECT_EQ(fields.object(root, "items"), nullptr);
            }
        },
        &stop);
    EXPECT_EQ(seen, 1U);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().message, reading_interrupted().message);
}

TEST(ForeignInterrupt, nothing_is_kept_of_what_was_masked_in_part) {
    CancelToken stop;
    const FindSecrets find = [&](const value::Value&, SecretMasker& masker) {
        masker.add("hunter2-hunter2");
        stop.cancel();
    };
    SecretMasker masker("key");
    EXPECT_FALSE(masked_document(R"({"a": "hunter2-hunter2"})", find, masker, &stop).ok());
}

}  // namespace
}  // namespace merlon::exchange
