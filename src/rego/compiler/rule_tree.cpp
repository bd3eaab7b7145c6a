#include "rego/compiler/rule_tree.h"

#include <algorithm>

namespace merlon::rego::compiler {

std::vector<PlacedRule> RuleNode::all_rules() const {
    std::vector<PlacedRule> all = rules;
    for (const auto& [name, below] : children) {
        const std::vector<PlacedRule> more = below->all_rules();
        all.insert(all.end(), more.begin(), more.end());
    }
    return all;
}

std::vector<std::string_view> RuleNode::path() const {
    std::vector<std::string_view> names;
    for (const RuleNode* node = this; node->parent != nullptr; node = node->parent) {
        names.push_back(node->key);
    }
    std::ranges::reverse(names);
    return names;
}

RuleNode& RuleTree::make(Terms path) {
    RuleNode* node = &root_;
    for (const Term* step : path.subspan(1)) {
        if (step->kind != TermKind::kString) break;
        std::unique_ptr<RuleNode>& below = node->children[std::string(step->text)];
        if (below == nullptr) {
            below = std::make_unique<RuleNode>();
            below->parent = node;
            below->key = step->text;
        }
        node = below.get();
    }
    return *node;
}

void RuleTree::add_package(Terms path) { make(path).is_package = true; }

void RuleTree::add(syntax::Rule& rule, std::uint32_t file) {
    make(rule.head->reference).rules.push_back({&rule, file});
}

RuleNode* RuleTree::find(Terms path) const {
    const RuleNode* node = &root_;
    for (const Term* step : path.subspan(1)) {
        node = step->kind == TermKind::kString ? node->child(step->text) : nullptr;
        if (node == nullptr) return nullptr;
    }
    return const_cast<RuleNode*>(node);
}

}  // namespace merlon::rego::compiler
