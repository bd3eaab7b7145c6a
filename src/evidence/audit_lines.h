#pragma once

// The lines of an audit export, one JSON object each. Internal to the export and what sends it on.
//
// Thread-safe: no state. Lines end in a line break.

#include <string>
#include <string_view>

#include "evidence/event_log.h"

namespace merlon::evidence {

std::string event_line(const Event& event);
std::string checkpoint_line(std::string_view note);

}  // namespace merlon::evidence
