// The tables of an export, and their rows as lines.

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/hex.h"
#include "crypto/digest.h"
#include "evidence/export.h"
#include "text/base64.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::evidence {
namespace {

using enum ExportType;
using Columns = ExportColumn;

constexpr Columns kMeta[] = {{"name", kText}, {"value", kText}};
constexpr Columns kSequence[] = {{"name", kText}, {"next"}};
// `packed` is the file below documents/.
constexpr Columns kDocument[] = {{"id"},          {"digest", kHex}, {"kind", kText},
                                 {"name", kText}, {"size"},         {"received"}};
constexpr Columns kScope[] = {{"id"}, {"name", kText}, {"default_ref", kText}};
constexpr Columns kPath[] = {{"id"}, {"scope"}, {"name", kText}};
constexpr Columns kFamily[] = {{"id"}, {"tool", kText}, {"name", kText}};
constexpr Columns kRule[] = {{"tool", kText},  {"name", kText}, {"family"},
                             {"title", kText}, {"severity"},    {"help_url", kText},
                             {"cwe", kText, 8}};
constexpr Columns kStream[] = {{"id"},
                               {"scope"},
                               {"tool", kText},
                               {"category", kText},
                               {"below", kText},
                               {"ref", kText},
                               {"configuration", kText},
                               {"last_analysis"},
                               {"state", kText},
                               {"ended", kInteger, 11}};
constexpr Columns kAnalysis[] = {{"id"},
                                 {"document"},
                                 {"run"},
                                 {"stream"},
                                 {"tool_version", kText},
                                 {"program", kText},
                                 {"configuration", kText},
                                 {"revision", kText},
                                 {"complete"},
                                 {"incomplete_because", kText},
                                 {"received"},
                                 {"found"},
                                 {"assumed", kInteger, 12}};
constexpr Columns kFinding[] = {{"id"},
                                {"scope"},
                                {"family"},
                                {"stream"},
                                {"rule", kText},
                                {"severity"},
                                {"risk"},
                                {"detection"},
                                {"suppressed", kText},
                                {"open"},
                                {"path"},
                                {"line"},
                                {"title", kText},
                                {"owner", kText},
                                {"first_seen"},
                                {"changed"},
                                {"first_analysis"},
                                {"maybe_moved_from"},
                                {"decision"},
                                {"verdict"},
                                {"expires"},
                                {"package", kText},
                                {"version", kText},
                                {"component", kText}};
constexpr Columns kDetail[] = {{"finding"}, {"body", kText}};
constexpr Columns kPresence[] = {{"finding"},
                                 {"stream"},
                                 {"state"},
                                 {"path"},
                                 {"line"},
                                 {"position"},
                                 {"print", kBytes},
                                 {"signatures", kBytes},
                                 {"first_analysis"},
                                 {"since_analysis"},
                                 {"severity", kInteger, 12, -1},
                                 {"suppressed", kText, 12}};
constexpr Columns kSignature[] = {{"scope"}, {"algorithm"}, {"value", kBytes}, {"finding"}};
constexpr Columns kCounter[] = {{"scope"}, {"severity"}, {"open"}, {"n"}};
constexpr Columns kEvent[] = {{"seq"},         {"at_ms"},        {"actor", kText}, {"kind", kText},
                              {"body", kText}, {"before", kHex}, {"hash", kHex}};
constexpr Columns kDecision[] = {{"id"},
                                 {"event"},
                                 {"finding"},
                                 {"scope", kText},
                                 {"tool", kText},
                                 {"rule", kText},
                                 {"package", kText},
                                 {"weight"},
                                 {"verdict"},
                                 {"justification"},
                                 {"reason", kText},
                                 {"author", kText},
                                 {"approved_by", kText},
                                 {"made"},
                                 {"expires"},
                                 {"signature", kBytes},
                                 {"current"},
                                 {"version", kText},
                                 {"origin", kText},
                                 {"proposal", kInteger, 8},
                                 {"until_fix", kInteger, 8}};
constexpr Columns kFixFound[] = {{"decision"}, {"finding"}, {"event"}};
constexpr Columns kCheckpoint[] = {{"size"}, {"note", kText}};
constexpr Columns kFindingPast[] = {
    {"finding"},      {"until"},         {"stream"},    {"rule", kText},
    {"severity"},     {"risk"},          {"detection"}, {"suppressed", kText},
    {"open"},         {"path"},          {"line"},      {"title", kText},
    {"owner", kText}, {"changed"},       {"decision"},  {"verdict"},
    {"expires"},      {"package", kText}};
constexpr Columns kPresencePast[] = {
    {"finding"}, {"stream"}, {"until"}, {"state"}, {"since_analysis"}};
constexpr Columns kSnapshot[] = {{"day"}, {"scope"}, {"severity"}, {"state"}, {"n"}};
constexpr Columns kWebhook[] = {
    {"id"}, {"name", kText}, {"url", kText}, {"events", kText}, {"secret", kText}, {"created"}};
constexpr Columns kNode[] = {{"id"}, {"kind", kText}, {"name", kText}};
constexpr Columns kEdge[] = {
    {"source"},   {"relation", kText}, {"target"},     {"document"},    {"collector", kText},
    {"analysis"}, {"observed"},        {"valid_from"}, {"valid_until"}, {"confidence"}};
constexpr Columns kBill[] = {{"scope", kText}, {"ref", kText},      {"artifact", kText},
                             {"document"},     {"revision", kText}, {"received"}};

constexpr auto kByDatabase = ExportTable::Numbers::kByDatabase;
constexpr auto kGiven = ExportTable::Numbers::kGiven;
constexpr ExportTable kTables[] = {
    {"meta", "name", kMeta},
    {"sequence", "name", kSequence},
    {"document", "id", kDocument, kByDatabase},
    {"scope", "id", kScope, kByDatabase},
    {"path", "id", kPath, kByDatabase},
    {"family", "id", kFamily, kByDatabase},
    {"rule", "tool, name, family", kRule},
    {"stream", "id", kStream, kByDatabase},
    {"analysis", "id", kAnalysis, kByDatabase},
    {"finding", "id", kFinding},
    {"finding_detail", "finding", kDetail},
    {"presence", "finding, stream", kPresence},
    {"signature", "scope, algorithm, value, finding", kSignature},
    {"counter", "scope, severity, open", kCounter},
    {"event", "seq", kEvent},
    {"decision", "id", kDecision, kByDatabase},
    {"checkpoint", "size", kCheckpoint},
    {"finding_past", "finding, until", kFindingPast},
    {"presence_past", "finding, stream, until", kPresencePast},
    {"snapshot", "day, scope, severity, state", kSnapshot, kGiven, 7},
    {"webhook", "id", kWebhook, kByDatabase},
    {"node", "id", kNode, kByDatabase, 6},
    {"edge", "source, relation, target, document", kEdge, kGiven, 6},
    {"bill", "scope, ref, artifact", kBill, kGiven, 6},
    {"fix_found", "decision, finding", kFixFound, kGiven, 8},
};
// Jobs are a machine's; the words of findings are made anew.
constexpr std::string_view kUnexported[] = {"job", "job_input", "outbox", "finding_text"};

constexpr std::string_view kEncoded = "base64";

void append_value(const ExportColumn& column, const Cell& cell, text::JsonWriter& json) {
    json.key(column.name);
    if (std::holds_alternative<std::monostate>(cell)) {
        json.null();
    } else if (column.type == kInteger) {
        json.integer(integer_of(cell));
    } else if (column.type == kHex) {
        json.string(to_hex(bytes_of(cell)));
    } else if (column.type == kBytes) {
        json.string(text::encode_base64(bytes_of(cell), text::Base64Alphabet::kStandard));
    } else if (text::is_valid_utf8(text_of(cell))) {
        json.string(text_of(cell));
    } else {
        json.begin_object().member(
            kEncoded, text::encode_base64(text_of(cell), text::Base64Alphabet::kStandard));
        json.end_object();
    }
}

Result<ExportValue> read_value(const ExportColumn& column, const value::Value& value) {
    if (value.is_null()) {
        const bool may_be = column.name == "last_analysis" || column.name == "maybe_moved_from";
        if (may_be) return ExportValue();
        return Error{fmt::format("expected a value as {}", column.name)};
    }
    if (column.type == kInteger) {
        const std::optional<std::int64_t> number =
            value.is_number() ? value.as_integer() : std::nullopt;
        if (!number) return Error{fmt::format("expected a whole number as {}", column.name)};
        return ExportValue(*number);
    }
    if (column.type == kText && value.is_object()) {
        const value::Value* const encoded = value.find(kEncoded);
        if (encoded == nullptr || !encoded->is_string())
            return Error{fmt::format("expected a text as {}", column.name)};
        return ExportValue(
            MERLON_TRY(text::decode_base64(encoded->as_string(), text::Base64Alphabet::kStandard)));
    }
    if (!value.is_string()) return Error{fmt::format("expected a text as {}", column.name)};
    const std::string_view text = value.as_string();
    if (column.type == kHex) return ExportValue(MERLON_TRY(crypto::from_hex(text)));
    if (column.type == kBytes)
        return ExportValue(MERLON_TRY(text::decode_base64(text, text::Base64Alphabet::kStandard)));
    return ExportValue(std::string(text));
}

}  // namespace

std::span<const ExportTable> export_tables() { return kTables; }
std::span<const std::string_view> unexported_tables() { return kUnexported; }

std::string export_row(const ExportTable& table, Cells row) {
    std::string line;
    text::JsonWriter json(line);
    json.begin_object();
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        append_value(table.columns[i], row[i], json);
    json.end_object();
    return line + "\n";
}

Result<std::vector<ExportValue>> read_export_row(const ExportTable& table, std::string_view line,
                                                 std::int64_t schema) {
    Arena arena;
    Interner interner;
    // Of a member that stands twice the one would be checked and the other written.
    const auto read = MERLON_TRY(
        text::read_json(line, arena, interner, {.duplicate_keys = text::DuplicateKeys::kRefuse}));
    const value::Value& root = *read.root;
    const auto is_there = [schema](const ExportColumn& column) { return column.since <= schema; };
    const auto count = static_cast<std::size_t>(std::ranges::count_if(table.columns, is_there));
    if (!root.is_object() || root.size() != count)
        return Error{
            fmt::format("expected an object with the {} columns of {}", count, table.name)};
    std::vector<ExportValue> row;
    for (const ExportColumn& column : table.columns) {
        if (!is_there(column)) {
            row.push_back(column.type == kInteger ? ExportValue(column.otherwise)
                                                  : ExportValue(std::string()));
            continue;
        }
        const value::Value* const found = root.find(column.name);
        if (found == nullptr) return Error{fmt::format("the column {} is missing", column.name)};
        row.push_back(MERLON_TRY(read_value(column, *found)));
    }
    return row;
}

}  // namespace merlon::evidence
