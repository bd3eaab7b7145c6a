#include "exchange/cpe_configurations.h"

#include <array>
#include <utility>

namespace merlon::exchange {
namespace {

using value::Value;

constexpr std::array<std::pair<std::string_view, std::string CpeMatch::*>, 4> kBounds{{
    {"versionStartIncluding", &CpeMatch::start_including},
    {"versionStartExcluding", &CpeMatch::start_excluding},
    {"versionEndIncluding", &CpeMatch::end_including},
    {"versionEndExcluding", &CpeMatch::end_excluding},
}};

bool flag(const Value& object, std::string_view key, FieldReader& fields) {
    const Value* const found = object.find(key);
    if (found == nullptr || found->is_null()) return false;
    if (!found->is_boolean()) {
        fields.fail("'" + std::string(key) + "' is neither true nor false", found);
        return false;
    }
    return found->as_boolean();
}

CpeOperator operator_of(const Value& object, FieldReader& fields) {
    const std::string text = fields.text(object, "operator");
    if (text != "AND" && text != "OR" && !text.empty()) {
        fields.fail("an operator that is neither AND nor OR", &object);
    }
    return text == "AND" ? CpeOperator::kAnd : CpeOperator::kOr;
}

CpeNode read_node(const Value& object, FieldReader& fields) {
    CpeNode node;
    node.operation = operator_of(object, fields);
    node.is_negated = flag(object, "negate", fields);
    for (const Value& item : fields.items(object, "cpeMatch")) {
        if (!fields.is_object(item)) continue;
        CpeMatch& match = node.matches.emplace_back();
        match.is_vulnerable = flag(item, "vulnerable", fields);
        match.criteria = fields.required_text(item, "criteria");
        for (const auto& [key, bound] : kBounds) match.*bound = fields.text(item, key);
    }
    return node;
}

void write_operation(text::JsonWriter& json, CpeOperator operation, bool is_negated) {
    if (operation == CpeOperator::kAnd) json.member("operator", "AND");
    if (is_negated) json.key("negate").boolean(true);
}

void write_node(text::JsonWriter& json, const CpeNode& node) {
    json.begin_object();
    write_operation(json, node.operation, node.is_negated);
    json.key("cpeMatch").begin_array();
    for (const CpeMatch& match : node.matches) {
        json.begin_object();
        if (match.is_vulnerable) json.key("vulnerable").boolean(true);
        json.member("criteria", match.criteria);
        for (const auto& [key, bound] : kBounds) {
            if (!(match.*bound).empty()) json.member(key, match.*bound);
        }
        json.end_object();
    }
    json.end_array().end_object();
}

}  // namespace

std::vector<CpeConfiguration> read_cpe_configurations(const Value& parent, std::string_view key,
                                                      FieldReader& fields) {
    std::vector<CpeConfiguration> all;
    for (const Value& item : fields.items(parent, key)) {
        if (!fields.is_object(item)) continue;
        CpeConfiguration& configuration = all.emplace_back();
        configuration.operation = operator_of(item, fields);
        configuration.is_negated = flag(item, "negate", fields);
        for (const Value& node : fields.items(item, "nodes")) {
            if (fields.is_object(node)) configuration.nodes.push_back(read_node(node, fields));
        }
    }
    return all;
}

void write_cpe_configurations(text::JsonWriter& json, std::string_view key,
                              const std::vector<CpeConfiguration>& configurations) {
    if (configurations.empty()) return;
    json.key(key).begin_array();
    for (const CpeConfiguration& configuration : configurations) {
        json.begin_object();
        write_operation(json, configuration.operation, configuration.is_negated);
        json.key("nodes").begin_array();
        for (const CpeNode& node : configuration.nodes) write_node(json, node);
        json.end_array().end_object();
    }
    json.end_array();
}

}  // namespace merlon::exchange
