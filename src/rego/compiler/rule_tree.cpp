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

std::size_t RuleNode::longest_key() const {
    const std::size_t depth = path().size() + 1;
    std::size_t longest = 0;
    for (const PlacedRule& placed : all_rules()) {
        const syntax::Head& head = *placed.rule->head;
        longest = std::max(longest, head.reference.size() + (is_multi_value(head) ? 1 : 0) - depth);
    }
    return longest;
}

std::vector<const Term*> RuleNode::path() const {
    std::vector<const Term*> keys;
    for (const RuleNode* node = this; node->parent != nullptr; node = node->parent) {
        keys.push_back(node->key);
    }
    std::ranges::reverse(keys);
    return keys;
}

RuleNode* RuleNode::child(const Term& step) const {
    return is_scalar(step) ? child(step.constant) : nullptr;
}

RuleNode& RuleTree::make(Terms path) {
    RuleNode* node = &root_;
    for (const Term* step : path.subspan(1)) {
        if (!is_scalar(*step)) break;
        std::unique_ptr<RuleNode>& below = node->children[step->constant];
        if (below == nullptr) {
            below = std::make_unique<RuleNode>();
            below->parent = node;
            below->key = step;
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
        node = node->child(*step);
        if (node == nullptr) return nullptr;
    }
    return const_cast<RuleNode*>(node);
}

}  // namespace merlon::rego::compiler
