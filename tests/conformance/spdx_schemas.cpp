// Our SPDX documents against the schemas that SPDX publishes:
//
//   spdx_schemas [FOLDER]
//
// FOLDER (default: build/peers/spdx) holds spdx-schema-2.3.json, which `tools/peers.sh
// spdx_schemas` brings, and spdx-json-schema.json of 3.0.1, which spdx.org publishes and no
// registry has. What is not there is not run. Each document is broken once too, so that a schema
// that takes everything is found out.

#include <cstring>

#include "base/text_sink.h"
#include "exchange/spdx.h"
#include "match/regex.h"
#include "suite.h"
#include "text/json.h"
#include "value/json_schema.h"

namespace {

namespace fs = std::filesystem;
using namespace merlon;

// Something in every field that SPDX has a place for, and in those that become annotations.
exchange::Bom sample() {
    exchange::Bom bom;
    bom.serial = "3e671687-395b-41f5-a30f-a58921a69b79";
    bom.timestamp = "2026-01-31T23:59:59Z";
    bom.name = "shop";
    bom.tools = {{"Merlon", "merlon", "1"}};
    bom.authors = {"A Person"};
    bom.root.ref = "root";
    bom.root.type = exchange::BomType::kApplication;
    bom.root.name = "shop";
    bom.root.version = "1.0";
    exchange::BomComponent component;
    component.ref = "a";
    component.name = "a";
    component.version = "1.2.3";
    component.purl = "pkg:npm/a@1.2.3";
    component.cpe = "cpe:2.3:a:v:a:1.2.3:*:*:*:*:*:*:*";
    component.description = "what it is";
    component.supplier = "A Company";
    component.copyright = "(c) somebody";
    component.scope = exchange::BomScope::kExcluded;
    component.hashes = {{"SHA-256", std::string(64, 'a')}, {"MD5", std::string(32, 'b')}};
    component.licenses = {{exchange::BomLicense::Kind::kExpression, "MIT OR Apache-2.0"}};
    component.found_licenses = {{exchange::BomLicense::Kind::kId, "MIT"}};
    component.references = {{"vcs", "https://example.com/a.git"},
                            {"distribution", "https://example.com/a.tgz"}};
    component.properties = {{"merlon:source", "npm-package-lock"}, {"merlon:requested", "^1"}};
    component.occurrences = {{"package-lock.json", 3}};
    bom.components.push_back(component);
    component.ref = "b";
    component.name = "b";
    component.purl = "pkg:npm/b@1.2.3";
    component.licenses = {{exchange::BomLicense::Kind::kName, "our own terms"}};
    bom.components.push_back(component);
    bom.dependencies = {{"root", {"a"}}, {"a", {"b"}}};
    bom.compositions = {{exchange::BomAggregate::kIncomplete, {"root"}, {"root"}}};
    return bom;
}

// SPDX 3.0.1 tells an IRI from a blank node by "^(?!_:).+:.+": what a text must not begin with is
// asked by itself, because our expressions look at nothing ahead.
Result<bool> matches(std::string_view pattern, std::string_view text) {
    constexpr std::string_view kNot = "^(?!";
    if (pattern.starts_with(kNot)) {
        const std::size_t end = pattern.find(')');
        const std::string without(pattern.substr(kNot.size(), end - kNot.size()));
        const Result<bool> begins = matches("^(?:" + without + ")", text);
        if (!begins.ok() || begins.value()) return begins.ok() ? Result<bool>(false) : begins;
        return matches("^" + std::string(pattern.substr(end + 1)), text);
    }
    Result<match::Regex> regex = match::Regex::compile(pattern);
    if (!regex.ok()) return std::move(regex).error();
    return regex.value().is_match(text);
}

// Empty where the document fits the schema.
std::string violation(const std::string& schema_text, const std::string& document_text) {
    Arena arena;
    Interner interner;
    const auto schema = text::read_json(schema_text, arena, interner);
    const auto document = text::read_json(document_text, arena, interner);
    if (!schema.ok()) return schema.error().to_string();
    if (!document.ok()) return document.error().to_string();
    const auto found = value::validate(*schema.value().root, *document.value().root, matches);
    if (!found.ok()) return found.error().to_string();
    return found.value().empty() ? "" : found.value()[0].pointer + ": " + found.value()[0].message;
}

struct Case {
    const char* name;
    const char* schema;
    void (*write)(const exchange::Bom&, TextSink&);
    const char* right;  // what is broken, and what by
    const char* wrong;
};
constexpr Case kCases[] = {
    {"spdx-2.3", "spdx-schema-2.3.json", exchange::write_spdx_json, "\"annotationType\": \"OTHER\"",
     "\"annotationType\": \"NONE\""},
    {"spdx-3.0.1", "spdx-json-schema.json", exchange::write_spdx3, "\"annotationType\": \"other\"",
     "\"annotationType\": \"none\""},
};

}  // namespace

int main(int count, char** arguments) {
    const char* source = std::getenv("MERLON_SOURCE_DIR");
    const fs::path folder =
        count > 1 ? fs::path(arguments[1])
                  : fs::path(source != nullptr ? source : ".") / "build" / "peers" / "spdx";
    conformance::Tally tally("known_failures_schemas.txt");
    int absent = 0;
    for (const Case& one : kCases) {
        if (!fs::exists(folder / one.schema)) {
            absent += 2;
            continue;
        }
        const std::string schema = conformance::read_whole(folder / one.schema);
        std::string document;
        TextSink sink([&document](std::string_view text) {
            document += text;
            return Status();
        });
        one.write(sample(), sink);
        if (!sink.finish().ok()) return 1;
        const std::string why = violation(schema, document);
        tally.record(one.name, why.empty(), why);
        const std::size_t at = document.find(one.right);
        if (at != std::string::npos) document.replace(at, std::strlen(one.right), one.wrong);
        tally.record(std::string(one.name) + "-broken", !violation(schema, document).empty(),
                     "a wrong kind of annotation was accepted");
    }
    if (absent > 0) std::printf("%d cases not run: their schema is not there\n", absent);
    return tally.finish();
}
