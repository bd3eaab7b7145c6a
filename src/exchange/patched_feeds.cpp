#include "exchange/patched_feeds.h"

#include <algorithm>
#include <cmath>

#include "exchange/cvss.h"
#include "text/toml.h"

namespace merlon::exchange {
namespace {

using value::Value;

constexpr std::string_view kFence = "```toml";

std::string trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

// The first heading is the summary, what follows the details.
void read_markdown(std::string_view markdown, OsvRecord& record) {
    std::string text = trimmed(markdown);
    if (text.starts_with("# ")) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        record.summary = trimmed(std::string_view(text).substr(2, end - 2));
        text = trimmed(std::string_view(text).substr(end));
    }
    record.details = std::move(text);
}

// [affected]: functions by path, each with the versions that have it.
OsvSymbols read_rust_functions(const Value& affected, FieldReader& fields) {
    OsvSymbols symbols;
    symbols.operating_systems = fields.texts(affected, "os");
    symbols.architectures = fields.texts(affected, "arch");
    if (const Value* functions = fields.object(affected, "functions")) {
        for (const Value& path : functions->keys()) symbols.symbols.push_back(fields.text_of(path));
    }
    return symbols;
}

void read_rustsec_fields(const Value& root, FieldReader& fields, PatchedAdvisory& advisory) {
    if (!fields.is_object(root)) return;
    OsvRecord& record = advisory.record;
    const Value* const head = fields.object(root, "advisory");
    if (head == nullptr) {
        fields.fail("no [advisory]", &root);
        return;
    }
    record.id = fields.required_text(*head, "id");
    record.published = fields.text(*head, "date");
    record.withdrawn = fields.text(*head, "withdrawn");
    record.aliases = fields.texts(*head, "aliases");
    record.related = fields.texts(*head, "related");
    if (std::string url = fields.text(*head, "url"); !url.empty()) {
        record.references.push_back({"WEB", std::move(url)});
    }
    if (std::string vector = fields.text(*head, "cvss"); !vector.empty()) {
        const char* const type = vector.starts_with("CVSS:4") ? "CVSS_V4" : "CVSS_V3";
        record.severities.push_back({type, std::move(vector)});
    }
    OsvAffected affected;
    affected.ecosystem = "crates.io";
    affected.name = fields.required_text(*head, "package");
    // "unmaintained", "unsound", "notice": no weakness of the code.
    affected.state = fields.text(*head, "informational");
    if (const Value* parts = fields.object(root, "affected")) {
        OsvSymbols symbols = read_rust_functions(*parts, fields);
        if (symbols != OsvSymbols{}) affected.symbols.push_back(std::move(symbols));
    }
    record.affected.push_back(std::move(affected));
    const Value* const versions = fields.object(root, "versions");
    if (versions == nullptr) {
        fields.fail("no [versions]", &root);
        return;
    }
    advisory.patched = fields.texts(*versions, "patched");
    advisory.unaffected = fields.texts(*versions, "unaffected");
}

// "cvss_v3: 7.5" as the word of its rating.
std::string rating_of(const std::string& score) {
    double number = 0;
    bool in_fraction = false;
    double place = 1;
    for (const char c : score) {
        if (c == '.' && !in_fraction) {
            in_fraction = true;
        } else if (c >= '0' && c <= '9') {
            if (in_fraction) place /= 10;
            number = in_fraction ? number + place * (c - '0') : number * 10 + (c - '0');
        } else {
            return {};
        }
        if (number > 10) return {};
    }
    return score.empty()
               ? std::string()
               : std::string(cvss_rating(static_cast<unsigned>(std::lround(number * 10))));
}

void read_rubysec_fields(const Value& root, FieldReader& fields, std::string_view stem,
                         PatchedAdvisory& advisory) {
    if (!fields.is_object(root)) return;
    OsvRecord& record = advisory.record;
    record.id = "RUBYSEC-" + fields.text(root, "gem") + fields.text(root, "engine") + "-";
    std::vector<std::string> ids;
    for (const auto& [key, prefix] : {std::pair{"cve", "CVE-"}, std::pair{"ghsa", "GHSA-"}}) {
        const std::string number = fields.text(root, key);
        if (!number.empty()) ids.push_back(prefix + number);
    }
    record.id += ids.empty() ? std::string(stem) : ids.front();
    record.aliases = std::move(ids);
    record.published = fields.text(root, "date");
    record.summary = fields.text(root, "title");
    record.details = fields.text(root, "description");
    if (std::string url = fields.text(root, "url"); !url.empty()) {
        record.references.push_back({"WEB", std::move(url)});
    }
    for (const std::string_view key : {"cvss_v4", "cvss_v3", "cvss_v2"}) {
        if (record.severity_word.empty()) record.severity_word = rating_of(fields.text(root, key));
    }
    OsvAffected affected;
    affected.name = fields.text(root, "gem");
    affected.ecosystem = "RubyGems";
    if (affected.name.empty()) {
        // A weakness of an interpreter ("engine: ruby"): nothing that a registry of packages has.
        affected.name = fields.required_text(root, "engine");
        affected.ecosystem = "Ruby engine";
    }
    record.affected.push_back(std::move(affected));
    advisory.patched = fields.texts(root, "patched_versions");
    advisory.unaffected = fields.texts(root, "unaffected_versions");
}

}  // namespace

Result<PatchedAdvisory> read_rustsec(std::string_view bytes) {
    if (!bytes.starts_with(kFence)) {
        return Error{"RustSec: expected ```toml in the first line", 0};
    }
    const std::size_t begin = bytes.find('\n');
    const std::size_t end = begin == std::string_view::npos ? begin : bytes.find("\n```", begin);
    if (end == std::string_view::npos) return Error{"RustSec: the TOML is never closed", 0};
    Arena arena;
    Interner interner;
    // The line feed in front keeps the lines of errors right.
    const auto toml = text::read_toml(bytes.substr(begin, end + 1 - begin), arena, interner);
    if (!toml.ok()) return toml.error();
    PatchedAdvisory advisory;
    FieldReader fields;
    read_rustsec_fields(*toml.value().root, fields, advisory);
    if (fields.problem().has_value()) {
        Error error{"RustSec: " + *fields.problem()};
        const auto place = toml.value().positions.find(fields.place());
        if (place != toml.value().positions.end()) error.line = place->second.line;
        return error;
    }
    read_markdown(bytes.substr(std::min(end + 4, bytes.size())), advisory.record);
    return advisory;
}

Result<PatchedAdvisory> read_rubysec(std::string_view bytes, std::string_view file_name) {
    const std::string_view stem = file_name.substr(0, file_name.rfind('.'));
    PatchedAdvisory advisory;
    const Status read =
        read_fields(bytes, RecordSyntax::kYaml, [&](const Value& root, FieldReader& fields) {
            advisory = {};
            read_rubysec_fields(root, fields, stem, advisory);
        });
    if (!read.ok()) return read.error();
    return advisory;
}

}  // namespace merlon::exchange
