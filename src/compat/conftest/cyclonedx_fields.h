#pragma once

// The fields of a CycloneDX document as XML (CycloneDX 1.7, ECMA-424) and as JSON.
//
// The idea: conftest reads XML into the structs of cyclonedx-go and shows them as JSON. So a type
// is a list of fields, each with its member of JSON, its place in XML, and what it holds. What is
// another thing in JSON than in XML is no row of this table: parse_cyclonedx.cpp reads it.
//
// Facts of cyclonedx-go 0.12.0. Thread-safe: constants. Cost: the table is parsed for each
// document.

#include <map>
#include <span>
#include <string_view>
#include <vector>

namespace merlon::compat::conftest {

struct BomField {
    enum class Place : unsigned char { kElement, kAttribute, kText };
    enum class Kind : unsigned char {
        kText,
        kInteger,
        kBoolean,
        kFloat,
        kFloat32,
        kReference,
        kType
    };

    std::string_view member;  // of JSON
    Place place = Place::kElement;
    std::string_view parent = {};  // the element around it; empty: none
    std::string_view name = {};    // in XML
    Kind kind = Kind::kText;
    std::string_view type = {};  // of kType
    bool is_list = false;
    bool is_pointer = false;  // told as soon as it stands there, though it is empty
    bool is_always = false;   // told though it does not stand there
};

using BomTypes = std::map<std::string_view, std::vector<BomField>>;

// All types by name; the document is "BOM".
BomTypes bom_types();

}  // namespace merlon::compat::conftest
