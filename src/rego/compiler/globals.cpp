#include "rego/compiler/globals.h"

#include <vector>

#include "rego/syntax/copy.h"
#include "rego/syntax/print.h"

namespace merlon::rego::compiler {

std::string_view import_name(const syntax::Import& import) {
    return import.alias.empty() ? import.path->terms.back()->text : import.alias;
}

Exports exports_of(std::span<const SourceModule> modules) {
    Exports exports;
    for (const SourceModule& source : modules) {
        Names& names = exports[syntax::to_text(source.module->package->path)];
        for (const syntax::Rule* rule : source.module->rules) {
            names.insert(rule->head->reference[0]->text);
        }
    }
    return exports;
}

Globals globals_of(const syntax::Module& module, const Names& exported, NodeMaker& maker) {
    const Terms package = syntax::copy(module.package->path, maker.arena());
    Globals globals;
    Term* const root = syntax::copy(package[0], maker.arena());
    for (const std::string_view name : exported) {
        std::vector<Term*> path(package.begin(), package.end());
        path[0] = root;
        path.push_back(maker.string(name, nullptr));
        globals[name] = syntax::keep_pointers(path, maker.arena());
    }
    for (const syntax::Import* import : module.imports) {
        const Terms path = import->path->terms;
        if (syntax::is_variable(*path[0], "future") || syntax::is_variable(*path[0], "rego")) {
            continue;
        }
        globals[import_name(*import)] = syntax::copy(path, maker.arena());
    }
    return globals;
}

}  // namespace merlon::rego::compiler
