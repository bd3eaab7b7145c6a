#include "exchange/csaf_products.h"

#include <set>
#include <utility>
#include <vector>

#include "exchange/purl_version.h"

namespace merlon::exchange {
namespace {

using value::Value;

// What the branches above a product say of its version (section 3.1.2.1, category).
struct CsafVersion {
    std::string version, range;
};

// A full product name (section 3.1.3).
void read_full_name(const Value& name, const CsafVersion& of, FieldReader& fields,
                    CsafProducts& products) {
    const std::string id = fields.required_text(name, "product_id");
    VexProduct product;
    product.id = fields.text(name, "name");
    if (const Value* helper = fields.object(name, "product_identification_helper")) {
        if (std::string purl = fields.text(*helper, "purl"); !purl.empty()) {
            // Helpers name the package; which version is meant, the branches say.
            if (!has_version(purl)) product.range = of.range;
            purl = with_version(std::move(purl), of.version);
            product.id = purl;
            product.identifiers.push_back(std::move(purl));
        }
        if (std::string cpe = fields.text(*helper, "cpe"); !cpe.empty()) {
            product.identifiers.push_back(std::move(cpe));
        }
    }
    products[id] = std::move(product);
}

// Section 3.1.2. The depth is that of the text, which its reader bounds.
void read_branches(const Value& parent, const CsafVersion& above, FieldReader& fields,
                   CsafProducts& products) {
    for (const Value& branch : fields.items(parent, "branches")) {
        if (!fields.is_object(branch)) continue;
        CsafVersion here = above;
        const std::string category = fields.text(branch, "category");
        if (category == "product_version") here = {fields.text(branch, "name"), {}};
        if (category == "product_version_range") here = {{}, fields.text(branch, "name")};
        if (const Value* name = fields.object(branch, "product")) {
            read_full_name(*name, here, fields, products);
        }
        read_branches(branch, here, fields, products);
    }
}

// Section 3.2.2.4: "openssl as a component of RHEL 9" is a product of its own.
void read_relationship(const Value& item, FieldReader& fields, CsafProducts& products) {
    const Value* const name = fields.object(item, "full_product_name");
    if (name == nullptr) return;
    const std::string part = fields.text(item, "product_reference");
    const std::string whole = fields.text(item, "relates_to_product_reference");
    read_full_name(*name, {}, fields, products);
    VexProduct& product = products[fields.text(*name, "product_id")];
    const auto of_whole = products.find(whole);
    const auto of_part = products.find(part);
    if (of_whole == products.end() || of_part == products.end()) {
        const std::string& missing = of_whole == products.end() ? whole : part;
        fields.fail("a relationship names the product '" + missing +
                        "', which the product_tree does not have",
                    &item);
        return;
    }
    product.id = of_whole->second.id;
    product.identifiers = of_whole->second.identifiers;
    // What is itself a part of something: the innermost is meant.
    product.components = of_part->second.components.empty() ? of_part->second.identifiers
                                                            : of_part->second.components;
    if (product.components.empty()) product.components.push_back(of_part->second.id);
    product.range = of_part->second.range;
}

// The id of the product that a relationship makes.
std::string made_by(const Value& item, FieldReader& fields) {
    const Value* const name = fields.object(item, "full_product_name");
    return name == nullptr ? std::string() : fields.text(*name, "product_id");
}

// One may be of a product that another one makes, wherever that stands.
void read_relationships(const Value& tree, FieldReader& fields, CsafProducts& products) {
    std::vector<const Value*> left;
    std::set<std::string, std::less<>> to_come;
    for (const Value& item : fields.items(tree, "relationships")) {
        if (!fields.is_object(item)) continue;
        left.push_back(&item);
        to_come.insert(made_by(item, fields));
    }
    while (!left.empty()) {
        std::vector<const Value*> later;
        for (const Value* item : left) {
            const bool waits = to_come.contains(fields.text(*item, "product_reference")) ||
                               to_come.contains(fields.text(*item, "relates_to_product_reference"));
            if (waits)
                later.push_back(item);
            else
                read_relationship(*item, fields, products);
        }
        if (later.size() == left.size()) {
            fields.fail("relationships of products go round in a circle", left.front());
            return;
        }
        to_come.clear();
        for (const Value* item : later) to_come.insert(made_by(*item, fields));
        left = std::move(later);
    }
}

}  // namespace

CsafProducts read_csaf_products(const Value& root, FieldReader& fields) {
    CsafProducts products;
    const Value* const tree = fields.object(root, "product_tree");
    if (tree == nullptr) return products;
    read_branches(*tree, {}, fields, products);
    for (const Value& name : fields.items(*tree, "full_product_names")) {
        if (fields.is_object(name)) read_full_name(name, {}, fields, products);
    }
    read_relationships(*tree, fields, products);
    return products;
}

CsafGroups read_csaf_groups(const Value& root, FieldReader& fields) {
    CsafGroups groups;
    const Value* const tree = fields.object(root, "product_tree");
    if (tree == nullptr) return groups;
    for (const Value& group : fields.items(*tree, "product_groups")) {
        if (!fields.is_object(group)) continue;
        groups[fields.text(group, "group_id")] = fields.texts(group, "product_ids");
    }
    return groups;
}

}  // namespace merlon::exchange
