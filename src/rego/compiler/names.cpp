#include "rego/compiler/names.h"

namespace merlon::rego::compiler {
namespace {

// Subjects stand inside of each other as deep as terms were written.
constexpr int kMaxSubjectDepth = 200;
// What stands for a variable may have it in it several times, and so grow with each level: what
// nobody would read is left as it is.
constexpr std::size_t kMaxTerms = 20'000;

void restore(Term& term, const WrittenNames& names, const Subjects& subjects, Arena& arena,
             int depth, std::size_t& left) {
    if (left == 0) return;
    --left;
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
    for (Term* part : term.terms) restore(*part, names, subjects, arena, depth + 1, left);
    for (Expression* one : term.body) {
        for (Term* part : one->terms) {
            if (part != nullptr) restore(*part, names, subjects, arena, depth + 1, left);
        }
    }
}

}  // namespace

Terms written_reference(std::span<Term* const> reference, const WrittenNames& names,
                        const Subjects& subjects, Arena& arena) {
    std::vector<Term*> copied;
    std::size_t left = kMaxTerms;
    for (const Term* part : reference) {
        copied.push_back(syntax::copy(part, arena));
        restore(*copied.back(), names, subjects, arena, 0, left);
    }
    return syntax::keep_pointers(copied, arena);
}

}  // namespace merlon::rego::compiler
