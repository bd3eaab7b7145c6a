#pragma once

// Small things that readers of foreign reports have in common: words for severities, numbers of
// lines, paths, pieces of source.
//
// Thread-safe: no state. Cost: linear in what is given.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/severity.h"

namespace merlon::exchange {

// Fails for UTF-16 and UTF-32, which Windows' shells write where a tool's output is redirected.
Status check_is_utf8(std::string_view bytes);

// What tools call their levels, in any case: "MODERATE", "Warning", "negligible". Nothing for a
// word that says nothing, such as "unknown".
std::optional<model::Severity> severity_of_word(std::string_view word);

// Of a number from 0 to 10, in the bands that CVSS and GitHub's `security-severity` share.
std::optional<model::Severity> severity_of_score(std::string_view score);

// 0 for what is no line.
std::uint32_t line_number(std::optional<std::int64_t> number);

// "./a//b/../c" as "a/c": two tools that mean one file shall name it alike. What leads out of the
// root keeps its "..".
std::string tidy_path(std::string_view path);

// What a tool was told to look at, tidied; "." for all of where it ran.
std::string folder_name(std::string_view path);

std::vector<std::string> lines_of(std::string_view text);

// "docker.io/library/alpine:3.19@sha256:…" without tag and digest: the same image tomorrow.
std::string image_name(std::string_view reference);

// Without the tags and with the entities of HTML, as ZAP describes things: one paragraph a line.
std::string plain_of_html(std::string_view html);

}  // namespace merlon::exchange
