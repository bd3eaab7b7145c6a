#include "scan/git_mirror.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "connect/git/fetch_protocol.h"
#include "connect/git/pack_indexer.h"

namespace merlon::scan {
namespace {

namespace fs = std::filesystem;
namespace git = connect::git;

constexpr std::string_view kInfo = "/info/refs?service=git-upload-pack";
constexpr std::string_view kService = "/git-upload-pack";
// Each fetch adds a pack; after so many all is fetched anew.
constexpr std::size_t kMostPacks = 24;
constexpr std::uint64_t kMaxIdBytes = 256;

std::string id_in(const std::string& path) {
    const auto text = read_text_file(path, kMaxIdBytes);
    if (!text.ok()) return {};
    const std::string_view line = std::string_view(text.value()).substr(0, text.value().find('\n'));
    return git::ObjectId::parse(line).has_value() ? std::string(line) : std::string();
}

std::string head_path(const std::string& folder) { return folder + "/refs/heads/feed"; }
std::string fetched_path(const std::string& folder) { return folder + "/fetched"; }
std::string packs_path(const std::string& folder) { return folder + "/objects/pack"; }

std::vector<std::string> packs_of(const std::string& folder) {
    std::vector<std::string> packs;
    std::error_code code;  // a folder that is not there has none
    for (const auto& entry : fs::directory_iterator(packs_path(folder), code)) {
        if (entry.path().extension() == ".pack") packs.push_back(entry.path().string());
    }
    std::sort(packs.begin(), packs.end());
    return packs;
}

std::string index_of(const std::string& pack) { return pack.substr(0, pack.rfind('.')) + ".idx"; }

class Fetch {
  public:
    Fetch(net::HttpClient& client, const GitAddress& address, const std::string& folder)
        : client_(client), address_(address), folder_(folder), base_(address.url) {}

    Result<GitMirror> run() {
        while (base_.ends_with('/')) base_.pop_back();
        if (Status greeted = greet(); !greeted.ok()) return greeted.error();
        const git::ObjectId wanted = MERLON_TRY(ask_commit());
        GitMirror mirror;
        mirror.commit = wanted.hex();
        if (mirrored_commit(folder_) == mirror.commit) return mirror;
        std::error_code code;
        fs::remove(fetched_path(folder_), code);
        remove_unfinished();
        fs::create_directories(packs_path(folder_), code);
        if (code) return Error{"cannot make " + packs_path(folder_) + ": " + code.message()};
        const bool is_whole = !MERLON_TRY(fetch_since(wanted));
        if (is_whole) {
            const bool has_pack = MERLON_TRY(fetch_pack(wanted, git::fetch_request(wanted)));
            if (!has_pack) return Error{net::without_credentials(base_) + " hands out no pack"};
        }
        mirror.received_bytes = received_bytes_;
        mirror.is_changed = true;
        if (Status written = write_file_atomically(fetched_path(folder_),
                                                   mirror.commit + (is_whole ? "\nwhole\n" : "\n"));
            !written.ok()) {
            return written.error();
        }
        return mirror;
    }

  private:
    // Hands the packets of an answer to `take`.
    Result<net::HttpAnswer> ask(net::HttpRequest request, const git::PacketReader::Sink& take) {
        git::PacketReader packets(take);
        request.fields.push_back({"git-protocol", "version=2"});
        const net::HttpAnswer answer = MERLON_TRY(client_.perform(
            request, {[&](const net::ResponseHead& head) -> Status {
                          if (head.status == 200) return {};
                          return Error{"the server answers " + net::status_text(head)};
                      },
                      [&](std::string_view bytes) { return packets.feed(bytes); }}));
        if (Status whole = packets.finish(); !whole.ok()) return whole.error();
        return answer;
    }

    Status post(std::string body, const git::PacketReader::Sink& take) {
        net::HttpRequest request;
        request.method = "POST";
        request.url = base_ + std::string(kService);
        request.fields = {{"content-type", "application/x-git-upload-pack-request"},
                          {"accept", "application/x-git-upload-pack-result"}};
        request.body = std::move(body);
        const auto answer = ask(std::move(request), take);
        return answer.ok() ? Status() : Status(answer.error());
    }

    Status greet() {
        net::HttpRequest request;
        request.url = base_ + std::string(kInfo);
        git::Advertisement advertisement;
        const net::HttpAnswer answer =
            MERLON_TRY(ask(request, [&](git::PacketKind kind, std::string_view payload) {
                return advertisement.take(kind, payload);
            }));
        if (Status able = advertisement.check(); !able.ok()) {
            return Error{net::without_credentials(base_) + " " + able.error().message};
        }
        algorithm_ = advertisement.algorithm();
        // gitprotocol-http: who was led elsewhere goes on there; credentials stay where they are.
        const auto asked = net::parse_http_url(request.url);
        if (asked.ok() && asked.value().text() != answer.url && answer.url.ends_with(kInfo)) {
            base_ = answer.url.substr(0, answer.url.size() - kInfo.size());
        }
        return {};
    }

    Result<git::ObjectId> ask_commit() {
        git::ReferenceAnswer answer(algorithm_, address_.reference);
        Status asked = post(git::reference_request(algorithm_, address_.reference),
                            [&](git::PacketKind kind, std::string_view payload) {
                                return answer.take(kind, payload);
                            });
        if (!asked.ok()) return asked.error();
        if (answer.commit().has_value()) return *answer.commit();
        return Error{net::without_credentials(base_) + " has no '" + address_.reference +
                     "'; name a branch or a tag behind '#'"};
    }

    // Packs of a run that ended before it looked into them.
    void remove_unfinished() const {
        std::error_code code;
        for (const std::string& pack : packs_of(folder_)) {
            if (!file_status(index_of(pack), FollowLinks::kNo).ok()) fs::remove(pack, code);
        }
    }

    // What was added since the commit that is here. False: nothing leads from there to the new one,
    // or so much was fetched since the first time that all of it is.
    Result<bool> fetch_since(const git::ObjectId& wanted) {
        const auto known = git::ObjectId::parse(id_in(head_path(folder_)));
        const auto shallow = git::ObjectId::parse(id_in(folder_ + "/shallow"));
        if (!known.has_value() || !shallow.has_value() || packs_of(folder_).size() >= kMostPacks ||
            known->algorithm() != algorithm_) {
            return false;
        }
        return fetch_pack(wanted, git::fetch_request(wanted, *known, {&*shallow, 1}));
    }

    // Whether a pack came.
    Result<bool> fetch_pack(const git::ObjectId& wanted, const std::string& request) {
        bool has_pack = false;
        const std::string path = packs_path(folder_) + "/pack-" + wanted.hex() + ".pack";
        const auto write_pack = [&](const WriteBytes& write) -> Status {
            git::FetchAnswer answer([&](std::string_view pack) {
                received_bytes_ += pack.size();
                return write(pack);
            });
            Status asked = post(request, [&](git::PacketKind kind, std::string_view payload) {
                return answer.take(kind, payload);
            });
            has_pack = answer.has_pack();
            return asked.ok() ? answer.check() : asked;
        };
        if (Status written = write_file_atomically(path, write_pack); !written.ok()) {
            return written.error();
        }
        std::error_code code;
        if (!has_pack) fs::remove(path, code);
        return has_pack;
    }

    net::HttpClient& client_;
    const GitAddress& address_;
    const std::string& folder_;
    std::string base_;
    std::uint64_t received_bytes_ = 0;
    git::HashAlgorithm algorithm_ = git::HashAlgorithm::kSha1;
};

}  // namespace

bool is_git_address(std::string_view address) {
    const std::string_view path = address.substr(0, address.find_first_of("?#"));
    return address.starts_with("git+") || path.ends_with(".git") || path.ends_with(".git/");
}

GitAddress parse_git_address(std::string_view address) {
    constexpr std::string_view kMark = "git+";
    if (address.starts_with(kMark)) address.remove_prefix(kMark.size());
    const std::size_t hash = std::min(address.find('#'), address.size());
    const std::string_view reference = address.substr(std::min(hash + 1, address.size()));
    return {std::string(address.substr(0, hash)),
            reference.empty() ? std::string("HEAD") : std::string(reference)};
}

Result<GitMirror> fetch_git_mirror(net::HttpClient& client, const GitAddress& address,
                                   const std::string& folder) {
    return Fetch(client, address, folder).run();
}

std::string mirrored_commit(const std::string& folder) {
    const std::string fetched = id_in(fetched_path(folder));
    return fetched.empty() ? id_in(head_path(folder)) : fetched;
}

Status finish_git_mirror(const std::string& folder) {
    const auto commit = git::ObjectId::parse(id_in(fetched_path(folder)));
    if (!commit.has_value()) return {};
    const auto fetched = read_text_file(fetched_path(folder), kMaxIdBytes);
    const bool is_whole = fetched.ok() && fetched.value().ends_with("whole\n");
    std::error_code code;  // what fails here, the writing says
    const std::string own = packs_path(folder) + "/pack-" + commit->hex() + ".pack";
    if (Status indexed = git::write_pack_index(own, commit->algorithm()); !indexed.ok()) {
        fs::remove(own, code);
        fs::remove(fetched_path(folder), code);
        return indexed;
    }
    fs::create_directories(folder + "/refs/heads", code);
    // gitrepository-layout: what makes a folder a bare repository, and a commit the first one.
    const bool is_sha1 = commit->algorithm() == git::HashAlgorithm::kSha1;
    std::vector<std::pair<std::string, std::string>> files{
        {folder + "/config", is_sha1 ? "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
                                     : "[core]\n\trepositoryformatversion = 1\n\tbare = true\n"
                                       "[extensions]\n\tobjectformat = sha256\n"},
        {folder + "/HEAD", "ref: refs/heads/feed\n"},
    };
    if (is_whole) files.emplace_back(folder + "/shallow", commit->hex() + "\n");
    files.emplace_back(head_path(folder), commit->hex() + "\n");
    for (const auto& [path, text] : files) {
        if (Status written = write_file_atomically(path, text); !written.ok()) return written;
    }
    fs::remove(fetched_path(folder), code);
    if (!is_whole) return {};
    // Nothing of before leads to it.
    for (const std::string& pack : packs_of(folder)) {
        if (pack == own) continue;
        fs::remove(pack, code);
        fs::remove(index_of(pack), code);
    }
    return {};
}

}  // namespace merlon::scan
