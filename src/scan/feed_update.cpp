#include "scan/feed_update.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <system_error>

#include "base/file.h"
#include "base/uri.h"
#include "connect/http/download.h"
#include "crypto/digest.h"
#include "exchange/field_reader.h"
#include "scan/advisory_files.h"
#include "scan/git_mirror.h"
#include "text/json.h"

namespace merlon::scan {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxStateBytes = std::uint64_t{16} << 20;
constexpr std::uint64_t kMaxNameBytes = 4096;  // of a text that names the newest file
constexpr std::int64_t kSecond_ns = 1'000'000'000;
constexpr std::size_t kAddressDigits = 16;  // of the digest that names a file

// What is known of one stored file.
struct Stored {
    std::string file;  // below the folder
    connect::http::Validators validators;
    std::string digest;  // of the content
    std::int64_t checked_s = 0;
};

class State {
  public:
    explicit State(std::string path) : path_(std::move(path)) {}

    // A state that cannot be read costs a download, and is no reason to fail.
    void load() {
        const auto text = read_text_file(path_, kMaxStateBytes);
        if (!text.ok()) return;
        std::map<std::string, Stored> read;
        const Status status =
            exchange::read_fields(text.value(), exchange::RecordSyntax::kJson,
                                  [&](const value::Value& root, exchange::FieldReader& fields) {
                                      if (!fields.is_object(root)) return;
                                      for (const value::Value& item : fields.items(root, "files")) {
                                          if (!fields.is_object(item)) continue;
                                          Stored stored;
                                          stored.file = fields.text(item, "file");
                                          stored.validators = {fields.text(item, "etag"),
                                                               fields.text(item, "lastModified")};
                                          stored.digest = fields.text(item, "digest");
                                          read[fields.text(item, "address")] = std::move(stored);
                                      }
                                  });
        if (status.ok()) files_ = std::move(read);
    }

    Status save() const {
        std::string out;
        text::JsonWriter json(out, "  ");
        json.begin_object().key("version").integer(1).key("files").begin_array();
        for (const auto& [address, stored] : files_) {
            json.begin_object().member("address", address).member("file", stored.file);
            json.member("etag", stored.validators.etag);
            json.member("lastModified", stored.validators.last_modified);
            json.member("digest", stored.digest);
            if (stored.checked_s != 0) {
                json.member("checked", format_rfc3339(Timestamp{stored.checked_s * kSecond_ns}));
            }
            json.end_object();
        }
        json.end_array().end_object();
        out += '\n';
        return write_file_atomically(path_, out);
    }

    Stored& at(const std::string& address) { return files_[address]; }
    bool names(const std::string& file) const {
        return std::ranges::any_of(files_,
                                   [&](const auto& known) { return known.second.file == file; });
    }

  private:
    std::string path_;
    std::map<std::string, Stored> files_;  // by address
};

Result<std::string> digest_of_file(const std::string& path) {
    auto opened = FileReader::open(path);
    if (!opened.ok()) return opened.result.error();
    FileReader& reader = opened.result.value();
    crypto::Hasher hasher(crypto::DigestAlgorithm::kSha256);
    std::string buffer(std::size_t{1} << 20, '\0');
    while (true) {
        auto read = reader.read(buffer);
        if (!read.ok()) return read.result.error();
        if (read.result.value() == 0) return hasher.finish().to_string();
        hasher.update(std::string_view(buffer).substr(0, read.result.value()));
    }
}

// A server may cut a file itself and call that the whole: a zip without its end is no feed.
Status check_zip(const std::string& path) {
    constexpr std::uint64_t kMostEndBytes = 22 + 65535;  // APPNOTE 4.3.16, with a comment
    auto opened = FileReader::open(path);
    if (!opened.ok()) return opened.result.error();
    FileReader& reader = opened.result.value();
    const std::uint64_t size = reader.status().size;
    std::string end(std::min(size, kMostEndBytes), '\0');
    reader.seek(size - end.size());
    for (std::size_t done = 0; done < end.size();) {
        const auto read = reader.read(std::span(end).subspan(done));
        if (!read.ok()) return read.result.error();
        if (read.result.value() == 0) break;
        done += read.result.value();
    }
    if (end.find("PK\x05\x06") != std::string::npos) return {};
    return Error{"the zip archive is cut short: it has no end; ask again, or another mirror"};
}

// The last part of the address, as far as it makes a file name: readers go by its ending.
std::string file_name_of(std::string_view address) {
    address = address.substr(0, address.find_first_of("?#"));
    std::string name(address.substr(address.rfind('/') + 1));
    std::ranges::replace_if(
        name,
        [](char c) {
            return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '.' || c == '-' || c == '_');
        },
        '_');
    while (name.starts_with('.')) name.erase(0, 1);
    return name.empty() ? "feed" : name.substr(0, 100);
}

// Where an address is stored below the folder. Its digest tells it from others that end alike.
std::string stored_name(const std::string& address) {
    return "files/" + crypto::sha256(address).hex().substr(0, kAddressDigits) + "-" +
           file_name_of(address);
}

// Whether an entry of the folder of files has a name as stored_name() gives them.
bool is_stored_name(std::string_view name) {
    return name.size() > kAddressDigits + 1 && name[kAddressDigits] == '-' &&
           name.find_first_not_of("0123456789abcdef") == kAddressDigits;
}

// Whether a name that a state holds is that of a file in a folder below, as all that were ever
// given: no way to another folder.
bool is_below(std::string_view file) {
    const std::size_t slash = file.find('/');
    return slash != std::string_view::npos && slash > 0 && file[0] != '.' &&
           slash + 1 < file.size() && file[slash + 1] != '.' &&
           file.find('/', slash + 1) == std::string_view::npos;
}

class Update {
  public:
    explicit Update(const FeedUpdateRequest& request)
        : request_(request), state_(request.folder + "/state.json") {}

    Result<FeedUpdate> run() {
        std::error_code code;
        fs::create_directories(request_.folder, code);
        if (code) return Error{"cannot make " + request_.folder + ": " + code.message()};
        state_.load();
        for (const Feed& feed : request_.feeds) {
            std::vector<std::string> addresses = feed.addresses;
            if (!feed.latest.empty()) add_latest(feed, addresses);
            for (const std::string& address : addresses) {
                if (!is_remote(address)) {
                    add_path(feed, address);
                    continue;
                }
                if (Status fetched = fetch(feed, address); !fetched.ok()) return fetched.error();
            }
        }
        if (request_.client != nullptr) remove_unowned();
        if (is_fingerprint_known_) {
            std::sort(fingerprints_.begin(), fingerprints_.end());
            crypto::Hasher all(crypto::DigestAlgorithm::kSha256);
            for (const std::string& one : fingerprints_) all.update(one + "\n");
            update_.fingerprint = all.finish().to_string();
        }
        return std::move(update_);
    }

  private:
    bool is_cancelled() const {
        return request_.client != nullptr && request_.client->settings().cancel != nullptr &&
               request_.client->settings().cancel->cancelled();
    }

    bool is_fetched(const Feed& feed) const {
        return request_.client != nullptr &&
               (request_.only.empty() ||
                std::ranges::find(request_.only, feed.name) != request_.only.end());
    }

    void tell(const std::string& line) const {
        if (request_.tell) request_.tell(line);
    }

    // Where the address is fetched from.
    std::string fetched_from(const std::string& address) const {
        if (request_.mirror.empty()) return address;
        const std::size_t host = address.find("://");
        std::string base = request_.mirror;
        if (!base.ends_with('/')) base += '/';
        return base + net::without_credentials(address).substr(host + 3);
    }

    void add_latest(const Feed& feed, std::vector<std::string>& addresses) {
        Stored& known = state_.at(feed.latest);
        if (is_fetched(feed)) {
            auto text = request_.client->get(fetched_from(feed.latest), kMaxNameBytes);
            if (text.ok()) {
                std::string name = std::move(text).value();
                name.erase(std::min(name.find_first_of("\r\n"), name.size()));
                // A name, and no way to another host or folder.
                if (file_name_of(name) == name) {
                    known.file = name;
                } else {
                    add_problem(feed, net::without_credentials(feed.latest),
                                "expected the name of a file");
                }
            } else {
                add_problem(feed, net::without_credentials(feed.latest), text.error().to_string());
            }
        }
        if (!known.file.empty()) addresses.push_back(resolve_uri(feed.latest, known.file));
    }

    void add_path(const Feed& feed, const std::string& path) {
        const auto status = file_status(path, FollowLinks::kYes);
        if (!status.ok()) {
            // The reader says why; of records, the database keeps what it has.
            if (has_threats(feed.kind)) {
                update_.problems.push_back({path, status.result.error().message});
            } else {
                add_source(feed, path, "");
            }
            return;
        }
        const FileStatus& found = status.result.value();
        if (const std::string head = head_of_bare_repository(path); !head.empty()) {
            add_source(feed, path, path + " " + head);
        } else if (found.kind == FileKind::kRegular) {
            add_source(feed, path, fmt::format("{} {} {}", path, found.size, found.modified_ns));
        } else {
            add_source(feed, path, "");
        }
    }

    // An empty fingerprint: nobody can tell its content from another.
    void add_source(const Feed& feed, const std::string& path, std::string fingerprint) {
        is_fingerprint_known_ = is_fingerprint_known_ && !fingerprint.empty();
        fingerprints_.push_back(fmt::format("{} {}", name(feed.kind), fingerprint));
        update_.sources.push_back({feed.kind, path, std::move(fingerprint)});
    }

    void add_problem(const Feed& feed, const std::string& shown, const std::string& what) {
        const bool is_named = what.find(shown) != std::string::npos;
        update_.problems.push_back({feed.name, is_named ? what : shown + ": " + what});
    }

    // Fails for what ends the run alone; what is wrong with the feed is a problem.
    Status fetch(const Feed& feed, const std::string& address) {
        const std::string shown = net::without_credentials(address);
        Stored& stored = state_.at(shown);
        // What stands elsewhere was stored under a name that another address may have had.
        if (const std::string file = stored_name(shown); stored.file != file) {
            if (!stored.file.empty()) abandoned_.insert(stored.file);
            stored = {};
            stored.file = file;
        }
        const std::string path = request_.folder + "/" + stored.file;
        const bool is_repository = is_git_address(address);
        if (is_fetched(feed)) {
            std::error_code code;  // what fails here, the download says
            fs::create_directories(fs::path(path).parent_path(), code);
            Status fetched = is_repository ? fetch_repository(feed, address, path, stored)
                                           : fetch_file(feed, address, path, stored);
            if (!fetched.ok()) return fetched;
        }
        if (stored.digest.empty()) {
            if (request_.client == nullptr) {
                add_problem(feed, shown,
                            "has not been fetched yet; run 'merlon db update' where there is a "
                            "network");
            }
            return {};
        }
        if (is_repository) {
            update_.mirrors.push_back({path, feed.name + ": " + shown});
            const std::string commit = mirrored_commit(path);
            add_source(feed, path, commit.empty() ? "" : stored.file + " " + commit);
        } else {
            const bool is_there = file_status(path, FollowLinks::kNo).ok();
            add_source(feed, path, is_there ? stored.file + " " + stored.digest : "");
        }
        return {};
    }

    // Fails where the run is cancelled, or the state cannot be written.
    Status fetch_file(const Feed& feed, const std::string& address, const std::string& path,
                      Stored& stored) {
        // A server that has nothing newer than what is known sends nothing.
        const bool is_there = file_status(path, FollowLinks::kNo).ok();
        auto got = connect::http::download(
            *request_.client, {.url = fetched_from(address),
                               .path = path,
                               .known = is_there ? stored.validators : connect::http::Validators{},
                               .check = path.ends_with(".zip") ? check_zip : nullptr});
        if (is_cancelled()) return Error{"cancelled; what was fetched is kept"};
        if (!got.ok()) {
            tell_failure(feed, address, got.error(), stored);
            return {};
        }
        if (got.value().is_changed) {
            stored.validators = got.value().validators;
            stored.digest = MERLON_TRY(digest_of_file(path));
        }
        const connect::http::Download& done = got.value();
        return note(
            feed, stored,
            fmt::format("{} {}", file_name_of(net::without_credentials(address)),
                        !done.is_changed      ? std::string("unchanged")
                        : done.resumed_at > 0 ? fmt::format("{} bytes, gone on from {}",
                                                            done.received_bytes, done.resumed_at)
                                              : fmt::format("{} bytes", done.received_bytes)));
    }

    Status fetch_repository(const Feed& feed, const std::string& address, const std::string& path,
                            Stored& stored) {
        GitAddress from = parse_git_address(address);
        from.url = fetched_from(from.url);
        const auto got = fetch_git_mirror(*request_.client, from, path);
        if (is_cancelled()) {
            return Error{"cancelled; what was fetched whole is kept, and a repository begun anew"};
        }
        if (!got.ok()) {
            tell_failure(feed, address, got.error(), stored);
            return {};
        }
        const GitMirror& mirror = got.value();
        stored.digest = mirror.commit;
        return note(feed, stored,
                    fmt::format("{} {}", mirror.commit.substr(0, 12),
                                mirror.is_changed ? fmt::format("{} bytes", mirror.received_bytes)
                                                  : std::string("unchanged")));
    }

    // Files of ours that no address is stored in any more: those whose address has been given
    // another name in this run, and those in the folder of files that the state does not know. What
    // is no name of ours is left alone.
    void remove_unowned() {
        std::error_code code;  // what cannot be listed or removed is in nobody's way
        for (const auto& entry : fs::directory_iterator(request_.folder + "/files", code)) {
            const std::string name = entry.path().filename().string();
            std::string_view whole = name;  // of which a download has a part
            for (const std::string_view ending : {".json", ".part"}) {
                if (name.find(".part") != std::string::npos && whole.ends_with(ending))
                    whole.remove_suffix(ending.size());
            }
            if (is_stored_name(whole)) abandoned_.insert("files/" + std::string(whole));
        }
        for (const std::string& file : abandoned_) {
            if (state_.names(file) || !is_below(file)) continue;
            std::uintmax_t removed = 0;
            for (const std::string_view ending : {"", ".part", ".part.json"}) {
                const std::uintmax_t count =
                    fs::remove_all(request_.folder + "/" + file + std::string(ending), code);
                if (!code) removed += count;
            }
            if (removed > 0) tell("removed " + file + ": no feed is stored there any more");
            // The folder that a feed had of its own, where that was its last file.
            fs::remove(fs::path(request_.folder + "/" + file).parent_path(), code);
        }
    }

    void tell_failure(const Feed& feed, const std::string& address, const Error& error,
                      const Stored& stored) {
        add_problem(feed, net::without_credentials(address),
                    error.to_string() +
                        (stored.digest.empty() ? "" : "; what was fetched before stays in use"));
    }

    // The address has been asked.
    Status note(const Feed& feed, Stored& stored, const std::string& what) {
        stored.checked_s = request_.now_s;
        tell(fmt::format("{:<12} {}", feed.name, what));
        return state_.save();
    }

    const FeedUpdateRequest& request_;
    State state_;
    FeedUpdate update_;
    std::set<std::string> abandoned_;  // files below the folder, which may have another owner
    std::vector<std::string> fingerprints_;
    bool is_fingerprint_known_ = true;
};

}  // namespace

Status finish_feeds(FeedUpdate& update, const CancelToken* cancel) {
    for (const FeedMirror& mirror : update.mirrors) {
        const Status finished = finish_git_mirror(mirror.path, cancel);
        if (finished.ok()) continue;
        if (cancel != nullptr && cancel->cancelled()) {
            return Error{"cancelled; what was fetched is kept"};
        }
        update.problems.push_back({mirror.shown, finished.error().to_string() +
                                                     "; what was fetched before stays in use"});
        // It is of another commit than was thought, or of none.
        update.fingerprint.clear();
        const auto source = std::ranges::find(update.sources, mirror.path, &FeedSource::path);
        if (source != update.sources.end()) source->fingerprint.clear();
    }
    return {};
}

Result<FeedUpdate> update_feeds(const FeedUpdateRequest& request) { return Update(request).run(); }

}  // namespace merlon::scan
