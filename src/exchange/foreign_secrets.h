#pragma once

// What of a report is a secret, by what each tool calls so.
//
// The idea: some members are secrets by their name ("Secret" in gitleaks' report); where a tool has
// only text, what a rule about secrets has found is in its snippet and, with some, in its message:
// there the snippet, what it has in quotes and its tokens with digits are taken for secrets, and of
// a message what it quotes and tokens that are long. Names of rules and files, and commits, are
// none. A word in quotes is a secret there, and stays where it stands without them.
//
// Thread-safe: no state. Cost: one pass.

#include <span>
#include <string>
#include <string_view>

#include "exchange/read_report.h"
#include "exchange/secret_masker.h"
#include "value/value.h"

namespace merlon::exchange {

void find_checkov_secrets(const value::Value& root, SecretMasker& masker);
// What its parsers have written into descriptions: "**Secret:** …".
void find_defectdojo_secrets(const value::Value& root, SecretMasker& masker);
void find_gitleaks_secrets(const value::Value& root, SecretMasker& masker);
void find_github_secrets(const value::Value& root, SecretMasker& masker);
// Of a report that a mapping made: of the findings that it says are secrets.
void find_mapped_secrets(const ReadReport& report, SecretMasker& masker);
// Whether what a template of nuclei extracts are secrets.
bool is_nuclei_template_of_secrets(std::string_view id, std::span<const std::string> tags);
void find_nuclei_secrets(const value::Value& record, SecretMasker& masker);
// What `scan secrets --show-secrets` writes, as JSON; one that is masked already is left.
void find_own_secrets(const value::Value& root, SecretMasker& masker);
// Of scanners for secrets, of rules about secrets of any tool, and of ours with --show-secrets.
void find_sarif_secrets(const value::Value& root, SecretMasker& masker);
void find_semgrep_secrets(const value::Value& root, SecretMasker& masker);
// Trivy masks what its own rules find.
void find_trivy_secrets(const value::Value& root, SecretMasker& masker);

// By the name that it has in its reports, in any case.
bool is_secret_scanner(std::string_view tool);

// Requests and answers, which have tokens of whoever scanned; those of an address; and of what an
// alert shows values that are called like a secret, or all where it is about secrets.
void find_zap_secrets(const value::Value& root, SecretMasker& masker);

// Whether a rule is about secrets in the code: by its name, a tag ("secret") or its weakness
// (CWE-259, CWE-321, CWE-798).
bool is_rule_of_secrets(std::string_view id, std::span<const std::string> tags);

// Whether what such a rule finds is a secret that stands there ("detected-aws-key"), and not how
// secrets are dealt with ("secret-in-log"): what gates judge by, where masking takes both.
bool is_about_found_secrets(std::string_view id, std::span<const std::string> tags);

// The property by which a finding says that it is a secret, whatever its tool calls its rule.
inline constexpr std::string_view kKindProperty = "kind";
inline constexpr std::string_view kSecretKind = "secret";
// Gives it to all findings that are.
void mark_secrets(ReadReport& read);

// Whether a look for them is worth it: reading a large file twice takes its time.
bool may_hold_secrets(std::span<const ReadReport> reports);

}  // namespace merlon::exchange
