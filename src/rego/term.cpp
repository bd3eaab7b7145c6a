#include "rego/term.h"

#include <algorithm>

#include "base/recycled.h"
#include "text/json.h"

namespace merlon::rego {
namespace {

using value::Kind;
using value::Value;

void append_list(std::string& out, std::span<const Value> items) {
    bool first = true;
    for (const Value& item : items) {
        if (!first) out += ", ";
        first = false;
        append_term_text(out, item);
    }
}

class TermReader {
  public:
    TermReader(std::string_view text, value::Builder& builder) : text_(text), builder_(builder) {}

    Result<Value> read() {
        const Value value = MERLON_TRY(term(0));
        skip_space();
        if (at_ != text_.size()) return wrong("the end");
        return value;
    }

  private:
    static constexpr int kMaxDepth = 200;

    Error wrong(std::string_view expected) const {
        return Error{"term: expected " + std::string(expected), at_};
    }
    void skip_space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' ||
                                      text_[at_] == '\t' || text_[at_] == '\r')) {
            ++at_;
        }
    }
    bool take(std::string_view word) {
        skip_space();
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        return true;
    }

    Result<Value> term(int depth) {
        if (depth > kMaxDepth) return Error{"term: nested too deeply", at_};
        if (take("null")) return builder_.null();
        if (take("true")) return builder_.boolean(true);
        if (take("false")) return builder_.boolean(false);
        if (take("set(")) return take(")") ? Result<Value>(builder_.set({})) : wrong("')'");
        if (take("[")) return builder_.array(MERLON_TRY(items("]", depth)));
        if (take("{")) return braces(depth);
        if (take("`")) {
            const std::size_t end = text_.find('`', at_);
            if (end == std::string_view::npos) return wrong("'`'");
            const Value made = builder_.string(text_.substr(at_, end - at_));
            at_ = end + 1;
            return made;
        }
        skip_space();
        return scalar();
    }

    Result<std::vector<Value>> items(std::string_view close, int depth) {
        std::vector<Value> found;
        while (!take(close)) {
            found.push_back(MERLON_TRY(term(depth + 1)));
            if (!take(",") && !text_.substr(at_).starts_with(close)) return wrong("','");
        }
        return found;
    }

    // An object, or a set where no colon follows the first term.
    Result<Value> braces(int depth) {
        if (take("}")) return builder_.object({});
        const Value first = MERLON_TRY(term(depth + 1));
        if (!take(":")) {
            std::vector<Value> elements{first};
            if (take(",")) {
                for (const Value& more : MERLON_TRY(items("}", depth))) elements.push_back(more);
            } else if (!take("}")) {
                return wrong("'}'");
            }
            return builder_.set(elements);
        }
        std::vector<value::Builder::Entry> entries;
        entries.emplace_back(first, MERLON_TRY(term(depth + 1)));
        while (!take("}")) {
            if (!take(",")) return wrong("','");
            if (take("}")) break;
            const Value key = MERLON_TRY(term(depth + 1));
            if (!take(":")) return wrong("':'");
            entries.emplace_back(key, MERLON_TRY(term(depth + 1)));
        }
        return builder_.object(entries);
    }

    // A string or a number, as JSON has them.
    Result<Value> scalar() {
        std::size_t end = at_;
        if (end < text_.size() && text_[end] == '"') {
            for (++end; end < text_.size() && text_[end] != '"'; ++end) {
                if (text_[end] == '\\') ++end;
            }
            ++end;
        } else {
            const auto is_part = [](char c) {
                return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' ||
                       c == 'E';
            };
            while (end < text_.size() && is_part(text_[end])) ++end;
        }
        if (end == at_ || end > text_.size()) return wrong("a term");
        Arena arena;
        Interner interner;
        const auto document =
            MERLON_TRY(text::read_json(text_.substr(at_, end - at_), arena, interner));
        at_ = end;
        const Value& read = *document.root;
        if (read.is_number()) return builder_.number(read.number_text());
        return builder_.string(read.as_string());
    }

    std::string_view text_;
    value::Builder& builder_;
    std::size_t at_ = 0;
};

}  // namespace

bool is_written_within(const Value& value, std::size_t& bytes_left) {
    const std::size_t own = value.is_string() ? value.size() + 2 : 2;
    if (own > bytes_left) return false;
    bytes_left -= own;
    if (value.depth() == 0) return true;
    const auto all_fit = [&bytes_left](std::span<const Value> values) {
        return std::ranges::all_of(
            values, [&](const Value& one) { return is_written_within(one, bytes_left); });
    };
    if (value.is_object()) return all_fit(value.keys()) && all_fit(value.values());
    return all_fit(value.items());
}

namespace {

void append_number(std::string& out, const Value& number) {
    value::NumberRoom room;
    out += number.number_text(room);
}

}  // namespace

void append_term_text(std::string& out, const Value& value) {
    if (out.size() > kMaxTextBytes) return;
    switch (value.kind()) {
        case Kind::kNull:
        case Kind::kUnknown:
            out += "null";
            return;
        case Kind::kBoolean:
            out += value.as_boolean() ? "true" : "false";
            return;
        case Kind::kNumber:
            append_number(out, value);
            return;
        case Kind::kString:
            append_go_quoted(out, value.as_string());
            return;
        case Kind::kArray:
            out += '[';
            append_list(out, value.items());
            out += ']';
            return;
        case Kind::kSet:
            if (value.size() == 0) {
                out += "set()";
                return;
            }
            out += '{';
            append_list(out, value.items());
            out += '}';
            return;
        case Kind::kObject:
            out += '{';
            for (std::size_t i = 0; i < value.size(); ++i) {
                if (i > 0) out += ", ";
                append_term_text(out, value.keys()[i]);
                out += ": ";
                append_term_text(out, value.values()[i]);
            }
            out += '}';
            return;
    }
}

std::string term_text(const Value& value) {
    std::string text;
    append_term_text(text, value);
    return text;
}

Result<Value> read_term(std::string_view text, value::Builder& builder) {
    return TermReader(text, builder).read();
}

namespace {

// Whether neither sets nor keys that are no texts stand in it.
bool is_json(const Value& value) {
    if (value.is_set()) return false;
    if (value.depth() == 0) return true;
    if (value.is_array()) return std::ranges::all_of(value.items(), is_json);
    return std::ranges::all_of(value.keys(), &Value::is_string) &&
           std::ranges::all_of(value.values(), is_json);
}

Value converted(const Value& value, value::Builder& builder) {
    if (value.is_array() || value.is_set()) {
        RecycledVector<Value> items;
        items.reserve(value.size());
        for (const Value& item : value.items()) items.push_back(converted(item, builder));
        return builder.array(items);
    }
    if (!value.is_object()) return value;
    RecycledVector<value::Builder::Entry> entries;
    entries.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
        const Value& key = value.keys()[i];
        // The key's text has the keys of its own objects in the order of texts.
        entries.emplace_back(
            key.is_string() ? key : builder.string(json_text(converted(key, builder))),
            converted(value.values()[i], builder));
    }
    return builder.object(entries);
}

}  // namespace

Value to_json(const Value& value, value::Builder& builder) {
    return is_json(value) ? value : converted(value, builder);
}

std::string json_text(const Value& value) {
    std::string text;
    append_json_text(text, value);
    return text;
}

void append_json_text(std::string& out, const Value& value) {
    switch (value.kind()) {
        case Kind::kString:
            text::append_json_string(out, value.as_string(), text::JsonEscapes::kGo);
            return;
        case Kind::kArray:
        case Kind::kSet:
            out += '[';
            for (std::size_t i = 0; i < value.size(); ++i) {
                if (i > 0) out += ',';
                append_json_text(out, value.items()[i]);
            }
            out += ']';
            return;
        case Kind::kObject:
            out += '{';
            for (std::size_t i = 0; i < value.size(); ++i) {
                if (i > 0) out += ',';
                const Value& key = value.keys()[i];
                const std::string text = key.is_string() ? std::string() : json_text(key);
                text::append_json_string(out, key.is_string() ? key.as_string() : text,
                                         text::JsonEscapes::kGo);
                out += ':';
                append_json_text(out, value.values()[i]);
            }
            out += '}';
            return;
        default:
            append_term_text(out, value);  // as in a term
    }
}

}  // namespace merlon::rego
