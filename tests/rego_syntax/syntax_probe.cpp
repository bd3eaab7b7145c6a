// Answers each line "VERSION PATH" of the input with one line of JSON: the tree, the errors and the
// formatted text of that module. tests/peers/rego_oracle answers the same from OPA's own packages.

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>

#include "rego/syntax/format.h"
#include "rego/syntax/json.h"
#include "rego/syntax/parser.h"
#include "text/json.h"

namespace {

using namespace merlon;
using namespace merlon::rego::syntax;

void write_errors(text::JsonWriter& json, const std::vector<SyntaxError>& errors) {
    json.key("errors").begin_array();
    for (const SyntaxError& error : errors) {
        json.begin_object().member("message", error.message).member("code", error.code);
        json.key("location").begin_object().member("file", "f");
        json.key("row").integer(error.row).key("col").integer(error.column).end_object();
        if (error.has_detail) {
            json.key("details").begin_object().member("line", error.line);
            json.key("idx").integer(error.line_index).end_object();
        }
        json.end_object();
    }
    json.end_array();
}

std::string answer(const std::string& version, const std::string& source) {
    static const std::map<std::string, RegoVersion> kVersions = {
        {"v0", RegoVersion::kV0},
        {"v0v1", RegoVersion::kV0CompatibleV1},
        {"v1", RegoVersion::kV1},
        {"v2", RegoVersion::kV2}};
    std::string out;
    text::JsonWriter json(out, "", text::JsonEscapes::kGo);
    json.begin_object();
    Arena arena;
    Interner interner;
    const ParsedModule parsed =
        parse_module(source, arena, interner,
                     {.version = kVersions.at(version), .annotations = ReadAnnotations::kYes});
    if (parsed.module == nullptr) {
        write_errors(json, parsed.errors);
    } else {
        json.key("tree").raw(
            to_json(*parsed.module, {.file = "f", .locations = JsonLocations::kYes, .indent = ""}));
    }
    const Formatted formatted = format_source(source, {.version = kVersions.at(version)});
    if (formatted.errors.empty()) {
        if (!formatted.text.empty()) json.member("formatted", formatted.text);
    } else {
        const std::string text = to_string(formatted.errors, "f");
        json.member("format_error", formatted.failed_while_formatting ? "f: " + text : text);
    }
    json.end_object();
    return out;
}

}  // namespace

int main() {
    std::string line;
    while (std::getline(std::cin, line)) {
        const std::size_t space = line.find(' ');
        std::ifstream file(line.substr(space + 1), std::ios::binary);
        const std::string source{std::istreambuf_iterator<char>(file), {}};
        std::cout << answer(line.substr(0, space), source) << '\n' << std::flush;
    }
    return 0;
}
