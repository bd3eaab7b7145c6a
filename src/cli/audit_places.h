#pragma once

// Where an audit log goes: a file, syslog, a Git repository.
//
// The idea: each place is one that the store's writer may not be able to change afterwards. A Git
// repository is asked for the checkpoint that was committed last, and the log has to go on from it.

#include <cstdint>
#include <string>

#include "cli/environment.h"
#include "evidence/store.h"

namespace merlon::cli {

struct AuditExport {
    evidence::Store& store;
    std::string note;  // the checkpoint of what the log is now
    std::string key;   // that signed it
    std::int64_t after = 0;
};

// Whether the place is a syslog server.
bool is_syslog(std::string_view place);

// `said` tells the user what was done, where that is not on standard output.
Status export_audit(const std::string& place, const AuditExport& request,
                    const Environment& environment, std::string& said);

}  // namespace merlon::cli
