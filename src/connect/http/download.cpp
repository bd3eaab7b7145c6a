#include "connect/http/download.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>

#include "base/file.h"
#include "exchange/field_reader.h"
#include "text/json.h"
#include "text/stream_layers.h"

namespace merlon::connect::http {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

bool is_busy(int status) {
    return status == 429 || status == 502 || status == 503 || status == 504;
}

void remove_file(const std::string& path) {
    std::error_code code;  // what is not there needs no removing
    fs::remove(path, code);
}

std::uint64_t size_of(const std::string& path) {
    const auto status = file_status(path, FollowLinks::kNo);
    return status.ok() && status.result.value().kind == FileKind::kRegular
               ? status.result.value().size
               : 0;
}

// What is known of a part.
struct PartFacts {
    std::string url;
    Validators validators;
    bool is_gzip = false;
};

// Nothing where there are none, or they are damaged: the download then begins anew.
PartFacts read_facts(const std::string& path) {
    PartFacts facts;
    const auto text = read_text_file(path, 64 << 10);
    if (!text.ok()) return facts;
    const Status read = exchange::read_fields(
        text.value(), exchange::RecordSyntax::kJson,
        [&](const value::Value& root, exchange::FieldReader& fields) {
            if (!fields.is_object(root)) return;
            facts.url = fields.text(root, "url");
            facts.validators = {fields.text(root, "etag"), fields.text(root, "lastModified")};
            facts.is_gzip = fields.text(root, "coding") == "gzip";
        });
    return read.ok() ? facts : PartFacts{};
}

Status write_facts(const std::string& path, const PartFacts& facts) {
    std::string out;
    text::JsonWriter json(out);
    json.begin_object().member("url", facts.url).member("etag", facts.validators.etag);
    json.member("lastModified", facts.validators.last_modified);
    json.member("coding", facts.is_gzip ? "gzip" : "").end_object();
    return write_file_atomically(path, out);
}

// A weak tag says that the meaning is the same, not the bytes (section 13.1.5).
bool can_resume(const Validators& validators) {
    return (!validators.etag.empty() && !validators.etag.starts_with("W/")) ||
           (validators.etag.empty() && !validators.last_modified.empty());
}

// Section 14.4: "bytes 100-199/200". Whether it begins there.
bool begins_at(std::string_view content_range, std::uint64_t offset) {
    if (!content_range.starts_with("bytes ")) return false;
    content_range.remove_prefix(6);
    std::uint64_t first = 0;
    const auto [end, code] =
        std::from_chars(content_range.data(), content_range.data() + content_range.size(), first);
    return code == std::errc() && end != content_range.data() + content_range.size() &&
           *end == '-' && first == offset;
}

class FileInput final : public text::ArchiveInput {
  public:
    explicit FileInput(FileReader file) : file_(std::move(file)) {}
    Result<std::size_t> read(std::span<char> buffer) override { return file_.read(buffer).result; }
    bool seek(std::uint64_t offset) override {
        file_.seek(offset);
        return true;
    }
    std::uint64_t size() const override { return file_.status().size; }

  private:
    FileReader file_;
};

Status unpack_gzip(const std::string& from, const std::string& to, std::uint64_t max_bytes) {
    auto opened = FileReader::open(from);
    if (!opened.ok()) return opened.result.error();
    FileInput packed(std::move(opened.result).value());
    text::StreamLayer content(text::StreamKind::kGzip, text::PackedBytes(packed), nullptr);
    return write_file_atomically(to, [&](const WriteBytes& write) -> Status {
        std::string piece(kPieceBytes, '\0');
        for (std::uint64_t all = 0;;) {
            const std::size_t count = MERLON_TRY(content.read(piece));
            if (count == 0) return {};
            all += count;
            if (all > max_bytes) {
                return Error{"the answer unpacks to more than " + std::to_string(max_bytes) +
                             " bytes"};
            }
            if (Status written = write(std::string_view(piece).substr(0, count)); !written.ok()) {
                return written;
            }
        }
    });
}

class Attempts {
  public:
    Attempts(net::HttpClient& client, const DownloadRequest& request)
        : client_(client),
          request_(request),
          part_(request.path + ".part"),
          facts_path_(request.path + ".part.json") {}

    Result<Download> run() {
        for (unsigned attempt = 1;; ++attempt) {
            state_ = State::kNothing;
            auto answer = client_.perform(prepare(), visitor());
            part_file_.close();
            if (answer.ok() && state_ == State::kUnchanged) return result_;
            if (answer.ok() && state_ == State::kReceiving) return finish();
            const bool is_again_useful = state_ == State::kStale || state_ == State::kBusy ||
                                         (state_ == State::kReceiving && received_ > 0);
            if (!is_again_useful || attempt >= request_.max_attempts || is_cancelled()) {
                return answer.ok() ? Error{"the server gives no answer that can be used"}
                                   : std::move(answer).error();
            }
            if (state_ != State::kStale) pause(kFirstPause * (1 << std::min(attempt - 1, 4u)));
        }
    }

  private:
    enum class State : std::uint8_t {
        kNothing,    // no answer
        kUnchanged,  // 304
        kReceiving,
        kStale,  // what there is of the part is not a part of what the server has
        kBusy,
        kRefused,
    };

    bool is_cancelled() const {
        const CancelToken* const cancel = client_.settings().cancel;
        return cancel != nullptr && cancel->cancelled();
    }

    void pause(std::chrono::milliseconds time) const {
        for (; time.count() > 0 && !is_cancelled(); time -= net::kCancelCheck) {
            std::this_thread::sleep_for(std::min(time, net::kCancelCheck));
        }
    }

    void drop_part() {
        remove_file(part_);
        remove_file(facts_path_);
    }

    net::HttpRequest prepare() {
        received_ = 0;
        facts_ = read_facts(facts_path_);
        offset_ = size_of(part_);
        if (facts_.url != request_.url || !can_resume(facts_.validators)) offset_ = 0;
        net::HttpRequest request;
        request.url = request_.url;
        request.fields.push_back({"accept-encoding", "gzip"});
        if (offset_ > 0) {
            request.fields.push_back({"range", "bytes=" + std::to_string(offset_) + "-"});
            request.fields.push_back({"if-range", facts_.validators.etag.empty()
                                                      ? facts_.validators.last_modified
                                                      : facts_.validators.etag});
            return request;
        }
        if (file_status(request_.path, FollowLinks::kNo).ok()) {
            if (!request_.known.etag.empty()) {
                request.fields.push_back({"if-none-match", request_.known.etag});
            }
            if (!request_.known.last_modified.empty()) {
                request.fields.push_back({"if-modified-since", request_.known.last_modified});
            }
        }
        return request;
    }

    net::AnswerVisitor visitor() {
        return {[this](const net::ResponseHead& head) { return take_head(head); },
                [this](std::string_view bytes) { return take_body(bytes); }};
    }

    Status take_head(const net::ResponseHead& head) {
        constexpr int kRangeNotSatisfiable = 416;
        switch (head.status) {
            case 200:
                return begin(head);
            case 206:
                if (offset_ > 0 && begins_at(head.field("content-range"), offset_)) {
                    return go_on();
                }
                break;
            case 304:
                if (offset_ > 0) break;
                state_ = State::kUnchanged;
                result_.validators = request_.known;
                return {};
            case kRangeNotSatisfiable:
                break;
            default:
                state_ = is_busy(head.status) ? State::kBusy : State::kRefused;
                return Error{"the server answers " + std::to_string(head.status) +
                             (head.status == 404 ? ": there is no such document; is the address "
                                                   "right?"
                              : head.status == 401 || head.status == 403
                                  ? ": it wants credentials, which an address may hold "
                                    "(https://USER:PASSWORD@HOST/)"
                                  : "")};
        }
        state_ = offset_ > 0 ? State::kStale : State::kRefused;
        drop_part();
        return Error{"the server answers " + std::to_string(head.status) +
                     " to what was no such request"};
    }

    Status begin(const net::ResponseHead& head) {
        offset_ = 0;
        facts_.url = request_.url;
        facts_.validators = {std::string(head.field("etag")),
                             std::string(head.field("last-modified"))};
        const std::string_view coding = head.field("content-encoding");
        facts_.is_gzip = coding == "gzip" || coding == "x-gzip";
        if (!facts_.is_gzip && !coding.empty() && coding != "identity") {
            state_ = State::kRefused;
            return Error{"the answer is coded in a way that was not asked for: " +
                         std::string(coding)};
        }
        // The part before its facts: what is left of an older one must not be taken for it.
        remove_file(part_);
        if (Status written = write_facts(facts_path_, facts_); !written.ok()) return written;
        return go_on();
    }

    Status go_on() {
        state_ = State::kReceiving;
        result_.resumed_at = offset_;
        part_file_.open(part_, std::ios::binary | std::ios::app);
        if (!part_file_) return Error{"cannot write " + part_};
        return {};
    }

    Status take_body(std::string_view bytes) {
        if (state_ != State::kReceiving) return {};
        part_file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        received_ += bytes.size();
        result_.received_bytes += bytes.size();
        if (!part_file_) return Error{"cannot write " + part_ + "; is the disk full?"};
        return {};
    }

    Result<Download> finish() {
        if (received_ == 0 && offset_ == 0) {
            if (Status made = write_file_atomically(part_, ""); !made.ok()) return made.error();
        }
        const std::string whole = facts_.is_gzip ? part_ + ".whole" : part_;
        Status good;
        if (facts_.is_gzip) good = unpack_gzip(part_, whole, request_.max_unpacked_bytes);
        if (good.ok() && request_.check) good = request_.check(whole);
        if (!good.ok()) {
            remove_file(whole);
            drop_part();
            return good.error();
        }
        std::error_code code;
        fs::rename(whole, request_.path, code);
        if (code) return Error{"cannot write " + request_.path + ": " + code.message()};
        drop_part();
        result_.is_changed = true;
        result_.validators = facts_.validators;
        return result_;
    }

    net::HttpClient& client_;
    const DownloadRequest& request_;
    std::string part_;
    std::string facts_path_;
    State state_ = State::kNothing;
    PartFacts facts_;
    std::uint64_t offset_ = 0;    // bytes of the part that are there
    std::uint64_t received_ = 0;  // in this attempt
    std::ofstream part_file_;
    Download result_;
};

}  // namespace

Result<Download> download(net::HttpClient& client, const DownloadRequest& request) {
    return Attempts(client, request).run();
}

}  // namespace merlon::connect::http
