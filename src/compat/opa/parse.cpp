#include "compat/opa/commands.h"
#include "compat/opa/load.h"
#include "compat/opa/syntax_outline.h"
#include "rego/syntax/json.h"

namespace merlon::compat::opa {
namespace {

constexpr std::uint64_t kMaxParsedBytes = std::uint64_t{64} << 20;

// --json-include: "locations,-comments".
rego::syntax::JsonOptions json_options(const ParsedCommand& command, const std::string& file) {
    rego::syntax::JsonOptions options;
    options.file = file;
    std::string_view rest = command.text("json-include");
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view word = rest.substr(0, comma);
        const bool is_wanted = !word.starts_with('-');
        if (word.ends_with("locations")) {
            options.locations =
                is_wanted ? rego::syntax::JsonLocations::kYes : rego::syntax::JsonLocations::kNo;
        }
        if (word.ends_with("comments")) {
            options.comments =
                is_wanted ? rego::syntax::JsonComments::kYes : rego::syntax::JsonComments::kNo;
        }
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return options;
}

}  // namespace

int run_parse(const ParsedCommand& command, const Outside& outside) {
    if (command.arguments.empty()) {
        return wrongly_asked(command, outside, "no source file specified");
    }
    const auto cleaned = clean_path(command.arguments[0]);
    const std::string file = cleaned.ok() ? cleaned.value() : std::string();
    const auto text = cleaned.ok() ? read_as_go(file, kMaxParsedBytes) : cleaned;
    if (!text.ok()) {
        const ShownError errors[] = {{.message = text.error().to_string()}};
        outside.write_error(errors_json(errors));
        return 1;
    }
    Arena arena;
    Interner interner;
    rego::syntax::ParseOptions options;
    options.version = version_of(command);
    options.annotations = rego::syntax::ReadAnnotations::kYes;
    const auto parsed = rego::syntax::parse_module(text.value(), arena, interner, options);
    if (parsed.module == nullptr || !parsed.errors.empty()) {
        std::vector<ShownError> errors;
        for (const rego::syntax::SyntaxError& error : parsed.errors) {
            errors.push_back(opa::shown(error, file));
        }
        outside.write_error(errors_json(errors));
        return 1;
    }
    const rego::syntax::JsonOptions shown = json_options(command, file);
    if (command.text("format") == "json") {
        return print(outside, rego::syntax::to_json(*parsed.module, shown) + "\n", 0);
    }
    rego::syntax::Module module = *parsed.module;
    if (shown.comments == rego::syntax::JsonComments::kNo) module.comments = {};
    return print(outside, syntax_outline(module), 0);
}

}  // namespace merlon::compat::opa
