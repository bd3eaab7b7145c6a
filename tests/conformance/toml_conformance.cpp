// toml-test: the list for TOML 1.0. Valid documents must give the tagged JSON beside them, invalid
// ones must be refused. What 1.1 adds is counted and reported, and decides nothing.

#include <cmath>

#include "suite.h"
#include "text/json.h"
#include "text/toml.h"

namespace {

using namespace merlon;

// "1979-05-27T07:32:00.500Z" and "1979-05-27 07:32:00.5z" are one time.
std::string normal_time(std::string text) {
    for (char& c : text) {
        if (c == ' ' || c == 't') c = 'T';
        if (c == 'z') c = 'Z';
    }
    if (text.ends_with("+00:00") || text.ends_with("-00:00")) text.replace(text.size() - 6, 6, "Z");
    const std::size_t dot = text.find('.');
    if (dot == std::string::npos) return text;
    std::size_t end = dot + 1;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    std::size_t last = end;
    while (last > dot + 1 && text[last - 1] == '0') --last;
    if (last == dot + 1) last = dot;
    return text.substr(0, last) + text.substr(end);
}

bool same_scalar(const std::string& type, const std::string& expected, const std::string& found) {
    if (type == "float") {
        const double a = std::strtod(expected.c_str(), nullptr);
        const double b = std::strtod(found.c_str(), nullptr);
        return (std::isnan(a) && std::isnan(b)) || a == b;
    }
    if (type == "string" || type == "integer" || type == "bool") return expected == found;
    return normal_time(expected) == normal_time(found);
}

bool same(const value::Value& expected, const value::Value& found) {
    if (expected.is_array()) {
        if (!found.is_array() || expected.size() != found.size()) return false;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            if (!same(expected.items()[i], found.items()[i])) return false;
        }
        return true;
    }
    if (!expected.is_object() || !found.is_object() || expected.size() != found.size())
        return false;
    const value::Value* type = expected.find("type");
    const value::Value* text = expected.find("value");
    if (expected.size() == 2 && type != nullptr && text != nullptr && type->is_string() &&
        text->is_string()) {
        const value::Value* found_type = found.find("type");
        const value::Value* found_text = found.find("value");
        return found_type != nullptr && found_text != nullptr && found_type->is_string() &&
               *type == *found_type &&
               same_scalar(std::string(type->as_string()), std::string(text->as_string()),
                           std::string(found_text->as_string()));
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const value::Value* other = found.find(expected.keys()[i]);
        if (other == nullptr || !same(expected.values()[i], *other)) return false;
    }
    return true;
}

struct Verdict {
    bool passed;
    std::string detail;
};

Verdict run_case(const std::filesystem::path& root, const std::string& name) {
    Arena arena;
    Interner interner;
    const std::string text = conformance::read_whole(root / name);
    const auto document = text::read_toml(text, arena, interner, text::TomlTypes::kTagged);
    if (name.starts_with("invalid")) return {!document.ok(), "was accepted"};
    if (!document.ok()) return {false, document.error().to_string()};
    std::string json = (root / name).string();
    json.replace(json.size() - 5, 5, ".json");
    const auto expected = text::read_json(conformance::read_whole(json), arena, interner);
    if (!expected.ok()) return {false, expected.error().to_string()};
    return {same(*expected.value().root, *document.value().root), "differs from the tagged JSON"};
}

std::vector<std::string> cases_of(const std::filesystem::path& list) {
    std::vector<std::string> names;
    std::ifstream file(list);
    for (std::string line; std::getline(file, line);) {
        if (line.ends_with(".toml")) names.push_back(line);
    }
    return names;
}

}  // namespace

int main() {
    const auto suite = conformance::find_suite("toml");
    if (suite.empty()) return conformance::not_run(680);
    const auto root = std::filesystem::exists(suite / "tests") ? suite / "tests" : suite;
    int newer_passed = 0;
    int newer_failed = 0;
    for (const std::string& name : cases_of(root / "files-toml-1.1.0")) {
        run_case(root, name).passed ? ++newer_passed : ++newer_failed;
    }
    std::printf("TOML 1.1, for information: %d of %d\n", newer_passed, newer_passed + newer_failed);
    conformance::Tally tally("known_failures_toml.txt");
    for (const std::string& name : cases_of(root / "files-toml-1.0.0")) {
        const Verdict verdict = run_case(root, name);
        tally.record(name, verdict.passed, verdict.detail);
    }
    return tally.finish();
}
