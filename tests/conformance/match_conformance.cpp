// Go's own tables for its regexp package, as they come with the Go distribution:
// match_conformance [DIR]  (default: src/regexp/testdata below `go env GOROOT`)
//
//   re2-search.txt, re2-exhaustive.txt.bz2   stanzas of texts and Perl expressions; each line under
//   an
//       expression has four answers for one text: the whole text, anywhere, and both
//       leftmost-longest
//   basic.dat, nullsubexpr.dat, repetition.dat   Glenn Fowler's tests of POSIX expressions, with
//   captures
//
// How a line is to be read is what exec_test.go of that package says. Each answer counts as a case:
// whether there is a match, where it is, and where its groups are. What Go skips is skipped here:
// `\C`,
// `\B` in texts that are not ASCII (RE2's answer there is another one), and other tools' modes.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/limits.h"
#include "match/regex.h"
#include "suite.h"
#include "text/archive.h"
#include "text/utf8.h"

namespace {

using namespace merlon;
namespace fs = std::filesystem;

// Answers as Go gives them: begin and end of each group, -1 for one that took no part; none: no
// match.
using Positions = std::optional<std::vector<int>>;

constexpr int kCasesOfGo = 10'490'000;  // about, of Go 1.26: said where the tables are absent

std::string shown(const Positions& positions) {
    if (!positions) return "no match";
    std::string text;
    for (std::size_t i = 0; i + 1 < positions->size(); i += 2) {
        text +=
            "(" + std::to_string((*positions)[i]) + "," + std::to_string((*positions)[i + 1]) + ")";
    }
    return text;
}

class Counter {
  public:
    void record(bool passed, const std::string& place, const std::string& detail) {
        if (passed) {
            ++passed_;
            return;
        }
        if (++failed_ <= kShown) std::printf("%s FAILS: %s\n", place.c_str(), detail.c_str());
    }
    void skip() { ++skipped_; }
    int finish() const {
        if (failed_ > kShown) std::printf("and %d more\n", failed_ - kShown);
        std::printf("%d skipped as Go skips them\n", skipped_);
        std::printf("%d passed, %d failed\n", passed_, failed_);
        return failed_ > 0 || passed_ == 0 ? 1 : 0;
    }

  private:
    static constexpr int kShown = 50;
    int passed_ = 0;
    int failed_ = 0;
    int skipped_ = 0;
};

// The body of a Go string literal between double quotes; nothing where it is none.
class GoUnquote {
  public:
    static std::optional<std::string> run(std::string_view body) {
        GoUnquote unquote(body);
        while (!unquote.rest_.empty()) {
            if (!unquote.step()) return std::nullopt;
        }
        return std::move(unquote.out_);
    }

  private:
    explicit GoUnquote(std::string_view body) : rest_(body) {}

    bool step() {
        if (rest_[0] != '\\') {
            if (rest_[0] == '"') return false;
            out_ += rest_[0];
            rest_.remove_prefix(1);
            return true;
        }
        if (rest_.size() < 2) return false;
        const char kind = rest_[1];
        rest_.remove_prefix(2);
        constexpr std::string_view kNames = "abfnrtv\\\"";
        constexpr std::string_view kBytes = "\a\b\f\n\r\t\v\\\"";
        if (const std::size_t at = kNames.find(kind); at != std::string_view::npos) {
            out_ += kBytes[at];
            return true;
        }
        if (kind == 'x') return number(2, 16, /*as byte*/ 1);
        if (kind == 'u') return number(4, 16, 0);
        if (kind == 'U') return number(8, 16, 0);
        if (kind < '0' || kind > '7') return false;
        rest_ = {rest_.data() - 1, rest_.size() + 1};
        return number(3, 8, 1);
    }

    bool number(std::size_t digits, int base, int width) {
        if (rest_.size() < digits) return false;
        const std::string text(rest_.substr(0, digits));
        char* end = nullptr;
        const unsigned long value = std::strtoul(text.c_str(), &end, base);
        if (end != text.c_str() + digits) return false;
        rest_.remove_prefix(digits);
        if (width == 1) {
            out_ += static_cast<char>(value);
        } else {
            text::append_utf8(out_, static_cast<char32_t>(value));
        }
        return true;
    }

    std::string_view rest_;
    std::string out_;
};

std::optional<std::string> go_unquote(std::string_view quoted) {
    if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') return std::nullopt;
    return GoUnquote::run(quoted.substr(1, quoted.size() - 2));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::optional<int> to_int(std::string_view text) {
    int value = 0;
    if (text.empty()) return std::nullopt;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

// --- what is asked of the engine -------------------------------------------------------------

enum class Want : std::uint8_t { kFirst, kLongest };

// syntax.Flags of Go, bit by bit.
constexpr int kFoldCase = 1;
constexpr int kClassNewline = 4;
constexpr int kPosix = 0;
constexpr int kPerl = kClassNewline | 16 | 64 | 128;

Result<match::Regex> compile(std::string_view pattern, int flags, Want want) {
    match::CompileOptions options;
    options.syntax = static_cast<match::SyntaxKind>(flags);
    if (want == Want::kLongest) options.kind = match::MatchKind::kLeftmostLongest;
    return match::Regex::compile(pattern, options);
}

Positions find_captures(const match::Regex& regex, std::string_view text) {
    std::vector<match::Span> groups;
    if (!regex.captures(text, groups)) return std::nullopt;
    std::vector<int> positions;
    for (const match::Span& group : groups) {
        positions.push_back(group.matched() ? static_cast<int>(group.begin) : -1);
        positions.push_back(group.matched() ? static_cast<int>(group.end) : -1);
    }
    return positions;
}

// One question, one case: every way to ask has to agree with the table.
void check(Counter& counter, const std::string& place, const match::Regex& regex,
           std::string_view text, const Positions& wanted) {
    Positions found = find_captures(regex, text);
    // Fowler's lines may name fewer groups than there are.
    if (found && wanted && found->size() > wanted->size()) found->resize(wanted->size());
    const bool matched = regex.is_match(text);
    if (found == wanted && matched == wanted.has_value()) {
        counter.record(true, place, "");
        return;
    }
    counter.record(false, place,
                   "`" + regex.pattern() + "` in \"" + std::string(text) + "\": " + shown(found) +
                       (matched ? ", is_match" : ", not is_match") + "; Go: " + shown(wanted));
}

// --- re2-search.txt, re2-exhaustive.txt ------------------------------------------------------

class Re2Table {
  public:
    Re2Table(std::string name, Counter& counter) : name_(std::move(name)), counter_(counter) {}

    // Returns false, with a message, where the table is not of the form that is known.
    bool run(std::string_view table) {
        while (!table.empty()) {
            const std::size_t end = std::min(table.find('\n'), table.size());
            const std::string_view line = table.substr(0, end);
            table.remove_prefix(std::min(end + 1, table.size()));
            ++line_;
            if (!take(line)) {
                std::printf("%s is not understood: %.*s\n", place().c_str(),
                            static_cast<int>(line.size()), line.data());
                return false;
            }
        }
        return next_text_ == texts_.size();
    }

  private:
    // In the order of the answers on a line.
    static constexpr std::size_t kAnswers = 4;
    static constexpr bool is_whole(std::size_t answer) { return answer % 2 == 0; }

    std::string place() const { return name_ + ":" + std::to_string(line_); }

    bool take(std::string_view line) {
        if (line.empty()) return false;
        if (line[0] == '#' || (line[0] >= 'A' && line[0] <= 'Z')) return true;
        if (line == "strings" || line == "regexps") {
            in_texts_ = line == "strings";
            if (in_texts_) texts_.clear();
            next_text_ = texts_.size();
            return true;
        }
        if (line[0] != '"') return answers(line);
        std::optional<std::string> unquoted = go_unquote(line);
        if (!unquoted) return false;
        if (in_texts_) {
            texts_.push_back(*std::move(unquoted));
            return true;
        }
        if (next_text_ < texts_.size()) return false;
        next_text_ = 0;
        take_pattern(*unquoted);
        return true;
    }

    void take_pattern(const std::string& pattern) {
        regexes_.clear();
        asks_not_boundary_ = pattern.find("\\B") != std::string::npos;
        refused_ = false;
        for (std::size_t answer = 0; answer < kAnswers; ++answer) {
            const auto compiled = compile(is_whole(answer) ? "\\A(?:" + pattern + ")\\z" : pattern,
                                          kPerl, answer < 2 ? Want::kFirst : Want::kLongest);
            regexes_.emplace_back();
            if (compiled.ok()) {
                regexes_.back() = compiled.value();
                continue;
            }
            refused_ = true;
            const std::string& message = compiled.error().message;
            if (message == "error parsing regexp: invalid escape sequence: `\\C`") continue;
            counter_.record(false, place(), "`" + pattern + "` is refused: " + message);
        }
    }

    bool answers(std::string_view line) {
        if (next_text_ >= texts_.size()) return false;
        const std::string& text = texts_[next_text_++];
        const std::vector<std::string_view> parts = split(line, ';');
        if (parts.size() != kAnswers || regexes_.size() != kAnswers) return false;
        const bool skipped = refused_ || (asks_not_boundary_ && !text::is_ascii(text));
        for (std::size_t answer = 0; answer < kAnswers; ++answer) {
            Positions wanted;
            if (parts[answer] != "-" && !(wanted = read_pairs(parts[answer]))) return false;
            if (skipped) {
                counter_.skip();
            } else {
                check(counter_, place(), *regexes_[answer], text, wanted);
            }
        }
        return true;
    }

    // "0-3 - 1-2"
    static Positions read_pairs(std::string_view text) {
        std::vector<int> positions;
        for (const std::string_view pair : split(text, ' ')) {
            if (pair == "-") {
                positions.insert(positions.end(), {-1, -1});
                continue;
            }
            const std::size_t dash = pair.find('-');
            if (dash == std::string_view::npos) return std::nullopt;
            const std::optional<int> begin = to_int(pair.substr(0, dash));
            const std::optional<int> end = to_int(pair.substr(dash + 1));
            if (!begin || !end) return std::nullopt;
            positions.insert(positions.end(), {*begin, *end});
        }
        return positions;
    }

    std::string name_;
    Counter& counter_;
    int line_ = 0;
    bool in_texts_ = false;
    bool asks_not_boundary_ = false;
    bool refused_ = false;
    std::vector<std::string> texts_;
    std::size_t next_text_ = 0;
    std::vector<std::optional<match::Regex>> regexes_;  // by answer
};

// --- basic.dat, nullsubexpr.dat, repetition.dat ----------------------------------------------

class FowlerTable {
  public:
    FowlerTable(std::string name, Counter& counter) : name_(std::move(name)), counter_(counter) {}

    bool run(std::string_view table) {
        for (const std::string_view line : split(table, '\n')) {
            ++line_;
            if (line.empty() || line[0] == '#') continue;
            if (!take(line)) {
                std::printf("%s:%d is not understood: %.*s\n", name_.c_str(), line_,
                            static_cast<int>(line.size()), line.data());
                return false;
            }
        }
        return true;
    }

  private:
    struct Outcome {
        bool compiles = true;
        Positions groups;  // empty, but there: a match somewhere
    };

    bool take(std::string_view line) {
        std::vector<std::string> fields;
        for (const std::string_view field : split(line, '\t')) {
            if (field.empty()) continue;
            if (field == "NIL") return true;
            fields.emplace_back(field == "NULL" ? "" : field);
        }
        if (fields.empty() || fields[0].empty()) return true;
        std::string flags = fields[0];
        if (std::string_view("?&|;{}").find(flags[0]) != std::string_view::npos) {
            flags.erase(0, 1);
            if (flags.empty()) return true;
        } else if (flags[0] == ':') {
            const std::size_t colon = flags.find(':', 1);
            if (colon == std::string::npos) return true;
            flags.erase(0, colon + 1);
        } else if (std::string_view("CNT0123456789").find(flags[0]) != std::string_view::npos) {
            return true;
        }
        if (fields.size() < 4) return false;
        if (flags.find('$') != std::string::npos) {
            for (const std::size_t field : {1, 2}) {
                std::optional<std::string> unquoted = GoUnquote::run(fields[field]);
                if (!unquoted) return false;
                fields[field] = *std::move(unquoted);
            }
        }
        if (fields[1] == "SAME") fields[1] = last_pattern_;
        last_pattern_ = fields[1];
        const std::optional<Outcome> outcome = read_outcome(fields[3]);
        if (!outcome) return false;
        for (const char mode : flags) {
            if (mode != 'E' && mode != 'L') continue;
            run_mode(mode == 'L' ? quote_meta(fields[1]) : fields[1], flags, fields[2], *outcome);
        }
        return true;
    }

    void run_mode(const std::string& pattern, const std::string& flags, const std::string& text,
                  const Outcome& outcome) {
        const std::string place = name_ + ":" + std::to_string(line_);
        const int fold = flags.find('i') != std::string::npos ? kFoldCase : 0;
        const auto compiled = compile(pattern, kPosix | kClassNewline | fold, Want::kLongest);
        if (!compiled.ok() || !outcome.compiles) {
            counter_.record(compiled.ok() == outcome.compiles, place,
                            "`" + pattern + "` " +
                                (compiled.ok() ? "should not compile"
                                               : "is refused: " + compiled.error().message));
        } else {
            check(counter_, place, compiled.value(), text, outcome.groups);
        }
    }

    static std::string quote_meta(std::string_view text) {
        std::string quoted;
        for (const char c : text) {
            if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos)
                quoted += '\\';
            quoted += c;
        }
        return quoted;
    }

    // "(0,3)(?,?)", empty for any match, NOMATCH, or the name of an error.
    static std::optional<Outcome> read_outcome(std::string_view text) {
        if (text == "NOMATCH") return Outcome{};
        if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') return Outcome{false, std::nullopt};
        Outcome outcome{true, std::vector<int>()};
        while (!text.empty()) {
            const std::size_t comma = text.find(',');
            const std::size_t close = text.find(')');
            if (text[0] != '(' || close == std::string_view::npos || comma > close)
                return std::nullopt;
            for (const std::string_view side :
                 {text.substr(1, comma - 1), text.substr(comma + 1, close - comma - 1)}) {
                const std::optional<int> value = side == "?" ? -1 : to_int(side);
                if (!value) return std::nullopt;
                outcome.groups->push_back(*value);
            }
            text.remove_prefix(close + 1);
        }
        return outcome;
    }

    std::string name_;
    Counter& counter_;
    int line_ = 0;
    std::string last_pattern_;
};

// --- where the tables are --------------------------------------------------------------------

fs::path folder_of_go() {
    std::FILE* pipe = popen("go env GOROOT 2>/dev/null", "r");
    if (pipe == nullptr) return {};
    std::string root;
    for (int c = std::fgetc(pipe); c != EOF && c != '\n'; c = std::fgetc(pipe)) {
        root += static_cast<char>(c);
    }
    return pclose(pipe) == 0 && !root.empty() ? fs::path(root) / "src" / "regexp" / "testdata"
                                              : fs::path();
}

// The file's bytes, unpacked where it is packed; nothing, with a message, where it cannot be read.
std::optional<std::string> read_table(const fs::path& path) {
    std::string bytes = conformance::read_whole(path);
    if (bytes.empty()) {
        std::printf("%s cannot be read\n", path.c_str());
        return std::nullopt;
    }
    if (path.extension() != ".bz2") return bytes;
    Limits limits;
    limits.max_archive_ratio = 1000;
    text::ArchiveBudget budget(limits);
    std::string unpacked;
    bool whole = true;
    text::walk_archive(
        bytes, path.filename().string(), budget,
        {.on_member = [&](const text::ArchiveMember& member) { unpacked.append(member.bytes); },
         .on_gap =
             [&](const text::ArchiveGap& gap) {
                 std::printf("%s does not unpack: %s\n", path.c_str(), gap.detail.c_str());
                 whole = false;
             }});
    if (!whole || unpacked.empty()) return std::nullopt;
    return unpacked;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 2) {
        std::fprintf(stderr, "match_conformance: expected one folder of tables or nothing\n");
        return 2;
    }
    const fs::path folder = argc == 2 ? fs::path(argv[1]) : folder_of_go();
    if (folder.empty() || !fs::exists(folder)) return conformance::not_run(kCasesOfGo);
    Counter counter;
    bool understood = true;
    for (const char* name : {"basic.dat", "nullsubexpr.dat", "repetition.dat", "re2-search.txt",
                             "re2-exhaustive.txt.bz2"}) {
        const std::optional<std::string> table = read_table(folder / name);
        understood &= table && (std::string_view(name).ends_with(".dat")
                                    ? FowlerTable(name, counter).run(*table)
                                    : Re2Table(name, counter).run(*table));
    }
    const int code = counter.finish();
    return understood ? code : 2;
}
