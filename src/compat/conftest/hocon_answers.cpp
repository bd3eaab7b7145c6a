#include "compat/conftest/hocon_answers.h"

#include <algorithm>
#include <utility>

#include "compat/conftest/parsers.h"

namespace merlon::compat::conftest {

HoconObject* HoconAnswers::object_of(HoconNode* node) {
    const Depth depth(*this);
    if (node == nullptr || node->parts.empty() || !depth.holds()) return nullptr;
    HoconPart& part = node->parts[0];
    if (part.kind == HoconPart::Kind::kObject) return part.object;
    if (part.kind != HoconPart::Kind::kReference) return nullptr;
    if (HoconNode* const other = instead_of(*node, part)) return object_of(other);
    if (!follows(*part.reference)) return nullptr;
    return object_of(part.reference->target);
}

bool HoconAnswers::is_text(const HoconNode& node) {
    const Depth depth(*this);
    if (node.parts.empty() || !depth.holds()) return false;
    return std::ranges::all_of(node.parts, [&](const HoconPart& part) {
        if (part.kind != HoconPart::Kind::kReference) {
            return part.kind == HoconPart::Kind::kText;
        }
        if (const HoconNode* const other = instead_of(node, part)) return is_text(*other);
        return follows(*part.reference) && is_text(*part.reference->target);
    });
}

std::string HoconAnswers::text_of(const HoconNode& node) {
    const Depth depth(*this);
    std::string joined;
    if (!depth.holds() || !is_text(node)) return joined;
    for (const HoconPart& part : node.parts) {
        if (part.kind == HoconPart::Kind::kText) {
            joined += part.text;
        } else if (const HoconNode* const other = instead_of(node, part)) {
            joined += text_of(*other);
        } else if (part.reference->target != nullptr) {
            joined += text_of(*part.reference->target);
        }
        if (joined.size() > kMaxBytes) return fail("a value is too long");
    }
    if (joined == "null") return {};
    return std::string(trim_go(joined));
}

std::vector<HoconNode*> HoconAnswers::items_of(const HoconNode& node) {
    const Depth depth(*this);
    std::vector<HoconNode*> items;
    if (!depth.holds()) return items;
    const auto add = [&](const HoconNode& other) {
        const std::vector<HoconNode*> more = items_of(other);
        items.insert(items.end(), more.begin(), more.end());
    };
    for (const HoconPart& part : node.parts) {
        if (part.kind == HoconPart::Kind::kArray) {
            items.insert(items.end(), part.items.begin(), part.items.end());
        } else if (part.kind == HoconPart::Kind::kReference) {
            if (const HoconNode* const other = instead_of(node, part)) {
                add(*other);
            } else if (follows(*part.reference)) {
                add(*part.reference->target);
            }
        }
        if (items.size() > kMaxBytes) fail("a list is too long");
    }
    return items;
}

std::string HoconAnswers::printed(HoconNode& node, std::size_t indent) {
    const Depth depth(*this);
    if (!depth.holds()) return {};
    if (is_text(node)) return quoted(text_of(node));
    std::string out;
    if (const HoconObject* const object = object_of(&node)) {
        out = "{\r\n";
        for (const std::string& key : object->keys) {
            out.append((indent + 1) * 2, ' ');
            out += has_space(key) ? "\"" + key + "\"" : key;
            out += " : " + printed(*object->members.find(key)->second, indent + 1) + "\r\n";
            if (out.size() > kMaxBytes) return fail("a value is too long");
        }
        return out.append(indent * 2, ' ') + "}";
    }
    const std::vector<HoconNode*> items = items_of(node);
    if (items.empty()) return "<<unknown value>>";
    for (HoconNode* const item : items) {
        out += (out.empty() ? "[" : ",") + printed(*item, indent + 1);
        if (out.size() > kMaxBytes) return fail("a value is too long");
    }
    return out + "]";
}

std::string HoconAnswers::fail(std::string reason) {
    if (failure_.empty()) failure_ = std::move(reason);
    return {};
}

bool HoconAnswers::has_space(std::string_view text) {
    return text.find_first_of(" \t") != std::string_view::npos;
}

std::string HoconAnswers::quoted(const std::string& text) {
    return text.empty() || has_space(text) ? "\"" + text + "\"" : text;
}

HoconNode* HoconAnswers::instead_of(const HoconNode& node, const HoconPart& part) {
    HoconNode* const target = part.reference->target;
    return target != nullptr ? target->before : node.before;
}

bool HoconAnswers::follows(const HoconReference& reference) {
    std::vector<const HoconNode*> seen;
    for (const HoconNode* node = reference.target; node != nullptr;) {
        if (std::ranges::find(seen, node) != seen.end() || !budget_.spend()) {
            fail("cycle reference in path of " + reference.path);
            return false;
        }
        seen.push_back(node);
        const auto next = std::ranges::find_if(node->parts, [](const HoconPart& part) {
            return part.kind == HoconPart::Kind::kReference && part.reference->target != nullptr;
        });
        node = next == node->parts.end() ? nullptr : next->reference->target;
    }
    return reference.target != nullptr;
}

}  // namespace merlon::compat::conftest
