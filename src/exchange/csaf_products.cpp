#include "exchange/csaf_products.h"

#include <utility>

namespace merlon::exchange {
namespace {

using value::Value;

// A full product name (section 3.1.3).
void read_full_name(const Value& name, FieldReader& fields, CsafProducts& products) {
    const std::string id = fields.required_text(name, "product_id");
    VexProduct product;
    product.id = fields.text(name, "name");
    if (const Value* helper = fields.object(name, "product_identification_helper")) {
        if (std::string purl = fields.text(*helper, "purl"); !purl.empty()) {
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
void read_branches(const Value& parent, FieldReader& fields, CsafProducts& products) {
    for (const Value& branch : fields.items(parent, "branches")) {
        if (!fields.is_object(branch)) continue;
        if (const Value* name = fields.object(branch, "product")) {
            read_full_name(*name, fields, products);
        }
        read_branches(branch, fields, products);
    }
}

// Section 3.2.2.4: "openssl as a component of RHEL 9" is a product of its own.
void read_relationship(const Value& item, FieldReader& fields, CsafProducts& products) {
    const Value* const name = fields.object(item, "full_product_name");
    if (name == nullptr) return;
    const std::string part = fields.text(item, "product_reference");
    const std::string whole = fields.text(item, "relates_to_product_reference");
    read_full_name(*name, fields, products);
    VexProduct& product = products[fields.text(*name, "product_id")];
    if (const auto found = products.find(whole); found != products.end()) {
        product.id = found->second.id;
        product.identifiers = found->second.identifiers;
    }
    if (const auto found = products.find(part); found != products.end()) {
        product.components = found->second.identifiers;
        if (product.components.empty()) product.components.push_back(found->second.id);
    }
}

}  // namespace

CsafProducts read_csaf_products(const Value& root, FieldReader& fields) {
    CsafProducts products;
    const Value* const tree = fields.object(root, "product_tree");
    if (tree == nullptr) return products;
    read_branches(*tree, fields, products);
    for (const Value& name : fields.items(*tree, "full_product_names")) {
        if (fields.is_object(name)) read_full_name(name, fields, products);
    }
    for (const Value& item : fields.items(*tree, "relationships")) {
        if (fields.is_object(item)) read_relationship(item, fields, products);
    }
    return products;
}

}  // namespace merlon::exchange
