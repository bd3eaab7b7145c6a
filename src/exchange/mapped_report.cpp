#include "exchange/mapped_report.h"

#include <algorithm>
#include <array>

#include "exchange/field_reader.h"
#include "exchange/foreign_draft.h"
#include "exchange/foreign_secrets.h"
#include "exchange/foreign_text.h"
#include "exchange/json_lines.h"
#include "exchange/masked_document.h"
#include "exchange/plain_fields.h"
#include "text/csv.h"
#include "text/json.h"
#include "text/xml.h"

namespace merlon::exchange {
namespace {

using value::Builder;
using value::Value;

constexpr std::size_t kMaxColumns = 1'000;
text::JsonOptions strictly(const CancelToken* cancel) {
    return {.duplicate_keys = text::DuplicateKeys::kRefuse, .cancel = cancel};
}

// A list of what each line holds.
Result<Value> read_lines(std::string_view bytes, Arena& arena, Interner& interner,
                         const CancelToken* cancel) {
    std::vector<Value> all;
    const auto take = [&](std::string_view line) -> Status {
        all.push_back(*MERLON_TRY(text::read_json(line, arena, interner, strictly(cancel))).root);
        return {};
    };
    MERLON_TRY(each_json_line(bytes, take));
    return Builder(arena, interner).array(all);
}

Result<Value> read_csv(std::string_view bytes, Arena& arena, Interner& interner) {
    Builder builder(arena, interner);
    // As Excel writes it, and no part of the first name.
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
    text::CsvReader reader(bytes);
    std::vector<std::string> names, row;
    if (!MERLON_TRY(reader.next(names))) {
        return Error{
            "the file is empty, and no CSV is: its first line names the columns, also where no "
            "finding follows; look whether the tool has failed"};
    }
    if (names.size() > kMaxColumns)
        return Error{std::to_string(names.size()) + " columns; at most " +
                     std::to_string(kMaxColumns) + " are read"};
    for (auto name = names.begin(); name != names.end(); ++name) {
        if (std::find(names.begin(), name, *name) == name) continue;
        Error error{"two columns are called '" + *name + "': one would hide the other"};
        error.line = reader.line();
        return error;
    }
    std::vector<Value> all;
    while (MERLON_TRY(reader.next(row))) {
        if (row.size() != names.size()) {
            Error error{"a line of " + std::to_string(row.size()) + " fields below " +
                        std::to_string(names.size()) + " names"};
            error.line = reader.line();
            return error;
        }
        std::vector<Builder::Entry> entries;
        for (std::size_t i = 0; i < row.size(); ++i)
            entries.emplace_back(builder.key(names[i]), builder.string(row[i]));
        all.push_back(builder.object(entries));
    }
    return builder.array(all);
}

// Depth is bounded by the reader.
Value tree_of(const text::XmlElement& element, Builder& builder) {
    std::vector<Builder::Entry> attributes;
    for (const text::XmlAttribute& one : element.attributes)
        attributes.emplace_back(builder.key(one.name), builder.string(one.value));
    std::vector<Value> children;
    for (const text::XmlElement* child = element.first_child; child != nullptr; child = child->next)
        children.push_back(tree_of(*child, builder));
    const std::array<Builder::Entry, 4> entries{
        Builder::Entry{builder.key("name"), builder.string(element.name)},
        Builder::Entry{builder.key("attributes"), builder.object(attributes)},
        Builder::Entry{builder.key("text"), builder.string(element.text)},
        Builder::Entry{builder.key("children"), builder.array(children)},
    };
    return builder.object(entries);
}

class AnswerReader {
  public:
    explicit AnswerReader(const Value& answer) : answer_(answer), draft_("") {}

    Result<ReadReport> read() && {
        const std::string tool = fields_.required_text(answer_, "tool");
        draft_.read().category = fields_.text(answer_, "category");
        draft_.read().repository = fields_.text(answer_, "repository");
        draft_.analysis().tool = tool;
        draft_.analysis().version = fields_.text(answer_, "version");
        draft_.analysis().ref = fields_.text(answer_, "ref");
        draft_.analysis().commit = fields_.text(answer_, "commit");
        MERLON_TRY(check("the mapping's answer"));
        if (answer_.find("findings") == nullptr)
            return Error{
                "the mapping's answer has no findings; a report without any gives an "
                "empty set"};
        const auto findings = fields_.items(answer_, "findings");
        MERLON_TRY(check("the mapping's answer"));
        MERLON_TRY(check_count(findings.size()));
        for (std::size_t i = 0; i < findings.size(); ++i) {
            if (fields_.is_object(findings[i])) read_finding(findings[i]);
            MERLON_TRY(check("findings[" + std::to_string(i) + "]"));
        }
        const auto complete = boolean_in(answer_, "complete", fields_);
        MERLON_TRY(check("the mapping's answer"));
        if (!complete) draft_.add_unstated("the mapping does not say whether the run was complete");
        if (complete == false)
            draft_.add_gap(model::GapCause::kScannerFailed, tool, "the mapping says so");
        return std::move(draft_).finish();
    }

  private:
    // What a mapping asks for in vain leaves a finding out, by Rego's rules, and nobody is told: so
    // it may say how many there have to be.
    Status check_count(std::size_t made) {
        const auto expected = integer_in(answer_, "expected", fields_);
        MERLON_TRY(check("the mapping's answer"));
        if (!expected && made == 0) {
            draft_.add_notice(
                "the mapping made no finding; a member that it asks for in vain leaves a record "
                "out: have it say how many there are as 'expected' (docs/import.md)");
        }
        if (!expected || static_cast<std::uint64_t>(*expected) == made) return {};
        return Error{"the mapping expected " + std::to_string(*expected) + " findings, and made " +
                     std::to_string(made) +
                     ": what it asks for is not in each record, or two records make one finding"};
    }

    // Names the place of the first problem so far.
    Status check(const std::string& place) {
        if (!fields_.problem()) return {};
        return Error{place + ": " + *fields_.problem()};
    }

    std::uint32_t line(const Value& owner, std::string_view name) {
        return line_number(integer_in(owner, name, fields_));
    }

    void read_finding(const Value& said) {
        refuse_unknown(said);
        const std::string id = fields_.required_text(said, "rule");
        read_rule(said, draft_.rule(id));
        model::Finding& finding = draft_.add(id);
        finding.message = fields_.required_text(said, "message");
        if (const std::string word = fields_.text(said, "severity"); !word.empty()) {
            const auto severity = severity_of_word(word);
            if (!severity) fields_.fail("not a severity: '" + word + "'", &said);
            finding.severity = severity.value_or(model::Severity::kHigh);
        }
        read_place(said, finding);
        finding.tags = fields_.texts(said, "tags");
        for (const std::string_view name : {"object", "purl"})
            if (std::string text = fields_.text(said, name); !text.empty())
                finding.properties[std::string(name)] = std::move(text);
        const auto each = [&](std::string_view name, const auto& use) {
            const Value* const all = fields_.object(said, name);
            if (all == nullptr) return;
            for (std::size_t i = 0; i < all->size(); ++i)
                if (all->keys()[i].is_string())
                    use(std::string(all->keys()[i].as_string()), fields_.text_of(all->values()[i]));
        };
        each("fingerprints", [&](std::string name, std::string value) {
            finding.fingerprints.push_back({std::move(name), std::move(value)});
        });
        each("properties", [&](std::string name, std::string value) {
            finding.properties.emplace(std::move(name), std::move(value));
        });
        if (std::string reason = fields_.text(said, "suppressed"); !reason.empty()) {
            finding.suppressed_by = "external";
            finding.suppression_reason = std::move(reason);
        }
    }

    void read_rule(const Value& said, model::Rule& rule) {
        const auto take = [&](std::string_view name, std::string& into) {
            if (std::string text = fields_.text(said, name); !text.empty()) into = std::move(text);
        };
        take("title", rule.name);
        take("description", rule.description);
        take("fix", rule.fix);
        take("url", rule.help_url);
        take("cwe", rule.cwe);
    }

    void read_place(const Value& said, model::Finding& finding) {
        const std::string path = fields_.text(said, "path");
        const std::string url = fields_.text(said, "locationUrl");
        if (!url.empty()) {
            finding.location = model::UrlLocation{url};
        } else if (path.empty()) {
            finding.location = model::ObjectLocation{fields_.text(said, "object"), {}};
        } else {
            model::FileLocation place{.path = tidy_path(path)};
            place.region.start_line = line(said, "line");
            place.region.start_column = line(said, "column");
            place.region.end_line = std::max(line(said, "endLine"), place.region.start_line);
            place.region.end_column = line(said, "endColumn");
            const std::uint32_t first = place.region.start_line;
            finding.location = std::move(place);
            set_lines(fields_.text(said, "lines"), first, finding);
        }
    }

    // A name that is not known is most often one that is misspelt.
    void refuse_unknown(const Value& said) {
        static constexpr std::array<std::string_view, 21> kMembers{
            "column", "cwe",        "description", "endColumn", "endLine",     "fingerprints",
            "fix",    "line",       "lines",       "message",   "locationUrl", "object",
            "path",   "properties", "purl",        "rule",      "severity",    "suppressed",
            "tags",   "title",      "url"};
        for (const Value& key : said.keys()) {
            const bool is_known =
                key.is_string() && std::ranges::find(kMembers, key.as_string()) != kMembers.end();
            if (!is_known)
                fields_.fail(
                    "unknown member '" + std::string(key.is_string() ? key.as_string() : "?") + "'",
                    &said);
        }
    }

    const Value& answer_;
    FieldReader fields_;
    ForeignDraft draft_;
};

}  // namespace

Result<Value> read_plain_tree(std::string_view bytes, TreeSyntax syntax, Arena& arena,
                              Interner& interner, const CancelToken* cancel) {
    MERLON_TRY(check_is_utf8(bytes));
    if (syntax == TreeSyntax::kCsv) return read_csv(bytes, arena, interner);
    if (syntax == TreeSyntax::kJsonLines) return read_lines(bytes, arena, interner, cancel);
    const std::size_t start = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (start != std::string_view::npos && bytes[start] == '<') {
        const text::XmlElement* const root =
            MERLON_TRY(text::read_xml(bytes, arena, {.cancel = cancel}));
        Builder builder(arena, interner);
        return tree_of(*root, builder);
    }
    Result<value::ValueDocument> whole = text::read_json(bytes, arena, interner, strictly(cancel));
    if (whole.ok()) return *whole.value().root;
    // One record a line, where there is more than one and the first of them is whole.
    const std::string_view first = bytes.substr(0, bytes.find('\n'));
    if (first.size() == bytes.size() ||
        !text::read_json(first, arena, interner, strictly(cancel)).ok())
        return std::move(whole).error();
    return read_lines(bytes, arena, interner, cancel);
}

Result<ReadReport> mapped_report(const Value& answer) {
    if (!answer.is_object()) return Error{"the mapping's answer is no object"};
    return AnswerReader(answer).read();
}

void doubt_empty(ReadReport& report) {
    model::Analysis& analysis = report.report.analysis;
    if (!report.report.findings.empty() || !analysis.complete) return;
    analysis.complete = false;
    analysis.incomplete_because.emplace_back(kUnstatedCoverage);
    report.report.notices.emplace_back(
        "the document is one record in one line, and the mapping made nothing of it: if it is JSON "
        "Lines, say so with --from jsonl; else have the mapping say 'expected' (docs/import.md)");
}

Result<std::optional<std::string>> mask_mapped(std::string_view bytes, std::string_view secret_key,
                                               ReadReport& report, const CancelToken* cancel) {
    mark_secrets(report);
    SecretMasker masker(secret_key);
    find_mapped_secrets(report, masker);
    if (masker.is_empty()) return std::optional<std::string>();
    masker.mask(report, cancel);
    // JSON says in escapes what other texts say plainly.
    const auto find_none = [](const Value&, SecretMasker&) {};
    if (Result<std::string> masked = masked_document(bytes, find_none, masker, cancel); masked.ok())
        return std::optional(std::move(masked).value());
    if (cancel != nullptr && cancel->cancelled()) return reading_interrupted();
    std::string masked(bytes);
    masker.mask(masked);
    return std::optional(std::move(masked));
}

}  // namespace merlon::exchange
