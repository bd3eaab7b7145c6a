#pragma once

// The weaknesses of an SPDX 3 document (SPDX 3.0.1, Security profile): a Vulnerability for each,
// and relationships from it to the packages that say how bad it is, and what a supplier found out
// about it (VEX).
//
// The idea: SPDX has one class for each version of CVSS and each status of VEX; a table joins them
// to CycloneDX's words, which a Bom has. Fixes, versions that are affected and properties have no
// place there and are left out.
//
// The writer is thread-safe; a reader belongs to one document.

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exchange/bom.h"
#include "exchange/field_reader.h"
#include "text/json.h"

namespace merlon::exchange {

// How the document around names its elements.
struct Spdx3Ids {
    std::function<std::string(std::string_view what)> id;
    std::unordered_map<std::string_view, std::string> packages;  // by the component's ref
};
void write_spdx3_weaknesses(const std::vector<BomWeakness>& weaknesses, const Spdx3Ids& ids,
                            text::JsonWriter& json);

class Spdx3Weaknesses {
  public:
    explicit Spdx3Weaknesses(FieldReader& fields) : fields_(fields) {}

    // Whether the element is of this profile; it is kept then.
    bool take(const value::Value& element, std::string_view type);
    // A relationship "hasAssociatedVulnerability".
    void associate(const std::string& package, const std::vector<std::string>& weaknesses);
    std::vector<BomWeakness> finish();

  private:
    void take_assessment(const value::Value& element, std::string_view type);

    FieldReader& fields_;
    std::vector<BomWeakness> weaknesses_;
    std::vector<std::pair<const value::Value*, std::string>> assessments_;  // and their types
    std::vector<std::pair<std::string, std::string>> associations_;         // weakness, package
    std::unordered_map<std::string, std::size_t> positions_;                // by id
};

}  // namespace merlon::exchange
