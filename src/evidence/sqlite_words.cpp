#include "evidence/sqlite_words.h"

#include <sqlite3.h>

#include <string_view>

#include "evidence/words.h"

namespace merlon::evidence {
namespace {

std::string_view text_of_value(sqlite3_value* value) {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    if (text == nullptr) return {};
    return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

void has_words_of_row(sqlite3_context* context, int, sqlite3_value** values) {
    const std::string words =
        words_of(text_of_value(values[1]), text_of_value(values[2]), text_of_value(values[3]));
    sqlite3_result_int(context, has_words(words, text_of_value(values[0])) ? 1 : 0);
}

}  // namespace

std::string sqlite_search_value(
    std::span<const std::string> words,
    const std::function<BeginningWords(std::string_view word)>& beginning_with) {
    std::string value;
    for (const std::string& word : words) {
        const BeginningWords all = beginning_with(word);
        std::string one;
        if (all)
            for (const std::string& longer : *all)
                one += (one.empty() ? "\"" : " OR \"") + longer + '"';
        if (!value.empty()) value += " AND ";
        // One that nothing begins with is searched for by itself, and not found.
        value += !all ? '"' + word + "\"*" : one.empty() ? '"' + word + '"' : '(' + one + ')';
    }
    return value;
}

int add_has_words(sqlite3* database) {
    return sqlite3_create_function_v2(database, "has_words", 4,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
                                      nullptr, has_words_of_row, nullptr, nullptr, nullptr);
}

}  // namespace merlon::evidence
