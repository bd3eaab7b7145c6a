#include <algorithm>
#include <array>
#include <bitset>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/recycled.h"
#include "rego/builtins.h"
#include "rego/go_format.h"
#include "rego/number.h"
#include "rego/replacer.h"
#include "rego/term.h"
#include "rego/text_search.h"
#include "text/utf8.h"

// Strings (OPA: strings.go, template_string.go). Indexes and lengths count code points.

namespace merlon::rego {
namespace {

using value::Value;

// A text that may be too large for what an evaluation is given.
Outcome limited(Context& context, const Result<std::string>& text) {
    if (!text.ok()) return context.fail(ErrorKind::kLimit, text.error().message);
    return context.string(text.value());
}

// The strings of an operand: of one, or of an array or a set of them. Nothing after an error.
std::optional<std::span<const Value>> strings_of(Context& context, Operands operands,
                                                 std::size_t place) {
    const Value& operand = operands[place];
    if (operand.is_string()) return operands.subspan(place, 1);
    if (!operand.is_array() && !operand.is_set()) {
        static_cast<void>(context.wrong_kind(place + 1, operand, {"string", "set", "array"}));
        return std::nullopt;
    }
    for (const Value& item : operand.items()) {
        if (!item.is_string()) {
            static_cast<void>(context.wrong_element(place + 1, operand, item, {"string"}));
            return std::nullopt;
        }
    }
    return operand.items();
}

// As few pairs are quicker tried one after the other.
constexpr std::size_t kFewPairs = 64;

template <typename Many, bool (Many::*kMatches)(std::string_view) const, typename One>
Outcome any_matches(Context& context, Operands operands, One matches_one) {
    const auto texts = strings_of(context, operands, 0);
    if (!texts) return Outcome::error();
    const auto bases = strings_of(context, operands, 1);
    if (!bases) return Outcome::error();
    if (texts->size() * bases->size() <= kFewPairs) {
        for (const Value& text : *texts) {
            for (const Value& base : *bases) {
                if (matches_one(text.as_string(), base.as_string())) return context.boolean(true);
            }
        }
        return context.boolean(false);
    }
    if (!context.spend(texts->size() + bases->size())) return Outcome::error();
    RecycledVector<std::string_view> sorted;
    sorted.reserve(bases->size());
    for (const Value& base : *bases) sorted.push_back(base.as_string());
    const Many many(std::move(sorted));
    return context.boolean(std::ranges::any_of(
        *texts, [&](const Value& text) { return (many.*kMatches)(text.as_string()); }));
}
Outcome any_prefix_match(Context& context, Operands operands) {
    return any_matches<Beginnings, &Beginnings::begin>(
        context, operands,
        [](std::string_view text, std::string_view base) { return text.starts_with(base); });
}
Outcome any_suffix_match(Context& context, Operands operands) {
    return any_matches<Endings, &Endings::end>(
        context, operands,
        [](std::string_view text, std::string_view base) { return text.ends_with(base); });
}

Outcome format_int(Context& context, Operands operands) {
    value::NumberRoom room;
    const std::string_view base_text = operands[1].number_text(room);
    int base = 0;
    for (const int known : {2, 8, 10, 16}) {
        if (base_text == std::to_string(known)) base = known;
    }
    if (base == 0) return context.type_error("operand 2 must be one of {2, 8, 10, 16}");
    // What is written with a point or an exponent goes by way of a float.
    const std::string_view text = operands[0].number_text(room);
    const bool is_integer = text.find_first_of(".eE") == std::string_view::npos;
    RecycledString digits;
    if (is_integer) {
        append_digits(digits, *integer_of(operands[0]), base);
        return context.string(digits);
    }
    const auto number = float_of(text);
    if (!number.ok()) return context.error(number.error().message);
    append_digits(digits, truncate(number.value()), base);
    return context.string(digits);
}

Outcome concat(Context& context, Operands operands) {
    const Value& list = operands[1];
    std::string& joined = context.text_buffer();
    bool first = true;
    for (const Value& item : list.items()) {
        if (!item.is_string()) return context.wrong_element(2, list, item, {"string"});
        if (joined.size() > kMaxTextBytes) {
            return context.fail(ErrorKind::kLimit, "text is too large");
        }
        if (!first) joined += operands[0].as_string();
        first = false;
        joined += item.as_string();
    }
    return context.string(joined);
}

// The text behind its first `count` code points; nothing where it has fewer.
std::optional<std::string_view> behind_points(std::string_view text, std::int64_t count) {
    for (; count > 0; --count) {
        if (text.empty()) return std::nullopt;
        text.remove_prefix(text::decode_utf8(text).width);
    }
    return text;
}

// Wrong bytes are one character to OPA, the same as U+FFFD.
struct Comparable {
    Comparable(std::string_view text_given, std::string_view search_given)
        : text(text_given), search(search_given) {
        if (!text::is_valid_utf8(text)) text = repaired_text = text::to_valid_utf8(text);
        if (!text::is_valid_utf8(search)) search = repaired_search = text::to_valid_utf8(search);
    }
    Comparable(const Comparable&) = delete;
    Comparable& operator=(const Comparable&) = delete;

    std::string repaired_text;
    std::string repaired_search;
    std::string_view text;
    std::string_view search;
};

Outcome index_of(Context& context, Operands operands) {
    const std::string_view text = operands[0].as_string();
    const std::string_view search = operands[1].as_string();
    if (search.empty()) return context.error("empty search character");
    const Comparable both(text, search);
    const std::size_t at = find_text(both.text, both.search);
    if (at == std::string_view::npos) return context.integer(-1);
    return context.integer(
        static_cast<std::int64_t>(text::count_code_points(both.text.substr(0, at))));
}

Outcome index_of_n(Context& context, Operands operands) {
    const std::string_view text = operands[0].as_string();
    const std::string_view search = operands[1].as_string();
    if (search.empty()) return context.error("empty search character");
    std::vector<Value>& places = context.value_list();
    std::int64_t index = 0;
    const Comparable both(text, search);
    // A match begins where a character does.
    std::size_t seen = 0;
    const auto take = [&](std::size_t at) {
        index +=
            static_cast<std::int64_t>(text::count_code_points(both.text.substr(seen, at - seen)));
        seen = at;
        places.push_back(context.integer(index));
        return context.spend(1);
    };
    find_overlapping(both.text, both.search, std::cref(take));
    if (context.is_spent()) return Outcome::error();
    return context.builder.array(places);
}

Outcome substring(Context& context, Operands operands) {
    const std::string_view text = operands[0].as_string();
    const auto start = written_integer(operands[1]);
    const auto length = written_integer(operands[2]);
    if (*start < 0) return context.error("negative offset");
    const std::string_view from = behind_points(text, *start).value_or("");
    if (from.empty()) return context.string("");
    const std::string_view behind =
        *length < 0 ? std::string_view() : behind_points(from, *length).value_or("");
    if (*start == 0 && *length >= 0 && behind.empty()) return operands[0];
    // Characters that are none become U+FFFD where the text is taken apart.
    std::string& out = context.text_buffer();
    for (std::string_view rest = from.substr(0, from.size() - behind.size()); !rest.empty();) {
        const text::CodePoint point = text::decode_utf8(rest);
        text::append_utf8(out, point.value);
        rest.remove_prefix(point.width);
    }
    return context.string(out);
}

Outcome contains(Context& context, Operands operands) {
    return context.boolean(find_text(operands[0].as_string(), operands[1].as_string()) !=
                           std::string_view::npos);
}
Outcome starts_with(Context& context, Operands operands) {
    return context.boolean(operands[0].as_string().starts_with(operands[1].as_string()));
}
Outcome ends_with(Context& context, Operands operands) {
    return context.boolean(operands[0].as_string().ends_with(operands[1].as_string()));
}

Outcome count_of(Context& context, Operands operands) {
    const std::string_view text = operands[0].as_string();
    const std::string_view search = operands[1].as_string();
    std::int64_t count = 0;
    if (search.empty()) {
        count = static_cast<std::int64_t>(text::count_code_points(text)) + 1;
    } else {
        for (std::size_t at = find_text(text, search); at != std::string_view::npos;
             at = find_text(text, search, at + search.size())) {
            ++count;
        }
    }
    return context.integer(count);
}

// ASCII is turned in the buffer that is kept.
template <char kFirst, RecycledString (*kTurnAll)(std::string_view)>
Outcome turned_case(Context& context, std::string_view text) {
    if (!text::is_ascii(text)) return context.string(kTurnAll(text));
    std::string& out = context.text_buffer();
    out = text;
    for (char& c : out) {
        if (c >= kFirst && c < kFirst + 26) c = static_cast<char>(c ^ ('a' ^ 'A'));
    }
    return context.string(out);
}
Outcome lower(Context& context, Operands operands) {
    return turned_case<'A', go_lower>(context, operands[0].as_string());
}
Outcome upper(Context& context, Operands operands) {
    return turned_case<'a', go_upper>(context, operands[0].as_string());
}

// The pieces between delimiters, as strings; an empty delimiter stands between code points.
std::span<const Value> pieces(Context& context, std::string_view text, std::string_view delimiter) {
    std::vector<Value>& found = context.value_list();
    if (delimiter.empty()) {
        for (std::string_view rest = text; !rest.empty();) {
            const std::size_t width = text::decode_utf8(rest).width;
            found.push_back(context.string(rest.substr(0, width)));
            rest.remove_prefix(width);
        }
        return found;
    }
    std::size_t from = 0;
    for (std::size_t at = find_text(text, delimiter); at != std::string_view::npos;
         at = find_text(text, delimiter, from)) {
        found.push_back(context.string(text.substr(from, at - from)));
        from = at + delimiter.size();
    }
    found.push_back(context.string(text.substr(from)));
    return found;
}

Outcome split(Context& context, Operands operands) {
    return context.builder.array(pieces(context, operands[0].as_string(), operands[1].as_string()));
}

Outcome split_n(Context& context, Operands operands) {
    const auto limit = written_integer(operands[2]);
    const std::span<const Value> all =
        pieces(context, operands[0].as_string(), operands[1].as_string());
    const auto count = static_cast<std::int64_t>(all.size());
    if (*limit >= 0) {
        return context.builder.array(all.first(static_cast<std::size_t>(std::min(*limit, count))));
    }
    return context.builder.array(
        all.subspan(static_cast<std::size_t>(std::max<std::int64_t>(count + *limit, 0))));
}

// Go's strings.ReplaceAll: nothing stands before, between and behind code points.
Outcome replace(Context& context, Operands operands) {
    const std::string_view text = operands[0].as_string();
    const std::string_view old = operands[1].as_string();
    const std::string_view by = operands[2].as_string();
    std::string& out = context.text_buffer();
    std::size_t from = 0;
    for (std::size_t at = 0; at <= text.size();) {
        if (!context.spend(1 + by.size() / 16)) return Outcome::error();
        if (out.size() > kMaxTextBytes) break;
        if (old.empty()) {
            out += by;
            if (at == text.size()) break;
            // Between all bytes, not between all characters.
            out += text[at];
            from = ++at;
            continue;
        }
        const std::size_t found = find_text(text, old, at);
        if (found == std::string_view::npos) break;
        out += text.substr(from, found - from);
        out += by;
        from = at = found + old.size();
    }
    out += text.substr(from);
    return context.limited_string(out);
}

Outcome replace_n(Context& context, Operands operands) {
    const Value& patterns = operands[0];
    Context::TextPairs& pairs = context.text_pairs();
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        const Value& key = patterns.keys()[i];
        const Value& value = patterns.values()[i];
        if (!key.is_string()) {
            return context.type_error("operand 1 non-string key found in pattern object");
        }
        if (!value.is_string()) {
            return context.type_error("operand 1 non-string value found in pattern object");
        }
        pairs.emplace_back(key.as_string(), value.as_string());
    }
    std::string& out = context.text_buffer();
    if (!Replacer(pairs).run(context, operands[1].as_string(), out)) return Outcome::error();
    return context.limited_string(out);
}

enum class Side : std::uint8_t { kLeft, kRight, kBoth };

template <typename Cuts>
std::string_view trimmed(std::string_view text, Side side, Cuts cuts) {
    if (side != Side::kRight) {
        while (!text.empty()) {
            const text::CodePoint point = text::decode_utf8(text);
            if (!cuts(point.value)) break;
            text.remove_prefix(point.width);
        }
    }
    if (side != Side::kLeft) {
        while (!text.empty()) {
            std::size_t begin = text.size() - 1;
            while (begin > 0 && text.size() - begin < 4 &&
                   (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) {
                --begin;
            }
            text::CodePoint point = text::decode_utf8(text.substr(begin));
            if (begin + point.width != text.size()) {
                begin = text.size() - 1;
                point = {text::kReplacement, 1, false};
            }
            if (!cuts(point.value)) break;
            text.remove_suffix(text.size() - begin);
        }
    }
    return text;
}

template <Side kSide>
Outcome trim(Context& context, Operands operands) {
    std::bitset<128> ascii;
    std::set<char32_t, std::less<>, Recycler<char32_t>> others;
    std::string_view rest = operands[1].as_string();
    while (!rest.empty()) {
        const text::CodePoint point = text::decode_utf8(rest);
        if (point.value < ascii.size()) {
            ascii.set(point.value);
        } else {
            others.insert(point.value);
        }
        rest.remove_prefix(point.width);
    }
    return context.string(trimmed(operands[0].as_string(), kSide, [&](char32_t point) {
        return point < ascii.size() ? ascii[point] : others.contains(point);
    }));
}

Outcome trim_space(Context& context, Operands operands) {
    return context.string(trimmed(operands[0].as_string(), Side::kBoth, is_go_space));
}
Outcome trim_prefix(Context& context, Operands operands) {
    std::string_view text = operands[0].as_string();
    if (text.starts_with(operands[1].as_string())) text.remove_prefix(operands[1].size());
    return context.string(text);
}
Outcome trim_suffix(Context& context, Operands operands) {
    std::string_view text = operands[0].as_string();
    if (text.ends_with(operands[1].as_string())) text.remove_suffix(operands[1].size());
    return context.string(text);
}

Outcome format(Context& context, Operands operands) {
    if (!context.can_write(operands[1])) return Outcome::error();
    std::string& plain = context.text_buffer();
    if (format_plainly(operands[0].as_string(), operands[1].items(), plain)) {
        return context.limited_string(plain);
    }
    return limited(context, go_sprintf(operands[0].as_string(), operands[1].items()));
}

Outcome reverse(Context& context, Operands operands) {
    const std::string_view text = operands[0].as_string();
    std::string& turned = context.text_buffer();
    turned.resize(text.size());
    std::size_t to = text.size();
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t width = text::decode_utf8(rest).width;
        to -= width;
        turned.replace(to, width, rest.substr(0, width));
        rest.remove_prefix(width);
    }
    return context.string(turned);
}

// The parts of a template string; an expression is a set, which is empty where it was undefined.
Outcome template_string(Context& context, Operands operands) {
    std::string& text = context.text_buffer();
    for (const Value& part : operands[0].items()) {
        const Value* shown = &part;
        if (part.is_set()) {
            if (part.size() > 1) {
                return context.fail(ErrorKind::kConflict,
                                    "template-strings must not produce multiple outputs");
            }
            shown = part.size() == 0 ? nullptr : &part.items()[0];
        }
        if (!context.can_write(part)) return Outcome::error();
        if (shown == nullptr) {
            text += "<undefined>";
        } else if (shown->is_string()) {
            text += shown->as_string();
        } else {
            append_term_text(text, *shown);
        }
        if (text.size() > kMaxTextBytes) break;
    }
    return context.limited_string(text);
}

constexpr Builtin kStringsBuiltins[] = {
    {"strings.any_prefix_match", "vv", any_prefix_match},
    {"strings.any_suffix_match", "vv", any_suffix_match},
    {"format_int", "nn", format_int},
    {"concat", "sd", concat},
    {"indexof", "ss", index_of},
    {"indexof_n", "ss", index_of_n},
    {"substring", "sii", substring},
    {"contains", "ss", contains},
    {"startswith", "ss", starts_with},
    {"endswith", "ss", ends_with},
    {"strings.count", "ss", count_of},
    {"lower", "s", lower},
    {"upper", "s", upper},
    {"split", "ss", split},
    {"strings.split_n", "ssi", split_n},
    {"replace", "sss", replace},
    {"strings.replace_n", "os", replace_n},
    {"trim", "ss", trim<Side::kBoth>},
    {"trim_left", "ss", trim<Side::kLeft>},
    {"trim_right", "ss", trim<Side::kRight>},
    {"trim_prefix", "ss", trim_prefix},
    {"trim_suffix", "ss", trim_suffix},
    {"trim_space", "s", trim_space},
    {"sprintf", "sa", format},
    {"strings.reverse", "s", reverse},
    {"internal.template_string", "a", template_string},
};

}  // namespace

std::span<const Builtin> string_builtins() { return kStringsBuiltins; }

}  // namespace merlon::rego
