#include "evidence/detail.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "model/finding.h"
#include "report/finding_json.h"

namespace merlon::evidence {
namespace {

TEST(Detail, a_text_comes_back_as_it_was) {
    DetailPacker packer;
    DetailReader reader;
    model::Finding finding;
    finding.rule_id = "aws-key";
    finding.message = "An access key of the cloud.";
    std::string told;
    report::append_finding_json(finding, told);
    for (const std::string& text : {told, std::string(), std::string("no\0 text\xFF", 9)})
        EXPECT_EQ(reader.read(packer.pack(text)).value(), text);
    EXPECT_LT(packer.pack(told).size() * 2, told.size());
}

// Stores have such rows: what the dictionary was stays for ever.
TEST(Detail, what_the_first_dictionary_packed_is_read_for_ever) {
    const std::string packed =
        crypto::from_hex(
            "0128b52ffd20fda50100a8726b6579206973207265616461626c652e613737300a00008b03a4d241e3d679"
            "e060100adcced7dbda4be69ac0bee4e1d04410")
            .value();
    EXPECT_EQ(
        DetailReader().read(packed).value(),
        R"({"rule":"r","severity":"high","confidence":"medium","message":"The key is )"
        R"(readable.","location":{"path":"src/a.py","startLine":7,"startColumn":1,"endLine":7,)"
        R"("endColumn":0,"startOffset":0,"endOffset":0},"match":"","secret":"",)"
        R"("fingerprints":{},"tags":[]})");
}

TEST(Detail, what_no_packer_made_is_refused) {
    DetailReader reader;
    for (const char* wrong : {"", "no JSON", "\x01", "\x01no frame"})
        EXPECT_FALSE(reader.read(wrong).ok()) << wrong;
}

}  // namespace
}  // namespace merlon::evidence
