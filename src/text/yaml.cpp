#include "text/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>

#include "text/utf8.h"
#include "value/number.h"

namespace merlon::text {
namespace {

using value::Builder;
using value::Span;
using value::Value;

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

// A node that was read: its value, where it stood, and how many nodes an alias to it repeats.
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

class Reader {
  public:
    Reader(std::string_view bytes, Arena& arena, Interner& interner, const YamlOptions& options)
        : parser_(bytes), builder_(arena, interner), options_(options) {
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
            if (!next()) return failure();
            if (event_->type == YAML_STREAM_END_EVENT) return documents;
            if (event_->type != YAML_DOCUMENT_START_EVENT) continue;
            documents.emplace_back();
            spans_ = &documents.back().spans;
            anchors_.clear();
            nodes_ = 0;
            Node root;
            if (!next() || !read_node(root, 0)) return failure();
            const Value* kept = builder_.arena().make<Value>(root.value);
            if (options_.spans == KeepSpans::kYes) spans_->add(kept, root.span, {});
            documents.back().root = kept;
        }
    }

  private:
    bool next() {
        if (parser_.next(event_)) return true;
        const yaml_parser_t& state = parser_.state();
        std::string message = state.problem == nullptr ? "the text is damaged" : state.problem;
        if (state.context != nullptr) message += std::string(" ") + state.context;
        // A reader error (bad encoding) has an offset and no mark.
        return fail_at(message, state.problem_mark);
    }

    bool fail_at(std::string message, const yaml_mark_t& mark) {
        if (message_.empty()) {
            message_ = std::move(message);
            mark_ = mark;
        }
        return false;
    }
    bool fail(std::string message) { return fail_at(std::move(message), event_->start_mark); }

    Error failure() const {
        return Error{"YAML: " + message_,
                     mark_.index,
                     {},
                     static_cast<std::uint32_t>(mark_.line + 1),
                     static_cast<std::uint32_t>(mark_.column + 1)};
    }

    std::size_t offset_of(const yaml_mark_t& mark) const {
        return offsets_.empty() ? mark.index : offsets_[std::min(mark.index, offsets_.size() - 1)];
    }

    bool count(std::size_t nodes) {
        nodes_ += nodes;
        if (nodes_ <= options_.max_nodes) return true;
        return fail("more than " + std::to_string(options_.max_nodes) +
                    " nodes, counting what aliases repeat");
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
        if (found == anchors_.end())
            return fail("there is no anchor '&" + name + "' before this alias");
        if (!count(found->second.size)) return false;
        const Span span = node.span;
        node = found->second;
        node.span = span;
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

    struct Entry {
        Value key;
        Value value;
        Span key_span;
        Span value_span;
        bool merged = false;
    };

    bool read_mapping(Node& node, std::size_t depth) {
        std::vector<Entry> entries;
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
                continue;
            }
            const Value as_key =
                key.value.is_string() ? builder_.key(key.value.as_string()) : key.value;
            entries.push_back({as_key, item.value, key.span, item.span});
        }
        node.span.end = offset_of(event_->end_mark);
        return finish_mapping(node, entries);
    }

    // yaml.org/type/merge: the keys of one mapping, or of several, where the mapping has none
    // itself.
    bool merge(const Value& from, std::vector<Entry>& entries, const yaml_mark_t& mark) {
        const auto take = [&entries](const Value& mapping) {
            for (std::size_t i = 0; i < mapping.size(); ++i) {
                entries.push_back({mapping.keys()[i], mapping.values()[i], {}, {}, true});
            }
        };
        if (from.is_object()) {
            take(from);
            return true;
        }
        const bool all_mappings =
            from.is_array() && std::all_of(from.items().begin(), from.items().end(),
                                           [](const Value& item) { return item.is_object(); });
        if (!all_mappings) return fail_at("'<<' expects a mapping or a list of mappings", mark);
        for (const Value& item : from.items()) take(item);
        return true;
    }

    bool finish_mapping(Node& node, const std::vector<Entry>& entries) {
        // Own keys win over merged ones, earlier merged ones over later ones.
        std::vector<Entry> kept;
        const auto known = [&kept](const Value& key) {
            return std::find_if(kept.begin(), kept.end(),
                                [&key](const Entry& entry) { return entry.key == key; });
        };
        std::vector<Builder::Entry> pairs;
        const bool has_merged = std::any_of(entries.begin(), entries.end(),
                                            [](const Entry& entry) { return entry.merged; });
        if (has_merged) {
            for (const bool merged : {false, true}) {
                for (const Entry& entry : entries) {
                    if (entry.merged == merged && (!merged || known(entry.key) == kept.end())) {
                        kept.push_back(entry);
                    }
                }
            }
        } else {
            kept = entries;
        }
        for (const Entry& entry : kept) pairs.emplace_back(entry.key, entry.value);
        node.value = builder_.object(pairs);
        if (node.value.size() != pairs.size() &&
            options_.duplicate_keys == DuplicateKeys::kRefuse) {
            return fail("this mapping has the same key twice");
        }
        if (options_.spans == KeepSpans::kYes) {
            for (const Entry& entry : kept) {
                spans_->add(node.value.find(entry.key), entry.value_span, entry.key_span);
            }
        }
        return true;
    }

    bool read_scalar(Node& node) {
        const auto& scalar = event_->data.scalar;
        const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
        const std::string_view tag = text_of(scalar.tag);
        if (scalar.style != YAML_PLAIN_SCALAR_STYLE || tag == "!" || tag == YAML_STR_TAG) {
            node.value = builder_.string(text);
            return true;
        }
        node.value = resolve(text);
        return true;
    }

    // Section 10.3.2 (tag resolution of the core schema), and 1.1's additions.
    Value resolve(std::string_view text) {
        if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return builder_.null();
        if (is_one_of(text, {"true", "True", "TRUE"})) return builder_.boolean(true);
        if (is_one_of(text, {"false", "False", "FALSE"})) return builder_.boolean(false);
        if (options_.schema == YamlSchema::kYaml11) {
            if (is_one_of(text, {"yes", "Yes", "YES", "on", "On", "ON"})) {
                return builder_.boolean(true);
            }
            if (is_one_of(text, {"no", "No", "NO", "off", "Off", "OFF"})) {
                return builder_.boolean(false);
            }
        }
        if (const auto number = resolve_number(text)) return *number;
        return builder_.string(text);
    }

    std::optional<Value> resolve_number(std::string_view text) {
        std::string plain(text);
        if (plain.starts_with('+')) plain.erase(0, 1);
        const auto integer_in = [&](std::string_view digits, int base) -> std::optional<Value> {
            std::int64_t number = 0;
            const char* end = digits.data() + digits.size();
            const auto [stopped, code] = std::from_chars(digits.data(), end, number, base);
            if (digits.empty() || digits.front() == '-' || code != std::errc{} || stopped != end) {
                return std::nullopt;
            }
            return builder_.integer(number);
        };
        if (plain.starts_with("0x")) return integer_in(std::string_view(plain).substr(2), 16);
        if (plain.starts_with("0o")) return integer_in(std::string_view(plain).substr(2), 8);
        const bool negative = plain.starts_with('-');
        std::string digits = negative ? plain.substr(1) : plain;
        if (options_.schema == YamlSchema::kYaml11 && digits.size() > 1 && digits[0] == '0') {
            if (auto octal = integer_in(digits, 8)) return octal;
        }
        // The core schema takes 007, 1. and .5, which JSON does not.
        if (digits.empty() || digits.find_first_not_of("0123456789.eE+-") != std::string::npos) {
            return std::nullopt;
        }
        const std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.size() - 1);
        const bool before_digit = digits[zeros] >= '0' && digits[zeros] <= '9';
        if (zeros > 0) digits.erase(0, before_digit ? zeros : zeros - 1);
        if (digits.front() == '.') digits.insert(0, "0");
        const std::size_t point = digits.find('.');
        if (point != std::string::npos) {
            const std::size_t behind = point + 1;
            const bool bare =
                behind == digits.size() || digits[behind] == 'e' || digits[behind] == 'E';
            if (bare) digits.insert(behind, "0");
            if (bare && text == ".") return std::nullopt;
        }
        Result<Value> number = builder_.number(negative ? "-" + digits : digits);
        return number.ok() ? std::optional(number.value()) : std::nullopt;
    }

    Parser parser_;
    Event event_;
    Builder builder_;
    const YamlOptions& options_;
    std::vector<std::size_t> offsets_;  // of each character; empty: all are one byte
    value::SpanTable* spans_ = nullptr;
    std::map<std::string, Node> anchors_;
    std::size_t nodes_ = 0;
    std::string message_;
    yaml_mark_t mark_{};
};

}  // namespace

Result<std::vector<value::ValueDocument>> read_yaml(std::string_view bytes, Arena& arena,
                                                    Interner& interner,
                                                    const YamlOptions& options) {
    return Reader(bytes, arena, interner, options).read();
}

}  // namespace merlon::text
