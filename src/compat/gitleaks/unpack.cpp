#include "compat/gitleaks/unpack.h"

#include "text/magic.h"

namespace merlon::compat::gitleaks {

Packing packing_of(std::string_view path) {
    return text::is_archive_name(path) ? Packing::kContainer : Packing::kNone;
}

std::size_t read_limit_of(std::string_view) { return 0; }

Status unpack(std::string_view, std::string_view, const std::function<void(const Member&)>&,
              const std::function<void(std::string_view, std::string)>&) {
    return Error{"archives are not opened yet"};
}

}  // namespace merlon::compat::gitleaks
