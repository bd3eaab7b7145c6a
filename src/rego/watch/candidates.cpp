#include "rego/watch/candidates.h"

#include <algorithm>

namespace merlon::rego::watch {

using value::Value;

namespace {

// Complete documents and functions that all give one constant. `others`: what rules that are none
// of these make of it.
enum class Others : std::uint8_t { kDisagree, kLeftOut };
bool agree(std::span<const RuleSteps* const> rules, Others others = Others::kDisagree) {
    const Value* constant = nullptr;
    for (const RuleSteps* rule : rules) {
        if (!rule->is_complete) {
            if (others == Others::kDisagree) return false;
            continue;
        }
        if (rule->value == nullptr) continue;
        if (rule->value->kind != NodeKind::kValue) return false;
        if (constant != nullptr && !(*constant == rule->value->value)) return false;
        constant = &rule->value->value;
    }
    return true;
}

bool is_scalar(const Value& value) {
    return !value.is_array() && !value.is_object() && !value.is_set();
}

std::span<const Value> elements(const Value& value) {
    if (value.is_object()) return value.values();
    return value.is_array() || value.is_set() ? value.items() : std::span<const Value>();
}

std::vector<std::string> split(std::string_view text, std::string_view delimiters) {
    std::vector<std::string> parts(1);
    bool is_escaped = false;
    for (const char c : text) {
        if (c == '\\' || is_escaped) {
            is_escaped = !is_escaped;
        } else if (delimiters.find(c) != std::string_view::npos) {
            parts.emplace_back();
            continue;
        }
        parts.back() += c;
    }
    return parts;
}

// Whether only `*` for a whole part is special in it.
bool is_plain_glob_part(std::string_view part) {
    bool is_escaped = false;
    for (const char c : part) {
        if (c == '\\') {
            is_escaped = !is_escaped;
            continue;
        }
        if (!is_escaped && std::string_view("[?{*").find(c) != std::string_view::npos) return false;
        is_escaped = false;
    }
    return true;
}

}  // namespace

std::size_t longest_path(const Candidates& candidates, std::size_t most) {
    std::size_t longest = 0;
    for (const auto& chain : candidates.chains) {
        const RuleSteps& rule = *chain.front();
        longest = std::max(longest, rule.reference.size() + (rule.is_multi_value ? 1 : 0));
    }
    return std::min(longest, most);
}

// What one body says, expression by expression.
struct CandidateFinder::Reading {
    const RuleSteps& rule;
    const compiler::RuleTree& tree;
    Ruled& ruled;
    std::map<std::string_view, const Node*> constants;

    bool is_virtual(std::span<const Value> path) const {
        const compiler::RuleNode* node = &tree.root();
        for (const Value& step : path) {
            node = node->child(step);
            if (node == nullptr) return false;
            if (!node->rules.empty()) return true;
        }
        return true;
    }

    std::optional<KnownReference> of_variable(std::string_view name) const {
        for (const Constraint& one : ruled.constraints) {
            if (one.kind == Kind::kAnything && one.variable == name) return one.reference;
        }
        for (std::size_t i = 0; i < rule.arguments.size(); ++i) {
            const Node& argument = *rule.arguments[i];
            if (argument.kind == NodeKind::kVariable && argument.name == name) {
                return KnownReference{.root = Root::kArgument, .argument = i};
            }
        }
        return std::nullopt;
    }

    const Node& constant_or_same(const Node& node) const {
        if (node.kind != NodeKind::kVariable) return node;
        const auto found = constants.find(node.name);
        return found == constants.end() ? node : *found->second;
    }

    // `count` parts of it, where they are known and no rule stands on the way.
    std::optional<KnownReference> of_reference(const Node& node, std::size_t count) const {
        const Node& head = *node.parts[0];
        KnownReference made;
        if (head.name == "input" || head.name == "data") {
            made.root = head.name == "data" ? Root::kData : Root::kInput;
        } else {
            const auto known =
                head.kind == NodeKind::kVariable ? of_variable(head.name) : std::nullopt;
            if (!known || known->root == Root::kArgument) return std::nullopt;
            made = *known;
        }
        for (const Node* part : node.parts.first(count).subspan(1)) {
            const Node& step = constant_or_same(*part);
            if (step.kind != NodeKind::kValue || !is_scalar(step.value)) return std::nullopt;
            made.path.push_back(step.value);
        }
        if (made.root == Root::kData && is_virtual(made.path)) return std::nullopt;
        return made;
    }
    std::optional<KnownReference> of_node(const Node& node) const {
        if (node.kind == NodeKind::kVariable) return of_variable(node.name);
        if (node.kind != NodeKind::kReference) return std::nullopt;
        return of_reference(node, node.parts.size());
    }

    // What the index can look for: scalars, variables, and arrays of nothing deeper.
    static bool can_be_looked_for(const Node& node) {
        if (node.kind == NodeKind::kVariable) return true;
        if (node.kind == NodeKind::kArray) {
            return std::ranges::all_of(node.parts, [](const Node* part) {
                return part->kind == NodeKind::kVariable ||
                       (part->kind == NodeKind::kValue && is_scalar(part->value));
            });
        }
        return node.kind == NodeKind::kValue &&
               (is_scalar(node.value) ||
                (node.value.is_array() && std::ranges::all_of(node.value.items(), is_scalar)));
    }

    void insert(Constraint constraint) {
        const bool is_anything = constraint.kind == Kind::kAnything;
        for (Constraint& other : ruled.constraints) {
            if (!(other.reference == constraint.reference)) continue;
            if (is_anything && other.kind == Kind::kAnything &&
                other.variable == constraint.variable) {
                return;
            }
            const bool is_affix =
                constraint.kind == Kind::kPrefix || constraint.kind == Kind::kSuffix;
            if (!is_anything && !is_affix && other.kind == Kind::kAnything) {
                other = std::move(constraint);
                return;
            }
        }
        ruled.constraints.push_back(std::move(constraint));
    }

    void insert(const KnownReference& reference, const Node& node) {
        switch (node.kind) {
            case NodeKind::kVariable:
                return insert({.reference = reference, .variable = node.name});
            case NodeKind::kArray:
                return insert({.reference = reference, .kind = Kind::kShape, .shape = node.parts});
            default:
                insert({.reference = reference, .kind = Kind::kEqual, .value = node.value});
        }
    }

    bool side(const Node& left, const Node& right) {
        if (left.kind == NodeKind::kVariable) {
            const Node& value = constant_or_same(right);
            if (value.kind == NodeKind::kValue) constants[left.name] = &value;
            if (!can_be_looked_for(right)) return false;
            const auto reference = of_variable(left.name);
            if (!reference) return false;
            insert(*reference, right);
            return true;
        }
        if (left.kind != NodeKind::kReference) return false;
        const auto reference = of_reference(left, left.parts.size());
        if (!reference) return false;
        const Node& value = constant_or_same(right);
        if (right.kind != NodeKind::kVariable && !can_be_looked_for(right)) return false;
        insert(*reference, value);
        return true;
    }

    // input.xs[_] == "a": an element of the collection.
    bool element(const Node& left, const Node& right) {
        if (left.kind != NodeKind::kReference) return false;
        const std::size_t size = left.parts.size();
        if (size < 2) return false;
        const Node& last = constant_or_same(*left.parts[size - 1]);
        if (last.kind != NodeKind::kVariable) return false;
        const auto collection = of_reference(left, size - 1);
        const Node& value = constant_or_same(right);
        const bool is_known = value.kind == NodeKind::kValue && is_scalar(value.value);
        if (!collection || !is_known) return false;
        insert({.reference = *collection, .kind = Kind::kMember, .value = value.value});
        return true;
    }

    void equality(const Node& left, const Node& right) {
        if (element(left, right) || element(right, left)) return;
        if (!side(left, right)) side(right, left);
    }

    void naked(const Node& node) {
        if (node.kind != NodeKind::kReference) return;
        const std::size_t size = node.parts.size();
        const Node& last = *node.parts[size - 1];
        if (size >= 2 && node.parts[0]->name == "data" && last.kind != NodeKind::kValue) {
            const auto key = of_node(last);
            const auto collection = of_reference(node, size - 1);
            if (key && collection) {
                ruled.memberships.push_back({*key, *collection});
                return;
            }
        }
        const auto reference = of_reference(node, size);
        if (reference) insert({.reference = *reference, .variable = "$any"});
    }

    void member(const Node& element, const Node& collection) {
        const auto reference =
            element.kind == NodeKind::kVariable ? of_variable(element.name) : std::nullopt;
        if (reference) {
            const Node& known = constant_or_same(collection);
            if (known.kind != NodeKind::kValue) return;
            for (const Value& one : elements(known.value)) {
                insert({.reference = *reference, .kind = Kind::kEqual, .value = one});
            }
            return;
        }
        const Node& value = constant_or_same(element);
        const auto place = of_node(collection);
        if (!place || place->root == Root::kArgument) return;
        if (value.kind == NodeKind::kVariable) {
            insert(*place, value);
        } else if (value.kind == NodeKind::kValue && is_scalar(value.value)) {
            insert({.reference = *place, .kind = Kind::kMember, .value = value.value});
        }
    }

    void affix(const Node& text, const Node& bases, Kind kind) {
        const auto reference = of_node(text);
        const Node& known = constant_or_same(bases);
        // As OPA, which looks for beginnings and ends in documents and in no argument.
        if (!reference || reference->root == Root::kArgument) return;
        if (known.kind != NodeKind::kValue) return;
        if (known.value.is_string()) {
            return insert({.reference = *reference, .kind = kind, .value = known.value});
        }
        for (const Value& base : elements(known.value)) {
            if (!base.is_string()) return;
        }
        for (const Value& base : elements(known.value)) {
            insert({.reference = *reference, .kind = kind, .value = base});
        }
    }

    void glob(const Node& pattern, const Node& delimiters, const Node& text) {
        if (pattern.kind != NodeKind::kValue || !pattern.value.is_string()) return;
        if (delimiters.kind != NodeKind::kValue || !delimiters.value.is_array()) return;
        if (text.kind != NodeKind::kVariable) return;
        const auto reference = of_variable(text.name);
        if (!reference) return;
        std::string joined;
        for (const Value& one : delimiters.value.items()) {
            if (!one.is_string()) return;
            joined += one.as_string();
        }
        if (joined.empty()) joined = ".";
        Constraint made{.reference = *reference, .kind = Kind::kGlob, .delimiters = joined};
        made.glob = split(pattern.value.as_string(), joined);
        for (const std::string& part : made.glob) {
            if (part != "*" && !is_plain_glob_part(part)) return;
        }
        insert(std::move(made));
    }

    void read(const Step& step) {
        if (step.is_negated || !step.with.empty()) return;
        const Nodes terms = step.terms;
        if (step.kind == StepKind::kTerm) return naked(*terms[0]);
        if (step.kind == StepKind::kEquality) return equality(*terms[0], *terms[1]);
        if (step.kind != StepKind::kCall || step.callee == nullptr) return;
        const std::string& name = step.callee->name;
        if (name == "glob.match" && terms.size() == 3) return glob(*terms[0], *terms[1], *terms[2]);
        if (terms.size() != 2) return;
        if (name == "internal.member_2") member(*terms[0], *terms[1]);
        if (name == "startswith") affix(*terms[0], *terms[1], Kind::kPrefix);
        if (name == "endswith") affix(*terms[0], *terms[1], Kind::kSuffix);
        if (name == "strings.any_prefix_match") affix(*terms[0], *terms[1], Kind::kPrefix);
        if (name == "strings.any_suffix_match") affix(*terms[0], *terms[1], Kind::kSuffix);
    }

    // Of a text's beginnings and ends OPA looks for those of one kind: whose shortest is longer.
    void keep_one_kind_of_affix() {
        std::vector<Constraint>& all = ruled.constraints;
        std::vector<KnownReference> texts;
        for (const Constraint& one : all) {
            if (one.kind != Kind::kSuffix) continue;
            if (std::ranges::find(texts, one.reference) == texts.end()) {
                texts.push_back(one.reference);
            }
        }
        for (const KnownReference& text : texts) {
            const auto shortest = [&](Kind kind) {
                std::optional<std::size_t> size;
                for (const Constraint& one : all) {
                    if (one.kind != kind || !(one.reference == text)) continue;
                    const std::size_t own = one.value.as_string().size();
                    size = std::min(size.value_or(own), own);
                }
                return size;
            };
            const auto prefix = shortest(Kind::kPrefix);
            if (!prefix) continue;
            const Kind dropped = *shortest(Kind::kSuffix) > *prefix ? Kind::kPrefix : Kind::kSuffix;
            std::erase_if(all, [&](const Constraint& one) {
                return one.kind == dropped && one.reference == text;
            });
        }
    }
};

namespace {

// What prints or names a case is looked at, whatever the input.
bool has_effects(const Block& block) {
    return std::ranges::any_of(block.steps, [](const Step& step) {
        if (step.kind == StepKind::kCall && step.callee != nullptr) {
            return step.callee->name == "internal.print" ||
                   step.callee->name == "internal.test_case";
        }
        return (step.left != nullptr && has_effects(*step.left)) ||
               (step.right != nullptr && has_effects(*step.right));
    });
}

}  // namespace

CandidateFinder::CandidateFinder(const RuleSet& rules, const compiler::RuleTree& tree)
    : rules_(rules), ruled_(rules.rules.size()) {
    for (std::size_t i = 0; i < rules.rules.size(); ++i) {
        const RuleSteps& rule = *rules.rules[i];
        if (has_effects(*rule.body)) continue;
        Reading reading{rule, tree, ruled_[i], {}};
        for (const Step& step : rule.body->steps) reading.read(step);
        reading.keep_one_kind_of_affix();
    }
    may_end_early_ = agree(rules.rules);
}

bool CandidateFinder::fits(const Constraint& constraint, const Value& value) {
    switch (constraint.kind) {
        case Kind::kAnything:
            return true;
        case Kind::kEqual:
            return constraint.value == value || constraint.value.is_object() ||
                   constraint.value.is_set();
        case Kind::kShape: {
            if (!value.is_array() || value.size() != constraint.shape.size()) return false;
            for (std::size_t i = 0; i < value.size(); ++i) {
                const Node& part = *constraint.shape[i];
                if (part.kind == NodeKind::kValue && !(part.value == value.items()[i]))
                    return false;
            }
            return true;
        }
        case Kind::kPrefix:
        case Kind::kSuffix: {
            const auto has_affix = [&constraint](const Value& text) {
                if (!text.is_string()) return false;
                const std::string_view base = constraint.value.as_string();
                return constraint.kind == Kind::kPrefix ? text.as_string().starts_with(base)
                                                        : text.as_string().ends_with(base);
            };
            return has_affix(value) || std::ranges::any_of(elements(value), has_affix);
        }
        case Kind::kMember:
            return std::ranges::find(elements(value), constraint.value) != elements(value).end();
        case Kind::kGlob: {
            if (!value.is_string()) return false;
            const std::vector<std::string> parts = split(value.as_string(), constraint.delimiters);
            return std::ranges::equal(parts, constraint.glob,
                                      [](const std::string& part, const std::string& wanted) {
                                          return wanted == "*" || part == wanted;
                                      });
        }
    }
    return true;
}

// Of the constraints of one reference, one is enough; those that say nothing count where there is
// no other.
bool CandidateFinder::fits_all(const Ruled& ruled, const Resolve& resolve) {
    for (std::size_t i = 0; i < ruled.constraints.size(); ++i) {
        const KnownReference& reference = ruled.constraints[i].reference;
        const auto is_same = [&reference](const Constraint& one) {
            return one.reference == reference;
        };
        const auto first = std::ranges::find_if(ruled.constraints, is_same);
        if (first != ruled.constraints.begin() + static_cast<std::ptrdiff_t>(i)) continue;
        const auto value = resolve(reference);
        if (!value) return false;
        if (value->kind() == value::Kind::kUnknown) continue;
        bool has_any = false;
        bool has_fit = false;
        for (const Constraint& one : ruled.constraints) {
            if (!is_same(one) || one.kind == Kind::kAnything) continue;
            has_any = true;
            has_fit = has_fit || fits(one, *value);
        }
        if (has_any && !has_fit) return false;
    }
    return true;
}

bool CandidateFinder::is_member(const Membership& membership, const Resolve& resolve) {
    const auto key = resolve(membership.key);
    const auto collection = resolve(membership.collection);
    if (!key || !collection) return false;
    if (key->kind() == value::Kind::kUnknown || collection->kind() == value::Kind::kUnknown) {
        return true;
    }
    if (collection->is_object() || collection->is_set()) {
        return element_of(*collection, *key) != nullptr;
    }
    return true;
}

Candidates CandidateFinder::find(const Resolve& resolve, Indexing indexing, Asked asked) const {
    Candidates found;
    found.fallback = rules_.fallback;
    std::uint32_t group = 0;
    std::vector<const RuleSteps*> all;
    for (std::size_t i = 0; i < rules_.rules.size(); ++i) {
        const RuleSteps* const rule = rules_.rules[i];
        if (indexing == Indexing::kOn) {
            if (!fits_all(ruled_[i], resolve)) continue;
            // Where the first that holds decides, asking costs what it would save.
            const auto is_in = [&resolve](const Membership& one) {
                return is_member(one, resolve);
            };
            const bool is_worth_it = !may_end_early_ || asked == Asked::kAll;
            if (is_worth_it && !std::ranges::all_of(ruled_[i].memberships, is_in)) continue;
        }
        if (rule->group != group) found.chains.emplace_back();
        group = rule->group;
        found.chains.back().push_back(rule);
        all.push_back(rule);
    }
    // Without the index OPA does not look at rules that are parts of something.
    found.ends_early =
        agree(all, indexing == Indexing::kOff ? Others::kLeftOut : Others::kDisagree);
    return found;
}

}  // namespace merlon::rego::watch
