// yaml-test-suite: what has `fail: true` must be refused; what has `json` must give it; the rest
// must be accepted. The suite's own files are read with our reader too.

#include "suite.h"
#include "text/json.h"
#include "text/yaml.h"

namespace {

using namespace merlon;

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
    }
}

// The suite shows what cannot be seen: "␣" a space, "————»" a tab, "←" a carriage return, "⇔" a
// byte order mark, "↵" a line end that matters, "∎" no line end at the end.
std::string plain(std::string text) {
    replace_all(text, "\xE2\x90\xA3", " ");
    for (const char* tab :
         {"\xE2\x80\x94\xE2\x80\x94\xE2\x80\x94\xE2\x80\x94\xC2\xBB",
          "\xE2\x80\x94\xE2\x80\x94\xE2\x80\x94\xC2\xBB", "\xE2\x80\x94\xE2\x80\x94\xC2\xBB",
          "\xE2\x80\x94\xC2\xBB", "\xC2\xBB"}) {
        replace_all(text, tab, "\t");
    }
    replace_all(text, "\xE2\x86\x90", "\r");
    replace_all(text, "\xE2\x87\x94", "\xEF\xBB\xBF");
    replace_all(text, "\xE2\x86\xB5", "");
    replace_all(text, "\xE2\x88\x8E\n", "");
    return text;
}

std::string text_at(const value::Value& object, std::string_view key) {
    const value::Value* found = object.find(key);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

// Several JSON texts behind each other, each beginning on a line of its own.
std::vector<const value::Value*> json_documents(const std::string& text, Arena& arena,
                                                Interner& interner) {
    std::vector<const value::Value*> documents;
    std::string piece;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        piece += line + '\n';
        const auto document = text::read_json(piece, arena, interner);
        if (!document.ok()) continue;
        documents.push_back(document.value().root);
        piece.clear();
    }
    return documents;
}

struct Verdict {
    bool passed;
    std::string detail;
};

Verdict run_case(const std::string& yaml, const value::Value& test) {
    Arena arena;
    Interner interner;
    const auto documents = text::read_yaml(
        yaml, arena, interner,
        {.merge_keys = text::MergeKeys::kKeep, .duplicate_keys = text::DuplicateKeys::kLastWins});
    const value::Value* fail = test.find("fail");
    if (fail != nullptr && fail->is_boolean() && fail->as_boolean()) {
        return {!documents.ok(), "was accepted"};
    }
    if (!documents.ok()) return {false, documents.error().to_string()};
    const value::Value* json = test.find("json");
    if (json == nullptr || !json->is_string()) return {true, {}};
    const auto expected = json_documents(std::string(json->as_string()), arena, interner);
    if (expected.size() != documents.value().size()) return {false, "another number of documents"};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (!(*expected[i] == *documents.value()[i].root)) {
            std::string found;
            text::JsonWriter(found).value(*documents.value()[i].root);
            return {false, "gave " + found};
        }
    }
    return {true, {}};
}

}  // namespace

int main() {
    const auto suite = conformance::find_suite("yaml");
    if (suite.empty()) return conformance::not_run(402);
    conformance::Tally tally("known_failures_yaml.txt");
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(suite)) {
        if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
        Arena arena;
        Interner interner;
        const auto tests = text::read_yaml(conformance::read_whole(file), arena, interner);
        const std::string stem = file.stem().string();
        if (!tests.ok() || tests.value().size() != 1 || !tests.value()[0].root->is_array()) {
            tally.record(stem, false, "the suite's file could not be read");
            continue;
        }
        const auto cases = tests.value()[0].root->items();
        std::string yaml;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            // A case without a text has that of the one before it.
            if (cases[i].find("yaml") != nullptr) yaml = plain(text_at(cases[i], "yaml"));
            const std::string name =
                cases.size() == 1 ? stem : stem + "/" + (i < 10 ? "0" : "") + std::to_string(i);
            const Verdict verdict = run_case(yaml, cases[i]);
            tally.record(name, verdict.passed, verdict.detail);
        }
    }
    return tally.finish();
}
