#pragma once

// `--format template --template …`: a report by a template of the user's, over the results of the
// JSON report with the fields of Trivy's structs (docs/templates.md).
//
// The idea: templates of Trivy's own repository are named "@contrib/junit.tpl" in pipelines, where
// its image or package has put them. Where no such file is here, Merlon's own template for the same
// consumer takes its place, and standard error says so.
//
// Thread-safe: no state.

#include <string>
#include <string_view>

#include "compat/trivy/options.h"
#include "templates/template.h"

namespace merlon::compat::trivy {

// `asked` is the value of --template: '@' and a file's name, or the template itself. A text about
// what was taken in place of it is added to `notices`.
Result<templates::Template> read_template(std::string_view asked, const EnvironmentLookup& variable,
                                          std::vector<std::string>& notices);

// `report` is what write_json() wrote.
Result<std::string> render_template(const templates::Template& parsed, std::string_view report,
                                    Timestamp now);

// Merlon's own template in place of Trivy's of that name; empty where it has none.
std::string_view contrib_template(std::string_view name);

}  // namespace merlon::compat::trivy
