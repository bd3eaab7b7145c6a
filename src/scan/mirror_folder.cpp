#include "scan/mirror_folder.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>

#include "base/file.h"
#include "connect/git/object_folders.h"
#include "crypto/digest.h"

namespace merlon::scan {
namespace {

namespace fs = std::filesystem;
namespace git = connect::git;

constexpr std::uint64_t kMaxTextBytes = 64 << 10;
constexpr std::string_view kPackEnding = ".pack";
constexpr std::string_view kIndexEnding = ".idx";
constexpr std::string_view kIncoming = "incoming-";

bool exists(const std::string& path) { return file_status(path, FollowLinks::kNo).ok(); }

std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    const auto text = read_text_file(path, kMaxTextBytes);
    if (!text.ok()) return lines;
    std::string_view rest = text.value();
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        lines.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return lines;
}

// "pack-<digest>" of "pack-<digest>.pack"; empty for any other name.
std::string_view pack_name(std::string_view file, std::string_view ending) {
    constexpr std::string_view kPack = "pack-";
    if (!file.starts_with(kPack) || !file.ends_with(ending)) return {};
    file.remove_suffix(ending.size());
    return git::ObjectId::parse(file.substr(kPack.size())).has_value() ? file : "";
}

// The last bytes of the file, as hexadecimal digits.
std::string end_of(const std::string& path, std::size_t count) {
    auto opened = FileReader::open(path);
    if (!opened.ok() || opened.result.value().status().size < count) return {};
    FileReader& reader = opened.result.value();
    reader.seek(reader.status().size - count);
    std::array<char, 32> bytes{};
    for (std::size_t done = 0; done < count;) {
        const auto read = reader.read(std::span(bytes).subspan(done, count - done));
        if (!read.ok() || read.result.value() == 0) return {};
        done += read.result.value();
    }
    return crypto::hex({bytes.data(), count});
}

}  // namespace

std::optional<git::ObjectId> MirrorFolder::head() const {
    const std::vector<std::string> lines = lines_of(head_path());
    return lines.empty() ? std::nullopt : git::ObjectId::parse(lines[0]);
}

std::optional<FetchedPack> MirrorFolder::fetched() const {
    const std::vector<std::string> lines = lines_of(fetched_path());
    if (lines.size() != 3) return std::nullopt;
    const auto commit = git::ObjectId::parse(lines[0]);
    // The file's name follows from the commit, and is no way to another folder.
    if (!commit.has_value() || lines[2] != incoming_name(*commit)) return std::nullopt;
    if (!exists(incoming(lines[2]))) return std::nullopt;
    return FetchedPack{*commit, lines[1] == "whole", lines[2]};
}

Status MirrorFolder::write_fetched(const FetchedPack& fetched) const {
    return write_file_atomically(
        fetched_path(), fetched.commit.hex() + (fetched.is_whole ? "\nwhole\n" : "\nsince\n") +
                            fetched.file + "\n");
}

bool MirrorFolder::is_broken() const { return exists(broken_path()); }

Status MirrorFolder::mark_broken() const { return write_file_atomically(broken_path(), "\n"); }

std::vector<std::string> MirrorFolder::pack_files() const {
    std::vector<std::string> files;
    for (const std::string& name : git::names_in(packs())) {
        if (!pack_name(name, kPackEnding).empty()) files.push_back(name);
    }
    return files;
}

bool MirrorFolder::has_sound_packs() const {
    const std::vector<std::string> files = pack_files();
    return !files.empty() && std::ranges::all_of(files, [&](const std::string& file) {
        const std::string name(pack_name(file, kPackEnding));
        const std::string digest = name.substr(name.find('-') + 1);
        return exists(packs() + "/" + name + std::string(kIndexEnding)) &&
               end_of(packs() + "/" + file, digest.size() / 2) == digest;
    });
}

void MirrorFolder::remove_leftovers(const std::optional<FetchedPack>& kept) const {
    std::error_code code;  // what cannot be removed is in nobody's way
    clear_next();
    fs::remove_all(next(), code);
    for (const std::string& name : git::names_in(path_)) {
        const bool is_kept = kept.has_value() && name == kept->file;
        if (name.starts_with(kIncoming) && !is_kept) fs::remove(path_ + "/" + name, code);
    }
    for (const std::string& name : git::names_in(packs())) {
        const bool is_known =
            !pack_name(name, kPackEnding).empty() || !pack_name(name, kIndexEnding).empty();
        if (!is_known) fs::remove(packs() + "/" + name, code);
    }
}

void MirrorFolder::clear_next() const {
    std::error_code code;
    for (const std::string& folder : {next() + "/pack", next() + "/info"}) {
        for (const std::string& name : git::names_in(folder)) {
            fs::remove(fs::path(folder) / name, code);
        }
    }
}

Status MirrorFolder::set_head(const FetchedPack& fetched) const {
    std::error_code code;  // what fails here, the writing says
    fs::create_directories(path_ + "/refs/heads", code);
    const bool is_sha1 = fetched.commit.algorithm() == git::HashAlgorithm::kSha1;
    // The parents of each commit that is here are not.
    std::string shallow;
    if (!fetched.is_whole) {
        for (const std::string& line : lines_of(shallow_path())) {
            if (line != fetched.commit.hex()) shallow += line + "\n";
        }
    }
    shallow += fetched.commit.hex() + "\n";
    // gitrepository-layout: what makes a folder a bare repository, and a commit the last one.
    const std::pair<std::string, std::string> files[] = {
        {path_ + "/config", is_sha1 ? "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
                                    : "[core]\n\trepositoryformatversion = 1\n\tbare = true\n"
                                      "[extensions]\n\tobjectformat = sha256\n"},
        {path_ + "/HEAD", "ref: refs/heads/feed\n"},
        {shallow_path(), shallow},
        {head_path(), fetched.commit.hex() + "\n"},
    };
    for (const auto& [path, text] : files) {
        if (Status written = write_file_atomically(path, text); !written.ok()) return written;
    }
    fs::remove(broken_path(), code);
    return {};
}

void MirrorFolder::forget_fetched(const FetchedPack& fetched) const {
    std::error_code code;
    fs::remove(fetched_path(), code);
    fs::remove(incoming(fetched.file), code);
    clear_next();
}

void MirrorFolder::remove_other_packs(const std::string& kept) const {
    std::error_code code;
    for (const std::string& file : pack_files()) {
        const std::string name(pack_name(file, kPackEnding));
        if (name == kept) continue;
        fs::remove(packs() + "/" + name + std::string(kIndexEnding), code);
        fs::remove(packs() + "/" + file, code);
    }
}

void MirrorFolder::forget_head() const {
    std::error_code code;
    fs::remove(head_path(), code);
    fs::remove(shallow_path(), code);
}

}  // namespace merlon::scan
