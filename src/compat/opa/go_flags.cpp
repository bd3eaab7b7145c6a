#include "compat/opa/go_flags.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

namespace merlon::compat::opa {
namespace {

// strconv.ParseBool
std::optional<bool> truth_of(std::string_view text) {
    constexpr std::string_view kYes[] = {"1", "t", "T", "TRUE", "true", "True"};
    constexpr std::string_view kNo[] = {"0", "f", "F", "FALSE", "false", "False"};
    if (std::ranges::find(kYes, text) != std::end(kYes)) return true;
    if (std::ranges::find(kNo, text) != std::end(kNo)) return false;
    return std::nullopt;
}

class Rewriter {
  public:
    Rewriter(const CommandTable& table, std::span<const std::string> words) : words_(words) {
        know(table.global_flags);
        const auto name = std::ranges::find_if(
            words, [](const std::string& word) { return !word.starts_with('-'); });
        const Verb* const verb = name == words.end() ? nullptr : find_verb(table, *name);
        if (verb != nullptr) know(verb->flags);
    }

    Result<std::vector<std::string>> rewritten() {
        while (at_ < words_.size()) {
            const std::string& word = words_[at_++];
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
    static bool is_switch(const Flag* flag) { return flag->kind == ValueKind::kNone; }

    void turn_on(const Flag& flag) {
        made_.push_back({"--" + std::string(flag.name), flag.name});
        on_[flag.name] = true;
    }
    Status turn(const Flag& flag, std::string_view text) {
        const auto truth = truth_of(text);
        if (!truth) {
            return Error{"--" + std::string(flag.name) + " takes true or false, not '" +
                         std::string(text) + "'"};
        }
        turn_on(flag);
        on_[flag.name] = *truth;
        return {};
    }
    // A flag that wants a value and has none in its word takes the next word, whatever it is.
    void take_value() {
        if (at_ < words_.size()) made_.push_back({words_[at_++], {}});
    }

    Status take_long(const std::string& word) {
        const std::size_t equals = word.find('=');
        const auto known = by_name_.find(std::string_view(word).substr(2, equals - 2));
        if (known != by_name_.end() && is_switch(known->second)) {
            if (equals != std::string::npos) {
                return turn(*known->second, std::string_view(word).substr(equals + 1));
            }
            turn_on(*known->second);
            return {};
        }
        made_.push_back({word, {}});
        if (known != by_name_.end() && equals == std::string::npos) take_value();
        return {};
    }

    // "-f=json", "-bf=json", "-b=false": what stands behind "=" is of the last letter.
    Status take_short(const std::string& word) {
        for (std::size_t i = 1; i < word.size(); ++i) {
            const auto known = by_letter_.find(word[i]);
            if (known == by_letter_.end()) {
                made_.push_back({"-" + word.substr(i), {}});
                return {};
            }
            const Flag& flag = *known->second;
            const bool has_equals = i + 2 < word.size() && word[i + 1] == '=';
            if (!is_switch(&flag)) {
                const std::string name = "--" + std::string(flag.name);
                if (i + 1 == word.size()) {
                    made_.push_back({name, {}});
                    take_value();
                } else {
                    made_.push_back({name + "=" + word.substr(i + (has_equals ? 2 : 1)), {}});
                }
                return {};
            }
            if (has_equals) return turn(flag, std::string_view(word).substr(i + 2));
            turn_on(flag);
        }
        return {};
    }

    std::span<const std::string> words_;
    std::size_t at_ = 0;
    std::map<std::string_view, const Flag*> by_name_;
    std::map<char, const Flag*> by_letter_;
    std::vector<Word> made_;
    std::map<std::string_view, bool> on_;
};

}  // namespace

Result<std::vector<std::string>> words_of_go(const CommandTable& table,
                                             std::span<const std::string> words) {
    return Rewriter(table, words).rewritten();
}

std::vector<std::string> flags_turned_off(const CommandTable& table,
                                          std::span<const std::string> words) {
    Rewriter rewriter(table, words);
    return rewriter.rewritten().ok() ? rewriter.turned_off() : std::vector<std::string>();
}

}  // namespace merlon::compat::opa
