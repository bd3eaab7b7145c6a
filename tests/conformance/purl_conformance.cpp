// The package-url specification's own tests: parse, build, and validate (read and write again).

#include "packages/package_url.h"
#include "suite.h"
#include "text/json.h"

namespace {

using namespace merlon;
using packages::PackageUrl;
using value::Value;

std::string text_of(const Value* value) {
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

PackageUrl parts_of(const Value& value) {
    PackageUrl parts;
    parts.type = text_of(value.find("type"));
    parts.name_space = text_of(value.find("namespace"));
    parts.name = text_of(value.find("name"));
    parts.version = text_of(value.find("version"));
    parts.subpath = text_of(value.find("subpath"));
    const Value* qualifiers = value.find("qualifiers");
    if (qualifiers != nullptr && qualifiers->is_object())
        for (std::size_t at = 0; at < qualifiers->size(); ++at)
            parts.qualifiers.emplace_back(qualifiers->keys()[at].as_string(),
                                          qualifiers->values()[at].as_string());
    std::sort(parts.qualifiers.begin(), parts.qualifiers.end());
    return parts;
}

Result<PackageUrl> run(const std::string& kind, const Value& input) {
    if (kind == "build") return packages::normalize(parts_of(input));
    const auto spelling =
        kind == "parse" ? packages::PurlSpelling::kStandard : packages::PurlSpelling::kForgiving;
    return packages::parse_package_url(input.as_string(), spelling);
}

bool is_expected(const std::string& kind, const PackageUrl& url, const Value& expected) {
    if (kind == "parse") return url == parts_of(expected);
    return packages::to_string(url) == expected.as_string();
}

}  // namespace

int main() {
    const auto suite = conformance::find_suite("purl");
    if (suite.empty()) return conformance::not_run(586);
    conformance::Tally tally("known_failures_purl.txt");
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(suite))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& path : files) {
        Arena arena;
        Interner interner;
        const auto document = text::read_json(conformance::read_whole(path), arena, interner);
        const std::string file = path.filename().string();
        if (!document.ok()) {
            tally.record(file, false, document.error().to_string());
            continue;
        }
        int number = 0;
        for (const Value& test : document.value().root->find("tests")->items()) {
            const std::string kind = text_of(test.find("test_type"));
            const Value& input = *test.find("input");
            const auto url = run(kind, input);
            const bool must_fail = test.find("expected_failure")->as_boolean();
            const bool passed = must_fail ? !url.ok()
                                          : url.ok() && is_expected(kind, url.value(),
                                                                    *test.find("expected_output"));
            tally.record(
                file + "#" + std::to_string(number++), passed,
                kind + ": " + text_of(test.find("description")) + ": " +
                    (url.ok() ? packages::to_string(url.value()) : url.error().to_string()));
        }
    }
    return tally.finish();
}
