#include "scan/peer_front.h"

#include <gtest/gtest.h>

namespace merlon::scan {
namespace {

constexpr auto kFlags = with_own_flags(std::array{
    list_flag("severity", "", Served::kYes, 's'),
    switch_flag("fixed", ""),
    switch_flag("list", ""),
    switch_flag("no-list", ""),
    text_flag("later", "", Served::kNotYet),
    PeerFlag{text_flag("report", "").flag, Served::kNotYet, "all"},
});
constexpr auto kPlain = plain_flags(kFlags);
constexpr Verb kVerbs[] = {
    {.path = "fs", .summary = "scan", .arguments = "PATH", .max_arguments = 1},
    verb_not_yet("image")};
constexpr CommandTable kTable{.program = "peer",
                              .version = "1",
                              .summary = "a peer",
                              .exit_codes = "0 clean",
                              .verbs = kVerbs,
                              .global_flags = kPlain};
constexpr PeerCommand kPeer{"peer", &kTable, kFlags};

Result<ParsedCommand> parsed(std::vector<std::string> words) {
    return parse_peer_command(kPeer, std::move(words), [](const std::string& name) {
        if (name == "PEER_SEVERITY") return std::optional<std::string>("low");
        if (name == "MERLON_DATABASE") return std::optional<std::string>("a.db");
        return std::optional<std::string>();
    });
}

TEST(PeerFront, a_switch_may_have_a_value) {
    EXPECT_TRUE(parsed({"fs", "--fixed=true", "."}).value().is_set("fixed"));
    EXPECT_FALSE(parsed({"fs", "--fixed=false", "."}).value().is_set("fixed"));
    EXPECT_TRUE(parsed({"fs", "--list=false", "."}).value().is_set("no-list"));
    EXPECT_FALSE(parsed({"fs", "--fixed=maybe", "."}).ok());
}

TEST(PeerFront, variables_are_the_peers_and_for_our_flags_ours) {
    const auto command = parsed({"fs", "."});
    EXPECT_EQ(command.value().text("severity"), "low");
    EXPECT_EQ(command.value().text("database"), "a.db");
}

TEST(PeerFront, lists_are_of_words_with_commas_between) {
    const auto command = parsed({"fs", "-s", "HIGH,low", "-s", "low", "."});
    EXPECT_EQ(comma_list(command.value(), "severity"),
              (std::vector<std::string>{"HIGH", "low", "low"}));
    constexpr std::array<std::string_view, 2> kKnown{"low", "high"};
    EXPECT_EQ(known_words(command.value(), "severity", kKnown).value(),
              (std::vector<std::string>{"high", "low", "low"}));
    constexpr std::array<std::string_view, 1> kLow{"low"};
    EXPECT_FALSE(known_words(command.value(), "severity", kLow).ok());
}

TEST(PeerFront, what_is_not_served_is_refused_unless_it_asks_for_nothing) {
    EXPECT_TRUE(check_served(kPeer, parsed({"fs", "."}).value()).ok());
    EXPECT_TRUE(check_served(kPeer, parsed({"fs", "--report", "all", "."}).value()).ok());
    EXPECT_FALSE(check_served(kPeer, parsed({"fs", "--report", "summary", "."}).value()).ok());
    EXPECT_FALSE(check_served(kPeer, parsed({"fs", "--later", "x", "."}).value()).ok());
    EXPECT_FALSE(check_served(kPeer, parsed({"image", "alpine", "x"}).value()).ok());
}

TEST(PeerFront, the_wanted_id_is_the_first_of_its_kind) {
    sca::Match match;
    match.ids = {"CVE-2026-1", "GHSA-a"};
    EXPECT_EQ(id_like(match, "GHSA-"), "GHSA-a");
    EXPECT_EQ(id_like(match, "GO-"), "CVE-2026-1");
}

}  // namespace
}  // namespace merlon::scan
