#include "rego/json_patch_words.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "rego/builtins.h"
#include "rego/json_patch.h"
#include "rego/number.h"
#include "rego/term.h"

namespace merlon::rego {
namespace {

using value::Value;

using EditPath = std::span<const Value>;

// Entries are looked for one after the other.
constexpr std::size_t kMaxOperations = 1'000;

bool has_parts(const Value& value) {
    return value.is_array() || value.is_object() || value.is_set();
}

std::string scalar_text(const Value& scalar) {
    std::string kind(kind_name(scalar));
    kind[0] = static_cast<char>(kind[0] - 'a' + 'A');
    return ", found value: " + term_text(scalar) + " (type: ast." + kind + ")";
}

Result<std::int64_t> edit_index(const Value& step, std::size_t size) {
    if (step.is_number()) {
        const auto integer = written_integer(step);
        if (!integer) return Error{"invalid number type for indexing"};
        return *integer;
    }
    if (!step.is_string()) return Error{"invalid type for indexing"};
    const std::string_view text = step.as_string();
    if (text == "-") return static_cast<std::int64_t>(size);
    const auto index = index_of_step(text);
    if (!index) return Error{"invalid string for indexing"};
    if (text != "0" && text.starts_with('0')) {
        return Error{"leading zeros are not allowed in JSON paths"};
    }
    return *index;
}

class EditNode {
  public:
    EditNode(value::Builder& values, std::optional<Value> base) : values_(values), base_(base) {
        restart();
    }

    Result<EditNode*> insert(const Value& key, const Value& value);
    Status remove(const Value& key);
    Result<EditNode*> unfold(EditPath path);
    // The whole of it is this from now on; nothing: it is removed.
    void become(std::optional<Value> base) {
        base_ = base;
        restart();
    }
    // Nothing where it was removed.
    std::optional<Value> render() const;

  private:
    struct Child {
        Value key;
        bool is_composite;
        std::unique_ptr<EditNode> node;  // null: removed
    };

    void restart() {
        children_.clear();
        cells_.clear();
        removed_.clear();
        if (!base_ || !base_->is_array()) return;
        cells_.resize(base_->size());
        removed_.resize(base_->size());
    }
    Child* child(const Value& key) {
        const auto found = std::ranges::find(children_, key, &Child::key);
        return found == children_.end() ? nullptr : &*found;
    }
    EditNode* put(const Value& key, const Value& value);
    Status remove_element(const Value& key);
    Status remove_entry(const Value& key);
    Result<EditNode*> unfold_element(EditPath path);
    Result<EditNode*> unfold_entry(EditPath path);
    Value rendered_array() const;

    value::Builder& values_;
    std::optional<Value> base_;
    std::vector<Child> children_;                   // of an object or a set
    std::vector<std::unique_ptr<EditNode>> cells_;  // of an array; null: the next of the base
    std::vector<bool> removed_;                     // of the base's elements
};

EditNode* EditNode::put(const Value& key, const Value& value) {
    auto node = std::make_unique<EditNode>(values_, value);
    Child* place = child(key);
    if (place == nullptr)
        place = &children_.emplace_back(Child{.key = key, .is_composite = false, .node = nullptr});
    place->is_composite = has_parts(value);
    place->node = std::move(node);
    return place->node.get();
}

Result<EditNode*> EditNode::insert(const Value& key, const Value& value) {
    if (!base_) return Error{"deleted node encountered during insert operation"};
    if (base_->is_object()) return put(key, value);
    if (base_->is_set()) {
        if (key != value) {
            return Error{"set key " + term_text(key) + " does not equal value to be inserted " +
                         term_text(value)};
        }
        if (has_parts(key)) become(render());
        return put(key, value);
    }
    if (!base_->is_array()) return Error{"expected composite type" + scalar_text(*base_)};
    const auto index = edit_index(key, cells_.size());
    if (!index.ok()) return index.error();
    if (index.value() < 0 || index.value() > std::ssize(cells_)) {
        return Error{"index for array insertion out of bounds"};
    }
    const auto place = cells_.begin() + static_cast<std::ptrdiff_t>(index.value());
    return cells_.insert(place, std::make_unique<EditNode>(values_, value))->get();
}

Status EditNode::remove_element(const Value& key) {
    const auto index = edit_index(key, cells_.size());
    if (!index.ok()) return index.error();
    if (index.value() < 0 || index.value() >= std::ssize(cells_)) {
        return Error{"index for array delete out of bounds"};
    }
    const auto place = cells_.begin() + static_cast<std::ptrdiff_t>(index.value());
    if (*place == nullptr) {
        // Which of the base's elements that are left it is.
        auto before = std::count(cells_.begin(), place, nullptr);
        for (std::size_t i = 0; i < removed_.size(); ++i) {
            if (removed_[i] || before-- > 0) continue;
            removed_[i] = true;
            break;
        }
    }
    cells_.erase(place);
    return {};
}

Status EditNode::remove_entry(const Value& key) {
    if (base_->is_set() && has_parts(key)) become(render());
    if (Child* const found = child(key); found != nullptr) {
        if (found->node == nullptr) {
            return Error{std::string("cannot delete the already deleted ") +
                         (found->is_composite ? "composite" : "scalar") + " node for key " +
                         term_text(key)};
        }
        found->node.reset();
        return {};
    }
    const Value* const value = element_of(*base_, key);
    if (value == nullptr) {
        return Error{"cannot delete child key " + term_text(key) + " that does not exist"};
    }
    children_.push_back({.key = key, .is_composite = has_parts(*value), .node = nullptr});
    return {};
}

Status EditNode::remove(const Value& key) {
    if (!base_) return Error{"deleted node encountered during delete operation"};
    if (base_->is_array()) return remove_element(key);
    if (base_->is_object() || base_->is_set()) return remove_entry(key);
    return Error{"expected composite type" + scalar_text(*base_)};
}

Result<EditNode*> EditNode::unfold_element(EditPath path) {
    const auto index = edit_index(path[0], cells_.size());
    if (!index.ok()) return index.error();
    const std::int64_t at = index.value();
    const auto place = static_cast<std::size_t>(at);
    if (at >= 0 && place < cells_.size() && cells_[place] != nullptr) {
        return cells_[place]->unfold(path.subspan(1));
    }
    // Of the base, as if nothing had been removed or put before it.
    const Value key = values_.integer(at);
    const Value* const found = element_of(*base_, key);
    if (found == nullptr) {
        return Error{"path " + std::to_string(at) + " does not exist in array term " +
                     term_text(*base_)};
    }
    const Value value = *found;
    if (const Status removed = remove_element(key); !removed.ok()) return removed.error();
    const auto made = insert(key, value);
    if (!made.ok()) return made.error();
    return made.value()->unfold(path.subspan(1));
}

Result<EditNode*> EditNode::unfold_entry(EditPath path) {
    const Value& key = path[0];
    if (base_->is_set() && has_parts(key)) become(render());
    if (const Child* const known = child(key); known != nullptr) {
        if (known->node != nullptr) return known->node->unfold(path.subspan(1));
        return Error{std::string("cannot unfold the already deleted ") +
                     (known->is_composite ? "composite" : "scalar") + " node for key " +
                     term_text(key)};
    }
    const Value* const found = element_of(*base_, key);
    if (found == nullptr) {
        // A path of one step, and no term.
        const bool is_bare = base_->is_set() && key.is_string();
        return Error{"path " + (is_bare ? std::string(key.as_string()) : term_text(key)) +
                     " does not exist in " + std::string(kind_name(*base_)) + " term " +
                     term_text(*base_)};
    }
    return put(key, *found)->unfold(path.subspan(1));
}

Result<EditNode*> EditNode::unfold(EditPath path) {
    if (path.empty()) return this;
    if (!base_) return Error{"nil value encountered where composite value was expected"};
    if (base_->is_array()) return unfold_element(path);
    if (base_->is_object() || base_->is_set()) return unfold_entry(path);
    return Error{"expected composite type for path " + term_text(path[0]) + scalar_text(*base_)};
}

Value EditNode::rendered_array() const {
    std::vector<Value> items;
    std::size_t next = 0;
    for (const std::unique_ptr<EditNode>& cell : cells_) {
        if (cell != nullptr) {
            if (const auto item = cell->render()) items.push_back(*item);
            continue;
        }
        while (next < removed_.size() && removed_[next]) ++next;
        if (next < removed_.size()) items.push_back(base_->items()[next++]);
    }
    return values_.array(items);
}

std::optional<Value> EditNode::render() const {
    if (!base_) return std::nullopt;
    if (base_->is_array()) return rendered_array();
    if (children_.empty()) return base_;
    const auto is_changed = [&](const Value& key) {
        return std::ranges::find(children_, key, &Child::key) != children_.end();
    };
    std::vector<value::Builder::Entry> entries;
    for (const Child& one : children_) {
        const auto made = one.node == nullptr ? std::nullopt : one.node->render();
        if (made) entries.emplace_back(one.key, *made);
    }
    const std::span<const Value> keys = base_->is_object() ? base_->keys() : base_->items();
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (is_changed(keys[i])) continue;
        entries.emplace_back(keys[i], base_->is_object() ? base_->values()[i] : keys[i]);
    }
    if (base_->is_object()) return values_.object(entries);
    std::vector<Value> elements;
    for (const auto& [key, value] : entries) elements.push_back(value);
    return values_.set(elements);
}

// One document while it is patched.
class EditedDocument {
  public:
    EditedDocument(Context& context, const Value& document)
        : context_(context), root_(context.builder, document) {}

    Status apply(const Value& operation);

  private:
    Status insert(EditPath path, const std::optional<Value>& value);
    Status remove(EditPath path);
    // Nothing where it was removed.
    Result<std::optional<Value>> at(EditPath path);

    Context& context_;
    EditNode root_;
};

Status EditedDocument::insert(EditPath path, const std::optional<Value>& value) {
    if (!value) return Error{"cannot insert nil value into EditTree"};
    if (path.empty()) {
        root_.become(value);
        return {};
    }
    const auto above = root_.unfold(path.first(path.size() - 1));
    if (!above.ok()) return above.error();
    const auto made = above.value()->insert(path.back(), *value);
    return made.ok() ? Status() : made.error();
}

Status EditedDocument::remove(EditPath path) {
    if (path.empty()) {
        if (!root_.render()) return Error{"deleted node encountered during delete operation"};
        root_.become(std::nullopt);
        return {};
    }
    const auto above = root_.unfold(path.first(path.size() - 1));
    if (!above.ok()) return above.error();
    return above.value()->remove(path.back());
}

Result<std::optional<Value>> EditedDocument::at(EditPath path) {
    const auto found = root_.unfold(path);
    if (!found.ok()) return found.error();
    return found.value()->render();
}

Status EditedDocument::apply(const Value& operation) {
    const Value* const written = operation.find("path");
    const Value* const name = operation.find("op");
    if (written == nullptr || name == nullptr || !name->is_string()) return {};
    const std::string_view op = name->as_string();
    std::vector<Value> path;
    if (!read_path(context_, *written, path)) return {};
    const Value* const value = operation.find("value");
    const auto given = value == nullptr ? std::nullopt : std::optional(*value);
    const Error no_value{"missing required attribute 'value'"};
    if (op == "add") return given ? insert(path, given) : no_value;
    if (op == "remove") return remove(path);
    if (op == "replace") {
        if (const Status removed = remove(path); !removed.ok()) return removed;
        return given ? insert(path, given) : no_value;
    }
    if (op == "test") {
        const auto found = at(path);
        if (!found.ok()) return found.error();
        if (!given) return no_value;
        if (found.value() && *found.value() == *given) return {};
        return Error{
            "value from EditTree != patch value.\n\nExpected: " + term_text(*given) +
            "\n\nFound: " + (found.value() ? term_text(*found.value()) : std::string("<nil>"))};
    }
    const Value* const from = operation.find("from");
    if (from == nullptr || (op != "move" && op != "copy")) return {};
    std::vector<Value> source;
    if (!read_path(context_, *from, source)) return {};
    const auto chunk = at(source);
    if (!chunk.ok()) return chunk.error();
    if (op == "move") {
        if (const Status removed = remove(source); !removed.ok()) return removed;
    }
    return insert(path, chunk.value());
}

}  // namespace

std::optional<std::string> words_of_failed_patch(Context& context, const Value& document,
                                                 std::span<const Value> operations) {
    if (operations.size() > kMaxOperations) return std::nullopt;
    EditedDocument patch(context, document);
    for (const Value& operation : operations) {
        if (const Status done = patch.apply(operation); !done.ok()) return done.error().message;
    }
    return std::nullopt;
}

}  // namespace merlon::rego
