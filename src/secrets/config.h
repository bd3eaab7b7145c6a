#pragma once

// Rules for secrets in the gitleaks format (TOML), read as gitleaks 8.30.1 reads it.
//
// The idea: one loader for every `.gitleaks.toml` that exists. It takes the same spellings (keys in
// any case, a string where a list is meant, numbers as strings), refuses what gitleaks refuses, and
// merges extended configurations with its merge. What the format lacks stands in `[rules.merlon]`,
// which gitleaks ignores: severity, confidence, fix, url, checks and examples.
//
// Immutable once loaded, thread-safe. Errors carry gitleaks's reason, with file and line.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/block_source.h"
#include "base/result.h"
#include "match/literals.h"
#include "match/pattern_set.h"
#include "match/regex.h"
#include "model/engine.h"
#include "model/severity.h"
#include "secrets/precision.h"

namespace merlon::secrets {

struct Allowlist {
    enum class Condition : std::uint8_t { kOr, kAnd };
    enum class Target : std::uint8_t { kSecret, kMatch, kLine };

    std::string description;
    Condition condition = Condition::kOr;
    Target target = Target::kSecret;
    std::set<std::string> commits;  // lower case
    // All patterns of a list are one expression, joined as text; so a leading (?i) holds for all
    // that follow, as in gitleaks.
    std::optional<match::Regex> paths;
    std::optional<match::Regex> regexes;
    std::vector<std::string> stopwords;  // lower case
    // The stopwords compiled (in strings.ToLower of the text), and what holds the bytes.
    match::LiteralView stopword_view;
    std::shared_ptr<const void> stopword_owner;

    bool allows_commit(std::string_view commit) const;
    bool allows_path(std::string_view path) const;
    void set_stopwords(std::vector<std::string> words);
    // The same from a block that set_stopwords() made of these words; where it is not one, anew.
    void set_stopwords(std::vector<std::string> words, SharedBytes block);
    bool has_content_checks() const { return regexes.has_value() || !stopwords.empty(); }
    // Whether `text` holds a stopword, in any case.
    bool has_stopword(std::string_view text) const;
};

// Another rule that has to match nearby.
struct Required {
    std::string rule_id;
    std::optional<std::int64_t> within_lines;
    std::optional<std::int64_t> within_columns;
};

// What `[rules.merlon]` adds.
struct RuleExtras {
    model::Severity severity = model::Severity::kHigh;
    model::Confidence confidence = model::Confidence::kMedium;
    Precision precision = Precision::kFormat;
    std::string title;
    std::string fix;
    std::string url;
    std::string source;  // where the provider publishes the format
    std::string check;   // an offline check of the secret (secrets/checks.h): "github-crc32"
    std::vector<std::string> true_examples;
    std::vector<std::string> false_examples;
};

struct Rule {
    std::string id;
    std::string description;
    std::optional<match::Regex> regex;
    std::optional<match::Regex> path;
    int secret_group = 0;               // 0: the first group that is not empty
    double entropy = 0;                 // 0: not asked for
    std::vector<std::string> keywords;  // lower case
    std::vector<std::string> tags;
    std::vector<Allowlist> allowlists;
    std::vector<Required> required;
    bool skip_report = false;
    RuleExtras extras;
};

struct Config {
    std::string title;
    std::vector<Rule> rules;  // by id, ascending
    std::vector<Allowlist> allowlists;
    // The order of reports: as written, sorted once something was extended; repeats possible.
    std::vector<std::string> ordered_ids;
    // The expressions of all rules over one text (rule_patterns.h), where they were stored.
    std::shared_ptr<const match::PatternSet> patterns;
    // SHA-256 of everything above but what was compiled; empty until it was stored.
    std::string digest;

    const Rule* find(std::string_view id) const;
};

// How strict: gitleaks stops at the first wrong rule; our own dialect leaves that rule out, reports
// it, and goes on, because one bad rule must not sink a pack.
enum class BadRules : std::uint8_t { kRefuse, kReport };

// What a configuration may bring in.
struct ConfigSources {
    std::function<Result<std::string>(const std::string& path)> read_file;  // extend.path
    std::function<Result<std::string>()> read_default;                      // extend.useDefault
};

// A wrong expression ends gitleaks with a panic (exit code 2), every other mistake with an error
// (exit code 1).
enum class ConfigFailure : std::uint8_t { kNone, kInvalid, kPanic };

struct LoadedConfig {
    Result<Config> config;
    ConfigFailure failure = ConfigFailure::kNone;
};

struct ConfigText {
    std::string_view toml;
    std::string name;  // for errors
};

// Several texts are one configuration: its rules may require each other, an allowlist may name a
// rule of another text, and what two of them extend is taken once. Of two rules with one id the
// later is kept, with a warning where they stand in two texts.
LoadedConfig load_config(std::span<const ConfigText> texts, const ConfigSources& sources,
                         BadRules bad_rules, model::Diagnostics& diagnostics);
LoadedConfig load_config(std::string_view toml, const std::string& name,
                         const ConfigSources& sources, BadRules bad_rules,
                         model::Diagnostics& diagnostics);

}  // namespace merlon::secrets
