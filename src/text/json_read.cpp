#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/recycled.h"
#include "text/json.h"
#include "text/json_plain.h"
#include "text/position.h"
#include "text/utf8.h"

namespace merlon::text {
namespace {

using value::Builder;
using value::Span;
using value::Value;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class Reader {
  public:
    Reader(std::string_view bytes, Arena& arena, Interner& interner, const JsonOptions& options)
        : bytes_(bytes), builder_(arena, interner), options_(options) {}

    Result<value::ValueDocument> read() {
        if (bytes_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
        Value root;
        Span span;
        if (!read_value(root, span, 0) || !skip_space()) return failure();
        if (at_ != bytes_.size()) {
            fail("expected the end of the document");
            return failure();
        }
        const Value* kept = builder_.arena().make<Value>(root);
        if (keeps_spans()) spans_.add(kept, span, {});
        return value::ValueDocument{kept, std::move(spans_)};
    }

  private:
    bool keeps_spans() const { return options_.spans == KeepSpans::kYes; }
    char peek() const { return at_ < bytes_.size() ? bytes_[at_] : '\0'; }

    template <typename Entries>
    static std::string repeated_key(const Entries& entries) {
        std::set<std::string_view> seen;
        for (const auto& [key, item] : entries)
            if (!seen.insert(key.as_string()).second)
                return '"' + std::string(key.as_string()) + '"';
        return {};
    }

    bool fail(std::string message) {
        if (message_.empty()) message_ = std::move(message);
        return false;
    }

    Error failure() const {
        const std::size_t offset = std::min(at_, bytes_.size());
        const Position position = LineIndex(bytes_).position(offset);
        return Error{"JSON: " + message_, offset, {}, position.line, position.column};
    }

    bool skip_space() {
        // Nearly always nothing is to be skipped, or one blank.
        if (at_ < bytes_.size() && bytes_[at_] == ' ') ++at_;
        if (at_ < bytes_.size() && bytes_[at_] > ' ' && bytes_[at_] != '/') return true;
        return skip_more_space();
    }

    bool skip_more_space() {
        while (at_ < bytes_.size()) {
            const char c = bytes_[at_];
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                ++at_;
            } else if (c == '/' && options_.mode == JsonMode::kLenient) {
                if (!skip_comment()) return false;
            } else {
                break;
            }
        }
        return true;
    }

    bool skip_comment() {
        const std::string_view rest = bytes_.substr(at_);
        if (rest.starts_with("//")) {
            const std::size_t end = rest.find('\n');
            at_ = end == std::string_view::npos ? bytes_.size() : at_ + end;
            return true;
        }
        if (rest.starts_with("/*")) {
            const std::size_t end = rest.find("*/", 2);
            if (end == std::string_view::npos) return fail("this comment has no end (*/)");
            at_ += end + 2;
            return true;
        }
        return fail("expected a comment");
    }

    bool read_value(Value& made, Span& span, std::size_t depth) {
        if (!skip_space()) return false;
        if (options_.cancel != nullptr && options_.cancel->cancelled()) {
            return fail("was not read to its end: the run was stopped");
        }
        if (at_ == bytes_.size()) return fail("expected a value, found the end of the text");
        span.begin = at_;
        bool read = false;
        switch (bytes_[at_]) {
            case '{':
                read = read_object(made, depth);
                break;
            case '[':
                read = read_array(made, depth);
                break;
            case '"':
                read = read_string();
                if (read) made = builder_.string(text_);
                break;
            case 't':
                read = read_word("true");
                made = builder_.boolean(true);
                break;
            case 'f':
                read = read_word("false");
                made = builder_.boolean(false);
                break;
            case 'n':
                read = read_word("null");
                made = builder_.null();
                break;
            default:
                read = read_number(made);
        }
        span.end = at_;
        return read;
    }

    bool read_word(std::string_view word) {
        if (!bytes_.substr(at_).starts_with(word)) return fail("expected a value");
        at_ += word.size();
        return true;
    }

    bool read_number(Value& made) {
        std::size_t end = at_;
        while (end < bytes_.size() &&
               std::string_view("+-.0123456789eE").find(bytes_[end]) != std::string_view::npos) {
            ++end;
        }
        if (end == at_) return fail("expected a value");
        Result<Value> number = builder_.number(bytes_.substr(at_, end - at_));
        if (!number.ok()) return fail(number.error().message);
        made = number.value();
        at_ = end;
        return true;
    }

    // Reads a string into text_, which is valid until the next one.
    bool read_string() {
        const std::size_t begin = ++at_;
        const std::size_t end = begin + plain_json_run(bytes_.substr(begin));
        if (end < bytes_.size() && bytes_[end] == '"') {
            text_ = bytes_.substr(begin, end - begin);
            at_ = end + 1;
            return true;
        }
        unescaped_.assign(bytes_.substr(begin, end - begin));
        at_ = end;
        while (at_ < bytes_.size()) {
            const auto c = static_cast<unsigned char>(bytes_[at_]);
            if (c == '"') {
                ++at_;
                text_ = unescaped_;
                return true;
            }
            if (c == '\\') {
                if (!read_escape()) return false;
            } else if (c < 0x20) {
                return fail("a control character in a string has to be escaped");
            } else {
                const CodePoint point = decode_utf8(bytes_.substr(at_));
                if (!point.valid) return fail("a string holds bytes that are not UTF-8");
                unescaped_.append(bytes_.substr(at_, point.width));
                at_ += point.width;
            }
        }
        return fail("this string has no closing quote");
    }

    bool read_escape() {
        ++at_;
        const char c = peek();
        static constexpr std::string_view kFrom = "\"\\/bfnrt";
        static constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
        if (const std::size_t i = kFrom.find(c); i != std::string_view::npos && c != '\0') {
            unescaped_.push_back(kTo[i]);
            ++at_;
            return true;
        }
        if (c != 'u') return fail("expected an escape: one of \" \\ / b f n r t u");
        char32_t unit = 0;
        if (!read_hex_unit(unit)) return false;
        // Section 7: characters outside the basic plane are a surrogate pair. A lone surrogate is
        // legal JSON text but no character; it becomes U+FFFD, as in most readers.
        if (unit >= 0xD800 && unit < 0xDC00 && bytes_.substr(at_).starts_with("\\u")) {
            const std::size_t back = at_;
            ++at_;
            char32_t low = 0;
            if (!read_hex_unit(low)) return false;
            if (low >= 0xDC00 && low < 0xE000) {
                unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            } else {
                at_ = back;
            }
        }
        append_utf8(unescaped_, unit);
        return true;
    }

    bool read_hex_unit(char32_t& unit) {
        ++at_;
        unit = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            const char c = peek();
            const int digit = c >= '0' && c <= '9'   ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
            if (digit < 0) return fail("expected four hexadecimal digits behind \\u");
            unit = unit << 4 | static_cast<char32_t>(digit);
        }
        return true;
    }

    bool enter(std::size_t depth) {
        if (depth < options_.max_depth) return true;
        return fail("nested deeper than " + std::to_string(options_.max_depth) + " levels");
    }

    // After an element: a comma (true, and `more`), or the closing bracket (true).
    bool read_separator(char close, bool& more) {
        if (!skip_space()) return false;
        more = peek() == ',' && at_ < bytes_.size();
        if (more) {
            ++at_;
            if (options_.mode == JsonMode::kLenient) {
                if (!skip_space()) return false;
                more = peek() != close;
            }
        }
        if (more) return true;
        if (at_ == bytes_.size() || bytes_[at_] != close) {
            return fail(std::string("expected ',' or '") + close + "'");
        }
        ++at_;
        return true;
    }

    bool read_array(Value& made, std::size_t depth) {
        if (!enter(depth)) return false;
        ++at_;
        const std::size_t begin = items_.size();
        std::vector<Span> spans;
        if (!skip_space()) return false;
        bool more = peek() != ']';
        if (!more) ++at_;
        while (more) {
            Value item;
            Span span;
            if (!read_value(item, span, depth + 1)) return false;
            items_.push_back(item);
            if (keeps_spans()) spans.push_back(span);
            if (!read_separator(']', more)) return false;
        }
        made = builder_.array(std::span(items_).subspan(begin));
        items_.resize(begin);
        for (std::size_t i = 0; i < spans.size(); ++i) spans_.add(&made.items()[i], spans[i], {});
        return true;
    }

    bool read_object(Value& made, std::size_t depth) {
        if (!enter(depth)) return false;
        ++at_;
        const std::size_t begin = entries_.size();
        std::vector<std::pair<Span, Span>> spans;  // value, key
        if (!skip_space()) return false;
        bool more = peek() != '}';
        if (!more) ++at_;
        while (more) {
            if (!skip_space()) return false;
            const std::size_t key_begin = at_;
            if (peek() != '"') return fail("expected a key in double quotes");
            if (!read_string()) return false;
            const Span key_span{key_begin, at_};
            const Value key = builder_.key(text_);
            if (!skip_space()) return false;
            if (peek() != ':') return fail("expected ':' behind the key");
            ++at_;
            Value item;
            Span span;
            if (!read_value(item, span, depth + 1)) return false;
            entries_.emplace_back(key, item);
            if (keeps_spans()) spans.emplace_back(span, key_span);
            if (!read_separator('}', more)) return false;
        }
        const std::span<const Builder::Entry> entries = std::span(entries_).subspan(begin);
        made = object_of(entries, depth);
        if (made.size() != entries.size() && options_.duplicate_keys == DuplicateKeys::kRefuse) {
            return fail("this object has the key " + repeated_key(entries) + " twice");
        }
        // From the end: of a key that stands twice the last value counts, and the first span.
        for (std::size_t i = spans.size(); i-- > 0;) {
            const Value* slot = made.find(entries[i].first);
            spans_.add(slot, spans[i].first, spans[i].second);
        }
        entries_.resize(begin);
        return true;
    }

    // Objects of a list are mostly written alike: one whose keys stand as in one before needs no
    // sorting.
    Value object_of(std::span<const Builder::Entry> entries, std::size_t depth) {
        constexpr std::size_t kLargest = 64, kLearntBehind = 64, kDepths = 16;
        const bool is_worth_it = ++objects_ > kLearntBehind && !entries.empty() &&
                                 entries.size() <= kLargest && depth < kDepths;
        if (!is_worth_it) return builder_.object(entries);
        if (layouts_.empty()) layouts_.resize(kDepths);
        LayoutsOfDepth& known = layouts_[depth];
        for (const Layout& layout : known.layouts) {
            if (!std::ranges::equal(layout.keys, entries, {}, {}, &Builder::Entry::first)) continue;
            ordered_.resize(entries.size());
            for (std::size_t i = 0; i < entries.size(); ++i)
                ordered_[layout.places[i]] = entries[i].second;
            return builder_.object_like(layout.object, ordered_);
        }
        const Value made = builder_.object(entries);
        if (made.size() != entries.size()) return made;
        Layout& layout = known.layouts[known.next];
        known.next = (known.next + 1) % known.layouts.size();
        layout = {.keys = {}, .places = {}, .object = made};
        for (const auto& [key, item] : entries) {
            layout.keys.push_back(key);
            layout.places.push_back(static_cast<std::size_t>(std::ranges::find(made.keys(), key) -
                                                             made.keys().begin()));
        }
        return made;
    }

    // The keys of an object as they were written, and their places in it.
    struct Layout {
        RecycledVector<Value> keys;
        RecycledVector<std::size_t> places;
        Value object;
    };
    struct LayoutsOfDepth {
        std::array<Layout, 4> layouts;
        std::size_t next = 0;  // to be replaced
    };

    std::string_view bytes_;
    Builder builder_;
    const JsonOptions& options_;
    value::SpanTable spans_;
    std::size_t at_ = 0;
    std::string message_;
    std::string_view text_;
    std::string unescaped_;
    // Of the containers that are open, one behind the other.
    RecycledVector<Value> items_;
    RecycledVector<Builder::Entry> entries_;
    std::size_t objects_ = 0;
    RecycledVector<LayoutsOfDepth> layouts_;
    RecycledVector<Value> ordered_;
};

}  // namespace

Result<value::ValueDocument> read_json(std::string_view bytes, Arena& arena, Interner& interner,
                                       const JsonOptions& options) {
    return Reader(bytes, arena, interner, options).read();
}

}  // namespace merlon::text
