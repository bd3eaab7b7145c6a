#pragma once

// Events as syslog messages (RFC 5424), each led by its length as TCP wants it (RFC 6587, section
// 3.4.1).
//
// The idea: the facility is "log audit" (13), the message the event as it stands in an export, so
// that what a collector holds can be compared with the log.
//
// Thread-safe: no state.

#include <string>
#include <string_view>

#include "evidence/event_log.h"

namespace merlon::evidence {

std::string syslog_frame(const Event& event);
// A checkpoint, after the events that it vouches for.
std::string syslog_checkpoint_frame(std::string_view note, std::int64_t at_ms);

}  // namespace merlon::evidence
