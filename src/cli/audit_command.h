#pragma once

// `merlon audit log|checkpoint|rotate|export|verify|prove`: the audit log, and how others check it.
//
// The idea: who can write the store can rewrite it; so what it was is signed, goes elsewhere, and
// is verified from there, without the store.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_audit_log(const ParsedCommand& command, const Environment& environment);
int run_audit_checkpoint(const ParsedCommand& command, const Environment& environment);
int run_audit_rotate(const ParsedCommand& command, const Environment& environment);
int run_audit_export(const ParsedCommand& command, const Environment& environment);
int run_audit_verify(const ParsedCommand& command, const Environment& environment);
int run_audit_prove(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
