// What depends on the bytes of a document alone: matches, pass by pass of the decoder.

#include <algorithm>
#include <cstring>
#include <iterator>

#include "secrets/decode.h"
#include "secrets/entropy.h"
#include "secrets/escaped_starts.h"
#include "secrets/known_places.h"
#include "secrets/location.h"
#include "secrets/manifest.h"
#include "secrets/program.h"
#include "secrets/terraform_state.h"

namespace merlon::secrets {
namespace {

constexpr std::string_view kAllowComment = "gitleaks:allow";
constexpr std::string_view kOwnAllowComment = "merlon:allow";
constexpr std::size_t kBytesPerMegabyte = 1'000'000;

// How many matches that were found when the scan was stopped are still looked into.
constexpr std::size_t kMadeWhenStopped = 1000;

// The rules of the pack in whose name each value of a Secret or of a Terraform state is reported.
constexpr std::string_view kManifestDataRule = "kubernetes-secret-manifest";
constexpr std::string_view kManifestStringRule = "kubernetes-secret-string-data";
constexpr std::string_view kStateRule = "terraform-state-resource-secret";

std::string_view without_line_feeds_around(std::string_view text) {
    const std::size_t begin = text.find_first_not_of('\n');
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of('\n') - begin + 1);
}

void find_newlines(std::string_view text, std::vector<std::uint64_t>& newlines) {
    newlines.clear();
    for (std::size_t at = 0; at < text.size(); ++at) {
        const void* found = std::memchr(text.data() + at, '\n', text.size() - at);
        if (found == nullptr) return;
        at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
        newlines.push_back(at);
    }
}

}  // namespace

// A match of an expression: where it begins in the pass's text, and what the expression saw, which
// is what stands there, or with `starts` a copy in which escapes are what they mean.
struct Program::Seen {
    std::size_t begin;
    std::string_view text;
    const EscapedStarts* starts;
};

// One pass over one text: the text as it stands, or as decoded so far.
struct Program::Pass {
    std::string_view document;  // as it stands in the file
    std::string_view text;      // of this pass
    const Decoder* decoder;
    model::DocumentKind kind;
    Scratch& scratch;
    Facts& facts;
    bool newlines_known = false;
    ColumnCursor cursor{};
    // The line that was last searched for an allow comment, and what it said: a line can be the
    // whole file, and hold every match.
    std::uint64_t searched_begin = 1;
    std::uint64_t searched_end = 0;
    bool searched_allows = false;

    std::span<const std::uint64_t> newlines() {
        if (!newlines_known) find_newlines(document, scratch.newlines);
        newlines_known = true;
        return scratch.newlines;
    }
};

Facts Program::examine(const model::Document& document, model::DocumentKind kind,
                       Scratch& scratch) const {
    Facts facts;
    Decoder decoder(document.bytes, padded_url(options_.dialect));
    Pass pass{document.bytes, document.bytes, &decoder, kind, scratch, facts};
    scan_pass(pass);
    const std::size_t escaped_begin = facts.matches.size();
    if (options_.dialect == Dialect::kMerlon) scan_escaped_starts(pass);
    const std::size_t escaped_end = facts.matches.size();
    while (!scratch.stopped() && decoder.depth() < options_.max_decode_depth &&
           decoder.next_pass(scratch.cancel_)) {
        pass.text = decoder.text();
        scan_pass(pass);
    }
    if (options_.dialect == Dialect::kMerlon && !scratch.stopped()) add_tree_values(pass);
    drop_known_places(*config_, facts, escaped_begin, escaped_end);
    return facts;
}

bool Program::allows_kind(std::uint32_t rule, model::DocumentKind kind) const {
    const std::uint8_t bit = path_bits_[rule];
    return kind == 0 || bit == kNoPathBit || (kind >> bit & 1) != 0;
}

// A rule that is not reported is run for those that ask for it only.
bool Program::is_run(const RulePattern& pattern) const {
    return pattern.companion || !config_->rules[pattern.rule].skip_report;
}

// Literals stand within lines, and so does what is encoded, but for code points, each of which is
// something encoded by itself: a text of other lines, or of fewer, has neither where this one has
// none.
bool Program::may_hold(std::string_view lines, model::DocumentKind kind, Scratch& scratch) const {
    if (options_.dialect != Dialect::kGitleaks) return true;
    const auto wants = [&](std::uint32_t id) {
        return allows_kind(patterns_[id].rule, kind) && is_run(patterns_[id]);
    };
    return set_->may_match(match::Subject(lines), scratch.set, wants) ||
           (options_.max_decode_depth > 0 && Decoder(lines).next_pass());
}

void Program::scan_pass(Pass& pass) const {
    const std::vector<Rule>& rules = config_->rules;
    const bool is_first = pass.decoder->depth() == 0;
    const bool too_large =
        options_.max_megabytes > 0 &&
        pass.text.size() / kBytesPerMegabyte > static_cast<std::size_t>(options_.max_megabytes);
    if (too_large) pass.facts.too_large = true;
    const match::Subject subject(pass.text);
    pass.scratch.wanted.assign(patterns_.size(), 0);
    set_->scan(
        subject, pass.scratch.set,
        [&](std::uint32_t id) {
            if (pass.scratch.stopped()) return false;
            const RulePattern& pattern = patterns_[id];
            const Rule& rule = rules[pattern.rule];
            if (!allows_kind(pattern.rule, pass.kind)) return false;
            if (!is_run(pattern)) return false;
            if (rule.regex) {
                pass.scratch.wanted[id] = too_large ? 0 : 1;
                return !too_large;
            }
            if (is_first) pass.facts.path_rules.push_back(pattern.rule);
            return false;
        },
        [&](std::uint32_t id, match::Span span) {
            add_match(pass, patterns_[id],
                      {span.begin, pass.text.substr(span.begin, span.end - span.begin), nullptr});
        });
}

// Only rules whose strings are in the text have something to look for, and only what the text as it
// stands did not give is new.
void Program::scan_escaped_starts(Pass& pass) const {
    Scratch& scratch = pass.scratch;
    const auto& wanted = scratch.wanted;
    if (std::find(wanted.begin(), wanted.end(), 1) == wanted.end()) return;
    EscapedStarts starts(pass.text);
    while (!scratch.stopped() && starts.next()) {
        const std::string_view copies = starts.copies();
        set_->scan(
            match::Subject(copies), scratch.set,
            [&](std::uint32_t id) { return !scratch.stopped() && wanted[id] != 0; },
            [&](std::uint32_t id, match::Span span) {
                const auto place = starts.place(span.begin, span.end);
                if (!place) return;
                add_match(pass, patterns_[id],
                          {*place, copies.substr(span.begin, span.end - span.begin), &starts});
            });
    }
}

// Fills in lines and columns of the fact's match, and whether its line allows it. Returns the line.
std::string_view Program::place_fact(Pass& pass, Fact& fact) const {
    const MatchPlace place =
        options_.dialect == Dialect::kGitleaks
            ? place_as_gitleaks(pass.newlines(), pass.document, fact.begin, fact.end)
            : place_in_code_points(pass.newlines(), pass.document, fact.begin, fact.end,
                                   pass.cursor);
    fact.start_line = place.start_line;
    fact.end_line = place.end_line;
    fact.start_column = place.start_column;
    fact.end_column = place.end_column;
    fact.line_begin = place.line_begin;
    fact.line_end = place.line_end;
    const std::string_view file_line =
        pass.document.substr(place.line_begin, place.line_end - place.line_begin);
    if (options_.allow_comments == AllowComments::kHonour) {
        if (pass.searched_begin != place.line_begin || pass.searched_end != place.line_end) {
            pass.searched_begin = place.line_begin;
            pass.searched_end = place.line_end;
            pass.searched_allows = file_line.find(kAllowComment) != std::string_view::npos ||
                                   (options_.dialect == Dialect::kMerlon &&
                                    file_line.find(kOwnAllowComment) != std::string_view::npos);
        }
        fact.line_allowed = pass.searched_allows;
    }
    return file_line;
}

void Program::add_match(Pass& pass, const RulePattern& pattern, const Seen& seen) const {
    // A file can hold a hundred thousand matches.
    if (pass.scratch.stopped() && ++pass.scratch.made_when_stopped > kMadeWhenStopped) return;
    if (options_.dialect == Dialect::kMerlon && pass.facts.matches.size() >= kMostMatches) {
        pass.facts.too_many = true;
        return;
    }
    const Rule& rule = config_->rules[pattern.rule];
    const std::string_view whole = seen.text;
    const std::string_view trimmed = without_line_feeds_around(whole);
    const std::size_t trimmed_in_front =
        trimmed.empty() ? 0 : static_cast<std::size_t>(trimmed.data() - whole.data());
    // As it stands in the text, escapes and all.
    const std::string_view written =
        pass.text.substr(seen.begin + trimmed_in_front, trimmed.size());
    Fact fact;
    fact.rule = pattern.rule;
    fact.companion = pattern.companion;
    fact.pass = static_cast<std::uint32_t>(pass.decoder->depth());
    fact.begin = seen.begin;
    std::string_view line;
    if (fact.pass > 0) {
        const Range range{static_cast<std::int64_t>(seen.begin),
                          static_cast<std::int64_t>(seen.begin + whole.size())};
        const auto segments = pass.decoder->touched(range);
        // What no decoded part touches was found in the pass before.
        if (segments.empty()) return;
        const Range original = pass.decoder->to_original(range);
        const auto size = static_cast<std::int64_t>(pass.document.size());
        fact.begin = static_cast<std::uint64_t>(std::clamp<std::int64_t>(original.begin, 0, size));
        fact.end = static_cast<std::uint64_t>(
            std::clamp<std::int64_t>(original.end, static_cast<std::int64_t>(fact.begin), size));
        fact.tags = pass.decoder->tags(segments);
        line = pass.decoder->line(segments);
    } else if (options_.dialect == Dialect::kGitleaks) {
        // The end forgets how much was trimmed in front, as in gitleaks.
        fact.end = fact.begin + trimmed.size();
    } else {
        fact.begin += trimmed_in_front;
        fact.end = fact.begin + trimmed.size();
    }
    const std::string_view file_line = place_fact(pass, fact);
    if (options_.dialect == Dialect::kGitleaks && fact.line_allowed) return;
    if (line.empty()) line = file_line;

    // The expression is matched again in the match alone: without the context around it, \b, ^ and
    // $ may decide otherwise, and then the secret is the whole match.
    fact.match = written;
    fact.secret = written;
    fact.secret_begin = fact.begin;
    fact.secret_end = fact.end;
    std::vector<match::Span>& groups = pass.scratch.groups;
    if (rule.regex->group_count() > 0 && rule.regex->captures(trimmed, groups)) {
        match::Span chosen{0, trimmed.size()};
        if (rule.secret_group > 0) {
            // The group is there but for a stored configuration that lies: load_config() refuses
            // such a rule, and a stored expression is not read before it is needed.
            const auto group = static_cast<std::size_t>(rule.secret_group);
            chosen = group < groups.size() ? groups[group] : match::Span();
            if (!chosen.matched()) chosen = {0, 0};
        } else {
            const auto found =
                std::find_if(groups.begin() + 1, groups.end(), [](const match::Span& group) {
                    return group.matched() && group.end > group.begin;
                });
            if (found != groups.end()) chosen = *found;
        }
        fact.secret = written.substr(chosen.begin, chosen.end - chosen.begin);
        if (fact.pass == 0) {
            fact.secret_begin = fact.begin + chosen.begin;
            fact.secret_end = fact.begin + chosen.end;
        }
    }
    if (seen.starts != nullptr && !seen.starts->is_start(fact.begin) &&
        !seen.starts->is_start(fact.secret_begin)) {
        return;
    }
    fact.entropy = shannon_entropy(fact.secret);
    if (rule.entropy != 0 && fact.entropy <= rule.entropy) return;
    if (is_allowed(config_->allowlists, fact, line, fact.held_global_lists) ||
        is_allowed(rule.allowlists, fact, line, fact.held_rule_lists)) {
        return;
    }
    if (options_.dialect == Dialect::kMerlon && !fact.secret.empty()) {
        fact.doubt = doubt_secret(rule.extras.precision, fact.secret);
    }
    pass.facts.matches.push_back(std::move(fact));
    if (options_.dialect == Dialect::kMerlon && pass.facts.matches.size() == kManyMatches &&
        pass.scratch.admit_many_) {
        pass.scratch.admit_many_();
    }
}

// The pack's rules for Secrets and states look at a file as a whole and give one value of it; the
// tree knows the others. A value that a rule has found already is left to that rule by the scan.
void Program::add_tree_values(Pass& pass) const {
    const auto enabled_rule = [this, &pass](std::string_view id) -> const Rule* {
        const Rule* rule = config_->find(id);
        if (rule == nullptr) return nullptr;
        const auto index = static_cast<std::uint32_t>(rule - config_->rules.data());
        return enabled_[index] != 0 && allows_kind(index, pass.kind) ? rule : nullptr;
    };
    const CancelToken* const cancel = pass.scratch.cancel_;
    const Rule* const data_rule = enabled_rule(kManifestDataRule);
    const Rule* const string_rule = enabled_rule(kManifestStringRule);
    if (data_rule != nullptr || string_rule != nullptr) {
        pass.cursor = {};
        for (const ManifestValue& value : kubernetes_secret_values(pass.document, cancel)) {
            const bool is_data = value.field == ManifestValue::Field::kData;
            add_tree_value(pass, is_data ? data_rule : string_rule, value.begin, value.end,
                           value.plain);
        }
    }
    if (const Rule* const state_rule = enabled_rule(kStateRule)) {
        pass.cursor = {};
        for (const StateValue& value : terraform_state_values(pass.document, cancel)) {
            add_tree_value(pass, state_rule, value.begin, value.end, value.plain);
        }
    }
}

void Program::add_tree_value(Pass& pass, const Rule* rule, std::uint64_t begin, std::uint64_t end,
                             std::string_view plain) const {
    if (rule == nullptr) return;
    Fact fact;
    fact.rule = static_cast<std::uint32_t>(rule - config_->rules.data());
    fact.begin = fact.secret_begin = begin;
    fact.end = fact.secret_end = end;
    const std::string_view line = place_fact(pass, fact);
    fact.secret = pass.document.substr(begin, end - begin);
    fact.match = fact.secret;
    fact.entropy = shannon_entropy(fact.secret);
    fact.doubt = doubt_secret(Precision::kPassword, plain);
    if (fact.entropy <= rule->entropy ||
        is_allowed(config_->allowlists, fact, line, fact.held_global_lists) ||
        is_allowed(rule->allowlists, fact, line, fact.held_rule_lists)) {
        return;
    }
    pass.facts.matches.push_back(std::move(fact));
}

// For condition AND: every content check that the list has. For OR: any.
bool Program::content_allows(const Allowlist& list, const Fact& fact, std::string_view line) const {
    const std::string_view target = list.target == Allowlist::Target::kMatch  ? fact.match
                                    : list.target == Allowlist::Target::kLine ? line
                                                                              : fact.secret;
    const auto regex_allows = [&] {
        return list.regexes && !target.empty() && list.regexes->is_match(target);
    };
    const auto stopword_allows = [&] { return list.has_stopword(fact.secret); };
    if (list.condition == Allowlist::Condition::kOr) return regex_allows() || stopword_allows();
    return (!list.regexes || regex_allows()) && (list.stopwords.empty() || stopword_allows());
}

bool Program::is_allowed(const std::vector<Allowlist>& lists, Fact& fact, std::string_view line,
                         std::vector<std::uint32_t>& held) const {
    for (std::uint32_t i = 0; i < lists.size(); ++i) {
        const Allowlist& list = lists[i];
        if (!list.has_content_checks() || !content_allows(list, fact, line)) continue;
        const bool needs_place = list.condition == Allowlist::Condition::kAnd &&
                                 (list.paths.has_value() || !list.commits.empty());
        if (!needs_place) return true;
        held.push_back(i);
    }
    return false;
}

}  // namespace merlon::secrets
