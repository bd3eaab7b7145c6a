// Every module of the Rego corpora, without the peer: it parses as the version it was written for,
// and what the formatter makes of it parses to the same tree and is formatted no further.
//
// rego_syntax_conformance [DIR…]: .rego files below the folders, and modules inside OPA's case
// files; a path with /v0/ in it is read as v0. Files that belong to a test of errors may fail to
// parse, and must then have errors.

#include <optional>
#include <set>

#include "rego/syntax/format.h"
#include "rego/syntax/json.h"
#include "rego/syntax/parser.h"
#include "suite.h"
#include "text/yaml.h"

namespace {

using namespace merlon;
using namespace merlon::rego::syntax;

struct Source {
    std::string name;
    std::string text;
    RegoVersion version;
};

void add_cases(const std::filesystem::path& path, RegoVersion version,
               std::vector<Source>& sources) {
    Arena arena;
    Interner interner;
    const std::string file = conformance::read_whole(path);
    const auto documents =
        text::read_yaml(file, arena, interner, {.duplicate_keys = text::DuplicateKeys::kLastWins});
    if (!documents.ok() || documents.value().empty()) return;
    const value::Value* const cases = documents.value().front().root->find("cases");
    if (cases == nullptr || !cases->is_array()) return;
    int number = 0;
    for (const value::Value& one : cases->items()) {
        const value::Value* const modules = one.find("modules");
        if (modules == nullptr || !modules->is_array()) continue;
        for (const value::Value& module : modules->items()) {
            if (module.is_string())
                sources.push_back({path.string() + "#" + std::to_string(number++),
                                   std::string(module.as_string()), version});
        }
    }
}

std::vector<Source> find_sources(const std::vector<std::filesystem::path>& folders) {
    std::vector<Source> sources;
    std::set<std::filesystem::path> paths;
    for (const auto& folder : folders) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
            if (entry.is_regular_file()) paths.insert(entry.path());
    }
    for (const auto& path : paths) {
        const RegoVersion version =
            path.string().find("/v0/") != std::string::npos ? RegoVersion::kV0 : RegoVersion::kV1;
        if (path.extension() == ".rego")
            sources.push_back({path.string(), conformance::read_whole(path), version});
        if (path.extension() == ".yaml" || path.extension() == ".yml")
            add_cases(path, version, sources);
    }
    return sources;
}

// The tree without comments and places; nothing where the text does not parse.
std::optional<std::string> tree_of(std::string_view text, RegoVersion version) {
    Arena arena;
    Interner interner;
    const ParsedModule parsed = parse_module(text, arena, interner, {.version = version});
    if (parsed.module == nullptr) return std::nullopt;
    return to_json(*parsed.module, {.comments = JsonComments::kNo});
}

// What is wrong with it; empty where nothing is.
std::string examine(const Source& source) {
    const std::optional<std::string> tree = tree_of(source.text, source.version);
    const Formatted formatted = format_source(source.text, {.version = source.version});
    if (!tree) return formatted.errors.empty() ? "formatted, and does not parse" : "does not parse";
    if (!formatted.errors.empty()) return to_string(formatted.errors, "");
    const std::optional<std::string> again = tree_of(formatted.text, source.version);
    if (!again) return "the formatted text does not parse";
    const Formatted twice = format_source(formatted.text, {.version = source.version});
    if (twice.text != formatted.text) return "formatting again changes it";
    return *again == *tree ? "" : "the formatted text has another tree";
}

}  // namespace

int main(int count, char** arguments) {
    std::vector<std::filesystem::path> folders(arguments + 1, arguments + count);
    if (folders.empty()) {
        for (const char* suite : {"rego", "trivy-checks"}) {
            const auto folder = conformance::find_suite(suite);
            if (!folder.empty()) folders.push_back(folder);
        }
    }
    conformance::Tally tally("known_failures_rego_syntax.txt");
    std::size_t root = folders.empty() ? 0 : folders[0].parent_path().string().size() + 1;
    for (const Source& source : find_sources(folders)) {
        const std::string problem = examine(source);
        const std::string name = source.name.size() > root ? source.name.substr(root) : source.name;
        tally.record(name, problem.empty(), problem);
    }
    return tally.finish();
}
