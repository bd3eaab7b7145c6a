#pragma once

// What was pushed past the protection, and why: one JSON object a line, appended to
// `merlon/bypass.log` in the repository's folder.
//
// The idea: a bypass that leaves no trace is a hole, so who asks for one gives a reason, and the
// push goes through only once the line is on the disk. Secrets are not written: a finding is its
// rule and its place, and the caller masks what the reason holds.
//
// One writer appends in one call, so lines of pushes at the same time do not mix.

#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "model/analysis.h"

namespace merlon::scan {

struct Bypass {
    Timestamp time;
    std::string who;  // as the forge or the machine names them
    std::string reason;
    std::string reference;  // "refs/heads/main"
    std::string before;     // ids; empty: there was none
    std::string after;
};

std::string bypass_line(const Bypass& bypass, const model::Report& report);

// Appends a line and waits for the disk.
Status append_line(const std::string& path, std::string_view line);

}  // namespace merlon::scan
