#include "secrets/config.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "base/arena.h"
#include "base/nearest.h"
#include "secrets/checks.h"
#include "secrets/config_reader.h"
#include "text/utf8.h"

namespace merlon::secrets {
namespace {

// gitleaks follows `extend` twice and then no further.
constexpr int kMaxExtendDepth = 2;

// strings.ToLower as far as it leads to ASCII, which U+0130 and U+212A do too. Other letters keep
// their case: where those count, they are matched in any.
std::string lower(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c >= 'A' && c <= 'Z') {
            out += static_cast<char>(c + 32);
        } else if (text.substr(at).starts_with("\xC4\xB0")) {
            out += 'i';
            at += 1;
        } else if (text.substr(at).starts_with("\xE2\x84\xAA")) {
            out += 'k';
            at += 2;
        } else {
            out += c;
        }
    }
    return out;
}

std::string trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n\v\f");
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n\v\f") - begin + 1));
}

Error unknown_check(const std::string& name) {
    std::vector<std::string_view> names;
    for (const Check& check : checks()) names.push_back(check.name);
    return Error{"'" + name + "' is no check of a secret" + suggestion(name, names)};
}

// One configuration while it is put together: rules by id, as gitleaks's map.
struct Assembly {
    std::string title;
    std::map<std::string, Rule> rules;
    std::vector<std::string> ordered_ids;
    std::vector<Allowlist> allowlists;
    std::map<std::string, std::vector<Allowlist>> targeted;
};

// An error and whether gitleaks would panic at it.
struct Problem {
    Error error;
    ConfigFailure failure = ConfigFailure::kInvalid;
};

class Loader {
  public:
    Loader(const ConfigSources& sources, BadRules bad_rules, model::Diagnostics& diagnostics)
        : sources_(sources), bad_rules_(bad_rules), diagnostics_(diagnostics) {}

    LoadedConfig load(std::span<const ConfigText> texts) {
        Assembly assembly;
        if (!read(texts, assembly)) {
            return {std::move(problem_.error).within("loading the rules"), problem_.failure};
        }
        // gitleaks scans with no rules and calls the tree clean.
        if (bad_rules_ == BadRules::kReport && assembly.rules.empty() &&
            !diagnostics_.has_errors()) {
            Error none{"no rules: a [[rules]] table with id and regex is expected, or [extend]"};
            diagnostics_.error("", std::move(none).at(texts.empty() ? "" : texts[0].name, 0, 0));
        }
        Config config;
        config.title = std::move(assembly.title);
        config.allowlists = std::move(assembly.allowlists);
        config.ordered_ids = std::move(assembly.ordered_ids);
        for (auto& [id, rule] : assembly.rules) config.rules.push_back(std::move(rule));
        return {std::move(config)};
    }

  private:
    bool fail(Error error, ConfigFailure failure = ConfigFailure::kInvalid) {
        problem_ = {std::move(error), failure};
        return false;
    }

    bool read(std::span<const ConfigText> texts, Assembly& assembly) {
        Arena arena;
        Interner interner;
        std::vector<ConfigTable> tables;
        for (const ConfigText& text : texts) {
            // Our own dialect reads over it, as editors do.
            if (bad_rules_ == BadRules::kRefuse && text.toml.starts_with("\xEF\xBB\xBF")) {
                return fail(
                    Error{"starts with a byte order mark, which gitleaks refuses; remove it"});
            }
            Result<ConfigTable> root = ConfigTable::parse(text.toml, text.name, arena, interner);
            if (!root.ok()) return fail(std::move(root).error());
            tables.push_back(std::move(root).value());
        }
        const int depth = extend_depth_;
        if (!read_rules(tables, assembly)) return false;
        for (const ConfigTable& table : tables) {
            if (!read_allowlists(table, assembly) || !read_head(table, assembly)) return false;
        }
        if (depth < kMaxExtendDepth && !extend(tables, assembly)) return false;
        return depth > 0 || finish(assembly);
    }

    bool read_head(const ConfigTable& table, Assembly& assembly) {
        if (table.has("title")) assembly.title = table.string("title").value_or("");
        // Not used, and yet refused where they are no text.
        for (const std::string_view key : {"description", "minversion"}) {
            if (table.has(key)) (void)table.string(key);
        }
        if (!table.error().message.empty()) return fail(table.error());
        if (bad_rules_ == BadRules::kReport) {
            for (const Error& odd : table.odd()) diagnostics_.warning("", odd);
        }
        return true;
    }

    // In our dialect a wrong rule is left out and named; in gitleaks's it ends the loading.
    bool skip_rule(const std::string& id, Problem problem) {
        if (bad_rules_ == BadRules::kRefuse) {
            problem_ = std::move(problem);
            return false;
        }
        diagnostics_.error(id, std::move(problem.error));
        return true;
    }

    bool read_rules(const std::vector<ConfigTable>& tables, Assembly& assembly) {
        std::map<std::string, const ConfigTable*> table_of;
        for (const ConfigTable& table : tables) {
            for (const ConfigTable& entry : table.tables("rules")) {
                if (!entry.error().message.empty()) return fail(entry.error());
                Rule rule;
                rule.id = entry.string("id").value_or("");
                std::optional<Problem> problem = read_rule(entry, rule);
                if (problem) {
                    if (!skip_rule(rule.id, std::move(*problem))) return false;
                    continue;
                }
                const auto [known, is_new] = table_of.try_emplace(rule.id, &table);
                if (!is_new && known->second != &table) {
                    diagnostics_.warning(
                        rule.id, entry.located(Error{"takes the place of the rule '" + rule.id +
                                                     "' of another file; rename one of them"}));
                    known->second = &table;
                }
                assembly.ordered_ids.push_back(rule.id);
                assembly.rules.insert_or_assign(rule.id, std::move(rule));
            }
        }
        // Required rules have to be in the same configuration: this comes before extend.
        for (const auto& [id, rule] : assembly.rules) {
            for (const Required& required : rule.required) {
                if (!assembly.rules.contains(required.rule_id)) {
                    return fail(Error{id + ": [[rules.required]] rule ID '" + required.rule_id +
                                      "' does not exist"});
                }
            }
        }
        return true;
    }

    std::optional<Problem> compile(const std::string& pattern, const ConfigTable& at,
                                   std::optional<match::Regex>& regex) {
        if (pattern.empty()) return std::nullopt;
        Result<match::Regex> compiled = match::Regex::compile(pattern);
        if (!compiled.ok()) {
            return Problem{at.located(std::move(compiled).error()), ConfigFailure::kPanic};
        }
        regex = std::move(compiled).value();
        return std::nullopt;
    }

    std::optional<Problem> read_rule(const ConfigTable& entry, Rule& rule) {
        if (!entry.error().message.empty()) return Problem{entry.error()};
        rule.description = entry.string("description").value_or("");
        if (auto problem = compile(entry.string("path").value_or(""), entry, rule.path))
            return problem;
        if (auto problem = compile(entry.string("regex").value_or(""), entry, rule.regex)) {
            return problem;
        }
        const std::int64_t group = entry.integer("secretgroup").value_or(0);
        constexpr std::int64_t kMost = std::numeric_limits<int>::max();
        rule.secret_group = static_cast<int>(std::clamp(group, -kMost, kMost));
        rule.entropy = entry.number("entropy").value_or(0);
        for (const std::string& keyword : entry.strings("keywords")) {
            rule.keywords.push_back(lower(keyword));
        }
        rule.tags = entry.strings("tags");
        rule.skip_report = entry.boolean("skipreport").value_or(false);
        std::vector<ConfigTable> lists = entry.tables("allowlists");
        if (entry.has("allowlist")) {
            if (!lists.empty()) {
                return Problem{entry.located(
                    Error{rule.id +
                          ": [rules.allowlist] is deprecated, it cannot be used alongside "
                          "[[rules.allowlist]]"})};
            }
            lists = entry.single_table("allowlist");
        }
        for (const ConfigTable& list : lists) {
            Allowlist allowlist;
            if (auto problem = read_allowlist(list, allowlist)) {
                problem->error.message =
                    rule.id + ": [[rules.allowlists]] " + problem->error.message;
                return problem;
            }
            rule.allowlists.push_back(std::move(allowlist));
        }
        for (const ConfigTable& required : entry.tables("required")) {
            const std::string id = required.string("id").value_or("");
            if (id.empty()) {
                return Problem{
                    required.located(Error{rule.id + ": [[rules.required]] rule ID is empty"})};
            }
            rule.required.push_back(
                {id, required.integer("withinlines"), required.integer("withincolumns")});
            if (!required.error().message.empty()) return Problem{required.error()};
        }
        if (auto wrong = read_extras(entry, rule.extras)) return Problem{std::move(*wrong)};
        return entry.error().message.empty() ? std::nullopt : std::optional(Problem{entry.error()});
    }

    std::optional<Error> read_extras(const ConfigTable& entry, RuleExtras& extras) {
        constexpr std::string_view kKeys[] = {"title",    "fix",       "url",   "source",
                                              "check",    "true",      "false", "precision",
                                              "severity", "confidence"};
        for (const ConfigTable& own : entry.single_table("merlon")) {
            if (const auto unknown = own.key_beside(kKeys)) {
                return own.located(Error{"[rules.merlon] has no key '" + *unknown + "'" +
                                         suggestion(*unknown, kKeys)});
            }
            extras.title = own.string("title").value_or("");
            extras.fix = own.string("fix").value_or("");
            extras.url = own.string("url").value_or("");
            extras.source = own.string("source").value_or("");
            extras.check = own.string("check").value_or("");
            if (!extras.check.empty() && find_check(extras.check) == nullptr) {
                return own.located(unknown_check(extras.check));
            }
            extras.true_examples = own.strings("true");
            extras.false_examples = own.strings("false");
            const std::string precision = own.string("precision").value_or("format");
            const auto known_precision = parse_precision(precision);
            if (!known_precision) {
                return own.located(
                    Error{"'" + precision + "' is not a precision (format, random, password)"});
            }
            extras.precision = *known_precision;
            const std::string severity = own.string("severity").value_or("high");
            const std::string confidence = own.string("confidence").value_or("medium");
            const auto known_severity = model::parse_severity(severity);
            const auto known_confidence = model::parse_confidence(confidence);
            if (!known_severity || !known_confidence) {
                return own.located(
                    Error{"'" + (known_severity ? confidence : severity) + "' is not a " +
                          (known_severity ? "confidence (low, medium, high)"
                                          : "severity (info, low, medium, high, critical)")});
            }
            extras.severity = *known_severity;
            extras.confidence = *known_confidence;
        }
        return std::nullopt;
    }

    std::optional<Problem> read_allowlist(const ConfigTable& entry, Allowlist& list) {
        if (!entry.error().message.empty()) return Problem{entry.error()};
        list.description = entry.string("description").value_or("");
        const std::string condition = lower(entry.string("condition").value_or(""));
        if (condition == "and" || condition == "&&") {
            list.condition = Allowlist::Condition::kAnd;
        } else if (!condition.empty() && condition != "or" && condition != "||") {
            return Problem{entry.located(Error{"unknown allowlist |condition| '" +
                                               entry.string("condition").value_or("") +
                                               "' (expected 'and', 'or')"})};
        }
        const std::string target = entry.string("regextarget").value_or("");
        if (target == "match") {
            list.target = Allowlist::Target::kMatch;
        } else if (target == "line") {
            list.target = Allowlist::Target::kLine;
        } else if (!target.empty() && target != "secret") {
            return Problem{entry.located(Error{"unknown allowlist |regexTarget| '" + target +
                                               "' (expected 'match', 'line')"})};
        }
        for (const std::string& commit : entry.strings("commits")) {
            list.commits.insert(trimmed(lower(commit)));
        }
        if (auto problem = join(entry, "regexes", list.regexes)) return problem;
        if (auto problem = join(entry, "paths", list.paths)) return problem;
        std::vector<std::string> words = entry.strings("stopwords");
        for (std::string& word : words) word = lower(word);
        list.set_stopwords(std::move(words));
        if (!entry.error().message.empty()) return Problem{entry.error()};
        if (list.commits.empty() && !list.paths && !list.regexes && list.stopwords.empty()) {
            return Problem{entry.located(Error{
                "must contain at least one check for: commits, paths, regexes, or stopwords"})};
        }
        return std::nullopt;
    }

    // (?:p1|p2|…), after each has been compiled alone, as gitleaks does.
    std::optional<Problem> join(const ConfigTable& entry, std::string_view key,
                                std::optional<match::Regex>& joined) {
        const std::vector<std::string> patterns = entry.strings(key);
        if (patterns.empty()) return std::nullopt;
        std::string all = "(?:";
        for (const std::string& pattern : patterns) {
            Result<match::Regex> alone = match::Regex::compile(pattern);
            if (!alone.ok()) {
                return Problem{entry.located(std::move(alone).error()), ConfigFailure::kPanic};
            }
            if (&pattern != &patterns.front()) all += '|';
            all += pattern;
        }
        all += ')';
        return compile(all, entry, joined);
    }

    bool read_allowlists(const ConfigTable& table, Assembly& assembly) {
        std::vector<ConfigTable> lists = table.tables("allowlists");
        if (table.has("allowlist")) {
            if (!lists.empty()) {
                return fail(table.located(Error{
                    "[allowlist] is deprecated, it cannot be used alongside [[allowlists]]"}));
            }
            lists = table.single_table("allowlist");
        }
        for (const ConfigTable& list : lists) {
            Allowlist allowlist;
            if (auto problem = read_allowlist(list, allowlist)) {
                problem->error.message = "[[allowlists]] " + problem->error.message;
                problem_ = std::move(*problem);
                return false;
            }
            const std::vector<std::string> targets = list.strings("targetrules");
            if (!list.error().message.empty()) return fail(list.error());
            for (const std::string& id : targets) assembly.targeted[id].push_back(allowlist);
            if (targets.empty()) assembly.allowlists.push_back(std::move(allowlist));
        }
        return true;
    }

    // One thing that is extended, and the rules of it that nobody wants.
    struct Extension {
        bool is_default = false;
        std::string path;
        std::vector<std::string> disabled;
    };

    bool extend(const std::vector<ConfigTable>& tables, Assembly& assembly) {
        std::vector<Extension> extensions;
        for (const ConfigTable& table : tables) {
            for (const ConfigTable& entry : table.single_table("extend")) {
                if (!read_extension(entry, extensions)) return false;
            }
        }
        if (extensions.empty()) return true;
        ++extend_depth_;
        for (const Extension& extension : extensions) {
            Result<std::string> base =
                extension.is_default ? sources_.read_default() : sources_.read_file(extension.path);
            if (!base.ok()) {
                return fail(std::move(base).error().within("failed to load extended config"));
            }
            const ConfigText text{base.value(), extension.is_default ? "default" : extension.path};
            Assembly extended;
            if (!read({&text, 1}, extended)) return false;
            merge(assembly, std::move(extended), extension.disabled);
        }
        return true;
    }

    bool read_extension(const ConfigTable& entry, std::vector<Extension>& extensions) {
        Extension read;
        read.path = entry.string("path").value_or("");
        (void)entry.string("url");  // not used, and yet refused where it is no text
        read.is_default = entry.boolean("usedefault").value_or(false);
        read.disabled = entry.strings("disabledrules");
        if (!entry.error().message.empty()) return fail(entry.error());
        if (!read.path.empty() && read.is_default) {
            return fail(entry.located(
                Error{"unable to load config due to extend.path and extend.useDefault being set"}));
        }
        if (read.path.empty() && !read.is_default) return true;
        const auto same =
            std::find_if(extensions.begin(), extensions.end(), [&](const auto& known) {
                return known.is_default == read.is_default && known.path == read.path;
            });
        if (same == extensions.end()) {
            extensions.push_back(std::move(read));
        } else {
            same->disabled.insert(same->disabled.end(), read.disabled.begin(), read.disabled.end());
        }
        return true;
    }

    // gitleaks's Config.extend: the extended configuration is the base, ours overrides it. What the
    // base has and ours sets anew keeps the base's `required` and `skipReport`.
    static void merge(Assembly& ours, Assembly base, const std::vector<std::string>& disabled) {
        for (auto& [id, base_rule] : base.rules) {
            if (std::find(disabled.begin(), disabled.end(), id) != disabled.end()) continue;
            const auto found = ours.rules.find(id);
            if (found == ours.rules.end()) {
                ours.ordered_ids.push_back(id);
                ours.rules.emplace(id, std::move(base_rule));
                continue;
            }
            Rule& current = found->second;
            Rule merged = std::move(base_rule);
            if (!current.description.empty()) merged.description = current.description;
            if (current.entropy != 0) merged.entropy = current.entropy;
            if (current.secret_group != 0) merged.secret_group = current.secret_group;
            if (current.regex) merged.regex = current.regex;
            if (current.path) merged.path = current.path;
            const auto append = [](auto& to, const auto& from) {
                to.insert(to.end(), from.begin(), from.end());
            };
            append(merged.tags, current.tags);
            append(merged.keywords, current.keywords);
            append(merged.allowlists, current.allowlists);
            current = std::move(merged);
        }
        for (Allowlist& list : base.allowlists) ours.allowlists.push_back(std::move(list));
        std::sort(ours.ordered_ids.begin(), ours.ordered_ids.end());
    }

    static std::optional<Error> validate(const Rule& rule) {
        if (trimmed(rule.id).empty()) {
            std::string message = "rule |id| is missing or empty";
            if (!rule.description.empty()) message += ", description: " + rule.description;
            if (rule.regex) message += ", regex: " + rule.regex->pattern();
            if (rule.path) message += ", path: " + rule.path->pattern();
            return Error{std::move(message)};
        }
        if (!rule.regex && !rule.path) {
            return Error{rule.id +
                         ": both |regex| and |path| are empty, this rule will have no effect"};
        }
        if (rule.regex && rule.secret_group > rule.regex->group_count()) {
            return Error{rule.id + ": invalid regex secret group " +
                         std::to_string(rule.secret_group) + ", max regex secret group " +
                         std::to_string(rule.regex->group_count())};
        }
        return std::nullopt;
    }

    // What can only be checked once everything is extended.
    bool finish(Assembly& assembly) {
        for (auto at = assembly.rules.begin(); at != assembly.rules.end();) {
            std::optional<Error> wrong = validate(at->second);
            if (!wrong) {
                ++at;
                continue;
            }
            if (!skip_rule(at->first, {std::move(*wrong)})) return false;
            at = assembly.rules.erase(at);
        }
        for (auto& [id, lists] : assembly.targeted) {
            const auto found = assembly.rules.find(id);
            if (found == assembly.rules.end()) {
                return fail(Error{"[[allowlists]] target rule ID '" + id + "' does not exist"});
            }
            for (Allowlist& list : lists) found->second.allowlists.push_back(std::move(list));
        }
        return true;
    }

    const ConfigSources& sources_;
    BadRules bad_rules_;
    model::Diagnostics& diagnostics_;
    int extend_depth_ = 0;
    Problem problem_;
};

}  // namespace

bool Allowlist::allows_commit(std::string_view commit) const {
    return !commit.empty() && !commits.empty() && commits.contains(lower(commit));
}

bool Allowlist::allows_path(std::string_view path) const {
    return !path.empty() && paths && paths->is_match(path);
}

bool Allowlist::has_stopword(std::string_view text) const {
    return stopword_view.find(text).has_value();
}

void Allowlist::set_stopwords(std::vector<std::string> words) {
    stopwords = std::move(words);
    stopword_view = {};
    stopword_owner.reset();
    if (stopwords.empty()) return;
    match::LiteralOptions options;
    options.fold = match::LiteralFold::kLower;
    // Secrets are short: the automaton has nothing to set up, and few rows are enough for it.
    options.engine = match::LiteralEngine::kAutomaton;
    options.max_dense_bytes = std::size_t{64} << 10;
    // More than any rule file that is read holds; see base/limits.h.
    options.max_text_bytes = std::size_t{128} << 20;
    auto set = std::make_shared<const match::LiteralSet>(
        match::LiteralSet::compile(stopwords, options).value());
    stopword_view = set->view();
    stopword_owner = std::move(set);
}

void Allowlist::set_stopwords(std::vector<std::string> words, SharedBytes block) {
    const auto view = match::LiteralView::load(block.bytes);
    if (!view.ok() || view.value().count() != words.size() ||
        view.value().fold() != match::LiteralFold::kLower ||
        view.value().match() != match::LiteralMatch::kLeftmostFirst) {
        return set_stopwords(std::move(words));
    }
    stopwords = std::move(words);
    stopword_view = view.value();
    stopword_owner = std::move(block.owner);
}

const Rule* Config::find(std::string_view id) const {
    const auto at =
        std::lower_bound(rules.begin(), rules.end(), id,
                         [](const Rule& rule, std::string_view key) { return rule.id < key; });
    return at != rules.end() && at->id == id ? &*at : nullptr;
}

LoadedConfig load_config(std::span<const ConfigText> texts, const ConfigSources& sources,
                         BadRules bad_rules, model::Diagnostics& diagnostics) {
    return Loader(sources, bad_rules, diagnostics).load(texts);
}

LoadedConfig load_config(std::string_view toml, const std::string& name,
                         const ConfigSources& sources, BadRules bad_rules,
                         model::Diagnostics& diagnostics) {
    const ConfigText text{toml, name};
    return load_config({&text, 1}, sources, bad_rules, diagnostics);
}

}  // namespace merlon::secrets
