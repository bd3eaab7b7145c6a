#pragma once

// conftest's parsers: from the text of a file to the value that a policy sees.
//
// The idea: a table from name to function. Each gives the exact shape that conftest 0.71.1 gives,
// which is the shape of the Go library behind it: quirks are named where they are reproduced. What
// is known to conftest and not served here stands in the table without a function, so that it is
// refused by name.
//
// Thread-safe: constants. Cost: linear in the file. Bounds: bytes and depth, in each reader.

#include <string_view>

#include "base/result.h"
#include "compat/conftest/values.h"

namespace merlon::compat::conftest {

// What conftest would do and Merlon does not: its error, and whether an error is one.
Error not_served(std::string what);
bool is_not_served(std::string_view message);

struct FileParser {
    std::string_view name;
    Result<value::Value> (*parse)(std::string_view bytes, Reading& reading);  // null: not served
};

// Null where conftest has none of that name.
const FileParser* find_parser(std::string_view name);
// By the name of the file; null where none takes it. "-" is YAML.
const FileParser* parser_of_path(std::string_view path);
// The names that conftest lists, in its order, and whether they are served.
std::span<const FileParser> all_parsers();

// The parsers of the table, by topic.
Result<value::Value> parse_json(std::string_view bytes, Reading& reading);
Result<value::Value> parse_jsonc(std::string_view bytes, Reading& reading);
Result<value::Value> parse_yaml(std::string_view bytes, Reading& reading);
Result<value::Value> parse_toml(std::string_view bytes, Reading& reading);
Result<value::Value> parse_xml(std::string_view bytes, Reading& reading);
Result<value::Value> parse_cyclonedx(std::string_view bytes, Reading& reading);
Result<value::Value> parse_hcl1(std::string_view bytes, Reading& reading);
Result<value::Value> parse_hcl2(std::string_view bytes, Reading& reading);
Result<value::Value> parse_dockerfile(std::string_view bytes, Reading& reading);
Result<value::Value> parse_ini(std::string_view bytes, Reading& reading);
Result<value::Value> parse_dotenv(std::string_view bytes, Reading& reading);
Result<value::Value> parse_properties(std::string_view bytes, Reading& reading);
Result<value::Value> parse_ignore(std::string_view bytes, Reading& reading);
Result<value::Value> parse_codeowners(std::string_view bytes, Reading& reading);
Result<value::Value> parse_nginx(std::string_view bytes, Reading& reading);
Result<value::Value> parse_edn(std::string_view bytes, Reading& reading);
Result<value::Value> parse_hocon(std::string_view bytes, Reading& reading);
Result<value::Value> parse_spdx(std::string_view bytes, Reading& reading);
Result<value::Value> parse_vcl(std::string_view bytes, Reading& reading);
// With the definitions of `reading`.
Result<value::Value> parse_textproto(std::string_view bytes, Reading& reading);

}  // namespace merlon::compat::conftest
