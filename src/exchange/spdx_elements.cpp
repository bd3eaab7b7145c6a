#include "exchange/spdx_elements.h"

#include <array>

namespace merlon::exchange {

SpdxElements::SpdxElements(const Bom& bom) {
    components.reserve(bom.components.size() + 1);
    if (!bom.root.ref.empty()) components.push_back(&bom.root);
    for (const BomComponent& component : bom.components) components.push_back(&component);

    std::unordered_map<std::string_view, std::size_t> by_ref;
    by_ref.reserve(components.size());
    expressions.reserve(components.size());
    for (std::size_t i = 0; i < components.size(); ++i) {
        by_ref.emplace(components[i]->ref, i);
        expressions.push_back(expression_of(components[i]->licenses));
        found_expressions.push_back(expression_of(components[i]->found_licenses));
    }
    for (const BomDependency& dependency : bom.dependencies) {
        const auto from = by_ref.find(dependency.ref);
        if (from == by_ref.end()) continue;
        Dependency known{.from = from->second, .to = {}};
        for (const std::string& ref : dependency.depends_on) {
            if (const auto to = by_ref.find(ref); to != by_ref.end())
                known.to.push_back(to->second);
        }
        if (!known.to.empty()) dependencies.push_back(std::move(known));
    }
}

std::string SpdxElements::expression_of(const std::vector<BomLicense>& licenses) {
    std::string joined;
    for (const BomLicense& license : licenses) {
        std::string part = license.text;
        if (license.kind == BomLicense::Kind::kName) {
            const auto [known, is_new] = own_by_text_.emplace(license.text, own_licenses.size());
            if (is_new) {
                own_licenses.push_back(
                    {.id = "LicenseRef-" + std::to_string(own_licenses.size() + 1),
                     .text = license.text});
            }
            part = own_licenses[known->second].id;
        }
        if (!joined.empty()) joined += " AND ";
        joined += licenses.size() > 1 && part.contains(' ') ? "(" + part + ")" : part;
    }
    return joined;
}

constexpr std::string_view kScopeAnnotation = "merlon:component-scope";

std::vector<std::string> annotations_of(const BomComponent& component) {
    std::vector<std::string> comments;
    const std::string_view scope = name(component.scope);
    if (!scope.empty())
        comments.push_back(std::string(kScopeAnnotation) + '=' + std::string(scope));
    for (const BomProperty& property : component.properties)
        comments.push_back(property.name + '=' + property.value);
    return comments;
}

void take_annotation(std::string_view comment, BomComponent& component) {
    const std::size_t equals = comment.find('=');
    if (equals == std::string_view::npos) return;
    const std::string_view property = comment.substr(0, equals);
    const std::string_view value = comment.substr(equals + 1);
    const bool is_name = property.find(':') != std::string_view::npos &&
                         property.find_first_of(" \t\r\n") == std::string_view::npos;
    if (!is_name) return;  // a sentence
    if (property != kScopeAnnotation) {
        component.properties.push_back({std::string(property), std::string(value)});
        return;
    }
    for (const BomScope scope : {BomScope::kRequired, BomScope::kOptional, BomScope::kExcluded})
        if (name(scope) == value) component.scope = scope;
}

const HashNames* hash_names(std::string_view HashNames::* spelling, std::string_view name) {
    static constexpr std::array kNames{
        HashNames{"MD5", "MD5", "md5"},
        HashNames{"SHA-1", "SHA1", "sha1"},
        HashNames{"SHA-256", "SHA256", "sha256"},
        HashNames{"SHA-384", "SHA384", "sha384"},
        HashNames{"SHA-512", "SHA512", "sha512"},
        HashNames{"SHA3-256", "SHA3-256", "sha3_256"},
        HashNames{"SHA3-384", "SHA3-384", "sha3_384"},
        HashNames{"SHA3-512", "SHA3-512", "sha3_512"},
        HashNames{"BLAKE2b-256", "BLAKE2b-256", "blake2b256"},
        HashNames{"BLAKE2b-384", "BLAKE2b-384", "blake2b384"},
        HashNames{"BLAKE2b-512", "BLAKE2b-512", "blake2b512"},
        HashNames{"BLAKE3", "BLAKE3", "blake3"},
    };
    for (const HashNames& names : kNames)
        if (names.*spelling == name) return &names;
    return nullptr;
}

}  // namespace merlon::exchange
