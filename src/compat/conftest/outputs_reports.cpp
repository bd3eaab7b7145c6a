// The outputs with a form of their own: JUnit and SARIF.

#include <charconv>
#include <map>

#include "compat/conftest/outputs.h"
#include "text/json.h"

namespace merlon::compat::conftest {
namespace {

// What conftest 0.71.1 is built with stands in its reports.
constexpr std::string_view kGoVersion = "go1.27.1";
constexpr std::string_view kVersion = "0.71.1";

// encoding/xml's EscapeText.
std::string xml_escaped(std::string_view text) {
    std::string made;
    for (const char c : text) {
        switch (c) {
            case '"':
                made += "&#34;";
                break;
            case '\'':
                made += "&#39;";
                break;
            case '&':
                made += "&amp;";
                break;
            case '<':
                made += "&lt;";
                break;
            case '>':
                made += "&gt;";
                break;
            case '\t':
                made += "&#x9;";
                break;
            case '\n':
                made += "&#xA;";
                break;
            case '\r':
                made += "&#xD;";
                break;
            default:
                // What XML has no character for, not even as a reference.
                made += static_cast<unsigned char>(c) < 0x20 ? "\uFFFD" : std::string(1, c);
        }
    }
    return made;
}

struct JunitTest {
    enum class Kind : unsigned char { kPassed, kFailed, kSkipped };
    Kind kind;
    std::string name;
    std::string output = {};
};

std::string junit_name(const std::string& file, std::string_view message,
                       const OutputOptions& options) {
    if (options.junit_messages == JunitMessages::kHidden || message.empty()) return file;
    return file + " - " + std::string(message.substr(0, message.find('\n')));
}

std::map<std::string, std::vector<JunitTest>> junit_suites(std::span<const CheckResult> results,
                                                           const OutputOptions& options) {
    std::map<std::string, std::vector<JunitTest>> suites;
    for (const CheckResult& result : results) {
        const auto add = [&](JunitTest::Kind kind, std::span<const RuleResult> found) {
            for (const RuleResult& one : found) {
                suites[result.name_space].push_back(
                    {kind, junit_name(result.file, one.message, options), one.message});
            }
        };
        add(JunitTest::Kind::kFailed, result.warnings);
        add(JunitTest::Kind::kFailed, result.failures);
        add(JunitTest::Kind::kSkipped, result.skipped);
        add(JunitTest::Kind::kPassed, std::vector<RuleResult>(result.successes));
    }
    return suites;
}

std::string junit_case(const std::string& class_name, const JunitTest& test) {
    std::string out = "\t\t<testcase classname=\"" + xml_escaped(class_name) + "\" name=\"" +
                      xml_escaped(test.name) + "\" time=\"0.000\">";
    if (test.kind == JunitTest::Kind::kFailed) {
        out += "\n\t\t\t<failure message=\"Failed\" type=\"\">" + xml_escaped(test.output) +
               "</failure>\n\t\t";
    } else if (test.kind == JunitTest::Kind::kSkipped) {
        out += "\n\t\t\t<skipped message=\"" + xml_escaped(test.output) + "\"></skipped>\n\t\t";
    }
    return out + "</testcase>\n";
}

// url.URL's EscapedPath: what stands in a path as it is, and percent signs for the rest.
std::string escaped_path(std::string_view path) {
    std::string made;
    for (const char c : path) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') ||
                              std::string_view("-_.~$&+,/:;=@").find(c) != std::string_view::npos;
        if (is_plain) {
            made += c;
            continue;
        }
        constexpr std::string_view kDigits = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        made += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return made;
}

// One run: rules as they are met, and what was found by them.
class SarifRun {
  public:
    void add(const CheckResult& file, std::string_view kind, std::string_view level,
             const RuleResult& result) {
        const std::string id = file.name_space + "/" + std::string(kind);
        const auto [at, is_new] = rules_.try_emplace(id, rules_.size());
        if (is_new) order_.push_back({id, &result});
        found_.push_back({id, at->second, level, file.file, &result});
    }

    std::string text(std::string_view exit_text, int exit_code) const {
        std::string out;
        text::JsonWriter json(out, {}, text::JsonEscapes::kGo);
        json.begin_object().member("version", "2.1.0");
        json.member("$schema",
                    "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/main/sarif-2.1/schema/"
                    "sarif-schema-2.1.0.json");
        json.key("runs").begin_array().begin_object();
        write_tool(json);
        json.key("invocations").begin_array().begin_object();
        json.key("executionSuccessful").boolean(true).key("exitCode").integer(exit_code);
        json.member("exitCodeDescription", exit_text).end_object().end_array();
        json.key("results").begin_array();
        for (const Found& one : found_) write_result(json, one);
        json.end_array().end_object().end_array().end_object();
        return out;
    }

  private:
    struct Found {
        std::string id;
        std::size_t index;
        std::string_view level;
        std::string file;
        const RuleResult* result;
    };
    struct Rule {
        std::string id;
        const RuleResult* first;
    };

    static std::string_view description(std::string_view id) {
        if (id.ends_with("/success")) return "Policy was satisfied successfully";
        if (id.ends_with("/skip")) return "Policy check was skipped";
        if (id.ends_with("/allow")) return "Policy exception";
        return id.ends_with("/warn") ? "Policy warning" : "Policy violation";
    }

    void write_tool(text::JsonWriter& json) const {
        json.key("tool").begin_object().key("driver").begin_object();
        json.member("informationUri", "https://github.com/open-policy-agent/conftest");
        json.member("name", "conftest").key("rules").begin_array();
        for (const Rule& rule : order_) {
            json.begin_object().member("id", rule.id);
            json.key("shortDescription").begin_object();
            json.member("text", description(rule.id)).end_object();
            const bool has_metadata = !rule.first->query.empty() || !rule.first->metadata.empty();
            if (has_metadata) write_metadata(json, *rule.first);
            json.end_object();
        }
        json.end_array().member("version", kVersion).end_object().end_object();
    }

    static void write_metadata(text::JsonWriter& json, const RuleResult& result) {
        std::map<std::string, const value::Value*> members;
        for (const auto& [name, value] : result.metadata) members[name] = &value;
        if (!result.query.empty()) members["query"] = nullptr;
        json.key("properties").begin_object();
        for (const auto& [name, value] : members) {
            json.key(name);
            if (value == nullptr) {
                json.string(result.query);
            } else {
                json.value(*value);
            }
        }
        json.end_object();
    }

    static void write_result(text::JsonWriter& json, const Found& one) {
        json.begin_object().member("ruleId", one.id);
        json.key("ruleIndex").integer(static_cast<std::int64_t>(one.index));
        json.member("level", one.level).key("message").begin_object();
        json.member("text", one.result->message).end_object();
        json.key("locations").begin_array().begin_object().key("physicalLocation").begin_object();
        const auto& place = one.result->place;
        json.key("artifactLocation").begin_object();
        json.member("uri", escaped_path(place ? place->file : one.file)).end_object();
        if (place) {
            std::int64_t line = 0;
            const char* const end = place->line.data() + place->line.size();
            // As conftest: what is no whole number is line 0.
            if (std::from_chars(place->line.data(), end, line).ptr != end) line = 0;
            json.key("region").begin_object().key("startLine").integer(line);
            json.key("endLine").integer(line).end_object();
        }
        json.end_object().end_object().end_array().end_object();
    }

    std::map<std::string, std::size_t> rules_;
    std::vector<Rule> order_;
    std::vector<Found> found_;
};

// A result of our own making, which says the same twice.
RuleResult status_result(std::string_view text, value::Builder& values) {
    return {.message = std::string(text), .metadata = {{"description", values.string(text)}}};
}

}  // namespace

std::string junit_text(std::span<const CheckResult> results, const OutputOptions& options) {
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>";
    const auto suites = junit_suites(results, options);
    for (const auto& [name_space, tests] : suites) {
        const std::string name = "conftest." + name_space;
        std::size_t failures = 0;
        for (const JunitTest& test : tests) failures += test.kind == JunitTest::Kind::kFailed;
        out += "\n\t<testsuite tests=\"" + std::to_string(tests.size()) + "\" failures=\"" +
               std::to_string(failures) + "\" time=\"0.000\" name=\"" + xml_escaped(name) +
               "\">\n\t\t<properties>\n\t\t\t<property name=\"go.version\" value=\"" +
               std::string(kGoVersion) + "\"></property>\n\t\t</properties>\n";
        const std::string class_name = name.substr(name.rfind('/') + 1);
        for (const JunitTest& test : tests) out += junit_case(class_name, test);
        out += "\t</testsuite>";
    }
    return out + (suites.empty() ? "" : "\n") + "</testsuites>\n";
}

std::string sarif_text(std::span<const CheckResult> results) {
    Arena arena;
    Interner interner;
    value::Builder values(arena, interner);
    const RuleResult success = status_result("Policy was satisfied successfully", values);
    const RuleResult skip = status_result("Policy check was skipped", values);
    SarifRun run;
    for (const CheckResult& result : results) {
        for (const RuleResult& one : result.failures) run.add(result, "deny", "error", one);
        for (const RuleResult& one : result.warnings) run.add(result, "warn", "warning", one);
        for (const RuleResult& one : result.exceptions) run.add(result, "allow", "note", one);
        if (!result.failures.empty() || !result.warnings.empty()) continue;
        const bool has_success = result.successes > 0 || !result.exceptions.empty();
        run.add(result, has_success ? "success" : "skip", "none", has_success ? success : skip);
    }
    const Totals sum = totals(results);
    const std::string_view text = sum.failures > 0   ? "Policy violations found"
                                  : sum.warnings > 0 ? "Policy warnings found"
                                                     : "No policy violations found";
    return run.text(text, sum.failures > 0 ? 1 : 0);
}

}  // namespace merlon::compat::conftest
