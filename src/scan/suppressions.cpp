#include "scan/suppressions.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <tuple>

#include "base/arena.h"
#include "base/file.h"
#include "base/interner.h"
#include "base/nearest.h"
#include "crypto/digest.h"
#include "model/fingerprint.h"
#include "text/glob.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::scan {
namespace {

constexpr std::string_view kAllowComment = "merlon:allow";
constexpr std::string_view kGitleaksAllowComment = "gitleaks:allow";
constexpr std::string_view kNoReason = "no reason given";
constexpr std::size_t kKeyBytes = 32;
constexpr std::string_view kBaselineSchema = "merlon-baseline";
constexpr std::int64_t kBaselineVersion = 1;

std::string_view next_word(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r"), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(" \t\r"));
    text.remove_prefix(word.size());
    return word;
}

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r"), text.size()));
    return text.substr(0, text.find_last_not_of(" \t\r") + 1);
}

// Of a comment that ends in its line, what stands before that: code may follow.
std::string_view before_comment_end(std::string_view text) {
    std::size_t end = text.size();
    for (const std::string_view mark : {"*/", "-->", "--}}", "#}"}) {
        end = std::min(end, text.find(mark));
    }
    return text.substr(0, end);
}

bool is_word_part(char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; }

bool is_expired(const std::string& expires, Timestamp now) {
    if (expires.empty()) return false;
    const Result<Timestamp> day = parse_date(expires);
    return !day.ok() || day.value() <= now;
}

// The glob that matches this path, as a double-quoted scalar (YAML 1.2, sections 5.7 and 7.3.1). A
// byte that is no UTF-8 becomes '?', because YAML holds text only.
std::string quoted_glob(std::string_view path) {
    std::string out = "\"";
    while (!path.empty()) {
        const text::CodePoint point = text::decode_utf8(path);
        const char32_t c = point.value;
        const bool is_break = c == 0x2028 || c == 0x2029 || c == 0xFEFF || (c & 0xFFFE) == 0xFFFE;
        if (!point.valid) {
            out += '?';
        } else if (c < 0x20 || (c >= 0x7F && c < 0xA0) || is_break) {
            out += fmt::format("\\U{:08x}", static_cast<std::uint32_t>(c));
        } else {
            if (c == '*' || c == '?' || c == '[' || c == '\\') out += "\\\\";
            if (c == '"' || c == '\\') out += '\\';
            out += path.substr(0, point.width);
        }
        path.remove_prefix(point.width);
    }
    return out + '"';
}

// Whether the pattern matches the gap's path, or that of an archive that it lies in ("a.zip" of
// "a.zip!b.txt").
bool accepts_path(const std::string& pattern, std::string_view path) {
    if (text::glob_matches(pattern, path)) return true;
    for (std::size_t at = path.rfind('!'); at != std::string_view::npos && at > 0;
         at = path.rfind('!', at - 1)) {
        if (text::glob_matches(pattern, path.substr(0, at))) return true;
    }
    return false;
}

}  // namespace

namespace {

// Reads the lines of a file of entries, without empty ones and comments, each with `read_entry`.
// What that does not take is an error at its line.
template <typename Entry, typename ReadEntry>
Result<std::vector<Entry>> read_entries(std::string_view text, const std::string& file,
                                        ReadEntry&& read_entry) {
    std::vector<Entry> entries;
    std::uint32_t number = 0;
    while (!text.empty()) {
        ++number;
        const std::size_t end = text.find('\n');
        const std::string_view line = trimmed(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (line.empty() || line.starts_with('#')) continue;
        Result<Entry> entry = read_entry(line, number);
        if (!entry.ok()) return std::move(entry).error().at(file, number, 1);
        entries.push_back(std::move(entry).value());
    }
    return entries;
}

}  // namespace

Result<std::vector<IgnoreEntry>> read_ignore_entries(std::string_view text,
                                                     const std::string& file) {
    return read_entries<IgnoreEntry>(
        text, file, [&file](std::string_view line, std::uint32_t number) -> Result<IgnoreEntry> {
            IgnoreEntry entry;
            entry.place = file + ':' + std::to_string(number);
            entry.secret_id = next_word(line);
            MERLON_TRY(model::check_secret_id(entry.secret_id));
            entry.rule_id = next_word(line);
            entry.expires = next_word(line);
            entry.reason = trimmed(line);
            if (entry.reason.empty()) {
                return Error{"an ignore entry is: ID RULE EXPIRES REASON; the reason is missing"};
            }
            if (entry.expires == "-") {
                entry.expires.clear();
            } else if (Result<Timestamp> day = parse_date(entry.expires); !day.ok()) {
                return std::move(day).error();
            }
            return entry;
        });
}

Result<std::vector<RevokedEntry>> read_revoked_entries(std::string_view text,
                                                       const std::string& file) {
    return read_entries<RevokedEntry>(
        text, file, [](std::string_view line, std::uint32_t) -> Result<RevokedEntry> {
            RevokedEntry entry;
            entry.secret_id = next_word(line);
            MERLON_TRY(model::check_secret_id(entry.secret_id));
            entry.date = next_word(line);
            entry.reason = trimmed(line);
            if (entry.reason.empty()) {
                return Error{"a revocation is: ID DATE REASON; the reason is missing"};
            }
            if (Result<Timestamp> day = parse_date(entry.date); !day.ok()) {
                return std::move(day).error();
            }
            return entry;
        });
}

Result<std::vector<BaselineEntry>> read_baseline(std::string_view json, const std::string& file,
                                                 const CancelToken* cancel) {
    Arena arena;
    Interner interner;
    Result<value::ValueDocument> document =
        text::read_json(json, arena, interner, {.cancel = cancel});
    if (!document.ok()) return std::move(document).error().at(file, 0, 0);
    const value::Value& root = *document.value().root;
    const value::Value* version = root.find("version");
    const value::Value* list = root.find("entries");
    if (version == nullptr || !version->is_number() || version->as_integer() != kBaselineVersion ||
        list == nullptr || !list->is_array()) {
        return Error{"is not a baseline of version 1; write one with --write-baseline", kNoOffset,
                     file};
    }
    std::vector<BaselineEntry> entries;
    for (const value::Value& item : list->items()) {
        const value::Value* rule = item.find("rule");
        const value::Value* id = item.find("id");
        if (rule == nullptr || id == nullptr || !rule->is_string() || !id->is_string()) {
            return Error{"an entry of the baseline has no rule or id", kNoOffset, file};
        }
        entries.push_back({std::string(rule->as_string()), std::string(id->as_string())});
    }
    std::sort(entries.begin(), entries.end());
    return entries;
}

std::string write_baseline(std::span<const model::Finding> findings) {
    std::vector<BaselineEntry> entries;
    for (const model::Finding& finding : findings) {
        entries.push_back({finding.rule_id, finding.secret_id});
    }
    std::sort(entries.begin(), entries.end());
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_object().member("schema", kBaselineSchema);
    json.key("version").integer(kBaselineVersion).key("entries").begin_array();
    for (const BaselineEntry& entry : entries) {
        json.begin_object()
            .member("rule", entry.rule_id)
            .member("id", entry.secret_id)
            .end_object();
    }
    json.end_array().end_object();
    return out + '\n';
}

namespace {

// A comment that says no why is told by name: who reads the report asks for it.
void tell_missing_reasons(std::span<const model::Finding> findings,
                          std::vector<std::string>& notices) {
    constexpr std::size_t kMostTold = 20;
    std::size_t count = 0;
    for (const model::Finding& finding : findings) {
        if (finding.suppressed_by != "inline" || finding.suppression_reason != kNoReason) continue;
        if (++count > kMostTold) continue;
        notices.push_back(model::to_string(finding.location) + ": `merlon:allow " +
                          finding.rule_id + "` gives no reason; write one behind the rule");
    }
    if (count > kMostTold) {
        notices.push_back(std::to_string(count - kMostTold) +
                          " more `merlon:allow` comments give no reason");
    }
}

}  // namespace

void apply(const Suppressions& suppressions, Timestamp now, std::vector<model::Finding>& findings,
           std::vector<std::string>& notices) {
    tell_missing_reasons(findings, notices);
    bool baseline_matches = false;
    for (model::Finding& finding : findings) {
        if (finding.secret_id.empty() || !finding.suppressed_by.empty()) continue;
        for (const IgnoreEntry& entry : suppressions.ignored) {
            if (entry.secret_id != finding.secret_id ||
                (entry.rule_id != "*" && !model::names_rule(entry.rule_id, finding.rule_id))) {
                continue;
            }
            if (is_expired(entry.expires, now)) {
                notices.push_back("the ignore entry at " + entry.place + " expired on " +
                                  entry.expires + "; its finding is reported again");
                continue;
            }
            finding.suppressed_by = "ignore";
            finding.suppression_reason = entry.reason;
            break;
        }
        const auto revoked =
            std::ranges::find(suppressions.revoked, finding.secret_id, &RevokedEntry::secret_id);
        if (finding.suppressed_by.empty() && revoked != suppressions.revoked.end()) {
            finding.suppressed_by = "revoked";
            finding.suppression_reason = revoked->reason + " (noted on " + revoked->date + ")";
        }
        const bool known =
            std::binary_search(suppressions.baseline.begin(), suppressions.baseline.end(),
                               BaselineEntry{finding.rule_id, finding.secret_id});
        baseline_matches = baseline_matches || known;
        if (finding.suppressed_by.empty() && known) {
            finding.suppressed_by = "baseline";
            finding.suppression_reason = "known when the baseline was written";
        }
    }
    if (!suppressions.baseline.empty() && !findings.empty() && !baseline_matches) {
        notices.push_back(
            "no finding is in the baseline: its entries are gone, or it was written under another "
            "key (.merlon/key, MERLON_KEY)");
    }
    std::sort(notices.begin(), notices.end());
    notices.erase(std::unique(notices.begin(), notices.end()), notices.end());
}

std::vector<std::string> unknown_rule_notices(std::span<const IgnoreEntry> entries,
                                              const secrets::Config& config) {
    std::vector<std::string_view> ids;
    for (const secrets::Rule& rule : config.rules) ids.emplace_back(rule.id);
    std::vector<std::string> notices;
    for (const IgnoreEntry& entry : entries) {
        const bool is_known =
            entry.rule_id == "*" || std::ranges::any_of(ids, [&entry](std::string_view id) {
                return model::names_rule(entry.rule_id, id);
            });
        if (is_known) continue;
        notices.push_back("the ignore entry at " + entry.place + " counts for nothing: no rule '" +
                          entry.rule_id + "' is there" + suggestion(entry.rule_id, ids));
    }
    return notices;
}

void accept_gaps(const Suppressions& suppressions, Timestamp now, model::Coverage& coverage,
                 std::vector<std::string>& notices) {
    std::vector<model::Gap> open;
    for (model::Gap& gap : coverage.gaps) {
        const auto entry = std::find_if(
            suppressions.accepted_gaps.begin(), suppressions.accepted_gaps.end(),
            [&gap](const GapAcceptance& candidate) {
                return candidate.cause == gap.cause && accepts_path(candidate.path, gap.path);
            });
        if (entry == suppressions.accepted_gaps.end()) {
            open.push_back(std::move(gap));
        } else if (is_expired(entry->expires, now)) {
            notices.push_back("the acceptance of the gap at " + entry->path + " expired on " +
                              entry->expires);
            open.push_back(std::move(gap));
        } else {
            coverage.accepted.push_back({std::move(gap), entry->reason, entry->expires});
        }
    }
    coverage.gaps = std::move(open);
}

std::string acceptance_lines(std::span<const model::Gap> gaps) {
    std::string out = "coverage:\n  accept:\n";
    std::set<std::pair<std::string_view, model::GapCause>> known;
    for (const model::Gap& gap : gaps) {
        if (!known.emplace(gap.path, gap.cause).second) continue;
        out += "    - path: " + quoted_glob(gap.path) +
               "\n      cause: " + std::string(model::name(gap.cause)) +
               "\n      reason: \"why this is fine\"\n      expires: \"YYYY-MM-DD\"\n";
    }
    return out;
}

InlineAllowance inline_allowance(std::span<const std::string_view> lines,
                                 std::string_view rule_id) {
    InlineAllowance allowance;
    for (const std::string_view line : lines) {
        for (std::size_t at = line.find(kAllowComment); at != std::string_view::npos;
             at = line.find(kAllowComment, at + kAllowComment.size())) {
            std::string_view rest = line.substr(at + kAllowComment.size());
            if ((at > 0 && is_word_part(line[at - 1])) ||
                (!rest.empty() && is_word_part(rest.front()))) {
                continue;
            }
            std::string_view rule = next_word(rest);
            // "-->" and its like end the comment.
            if (rule != "*" && std::ranges::none_of(rule, is_word_part)) rule = {};
            if (rule == "*" || (!rule.empty() && model::names_rule(rule, rule_id))) {
                const std::string_view reason = trimmed(before_comment_end(rest));
                allowance.reason = reason.empty() ? kNoReason : reason;
                return allowance;
            }
            if (rule.empty()) {
                allowance.names_no_rule = true;
            } else if (allowance.other_rule.empty()) {
                allowance.other_rule = rule;
            }
        }
        if (line.find(kGitleaksAllowComment) != std::string_view::npos) {
            allowance.reason = kGitleaksAllowComment;
            return allowance;
        }
    }
    return allowance;
}

Result<std::string> parse_key(std::string_view text, const std::string& key_file) {
    Result<std::string> key = crypto::from_hex(trimmed(text.substr(0, text.find('\n'))));
    if (!key.ok() || key.value().size() < kKeyBytes) {
        return Error{
            "is not a key of Merlon (64 hexadecimal digits); restore it from the "
            "repository, or remove it and write a new baseline",
            kNoOffset, key_file};
    }
    return key;
}

Result<std::optional<std::string>> repository_key(const std::optional<std::string>& environment_key,
                                                  const std::string& key_file, CreateKey create) {
    if (environment_key && !environment_key->empty()) {
        return std::optional(MERLON_TRY(parse_key(*environment_key, "MERLON_KEY")));
    }
    if (file_status(key_file, FollowLinks::kYes).ok()) {
        const std::string text = MERLON_TRY(read_text_file(key_file, 4096));
        return std::optional(MERLON_TRY(parse_key(text, key_file)));
    }
    if (create == CreateKey::kNo) return std::optional<std::string>();
    std::string key = MERLON_TRY(crypto::random_bytes(kKeyBytes));
    const std::string folder = key_file.substr(0, key_file.find_last_of('/'));
    ::mkdir(folder.c_str(), 0777);
    Status written = write_file_atomically(key_file, crypto::hex(key) + '\n');
    if (!written.ok()) return std::move(written).error();
    return std::optional(std::move(key));
}

}  // namespace merlon::scan
