#pragma once

// Where things stand in a SARIF run: artifact locations become paths, regions become places with
// their lines of source (SARIF 2.1.0, sections 3.4, 3.14.14, 3.28 to 3.30).
//
// The idea: whatever a tool makes of the root of the source tree (a base of that name, a file: URI
// of the machine that ran it), the path that comes out is relative to it, so that the same file has
// the same path in every run.
//
// Thread-safe once it is made: what a location says is read by the caller's reader. Cost: linear in
// each URI.

#include <string>
#include <string_view>
#include <vector>

#include "exchange/field_reader.h"
#include "exchange/odd_values.h"
#include "model/finding.h"

namespace merlon::exchange {

class SarifPlaces {
  public:
    SarifPlaces(const value::Value& run, FieldReader& fields);

    // The path that an artifactLocation means; empty where it names none.
    std::string path_of(const value::Value& artifact_location, FieldReader& fields) const;

    // The place that a location object means, with its lines where the run brings them.
    struct Place {
        model::Location location;
        model::Excerpt excerpt;
        std::string object;  // the fully qualified name of a logical location
        std::string offset;  // where in the file, of what is no line: "byte 4096+8"
        // Its name in a file, which other files have, too: "main" (section 3.33.4).
        std::string symbol = {};
        bool is_known = false;
    };
    // What is no line or column is noted in `odd`.
    Place place_of(const value::Value& location, FieldReader& fields, OddValues& odd) const;

  private:
    // The absolute address and the relative part that a base stands for.
    struct Base {
        std::string name;
        std::string absolute;  // ends with '/'; empty: not told
        std::string relative;
    };
    void read_bases(const value::Value& run, FieldReader& fields);
    void read_logical(const value::Value& run, FieldReader& fields);
    // What a logical location says itself, or the one that its index means.
    const value::Value* logical_of(const value::Value& location, FieldReader& fields) const;
    const Base* find_base(std::string_view name) const;
    std::string below_a_base(std::string_view address) const;

    std::vector<Base> bases_;
    std::vector<std::string> artifact_paths_;   // by index
    std::vector<const value::Value*> logical_;  // those of the run, by index
};

}  // namespace merlon::exchange
