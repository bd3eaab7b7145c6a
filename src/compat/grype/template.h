#pragma once

// `-o template -t FILE`: a report by a template of the user's, over the JSON report with the
// fields of Grype's structs (docs/templates.md).
//
// Thread-safe: no state.

#include <string>
#include <string_view>

#include "templates/template.h"

namespace merlon::compat::grype {

Result<templates::Template> read_template(const std::string& path);

// `report` is what write_json() wrote.
Result<std::string> render_template(const templates::Template& parsed, std::string_view report,
                                    Timestamp now);

}  // namespace merlon::compat::grype
