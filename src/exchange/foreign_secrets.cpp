#include "exchange/foreign_secrets.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/ascii.h"
#include "exchange/foreign_text.h"
#include "exchange/masked_document.h"
#include "exchange/sarif_weakness.h"

namespace merlon::exchange {
namespace {

using value::Value;

// What scanners for secrets call themselves in their reports.
constexpr std::array<std::string_view, 21> kSecretScanners{
    "gitleaks",   "betterleaks",  "trufflehog",      "ggshield",       "gitguardian",
    "kingfisher", "nosey parker", "noseyparker",     "detect-secrets", "git-secrets",
    "secretlint", "talisman",     "whispers",        "titus",          "ripsecrets",
    "rusty-hog",  "shhgit",       "repo-supervisor", "secretscanner",  "gitrob",
    "deepsecrets"};
constexpr std::string_view kOwn = "merlon";
constexpr std::string_view kStars = "****";  // of what its tool has masked
// What our SARIF says where secrets are to be shown.
constexpr std::string_view kFound = " Found: ";

constexpr std::size_t kLeastToken = 8;
constexpr std::size_t kLeastInMessage = 16;

std::string_view text_at(const Value& object, std::string_view key) {
    const Value* const found = object.is_object() ? object.find(key) : nullptr;
    return found != nullptr && found->is_string() ? found->as_string() : std::string_view();
}

std::span<const Value> items_at(const Value& object, std::string_view key) {
    const Value* const found = object.is_object() ? object.find(key) : nullptr;
    return found != nullptr && found->is_array() ? found->items() : std::span<const Value>();
}

// A text, or all texts of a list.
std::vector<std::string> texts_at(const Value& object, std::string_view key) {
    std::vector<std::string> all;
    if (const std::string_view one = text_at(object, key); !one.empty()) all.emplace_back(one);
    for (const Value& item : items_at(object, key))
        if (item.is_string()) all.emplace_back(item.as_string());
    return all;
}

using UseText = std::function<void(std::string_view text)>;

// The texts below; depth is bounded by the reader's limit.
void each_text(const Value& at, const UseText& use) {
    if (at.is_string()) use(at.as_string());
    if (at.is_array())
        for (const Value& item : at.items()) each_text(item, use);
    if (at.is_object())
        for (const Value& part : at.values()) each_text(part, use);
}

// The members of that name below, wherever they stand.
void each_member(const Value& at, std::string_view name,
                 const std::function<void(const Value& member)>& use) {
    if (at.is_array()) {
        for (const Value& item : at.items()) each_member(item, name, use);
    } else if (at.is_object()) {
        if (const Value* const found = at.find(name)) use(*found);
        for (const Value& part : at.values()) each_member(part, name, use);
    }
}

bool is_between(char c) {
    constexpr std::string_view kBetween = "\"'`=:,;()<>[]{}|";
    return static_cast<unsigned char>(c) <= ' ' || kBetween.contains(c);
}

// What is no secret, though it looks like one: names of the result itself.
class Finder {
  public:
    explicit Finder(SecretMasker& masker) : masker_(masker) {}

    void keep(std::string_view text) {
        if (!text.empty()) kept_.emplace_back(text);
    }

    // Source code that has a secret in it. What its tool has masked with stars hides that alone.
    void take_source(std::string_view text) {
        if (!text.contains(kStars)) masker_.add_source(text);
        // The line alone is the finding's; of several each long one is a secret (secret_masker.h).
        if (const auto lines = lines_of(text); lines.size() == 1 && !text.contains(kStars))
            masker_.add_source(lines.front());
        take_parts(text);
    }

    // Of a text that stays.
    void take_parts(std::string_view text) {
        take_tokens(text, kLeastToken);
        take_quoted(text);
        take_assigned(text);
    }

    void take_quoted(std::string_view text) {
        for (const char quote : {'"', '\'', '`'}) {
            std::size_t begin = text.find(quote);
            while (begin != std::string_view::npos) {
                const std::size_t end = text.find(quote, begin + 1);
                if (end == std::string_view::npos) break;
                const std::string_view quoted = text.substr(begin + 1, end - begin - 1);
                if (quoted.size() >= kLeastToken && !quoted.contains(kStars) && !is_kept(quoted))
                    masker_.add(quoted);
                begin = text.find(quote, end + 1);
            }
        }
    }

    // Values of members and parameters that are called like a secret (RFC 3986, section 3.4).
    void take_named(std::string_view text) {
        for (std::size_t equals = text.find('='); equals != std::string_view::npos;
             equals = text.find('=', equals + 1)) {
            std::size_t begin = equals;
            while (begin > 0 && !is_between(text[begin - 1]) && !is_parameter_end(text[begin - 1]))
                --begin;
            if (!is_name_of_secret(text.substr(begin, equals - begin))) continue;
            std::size_t first = equals + 1;
            if (first < text.size() && (text[first] == '"' || text[first] == '\'')) ++first;
            std::size_t end = first;
            while (end < text.size() && !is_value_end(text[end])) ++end;
            const std::string_view value = text.substr(first, end - first);
            if (value.size() >= kLeastToken && !value.contains(kStars)) masker_.add(value);
        }
    }

    // What a rule says of a secret quotes it, be it a word.
    void take_message(std::string_view text) {
        take_tokens(text, kLeastInMessage);
        for (const char quote : {'"', '\'', '`'}) {
            for (std::size_t begin = text.find(quote); begin != std::string_view::npos;
                 begin = text.find(quote, begin + 1)) {
                // "don't" has none.
                if (begin > 0 && is_letter_or_digit(text[begin - 1])) continue;
                std::size_t end = text.find(quote, begin + 1);
                while (end != std::string_view::npos && end + 1 < text.size() &&
                       is_letter_or_digit(text[end + 1]))
                    end = text.find(quote, end + 1);
                if (end == std::string_view::npos) break;
                take_word(text.substr(begin + 1, end - begin - 1));
                begin = end;
            }
        }
    }

    // In quotes behind "=" or ":", however short.
    void take_assigned(std::string_view text) {
        for (std::size_t at = text.find_first_of("=:"); at != std::string_view::npos;
             at = text.find_first_of("=:", at + 1)) {
            const std::size_t begin = text.find_first_not_of(" \t", at + 1);
            if (begin == std::string_view::npos) return;
            const char quote = text[begin];
            if (quote != '"' && quote != '\'' && quote != '`') continue;
            const std::size_t end = text.find(quote, begin + 1);
            if (end == std::string_view::npos) continue;
            take_word(text.substr(begin + 1, end - begin - 1));
        }
    }

    static bool is_name_of_secret(std::string_view name) {
        constexpr std::array<std::string_view, 9> kWords{
            "token", "key", "secret", "pass", "auth", "session", "code", "signature", "jwt"};
        const std::string lower = lower_case(name);
        return std::ranges::any_of(kWords, [&](auto word) { return lower.contains(word); });
    }

  private:
    static bool is_parameter_end(char c) { return c == '&' || c == '#' || c == '?'; }
    static bool is_value_end(char c) {
        constexpr std::string_view kEnds = "\"'`<>&#";
        return static_cast<unsigned char>(c) <= ' ' || kEnds.contains(c);
    }
    static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
    static bool is_letter_or_digit(char c) { return is_digit(c) || is_letter(c); }

    // Words and short ones are secrets where they are quoted; elsewhere they are everywhere.
    void take_word(std::string_view quoted) {
        if (quoted.empty() || quoted.contains(kStars) || quoted.contains('\n')) return;
        const bool is_word = std::ranges::all_of(quoted, [](char c) {
            return is_letter(c) || c == ' ' || c == '_' || c == '-' || c == '.';
        });
        if (quoted.size() >= kLeastToken && !is_word && !is_kept(quoted))
            masker_.add(quoted);
        else
            masker_.add_quoted(quoted);
    }

    bool is_kept(std::string_view token) const {
        return std::ranges::any_of(kept_,
                                   [&](const std::string& kept) { return kept.contains(token); });
    }

    void take_tokens(std::string_view text, std::size_t least) {
        for (std::size_t at = 0; at < text.size();) {
            std::size_t end = at;
            while (end < text.size() && !is_between(text[end])) ++end;
            std::string_view token = text.substr(at, end - at);
            at = end + 1;
            while (token.ends_with('.')) token.remove_suffix(1);  // of the sentence
            const bool has_digit = std::ranges::any_of(token, is_digit);
            if (token.size() >= least && has_digit && !token.contains(kStars) && !is_kept(token))
                masker_.add(token);
        }
    }

    SecretMasker& masker_;
    std::vector<std::string> kept_;
};

void take_messages(const Value& owner, Finder& finder) {
    if (const Value* const message = owner.find("message"))
        each_text(*message, [&](std::string_view text) { finder.take_message(text); });
}

std::vector<std::string> tags_of(const Value& rule) {
    const Value* const properties = rule.is_object() ? rule.find("properties") : nullptr;
    return properties == nullptr ? std::vector<std::string>() : texts_at(*properties, "tags");
}

class SarifRunFinder {
  public:
    SarifRunFinder(const Value& run, SecretMasker& masker) : run_(run), masker_(masker) {}

    void find() {
        const Value* const tool = run_.is_object() ? run_.find("tool") : nullptr;
        const Value* const driver =
            tool == nullptr || !tool->is_object() ? nullptr : tool->find("driver");
        if (driver == nullptr) return;
        const std::string_view name = text_at(*driver, "name");
        read_rules(*driver);
        for (const Value& extension : items_at(*tool, "extensions")) read_rules(extension);
        for (const Value& result : items_at(run_, "results")) {
            if (!result.is_object()) continue;
            if (lower_case(name) == kOwn)
                take_own(result);
            else if (is_secret_scanner(name) || is_of_secrets(result))
                take(result);
        }
    }

  private:
    void read_rules(const Value& component) {
        for (const Value& rule : items_at(component, "rules")) {
            const std::string id(text_at(rule, "id"));
            ids_.push_back(id);
            if (is_rule_of_secrets(id, tags_of(rule)) ||
                is_rule_of_secrets({}, sarif_weaknesses(rule, run_)))
                rules_.insert(id);
        }
    }

    std::string rule_of(const Value& result) const {
        std::string id(text_at(result, "ruleId"));
        const Value* const reference = result.find("rule");
        if (id.empty() && reference != nullptr) id = text_at(*reference, "id");
        const Value* index = result.find("ruleIndex");
        if (index == nullptr && reference != nullptr && reference->is_object())
            index = reference->find("index");
        if (!id.empty() || index == nullptr || !index->is_number()) return id;
        const std::int64_t at = index->as_integer().value_or(-1);
        return at >= 0 && static_cast<std::size_t>(at) < ids_.size()
                   ? ids_[static_cast<std::size_t>(at)]
                   : id;
    }

    bool is_of_secrets(const Value& result) const {
        const std::string id = rule_of(result);
        return rules_.contains(id) || is_rule_of_secrets(id, tags_of(result)) ||
               (result.find("taxa") != nullptr &&
                is_rule_of_secrets({}, sarif_weaknesses(result, run_)));
    }

    void take_own(const Value& result) {
        const Value* const message = result.find("message");
        if (message == nullptr) return;
        const std::string_view text = text_at(*message, "text");
        const std::size_t at = text.rfind(kFound);
        if (at == std::string_view::npos) return;
        const std::string_view secret = text.substr(at + kFound.size());
        if (!secret.contains(kStars)) masker_.add(secret);
    }

    void take(const Value& result) {
        Finder finder(masker_);
        finder.keep(rule_of(result));
        const UseText keep = [&](std::string_view text) { finder.keep(text); };
        for (const std::string_view list : {"fingerprints", "partialFingerprints"})
            each_member(result, list, [&](const Value& prints) { each_text(prints, keep); });
        each_member(result, "uri", [&](const Value& uri) { each_text(uri, keep); });
        // What stands around is kept secret as a whole: it may have other names in it.
        each_member(result, "contextRegion", [&](const Value& region) {
            each_member(region, "snippet", [&](const Value& snippet) {
                if (!text_at(snippet, "text").contains(kStars))
                    masker_.add(text_at(snippet, "text"));
            });
        });
        each_member(result, "region", [&](const Value& region) {
            each_member(region, "snippet", [&](const Value& snippet) {
                finder.take_source(text_at(snippet, "text"));
            });
        });
        take_messages(result, finder);
    }

    const Value& run_;
    SecretMasker& masker_;
    std::vector<std::string> ids_;
    std::set<std::string, std::less<>> rules_;
};

// A tag that says so, or a CWE at the end of one, or in front of its title: "CWE-798: Use of …",
// "external/cwe/cwe-798".
bool is_weakness_of_secrets(std::string_view tag) {
    const std::string lower = lower_case(tag);
    if (lower == "secret" || lower == "secrets") return true;
    for (const std::string_view cwe : {"cwe-259", "cwe-321", "cwe-798"}) {
        const std::size_t at = lower.find(cwe);
        if (at == std::string::npos) continue;
        const std::size_t end = at + cwe.size();
        if (end == lower.size() || !is_digit(lower[end])) return true;
    }
    return false;
}

void take_semgrep(const Value& result, SecretMasker& masker) {
    const Value* const extra = result.is_object() ? result.find("extra") : nullptr;
    if (extra == nullptr || !extra->is_object()) return;
    const Value* const metadata = extra->find("metadata");
    const std::string_view id = text_at(result, "check_id");
    if (!is_rule_of_secrets(
            id, metadata == nullptr ? std::vector<std::string>() : texts_at(*metadata, "cwe")))
        return;
    Finder finder(masker);
    finder.keep(id);
    finder.keep(text_at(result, "path"));
    finder.keep(text_at(*extra, "fingerprint"));
    finder.take_source(text_at(*extra, "lines"));
    each_member(*extra, "abstract_content", [&](const Value& text) {
        if (text.is_string() && text.as_string().size() >= kLeastToken)
            finder.take_source(text.as_string());
    });
    finder.take_message(text_at(*extra, "message"));
}

}  // namespace

bool is_secret_scanner(std::string_view tool) {
    return std::ranges::find(kSecretScanners, lower_case(tool)) != kSecretScanners.end();
}

bool is_rule_of_secrets(std::string_view id, std::span<const std::string> tags) {
    constexpr std::array<std::string_view, 5> kWords{"secret", "credential", "api-key", "apikey",
                                                     "private-key"};
    const std::string lower = lower_case(id);
    return std::ranges::any_of(kWords, [&](auto word) { return lower.contains(word); }) ||
           std::ranges::any_of(tags, is_weakness_of_secrets);
}

namespace {

// The number of an advisory: what has it is a weakness of a package, be it that its makers have
// left a password in it. Snyk's, npm's and the prefixes of OSV's databases (OSV schema, "id").
bool is_advisory(std::string_view id) {
    constexpr std::array<std::string_view, 19> kPrefixes{
        "cve-",  "ghsa-", "snyk-", "snyk:",     "npm:", "pysec-", "rustsec-",
        "go-20", "osv-",  "mal-",  "dsa-",      "dla-", "usn-",   "rhsa-",
        "alas-", "elsa-", "gms-",  "sonatype-", "temp-"};
    const std::string lower = lower_case(id);
    return std::ranges::any_of(kPrefixes, [&](auto prefix) { return lower.starts_with(prefix); });
}

// Whether the word ends with the place behind `end`, or is a plural: "key" is none of "keycloak".
bool is_end_of_word(std::string_view id, std::size_t end) {
    const auto goes_on = [&](std::size_t at) {
        return at < id.size() && id[at] >= 'a' && id[at] <= 'z';
    };
    return !goes_on(end) || (id[end] == 's' && !goes_on(end + 1));
}

}  // namespace

bool is_about_found_secrets(std::string_view id, std::span<const std::string> tags) {
    if (is_advisory(id)) return false;
    if (std::ranges::any_of(tags, is_weakness_of_secrets)) return true;
    constexpr std::array<std::string_view, 4> kWritten{"hardcoded", "hard-coded", "hard_coded",
                                                       "ckv_secret"};
    constexpr std::array<std::string_view, 4> kSeen{"detected", "leaked", "exposed", "plaintext"};
    constexpr std::array<std::string_view, 5> kWhat{"secret", "credential", "password", "passwd",
                                                    "token"};
    const std::string lower = lower_case(id);
    const auto has = [&lower](std::string_view word) { return lower.contains(word); };
    const bool is_written = std::ranges::any_of(kWritten, has);
    if (!is_written && std::ranges::none_of(kSeen, has)) return false;
    if (std::ranges::any_of(kWhat, has)) return true;
    // "exposed-panel-auth" is no word that anybody has left there.
    if (is_written && has("auth")) return true;
    for (std::size_t at = lower.find("key"); at != std::string::npos;
         at = lower.find("key", at + 1))
        if (is_end_of_word(id, at + 3)) return true;
    return false;
}

namespace {

// What the names of rules say, each asked once: reports have many findings of few rules.
class AskedOnce {
  public:
    using Says = bool(std::string_view id, std::span<const std::string> tags);
    explicit AskedOnce(Says& says) : says_(says) {}

    bool operator()(const model::Finding& finding) {
        if (!finding.tags.empty()) return says_(finding.rule_id, finding.tags);
        const auto [place, is_first] = by_id_.try_emplace(finding.rule_id, false);
        if (is_first) place->second = says_(finding.rule_id, {});
        return place->second;
    }

  private:
    Says& says_;
    std::unordered_map<std::string_view, bool> by_id_;
};

}  // namespace

void mark_secrets(ReadReport& read) {
    const bool is_scanner = is_secret_scanner(read.report.analysis.tool);
    std::set<std::string_view> rules;
    for (const model::Rule& rule : read.report.rules)
        if (!is_advisory(rule.id) &&
            (is_about_found_secrets(rule.id, rule.tags) || is_weakness_of_secrets(rule.cwe)))
            rules.insert(rule.id);
    AskedOnce is_about_secrets(is_about_found_secrets);
    for (model::Finding& finding : read.report.findings) {
        // A weakness of a package may be that its makers have left a password in it.
        if (finding.properties.contains("package") || finding.properties.contains("purl")) continue;
        const bool is_secret = is_scanner || !finding.secret.empty() ||
                               rules.contains(finding.rule_id) || is_about_secrets(finding);
        if (is_secret) finding.properties.emplace(kKindProperty, kSecretKind);
    }
}

bool may_hold_secrets(std::span<const ReadReport> reports) {
    const auto is_shown = [](const model::Finding& finding) {
        return (!finding.secret.empty() && !finding.secret.contains(kStars)) ||
               finding.message.contains(kFound);
    };
    return std::ranges::any_of(reports, [&](const ReadReport& read) {
        const std::string tool = lower_case(read.report.analysis.tool);
        if (tool == kOwn) return std::ranges::any_of(read.report.findings, is_shown);
        std::set<std::string_view> rules;
        for (const model::Rule& rule : read.report.rules)
            if (is_rule_of_secrets(rule.id, rule.tags)) rules.insert(rule.id);
        AskedOnce is_of_secrets(is_rule_of_secrets);
        return is_secret_scanner(tool) ||
               std::ranges::any_of(read.report.findings, [&](const model::Finding& finding) {
                   return rules.contains(finding.rule_id) || is_of_secrets(finding);
               });
    });
}

void find_gitleaks_secrets(const Value& root, SecretMasker& masker) {
    constexpr std::array<std::string_view, 2> kNames{"Secret", "Match"};
    add_members(root, kNames, masker);
}

void find_github_secrets(const Value& root, SecretMasker& masker) {
    constexpr std::array<std::string_view, 1> kNames{"secret"};
    add_members(root, kNames, masker);
    // What a rule of code scanning says of a password that it has found, quotes it.
    const auto take_alert = [&](const Value& alert) {
        const Value* const rule = alert.is_object() ? alert.find("rule") : nullptr;
        const Value* const instance =
            rule == nullptr ? nullptr : alert.find("most_recent_instance");
        if (instance == nullptr ||
            !is_rule_of_secrets(text_at(*rule, "id"), texts_at(*rule, "tags")))
            return;
        Finder finder(masker);
        finder.keep(text_at(*rule, "id"));
        each_member(*instance, "message", [&](const Value& message) {
            finder.take_quoted(text_at(message, "text"));
            finder.take_message(text_at(message, "text"));
        });
    };
    if (!root.is_array()) take_alert(root);
    if (root.is_array())
        for (const Value& alert : root.items()) take_alert(alert);
}

// Of its framework for secrets: it masks them, but not in every version.
void find_checkov_secrets(const Value& root, SecretMasker& masker) {
    const auto take_check = [&](const Value& check) {
        const std::string_view id = text_at(check, "check_id");
        if (!is_rule_of_secrets(id, {})) return;
        Finder finder(masker);
        for (const std::string_view name : {"check_id", "resource", "file_path", "file_abs_path"})
            finder.keep(text_at(check, name));
        for (const Value& line : items_at(check, "code_block"))
            if (line.is_array() && line.size() == 2 && line.items()[1].is_string())
                finder.take_source(line.items()[1].as_string());
    };
    for (const std::string_view list : {"failed_checks", "skipped_checks"})
        each_member(root, list, [&](const Value& checks) {
            if (!checks.is_array()) return;
            for (const Value& check : checks.items()) take_check(check);
        });
}

// What goes over the line has tokens of whoever asked; what was taken out is a secret where the
// template looks for such.
bool is_nuclei_template_of_secrets(std::string_view id, std::span<const std::string> tags) {
    constexpr std::array<std::string_view, 8> kTags{"token", "tokens",   "secret",    "secrets",
                                                    "keys",  "exposure", "exposures", "credential"};
    const bool is_tagged = std::ranges::any_of(
        tags, [&](const std::string& tag) { return std::ranges::find(kTags, tag) != kTags.end(); });
    return is_tagged || id.contains("token") || is_rule_of_secrets(id, tags);
}

void find_nuclei_secrets(const Value& record, SecretMasker& masker) {
    if (record.is_array())
        for (const Value& one : record.items()) find_nuclei_secrets(one, masker);
    if (!record.is_object()) return;
    constexpr std::array<std::string_view, 3> kNames{"request", "response", "curl-command"};
    add_members(record, kNames, masker);
    const Value* const info = record.find("info");
    std::vector<std::string> tags =
        info == nullptr ? std::vector<std::string>() : texts_at(*info, "tags");
    if (!is_nuclei_template_of_secrets(text_at(record, "template-id"), tags)) return;
    for (const Value& text : items_at(record, "extracted-results"))
        if (text.is_string()) masker.add(text.as_string());
}

void find_zap_secrets(const Value& root, SecretMasker& masker) {
    constexpr std::array<std::string_view, 4> kNames{"request-header", "request-body",
                                                     "response-header", "response-body"};
    add_members(root, kNames, masker);
    each_member(root, "uri", [&](const Value& uri) {
        if (uri.is_string()) Finder(masker).take_named(uri.as_string());
    });
    // What is shown of an alert, where it or the parameter is about secrets.
    each_member(root, "alerts", [&](const Value& alerts) {
        if (!alerts.is_array()) return;
        for (const Value& alert : alerts.items()) {
            std::vector<std::string> tags;
            if (const std::string_view cwe = text_at(alert, "cweid"); !cwe.empty())
                tags.push_back("cwe-" + std::string(cwe));
            const bool is_of_secrets = is_rule_of_secrets(text_at(alert, "name"), tags);
            for (const Value& instance : items_at(alert, "instances")) {
                const std::string_view parameter = text_at(instance, "param");
                Finder finder(masker);
                for (const std::string_view kept : {parameter, text_at(instance, "uri")})
                    finder.keep(kept);
                for (const std::string_view name : {"attack", "evidence", "otherinfo"}) {
                    const std::string_view text = text_at(instance, name);
                    finder.take_named(text);
                    if (is_of_secrets || Finder::is_name_of_secret(parameter))
                        finder.take_parts(text);
                }
            }
        }
    });
}

void find_defectdojo_secrets(const Value& root, SecretMasker& masker) {
    constexpr std::array<std::string_view, 7> kLabels{
        "**Secret:**",       "**Match:**",         "**Matched:**", "**Raw:**",
        "**String Found:**", "**Strings Found:**", "**Redacted:**"};
    constexpr std::string_view kFence = "```";
    const auto take = [&](std::string_view text) {
        const std::size_t first = text.find_first_not_of(" \t\r\n`");
        if (first == std::string_view::npos) return;
        text = text.substr(first, text.find_last_not_of(" \t\r\n`") - first + 1);
        if (!text.contains(kStars)) masker.add(text);
    };
    each_member(root, "description", [&](const Value& description) {
        if (!description.is_string()) return;
        const std::string_view text = description.as_string();
        for (const std::string_view label : kLabels) {
            for (std::size_t at = text.find(label); at != std::string_view::npos;
                 at = text.find(label, at + 1)) {
                const std::string_view behind = text.substr(at + label.size());
                const std::size_t start = behind.find_first_not_of(" \t\r\n");
                // In the same line, or a block of code below.
                if (start != std::string_view::npos && behind.substr(start).starts_with(kFence)) {
                    const std::string_view block = behind.substr(start + kFence.size());
                    for (const std::string& line : lines_of(block.substr(0, block.find(kFence))))
                        take(line);
                } else {
                    take(behind.substr(0, behind.find('\n')));
                }
            }
        }
    });
}

void find_own_secrets(const Value& root, SecretMasker& masker) {
    each_member(root, "secret", [&](const Value& secret) {
        if (secret.is_string() && !secret.as_string().contains(kStars))
            masker.add(secret.as_string());
    });
}

void find_mapped_secrets(const ReadReport& report, SecretMasker& masker) {
    for (const model::Finding& finding : report.report.findings) {
        const auto kind = finding.properties.find(std::string(kKindProperty));
        if (kind == finding.properties.end() || kind->second != kSecretKind) continue;
        Finder finder(masker);
        finder.keep(finding.rule_id);
        finder.keep(model::to_string(finding.location));
        for (const model::Fingerprint& print : finding.fingerprints) finder.keep(print.value);
        for (const std::string& line : finding.excerpt.lines) finder.take_source(line);
        finder.take_message(finding.message);
    }
}

void find_sarif_secrets(const Value& root, SecretMasker& masker) {
    for (const Value& run : items_at(root, "runs")) SarifRunFinder(run, masker).find();
}

void find_semgrep_secrets(const Value& root, SecretMasker& masker) {
    for (const Value& result : items_at(root, "results")) take_semgrep(result, masker);
}

void find_trivy_secrets(const Value& root, SecretMasker& masker) {
    each_member(root, "Secrets", [&](const Value& secrets) {
        if (!secrets.is_array()) return;
        for (const Value& secret : secrets.items()) {
            Finder finder(masker);
            finder.keep(text_at(secret, "RuleID"));
            finder.take_source(text_at(secret, "Match"));
            each_member(secret, "Lines", [&](const Value& lines) {
                if (!lines.is_array()) return;
                for (const Value& line : lines.items()) {
                    const Value* const cause = line.is_object() ? line.find("IsCause") : nullptr;
                    if (cause == nullptr || !cause->is_boolean() || !cause->as_boolean()) continue;
                    for (const std::string_view name : {"Content", "Highlighted"})
                        finder.take_source(text_at(line, name));
                }
            });
        }
    });
}

}  // namespace merlon::exchange
