#include "compat/gitleaks/report.h"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "templates/go_escape.h"
#include "templates/go_numbers.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::compat::gitleaks {
namespace {

using text::JsonEscapes;
using text::JsonWriter;

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    return result;
}

void write_tags(JsonWriter& json, std::span<const std::string> tags) {
    json.begin_array();
    for (const std::string& tag : tags) json.string(tag);
    json.end_array();
}

// encoding/csv quotes a field that holds a separator, a quote or a line end, one that begins with
// white space, and the two characters `\.`, which PostgreSQL takes for the end.
bool needs_quotes(std::string_view field) {
    if (field.empty()) return false;
    if (field == "\\." || field.find_first_of(",\"\r\n") != std::string_view::npos) return true;
    const char32_t first = text::decode_utf8(field).value;
    return first == ' ' || (first >= 0x09 && first <= 0x0D) || first == 0x85 || first == 0xA0 ||
           first == 0x1680 || (first >= 0x2000 && first <= 0x200A) || first == 0x2028 ||
           first == 0x2029 || first == 0x202F || first == 0x205F || first == 0x3000;
}

void append_csv_record(std::string& out, std::span<const std::string_view> fields) {
    bool first = true;
    for (const std::string_view field : fields) {
        if (!std::exchange(first, false)) out.push_back(',');
        if (!needs_quotes(field)) {
            out += field;
            continue;
        }
        out.push_back('"');
        for (const char c : field) {
            if (c == '"') out.push_back('"');
            out.push_back(c);
        }
        out.push_back('"');
    }
    out.push_back('\n');
}

void write_sarif_result(JsonWriter& json, const Row& row) {
    json.begin_object();
    json.key("message").begin_object();
    json.member("text",
                row.commit.empty()
                    ? fmt::format("{} has detected secret for file {}.", row.rule_id, row.file)
                    : fmt::format("{} has detected secret for file {} at commit {}.", row.rule_id,
                                  row.file, row.commit));
    json.end_object();
    json.member("ruleId", row.rule_id);
    json.key("locations").begin_array().begin_object();
    json.key("physicalLocation").begin_object();
    json.key("artifactLocation").begin_object();
    json.member("uri", row.symlink_file.empty() ? row.file : row.symlink_file).end_object();
    json.key("region").begin_object();
    json.key("startLine").integer(row.start_line);
    json.key("startColumn").integer(row.start_column);
    json.key("endLine").integer(row.end_line);
    json.key("endColumn").integer(row.end_column);
    json.key("snippet").begin_object().member("text", row.secret).end_object();
    json.end_object().end_object().end_object().end_array();
    json.key("partialFingerprints").begin_object();
    json.member("commitSha", row.commit).member("email", row.email).member("author", row.author);
    json.member("date", row.date).member("commitMessage", row.message).end_object();
    json.key("properties").begin_object().key("tags");
    write_tags(json, row.tags);
    json.end_object().end_object();
}

}  // namespace

std::optional<ReportFormat> report_format_by_name(std::string_view name) {
    while (!name.empty() && std::string_view(" \t\r\n\v\f").contains(name.front()))
        name.remove_prefix(1);
    while (!name.empty() && std::string_view(" \t\r\n\v\f").contains(name.back()))
        name.remove_suffix(1);
    const std::string format = lower(name);
    if (format == "json") return ReportFormat::kJson;
    if (format == "csv") return ReportFormat::kCsv;
    if (format == "junit") return ReportFormat::kJunit;
    if (format == "sarif") return ReportFormat::kSarif;
    if (format == "template") return ReportFormat::kTemplate;
    return std::nullopt;
}

std::optional<ReportFormat> report_format_by_path(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
    const std::size_t dot = path.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const std::string extension = lower(path.substr(dot));
    if (extension == ".json") return ReportFormat::kJson;
    if (extension == ".csv") return ReportFormat::kCsv;
    if (extension == ".sarif") return ReportFormat::kSarif;
    return std::nullopt;
}

void write_row(JsonWriter& json, const Row& row) {
    json.begin_object();
    json.member("RuleID", row.rule_id).member("Description", row.description);
    json.key("StartLine").integer(row.start_line);
    json.key("EndLine").integer(row.end_line);
    json.key("StartColumn").integer(row.start_column);
    json.key("EndColumn").integer(row.end_column);
    json.member("Match", row.match).member("Secret", row.secret).member("File", row.file);
    json.member("SymlinkFile", row.symlink_file).member("Commit", row.commit);
    if (!row.link.empty()) json.member("Link", row.link);
    json.key("Entropy").raw(templates::go_float(row.entropy));
    json.member("Author", row.author).member("Email", row.email).member("Date", row.date);
    json.member("Message", row.message);
    json.key("Tags");
    write_tags(json, row.tags);
    json.member("Fingerprint", row.fingerprint);
    json.end_object();
}

std::string json_report(std::span<const Row> rows) {
    std::string out;
    JsonWriter json(out, " ", JsonEscapes::kGo);
    json.begin_array();
    for (const Row& row : rows) write_row(json, row);
    json.end_array();
    out.push_back('\n');
    return out;
}

std::string csv_report(std::span<const Row> rows) {
    std::string out;
    if (rows.empty()) return out;
    const bool with_link = !rows[0].link.empty();
    std::vector<std::string_view> fields = {
        "RuleID",    "Commit",  "File",        "SymlinkFile", "Secret", "Match",
        "StartLine", "EndLine", "StartColumn", "EndColumn",   "Author", "Message",
        "Date",      "Email",   "Fingerprint", "Tags"};
    if (with_link) fields.emplace_back("Link");
    append_csv_record(out, fields);
    for (const Row& row : rows) {
        const std::array numbers = {std::to_string(row.start_line), std::to_string(row.end_line),
                                    std::to_string(row.start_column),
                                    std::to_string(row.end_column)};
        const std::string tags = fmt::format("{}", fmt::join(row.tags, " "));
        fields = {row.rule_id, row.commit, row.file,        row.symlink_file,
                  row.secret,  row.match,  numbers[0],      numbers[1],
                  numbers[2],  numbers[3], row.author,      row.message,
                  row.date,    row.email,  row.fingerprint, tags};
        if (with_link) fields.emplace_back(row.link);
        append_csv_record(out, fields);
    }
    return out;
}

std::string junit_report(std::span<const Row> rows) {
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    out += fmt::format("\t<testsuite failures=\"{0}\" name=\"gitleaks\" tests=\"{0}\" time=\"\">",
                       rows.size());
    for (const Row& row : rows) {
        const std::string at_commit =
            row.commit.empty() ? std::string() : fmt::format(", at commit {}", row.commit);
        const std::string message =
            templates::go_xml_escape(fmt::format("{} has detected a secret in file {}, line {}{}.",
                                                 row.rule_id, row.file, row.start_line, at_commit));
        std::string data;
        JsonWriter json(data, "\t", JsonEscapes::kGo);
        write_row(json, row);
        const std::string description = templates::go_xml_escape(row.description);
        out += fmt::format(
            "\n\t\t<testcase classname=\"{0}\" file=\"{1}\" name=\"{2}\" time=\"\">\n"
            "\t\t\t<failure message=\"{2}\" type=\"{0}\">{3}</failure>\n\t\t</testcase>",
            description, templates::go_xml_escape(row.file), message,
            templates::go_xml_escape(data));
    }
    if (!rows.empty()) out += "\n\t";
    out += "</testsuite>\n</testsuites>";
    return out;
}

std::string sarif_report(std::span<const Row> rows, std::span<const RuleName> rules) {
    std::string out;
    JsonWriter json(out, " ", JsonEscapes::kGo);
    json.begin_object();
    json.member("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json.member("version", "2.1.0");
    json.key("runs").begin_array().begin_object();
    json.key("tool").begin_object().key("driver").begin_object();
    // The names that gitleaks writes, because importers tell tools apart by them.
    json.member("name", "gitleaks").member("semanticVersion", "v8.0.0");
    json.member("informationUri", "https://github.com/gitleaks/gitleaks");
    json.key("rules").begin_array();
    for (const RuleName& rule : rules) {
        json.begin_object().member("id", rule.id);
        json.key("shortDescription").begin_object();
        json.member("text", rule.description).end_object().end_object();
    }
    json.end_array().end_object().end_object();
    json.key("results").begin_array();
    for (const Row& row : rows) write_sarif_result(json, row);
    json.end_array().end_object().end_array().end_object();
    out.push_back('\n');
    return out;
}

}  // namespace merlon::compat::gitleaks
