#pragma once

// Regular expressions with the exact semantics of Go's regexp package: leftmost-first (or POSIX
// leftmost-longest), linear time, and defined for every byte string (an invalid byte is U+FFFD, one
// byte wide).
//
// The idea: our own parser decides what is an expression and says why not; the program (program.h)
// is built at first use, because most rules of a pack never meet a candidate. A search runs a
// lazily built automaton forward for the end of the match and backward for its begin, behind a
// search for the strings that begin every match; places of groups come from slower machines, which
// look at the match alone. A text that has invalid bytes is searched in a copy of the same length
// in which they are 0xFF, where the expression cares (Subject).
//
// Thread-safe once compiled: each thread takes the changeable state of the engines from a pool.
// Cost: linear in the text.

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/block_source.h"
#include "base/cancel.h"
#include "base/result.h"
#include "match/block_checksum.h"
#include "match/compile.h"
#include "match/engine.h"
#include "match/syntax.h"

namespace merlon::match {

// Bytes [begin, end) of a text. A group that took no part has begin == kNoMatch.
struct Span {
    static constexpr std::size_t kNoMatch = kNoPlace;
    std::size_t begin = kNoMatch;
    std::size_t end = kNoMatch;

    bool matched() const { return begin != kNoMatch; }
    bool operator==(const Span&) const = default;
};

// A text prepared for searching by many expressions: what one needs to know of it is looked for
// when it first asks. Borrows the bytes. Read by any thread.
class Subject {
  public:
    explicit Subject(std::string_view text) : original_(text) {}

    std::string_view original() const { return original_; }
    // The text itself, or the copy with the byte 0xFF for each byte that is no part of valid UTF-8.
    // Offsets are the same in both.
    std::string_view searchable() const { return facts().copied ? facts_.copy : original_; }
    // Either of them, as the program needs it.
    std::string_view searchable_by(const ProgramView& program) const;
    bool is_ascii() const { return facts().ascii; }
    // Whether code points are there whose fold or lower case is an ASCII letter: U+0130, U+017F,
    // U+212A.
    bool folds_to_ascii() const { return facts().folds_to_ascii; }

  private:
    struct Facts {
        bool copied = false;
        bool ascii = true;
        bool folds_to_ascii = false;
        std::string copy;
    };
    const Facts& facts() const;
    void look() const;

    std::string_view original_;
    mutable std::once_flag looked_;
    mutable Facts facts_;
};

// Which engine answers: for tests and measurements, which hold one against the other.
enum class EngineChoice : std::uint8_t {
    kAuto,
    kPike,
    kBacktracker,  // Pike's machine where its marks would take too much
    kAutomata,     // without the short cuts of kAuto; Pike's machine for groups
};

struct CompileOptions {
    SyntaxKind syntax = SyntaxKind::kPerl;
    MatchKind kind = MatchKind::kLeftmostFirst;
    ProgramLimits program;
    std::size_t automaton_bytes = std::size_t{2} << 20;  // of each lazily built automaton's cache
    std::size_t visited_bytes = std::size_t{64} << 10;   // of the marks of one backtracking search
    std::size_t one_pass_bytes = std::size_t{256} << 10;
    EngineChoice engine = EngineChoice::kAuto;
};

// How the places are found at which a match may begin.
struct SearchWay {
    enum class Kind : std::uint8_t {
        kAutomaton,  // it reads every byte
        kAtBegin,    // there is one, the text's begin
        kStrings,    // one of them begins every match
        kRun,        // of bytes that every match begins with (class_run.h)
    };
    Kind kind = Kind::kAutomaton;
    std::vector<std::string> strings;
    std::size_t run_bytes = 0;
};

class Regex {
  public:
    // Fails with Go's text, such as "error parsing regexp: missing closing ): `a(b`".
    static Result<Regex> compile(std::string_view pattern, const CompileOptions& options = {});

    // The program as bytes, which restore() takes without parsing or compiling anything. One that
    // is only ever asked matches_at() may be stored without what finds where a match begins.
    std::vector<std::uint32_t> store(Program::Codes codes = Program::Codes::kBoth) const;
    // An expression that was stored. `block` is read when it is first needed: one that is not
    // sound, as after damage, or is of other options than these, is compiled from `pattern` then.
    static Regex restore(std::string_view pattern, StoredBlock block,
                         const CompileOptions& options = {});
    // A part of an expression, which has no pattern to be compiled from: only the program with this
    // checksum will do. Who restores one asks is_sound() before a search.
    static Regex restore_part(StoredBlock block, BlockChecksum checksum,
                              const CompileOptions& options);
    // Whether what was restored is sound; reads it.
    bool is_sound() const;

    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;
    Regex(const Regex&);
    Regex& operator=(const Regex&);
    ~Regex();

    bool is_match(std::string_view text) const;
    std::optional<Span> find(std::string_view text) const;
    // Groups of the leftmost match, the whole match first; false where there is none.
    bool captures(std::string_view text, std::vector<Span>& groups) const;
    // All matches as FindAllIndex gives them: not overlapping, and an empty one only where it does
    // not touch the match before it.
    // Once `cancel` (may be null) is set, it gives up with what it has.
    void find_all(const Subject& subject, std::vector<Span>& matches,
                  const CancelToken* cancel = nullptr) const;

    // The same with their groups (FindAllSubmatchIndex), one match after the other.
    void captures_each(const Subject& subject,
                       const std::function<void(const std::vector<Span>& groups)>& on_match) const;
    // The same at once.
    void captures_all(const Subject& subject, std::vector<std::vector<Span>>& matches) const;

    // The same within a limit on the steps (engine.h) that all of the search takes: an error says
    // that it was reached, and nothing is known then.
    Result<bool> is_match_within(std::string_view text, std::size_t max_steps) const;
    Result<std::optional<Span>> find_within(std::string_view text, std::size_t max_steps) const;
    // No match: no groups.
    Result<std::vector<Span>> captures_within(std::string_view text, std::size_t max_steps) const;
    Result<std::vector<Span>> find_all_within(const Subject& subject, std::size_t max_steps) const;

    // ReplaceAllString: $1, $name, ${name} and $$ in `replacement` mean what they do for Go's
    // Expand.
    std::string replace(std::string_view text, std::string_view replacement) const;
    // The same; nothing where the result would be larger.
    std::optional<std::string> replace_within(std::string_view text, std::string_view replacement,
                                              std::size_t max_bytes) const;
    // ReplaceAllLiteralString.
    std::string replace_literal(std::string_view text, std::string_view replacement) const;
    // Go's Split: what stands between the matches, at most `limit` pieces (negative: all).
    std::vector<std::string_view> split(std::string_view text, int limit) const;

    const std::string& pattern() const;
    SyntaxKind syntax() const;
    MatchKind kind() const;
    int group_count() const;
    // By group, the whole match first; empty where a group has no name.
    const std::vector<std::string>& capture_names() const;
    const SyntaxTree& tree() const;
    const ProgramView& program() const;
    SearchWay search_way() const;

    // For pattern sets and searches in a part of a text: what stands around the part is seen by ^,
    // $ and \b. `text` is a Subject's searchable() one.
    std::optional<Span> find_in(const SearchInput& input) const;
    bool captures_in(const SearchInput& input, std::vector<Span>& groups) const;
    bool is_match_in(const SearchInput& input) const;
    std::optional<Span> find_from(std::string_view text, std::size_t from) const {
        return find_in({text, from, text.size(), Anchor::kNone});
    }
    // Whether a match begins exactly at `at`, and the one that the semantics choose there.
    bool matches_at(std::string_view text, std::size_t at) const {
        return is_match_in({text, at, text.size(), Anchor::kBegin});
    }
    std::optional<Span> find_at(std::string_view text, std::size_t at) const {
        return find_in({text, at, text.size(), Anchor::kBegin});
    }

  private:
    friend class PatternSet;
    friend class CoreSearch;
    struct State;
    explicit Regex(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    // An expression made from a part of the tree of one that was accepted before, and as greedy as
    // that. It has no pattern: whether it is_sound() where it was stored must be asked.
    Regex from_part(const Node& part) const;

    void find_all(const Subject& subject, std::vector<Span>& matches, const CancelToken* cancel,
                  StepBudget* budget) const;

    // What a search that is anchored at one end found, and how much of the text it read for that:
    // many of them over one text are linear only together with a bound on the sum.
    struct Probe {
        bool is_found = false;
        bool gave_up = false;  // another way must answer
        std::size_t place = 0;
        std::size_t bytes_read = 0;
    };
    // Whether a match begins at `at`, and where the one ends that the semantics choose.
    Probe probe_at(std::string_view text, std::size_t at, StepBudget* budget) const;
    // Keeps of `places` those where a match may begin, as far as some bytes tell, in another order;
    // returns how many bytes it read. Of many places most are ruled out sooner than by probe_at.
    std::size_t keep_hopeful(std::string_view text, std::vector<std::size_t>& places,
                             StepBudget* budget) const;
    // The furthest begin, not before `from`, of a match that ends at `end`.
    Probe probe_back(std::string_view text, std::size_t from, std::size_t end,
                     StepBudget* budget) const;

    std::shared_ptr<const State> state_;
};

}  // namespace merlon::match
