#pragma once

// The variables that gitleaks's git would obey and that change what it prints: understood, or
// refused by name, never passed over. Those that name the repository and its parts are read where
// it is opened (connect/git/open_changes.h).
//
// Thread-safe as the variables are. Cost: a look at each variable.

#include <string>

#include "base/result.h"
#include "connect/git/path_filter.h"
#include "connect/git/user_settings.h"

namespace merlon::compat::gitleaks {

// Fails where one asks for other patches than `-U0` gives (GIT_DIFF_OPTS).
Status check_diff_variables(const connect::git::Variables& variables);

// The reference whose notes stand behind the messages (GIT_NOTES_REF); empty: no notes. Fails where
// further ones are asked for (GIT_NOTES_DISPLAY_REF).
Result<std::string> notes_reference(const connect::git::Variables& variables);

// How the paths of --log-opts are meant (GIT_LITERAL_PATHSPECS and its like).
Result<connect::git::PathFilter::Words> path_words(const connect::git::Variables& variables);

}  // namespace merlon::compat::gitleaks
