#define TOML_IMPLEMENTATION

#include "text/toml_library.h"
