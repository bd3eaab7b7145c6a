#include "rego/compiler/dynamics.h"

namespace merlon::rego::compiler {

Dynamics::Dynamics(NodeMaker& maker, Offspring& offspring)
    : maker_(maker),
      lifter_(maker, [&offspring](const Expression& original, Expression& equality,
                                  const Term& /*subject*/) {
          equality.is_generated = true;
          offspring[&original].push_back(&equality);
      }) {}

void Dynamics::take_out(Body& body) {
    unify_double_equals(body, maker_);
    lifter_.lift(body);
}

void Dynamics::take_out_of_equalities(Body& body, Declarations declarations) {
    TermLifter::Expressions out;
    for (Expression* one : body) {
        const bool is_some = one->location != nullptr && one->location->text.starts_with("some ");
        const bool is_left = is_some && declarations == Declarations::kLeft;
        if (!one->is_negated && !one->is_generated && !is_left) {
            if (is_equality(*one)) {
                for (Term*& side : one->terms.subspan(1)) {
                    const bool has_value_of_its_own =
                        side->kind == TermKind::kReference || is_comprehension(*side);
                    if (!has_value_of_its_own) continue;
                    // What `some x in xs` makes, xs[_], is written nowhere.
                    if (is_some && side->kind == TermKind::kReference) {
                        side = maker_.arena().make<Term>(*side);
                        side->location = nullptr;
                    }
                    side = lifter_.named(side, *one, out);
                }
            } else if (one->kind == ExpressionKind::kEvery) {
                take_out_of_equalities(one->left, declarations);
            }
        }
        out.push_back(one);
    }
    body = syntax::keep_pointers(out, maker_.arena());
}

}  // namespace merlon::rego::compiler
