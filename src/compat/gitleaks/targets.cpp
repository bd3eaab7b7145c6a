#include "compat/gitleaks/targets.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

namespace merlon::compat::gitleaks {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxLinks = 255;

// Go's filepath.EvalSymlinks: every link on the way replaced by where it leads; stays relative
// while the links are. Nothing where one leads nowhere or in a circle.
std::optional<std::string> resolve_links(const std::string& path) {
    std::string done = path.starts_with('/') ? "/" : "";
    std::vector<std::string> open;
    for (const auto& part : templates::path_parts(path))
        open.insert(open.begin(), std::string(part));
    for (int links = 0; !open.empty();) {
        const std::string part = std::move(open.back());
        open.pop_back();
        const std::string candidate = done.empty() ? part : join_path(done, part);
        if (part == "." || part == "..") {
            done = clean_path(candidate);
            continue;
        }
        const auto status = file_status(candidate, FollowLinks::kNo);
        if (!status.ok()) return std::nullopt;
        if (status.result.value().kind != FileKind::kSymlink) {
            done = candidate;
            continue;
        }
        if (++links > kMaxLinks) return std::nullopt;
        std::error_code failure;
        const std::string target = fs::read_symlink(candidate, failure).string();
        if (failure) return std::nullopt;
        if (target.starts_with('/')) done = "/";
        const auto parts = templates::path_parts(target);
        for (auto it = parts.rbegin(); it != parts.rend(); ++it) open.emplace_back(*it);
    }
    return clean_path(done);
}

class Walk {
  public:
    Walk(const TargetOptions& options, Targets& targets) : options_(options), targets_(targets) {}

    void visit(const std::string& path) {
        const auto status = file_status(path, FollowLinks::kNo);
        if (!status.ok()) return gap(path, status.result.error().message);
        const FileStatus& file = status.result.value();
        if (file.kind == FileKind::kDirectory) return visit_folder(path);
        // Devices, FIFOs and sockets have no size, so they go the way of empty files.
        if (file.size == 0) return;
        if (options_.max_file_bytes > 0 &&
            file.size > static_cast<std::uint64_t>(options_.max_file_bytes))
            return;
        Target target{path, {}};
        if (file.kind == FileKind::kSymlink) {
            if (options_.follow == FollowLinks::kNo) return;
            auto resolved = resolve_links(path);
            if (!resolved) return gap(path, "the link leads nowhere");
            const auto behind = file_status(*resolved, FollowLinks::kYes);
            if (!behind.ok()) return gap(path, behind.result.error().message);
            if (behind.result.value().kind == FileKind::kDirectory) return;
            target = Target{std::move(*resolved), path};
        }
        if (options_.skip_path(path)) return;
        targets_.files.push_back(std::move(target));
    }

  private:
    void visit_folder(const std::string& path) {
        if (options_.skip_path(path)) return;
        std::vector<std::string> names;
        std::error_code failure;
        fs::directory_iterator entry(path, failure);
        for (const fs::directory_iterator end; !failure && entry != end; entry.increment(failure))
            names.push_back(entry->path().filename().string());
        if (failure) gap(path, failure.message());
        std::ranges::sort(names);
        for (const std::string& name : names) visit(join_path(path, name));
    }

    void gap(const std::string& path, std::string reason) {
        targets_.gaps.push_back({path, std::move(reason)});
    }

    const TargetOptions& options_;
    Targets& targets_;
};

}  // namespace

std::string join_path(std::string_view folder, std::string_view name) {
    if (folder.empty()) return name.empty() ? std::string() : clean_path(name);
    if (name.empty()) return clean_path(folder);
    return clean_path(std::string(folder) + "/" + std::string(name));
}

Targets find_targets(const std::string& root, const TargetOptions& options) {
    Targets targets;
    Walk(options, targets).visit(root);
    return targets;
}

}  // namespace merlon::compat::gitleaks
