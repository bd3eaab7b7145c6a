#pragma once

// Regular expressions with the exact semantics of Go's regexp package: leftmost-first, linear time,
// and defined for every byte string (an invalid byte is U+FFFD, one byte wide).
//
// The idea: our own parser decides what is an expression and says why not; the matcher behind it
// (RE2 today) is built at first use, because most rules of a pack never meet a candidate. RE2 does
// not match invalid bytes, so a text that has any is searched in a copy in which they are U+FFFD,
// made once for all expressions (Subject).
//
// Thread-safe once compiled. Cost: linear in the text.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "match/syntax.h"

namespace merlon::match {

// Bytes [begin, end) of a text. A group that took no part has begin == kNoMatch.
struct Span {
    static constexpr std::size_t kNoMatch = static_cast<std::size_t>(-1);
    std::size_t begin = kNoMatch;
    std::size_t end = kNoMatch;

    bool matched() const { return begin != kNoMatch; }
    bool operator==(const Span&) const = default;
};

// A text prepared for searching by many expressions. Borrows the bytes. Not thread-safe to make;
// read by any thread.
class Subject {
  public:
    explicit Subject(std::string_view text);

    std::string_view original() const { return original_; }
    // Valid UTF-8: the text itself, or the copy with U+FFFD for each invalid byte.
    std::string_view searchable() const { return copied_ ? copy_ : original_; }
    bool is_ascii() const { return ascii_; }
    // Whether code points are there that fold to an ASCII letter: U+017F, U+212A.
    bool folds_to_ascii() const { return folds_to_ascii_; }

    std::size_t to_original(std::size_t offset) const;
    std::size_t to_searchable(std::size_t offset) const;
    Span to_original(Span span) const {
        return span.matched() ? Span{to_original(span.begin), to_original(span.end)} : span;
    }

  private:
    std::string_view original_;
    bool copied_ = false;
    bool ascii_ = true;
    bool folds_to_ascii_ = false;
    std::string copy_;
    std::vector<std::size_t> invalid_;  // offsets in the copy of the replaced bytes
};

class Regex {
  public:
    // Fails with Go's text, such as "error parsing regexp: missing closing ): `a(b`".
    static Result<Regex> compile(std::string_view pattern);

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
    void find_all(const Subject& subject, std::vector<Span>& matches) const;

    const std::string& pattern() const;
    int group_count() const;
    const SyntaxTree& tree() const;

    // For pattern sets: offsets are those of `text`, which must be valid UTF-8; the text before
    // `from` is context for ^ and \b.
    std::optional<Span> find_from(std::string_view text, std::size_t from) const;
    // Whether a match begins exactly at `at`, and the leftmost-first one that does.
    bool matches_at(std::string_view text, std::size_t at) const;
    std::optional<Span> find_at(std::string_view text, std::size_t at) const;

  private:
    friend class PatternSet;
    struct State;
    explicit Regex(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    // An expression made from a part of a tree that was accepted before.
    static Regex from_part(const Node& part);

    std::shared_ptr<const State> state_;
};

}  // namespace merlon::match
