#pragma once

// The engine that finds secrets: rules in, findings out (the contract of model/engine.h).
//
// The idea: examine() does all that depends on the bytes alone, for every rule at once
// (match::PatternSet), pass by pass of the decoder; what it finds are Facts, which know no path and
// no commit and can be kept. conclude() applies what depends on those: path rules, allowlists,
// rules that need another rule nearby, and the preference of specific rules over generic ones.
//
// Two dialects. kGitleaks gives the findings of gitleaks 8.30.1 to the byte, its quirks included:
// byte columns that are one too high after the first line, a secret that is looked for again in the
// trimmed match, allow comments that reach over the last line. kMerlon counts columns in code
// points.
//
// In our own dialect a word right behind an escape in a string ("\nTOKEN") is a word of its own:
// see escaped_starts.h.
//
// A Program is immutable and shared by threads; a Scratch belongs to one. Cost: one literal pass
// over the text, one more for each decoding pass that finds something.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "match/pattern_set.h"
#include "model/document.h"
#include "model/engine.h"
#include "secrets/config.h"
#include "secrets/decode.h"
#include "secrets/precision.h"
#include "secrets/rule_patterns.h"

namespace merlon::secrets {

enum class Dialect : std::uint8_t { kGitleaks, kMerlon };
constexpr PaddedUrl padded_url(Dialect dialect) {
    return dialect == Dialect::kMerlon ? PaddedUrl::kTaken : PaddedUrl::kRefused;
}
enum class AllowComments : std::uint8_t { kHonour, kIgnore };

struct ProgramOptions {
    Dialect dialect = Dialect::kMerlon;
    AllowComments allow_comments = AllowComments::kHonour;
    int max_decode_depth = 5;
    // Texts of more than this many million bytes are not searched; 0: no limit.
    int max_megabytes = 0;
    // Only these rules; empty: all. Keywords of the others still count, as in gitleaks.
    std::vector<std::string> enabled_rules;
};

// One match of one rule, before path and commit are known. Lines count from 0 at the document's
// start.
struct Fact {
    std::uint32_t rule = 0;
    std::uint32_t pass = 0;  // 0: the text as it stands; n: after n decoding passes
    bool companion = false;  // found for another rule that requires it
    bool line_allowed = false;
    std::uint64_t begin = 0;  // of the match, in the document
    std::uint64_t end = 0;
    std::uint64_t secret_begin = 0;  // of the secret where it stands as it is, else of the match
    std::uint64_t secret_end = 0;
    std::uint64_t line_begin = 0;  // what gitleaks calls the line
    std::uint64_t line_end = 0;
    std::uint32_t start_line = 0;
    std::uint32_t end_line = 0;
    std::uint32_t start_column = 0;
    std::uint32_t end_column = 0;
    std::string match;
    std::string secret;
    double entropy = 0;
    // In our own dialect: why this is no secret, by its own letters. Whoever shows findings leaves
    // those out and says how many.
    Doubt doubt = Doubt::kNone;
    std::vector<std::string> tags;  // of decoding
    // Allowlists with condition AND whose regexes and stopwords hold: what is left is path and
    // commit. Positions in the global list, then in the rule's.
    std::vector<std::uint32_t> held_global_lists;
    std::vector<std::uint32_t> held_rule_lists;
};

struct Facts {
    std::vector<Fact> matches;
    // Rules without an expression whose keyword (if any) is there: their path decides.
    std::vector<std::uint32_t> path_rules;
    // A text that was too large to be searched.
    bool too_large = false;
    // There were more matches than kMostMatches; the others are not here.
    bool too_many = false;
};

// Of one document, in our own dialect: more than any report of it shows.
inline constexpr std::size_t kMostMatches = 200'000;
// What few documents have, and some megabytes of memory.
inline constexpr std::size_t kManyMatches = 10'000;

// What is known of the unit beside its bytes.
struct Inputs {
    std::string path;
    std::string commit;
    std::int64_t first_line = 1;  // the line that the document's line 0 is
};

// The companion that another rule required.
struct Companion {
    const Rule* rule = nullptr;
    std::int64_t start_line = 0;
    std::string secret;
};

struct SecretFinding {
    const Rule* rule = nullptr;
    const Fact* fact = nullptr;  // null: the path alone
    std::int64_t start_line = 0;
    std::int64_t end_line = 0;
    std::int64_t start_column = 0;
    std::int64_t end_column = 0;
    std::string match;
    std::string secret;
    std::vector<std::string> tags;
    std::vector<Companion> companions;
};

class Program {
  public:
    using Facts = secrets::Facts;
    using Inputs = secrets::Inputs;
    using Results = std::vector<SecretFinding>;

    class Scratch {
      public:
        // From now on examine() gives up once `cancel` is set, with little more than what it has
        // found; what it returns then is not whole.
        void stop_on(const CancelToken& cancel) {
            cancel_ = &cancel;
            set.stop_on(cancel);
        }
        // `admit` is called once for a document of which examine() has more than kManyMatches, and
        // may wait: whoever examines many at a time can hold the matches of one such at once. Only
        // in our own dialect.
        void when_many(std::function<void()> admit) { admit_many_ = std::move(admit); }

      private:
        friend class Program;
        bool stopped() const { return cancel_ != nullptr && cancel_->cancelled(); }

        const CancelToken* cancel_ = nullptr;
        std::size_t made_when_stopped = 0;
        std::function<void()> admit_many_;
        match::PatternSet::Scratch set;
        std::vector<std::uint64_t> newlines;
        std::vector<match::Span> groups;
        std::vector<std::uint8_t> wanted;  // by pattern: whether the text may have a match of it
    };

    // `diagnostics` hears of rules that are left out. Fails only where an enabled rule does not
    // exist.
    static Result<Program> compile(Config config, ProgramOptions options,
                                   model::Diagnostics& diagnostics);

    // What a file's path means to the rules: which of those that ask for a path it satisfies.
    // examine() leaves the others out; 0 leaves out none.
    model::DocumentKind kind(std::string_view path) const;

    // Pure: the same bytes and kind give the same facts, whatever else the file is called.
    Facts examine(const model::Document& document, model::DocumentKind kind,
                  Scratch& scratch) const;

    // False where examine() gives nothing for any text that is made of some of these whole lines,
    // in whatever order and number. Only in gitleaks's dialect is it ever false. One pass over the
    // text; no expression is run.
    bool may_hold(std::string_view lines, model::DocumentKind kind, Scratch& scratch) const;

    // The findings of one document, by rule, then place. They borrow from `facts`, which must live.
    Results conclude(std::span<const Facts> facts, const Inputs& inputs, model::Host& host) const;

    // Whether the global allowlists leave this path (or commit) out altogether.
    bool allows(std::string_view path, std::string_view commit) const;

    const Config& config() const { return *config_; }
    const ProgramOptions& options() const { return options_; }
    // "sha256:…" of everything that decides the facts: rules, dialect, options, version of the
    // engine.
    std::string digest() const;

  private:
    // A finding of a required rule.
    struct Candidate {
        std::uint32_t pass = 0;
        std::int64_t line = 0;
        std::int64_t column = 0;
        std::string_view secret;  // borrowed from the facts
    };
    struct Pass;
    struct Seen;

    static constexpr std::uint8_t kNoPathBit = 63;

    Program() = default;
    void scan_pass(Pass& pass) const;
    void scan_escaped_starts(Pass& pass) const;
    bool allows_kind(std::uint32_t rule, model::DocumentKind kind) const;
    bool is_run(const RulePattern& pattern) const;
    std::string_view place_fact(Pass& pass, Fact& fact) const;
    void add_tree_values(Pass& pass) const;
    void add_tree_value(Pass& pass, const Rule* rule, std::uint64_t begin, std::uint64_t end,
                        std::string_view plain) const;
    void add_match(Pass& pass, const RulePattern& pattern, const Seen& seen) const;
    bool content_allows(const Allowlist& list, const Fact& fact, std::string_view line) const;
    bool is_allowed(const std::vector<Allowlist>& lists, Fact& fact, std::string_view line,
                    std::vector<std::uint32_t>& held) const;
    // Whether the rule's path is in this one. To rules of our own dialect a member of an archive
    // is a file in a folder.
    bool path_fits(const Rule& rule, std::string_view path) const;
    bool rule_applies(const Rule& rule, const Inputs& inputs) const;
    std::vector<Candidate> candidates(const Facts& facts, const Inputs& inputs,
                                      const Required& required) const;
    void keep_required(const Facts& facts, const Inputs& inputs,
                       std::vector<SecretFinding>& findings) const;

    std::shared_ptr<const Config> config_;
    ProgramOptions options_;
    std::vector<RulePattern> patterns_;
    std::shared_ptr<const match::PatternSet> set_;
    std::vector<std::uint8_t> enabled_;    // by rule
    std::vector<std::uint8_t> path_bits_;  // by rule: its bit in a document kind; kNoPathBit: none
};

}  // namespace merlon::secrets
