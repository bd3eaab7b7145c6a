#include "rego/compiler/type_view.h"

#include "rego/compiler/term_lifter.h"

namespace merlon::rego::compiler {

Body type_view_of(Body body, DoubleEquals equals, NodeMaker& maker) {
    Body copied = syntax::copy(body, maker.arena());
    if (equals == DoubleEquals::kUnifies) unify_double_equals(copied, maker);
    TermLifter lifter(
        maker, [&maker](const Expression& /*original*/, Expression& equality, const Term& subject) {
            maker.remember(equality.terms[1]->text, &subject);
        });
    lifter.lift(copied);
    return copied;
}

}  // namespace merlon::rego::compiler
