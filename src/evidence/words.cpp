#include "evidence/words.h"

#include <algorithm>

#include "base/ascii.h"
#include "evidence/database.h"
#include "match/char_class.h"
#include "text/utf8.h"

namespace merlon::evidence {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_in_word(char c) {
    return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
}

// Cut off between characters.
std::string_view cut(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
    return text.substr(0, most);
}

// Hands over each run of letters and digits.
template <typename Use>
void each_run(std::string_view text, const Use& use) {
    text = cut(text, kMaxWordedBytes);
    for (std::size_t at = 0; at < text.size();) {
        if (!is_in_word(text[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && is_in_word(text[end])) ++end;
        use(text.substr(at, end - at));
        at = end;
    }
}

// Where a part of "hardcodedPassword" or "SQLInjection" begins.
bool begins_part(std::string_view run, std::size_t at) {
    if (at == 0 || !is_upper(run[at])) return false;
    return is_lower(run[at - 1]) ||
           (is_upper(run[at - 1]) && at + 1 < run.size() && is_lower(run[at + 1]));
}

// The databases take words as they are: what is the same letter is made so here, in all scripts.
std::string folded(std::string_view word) {
    std::string same;
    same.reserve(word.size());
    for (std::size_t at = 0; at < word.size();) {
        if (static_cast<unsigned char>(word[at]) < 0x80) {
            same += to_lower(word[at++]);
            continue;
        }
        const text::CodePoint point = text::decode_utf8(word.substr(at));
        const char32_t fold = match::smallest_fold(point.value);
        // The sign for kelvin is a k.
        text::append_utf8(
            same, fold < 0x80 ? static_cast<char32_t>(to_lower(static_cast<char>(fold))) : fold);
        at += point.width;
    }
    return same;
}

void append_word(std::string_view word, std::string& words) {
    if (!words.empty()) words += ' ';
    const bool is_ascii =
        std::ranges::all_of(word, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!is_ascii) {
        words += cut(folded(word), kMaxWordBytes);
        return;
    }
    for (const char c : cut(word, kMaxWordBytes)) words += to_lower(c);
}

void append_words(std::string_view text, std::string& words) {
    each_run(text, [&](std::string_view run) {
        append_word(run, words);
        for (std::size_t at = 1; at < run.size(); ++at)
            if (begins_part(run, at)) append_word(run.substr(at), words);
    });
}

bool begins_a_word(std::string_view words, std::string_view beginning) {
    for (std::size_t at = words.find(beginning); at != std::string_view::npos;
         at = words.find(beginning, at + 1))
        if (at == 0 || words[at - 1] == ' ') return true;
    return false;
}

}  // namespace

std::string words_of(std::string_view title, std::string_view rule, std::string_view path) {
    std::string words;
    words.reserve(title.size() + rule.size() + path.size() + 2);
    // As it stands in the store, from which the same words are made later.
    for (const std::string_view text : {title, rule, path})
        is_storable(text) ? append_words(text, words) : append_words(storable(text), words);
    return words;
}

std::vector<std::string> searched_words(std::string_view text) {
    std::vector<std::string> words;
    each_run(text, [&](std::string_view run) {
        std::string& word = words.emplace_back();
        append_word(run, word);
    });
    std::ranges::sort(words);
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
}

bool has_words(std::string_view words, std::string_view searched) {
    while (!searched.empty()) {
        const std::size_t end = std::min(searched.find(' '), searched.size());
        if (!begins_a_word(words, searched.substr(0, end))) return false;
        searched.remove_prefix(std::min(end + 1, searched.size()));
    }
    return true;
}

}  // namespace merlon::evidence
