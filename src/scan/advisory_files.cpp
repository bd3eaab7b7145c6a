#include "scan/advisory_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "connect/git/commit.h"
#include "connect/git/repository.h"
#include "connect/git/revision_names.h"
#include "scan/tree_files.h"
#include "text/archive.h"

namespace merlon::scan {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatchFiles = 20'000;
constexpr std::size_t kBatchBytes = std::size_t{64} << 20;
// A year of NVD's records is one file of some 200 MB.
constexpr std::uint64_t kMaxMemberBytes = std::uint64_t{1} << 30;
constexpr std::int64_t kSecond_ns = 1'000'000'000;

bool ends_with_one_of(std::string_view name, std::span<const std::string_view> endings) {
    return std::ranges::any_of(endings,
                               [&](std::string_view ending) { return name.ends_with(ending); });
}

// "epss.csv.gz": what is inside has whatever name it had before it was packed.
bool is_lone_stream(std::string_view path) {
    constexpr std::array<std::string_view, 2> kEndings{".gz", ".zst"};
    return std::ranges::any_of(kEndings, [&](std::string_view ending) {
        return path.ends_with(ending) &&
               !path.substr(0, path.size() - ending.size()).ends_with(".tar");
    });
}

// Of one with a working tree, that is read.
bool is_bare_repository(const std::string& path) {
    return file_status(path + "/HEAD", FollowLinks::kYes).ok() &&
           file_status(path + "/objects", FollowLinks::kYes).ok() &&
           file_status(path + "/refs", FollowLinks::kYes).ok();
}

class Reader {
  public:
    Reader(std::span<const std::string_view> endings, const Limits& limits, ThreadPool& pool,
           const std::function<void(std::vector<AdvisoryFile>&)>& take)
        : endings_(endings), limits_(limits), pool_(pool), take_(take) {}

    Result<AdvisoryFiles> read(const std::string& path) {
        const auto status = file_status(path, FollowLinks::kYes);
        if (!status.ok()) return status.result.error();
        if (is_bare_repository(path)) {
            if (Status read = read_repository(path); !read.ok()) return read.error();
        } else if (status.result.value().kind == FileKind::kDirectory) {
            read_directory(path);
        } else {
            read_one(path, status.result.value());
        }
        hand_over();
        return files_;
    }

  private:
    void read_directory(const std::string& root) {
        std::vector<std::string> paths;
        std::error_code code;
        fs::recursive_directory_iterator entries(
            root, fs::directory_options::skip_permission_denied, code);
        for (; !code && entries != fs::recursive_directory_iterator(); entries.increment(code)) {
            const std::string name = entries->path().filename().string();
            if (name.starts_with('.')) {
                if (entries->is_directory()) entries.disable_recursion_pending();
                continue;
            }
            if (entries->is_regular_file() && ends_with_one_of(name, endings_)) {
                paths.push_back(entries->path().string());
            }
        }
        if (code) batch_.push_back({root, "", "the directory cannot be read: " + code.message()});
        std::sort(paths.begin(), paths.end());
        for (std::size_t begin = 0; begin < paths.size(); begin += kBatchFiles) {
            const std::size_t count = std::min(kBatchFiles, paths.size() - begin);
            const std::size_t first = batch_.size();
            batch_.resize(first + count);
            std::vector<std::int64_t> times(count);
            pool_.for_each(count, [&](std::size_t i, unsigned) {
                AdvisoryFile& file = batch_[first + i];
                file.name = paths[begin + i];
                const auto bytes = read_file(file.name, limits_.max_text_file_bytes);
                if (bytes.ok()) {
                    file.bytes = bytes.result.value().bytes;
                } else {
                    file.problem = bytes.result.error().message;
                }
                const auto status = file_status(file.name, FollowLinks::kYes);
                if (status.ok()) times[i] = status.result.value().modified_ns / kSecond_ns;
            });
            files_.newest_s = std::max(files_.newest_s, *std::ranges::max_element(times));
            hand_over();
        }
    }

    // The files of the commit that HEAD names, as old as that commit is.
    Status read_repository(const std::string& path) {
        namespace git = connect::git;
        const git::Repository repository = MERLON_TRY(git::Repository::open(path));
        const git::ObjectId head = MERLON_TRY(git::resolve_commit(repository, "HEAD"));
        const auto object = repository.objects().read(head);
        if (!object.ok()) return object.error();
        const git::Commit commit =
            MERLON_TRY(git::parse_commit(object.value().bytes(), repository.algorithm()));
        files_.newest_s = static_cast<std::int64_t>(commit.date);
        std::vector<model::Gap> gaps;
        const auto is_wanted = [this](std::string_view name) {
            const bool is_hidden =
                name.starts_with('.') || name.find("/.") != std::string_view::npos;
            return !is_hidden && ends_with_one_of(name, endings_);
        };
        for (const TreeFile& file : list_tree(repository, commit.tree, is_wanted, gaps)) {
            const std::string name = path + ":" + file.path;
            const auto blob = repository.objects().read(file.id);
            if (blob.ok()) {
                add({name, std::string(blob.value().bytes()), ""});
            } else {
                batch_.push_back({name, "", blob.error().to_string()});
            }
        }
        for (model::Gap& gap : gaps) {
            batch_.push_back({path + ":" + gap.path, "", std::move(gap.detail)});
        }
        return {};
    }

    void read_one(const std::string& path, const FileStatus& status) {
        files_.newest_s = status.modified_ns / kSecond_ns;
        const auto bytes = read_file(path, limits_.max_archive_bytes);
        if (!bytes.ok()) {
            batch_.push_back({path, "", bytes.result.error().message});
            return;
        }
        const std::string_view content = bytes.result.value().bytes;
        if (!text::is_archive(content.substr(0, 512), path)) {
            add({path, std::string(content), ""});
            return;
        }
        text::ArchiveBudget budget(limits_);
        // Feeds are larger than what hides in a working tree: a million members are no bomb.
        budget.members_left = 4'000'000;
        budget.bytes_left = std::uint64_t{32} << 30;
        budget.max_member_bytes = kMaxMemberBytes;
        text::walk_archive(
            content, path, budget,
            {.on_member =
                 [&](const text::ArchiveMember& member) {
                     const std::string name = path + "!" + member.name;
                     // A compressed stream names nothing; a container's other members are not ours.
                     if (!member.name.empty() && !ends_with_one_of(member.name, endings_) &&
                         !is_lone_stream(path)) {
                         return;
                     }
                     if (member.is_part) {
                         batch_.push_back({name, "", "the archive is damaged here"});
                         return;
                     }
                     add({name, std::string(member.bytes), ""});
                 },
             .on_gap =
                 [&](text::ArchiveGap gap) {
                     batch_.push_back({path + "!" + gap.member, "", std::move(gap.detail)});
                 }});
    }

    void add(AdvisoryFile file) {
        batch_bytes_ += file.bytes.size();
        batch_.push_back(std::move(file));
        if (batch_bytes_ >= kBatchBytes || batch_.size() >= kBatchFiles) hand_over();
    }

    // JSON Lines, which `db export` writes: each line is a record, as if it were a file.
    static bool is_lines(std::string_view bytes) {
        const std::size_t end = bytes.find('\n');
        if (!bytes.starts_with('{') || end == std::string_view::npos) return false;
        const std::size_t next = bytes.find_first_not_of(" \t\r\n", end);
        return bytes.substr(0, end).find_last_not_of(" \t\r") != std::string_view::npos &&
               bytes[bytes.find_last_not_of(" \t\r", end - 1)] == '}' &&
               next != std::string_view::npos && bytes[next] == '{';
    }

    void take_lines_apart() {
        const auto has_lines = [](const AdvisoryFile& file) { return is_lines(file.bytes); };
        if (std::ranges::none_of(batch_, has_lines)) return;
        std::vector<AdvisoryFile> apart;
        for (AdvisoryFile& file : batch_) {
            if (!has_lines(file)) {
                apart.push_back(std::move(file));
                continue;
            }
            std::string_view rest = file.bytes;
            for (std::size_t number = 1; !rest.empty(); ++number) {
                const std::size_t end = std::min(rest.find('\n'), rest.size());
                const std::string_view line = rest.substr(0, end);
                if (line.find_first_not_of(" \t\r") != std::string_view::npos)
                    apart.push_back(
                        {file.name + ":" + std::to_string(number), std::string(line), ""});
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
            std::string().swap(file.bytes);
        }
        batch_ = std::move(apart);
    }

    void hand_over() {
        take_lines_apart();
        files_.count += batch_.size();
        if (!batch_.empty()) take_(batch_);
        batch_.clear();
        batch_bytes_ = 0;
    }

    std::span<const std::string_view> endings_;
    const Limits& limits_;
    ThreadPool& pool_;
    const std::function<void(std::vector<AdvisoryFile>&)>& take_;
    std::vector<AdvisoryFile> batch_;
    std::size_t batch_bytes_ = 0;
    AdvisoryFiles files_;
};

}  // namespace

std::string head_of_bare_repository(const std::string& path) {
    if (!is_bare_repository(path)) return {};
    const auto repository = connect::git::Repository::open(path);
    if (!repository.ok()) return {};
    const auto head = connect::git::resolve_commit(repository.value(), "HEAD");
    return head.ok() ? head.value().hex() : std::string();
}

Result<AdvisoryFiles> read_advisory_files(
    const std::string& path, std::span<const std::string_view> endings, const Limits& limits,
    ThreadPool& pool, const std::function<void(std::vector<AdvisoryFile>& batch)>& take) {
    return Reader(endings, limits, pool, take).read(path);
}

}  // namespace merlon::scan
