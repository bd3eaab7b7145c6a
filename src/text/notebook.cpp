#include "text/notebook.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/arena.h"
#include "base/interner.h"
#include "text/json.h"
#include "text/utf8.h"
#include "value/value.h"

namespace merlon::text {
namespace {

using value::Value;

constexpr std::size_t kEscapeBytes = 6;  // "\u00e9"

// How many bytes of JSON at `at` stand for how many bytes of text.
struct Step {
    std::uint64_t source = 1;
    std::uint64_t text = 1;
};

std::uint32_t hex_unit(std::string_view digits) {
    std::uint32_t unit = 0;
    for (const char c : digits) {
        const bool is_digit = c >= '0' && c <= '9';
        const auto low = static_cast<std::uint32_t>(c | 0x20);
        unit = unit * 16 + (is_digit ? static_cast<std::uint32_t>(c - '0') : low - 'a' + 10);
    }
    return unit;
}

Step step_at(std::string_view source, std::uint64_t at) {
    if (source[at] != '\\' || at + 1 >= source.size()) return {};
    if (source[at + 1] != 'u' || source.size() - at < kEscapeBytes) return {2, 1};
    const std::uint32_t unit = hex_unit(source.substr(at + 2, 4));
    if (unit < 0x80) return {kEscapeBytes, 1};
    if (unit < 0x800) return {kEscapeBytes, 2};
    const bool is_pair = unit >= 0xD800 && unit < 0xDC00 &&
                         source.size() - at >= 2 * kEscapeBytes &&
                         source[at + kEscapeBytes] == '\\';
    return is_pair ? Step{2 * kEscapeBytes, 4} : Step{kEscapeBytes, 3};
}

class NotebookReader {
  public:
    NotebookReader(std::string_view json, const value::SpanTable& spans, const CancelToken& cancel)
        : json_(json), spans_(spans), cancel_(cancel) {}

    void read(const Value& root) {
        const Value* cells = root.find("cells");
        for (std::size_t i = 0; i < cells->size() && !cancel_.cancelled(); ++i) {
            read_cell(cells->items()[i], "cell " + std::to_string(i + 1));
        }
        for (std::size_t i = 0; i < root.size(); ++i) {
            const std::string_view key = root.keys()[i].as_string();
            if (key != "cells") add_rest(root.values()[i], std::string(key));
        }
    }

    ReadableText take() { return std::move(out_); }

  private:
    void read_cell(const Value& cell, const std::string& name) {
        if (!cell.is_object()) return add_rest(cell, name);
        for (std::size_t i = 0; i < cell.size(); ++i) {
            const std::string_view key = cell.keys()[i].as_string();
            const Value& part = cell.values()[i];
            if (key == "source") {
                add_lines(part, name);
            } else if (key == "outputs" && part.is_array()) {
                for (const Value& output : part.items()) read_output(output, name + ", output");
            } else {
                add_rest(part, name + ", " + std::string(key));
            }
        }
    }

    void read_output(const Value& output, const std::string& name) {
        if (!output.is_object()) return add_rest(output, name);
        for (std::size_t i = 0; i < output.size(); ++i) {
            const std::string_view key = output.keys()[i].as_string();
            const Value& part = output.values()[i];
            if (key == "data" && part.is_object()) {
                for (std::size_t k = 0; k < part.size(); ++k) {
                    const std::string_view media_type = part.keys()[k].as_string();
                    if (media_type.starts_with("image/")) continue;
                    part.values()[k].is_object() ? add_rest(part.values()[k], name)
                                                 : add_lines(part.values()[k], name);
                }
            } else if (key == "text" || key == "traceback") {
                add_lines(part, name);
            } else {
                add_rest(part, name + ", " + std::string(key));
            }
        }
    }

    // A multiline string: one string, or a list of them that are joined.
    void add_lines(const Value& text, const std::string& name) {
        std::size_t line = 1;
        bool begins = true;
        const auto add_string = [&](const Value& part) {
            const std::string_view content = part.as_string();
            const auto span = spans_.value_span(&part);
            std::uint64_t source = span ? span->begin + 1 : kNoSourceOffset;
            for (std::size_t at = 0; at < content.size();) {
                if (begins) begin_line(name + ", line " + std::to_string(line), source);
                const std::size_t end = std::min(content.find('\n', at), content.size());
                out_.text += content.substr(at, end - at);
                begins = end < content.size();
                if (begins) {
                    out_.text += '\n';
                    ++line;
                }
                const std::size_t next = std::min(end + 1, content.size());
                if (source != kNoSourceOffset) {
                    source = json_source_offset(json_, source, next - at);
                }
                at = next;
            }
        };
        if (text.is_string()) {
            add_string(text);
        } else if (text.is_array()) {
            for (const Value& part : text.items()) {
                part.is_string() ? add_string(part) : add_rest(part, name);
            }
        } else {
            add_rest(text, name);
        }
        if (!begins) out_.text += '\n';
    }

    // What is no text of a cell: each string a line, behind its key.
    void add_rest(const Value& part, const std::string& name) {
        if (part.is_string()) {
            const auto span = spans_.value_span(&part);
            const std::string_view content = part.as_string();
            if (content.find('\n') != std::string_view::npos) return add_lines(part, name);
            begin_line(name, span ? span->begin + 1 : kNoSourceOffset);
            out_.text += content;
            out_.text += '\n';
        } else if (part.is_array()) {
            for (const Value& item : part.items()) add_rest(item, name);
        } else if (part.is_object()) {
            for (std::size_t i = 0; i < part.size(); ++i) {
                const std::string_view key = part.keys()[i].as_string();
                if (!key.starts_with("image/")) add_entry(std::string(key), part.values()[i], name);
            }
        }
    }

    // "key": "value", so that rules which look for a name before a secret see it.
    void add_entry(const std::string& key, const Value& part, const std::string& name) {
        const auto key_span = spans_.key_span(&part);
        const auto value_span = spans_.value_span(&part);
        if (!part.is_string() || !key_span || !value_span) {
            return add_rest(part, name + ", " + key);
        }
        const std::string_view entry =
            json_.substr(key_span->begin, value_span->end - key_span->begin);
        // Over two lines, or a text of several lines: without its key.
        if (entry.find('\n') != std::string_view::npos ||
            part.as_string().find('\n') != std::string_view::npos) {
            return add_rest(part, name + ", " + key);
        }
        out_.lines.push_back({name + ", " + key, key_span->begin, false});
        out_.text += entry;
        out_.text += '\n';
    }

    void begin_line(std::string name, std::uint64_t source) {
        out_.lines.push_back({std::move(name), source, true});
    }

    std::string_view json_;
    const value::SpanTable& spans_;
    const CancelToken& cancel_;
    ReadableText out_;
};

}  // namespace

bool is_notebook(std::string_view path) { return path.ends_with(".ipynb"); }

std::optional<ReadableText> notebook_text(std::string_view json, const CancelToken& cancel) {
    Arena arena;
    Interner interner;
    JsonOptions options;
    options.spans = KeepSpans::kYes;
    options.cancel = &cancel;
    const auto document = read_json(json, arena, interner, options);
    if (!document.ok()) return std::nullopt;
    const Value& root = *document.value().root;
    if (!root.is_object()) return std::nullopt;
    const Value* cells = root.find("cells");
    if (cells == nullptr || !cells->is_array()) return std::nullopt;
    NotebookReader reader(json, document.value().spans, cancel);
    reader.read(root);
    return reader.take();
}

std::uint64_t json_source_offset(std::string_view source, std::uint64_t begin,
                                 std::uint64_t decoded_bytes) {
    std::uint64_t at = begin;
    for (std::uint64_t left = decoded_bytes; left > 0 && at < source.size();) {
        const Step step = step_at(source, at);
        if (step.text > left) break;
        left -= step.text;
        at += step.source;
    }
    return at;
}

}  // namespace merlon::text
