// ZAP's traditional JSON report (also "-plus"): alerts by site.

#include <algorithm>
#include <charconv>
#include <span>

#include "exchange/foreign_draft.h"
#include "exchange/foreign_readers.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"

namespace merlon::exchange {
namespace {

using value::Value;

std::string without_query(std::string_view url) {
    return std::string(url.substr(0, url.find_first_of("?#")));
}

// "0" to "4", as texts.
int code_of(const std::string& text, int otherwise) {
    int code = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), code);
    return code;
}

model::Severity severity_of_risk(int code) {
    constexpr model::Severity kRisks[] = {model::Severity::kInfo, model::Severity::kLow,
                                          model::Severity::kMedium, model::Severity::kHigh};
    return kRisks[std::clamp(code, 0, 3)];
}

class SiteReader {
  public:
    SiteReader(const Value& site, FieldReader& fields, ForeignDraft& draft)
        : site_(site), fields_(fields), draft_(draft) {}

    void read() {
        for (const Value& alert : fields_.items(site_, "alerts"))
            if (fields_.is_object(alert)) read_alert(alert);
    }

  private:
    void read_alert(const Value& alert) {
        // "10020-1": one of the things that the rule 10020 looks at.
        std::string id = fields_.text(alert, "alertRef");
        if (id.empty()) id = fields_.required_text(alert, "pluginid");
        model::Rule& rule = draft_.rule(id);
        rule.name = fields_.text(alert, "name");
        if (rule.name.empty()) rule.name = fields_.text(alert, "alert");
        rule.description = plain_of_html(fields_.text(alert, "desc"));
        rule.fix = plain_of_html(fields_.text(alert, "solution"));
        const std::string references = plain_of_html(fields_.text(alert, "reference"));
        rule.help_url = references.substr(0, references.find('\n'));
        const std::string cwe = fields_.text(alert, "cweid");
        if (!cwe.empty() && cwe != "-1" && cwe != "0") rule.cwe = "CWE-" + cwe;
        rule.severity = severity_of_risk(code_of(fields_.text(alert, "riskcode"), 3));
        const int confidence = code_of(fields_.text(alert, "confidence"), 2);
        rule.confidence = confidence >= 3   ? model::Confidence::kHigh
                          : confidence == 2 ? model::Confidence::kMedium
                                            : model::Confidence::kLow;
        for (const Value& instance : fields_.items(alert, "instances"))
            if (fields_.is_object(instance)) read_instance(instance, id, confidence);
    }

    // Values of a query are the attack's own; what stays is the page, the method, the parameter.
    void read_instance(const Value& instance, const std::string& id, int confidence) {
        model::Finding& finding = draft_.add(id);
        const std::string url = fields_.required_text(instance, "uri");
        const std::string method = fields_.text(instance, "method");
        const std::string parameter = fields_.text(instance, "param");
        finding.location = model::UrlLocation{without_query(url)};
        finding.properties["object"] = method + " " + without_query(url) + " " + parameter;
        finding.properties["url"] = url;
        if (!parameter.empty()) finding.message += " (parameter " + parameter + ")";
        for (const std::string_view name : {"attack", "evidence", "otherinfo"})
            if (std::string text = fields_.text(instance, name); !text.empty())
                finding.properties[std::string(name)] = std::move(text);
        if (confidence == 0) {  // a person has said so in ZAP
            finding.suppressed_by = "external";
            finding.suppression_reason = "false positive";
        }
    }

    const Value& site_;
    FieldReader& fields_;
    ForeignDraft& draft_;
};

void read_sites(const Value& root, FieldReader& fields, std::vector<ReadReport>& reports) {
    // Of one site, older versions write no list.
    const Value* const sites = root.find("site");
    const bool is_alone = sites != nullptr && sites->is_object();
    for (const Value& site : is_alone ? std::span(sites, 1) : fields.items(root, "site")) {
        if (!fields.is_object(site)) continue;
        ForeignDraft draft("zap", fields.required_text(site, "@name"));
        draft.analysis().version = fields.text(root, "@version");
        SiteReader(site, fields, draft).read();
        draft.add_unstated("ZAP does not say which pages it could not reach");
        reports.push_back(std::move(draft).finish());
    }
}

}  // namespace

// Complete: not told. A page that the spider did not reach has no alerts, and is not named.
ReadReports read_zap(const ForeignInput& input) {
    std::vector<ReadReport> reports;
    MERLON_TRY(read_input(input, [&](const Value& root, FieldReader& fields) {
        if (fields.is_object(root)) read_sites(root, fields, reports);
    }));
    return reports;
}

}  // namespace merlon::exchange
