#include "scan/import_names.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"

namespace merlon::scan {
namespace {

using packages::Ecosystem;

// Projects of PyPI whose modules have another name, by their normalised names.
struct ModuleName {
    std::string_view project;
    std::string_view module;
};
constexpr std::array<ModuleName, 22> kModuleNames{{
    {"attrs", "attr"},
    {"beautifulsoup4", "bs4"},
    {"djangorestframework", "rest_framework"},
    {"gitpython", "git"},
    {"grpcio", "grpc"},
    {"mysqlclient", "MySQLdb"},
    {"opencv-python", "cv2"},
    {"pillow", "PIL"},
    {"protobuf", "google.protobuf"},
    {"psycopg2-binary", "psycopg2"},
    {"pycryptodome", "Crypto"},
    {"pycryptodomex", "Cryptodome"},
    {"pyjwt", "jwt"},
    {"pymongo", "bson"},
    {"pyopenssl", "OpenSSL"},
    {"python-dateutil", "dateutil"},
    {"python-jose", "jose"},
    {"python-ldap", "ldap"},
    {"python-multipart", "multipart"},
    {"pyyaml", "yaml"},
    {"pyzmq", "zmq"},
    {"scikit-learn", "sklearn"},
}};

// Whether `whole` is `begin`, or goes on behind it with `separator`.
bool begins_with_part(std::string_view whole, std::string_view begin, char separator) {
    return whole.starts_with(begin) &&
           (whole.size() == begin.size() || whole[begin.size()] == separator);
}

// PEP 503, with '_' for '-', as a module is written.
std::string module_of(std::string_view project) {
    std::string module;
    for (const char c : project) {
        const bool is_separator = c == '-' || c == '_' || c == '.';
        if (is_separator && module.ends_with('_')) continue;
        module += is_separator ? '_' : to_lower(c);
    }
    return module;
}

}  // namespace

bool is_import_of(Ecosystem ecosystem, std::string_view package, std::string_view import) {
    switch (ecosystem) {
        case Ecosystem::kNpm:
            return begins_with_part(import, package, '/');
        case Ecosystem::kPypi: {
            const std::string own = module_of(package);
            std::string normal = own;
            std::ranges::replace(normal, '_', '-');
            const auto* const known = std::ranges::find(kModuleNames, normal, &ModuleName::project);
            if (known != kModuleNames.end() && begins_with_part(import, known->module, '.'))
                return true;
            const std::string_view top = import.substr(0, import.find('.'));
            return module_of(top) == own;
        }
        case Ecosystem::kMaven: {
            const std::string_view group = package.substr(0, package.find(':'));
            return group.find('.') != std::string_view::npos &&
                   begins_with_part(import, group, '.');
        }
        default:
            return false;
    }
}

}  // namespace merlon::scan
