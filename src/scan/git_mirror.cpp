#include "scan/git_mirror.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/mapped_file.h"
#include "connect/git/complete_commit.h"
#include "connect/git/fetch_protocol.h"
#include "connect/git/object_database.h"
#include "connect/git/pack_indexer.h"
#include "scan/advisory_files.h"
#include "scan/mirror_folder.h"

namespace merlon::scan {
namespace {

namespace fs = std::filesystem;
namespace git = connect::git;

constexpr std::string_view kInfo = "/info/refs?service=git-upload-pack";
constexpr std::string_view kService = "/git-upload-pack";
// Each fetch adds a pack; after so many all is fetched anew.
constexpr std::size_t kMostPacks = 24;

class Fetch {
  public:
    Fetch(net::HttpClient& client, const GitAddress& address, const std::string& folder)
        : client_(client), address_(address), path_(folder), folder_(folder), base_(address.url) {}

    Result<GitMirror> run() {
        while (base_.ends_with('/')) base_.pop_back();
        if (Status greeted = greet(); !greeted.ok()) return greeted.error();
        const git::ObjectId wanted = MERLON_TRY(ask_commit());
        GitMirror mirror;
        mirror.commit = wanted.hex();
        const std::optional<FetchedPack> earlier = folder_.fetched();
        const bool is_here = earlier.has_value()
                                 ? earlier->commit == wanted
                                 : folder_.head() == wanted && folder_.has_sound_packs();
        if (is_here) return mirror;
        folder_.remove_leftovers(earlier);
        std::error_code code;
        fs::create_directories(path_, code);
        if (code) return Error{"cannot make " + path_ + ": " + code.message()};
        FetchedPack fetched{wanted, false, MirrorFolder::incoming_name(wanted)};
        if (!MERLON_TRY(fetch_since(fetched))) {
            fetched.is_whole = true;
            const bool has_pack =
                MERLON_TRY(fetch_pack(fetched, git::fetch_request(server_, wanted)));
            if (!has_pack) return Error{net::without_credentials(base_) + " hands out no pack"};
        }
        mirror.received_bytes = received_bytes_;
        mirror.is_changed = true;
        if (Status written = folder_.write_fetched(fetched); !written.ok()) return written.error();
        folder_.remove_leftovers(fetched);
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
        server_ = advertisement.traits();
        // gitprotocol-http: who was led elsewhere goes on there; credentials stay with their host.
        const auto asked = net::parse_http_url(request.url);
        if (asked.ok() && asked.value().text() != answer.url && answer.url.ends_with(kInfo)) {
            base_ = net::with_credentials_of(answer.url.substr(0, answer.url.size() - kInfo.size()),
                                             base_);
        }
        return {};
    }

    Result<git::ObjectId> ask_commit() {
        git::ReferenceAnswer answer(server_.algorithm, address_.reference);
        Status asked = post(git::reference_request(server_, address_.reference),
                            [&](git::PacketKind kind, std::string_view payload) {
                                return answer.take(kind, payload);
                            });
        if (!asked.ok()) return asked.error();
        if (answer.commit().has_value()) return *answer.commit();
        return Error{net::without_credentials(base_) + " has no '" + address_.reference +
                     "'; name a branch or a tag behind '#'"};
    }

    // What the commit that is here has not. False: nothing leads from there to the new one, or so
    // much was fetched since the first time that all of it is.
    Result<bool> fetch_since(const FetchedPack& fetched) {
        const std::optional<git::ObjectId> known = folder_.head();
        if (!known.has_value() || folder_.is_broken() || !folder_.has_sound_packs() ||
            folder_.pack_files().size() >= kMostPacks || known->algorithm() != server_.algorithm) {
            return false;
        }
        return fetch_pack(fetched, git::fetch_request(server_, fetched.commit, *known));
    }

    // Whether a pack came.
    Result<bool> fetch_pack(const FetchedPack& fetched, const std::string& request) {
        bool has_pack = false;
        const std::string path = folder_.incoming(fetched.file);
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
    const std::string& path_;
    MirrorFolder folder_;
    std::string base_;
    std::uint64_t received_bytes_ = 0;
    git::ServerTraits server_;
};

// Tries what was fetched beside the repository, and moves it there when it is whole.
class Finish {
  public:
    Finish(const MirrorFolder& folder, FetchedPack fetched, const CancelToken* cancel)
        : folder_(folder), fetched_(std::move(fetched)), cancel_(cancel) {}

    Status run() {
        if (Status tried = try_pack(); !tried.ok()) {
            if (is_cancelled()) return tried;
            folder_.forget_fetched(fetched_);
            // Where the known commit led to nothing, the next run does not begin with it.
            if (!fetched_.is_whole) (void)folder_.mark_broken();
            return tried;
        }
        if (Status moved = move_pack(); !moved.ok()) return moved;
        if (Status set = folder_.set_head(fetched_); !set.ok()) return set;
        // Nothing of before leads to it.
        if (fetched_.is_whole) folder_.remove_other_packs(pack_);
        folder_.forget_fetched(fetched_);
        return {};
    }

  private:
    bool is_cancelled() const { return cancel_ != nullptr && cancel_->cancelled(); }

    Status try_pack() {
        folder_.clear_next();
        std::error_code code;  // what fails here, the writing says
        fs::create_directories(folder_.next() + "/pack", code);
        git::PackIndexRequest request;
        request.algorithm = fetched_.commit.algorithm();
        request.cancel = cancel_;
        std::unique_ptr<git::ObjectDatabase> known;
        if (!fetched_.is_whole) {
            known = MERLON_TRY(git::ObjectDatabase::open(folder_.objects(), request.algorithm));
            request.find_base = [&](const git::ObjectId& id) -> std::optional<git::Object> {
                auto base = known->read_original(id);
                if (!base.ok()) return std::nullopt;
                return std::move(base).value();
            };
            // The new commit may need what the known one has, and a whole one must not.
            fs::create_directories(folder_.next() + "/info", code);
            if (Status written =
                    write_file_atomically(folder_.next() + "/info/alternates", "../objects\n");
                !written.ok()) {
                return written;
            }
        }
        pack_ = MERLON_TRY(
            git::store_pack(folder_.incoming(fetched_.file), folder_.next() + "/pack", request));
        const auto objects =
            MERLON_TRY(git::ObjectDatabase::open(folder_.next(), request.algorithm));
        Status whole =
            git::check_commit(*objects, fetched_.commit, git::CommitCheck::kAll, cancel_);
        if (whole.ok()) return whole;
        return std::move(whole).error().within("reading commit " + fetched_.commit.hex());
    }

    // Equal names are equal bytes: what is replaced is the same pack. Copied, since a sandbox lets
    // nothing be moved from folder to folder; the index last, with which the pack is there.
    Status move_pack() const {
        if (pack_.empty()) return {};
        std::error_code code;  // what fails here, the writing says
        fs::create_directories(folder_.packs(), code);
        for (const std::string_view ending : {".pack", ".idx"}) {
            const std::string file = "/" + pack_ + std::string(ending);
            const MappedFile tried = MERLON_TRY(MappedFile::open(folder_.next() + "/pack" + file));
            Status written = tried.checked([&](std::string_view bytes) {
                return write_file_atomically(folder_.packs() + file, bytes);
            });
            if (!written.ok()) return written;
        }
        return {};
    }

    const MirrorFolder& folder_;
    FetchedPack fetched_;
    const CancelToken* cancel_;
    std::string pack_;  // its name; empty: it has no object
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
    const MirrorFolder mirror(folder);
    if (const auto fetched = mirror.fetched()) return fetched->commit.hex();
    const auto head = mirror.head();
    return head.has_value() ? head->hex() : std::string();
}

Status finish_git_mirror(const std::string& folder, const CancelToken* cancel) {
    const MirrorFolder mirror(folder);
    if (const auto fetched = mirror.fetched()) return Finish(mirror, *fetched, cancel).run();
    const auto head = mirror.head();
    if (!head.has_value()) return {};
    const auto check = [&]() -> Status {
        const auto objects =
            MERLON_TRY(git::ObjectDatabase::open(mirror.objects(), head->algorithm()));
        Status read = git::check_commit(*objects, *head, git::CommitCheck::kRoot, cancel);
        if (!read.ok() || head_of_bare_repository(folder) == head->hex()) return read;
        return Error{"it is no repository any more"};
    };
    Status read = check();
    if (read.ok()) return read;
    mirror.forget_head();
    return Error{"the copy of commit " + head->hex() + " cannot be read (" +
                 read.error().to_string() + "); the next update fetches it anew"};
}

}  // namespace merlon::scan
