#include "rego/compiler/names.h"

namespace merlon::rego::compiler {
namespace {

// Subjects stand inside of each other as deep as terms were written.
constexpr int kMaxSubjectDepth = 200;

void restore(Term& term, const WrittenNames& names, const Subjects& subjects, Arena& arena,
             int depth) {
    if (term.kind == TermKind::kVariable) {
        const auto subject = subjects.find(term.text);
        if (subject != subjects.end() && depth < kMaxSubjectDepth) {
            term = *syntax::copy(subject->second, arena);
            if (term.kind == TermKind::kVariable) return;
        } else if (const auto written = names.find(term.text); written != names.end()) {
            term.text = written->second;
            return;
        }
    }
    for (Term* part : term.terms) restore(*part, names, subjects, arena, depth + 1);
    for (Expression* one : term.body) {
        for (Term* part : one->terms) {
            if (part != nullptr) restore(*part, names, subjects, arena, depth + 1);
        }
    }
}

}  // namespace

Terms written_reference(std::span<Term* const> reference, const WrittenNames& names,
                        const Subjects& subjects, Arena& arena) {
    std::vector<Term*> copied;
    for (const Term* part : reference) {
        copied.push_back(syntax::copy(part, arena));
        restore(*copied.back(), names, subjects, arena, 0);
    }
    return syntax::keep_pointers(copied, arena);
}

}  // namespace merlon::rego::compiler
