#pragma once

// Which directives conftest knows in a configuration of nginx.
//
// Thread-safe: a constant table. Cost: a binary search.

#include <string_view>

namespace merlon::compat::conftest {

bool is_nginx_directive(std::string_view name);

}  // namespace merlon::compat::conftest
