#include "evidence/graph.h"

#include <gtest/gtest.h>

#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

using exchange::Link;

class GraphTest : public StoreTest {
  protected:
    static Link link(std::string from_kind, std::string from, std::string relation,
                     std::string to_kind, std::string to) {
        Link made;
        made.from = {std::move(from_kind), std::move(from)};
        made.relation = std::move(relation);
        made.to = {std::move(to_kind), std::move(to)};
        return made;
    }

    std::uint64_t bring(const std::vector<Link>& links, const std::string& bytes) {
        const auto made = import_document(store_->database(),
                                          {.bytes = bytes,
                                           .kind = "bom",
                                           .name = bytes,
                                           .scope = {},
                                           .ref = {},
                                           .revision = {},
                                           .links = links,
                                           .actor = "tester",
                                           .now = now_},
                                          {});
        EXPECT_TRUE(made.ok()) << made.error().to_string();
        return made.ok() ? made.value().edges : 0;
    }

    // "> artifact a1" for each edge.
    Lines trace_of(const TraceRequest& request) {
        const Result<Trace> made = trace(store_->database(), request);
        if (!made.ok()) return {made.error().message};
        Lines lines;
        for (const TracedEdge& edge : made.value().edges) {
            const bool is_forwards = edge.direction == TraceDirection::kForwards;
            const exchange::LinkEnd& end = is_forwards ? edge.to : edge.from;
            lines.push_back((is_forwards ? "> " : "< ") + end.kind + " " + end.name);
        }
        return lines;
    }
};

TEST_F(GraphTest, edges_are_followed_in_one_direction_at_a_time) {
    EXPECT_EQ(bring({link("commit", "c1", "built", "artifact", "a1"),
                     link("repository", "https://github.com/acme/shop.git", "has", "commit", "c1"),
                     link("package", "pkg:npm/a@1", "part of", "artifact", "a1"),
                     link("artifact", "a1", "deployed to", "deployment", "production"),
                     link("commit", "c2", "built", "artifact", "a2"),
                     link("package", "pkg:npm/a@1", "part of", "artifact", "a2")},
                    "one"),
              6U);
    EXPECT_EQ(trace_of({.kind = "repository", .name = "github.com/acme/shop", .to = {}}),
              (Lines{"> commit c1", "> artifact a1", "> deployment production"}));
    EXPECT_EQ(trace_of({.kind = "deployment", .name = "production", .to = {}}),
              (Lines{"< artifact a1", "< commit c1", "< repository github.com/acme/shop"}));
    EXPECT_EQ(trace_of({.kind = "package", .name = "pkg:npm/a", .to = "repository"}),
              (Lines{"> artifact a1", "< commit c1", "< repository github.com/acme/shop"}));
    EXPECT_EQ(trace_of({.kind = "artifact", .name = "a2", .to = "package"}),
              (Lines{"< package pkg:npm/a@1"}));
    EXPECT_EQ(problems(), Lines());
}

TEST_F(GraphTest, each_document_that_says_so_is_an_edge_and_the_same_once_more_is_none) {
    const std::vector<Link> links{link("commit", "c1", "built", "artifact", "a1")};
    EXPECT_EQ(bring(links, "one"), 1U);
    EXPECT_EQ(bring(links, "one"), 0U);
    EXPECT_EQ(bring(links, "two"), 1U);
    EXPECT_EQ(trace_of({.kind = "commit", .name = "c1", .to = {}}),
              (Lines{"> artifact a1", "> artifact a1"}));
}

TEST_F(GraphTest, a_circle_ends) {
    bring({link("artifact", "a", "part of", "artifact", "b"),
           link("artifact", "b", "part of", "artifact", "a")},
          "one");
    EXPECT_EQ(trace_of({.kind = "artifact", .name = "a", .to = {}}).size(), 4U);
}

TEST_F(GraphTest, a_name_may_be_short_if_it_means_one) {
    bring({link("commit", "abcdef0123", "built", "artifact", "sha256:0123456789"),
           link("commit", "abcdef0999", "built", "artifact", "sha256:0123456000")},
          "one");
    EXPECT_EQ(trace_of({.kind = "commit", .name = "abcdef01", .to = {}}),
              (Lines{"> artifact sha256:0123456789"}));
    EXPECT_TRUE(trace_of({.kind = "commit", .name = "abcdef0", .to = {}})[0].contains("several"));
    EXPECT_EQ(trace_of({.kind = "artifact", .name = "0123456000", .to = {}}),
              (Lines{"< commit abcdef0999"}));
    EXPECT_TRUE(trace_of({.kind = "commit", .name = "abc", .to = {}})[0].contains("knows no"));
}

TEST_F(GraphTest, findings_decisions_and_secrets_are_read_from_their_rows) {
    bring({link("package", "pkg:npm/a@1", "part of", "artifact", "a1"),
           link("artifact", "a1", "deployed to", "deployment", "production")},
          "bill");
    exchange::ReadReport made = report({{"CVE-1", "lock", 0, "", "", "pkg:npm/a@1"},
                                        {"token", "a.env", 1, "T=a"},
                                        {"token", "b.env", 2, "U=b"}});
    for (std::size_t i = 1; i < 3; ++i) made.report.findings[i].secret_id = std::string(64, 'a');
    made.report.analysis.commit = "c1";
    // Numbered in the order of their paths: a.env, b.env, lock.
    take(made);
    const std::int64_t event = decide({.finding = 3}, Verdict::kWillFix, 30).value().event;
    const std::string decision = std::to_string(event);
    EXPECT_EQ(trace_of({.kind = "finding", .name = "3", .to = {}}),
              (Lines{"> package pkg:npm/a@1", "> decision " + decision, "> artifact a1",
                     "> deployment production", "< commit c1"}));
    EXPECT_EQ(trace_of({.kind = "decision", .name = decision, .to = {}}),
              (Lines{"< identity ann", "< finding 3", "< commit c1"}));
    EXPECT_EQ(trace_of({.kind = "identity", .name = "ann", .to = {}}),
              (Lines{"> decision " + decision}));
    EXPECT_EQ(trace_of({.kind = "deployment", .name = "production", .to = "finding"}),
              (Lines{"< artifact a1", "< package pkg:npm/a@1", "< finding 3"}));
    const Lines of_secret = trace_of({.kind = "finding", .name = "1", .to = "secret"});
    ASSERT_EQ(of_secret.size(), 1U);
    const std::string print = of_secret[0].substr(of_secret[0].rfind(' ') + 1);
    EXPECT_EQ(trace_of({.kind = "secret", .name = print.substr(0, 8), .to = "finding"}),
              (Lines{"> finding 1", "> finding 2"}));
    EXPECT_EQ(trace_of({.kind = "finding", .name = "9", .to = {}}).size(), 1U);
}

}  // namespace
}  // namespace merlon::evidence
