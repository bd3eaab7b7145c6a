#include "model/serialize.h"

#include <gtest/gtest.h>

namespace merlon::model {
namespace {

Report full_report() {
    Report report;
    report.analysis = {
        "merlon", "1.2.3",      "secrets", "sha256:00",   "sha256:11",          "refs/heads/main",
        "abcdef", {".", "src"}, false,     {"encrypted"}, {"merlon/context/v1"}};
    report.rules.push_back({"a-rule",
                            "secrets",
                            "demo",
                            "A rule",
                            "What it finds.",
                            "What to do.",
                            "https://example.com/",
                            Severity::kCritical,
                            Confidence::kLow,
                            {"tag", ""},
                            "CWE-798"});
    const TextRegion region{1, 2, 300, 4'000'000'000, 5, 1ull << 63};
    for (const Location& location :
         {Location(FileLocation{"a/\xFF.zip", {"inner", "most"}, region}),
          Location(LayerLocation{"image@x", "sha256:22", {"etc/passwd", {}, {}}}),
          Location(ObjectLocation{"ns/Pod/x", "/spec/0"}), Location(UrlLocation{"https://x/"}),
          Location(EventLocation{"audit", "7"})}) {
        Finding finding;
        finding.rule_id = "a-rule";
        finding.severity = Severity::kMedium;
        finding.confidence = Confidence::kHigh;
        finding.message = std::string("zero \0 inside", 13);
        finding.location = location;
        finding.excerpt = {3, {"one", "two"}, 4, 1, 2};
        finding.match = "match";
        finding.secret = "****";
        finding.secret_id = "0f";
        finding.fingerprints = {{"merlon/context/v1", "00ff"}};
        finding.tags = {"t"};
        finding.properties = {{"a", "1"}, {"b", "2"}};
        finding.also_at = {location, UrlLocation{"y"}};
        finding.history = {{{"merge", location, "b1", "c2", "A", "a@b", "2024-01-01T00:00:00Z",
                             "d3", "2024-02-01T00:00:00Z", 7, 1ull << 40}},
                           "stash",
                           true,
                           {"refs/stash", ""},
                           70'000};
        finding.suppressed_by = "ignore";
        finding.suppression_reason = "known";
        report.findings.push_back(std::move(finding));
    }
    report.coverage = {1, 2, 3, 4, 5, 6, ObjectCounts{9, 1, 2, 3, 4, 500, 6, 7, 8}, {}, {}};
    report.coverage.gaps = {{GapCause::kCancelled, "p", "d"}};
    report.coverage.accepted.push_back({{GapCause::kEncrypted, "z", "d"}, "why", "2030-01-01"});
    report.notices = {"a notice"};
    return report;
}

Document full_document() {
    Document document;
    document.bytes = std::string_view("text\0\xFF", 6);
    document.media_type = "text/plain";
    document.origin = {{OriginStep::Kind::kFile, "a.zip", "link"},
                       {OriginStep::Kind::kArchiveMember, "b.txt", ""}};
    document.encoding = TextEncoding::kUtf16Be;
    document.first_line = 70'000;
    document.first_offset = 1ull << 40;
    document.first_column = 8;
    document.owned_begin = 3;
    document.owned_end = 5;
    return document;
}

TEST(Serialize, a_report_comes_back_with_every_field) {
    const Report report = full_report();
    const std::string message = serialize(report);
    const auto read = deserialize_report(message);
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    // Equal bytes are equal fields, because a value has one form.
    EXPECT_EQ(serialize(read.value()), message);
    const Report& copy = read.value();
    ASSERT_EQ(copy.findings.size(), report.findings.size());
    for (std::size_t i = 0; i < copy.findings.size(); ++i) {
        EXPECT_EQ(copy.findings[i].location, report.findings[i].location);
        EXPECT_EQ(copy.findings[i].also_at, report.findings[i].also_at);
        EXPECT_EQ(copy.findings[i].message, report.findings[i].message);
        EXPECT_EQ(copy.findings[i].properties, report.findings[i].properties);
        EXPECT_EQ(copy.findings[i].suppression_reason, "known");
    }
    EXPECT_EQ(copy.coverage.gaps, report.coverage.gaps);
    EXPECT_EQ(copy.coverage.windowed_files, 6u);
    EXPECT_EQ(copy.rules.front().cwe, "CWE-798");
    EXPECT_FALSE(copy.analysis.complete);
}

TEST(Serialize, a_document_comes_back_in_a_padded_buffer_of_its_own) {
    Result<Document> read = Error{"not read yet"};
    {
        const std::string message = serialize(full_document());
        read = deserialize_document(message);
    }
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    const Document& copy = read.value();
    EXPECT_EQ(copy.bytes, std::string_view("text\0\xFF", 6));
    for (std::size_t i = 0; i < kPaddingBytes; ++i) ASSERT_EQ(copy.bytes.data()[6 + i], '\0');
    EXPECT_EQ(display_path(copy.origin), "a.zip!b.txt");
    EXPECT_EQ(copy.origin[0].symlink, "link");
    EXPECT_EQ(copy.encoding, TextEncoding::kUtf16Be);
    EXPECT_EQ(copy.first_line, 70'000u);
    EXPECT_EQ(copy.first_offset, 1ull << 40);
    EXPECT_EQ(copy.first_column, 8u);
    EXPECT_EQ(copy.owned_begin, 3u);
    EXPECT_EQ(copy.owned_end, 5u);
    EXPECT_EQ(copy.media_type, "text/plain");
}

TEST(Serialize, a_document_of_any_encoding_comes_back) {
    for (int i = 0; i <= static_cast<int>(TextEncoding::kBinary); ++i) {
        Document document = full_document();
        document.encoding = static_cast<TextEncoding>(i);
        const Result<Document> read = deserialize_document(serialize(document));
        ASSERT_TRUE(read.ok()) << i << ' ' << read.error().to_string();
        EXPECT_EQ(read.value().encoding, document.encoding);
    }
}

TEST(Serialize, the_header_says_what_follows_and_how_much) {
    const std::string message = serialize(full_document());
    const auto header = read_message_header(message.substr(0, kMessageHeaderBytes));
    ASSERT_TRUE(header.ok());
    EXPECT_EQ(header.value().kind, MessageKind::kDocument);
    EXPECT_EQ(header.value().payload_bytes, message.size() - kMessageHeaderBytes);
    EXPECT_FALSE(deserialize_report(message).ok()) << "another kind";
    std::string newer = message;
    newer[4] = static_cast<char>(kSerialVersion + 1);
    EXPECT_EQ(deserialize_document(newer).error().offset, 4u);
}

TEST(Serialize, no_part_of_a_message_passes_for_the_whole_and_no_byte_changes_unnoticed) {
    const std::string message = serialize(full_report());
    for (std::size_t size = 0; size < message.size(); ++size) {
        ASSERT_FALSE(deserialize_report(message.substr(0, size)).ok()) << size;
    }
    EXPECT_FALSE(deserialize_report(message + '\0').ok());
    for (std::size_t i = 0; i < message.size(); ++i) {
        std::string changed = message;
        changed[i] = static_cast<char>(changed[i] ^ 0x80);
        const auto read = deserialize_report(changed);
        if (!read.ok()) continue;
        ASSERT_EQ(serialize(read.value()), changed) << i;
    }
}

TEST(Serialize, numbers_out_of_range_are_refused) {
    const Report report;
    const std::string message = serialize(report);
    // The payload ends: coverage counts (6), gaps, accepted, notices. Announce more than there is.
    std::string many = message;
    many.back() = '\x7F';
    EXPECT_FALSE(deserialize_report(many).ok());
    // A number that is not in its shortest form.
    std::string longer = message.substr(0, message.size() - 1) + "\x80" + '\0';
    longer[6] = static_cast<char>(longer[6] + 1);
    EXPECT_FALSE(deserialize_report(longer).ok());
}

}  // namespace
}  // namespace merlon::model
