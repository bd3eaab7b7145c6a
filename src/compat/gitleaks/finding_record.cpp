#include "compat/gitleaks/finding_record.h"

#include <vector>

#include <fmt/format.h>

namespace merlon::compat::gitleaks {
namespace {

using templates::TemplateList;
using templates::TemplateRecord;
using templates::TemplateValue;

// The texts of a finding, by gitleaks's names.
const std::string* text_field(const Row& row, std::string_view name) {
    const std::pair<std::string_view, const std::string*> texts[] = {
        {"RuleID", &row.rule_id},  {"Description", &row.description},
        {"Line", &row.line},       {"Match", &row.match},
        {"Secret", &row.secret},   {"File", &row.file},
        {"Commit", &row.commit},   {"SymlinkFile", &row.symlink_file},
        {"Link", &row.link},       {"Author", &row.author},
        {"Email", &row.email},     {"Date", &row.date},
        {"Message", &row.message}, {"Fingerprint", &row.fingerprint}};
    for (const auto& [known, text] : texts)
        if (known == name) return text;
    return nullptr;
}

TemplateValue tags_of(const Row& row) {
    TemplateList list;
    for (const std::string& tag : row.tags) list.emplace_back(tag);
    return TemplateValue(std::move(list));
}

class FindingRecord : public TemplateRecord {
  public:
    explicit FindingRecord(const Row& row) : row_(row) {}

    Result<TemplateValue> field(std::string_view name) const override {
        if (const std::string* text = text_field(row_, name)) return TemplateValue(*text);
        if (name == "StartLine") return TemplateValue(row_.start_line);
        if (name == "EndLine") return TemplateValue(row_.end_line);
        if (name == "StartColumn") return TemplateValue(row_.start_column);
        if (name == "EndColumn") return TemplateValue(row_.end_column);
        if (name == "Entropy") return TemplateValue(row_.entropy);
        if (name == "Tags") return tags_of(row_);
        return Error{fmt::format("template: a finding has no field {}", name)};
    }

    void write_json(text::JsonWriter& json) const override { write_row(json, row_); }

  private:
    const Row& row_;
};

}  // namespace

Status render_findings(const templates::Template& parsed, std::span<const Row> rows, Timestamp now,
                       std::string& out) {
    const std::vector<FindingRecord> records(rows.begin(), rows.end());
    TemplateList list;
    for (const FindingRecord& record : records)
        list.push_back(static_cast<const TemplateRecord*>(&record));
    return parsed.render(TemplateValue(std::move(list)), now, out);
}

}  // namespace merlon::compat::gitleaks
