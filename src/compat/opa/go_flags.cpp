#include "compat/opa/go_flags.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>

#include "base/nearest.h"
#include "match/go_quote.h"

namespace merlon::compat::opa {
namespace {

constexpr std::string_view kTruths = "true|false";

// A flag that is on or off, whatever it is where nobody says so.
bool is_switch(const Flag& flag) {
    return flag.kind == ValueKind::kNone || flag.choices == kTruths;
}

std::string quoted(std::string_view text) {
    std::string out;
    match::append_go_quoted(out, text);
    return out;
}

// strconv.ParseBool
std::optional<bool> truth_of(std::string_view text) {
    constexpr std::string_view kYes[] = {"1", "t", "T", "TRUE", "true", "True"};
    constexpr std::string_view kNo[] = {"0", "f", "F", "FALSE", "false", "False"};
    if (std::ranges::find(kYes, text) != std::end(kYes)) return true;
    if (std::ranges::find(kNo, text) != std::end(kNo)) return false;
    return std::nullopt;
}

// strconv.ParseInt of any base, without underscores; what fails has Go's reason.
Result<std::int64_t> integer_of(std::string_view text) {
    std::string_view rest = text;
    const bool is_negative = rest.starts_with('-');
    if (is_negative || rest.starts_with('+')) rest.remove_prefix(1);
    int base = 10;
    if (rest.size() > 1 && rest[0] == '0') {
        const char letter = static_cast<char>(rest[1] | 0x20);
        base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
        rest.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
    }
    std::int64_t number = 0;
    const auto [end, failed] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, base);
    const bool is_sign = rest.starts_with('-') || rest.starts_with('+');
    const auto fail = [text](std::string_view reason) {
        return Error{"strconv.ParseInt: parsing " + quoted(text) + ": " + std::string(reason)};
    };
    if (is_sign || failed == std::errc::invalid_argument || end != rest.data() + rest.size()) {
        return fail("invalid syntax");
    }
    if (failed != std::errc{}) return fail("value out of range");
    return is_negative ? -number : number;
}

// The value as the flag table takes it.
Result<std::string> value_of_go(const Flag& flag, const std::string& text) {
    std::string shown = "--" + std::string(flag.name);
    if (flag.short_name != 0) shown = "-" + std::string(1, flag.short_name) + ", " + shown;
    const auto refuse = [&](const std::string& reason) {
        return Error{"invalid argument " + quoted(text) + " for " + quoted(shown) +
                     " flag: " + reason};
    };
    if (is_switch(flag)) {
        const auto truth = truth_of(text);
        if (!truth)
            return refuse("strconv.ParseBool: parsing " + quoted(text) + ": invalid syntax");
        return std::string(*truth ? "true" : "false");
    }
    if (flag.kind == ValueKind::kInteger) {
        const auto number = integer_of(text);
        if (!number.ok()) return refuse(number.error().message);
        return std::to_string(std::max<std::int64_t>(number.value(), 0));
    }
    if (flag.kind == ValueKind::kChoice) {
        std::string listed;
        bool is_known = false;
        for (std::string_view rest = flag.choices; !rest.empty();) {
            const std::size_t end = std::min(rest.find('|'), rest.size());
            is_known = is_known || rest.substr(0, end) == text;
            listed += (listed.empty() ? "" : ",") + std::string(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        if (!is_known) return refuse("must be one of {" + listed + "}");
    }
    return text;
}

class Rewriter {
  public:
    Rewriter(const CommandTable& table, std::span<const std::string> words) : words_(words) {
        know(table.global_flags);
        verb_at_ = verb_index(table, words);
        const Verb* const verb =
            verb_at_ == words.size() ? nullptr : find_verb(table, words[verb_at_]);
        if (verb == nullptr) return;
        has_verb_ = true;
        know(verb->flags);
    }

    Result<std::vector<std::string>> rewritten() {
        // The table says which verbs there are.
        if (!has_verb_) return std::vector<std::string>(words_.begin(), words_.end());
        made_.push_back({words_[verb_at_], {}});
        while (at_ < words_.size()) {
            const std::string& word = words_[at_++];
            if (at_ - 1 == verb_at_) continue;
            if (word == "--") {
                made_.push_back({word, {}});
                for (; at_ < words_.size(); ++at_) made_.push_back({words_[at_], {}});
            } else if (word.starts_with("--")) {
                MERLON_TRY(take_long(word));
            } else if (word.size() > 1 && word[0] == '-') {
                MERLON_TRY(take_short(word));
            } else {
                made_.push_back({word, {}});
            }
        }
        std::vector<std::string> left;
        for (Word& word : made_) {
            if (word.of.empty() || on_[word.of]) left.push_back(std::move(word.text));
        }
        return left;
    }

    // Behind rewritten().
    std::vector<std::string> turned_off() const {
        std::vector<std::string> names;
        for (const auto& [name, is_on] : on_) {
            if (!is_on) names.emplace_back(name);
        }
        return names;
    }

  private:
    struct Word {
        std::string text;
        std::string_view of;  // the flag without a value that it turns on; empty: something else
    };

    void know(std::span<const Flag> flags) {
        for (const Flag& flag : flags) {
            by_name_[flag.name] = &flag;
            if (flag.short_name != 0) by_letter_[flag.short_name] = &flag;
        }
    }

    void turn(const Flag& flag, bool is_on) {
        const std::string name = "--" + std::string(flag.name);
        if (flag.kind == ValueKind::kNone) {
            made_.push_back({name, flag.name});
            on_[flag.name] = is_on;
        } else {
            made_.push_back({name + (is_on ? "=true" : "=false"), {}});
        }
    }
    Status set(const Flag& flag, const std::string& text) {
        const std::string value = MERLON_TRY(value_of_go(flag, text));
        if (is_switch(flag)) {
            turn(flag, value == "true");
        } else {
            made_.push_back({"--" + std::string(flag.name) + "=" + value, {}});
        }
        return {};
    }

    Status take_long(const std::string& word) {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(2, equals - 2);
        if (name.empty() || name[0] == '-') return Error{"bad flag syntax: " + word};
        const auto known = by_name_.find(name);
        if (known == by_name_.end()) {
            // What every table knows; the version is no matter of a verb.
            const bool is_before_verb = at_ <= verb_at_;
            if (name != "help" && (name != "version" || !is_before_verb)) {
                return Error{"unknown flag: --" + name};
            }
            made_.push_back({word, {}});
            return {};
        }
        const Flag& flag = *known->second;
        if (equals != std::string::npos) return set(flag, word.substr(equals + 1));
        if (is_switch(flag)) {
            turn(flag, true);
            return {};
        }
        // A flag that wants a value and has none in its word takes the next one, whatever it is.
        if (at_ == words_.size()) return Error{"flag needs an argument: --" + name};
        return set(flag, words_[at_++]);
    }

    // "-f=json", "-bf=json", "-b=false": what stands behind "=" is of the last letter.
    Status take_short(const std::string& word) {
        for (std::size_t i = 1; i < word.size(); ++i) {
            const auto known = by_letter_.find(word[i]);
            const std::string letter = "'" + std::string(1, word[i]) + "' in -" + word.substr(i);
            if (known == by_letter_.end()) {
                if (word[i] != 'h') return Error{"unknown shorthand flag: " + letter};
                made_.push_back({"-h", {}});
                return {};
            }
            const Flag& flag = *known->second;
            const bool has_equals = i + 2 < word.size() && word[i + 1] == '=';
            if (has_equals) return set(flag, word.substr(i + 2));
            if (is_switch(flag)) {
                turn(flag, true);
                continue;
            }
            if (i + 1 < word.size()) return set(flag, word.substr(i + 1));
            if (at_ == words_.size()) return Error{"flag needs an argument: " + letter};
            return set(flag, words_[at_++]);
        }
        return {};
    }

    std::span<const std::string> words_;
    std::size_t at_ = 0;
    std::size_t verb_at_ = 0;
    bool has_verb_ = false;
    std::map<std::string_view, const Flag*> by_name_;
    std::map<char, const Flag*> by_letter_;
    std::vector<Word> made_;
    std::map<std::string_view, bool> on_;
};

}  // namespace

std::size_t verb_index(const CommandTable& table, std::span<const std::string> words) {
    std::size_t i = 0;
    while (i < words.size() && words[i] != "--") {
        const std::string& word = words[i];
        if (!word.starts_with('-')) return i;
        const auto known = std::ranges::find(
            table.global_flags,
            std::string_view(word).substr(std::min<std::size_t>(2, word.size())), &Flag::name);
        const bool is_alone = word == "-h" || word == "--help" || word == "--version" ||
                              word.contains('=') ||
                              (known != table.global_flags.end() && is_switch(*known));
        i += is_alone ? 1 : 2;
    }
    return words.size();
}

std::string unknown_command(const CommandTable& table, const std::string& word) {
    std::vector<std::string_view> names;
    for (const Verb& verb : table.verbs) names.push_back(verb.path);
    const std::string_view near = nearest(word, names);
    const std::string program(table.program);
    std::string text = "Error: unknown command " + quoted(word) + " for " + quoted(program) + "\n";
    if (!near.empty()) text += "\nDid you mean this?\n\t" + std::string(near) + "\n\n";
    return text + "Run '" + program + " --help' for usage.\n";
}

Result<std::vector<std::string>> words_of_go(const CommandTable& table,
                                             std::span<const std::string> words) {
    return Rewriter(table, words).rewritten();
}

std::vector<std::string> flags_turned_off(const CommandTable& table,
                                          std::span<const std::string> words) {
    Rewriter rewriter(table, words);
    return rewriter.rewritten().ok() ? rewriter.turned_off() : std::vector<std::string>();
}

Result<std::string> variable_of_go(const Flag& flag, const std::string& text) {
    return value_of_go(flag, text);
}

}  // namespace merlon::compat::opa
