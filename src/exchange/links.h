#pragma once

// What a document says of where software comes from, what is in it and where it goes: links between
// repositories, commits, pipelines and their runs, artifacts, images and packages.
//
// The idea: bills of materials say which packages an artifact has, provenance (SLSA 0.2 and 1.0) of
// which commit it was built, in which run of which pipeline, and who vouches for that. A link leads
// from source code towards what runs. Nothing is verified here, and each link says how sure it is.
//
// Thread-safe: no state. Cost: one for each component or material.

#include <string>
#include <vector>

#include "exchange/bom.h"
#include "exchange/field_reader.h"
#include "exchange/link.h"

namespace merlon::exchange {

// Packages of what the bill describes: an artifact by its digest, else by its package URL or name.
// `subjects` are digests ("sha256:…") that the bill is of, as a statement around it says.
std::vector<Link> links_of(const Bom& bom, const std::vector<std::string>& subjects,
                           Confidence confidence);

// Of an in-toto statement: provenance.
std::vector<Link> links_of_statement(const value::Value& statement, Confidence confidence,
                                     FieldReader& fields);
// "sha256:…" for each subject of a statement.
std::vector<std::string> subjects_of_statement(const value::Value& statement, FieldReader& fields);

}  // namespace merlon::exchange
