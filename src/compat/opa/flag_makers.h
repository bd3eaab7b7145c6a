#pragma once

// Makes the flags of this front's table.
//
// Thread-safe: constants.

#include <string_view>

#include "base/flags.h"

namespace merlon::compat::opa {

constexpr Flag list_flag(std::string_view name, std::string_view help, char short_name = 0) {
    return {.name = name,
            .short_name = short_name,
            .kind = ValueKind::kText,
            .value_name = "TEXT",
            .help = help,
            .repeat = Repeat::kMany};
}
constexpr Flag text_flag(std::string_view name, std::string_view help, char short_name = 0) {
    return {.name = name,
            .short_name = short_name,
            .kind = ValueKind::kText,
            .value_name = "TEXT",
            .help = help};
}
constexpr Flag switch_flag(std::string_view name, std::string_view help, char short_name = 0) {
    return {.name = name, .short_name = short_name, .help = help};
}
constexpr Flag format_flag(std::string_view choices, std::string_view default_text) {
    return {.name = "format",
            .short_name = 'f',
            .kind = ValueKind::kChoice,
            .value_name = "FORMAT",
            .default_text = default_text,
            .choices = choices,
            .help = "the output's format"};
}
constexpr Flag number_flag(std::string_view name, std::string_view default_text,
                           std::string_view help, char short_name = 0) {
    return {.name = name,
            .short_name = short_name,
            .kind = ValueKind::kInteger,
            .value_name = "N",
            .default_text = default_text,
            .help = help};
}

// On where nobody says otherwise.
constexpr Flag truth_flag(std::string_view name, std::string_view help) {
    return {.name = name,
            .kind = ValueKind::kChoice,
            .value_name = "TRUTH",
            .default_text = "true",
            .choices = "true|false",
            .help = help};
}

}  // namespace merlon::compat::opa
