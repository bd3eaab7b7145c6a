#include "rego/compiler/type_stage.h"

#include <algorithm>
#include <tuple>

namespace merlon::rego::compiler {

TypeStage::TypeStage(NodeMaker& maker, Interner& interner, const KnownBuiltins& builtins,
                     const WrittenNames& names, std::span<const NamedSchema> schemas,
                     UnknownCalls unknown_calls, const CancelToken* cancel)
    : maker_(maker),
      names_(names),
      types_(maker.arena(), interner),
      checker_(
          types_, builtins,
          {.written =
               [this](std::span<Term* const> reference) {
                   return written_reference(reference, names_, maker_.subjects(), maker_.arena());
               },
           .is_literal =
               [this](std::string_view variable) {
                   const auto subject = maker_.subjects().find(variable);
                   return subject != maker_.subjects().end() && is_scalar(*subject->second);
               },
           .affected =
               [this](std::span<Term* const> target) {
                   return dependencies_ == nullptr ? std::vector<const syntax::Rule*>()
                                                   : dependencies_->affected_by(target);
               },
           .schemas =
               [this](TypeLayer& layer, const syntax::Rule& rule) {
                   return schemas_.apply(
                       annotations_.schemas_of(rule, modules_[file_]->package->path), rule, layer);
               },
           .unknown_calls = unknown_calls,
           .cancel = cancel}),
      schemas_(schemas, checker_.environment(), maker.arena()) {}

void TypeStage::read_schemas(std::span<const syntax::Module* const> modules,
                             std::span<const std::string_view> files, ErrorList& errors) {
    modules_ = modules;
    errors.set_stage(Stage::kNames);
    const Result<const Type*> input = schemas_.of_input();
    if (!input.ok()) {
        errors.set_file("");
        errors.add(kTypeError, nullptr, input.error().message);
    } else if (input.value() != nullptr) {
        checker_.set_input(input.value(), *maker_.variable("input", nullptr));
    }
    errors.set_stage(Stage::kAnnotations);
    for (std::size_t i = 0; i < modules.size(); ++i) {
        errors.set_file(files[i]);
        annotations_.add(*modules[i], files[i], errors);
    }
}

const Type* TypeStage::of(const Term& term) { return checker_.of(term); }

void TypeStage::check_rules(const Dependencies& dependencies,
                            std::span<const std::string_view> files, ErrorList& errors) {
    dependencies_ = &dependencies;
    std::vector<CompileError> found;
    for (const Dependencies::Part& part : dependencies.sorted(files)) {
        file_ = part.file;
        const Body body = type_view_of(part.rule->body, DoubleEquals::kUnifies, maker_);
        for (CompileError& error : checker_.check_rule(*part.rule, body)) {
            error.file = files[part.file];
            found.push_back(std::move(error));
        }
    }
    std::ranges::stable_sort(found, [](const CompileError& left, const CompileError& right) {
        const auto place = [](const CompileError& error) {
            return std::tuple(std::string_view(error.file), error.row, error.column);
        };
        if (place(left) != place(right)) return place(left) < place(right);
        return left.to_string() < right.to_string();
    });
    for (CompileError& error : found) {
        errors.set_file(error.file);
        errors.add(std::move(error), Gravity::kRecoverable);
    }
}

void TypeStage::check_query(Body body, ErrorList& errors) {
    for (CompileError& error :
         checker_.check_query(type_view_of(body, DoubleEquals::kAsWritten, maker_))) {
        errors.add(std::move(error), Gravity::kFinal);
    }
}

}  // namespace merlon::rego::compiler
