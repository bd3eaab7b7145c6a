#include "scan/folder_ignores.h"

#include <algorithm>
#include <map>

#include "base/file.h"
#include "inventory/joins.h"

namespace merlon::scan {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{4} << 20;

// The text of a folder's file: among what was walked, or else (where single files were asked for)
// beside the source on the disk. Nothing where there is none.
Result<std::optional<std::string>> text_in_folder(const TakenInventory& taken,
                                                  const std::string& folder,
                                                  const std::string& system_path,
                                                  const CancelToken& cancel) {
    std::optional<std::string> text;
    const std::vector<connect::FileEntry>& entries = taken.files.entries;
    const std::string path = inventory::join_path(folder, kOsvScannerFile);
    const auto entry = std::ranges::lower_bound(entries, path, {}, &connect::FileEntry::path);
    if (entry != entries.end() && entry->path == path) {
        model::Coverage coverage;
        taken.files.read(static_cast<std::size_t>(entry - entries.begin()), *entry, taken.reading,
                         cancel, coverage,
                         [&](const model::Document& document) { text = document.bytes; });
        if (!text) return Error{"the file cannot be read", kNoOffset, path};
    } else if (!system_path.empty()) {
        const std::string beside =
            inventory::join_path(inventory::folder_of(system_path), kOsvScannerFile);
        if (file_status(beside, FollowLinks::kYes).ok())
            text = MERLON_TRY(read_text_file(beside, kMaxBytes));
    }
    return text;
}

}  // namespace

Status add_folder_ignores(const TakenInventory& taken, const CancelToken& cancel,
                          ForeignIgnores& ignores) {
    std::map<std::string, std::string> folders;  // to the system path of a source in it
    for (const packages::PackageSource& source : taken.sources) {
        const auto system_path = taken.system_paths.find(source.path);
        folders.try_emplace(
            std::string(inventory::folder_of(source.path)),
            system_path == taken.system_paths.end() ? std::string() : system_path->second);
    }
    for (const auto& [folder, system_path] : folders) {
        const auto text = MERLON_TRY(text_in_folder(taken, folder, system_path, cancel));
        if (!text) continue;
        const std::size_t known = ignores.entries.size();
        const std::string path = inventory::join_path(folder, kOsvScannerFile);
        if (Status read = read_foreign_ignores(kOsvScannerFile, *text, ignores); !read.ok())
            return std::move(read).error().within("reading " + path);
        for (std::size_t i = known; i < ignores.entries.size(); ++i) {
            ignores.entries[i].folder = folder;
            ignores.entries[i].place = path;
        }
    }
    return {};
}

}  // namespace merlon::scan
