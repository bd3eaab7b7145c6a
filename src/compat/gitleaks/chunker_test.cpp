#include "compat/gitleaks/chunker.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace merlon::compat::gitleaks {
namespace {

struct Piece {
    std::size_t size;
    std::size_t first_line;
    bool operator==(const Piece&) const = default;
};

void PrintTo(const Piece& piece, std::ostream* out) {
    *out << piece.size << " bytes from line " << piece.first_line;
}

std::vector<Piece> pieces_of(const std::string& content, ReadBlocks blocks = {}) {
    Chunker chunker(content, blocks);
    std::vector<Piece> pieces;
    std::string joined;
    while (const auto chunk = chunker.next()) {
        pieces.push_back({chunk->text.size(), chunk->first_line});
        joined += chunk->text;
    }
    EXPECT_EQ(joined, content) << "no byte is lost or seen twice";
    EXPECT_EQ(chunker.remaining(), 0u);
    return pieces;
}

using Pieces = std::vector<Piece>;

TEST(Chunker, has_no_piece_for_nothing) { EXPECT_EQ(pieces_of(""), Pieces{}); }

TEST(Chunker, takes_a_small_file_whole) {
    EXPECT_EQ(pieces_of("a"), (Pieces{{1, 1}}));
    EXPECT_EQ(pieces_of("a\n\nb\n\nc"), (Pieces{{7, 1}})) << "empty lines in the middle do not cut";
    EXPECT_EQ(pieces_of(std::string(100'000, 'x')), (Pieces{{100'000, 1}}));
}

TEST(Chunker, looks_ahead_25000_bytes_and_no_further) {
    EXPECT_EQ(pieces_of(std::string(125'000, 'x')), (Pieces{{125'000, 1}}));
    EXPECT_EQ(pieces_of(std::string(125'001, 'x')), (Pieces{{125'000, 1}, {1, 1}}));
}

TEST(Chunker, stops_at_100000_where_that_ends_in_an_empty_line) {
    const std::string content = std::string(99'998, 'x') + "\n\n" + std::string(10, 'y');
    EXPECT_EQ(pieces_of(content), (Pieces{{100'000, 1}, {10, 3}}));
    const std::string blank = std::string(99'994, 'x') + "\n \t\r\n " + std::string(10, 'y');
    EXPECT_EQ(pieces_of(blank), (Pieces{{100'000, 1}, {10, 3}}));
}

TEST(Chunker, goes_on_to_the_first_empty_line) {
    const std::string content = std::string(100'500, 'x') + "\n \n" + std::string(20, 'y');
    const auto pieces = pieces_of(content);
    ASSERT_EQ(pieces.size(), 2u);
    EXPECT_EQ(pieces[0], (Piece{100'503, 1}));
    EXPECT_EQ(pieces[1], (Piece{20, 3}));
}

TEST(Chunker, what_is_left_in_the_small_buffer_is_the_next_pieces_only_read) {
    // One byte of look-ahead fills 4,096; the cut leaves 4,095 of them.
    const std::string content =
        std::string(99'999, 'x') + "\n\n" + std::string(60'000, 'y') + "\n\n";
    const auto pieces = pieces_of(content);
    ASSERT_GE(pieces.size(), 2u);
    EXPECT_EQ(pieces[0], (Piece{100'001, 1}));
    EXPECT_EQ(pieces[1], (Piece{4'095 + 25'000, 3}));
}

TEST(Chunker, a_reader_of_blocks_ends_a_read_at_its_blocks) {
    const std::string content = std::string(32'768, 'x') + std::string(1'000, 'y');
    EXPECT_EQ(pieces_of(content, {32'768, 0}), (Pieces{{33'768, 1}}));
    EXPECT_EQ(pieces_of(std::string(32'768, '\n') + "y", {32'768, 0}),
              (Pieces{{32'768, 1}, {1, 32'769}}));
    EXPECT_EQ(pieces_of(std::string(32'768, '\n') + "y", {32'768, 512}),
              (Pieces{{32'256, 1}, {513, 32'257}}))
        << "a tar's member stands behind its header";
}

TEST(Chunker, goes_on_in_another_buffer_as_in_one) {
    std::string content;
    for (int i = 0; i < 9'000; ++i) content += i % 37 == 0 ? "line\n\n" : "another line of text\n";
    const Pieces whole = pieces_of(content);
    Chunker chunker({});
    Pieces slid;
    std::size_t done = 0;
    // As the scanner does: a piece is cut only where all that it may reach is there.
    while (done < content.size()) {
        chunker.slide_to(std::string_view(content).substr(done, 140'000));
        const auto chunk = chunker.next();
        ASSERT_TRUE(chunk.has_value());
        slid.push_back({chunk->text.size(), chunk->first_line});
        done += chunk->text.size();
    }
    EXPECT_EQ(slid, whole);
}

EndMet end_of_last(const std::string& content) {
    Chunker chunker(content);
    EndMet met = EndMet::kNot;
    while (const auto chunk = chunker.next()) met = chunk->end_met;
    return met;
}

TEST(Chunker, says_how_far_the_last_reads_went) {
    EXPECT_EQ(end_of_last("a\nb\n"), EndMet::kBehind) << "an empty line is looked for";
    EXPECT_EQ(end_of_last("a\n\n"), EndMet::kWithBytes) << "and stands at the end";
    const std::string long_line(100'000, 'x');
    EXPECT_EQ(end_of_last(long_line + "y\n\n"), EndMet::kNot) << "out of the small buffer";
    EXPECT_EQ(end_of_last(long_line + std::string(25'000, 'y')), EndMet::kNot) << "far enough";
}

}  // namespace
}  // namespace merlon::compat::gitleaks
