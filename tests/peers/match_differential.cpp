// Compares match::Regex with Go's regexp package on made-up expressions and texts:
//
//   match_differential --oracle PROGRAM [--seed N] [--pairs N] [--texts N] [--first N] [--only N]
//                      [--patterns FILE] [--findings FILE]
//
// Compared are, for each pair of expression and text: whether the expression is accepted and the
// words of its refusal, group names, all matches with their groups, the match from a place inside
// the text, replace with a template and literally, split; for every engine that the expression
// offers. FILE of
// --patterns holds real expressions, each ended by a NUL. A difference is made as small as it gets
// and printed with the command that shows it again. Exit code: 0 all equal, 1 differences, 2 no
// oracle.
//
// A crash or a hang names the question that it happened at before the process ends.

#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <span>

#include "go_regexp.h"
#include "question_maker.h"
#include "regexp_oracle.h"

namespace {

using namespace merlon;
using peers::Answer;
using peers::Positions;
using peers::Question;

constexpr std::size_t kBatch = 100;
constexpr int kHangSeconds = 60;  // of this process's own time, for a hundred expressions

struct Options {
    std::string oracle;
    std::string patterns;
    std::string findings;
    std::uint64_t seed = 1;
    std::uint64_t pairs = 100'000;
    std::uint64_t first = 0;
    int texts = 8;
    std::optional<std::uint64_t> only;
};

// For the signal handler alone: which question is being answered.
volatile std::uint64_t current_question = 0;
volatile std::uint64_t current_seed = 0;

void write_number(std::uint64_t value) {
    char digits[20];
    std::size_t at = sizeof digits;
    do digits[--at] = static_cast<char>('0' + value % 10);
    while ((value /= 10) != 0);
    (void)!write(STDOUT_FILENO, digits + at, sizeof digits - at);
}

extern "C" void on_fatal_signal(int signal) {
    constexpr char kWords[] = "\nENDS HERE: --seed ";
    (void)!write(STDOUT_FILENO, kWords, sizeof kWords - 1);
    write_number(current_seed);
    (void)!write(STDOUT_FILENO, " --only ", 8);
    write_number(current_question);
    (void)!write(STDOUT_FILENO, "\n", 1);
    std::signal(signal == SIGVTALRM ? SIGABRT : signal, SIG_DFL);
    std::raise(signal == SIGVTALRM ? SIGABRT : signal);
}

// Ends the process, loudly, where it computes for longer than this from now on; 0: never.
void limit_seconds(int seconds) {
    itimerval limit{};
    limit.it_value.tv_sec = seconds;
    setitimer(ITIMER_VIRTUAL, &limit, nullptr);
}

// As a Go string literal, so that a finding can be pasted into a Go program.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        char hex[8];
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte >= 0x20 && byte < 0x7F) {
            out += c;
        } else {
            std::snprintf(hex, sizeof hex, "\\x%02x", byte);
            out += hex;
        }
    }
    return out + "\"";
}

std::string shown(const Positions& positions) {
    std::string out = "[";
    for (const int position : positions)
        out += (out.size() > 1 ? " " : "") + std::to_string(position);
    return out + "]";
}

std::string shown(const std::vector<Positions>& matches) {
    std::string out;
    for (const Positions& match : matches) out += shown(match);
    return out.empty() ? "no match" : out;
}

std::string shown(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + quoted(part);
    return "{" + out + "}";
}

struct Difference {
    std::string what;
    std::size_t text = 0;
    std::string go;
    std::string ours;
};

// What only has whole matches is compared with those.
std::vector<Positions> wholes_of(std::vector<Positions> matches) {
    for (Positions& match : matches) match.resize(2);
    return matches;
}

std::optional<Difference> compare_text(peers::GoRegexp& regex, const Question& question,
                                       const Question::Text& text, const Answer::Text& want) {
    const auto differs = [](std::string what, std::string go, std::string ours) {
        return Difference{std::move(what), 0, std::move(go), std::move(ours)};
    };
    const std::vector<Positions> wholes = wholes_of(want.matches);
    const auto later = want.later ? std::vector<Positions>{*want.later} : std::vector<Positions>();
    for (std::size_t engine = 0; engine < peers::GoRegexp::engine_count(); ++engine) {
        const std::string by = " by " + quoted(peers::GoRegexp::engine_name(engine));
        const bool matched = regex.is_match(engine, text.bytes);
        if (matched == want.matches.empty())
            return differs("is_match" + by, matched ? "no" : "yes", matched ? "yes" : "no");
        if (const auto found = regex.find_all_wholes(engine, text.bytes); found != wholes)
            return differs("find_all" + by, shown(wholes), shown(found));
        if (const auto found = regex.find_all(engine, text.bytes); found != want.matches)
            return differs("matches" + by, shown(want.matches), shown(found));
        if (const auto found = regex.find_from(engine, text.bytes, text.from); found != later)
            return differs("search from " + std::to_string(text.from) + by, shown(later),
                           shown(found));
    }
    if (const auto found = regex.replace(text.bytes, question.replacement); found != want.replaced)
        return differs("replace by " + quoted(question.replacement), quoted(want.replaced),
                       quoted(found));
    if (const auto found = regex.replace_literal(text.bytes, question.replacement);
        found != want.replaced_literally)
        return differs("replace literally by " + quoted(question.replacement),
                       quoted(want.replaced_literally), quoted(found));
    if (const auto found = regex.split(text.bytes, question.split_limit); found != want.parts)
        return differs("split by " + quoted(std::to_string(question.split_limit)),
                       shown(want.parts), shown(found));
    return std::nullopt;
}

// Explained (docs/matching.md): Go takes the bytes of a literal as it is written for the least that
// a match has, and looks into no shorter text. Of a literal that regexp/syntax was told to fold
// without parsing it (FoldCase and Literal together, which regexp itself never says), another case
// can be shorter: U+212A with these flags does not match "k", and does match in "kkk".
bool is_below_gos_least(const Question& question, const Question::Text& text,
                        const Answer::Text& want) {
    constexpr int kFoldedLiteral = 1 | 2;
    return (question.flags & kFoldedLiteral) == kFoldedLiteral && want.matches.empty() &&
           text.bytes.size() < question.pattern.size();
}

std::optional<Difference> compare(const Question& question, const Answer& go) {
    auto regex = peers::GoRegexp::compile(question);
    if (!regex.ok()) {
        if (regex.error().message == go.error) return std::nullopt;
        return Difference{"error", 0, go.error.empty() ? "accepted" : go.error,
                          regex.error().message};
    }
    if (!go.error.empty()) return Difference{"error", 0, go.error, "accepted"};
    if (const auto& names = regex.value().group_names(); names != go.group_names)
        return Difference{"group names", 0, shown(go.group_names), shown(names)};
    for (std::size_t t = 0; t < question.texts.size(); ++t) {
        auto difference = compare_text(regex.value(), question, question.texts[t], go.texts[t]);
        if (!difference || is_below_gos_least(question, question.texts[t], go.texts[t])) continue;
        difference->text = t;
        return difference;
    }
    return std::nullopt;
}

// Takes away what the difference does not need: one text, then bytes of text and expression, by
// halves.
class Shrinker {
  public:
    Shrinker(peers::RegexpOracle& oracle, std::string kind)
        : oracle_(oracle), kind_(std::move(kind)) {}

    Question run(Question question, std::size_t text) {
        if (question.texts.size() > text) {
            Question one = question;
            one.texts = {question.texts[text]};
            if (still_differs(one)) question = std::move(one);
        }
        for (bool smaller = true; smaller && left_ > 0;) {
            smaller = false;
            for (Question::Text& each : question.texts) smaller |= shorten(question, each.bytes);
            smaller |= shorten(question, question.pattern);
            smaller |= shorten(question, question.replacement);
            for (int bit = 1; bit <= 128; bit *= 2) smaller |= without_flag(question, bit);
        }
        return question;
    }

  private:
    bool still_differs(const Question& question) {
        if (left_ == 0) return false;
        --left_;
        const std::vector<Question> one{question};
        if (!oracle_.ask(one).ok()) return false;
        const auto answers = oracle_.answers(one);
        if (!answers.ok()) return false;
        const auto difference = compare(question, answers.value()[0]);
        return difference && difference->what.substr(0, 6) == kind_.substr(0, 6);
    }

    // `bytes` is a part of `question`.
    bool shorten(Question& question, std::string& bytes) {
        bool smaller = false;
        for (std::size_t size = std::max<std::size_t>(bytes.size() / 2, 1); size > 0; size /= 2) {
            for (std::size_t at = 0; at < bytes.size();) {
                const std::string kept = bytes;
                const std::vector<Question::Text> kept_texts = question.texts;
                bytes.erase(at, size);
                for (Question::Text& text : question.texts) {
                    if (&text.bytes == &bytes && text.from > at)
                        text.from -= std::min(size, text.from - at);
                }
                if (still_differs(question)) {
                    smaller = true;
                    continue;
                }
                bytes = kept;
                for (std::size_t i = 0; i < kept_texts.size(); ++i)
                    question.texts[i].from = kept_texts[i].from;
                at += size;
            }
        }
        return smaller;
    }

    bool without_flag(Question& question, int bit) {
        if ((question.flags & bit) == 0) return false;
        question.flags &= ~bit;
        if (still_differs(question)) return true;
        question.flags |= bit;
        return false;
    }

    peers::RegexpOracle& oracle_;
    std::string kind_;
    int left_ = 4000;
};

class Comparison {
  public:
    Comparison(const Options& options, peers::RegexpOracle oracle)
        : options_(options), oracle_(std::move(oracle)) {}

    Result<int> run() {
        MERLON_TRY(read_patterns());
        const peers::QuestionMaker maker(options_.seed, real_, options_.texts);
        std::uint64_t number = options_.only.value_or(options_.first);
        const std::uint64_t end =
            options_.only
                ? number + 1
                : number + (options_.pairs + static_cast<std::uint64_t>(options_.texts) - 1) /
                               static_cast<std::uint64_t>(options_.texts);
        std::vector<Question> next = make(maker, number, end);
        MERLON_TRY(oracle_.ask(next));
        while (!next.empty()) {
            const std::uint64_t first = number;
            const std::vector<Question> batch = std::move(next);
            number += batch.size();
            next = make(maker, number, end);
            MERLON_TRY(oracle_.ask(next));
            const std::vector<Answer> answers = MERLON_TRY(oracle_.answers(batch));
            std::vector<std::pair<std::size_t, Difference>> found =
                compare_batch(batch, answers, first);
            if (!found.empty()) {
                // The oracle owes an answer; what follows asks it again.
                MERLON_TRY(oracle_.answers(next));
                for (const auto& [at, difference] : found)
                    report(batch[at], difference, first + at);
                MERLON_TRY(oracle_.ask(next));
            }
            if (reported_.size() >= kMostReported) break;
        }
        std::printf(
            "seed %llu: %llu pairs of %llu expressions (%llu refused), "
            "%llu matches, %llu with a difference, %zu kinds\n",
            ull(options_.seed), ull(pairs_), ull(expressions_), ull(refused_), ull(matches_),
            ull(different_), reported_.size());
        return different_ == 0 ? 0 : 1;
    }

  private:
    static constexpr std::size_t kMostReported = 25;  // kinds
    static constexpr int kMostOfAKind = 3;
    static unsigned long long ull(std::uint64_t value) { return value; }

    // One defect shows itself in thousands of pairs: what was compared, and the words of a refusal.
    static std::string kind_of(const Difference& difference) {
        std::string kind = difference.what.substr(0, difference.what.find(' '));
        if (const std::size_t by = difference.what.find(" by ");
            kind != "replace" && by != std::string::npos)
            kind += difference.what.substr(by);
        if (kind != "error") return kind;
        for (const std::string* message : {&difference.go, &difference.ours}) {
            kind += " / " + message->substr(0, message->find('`'));
        }
        return kind;
    }

    Result<void> read_patterns() {
        if (options_.patterns.empty()) return {};
        std::ifstream file(options_.patterns, std::ios::binary);
        if (!file) return Error{options_.patterns + " cannot be read"};
        for (std::string pattern; std::getline(file, pattern, '\0');) {
            auto samples = MERLON_TRY(oracle_.samples(pattern, 1, 12));
            real_.push_back({std::move(pattern), std::move(samples)});
        }
        std::printf("%zu real expressions\n", real_.size());
        return {};
    }

    std::vector<Question> make(const peers::QuestionMaker& maker, std::uint64_t first,
                               std::uint64_t end) {
        std::vector<Question> questions;
        for (std::uint64_t number = first; number < end && questions.size() < kBatch; ++number)
            questions.push_back(maker.make(number));
        return questions;
    }

    std::vector<std::pair<std::size_t, Difference>> compare_batch(
        const std::vector<Question>& batch, const std::vector<Answer>& answers,
        std::uint64_t first) {
        std::vector<std::pair<std::size_t, Difference>> found;
        limit_seconds(kHangSeconds);
        for (std::size_t i = 0; i < batch.size(); ++i) {
            current_question = first + i;
            ++expressions_;
            pairs_ += batch[i].texts.size();
            refused_ += answers[i].error.empty() ? 0 : 1;
            for (const Answer::Text& text : answers[i].texts) matches_ += text.matches.size();
            if (auto difference = compare(batch[i], answers[i])) {
                ++different_;
                found.emplace_back(i, *std::move(difference));
            }
        }
        limit_seconds(0);
        return found;
    }

    void report(const Question& question, const Difference& difference, std::uint64_t number) {
        if (reported_.size() >= kMostReported) return;
        if (const auto known = reported_.find(kind_of(difference));
            known != reported_.end() && known->second >= kMostOfAKind)
            return;
        limit_seconds(kHangSeconds * 5);
        current_question = number;
        const Question small = Shrinker(oracle_, difference.what).run(question, difference.text);
        limit_seconds(0);
        std::optional<Difference> last;
        const std::vector<Question> one{small};
        if (oracle_.ask(one).ok()) {
            const auto answers = oracle_.answers(one);
            if (answers.ok()) last = compare(small, answers.value()[0]);
        }
        if (!last) last = difference;
        if (++reported_[kind_of(*last)] > kMostOfAKind) return;
        std::string text = "- " + last->what + ": pattern " + quoted(small.pattern) + " flags " +
                           std::to_string(small.flags) + (small.is_longest ? " longest" : "");
        if (!small.texts.empty() && last->what != "error") {
            const Question::Text& subject =
                small.texts[std::min(last->text, small.texts.size() - 1)];
            text += " text " + quoted(subject.bytes);
        }
        text += "\n    Go:   " + last->go + "\n    ours: " + last->ours + "\n    again: --seed " +
                std::to_string(options_.seed) + " --texts " + std::to_string(options_.texts) +
                " --only " + std::to_string(number) + "\n";
        std::fputs(text.c_str(), stdout);
        std::fflush(stdout);
        if (!options_.findings.empty()) std::ofstream(options_.findings, std::ios::app) << text;
    }

    const Options& options_;
    peers::RegexpOracle oracle_;
    std::vector<peers::RealPattern> real_;
    std::map<std::string, int> reported_;  // by kind
    std::uint64_t pairs_ = 0, expressions_ = 0, refused_ = 0, matches_ = 0, different_ = 0;
};

std::optional<Options> read_options(std::span<char*> words) {
    Options options;
    for (std::size_t i = 1; i < words.size(); i += 2) {
        if (i + 1 == words.size()) return std::nullopt;
        const std::string_view name = words[i];
        const char* value = words[i + 1];
        const std::uint64_t number = std::strtoull(value, nullptr, 10);
        if (name == "--oracle") {
            options.oracle = value;
        } else if (name == "--patterns") {
            options.patterns = value;
        } else if (name == "--findings") {
            options.findings = value;
        } else if (name == "--seed") {
            options.seed = number;
        } else if (name == "--pairs") {
            options.pairs = number;
        } else if (name == "--first") {
            options.first = number;
        } else if (name == "--texts" && number >= 1 && number <= 1000) {
            options.texts = static_cast<int>(number);
        } else if (name == "--only") {
            options.only = number;
        } else {
            return std::nullopt;
        }
    }
    if (options.oracle.empty()) return std::nullopt;
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    const auto options = read_options({argv, static_cast<std::size_t>(argc)});
    if (!options) {
        std::fputs(
            "match_differential: expected --oracle PROGRAM [--seed N] [--pairs N] [--texts N] "
            "[--first N] [--only N] [--patterns FILE] [--findings FILE]\n",
            stderr);
        return 2;
    }
    std::setvbuf(stdout, nullptr, _IOLBF, 1 << 12);  // what was found stays, however the run ends
    current_seed = options->seed;
    for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGVTALRM})
        std::signal(signal, on_fatal_signal);
    auto oracle = peers::RegexpOracle::start(options->oracle);
    if (!oracle.ok()) {
        std::fprintf(stderr, "match_differential: %s\n", oracle.error().to_string().c_str());
        return 2;
    }
    const auto code = Comparison(*options, std::move(oracle).value()).run();
    if (!code.ok()) {
        std::fprintf(stderr, "match_differential: %s\n", code.error().to_string().c_str());
        return 2;
    }
    return code.value();
}
