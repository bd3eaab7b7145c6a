#include "net/response_parser.h"

#include <gtest/gtest.h>

namespace merlon::net {
namespace {

struct Read {
    std::string error;
    ResponseHead head;
    std::string body;
    std::size_t taken = 0;
};

Read read(std::string_view bytes, RequestForm form = RequestForm::kGet,
          std::size_t max_head = ResponseParser::kDefaultMaxHeadBytes) {
    Read result;
    ResponseParser parser(form, max_head);
    while (result.taken < bytes.size() && !parser.is_complete()) {
        const auto taken = parser.take(bytes.substr(result.taken), [&](std::string_view part) {
            result.body += part;
            return Status();
        });
        if (!taken.ok()) {
            result.error = taken.error().message;
            return result;
        }
        result.taken += taken.value();
    }
    if (const Status closed = parser.close(); !closed.ok()) result.error = closed.error().message;
    result.head = parser.head();
    return result;
}

TEST(ResponseParser, reads_a_body_of_a_stated_length_and_no_further) {
    const Read got = read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhellorest");
    EXPECT_EQ(got.error, "");
    EXPECT_EQ(got.head.status, 200);
    EXPECT_EQ(got.head.reason, "OK");
    EXPECT_EQ(got.head.field("x-a"), "b");
    EXPECT_EQ(got.body, "hello");
    EXPECT_EQ(got.taken, 53u);
}

TEST(ResponseParser, reads_chunks_with_extensions_and_trailers) {
    const Read got = read(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
        "4;a=b\r\nWiki\r\nC\r\npedia in \r\nc\r\n0\r\nX: y\r\n\r\n");
    EXPECT_EQ(got.error, "");
    EXPECT_EQ(got.body, "Wikipedia in \r\nc");
}

TEST(ResponseParser, reads_to_the_end_where_nothing_else_is_said) {
    EXPECT_EQ(read("HTTP/1.0 200\n\nall of it").body, "all of it");
}

TEST(ResponseParser, skips_interim_answers) {
    const Read got = read(
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\nA: b\r\n\r\nrest");
    EXPECT_EQ(got.error, "");
    EXPECT_EQ(got.head.status, 204);
    EXPECT_EQ(got.head.fields.size(), 1u);
    EXPECT_EQ(got.body, "");
}

TEST(ResponseParser, knows_which_answers_have_no_body) {
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", RequestForm::kHead).error, "");
    EXPECT_EQ(read("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n").error, "");
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\n\r\nx", RequestForm::kConnect).body, "");
    EXPECT_EQ(read("HTTP/1.1 403 No\r\nContent-Length: 1\r\n\r\nx", RequestForm::kConnect).body,
              "x");
}

TEST(ResponseParser, takes_no_cut_body_for_a_whole_one) {
    for (const std::string_view text :
         {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nA: b\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n0\r\n"}) {
        EXPECT_NE(read(text).error, "") << text;
    }
}

TEST(ResponseParser, refuses_what_can_be_read_in_two_ways) {
    for (const std::string_view text :
         {"SSH-2.0-x\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
          "HTTP/1.1 200OK\r\n\r\n", "HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
          "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\nnone\r\n\r\n",
          "HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n"}) {
        EXPECT_NE(read(text).error, "") << text;
    }
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na").error, "");
}

TEST(ResponseParser, bounds_the_head_and_the_lines_of_chunks) {
    const std::string many = "HTTP/1.1 200 OK\r\nA: " + std::string(2000, 'b') + "\r\n\r\n";
    EXPECT_NE(read(many, RequestForm::kGet, 1000).error.find("longer than 1000"),
              std::string::npos);
    std::string interim;
    for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
    EXPECT_NE(read(interim, RequestForm::kGet, 1000).error, "");
    EXPECT_NE(
        read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(2000, 'b'),
             RequestForm::kGet, 1000)
            .error,
        "");
}

TEST(ResponseParser, joins_folded_lines) {
    EXPECT_EQ(read("HTTP/1.1 204 OK\r\nA: b\r\n  c\r\n\r\n").head.field("a"), "b c");
}

}  // namespace
}  // namespace merlon::net
