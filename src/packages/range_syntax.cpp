// The syntaxes that are words with a comparator in front: node-semver, Cargo, Composer, Poetry,
// pip, RubyGems, Hex, pub, Conan, and what advisories write. (range_brackets.cpp has the others.)
//
// One reader for all: alternatives, in them constraints; a table says what an operator means in
// each.

#include "packages/range_syntax.h"

#include <algorithm>

#include "packages/version.h"
#include "packages/version_key.h"

namespace merlon::packages {
namespace {

using enum Comparator;

// What the syntaxes disagree about.
enum class Bare : std::uint8_t { kEqual, kCaret };
enum class Tilde : std::uint8_t {
    kMinor,  // ~1.2.3 and ~1.2 stay in 1.2, ~1 in 1 (npm, Cargo, Poetry)
    kLast,   // the last number is free: ~1.2 stays in 1 (Composer, and ~> of RubyGems and Hex)
};
enum class Caret : std::uint8_t {
    kFirstNonZero,  // ^0.0.3 is only 0.0.3
    kMinorOfZero,   // ^0.0.3 stays in 0.0 (pub)
};
enum class Greater : std::uint8_t {
    kAsWritten,
    kNextOfPartial,  // >1.2 is >=1.3 (npm, Cargo)
};

struct Dialect {
    RangeSyntax syntax;
    Bare bare;
    Tilde tilde;
    Caret caret;
    Greater greater;
    std::size_t numbers;  // how many a bound is filled up to; 0: as many as are written
};
constexpr Dialect kDialects[] = {
    {RangeSyntax::kNpm, Bare::kEqual, Tilde::kMinor, Caret::kFirstNonZero, Greater::kNextOfPartial,
     3},
    {RangeSyntax::kCargo, Bare::kCaret, Tilde::kMinor, Caret::kFirstNonZero,
     Greater::kNextOfPartial, 3},
    {RangeSyntax::kPoetry, Bare::kEqual, Tilde::kMinor, Caret::kFirstNonZero, Greater::kAsWritten,
     0},
    {RangeSyntax::kPip, Bare::kEqual, Tilde::kMinor, Caret::kFirstNonZero, Greater::kAsWritten, 0},
    {RangeSyntax::kGem, Bare::kEqual, Tilde::kLast, Caret::kFirstNonZero, Greater::kAsWritten, 0},
    {RangeSyntax::kComposer, Bare::kEqual, Tilde::kLast, Caret::kFirstNonZero, Greater::kAsWritten,
     0},
    {RangeSyntax::kHex, Bare::kEqual, Tilde::kLast, Caret::kFirstNonZero, Greater::kAsWritten, 3},
    {RangeSyntax::kPub, Bare::kEqual, Tilde::kMinor, Caret::kMinorOfZero, Greater::kAsWritten, 3},
    {RangeSyntax::kConan, Bare::kEqual, Tilde::kMinor, Caret::kFirstNonZero, Greater::kAsWritten,
     0},
    {RangeSyntax::kGo, Bare::kCaret, Tilde::kMinor, Caret::kMinorOfZero, Greater::kAsWritten, 3},
    {RangeSyntax::kAdvisory, Bare::kEqual, Tilde::kLast, Caret::kFirstNonZero, Greater::kAsWritten,
     0},
};

constexpr std::string_view kOperators[] = {
    "===", "~=", "~>", ">=", "=>", "<=", "=<", "!=", "<>", "==", "^", "~", ">", "<", "="};

bool is_wildcard(std::string_view part) { return part == "*" || part == "x" || part == "X"; }

// A version as ranges write it: perhaps with fewer numbers, or a wildcard for the last ones.
struct Partial {
    std::vector<std::string> numbers;
    std::string tail;  // what follows the numbers: "-beta.1"
    bool has_wildcard = false;
    std::string text;  // as written, without a v in front
};

Partial read_partial(std::string_view text) {
    Partial partial;
    if (text.size() > 1 && (text[0] == 'v' || text[0] == 'V') && is_alnum(text[1]))
        text.remove_prefix(1);
    partial.text = text;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find_first_of(".-+"));
        if (is_wildcard(part)) {
            partial.has_wildcard = true;
            return partial;
        }
        if (!all_digits(part)) break;
        const std::string_view number = strip_leading_zeros(part);
        partial.numbers.emplace_back(number.empty() ? std::string_view("0") : number);
        text.remove_prefix(part.size());
        if (text.size() < 2 || text[0] != '.' ||
            !(is_digit(text[1]) || is_wildcard(text.substr(1, 1))))
            break;
        text.remove_prefix(1);
    }
    partial.tail = text.substr(0, text.find('+'));
    return partial;
}

std::string add_one(std::string number) {
    for (std::size_t at = number.size(); at-- > 0;) {
        if (number[at] != '9') {
            ++number[at];
            return number;
        }
        number[at] = '0';
    }
    return "1" + number;
}

std::string join(std::vector<std::string> numbers, std::size_t at_least) {
    while (numbers.size() < std::max<std::size_t>(at_least, 1)) numbers.emplace_back("0");
    std::string text;
    for (const std::string& number : numbers) text.append(text.empty() ? "" : ".").append(number);
    return text;
}

class RangeReader {
  public:
    RangeReader(const Dialect& dialect, VersionRange& range) : dialect_(dialect), range_(range) {}

    // Constraints with spaces or commas between, all of which hold.
    Status read_alternative(std::string_view text) {
        group_.assign(1, {});
        rest_ = text;
        while (skip_separators()) {
            if (++count_ > kMaxConstraints) return Error{"range: it has too many constraints"};
            const std::string_view sign = take_operator();
            rest_ = trim(rest_);
            const std::string_view word = take_word();
            if (word.empty()) return Error{"range: no version behind '" + std::string(sign) + "'"};
            if (sign.empty() && (rest_.starts_with(" - ") || rest_ == " -")) {
                rest_ = trim(rest_.substr(2));
                if (const Status status = add_hyphen(word, take_word()); !status.ok())
                    return status;
                continue;
            }
            if (const Status status = add(sign, word); !status.ok()) return status;
        }
        range_.alternatives.insert(range_.alternatives.end(), group_.begin(), group_.end());
        return {};
    }

  private:
    bool skip_separators() {
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == ',' ||
                                  rest_.front() == '\t' || rest_.front() == '\n'))
            rest_.remove_prefix(1);
        if (dialect_.syntax == RangeSyntax::kHex && rest_.starts_with("and ")) {
            rest_.remove_prefix(4);
            return skip_separators();
        }
        return !rest_.empty();
    }

    std::string_view take_operator() {
        for (const std::string_view sign : kOperators) {
            if (!rest_.starts_with(sign)) continue;
            rest_.remove_prefix(sign.size());
            return sign;
        }
        return {};
    }

    std::string_view take_word() {
        const std::size_t end = std::min(rest_.find_first_of(", \t\n"), rest_.size());
        const std::string_view word = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return word;
    }

    void require(const Constraint& constraint) {
        for (Constraints& constraints : group_) constraints.push_back(constraint);
    }

    // Below numbers[index] + 1 and its prereleases.
    Constraint bound_above(const Partial& partial, std::size_t index) const {
        std::vector<std::string> numbers(partial.numbers.begin(),
                                         partial.numbers.begin() + static_cast<long>(index) + 1);
        numbers.back() = add_one(numbers.back());
        // Conan has a text for it: 2.6- is below the prereleases of 2.6.
        if (dialect_.syntax == RangeSyntax::kConan)
            return {kLess, join(std::move(numbers), 0) + '-'};
        return {kLess, join(std::move(numbers), dialect_.numbers), Edge::kBeforePrereleases};
    }

    std::string written(const Partial& partial) const {
        if (dialect_.numbers == 0 || partial.numbers.empty()) return partial.text;
        return join(partial.numbers, dialect_.numbers) + partial.tail;
    }
    // Without the numbers that a wildcard leaves open.
    std::string lower(const Partial& partial) const {
        return partial.has_wildcard ? join(partial.numbers, dialect_.numbers) : written(partial);
    }

    bool is_partial(const Partial& partial) const {
        return partial.has_wildcard || (partial.numbers.size() < dialect_.numbers &&
                                        !partial.numbers.empty() && partial.tail.empty());
    }

    Status add(std::string_view sign, std::string_view word) {
        if (dialect_.syntax == RangeSyntax::kComposer) word = word.substr(0, word.find('@'));
        const Partial partial = read_partial(word);
        if (sign == "^") return add_caret(partial);
        if (sign == "~=") return add_compatible(partial);
        if (sign == "~" || sign == "~>") return add_tilde(partial);
        if (sign == ">=" || sign == "=>") return add_bound(kGreaterOrEqual, partial);
        if (sign == "<=" || sign == "=<") return add_bound(kLessOrEqual, partial);
        if (sign == ">") return add_bound(kGreater, partial);
        if (sign == "<") return add_bound(kLess, partial);
        if (sign == "!=" || sign == "<>") return add_difference(partial);
        if (sign.empty() && dialect_.bare == Bare::kCaret) return add_caret(partial);
        if (sign == "===") {
            require({kEqual, std::string(word)});
            return {};
        }
        return add_equality(partial);
    }

    Status add_equality(const Partial& partial) {
        if (partial.has_wildcard && partial.numbers.empty()) return {};  // every version
        if (!is_partial(partial)) {
            require({kEqual, written(partial)});
            return {};
        }
        require({kGreaterOrEqual, lower(partial)});
        require(bound_above(partial, partial.numbers.size() - 1));
        return {};
    }

    // !=1.2.* divides what there is in two.
    Status add_difference(const Partial& partial) {
        // A hundred and more exclusions are an attack; so are many that double what there is.
        constexpr std::size_t kMaxGroup = 64;
        if (++exclusions_ > kMaxExclusions) return Error{"range: it has too many exclusions"};
        if (!partial.has_wildcard || partial.numbers.empty()) {
            require({kNotEqual, written(partial)});
            return {};
        }
        if (group_.size() * 2 > kMaxGroup) return Error{"range: it has too many exclusions"};
        std::vector<Constraints> above = group_;
        require({kLess, lower(partial), Edge::kBeforePrereleases});
        Constraint behind = bound_above(partial, partial.numbers.size() - 1);
        behind.comparator = kGreaterOrEqual;
        for (Constraints& constraints : above) constraints.push_back(behind);
        group_.insert(group_.end(), above.begin(), above.end());
        return {};
    }

    Status add_bound(Comparator comparator, const Partial& partial) {
        if (partial.has_wildcard && partial.numbers.empty()) return {};
        const bool is_open = dialect_.greater == Greater::kNextOfPartial && is_partial(partial);
        if (is_open && comparator == kGreater) {
            Constraint next = bound_above(partial, partial.numbers.size() - 1);
            next.comparator = kGreaterOrEqual;
            next.edge = Edge::kExact;
            require(next);
            return {};
        }
        if (is_open && comparator == kLessOrEqual) {
            require(bound_above(partial, partial.numbers.size() - 1));
            return {};
        }
        Constraint constraint{comparator, lower(partial)};
        if (is_open && comparator == kLess) constraint.edge = Edge::kBeforePrereleases;
        // PEP 440, "Exclusive ordered comparison": not the prereleases of the bound, and not its
        // post-releases, unless it is such a one.
        const bool is_python =
            dialect_.syntax == RangeSyntax::kPip || dialect_.syntax == RangeSyntax::kPoetry;
        if (is_python && partial.tail.empty()) {
            if (comparator == kLess) constraint.edge = Edge::kBeforePrereleases;
            if (comparator == kGreater) constraint.edge = Edge::kBehindRevisions;
        }
        require(constraint);
        return {};
    }

    // Up to the next version that may break: the first number that is not zero goes up.
    Status add_caret(const Partial& partial) {
        if (partial.numbers.empty()) return add_equality(partial);
        const auto is_zero = [](const std::string& number) { return number == "0"; };
        const auto first =
            std::find_if_not(partial.numbers.begin(), partial.numbers.end(), is_zero);
        auto index = static_cast<std::size_t>(first - partial.numbers.begin());
        if (dialect_.caret == Caret::kMinorOfZero) index = std::min<std::size_t>(index, 1);
        index = std::min(index, partial.numbers.size() - 1);
        require({kGreaterOrEqual, lower(partial)});
        require(bound_above(partial, index));
        return {};
    }

    Status add_tilde(const Partial& partial) {
        if (partial.numbers.empty()) return add_equality(partial);
        const std::size_t last = partial.numbers.size() - 1;
        std::size_t index = std::min<std::size_t>(last, 1);
        if (dialect_.tilde == Tilde::kLast) index = last == 0 ? 0 : last - 1;
        require({kGreaterOrEqual, lower(partial)});
        require(bound_above(partial, index));
        return {};
    }

    // PEP 440, "Compatible release": ~=2.2.1 is >=2.2.1, ==2.2.*
    Status add_compatible(const Partial& partial) {
        if (partial.numbers.size() < 2)
            return Error{"range: ~= needs two numbers, and '" + partial.text + "' has not"};
        require({kGreaterOrEqual, written(partial)});
        require(bound_above(partial, partial.numbers.size() - 2));
        return {};
    }

    Status add_hyphen(std::string_view from, std::string_view to) {
        if (to.empty()) return Error{"range: no version behind the hyphen"};
        const Partial low = read_partial(from);
        const Partial high = read_partial(to);
        if (const Status status = add_bound(kGreaterOrEqual, low); !status.ok()) return status;
        // 1.0 - 2.0 goes up to the last 2.0.x; so in Composer, whose bounds are as they are
        // written.
        const bool is_open = high.tail.empty() && !high.numbers.empty() && high.numbers.size() < 3;
        if (!is_open) return add_bound(kLessOrEqual, high);
        require(bound_above(high, high.numbers.size() - 1));
        return {};
    }

    const Dialect& dialect_;
    VersionRange& range_;
    std::string_view rest_;
    std::vector<Constraints> group_;
    std::size_t count_ = 0;       // of constraints, in all alternatives
    std::size_t exclusions_ = 0;  // among them
};

// Takes the alternative in front off.
std::string_view take_alternative(RangeSyntax syntax, std::string_view& text) {
    std::size_t end = text.find("||");
    std::size_t width = 2;
    if (syntax == RangeSyntax::kHex) {
        end = text.find(" or ");
        width = 4;
    } else if (syntax == RangeSyntax::kComposer && end == std::string_view::npos) {
        end = text.find('|');
        width = 1;
    }
    const std::string_view taken = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + width);
    return taken;
}

// Conan's options stand behind a comma, and a hyphen at the end of a version says that prereleases
// are meant too.
std::string without_conan_options(std::string_view text) {
    std::string kept(text.substr(0, text.find(',')));
    for (std::size_t at = kept.size(); at-- > 0;) {
        const bool ends = at + 1 == kept.size() || kept[at + 1] == ' ' || kept[at + 1] == '|';
        if (kept[at] == '-' && ends && at > 0 && kept[at - 1] != ' ') kept.erase(at, 1);
    }
    return kept;
}

}  // namespace

bool has_word_syntax(RangeSyntax syntax) {
    return std::any_of(std::begin(kDialects), std::end(kDialects),
                       [&](const Dialect& dialect) { return dialect.syntax == syntax; });
}

Result<VersionRange> parse_word_range(RangeSyntax syntax, VersionScheme scheme,
                                      std::string_view text) {
    const auto dialect = std::find_if(std::begin(kDialects), std::end(kDialects),
                                      [&](const Dialect& known) { return known.syntax == syntax; });
    VersionRange range{.scheme = scheme, .alternatives = {}, .excluded = {}};
    std::string kept;
    if (syntax == RangeSyntax::kConan) {
        kept = without_conan_options(text);
        text = kept;
    }
    std::string_view rest = text;
    RangeReader reader(*dialect, range);
    do {
        std::string_view alternative = trim(take_alternative(syntax, rest));
        const bool is_any = alternative == "any" && syntax == RangeSyntax::kPub;
        if (is_any) alternative = {};
        if (syntax == RangeSyntax::kConan && alternative == "*") alternative = ">=0.0.0";
        if (const Status status = reader.read_alternative(alternative); !status.ok())
            return status.error();
    } while (rest.data() != nullptr);
    return range;
}

}  // namespace merlon::packages
