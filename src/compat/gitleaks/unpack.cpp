#include "compat/gitleaks/unpack.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/limits.h"
#include "text/archive.h"

namespace merlon::compat::gitleaks {
namespace {

constexpr std::array<std::string_view, 4> kContainers = {".zip", ".tar", ".7z", ".rar"};
constexpr std::array<std::string_view, 9> kCompressions = {".gz", ".bz2", ".xz", ".zst", ".lz4",
                                                           ".br", ".sz",  ".s2", ".zz"};
constexpr std::size_t kInflateWindow = 32'768;

std::string lower_base_name(std::string_view path) {
    while (path.ends_with('/')) path.remove_suffix(1);
    std::string name(path.substr(path.rfind('/') + 1));
    for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    return name;
}

template <std::size_t N>
bool holds_any(const std::string& name, const std::array<std::string_view, N>& parts) {
    return std::ranges::any_of(
        parts, [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

}  // namespace

Packing packing_of(std::string_view path) {
    const std::string name = lower_base_name(path);
    if (holds_any(name, kContainers)) return Packing::kContainer;
    return holds_any(name, kCompressions) || name.ends_with(".lz") ? Packing::kCompressed
                                                                   : Packing::kNone;
}

std::size_t read_limit_of(std::string_view path) {
    const std::string name = lower_base_name(path);
    const bool inflates = name.find(".zip") != std::string::npos ||
                          name.find(".gz") != std::string::npos ||
                          name.find(".zz") != std::string::npos;
    return inflates ? kInflateWindow : 0;
}

Status unpack(std::string_view bytes, std::string_view path,
              const std::function<void(const Member&)>& visit,
              const std::function<void(std::string_view name, std::string reason)>& failed) {
    text::ArchiveBudget budget{Limits{}};
    const bool is_tar = lower_base_name(path).find(".tar") != std::string::npos;
    text::walk_archive(
        bytes, path, budget,
        {.on_member =
             [&](const text::ArchiveMember& member) {
                 // A tar's members share one stream; a zip's have one each.
                 visit({member.name, member.bytes, is_tar ? member.offset : 0, member.is_stored});
             },
         .on_gap = [&](text::ArchiveGap gap) { failed(gap.member, std::move(gap.detail)); }});
    return {};
}

}  // namespace merlon::compat::gitleaks
