#include "text/yaml_write.h"

#include "base/assert.h"
#include "text/json.h"

namespace merlon::text {

YamlWriter& YamlWriter::key(std::string_view name) {
    MERLON_ASSERT(!open_.empty() && open_.back().kind == Kind::kObject && !after_key_);
    start_child();
    out_ += name;
    out_ += ':';
    after_key_ = true;
    return *this;
}

YamlWriter& YamlWriter::string(std::string_view text) {
    before_scalar();
    append_json_string(out_, text, JsonEscapes::kMinimal);
    return *this;
}

YamlWriter& YamlWriter::integer(std::int64_t number) {
    before_scalar();
    out_ += std::to_string(number);
    return *this;
}

YamlWriter& YamlWriter::boolean(bool truth) {
    before_scalar();
    out_ += truth ? "true" : "false";
    return *this;
}

YamlWriter& YamlWriter::begin(Kind kind) {
    if (open_.empty()) {
        open_.push_back({.kind = kind, .indent = 0});
        return *this;
    }
    const bool in_array = open_.back().kind == Kind::kArray;
    if (in_array) start_child();
    // Section 8.2.1: behind "- " the first child stands on the same line.
    open_.push_back({.kind = kind, .indent = open_.back().indent + 2, .on_line = in_array});
    after_key_ = false;
    return *this;
}

YamlWriter& YamlWriter::end(std::string_view if_empty) {
    MERLON_ASSERT(!open_.empty() && !after_key_);
    const Open closed = open_.back();
    open_.pop_back();
    if (closed.empty) {
        if (!closed.on_line) out_ += ' ';
        out_ += if_empty;
    }
    if (open_.empty()) out_ += '\n';
    return *this;
}

void YamlWriter::start_child() {
    Open& parent = open_.back();
    if (!parent.empty || !parent.on_line) {
        out_ += '\n';
        out_.append(parent.indent, ' ');
    }
    parent.empty = false;
    if (parent.kind == Kind::kArray) out_ += "- ";
}

void YamlWriter::before_scalar() {
    MERLON_ASSERT(!open_.empty());
    if (after_key_) {
        out_ += ' ';
        after_key_ = false;
    } else {
        MERLON_ASSERT(open_.back().kind == Kind::kArray);
        start_child();
    }
}

}  // namespace merlon::text
