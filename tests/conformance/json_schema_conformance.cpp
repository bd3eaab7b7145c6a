// JSON-Schema-Test-Suite: draft-04, draft-07 and 2020-12, the optional cases too, with
// the suite's remote documents at http://localhost:1234/ and the drafts' metaschemas.
//
//   json_schema_conformance [FOLDER]
//
// FOLDER is a copy of the suite (tests/, remotes/) with the metaschemas beside them (metaschemas/,
// any names); without it, build/peers/json-schema, where tools/peers.sh puts both.

#include "match/ecma.h"
#include "match/regex.h"
#include "suite.h"
#include "text/json.h"
#include "value/json_schema.h"

namespace {

using namespace merlon;
namespace fs = std::filesystem;

Result<bool> matches(std::string_view pattern, std::string_view text) {
    Result<match::Regex> regex = match::Regex::compile(match::from_ecma(pattern));
    if (!regex.ok()) return std::move(regex).error();
    return regex.value().is_match(text);
}

// What these cases ask for is an annotation here, as 2020-12 has it (value/json_schema.h).
bool is_annotation(const std::string& name) {
    return name.find("/optional/format") != std::string::npos ||
           name.find("/optional/content.json") != std::string::npos;
}

std::vector<fs::path> files_below(const fs::path& folder) {
    std::vector<fs::path> files;
    if (!fs::exists(folder)) return files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

class Suite {
  public:
    explicit Suite(const fs::path& folder) : folder_(folder) {
        for (const fs::path& file : files_below(folder / "remotes")) {
            const std::string path = fs::relative(file, folder / "remotes").generic_string();
            add_document(file, "http://localhost:1234/" + path);
        }
        for (const fs::path& file : files_below(folder / "metaschemas")) add_document(file, "");
    }

    void run(const std::string& name, value::SchemaDraft draft, conformance::Tally& tally) {
        for (const fs::path& file : files_below(folder_ / "tests" / name)) {
            const value::Value* groups = read(file);
            if (groups == nullptr) continue;
            const std::string stem = fs::relative(file, folder_ / "tests").generic_string();
            for (std::size_t g = 0; g < groups->size(); ++g) {
                if (is_annotation(stem)) {
                    excluded_ += groups->items()[g].find("tests")->size();
                    continue;
                }
                run_group(groups->items()[g], draft, stem + "#" + std::to_string(g), tally);
            }
        }
    }

    std::size_t excluded() const { return excluded_; }

  private:
    const value::Value* read(const fs::path& file) {
        const auto document = text::read_json(conformance::read_whole(file), arena_, interner_);
        return document.ok() ? document.value().root : nullptr;
    }

    void add_document(const fs::path& file, std::string address) {
        const value::Value* root = read(file);
        if (root == nullptr) return;
        for (const char* key : {"$id", "id"}) {
            const value::Value* id = root->find(key);
            if (address.empty() && id != nullptr && id->is_string()) address = id->as_string();
        }
        documents_.push_back({std::move(address), root});
    }

    void run_group(const value::Value& group, value::SchemaDraft draft, const std::string& name,
                   conformance::Tally& tally) {
        const value::Value& schema = *group.find("schema");
        const value::Value& tests = *group.find("tests");
        for (std::size_t t = 0; t < tests.size(); ++t) {
            const value::Value& test = tests.items()[t];
            value::SchemaOptions options;
            options.draft = draft;
            options.documents = documents_;
            const auto found = value::validate(schema, *test.find("data"), matches, options);
            const bool expected = test.find("valid")->as_boolean();
            const bool passed = found.ok() && found.value().empty() == expected;
            tally.record(name + "." + std::to_string(t), passed,
                         std::string(group.find("description")->as_string()) + ": " +
                             std::string(test.find("description")->as_string()) + ": " +
                             (found.ok() ? "wrongly judged" : found.error().message));
        }
    }

    fs::path folder_;
    Arena arena_;
    Interner interner_;
    std::vector<value::SchemaDocument> documents_;
    std::size_t excluded_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
    const char* source = std::getenv("MERLON_SOURCE_DIR");
    const fs::path folder =
        count > 1 ? fs::path(arguments[1])
                  : fs::path(source != nullptr ? source : ".") / "build" / "peers" / "json-schema";
    if (!fs::exists(folder / "tests")) {
        // Not among the corpora that a checkout brings along: `tools/peers.sh json_schema_suite`.
        std::printf("0 passed, %d not run\n", 4'000);
        return count > 1 ? 1 : 0;
    }
    conformance::Tally tally("known_failures_json_schema.txt");
    Suite suite(folder);
    suite.run("draft4", value::SchemaDraft::k4, tally);
    suite.run("draft7", value::SchemaDraft::k7, tally);
    suite.run("draft2020-12", value::SchemaDraft::k2020, tally);
    std::printf("%zu cases left out: format and content are annotations here\n", suite.excluded());
    return tally.finish();
}
