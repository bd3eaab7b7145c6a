#include "text/pointer.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "text/json.h"
#include "text/yaml.h"
#include "value/value.h"

namespace merlon::text {
namespace {

using value::Value;

constexpr std::array<std::string_view, 5> kJson = {".json", ".tfstate", ".jsonc", ".webmanifest",
                                                   ".tfstate.backup"};
constexpr std::array<std::string_view, 2> kYaml = {".yaml", ".yml"};

template <std::size_t Count>
bool has_extension(std::string_view path, const std::array<std::string_view, Count>& extensions) {
    return std::any_of(extensions.begin(), extensions.end(),
                       [path](std::string_view extension) { return path.ends_with(extension); });
}

bool holds(const std::optional<value::Span>& span, std::uint64_t offset) {
    return span && span->begin <= offset && offset < span->end;
}

void append_token(std::string& pointer, std::string_view token) {
    pointer += '/';
    for (const char c : token) {
        if (c == '~') {
            pointer += "~0";
        } else if (c == '/') {
            pointer += "~1";
        } else {
            pointer += c;
        }
    }
}

std::string descend(const value::ValueDocument& document, std::uint64_t offset) {
    std::string pointer;
    const Value* at = document.root;
    for (bool deeper = true; deeper;) {
        deeper = false;
        const auto values = at->is_object()  ? at->values()
                            : at->is_array() ? at->items()
                                             : decltype(at->items()){};
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!holds(document.spans.value_span(&values[i]), offset) &&
                !holds(document.spans.key_span(&values[i]), offset)) {
                continue;
            }
            append_token(pointer, at->is_object() ? at->keys()[i].is_string()
                                                        ? at->keys()[i].as_string()
                                                        : std::string_view("?")
                                                  : std::string_view(std::to_string(i)));
            at = &values[i];
            deeper = true;
            break;
        }
    }
    return pointer;
}

}  // namespace

struct PointerIndex::Documents {
    Arena arena;
    Interner interner;
    std::vector<value::ValueDocument> all;
};

bool PointerIndex::fits(std::string_view path) {
    return has_extension(path, kJson) || has_extension(path, kYaml);
}

PointerIndex PointerIndex::read(std::string_view bytes, std::string_view path) {
    PointerIndex index;
    auto documents = std::make_shared<Documents>();
    if (has_extension(path, kJson)) {
        JsonOptions options;
        options.mode = JsonMode::kLenient;
        options.spans = KeepSpans::kYes;
        auto document = read_json(bytes, documents->arena, documents->interner, options);
        if (!document.ok()) return index;
        documents->all.push_back(std::move(document).value());
    } else {
        YamlOptions options;
        options.merge_keys = MergeKeys::kKeep;
        options.duplicate_keys = DuplicateKeys::kLastWins;
        options.spans = KeepSpans::kYes;
        auto read = read_yaml(bytes, documents->arena, documents->interner, options);
        if (!read.ok()) return index;
        documents->all = std::move(read).value();
    }
    index.documents_ = std::move(documents);
    return index;
}

std::optional<std::string> PointerIndex::at(std::uint64_t offset) const {
    if (documents_ == nullptr) return std::nullopt;
    const std::vector<value::ValueDocument>& all = documents_->all;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!holds(all[i].spans.value_span(all[i].root), offset)) continue;
        std::string pointer = descend(all[i], offset);
        if (all.size() == 1) return pointer;
        return "document " + std::to_string(i + 1) + ": " + pointer;
    }
    return std::nullopt;
}

}  // namespace merlon::text
