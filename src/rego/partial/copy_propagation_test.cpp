#include "rego/partial/copy_propagation.h"

#include <gtest/gtest.h>

#include "rego/syntax/format.h"
#include "rego/syntax/parser.h"

namespace merlon::rego::partial {
namespace {

std::string propagated(std::string_view query, Names live) {
    Arena arena;
    Interner interner;
    NodeMaker maker(arena, interner);
    const auto parsed = syntax::parse_query(query, arena, interner, {});
    EXPECT_TRUE(parsed.errors.empty());
    for (Expression* one : parsed.body) {
        if (one->kind != ExpressionKind::kCall) continue;
        one->terms[0] = maker.operation({one->terms[0]->terms[0]->text}, nullptr);
    }
    const ArityOf arity = [](const Term& operation) {
        const std::string name = compiler::operator_name(operation);
        return name == "eq" || name == "gt" || name == "plus" ? 2 : name == "sort" ? 1 : -1;
    };
    CopyPropagation propagation(std::move(live), EmptyBody::kStaysEmpty, arity, maker);
    return syntax::format_made(propagation.apply(parsed.body), arena).text;
}

TEST(CopyPropagation, puts_what_a_variable_stands_for_in_its_place) {
    EXPECT_EQ(propagated("input.a = x; x > 1", {"input"}), "input.a > 1\n");
    EXPECT_EQ(propagated("x = y; y = input.a; x > 1", {"input"}), "input.a > 1\n");
    EXPECT_EQ(propagated("plus(input.a, 1, x); x > 2", {"input"}), "input.a + 1 > 2\n");
}

TEST(CopyPropagation, binds_what_is_needed_outside) {
    EXPECT_EQ(propagated("x = y; y = 1", {"x"}), "x = 1\n");
}

TEST(CopyPropagation, still_asks_whether_a_document_is_there) {
    EXPECT_EQ(propagated("input.a = x", {"input"}), "x = input.a\n");
}

TEST(CopyPropagation, keeps_a_result_whose_parts_are_asked_for) {
    EXPECT_EQ(propagated("sort(input, x); x[0] = 1", {"input"}), "sort(input, x)\nx[0] = 1\n");
}

}  // namespace
}  // namespace merlon::rego::partial
