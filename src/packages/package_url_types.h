#pragma once

// What the types of package URLs define (purl-spec, types/): a row each. Internal to this room.

#include <array>
#include <cstdint>
#include <string_view>

namespace merlon::packages {

enum class Namespace : std::uint8_t { kOptional, kRequired, kProhibited };
// Bits: what is written in lower case.
enum LowerCase : std::uint8_t {
    kNothing = 0,
    kNamespaceLower = 1,
    kNameLower = 2,
    kVersionLower = 4,
    kBothLower = kNamespaceLower | kNameLower,
};

struct PurlType {
    std::string_view type;
    Namespace name_space = Namespace::kOptional;
    std::uint8_t lower = kNothing;
    std::string_view required_qualifier = {};
};

// Of the registered types all but those that ask for nothing: conan, docker, generic, conda's
// siblings in spirit. A type that is not here is taken as it is written.
inline constexpr std::array kPurlTypes{
    PurlType{"alpm", Namespace::kRequired, kBothLower},
    PurlType{"apk", Namespace::kRequired, kBothLower},
    PurlType{"bazel", Namespace::kProhibited},
    PurlType{"bitbucket", Namespace::kRequired, kBothLower},
    PurlType{"bitnami", Namespace::kProhibited},
    PurlType{"brew", Namespace::kOptional, kBothLower},
    PurlType{"cargo", Namespace::kProhibited},
    PurlType{"chrome-extension", Namespace::kProhibited, kNameLower},
    PurlType{"cocoapods", Namespace::kProhibited},
    PurlType{"composer", Namespace::kRequired, kBothLower},
    PurlType{"conda", Namespace::kProhibited},
    PurlType{"cpan"},
    PurlType{"cran", Namespace::kProhibited},
    PurlType{"deb", Namespace::kRequired, kBothLower},
    PurlType{"gem", Namespace::kProhibited},
    PurlType{"git", Namespace::kRequired},
    PurlType{"github", Namespace::kRequired, kBothLower},
    // Modules of one segment, and the standard library, have none.
    PurlType{"golang", Namespace::kOptional},
    PurlType{"hackage", Namespace::kProhibited},
    PurlType{"hex", Namespace::kOptional, kBothLower},
    PurlType{"huggingface", Namespace::kRequired, kVersionLower},
    PurlType{"julia", Namespace::kProhibited, kNothing, "uuid"},
    PurlType{"luarocks", Namespace::kOptional, kBothLower},
    PurlType{"maven", Namespace::kRequired},
    PurlType{"mlflow", Namespace::kProhibited},
    PurlType{"nuget", Namespace::kProhibited},
    PurlType{"oci", Namespace::kProhibited, kNameLower | kVersionLower},
    PurlType{"opam", Namespace::kProhibited},
    PurlType{"otp", Namespace::kProhibited, kNameLower},
    PurlType{"pub", Namespace::kProhibited, kNameLower},
    PurlType{"pypi", Namespace::kProhibited, kNameLower | kVersionLower},
    PurlType{"qpkg", Namespace::kRequired, kNamespaceLower},
    PurlType{"rpm", Namespace::kRequired, kNamespaceLower},
    PurlType{"swid", Namespace::kOptional, kNothing, "tag_id"},
    PurlType{"swift", Namespace::kRequired},
    PurlType{"vcpkg", Namespace::kProhibited},
    PurlType{"vscode-extension", Namespace::kRequired, kBothLower | kVersionLower},
    PurlType{"yocto", Namespace::kOptional, kNamespaceLower},
};

}  // namespace merlon::packages
