#include "text/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "text/base64.h"
#include "text/position.h"
#include "text/utf8.h"

namespace merlon::text {
namespace {

using value::Builder;
using value::Span;
using value::Value;

constexpr std::string_view kBinaryTag = "tag:yaml.org,2002:binary";

// A libyaml event that deletes itself.
class Event {
  public:
    Event() = default;
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    ~Event() { yaml_event_delete(&event_); }
    yaml_event_t* get() {
        yaml_event_delete(&event_);
        return &event_;
    }
    const yaml_event_t& operator*() const { return event_; }
    const yaml_event_t* operator->() const { return &event_; }

  private:
    yaml_event_t event_{};
};

class Parser {
  public:
    explicit Parser(std::string_view bytes) {
        if (bytes.data() == nullptr) bytes = "";  // which libyaml asserts
        yaml_parser_initialize(&parser_);
        yaml_parser_set_encoding(&parser_, YAML_ANY_ENCODING);
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(bytes.data()),
                                     bytes.size());
    }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;
    ~Parser() { yaml_parser_delete(&parser_); }
    bool next(Event& event) { return yaml_parser_parse(&parser_, event.get()) == 1; }
    const yaml_parser_t& state() const { return parser_; }

  private:
    yaml_parser_t parser_{};
};

// A node that was read: its value, where it stood, and how many nodes an alias to it repeats,
// those that are aliases themselves among them.
struct Node {
    Value value;
    Span span;
    std::size_t size = 1;
};

std::string_view text_of(const yaml_char_t* text) {
    return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t count_digits(std::string_view text) {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    return count;
}

// `digits` of another base in decimal, or nothing where they are none or pass 64 bits.
std::string to_decimal(std::string_view digits, int base) {
    std::uint64_t number = 0;
    const char* end = digits.data() + digits.size();
    const auto [stopped, code] = std::from_chars(digits.data(), end, number, base);
    if (digits.empty() || code != std::errc{} || stopped != end) return {};
    return std::to_string(number);
}

// 1.2, section 10.3.2: 0o and 0x take no sign.
std::string integer_of_core(std::string_view text) {
    if (text.starts_with("0x")) return to_decimal(text.substr(2), 16);
    if (text.starts_with("0o")) return to_decimal(text.substr(2), 8);
    return {};
}

// 1.1 (yaml.org/type/int): a sign in front, underscores between, octals by a leading zero.
std::string integer_of_yaml11(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || !is_digit(text[0])) return {};
    std::string digits(text);
    std::erase(digits, '_');
    const std::string_view plain = digits;
    std::string decimal;
    if (plain.starts_with("0x")) {
        decimal = to_decimal(plain.substr(2), 16);
    } else if (plain.starts_with("0b")) {
        decimal = to_decimal(plain.substr(2), 2);
    } else if (plain.size() > 1 && plain[0] == '0') {
        decimal = to_decimal(plain, 8);
    } else if (count_digits(plain) == plain.size()) {
        decimal = plain;
    }
    return negative && !decimal.empty() && decimal != "0" ? "-" + decimal : decimal;
}

// strconv.ParseInt, and ParseUint where there is no sign: within 64 bits, of any base that the
// prefix tells where `base` is 0. In decimal, or nothing.
std::string integer_of_strconv(std::string_view text, int base) {
    const char sign = text.starts_with('-') || text.starts_with('+') ? text[0] : '\0';
    if (sign != '\0') text.remove_prefix(1);
    if (base == 0 && text.size() > 1 && text[0] == '0') {
        const char letter = text.size() > 2 ? static_cast<char>(text[1] | 0x20) : '\0';
        base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
        text.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
    }
    if (text.empty() || text[0] == '-') return {};
    const std::string decimal = to_decimal(text, base == 0 ? 10 : base);
    if (decimal.empty() || sign == '\0') return decimal;
    const std::string_view most = sign == '-' ? "9223372036854775808" : "9223372036854775807";
    if (decimal.size() > most.size() || (decimal.size() == most.size() && decimal > most))
        return {};
    return sign == '-' && decimal != "0" ? "-" + decimal : decimal;
}

// go-yaml's integers: underscores are dropped first, and 1.2's octals and binaries may have a sign
// of their own behind their prefix. `plain` has no underscores.
std::string integer_of_go(std::string_view plain, YamlSchema schema) {
    std::string found = integer_of_strconv(plain, 0);
    for (const auto& [prefix, base] : {std::pair("0b", 2), std::pair("0o", 8)}) {
        if (!found.empty() || (base == 8 && schema == YamlSchema::kGo2)) break;
        if (plain.starts_with(prefix)) found = integer_of_strconv(plain.substr(2), base);
        if (plain.starts_with('-') && plain.substr(1).starts_with(prefix)) {
            found = integer_of_strconv("-" + std::string(plain.substr(3)), base);
        }
    }
    return found;
}

// 1.2, section 10.3.2, as JSON writes it, or nothing where the text does not fit:
// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
std::string decimal_form(std::string_view text) {
    std::string form;
    if (text.starts_with('-')) form = "-";
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    std::string_view whole = text.substr(0, count_digits(text));
    text.remove_prefix(whole.size());
    const bool has_whole = !whole.empty();
    while (whole.size() > 1 && whole[0] == '0') whole.remove_prefix(1);
    form += has_whole ? whole : "0";
    if (text.starts_with('.')) {
        const std::string_view fraction = text.substr(1, count_digits(text.substr(1)));
        if (fraction.empty() && !has_whole) return {};
        text.remove_prefix(1 + fraction.size());
        form += '.';
        form += fraction.empty() ? "0" : fraction;
    } else if (!has_whole) {
        return {};
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        const std::size_t sign = text.size() > 1 && (text[1] == '-' || text[1] == '+') ? 1 : 0;
        const std::size_t count = count_digits(text.substr(1 + sign));
        if (count == 0) return {};
        form += text.substr(0, 1 + sign + count);
        text.remove_prefix(1 + sign + count);
    }
    return text.empty() ? form : std::string();
}

class Reader {
  public:
    Reader(std::string_view bytes, Arena& arena, Interner& interner, const YamlOptions& options)
        : bytes_(bytes), parser_(bytes), builder_(arena, interner), options_(options) {
        if (is_ascii(bytes)) return;
        // libyaml's marks count characters, and none for a byte order mark.
        for (std::size_t at = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0; at < bytes.size();) {
            offsets_.push_back(at);
            at += decode_utf8(bytes.substr(at)).width;
        }
        offsets_.push_back(bytes.size());
    }

    Result<std::vector<value::ValueDocument>> read() {
        std::vector<value::ValueDocument> documents;
        while (true) {
            if (!next()) return std::move(error_);
            if (event_->type == YAML_STREAM_END_EVENT) {
                // Go's readers look for it when all is well-formed.
                if (is_excessive_ && !refuse_aliases()) return std::move(error_);
                return documents;
            }
            if (event_->type != YAML_DOCUMENT_START_EVENT) continue;
            // Go's readers know of YAML 1.1 alone.
            const yaml_version_directive_t* const version =
                event_->data.document_start.version_directive;
            if (is_go() && version != nullptr && (version->major != 1 || version->minor != 1)) {
                const std::string problem = "found incompatible YAML document";
                tell_go(problem, event_->start_mark.line);
                static_cast<void>(fail(problem));
                return std::move(error_);
            }
            documents.emplace_back();
            spans_ = &documents.back().spans;
            anchors_.clear();
            nodes_ = 0;
            aliased_ = 0;
            is_first_ = documents.size() == 1;
            Node root;
            if (!next() || !read_node(root, 0)) return std::move(error_);
            const Value* kept = builder_.arena().make<Value>(root.value);
            if (options_.spans == KeepSpans::kYes) spans_->add(kept, root.span, {});
            documents.back().root = kept;
            if (options_.documents == YamlDocuments::kAll) continue;
            // The end of the document is its own.
            if (!next() || (is_excessive_ && !refuse_aliases())) return std::move(error_);
            return documents;
        }
    }

  private:
    bool next() {
        if (parser_.next(event_)) return true;
        const yaml_parser_t& state = parser_.state();
        std::string message = state.problem == nullptr ? "the text is damaged" : state.problem;
        // go-yaml counts lines from 0, but one more of what its scanner refuses, and tells no line
        // 0.
        std::size_t line =
            state.context_mark.line != 0 ? state.context_mark.line : state.problem_mark.line;
        if (line != 0 && state.error == YAML_SCANNER_ERROR) ++line;
        tell_go(message, line);
        if (state.context != nullptr) message += std::string(" ") + state.context;
        if (state.error != YAML_READER_ERROR) return fail_at(message, state.problem_mark);
        // A reader error (bad encoding) has an offset in bytes and no mark.
        const std::size_t offset = std::min(state.problem_offset, bytes_.size());
        const Position position = LineIndex(bytes_).position(offset);
        error_ = Error{"YAML: " + message, offset, {}, position.line, position.column};
        return false;
    }

    bool fail_at(const std::string& message, const yaml_mark_t& mark) {
        error_ = Error{"YAML: " + message,
                       offset_of(mark),
                       {},
                       static_cast<std::uint32_t>(mark.line + 1),
                       static_cast<std::uint32_t>(mark.column + 1)};
        return false;
    }
    bool fail(const std::string& message) { return fail_at(message, event_->start_mark); }
    void tell_go(const std::string& problem, std::size_t line = 0) {
        if (options_.go_failure != nullptr) *options_.go_failure = {problem, line};
    }

    std::size_t offset_of(const yaml_mark_t& mark) const {
        return offsets_.empty() ? mark.index : offsets_[std::min(mark.index, offsets_.size() - 1)];
    }

    bool count(std::size_t nodes) {
        nodes_ += nodes;
        is_excessive_ = is_excessive_ || (is_go() && is_first_ && has_too_many_aliases());
        if (nodes_ <= options_.max_nodes) return true;
        if (is_excessive_) return refuse_aliases();
        return fail("more than " + std::to_string(options_.max_nodes) +
                    " nodes, counting what aliases repeat");
    }

    // go-yaml: of a thousand nodes nearly all may be repeated by aliases, of millions a tenth.
    bool has_too_many_aliases() const {
        constexpr double kFew = 400'000;
        constexpr double kMany = 4'000'000;
        const auto all = static_cast<double>(nodes_ + 1);  // with the document
        if (aliased_ <= 100 || all <= 1'000) return false;
        const double share = std::clamp((all - kFew) / (kMany - kFew), 0.0, 1.0);
        return static_cast<double>(aliased_) / all > 0.99 - 0.89 * share;
    }
    bool refuse_aliases() {
        tell_go("document contains excessive aliasing");
        return fail("document contains excessive aliasing");
    }

    // Reads the node that the current event begins.
    bool read_node(Node& node, std::size_t depth) {
        if (depth > options_.max_depth) {
            return fail("nested deeper than " + std::to_string(options_.max_depth) + " levels");
        }
        node.span = {offset_of(event_->start_mark), offset_of(event_->end_mark)};
        std::string anchor;
        bool read = false;
        switch (event_->type) {
            case YAML_ALIAS_EVENT:
                return read_alias(node);
            case YAML_SCALAR_EVENT:
                anchor = text_of(event_->data.scalar.anchor);
                read = count(1) && read_scalar(node);
                break;
            case YAML_SEQUENCE_START_EVENT:
                anchor = text_of(event_->data.sequence_start.anchor);
                read = count(1) && read_sequence(node, depth);
                break;
            case YAML_MAPPING_START_EVENT:
                anchor = text_of(event_->data.mapping_start.anchor);
                read = count(1) && read_mapping(node, depth);
                break;
            default:
                return fail("expected a value");
        }
        if (read && !anchor.empty()) anchors_[anchor] = node;
        return read;
    }

    bool read_alias(Node& node) {
        const std::string name(text_of(event_->data.alias.anchor));
        const auto found = anchors_.find(name);
        if (found == anchors_.end()) {
            tell_go("unknown anchor '" + name + "' referenced");
            return fail("there is no anchor '&" + name + "' before this alias");
        }
        aliased_ += found->second.size;
        if (!count(found->second.size + 1)) return false;
        const Span span = node.span;
        node = found->second;
        node.span = span;
        ++node.size;
        return true;
    }

    bool read_sequence(Node& node, std::size_t depth) {
        std::vector<Value> items;
        std::vector<Span> spans;
        while (true) {
            if (!next()) return false;
            if (event_->type == YAML_SEQUENCE_END_EVENT) break;
            Node item;
            if (!read_node(item, depth + 1)) return false;
            node.size += item.size;
            items.push_back(item.value);
            spans.push_back(item.span);
        }
        node.span.end = offset_of(event_->end_mark);
        node.value = builder_.array(items);
        if (options_.spans == KeepSpans::kYes) {
            for (std::size_t i = 0; i < items.size(); ++i) {
                spans_->add(&node.value.items()[i], spans[i], {});
            }
        }
        return true;
    }

    struct Less {
        bool operator()(const Value& left, const Value& right) const {
            return compare(left, right) < 0;
        }
    };

    // A key for an error message.
    static std::string shown(const Value& key) {
        if (!key.is_string()) return "of kind " + std::string(name(key.kind()));
        return "'" + std::string(key.as_string().substr(0, 80)) + "'";
    }

    struct Entry {
        Value key;
        Value value;
        Span key_span;
        Span value_span;
        yaml_mark_t mark;  // of the key, or of the "<<" that brought it
        bool merged = false;
    };

    bool read_mapping(Node& node, std::size_t depth) {
        std::vector<Entry> entries;
        std::size_t own = 0;
        bool has_merge = false;
        while (true) {
            if (!next()) return false;
            if (event_->type == YAML_MAPPING_END_EVENT) break;
            const yaml_mark_t key_mark = event_->start_mark;
            const bool is_merge = options_.merge_keys == MergeKeys::kApply &&
                                  event_->type == YAML_SCALAR_EVENT &&
                                  event_->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                                  text_of(event_->data.scalar.value) == "<<";
            Node key;
            if (!read_node(key, depth + 1) || !next()) return false;
            Node item;
            if (!read_node(item, depth + 1)) return false;
            node.size += key.size + item.size;
            if (is_merge) {
                if (!merge(item.value, entries, key_mark)) return false;
                has_merge = true;
                continue;
            }
            ++own;
            const Value as_key =
                key.value.is_string() ? builder_.key(key.value.as_string()) : key.value;
            entries.push_back({as_key, item.value, key.span, item.span, key_mark});
        }
        node.span.end = offset_of(event_->end_mark);
        // go-yaml 3 goes through the mapping's own keys once more.
        if (has_merge && options_.schema == YamlSchema::kGo) {
            node.size += own;
            if (!count(own)) return false;
        }
        return finish_mapping(node, entries);
    }

    // yaml.org/type/merge: the keys of one mapping, or of several, where the mapping has none
    // itself.
    bool merge(const Value& from, std::vector<Entry>& entries, const yaml_mark_t& mark) {
        const auto take = [&](const Value& mapping) {
            for (std::size_t i = 0; i < mapping.size(); ++i) {
                entries.push_back({mapping.keys()[i], mapping.values()[i], {}, {}, mark, true});
            }
        };
        if (from.is_object()) {
            take(from);
            return true;
        }
        const bool all_mappings =
            from.is_array() && std::all_of(from.items().begin(), from.items().end(),
                                           [](const Value& item) { return item.is_object(); });
        if (!all_mappings) {
            tell_go("map merge requires map or sequence of maps as the value");
            return fail_at("'<<' expects a mapping or a list of mappings", mark);
        }
        for (const Value& item : from.items()) take(item);
        return true;
    }

    bool finish_mapping(Node& node, const std::vector<Entry>& entries) {
        // Own keys win over merged ones, earlier merged ones over later ones.
        std::vector<Entry> kept;
        std::set<Value, Less> known;
        for (const bool merged : {false, true}) {
            for (const Entry& entry : entries) {
                if (entry.merged != merged) continue;
                const bool is_new = known.insert(entry.key).second;
                if (is_new || (!merged && options_.duplicate_keys == DuplicateKeys::kLastWins)) {
                    kept.push_back(entry);
                } else if (!merged) {
                    return fail_at("the key " + shown(entry.key) + " stands twice in this mapping",
                                   entry.mark);
                }
            }
        }
        std::vector<Builder::Entry> pairs;
        pairs.reserve(kept.size());
        for (const Entry& entry : kept) pairs.emplace_back(entry.key, entry.value);
        node.value = builder_.object(pairs);
        if (options_.spans == KeepSpans::kYes) {
            // From the end: of a key that stands twice the last value counts, and the first span.
            for (auto entry = kept.rbegin(); entry != kept.rend(); ++entry) {
                spans_->add(node.value.find(entry->key), entry->value_span, entry->key_span);
            }
        }
        return true;
    }

    bool read_scalar(Node& node) {
        const auto& scalar = event_->data.scalar;
        const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
        const std::string_view tag = text_of(scalar.tag);
        if (is_one_of(tag, {YAML_INT_TAG, YAML_FLOAT_TAG, YAML_BOOL_TAG, YAML_NULL_TAG})) {
            return read_tagged(node, text, tag);
        }
        if (is_go() && tag == kBinaryTag) return read_binary(node, text);
        if (tag == YAML_TIMESTAMP_TAG && options_.infinities == YamlInfinities::kMarked) {
            const std::string kind = kind_of(resolve(text), text);
            node.value = builder_.string(kTimestampMark + kind + " " + std::string(text));
            return true;
        }
        // go-yaml: what a tag of somebody else's marks is a text.
        const bool is_foreign = is_go() && !tag.empty() && tag != YAML_TIMESTAMP_TAG;
        const bool is_text = scalar.style != YAML_PLAIN_SCALAR_STYLE || tag == "!" ||
                             tag == YAML_STR_TAG || is_foreign;
        // go-yaml: "!" alone is nothing.
        const bool is_nothing =
            is_go() && tag == "!" && text.empty() && scalar.style == YAML_PLAIN_SCALAR_STYLE;
        node.value = is_text && !is_nothing ? builder_.string(text) : resolve(text);
        return true;
    }

    // yaml.org/type/binary: Base64, with white space in between.
    bool read_binary(Node& node, std::string_view text) {
        std::string packed(text);
        std::erase_if(packed, [](char c) { return c == '\n' || c == '\r'; });
        const auto bytes = decode_base64(packed, Base64Alphabet::kStandard);
        if (!bytes.ok()) {
            tell_go("!!binary value contains invalid base64 data");
            return fail("!!binary value contains invalid base64 data");
        }
        node.value = builder_.string(to_valid_utf8(bytes.value()));
        return true;
    }

    // An explicit tag decides whatever the quotes are; a text that it does not fit is an error.
    bool read_tagged(Node& node, std::string_view text, std::string_view tag) {
        node.value = resolve(text);
        const std::string kind = kind_of(node.value, text);
        const bool fits = tag == YAML_NULL_TAG             ? node.value.is_null()
                          : tag == YAML_BOOL_TAG           ? node.value.is_boolean()
                          : tag == YAML_INT_TAG && is_go() ? kind == "int"
                                                           : is_number_text(node.value, text);
        if (fits) return true;
        tell_go("cannot decode !!" + kind + " `" + std::string(text) + "` as a !!" +
                std::string(tag.substr(tag.rfind(':') + 1)));
        return fail("'" + std::string(text.substr(0, 40)) + "' does not fit its tag " +
                    std::string(tag));
    }

    // The tag that the text has without one.
    static std::string kind_of(const Value& value, std::string_view text) {
        if (value.is_null()) return "null";
        if (value.is_boolean()) return "bool";
        if (value.is_number()) return value.is_plain_integer() ? "int" : "float";
        return infinity_of(text).empty() ? "str" : "float";
    }

    static bool is_number_text(const Value& value, std::string_view text) {
        return value.is_number() || !infinity_of(text).empty();
    }

    // Go's name of what is no finite number; empty: it is one, or none at all.
    static std::string_view infinity_of(std::string_view text) {
        if (is_one_of(text, {".nan", ".NaN", ".NAN"})) return "NaN";
        const bool is_negative = text.starts_with('-');
        if (is_negative || text.starts_with('+')) text.remove_prefix(1);
        if (!is_one_of(text, {".inf", ".Inf", ".INF"})) return {};
        return is_negative ? "-Inf" : "+Inf";
    }

    // Section 10.3.2 (tag resolution of the core schema), and 1.1's additions.
    Value resolve(std::string_view text) {
        if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return builder_.null();
        if (is_one_of(text, {"true", "True", "TRUE"})) return builder_.boolean(true);
        if (is_one_of(text, {"false", "False", "FALSE"})) return builder_.boolean(false);
        const bool is_go2 = options_.schema == YamlSchema::kGo2;
        if (is_go2 && is_one_of(text, {"y", "Y"})) return builder_.boolean(true);
        if (is_go2 && is_one_of(text, {"n", "N"})) return builder_.boolean(false);
        if (is_go2 || options_.schema == YamlSchema::kYaml11) {
            if (is_one_of(text, {"yes", "Yes", "YES", "on", "On", "ON"})) {
                return builder_.boolean(true);
            }
            if (is_one_of(text, {"no", "No", "NO", "off", "Off", "OFF"})) {
                return builder_.boolean(false);
            }
        }
        if (const auto number = resolve_number(text)) return *number;
        if (options_.infinities == YamlInfinities::kMarked) {
            const std::string_view name = infinity_of(text);
            if (!name.empty()) return builder_.string(kInfinityMark + std::string(name));
        }
        return builder_.string(text);
    }

    std::optional<Value> resolve_number(std::string_view text) {
        const std::string plain = plain_number(text);
        if (plain.empty()) return std::nullopt;
        Result<Value> number = builder_.number(plain);
        if (!number.ok()) return std::nullopt;
        // To Go a number that is beyond a float64 is a text.
        if (is_go() && !std::isfinite(number.value().as_double())) return std::nullopt;
        return number.value();
    }

    // The number in JSON's syntax, or nothing where the schema has none for the text.
    std::string plain_number(std::string_view text) const {
        const YamlSchema schema = options_.schema;
        if (is_go()) {
            if (text.starts_with('.')) return decimal_form(text);
            // What begins with an underscore is a text.
            if (text.starts_with('_')) return {};
            std::string joined(text);
            std::erase(joined, '_');
            const std::string integer = integer_of_go(joined, schema);
            if (!integer.empty()) return integer;
            std::string form = decimal_form(joined);
            // An integer with a sign that has more than 64 bits is a float, also where it would fit
            // without one.
            const bool is_signed_integer =
                joined.starts_with('+') && form.find_first_of(".eE") == std::string::npos;
            if (is_signed_integer && !form.empty()) form += ".0";
            return form;
        }
        const std::string integer =
            schema == YamlSchema::kCore ? integer_of_core(text) : integer_of_yaml11(text);
        return integer.empty() ? decimal_form(text) : integer;
    }

    bool is_go() const {
        return options_.schema == YamlSchema::kGo || options_.schema == YamlSchema::kGo2;
    }

    std::string_view bytes_;
    Parser parser_;
    Event event_;
    Builder builder_;
    const YamlOptions& options_;
    std::vector<std::size_t> offsets_;  // of each character; empty: all are one byte
    value::SpanTable* spans_ = nullptr;
    std::map<std::string, Node> anchors_;
    std::size_t nodes_ = 0;
    std::size_t aliased_ = 0;  // of them, those that aliases repeat
    bool is_first_ = true;     // of the documents
    bool is_excessive_ = false;
    Error error_;
};

}  // namespace

Result<std::vector<value::ValueDocument>> read_yaml(std::string_view bytes, Arena& arena,
                                                    Interner& interner,
                                                    const YamlOptions& options) {
    return Reader(bytes, arena, interner, options).read();
}

}  // namespace merlon::text
