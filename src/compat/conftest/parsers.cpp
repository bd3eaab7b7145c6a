#include "compat/conftest/parsers.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace merlon::compat::conftest {
namespace {

// cue and jsonnet are languages of their own, groovy a grammar that only Jenkins has.
constexpr FileParser kParsers[] = {
    {"codeowners", parse_codeowners},
    {"cue", nullptr},
    {"cyclonedx", parse_cyclonedx},
    {"dockerfile", parse_dockerfile},
    {"dotenv", parse_dotenv},
    {"edn", parse_edn},
    {"groovy", nullptr},
    {"hcl1", parse_hcl1},
    {"hcl2", parse_hcl2},
    {"hocon", parse_hocon},
    {"ignore", parse_ignore},
    {"ini", parse_ini},
    {"json", parse_json},
    {"jsonc", parse_jsonc},
    {"jsonnet", nullptr},
    {"nginx", parse_nginx},
    {"properties", parse_properties},
    {"spdx", parse_spdx},
    {"textproto", parse_textproto},
    {"toml", parse_toml},
    {"vcl", parse_vcl},
    {"xml", parse_xml},
    {"yaml", parse_yaml},
};

// What a file's name says: the whole of it, how it begins, or how it ends.
enum class Match : unsigned char { kName, kPrefix, kExtension };
struct PathRule {
    Match match;
    std::string_view text;
    std::string_view parser;
};
// The first that fits, before extensions that are the names of parsers.
constexpr PathRule kPathRules[] = {
    {Match::kName, "dockerfile", "dockerfile"},
    {Match::kPrefix, "dockerfile.", "dockerfile"},
    {Match::kExtension, "dockerfile", "dockerfile"},
    {Match::kExtension, "yml", "yaml"},
    {Match::kExtension, "yaml", "yaml"},
    {Match::kExtension, "hcl", "hcl2"},
    {Match::kExtension, "tf", "hcl2"},
    {Match::kExtension, "tfvars", "hcl2"},
    {Match::kExtension, "gitignore", "ignore"},
    {Match::kExtension, "dockerignore", "ignore"},
    {Match::kName, ".env", "dotenv"},
    {Match::kPrefix, ".env.", "dotenv"},
    {Match::kExtension, "env", "dotenv"},
    {Match::kName, "nginx.conf", "nginx"},
    {Match::kName, "jenkinsfile", "groovy"},
    {Match::kPrefix, "jenkinsfile.", "groovy"},
    {Match::kExtension, "textproto", "textproto"},
    {Match::kExtension, "textpb", "textproto"},
    {Match::kName, "codeowners", "codeowners"},
};

constexpr std::string_view kNotServedWords = " is not served by Merlon";

bool fits(const PathRule& rule, std::string_view name, std::string_view extension) {
    switch (rule.match) {
        case Match::kName:
            return name == rule.text;
        case Match::kPrefix:
            return name.starts_with(rule.text);
        case Match::kExtension:
            return extension == rule.text;
    }
    return false;
}

}  // namespace

Error not_served(std::string what) { return Error{what.append(kNotServedWords)}; }

bool is_not_served(std::string_view message) {
    return message.find(kNotServedWords) != std::string_view::npos;
}

std::span<const FileParser> all_parsers() { return kParsers; }

const FileParser* find_parser(std::string_view name) {
    const auto found = std::ranges::find(kParsers, name, &FileParser::name);
    return found == std::end(kParsers) ? nullptr : found;
}

const FileParser* parser_of_path(std::string_view path) {
    if (path == "-") return find_parser("yaml");
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    const std::string name = lower_case(path.substr(path.rfind('/') + 1));
    const std::size_t dot = name.rfind('.');
    const std::string extension = dot == std::string::npos ? "" : name.substr(dot + 1);
    for (const PathRule& rule : kPathRules) {
        if (fits(rule, name, extension)) return find_parser(rule.parser);
    }
    return find_parser(extension);
}

}  // namespace merlon::compat::conftest
