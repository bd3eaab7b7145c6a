#include <algorithm>
#include <functional>
#include <optional>

#include "base/recycled.h"
#include "rego/builtins.h"
#include "rego/globs.h"
#include "rego/number.h"
#include "rego/term.h"
#include "text/utf8.h"

// Regular expressions and globs (OPA: regex.go, regex_template.go, glob.go).

namespace merlon::rego {
namespace {

using value::Value;

Outcome regex_is_valid(Context& context, Operands operands) {
    if (!operands[0].is_string()) return context.boolean(false);
    return context.boolean(match::Regex::compile(operands[0].as_string()).ok());
}

Outcome regex_match(Context& context, Operands operands) {
    const match::Regex* regex = context.regex(operands[0].as_string());
    if (regex == nullptr) return Outcome::error();
    return context.boolean(regex->is_match(operands[1].as_string()));
}

Outcome regex_split(Context& context, Operands operands) {
    const match::Regex* regex = context.regex(operands[0].as_string());
    if (regex == nullptr) return Outcome::error();
    RecycledVector<Value> pieces;
    for (const std::string_view piece : regex->split(operands[1].as_string(), -1)) {
        pieces.push_back(context.string(piece));
    }
    return context.builder.array(pieces);
}

// How many matches are wanted: a negative number is all.
std::size_t limit_of(const Value& number) {
    const std::int64_t limit = written_integer(number).value_or(-1);
    return limit < 0 ? SIZE_MAX : static_cast<std::size_t>(limit);
}

Value text_of(Context& context, std::string_view text, const match::Span& span) {
    if (!span.matched()) return context.string("");
    return context.string(text.substr(span.begin, span.end - span.begin));
}

Outcome regex_find(Context& context, Operands operands) {
    const std::string_view text = operands[1].as_string();
    const match::Regex* regex = context.regex(operands[0].as_string());
    if (regex == nullptr) return Outcome::error();
    std::vector<match::Span>& matches = context.spans();
    regex->find_all(match::Subject(text), matches, context.cancel);
    matches.resize(std::min(limit_of(operands[2]), matches.size()));
    RecycledVector<Value> found;
    for (const match::Span& span : matches) found.push_back(text_of(context, text, span));
    return context.builder.array(found);
}

Outcome regex_find_groups(Context& context, Operands operands) {
    const std::string_view text = operands[1].as_string();
    const match::Regex* regex = context.regex(operands[0].as_string());
    if (regex == nullptr) return Outcome::error();
    const std::size_t limit = limit_of(operands[2]);
    RecycledVector<Value> found;
    RecycledVector<Value> texts;
    const auto take = [&](const std::vector<match::Span>& groups) {
        if (found.size() == limit) return;
        texts.clear();
        for (const match::Span& group : groups) texts.push_back(text_of(context, text, group));
        found.push_back(context.builder.array(texts));
    };
    regex->captures_each(match::Subject(text), std::cref(take));
    return context.builder.array(found);
}

Outcome regex_replace(Context& context, Operands operands) {
    const match::Regex* regex = context.regex(operands[1].as_string());
    if (regex == nullptr) return Outcome::error();
    const auto replaced =
        regex->replace_within(operands[0].as_string(), operands[2].as_string(), kMaxTextBytes);
    if (!replaced) return context.fail(ErrorKind::kLimit, "text is too large");
    return context.string(*replaced);
}

// A text with expressions between delimiters, as an expression for all of it.
Result<std::string> template_regex(std::string_view text, char begin, char end) {
    std::string regex = "^";
    std::size_t level = 0;
    std::size_t from = 0;  // of the literal text or of the expression that is being read
    std::string quoted;
    append_go_quoted(quoted, text);
    const Error unbalanced{"unbalanced braces in " + quoted};
    std::optional<Error> wrong;  // the first expression that is none; braces are looked at before
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == begin) {
            if (level++ > 0) continue;
            regex += quote_regex(text.substr(from, i - from)) + "(";
            from = i + 1;
        } else if (text[i] == end) {
            if (level == 0) return unbalanced;
            if (--level > 0) continue;
            const std::string part(text.substr(from, i - from));
            auto alone = match::Regex::compile("^" + part + "$");
            if (!alone.ok() && !wrong) wrong = alone.error();
            regex += part + ")";
            from = i + 1;
        }
    }
    if (level > 0) return unbalanced;
    if (wrong) return *wrong;
    return regex + quote_regex(text.substr(from)) + "$";
}

Outcome regex_template_match(Context& context, Operands operands) {
    const std::string_view begin = operands[2].as_string();
    const std::string_view end = operands[3].as_string();
    for (const auto& [delimiter, name] : {std::pair(begin, "start"), std::pair(end, "end")}) {
        if (delimiter.size() == 1) continue;
        // OPA tells the length of the first one in both texts.
        return context.error(std::string(name) +
                             " delimiter has to be exactly one character long but is " +
                             std::to_string(begin.size()) + " long");
    }
    auto regex = template_regex(operands[0].as_string(), begin[0], end[0]);
    if (!regex.ok()) return context.error(regex.error().message);
    const match::Regex* compiled = context.regex(regex.value());
    if (compiled == nullptr) return Outcome::error();
    return context.boolean(compiled->is_match(operands[1].as_string()));
}

Outcome globs_match(Context& context, Operands operands) {
    const auto spend = [&context](std::size_t steps) { return context.spend(steps); };
    const auto meet =
        expressions_intersect(operands[0].as_string(), operands[1].as_string(), spend);
    if (!meet.ok()) return context.error(meet.error().message);
    if (!meet.value()) return Outcome::error();
    return context.boolean(*meet.value());
}

Outcome glob_match(Context& context, Operands operands) {
    const Value& delimiters = operands[1];
    std::basic_string<char32_t, std::char_traits<char32_t>, Recycler<char32_t>> separators;
    if (delimiters.is_array()) {
        for (const Value& delimiter : delimiters.items()) {
            if (!delimiter.is_string()) {
                return context.wrong_element(2, delimiters, delimiter, {"string"});
            }
            const std::string_view text = delimiter.as_string();
            if (text::count_code_points(text) != 1) {
                return context.wrong_element(2, delimiters, delimiter, {"rune"});
            }
            separators += text::decode_utf8(text).value;
        }
        if (separators.empty()) separators = U".";
    } else if (!delimiters.is_null()) {
        return context.wrong_kind(2, delimiters, {"array", "null"});
    }
    if (!operands[2].is_string()) return context.wrong_kind(3, operands[2], {"string"});
    const std::string_view glob = operands[0].as_string();
    const std::string_view text = operands[2].as_string();
    const auto matches = text::is_valid_utf8(text) ? match_plain_glob(glob, separators, text)
                                                   : std::optional<bool>();
    if (matches) return context.boolean(*matches);
    std::string& key = context.text_buffer();
    key += glob;
    key += '\0';
    for (const char32_t separator : separators) text::append_utf8(key, separator);
    const GlobPattern* compiled = context.known_glob(key);
    if (compiled == nullptr) {
        auto made = GlobPattern::compile(glob, separators);
        if (!made.ok()) return context.error(made.error().message);
        compiled = context.keep_glob(key, std::move(made).value());
    }
    return context.boolean(compiled->matches(text));
}

Outcome glob_quote_meta(Context& context, Operands operands) {
    std::string& quoted = context.text_buffer();
    append_quoted_glob(quoted, operands[0].as_string());
    return context.string(quoted);
}

constexpr Builtin kPatternsBuiltins[] = {
    {"regex.is_valid", "v", regex_is_valid},
    {"regex.match", "ss", regex_match},
    {"re_match", "ss", regex_match},
    {"regex.split", "ss", regex_split},
    {"regex.find_n", "ssi", regex_find},
    {"regex.find_all_string_submatch_n", "ssi", regex_find_groups},
    {"regex.replace", "sss", regex_replace},
    {"regex.template_match", "ssss", regex_template_match},
    {"regex.globs_match", "ss", globs_match},
    {"glob.match", "svv", glob_match},
    {"glob.quote_meta", "s", glob_quote_meta},
};

}  // namespace

std::span<const Builtin> pattern_builtins() { return kPatternsBuiltins; }

}  // namespace merlon::rego
