#include "model/serialize.h"

#include <concepts>
#include <cstring>
#include <limits>
#include <type_traits>

namespace merlon::model {
namespace {

constexpr std::string_view kMagic = "MRLN";

template <typename T, typename Plain>
concept Some = std::same_as<std::remove_const_t<T>, Plain>;

// How many names an enumeration has: what lies above was never written by us.
template <typename Enum>
constexpr std::uint64_t kNames = 0;
template <>
constexpr std::uint64_t kNames<Severity> = 5;
template <>
constexpr std::uint64_t kNames<Confidence> = 3;
template <>
constexpr std::uint64_t kNames<GapCause> = static_cast<std::uint64_t>(GapCause::kCancelled) + 1;
template <>
constexpr std::uint64_t kNames<OriginStep::Kind> = 6;
template <>
constexpr std::uint64_t kNames<TextEncoding> =
    static_cast<std::uint64_t>(TextEncoding::kBinary) + 1;

// The fields of each type, in the order of the form. A change here is a new version.

template <typename Archive>
void fields(Archive& archive, Some<TextRegion> auto& region) {
    archive(region.start_line, region.start_column, region.end_line, region.end_column,
            region.start_offset, region.end_offset);
}
template <typename Archive>
void fields(Archive& archive, Some<FileLocation> auto& file) {
    archive(file.path, file.members, file.region);
}
template <typename Archive>
void fields(Archive& archive, Some<LayerLocation> auto& layer) {
    archive(layer.image, layer.layer_digest, layer.file);
}
template <typename Archive>
void fields(Archive& archive, Some<ObjectLocation> auto& object) {
    archive(object.object, object.pointer);
}
template <typename Archive>
void fields(Archive& archive, Some<UrlLocation> auto& url) {
    archive(url.url);
}
template <typename Archive>
void fields(Archive& archive, Some<EventLocation> auto& event) {
    archive(event.stream, event.event_id);
}
template <typename Archive>
void fields(Archive& archive, Some<Rule> auto& rule) {
    archive(rule.id, rule.engine, rule.pack, rule.name, rule.description, rule.fix, rule.help_url,
            rule.severity, rule.confidence, rule.tags, rule.cwe);
}
template <typename Archive>
void fields(Archive& archive, Some<Excerpt> auto& excerpt) {
    archive(excerpt.first_line, excerpt.lines, excerpt.mark_line, excerpt.mark_start_column,
            excerpt.mark_end_column);
}
template <typename Archive>
void fields(Archive& archive, Some<Fingerprint> auto& fingerprint) {
    archive(fingerprint.algorithm, fingerprint.value);
}
template <typename Archive>
void fields(Archive& archive, Some<HistoryPlace> auto& place) {
    archive(place.kind, place.location, place.object, place.commit, place.author, place.email,
            place.date, place.removed_commit, place.removed_date, place.head_line,
            place.introductions);
}
template <typename Archive>
void fields(Archive& archive, Some<History> auto& history) {
    archive(history.places, history.reach, history.in_head, history.references,
            history.reference_count);
}
template <typename Archive>
void fields(Archive& archive, Some<Finding> auto& finding) {
    archive(finding.rule_id, finding.severity, finding.confidence, finding.message,
            finding.location, finding.excerpt, finding.match, finding.secret, finding.secret_id,
            finding.fingerprints, finding.tags, finding.properties, finding.also_at,
            finding.history, finding.suppressed_by, finding.suppression_reason);
}
template <typename Archive>
void fields(Archive& archive, Some<Gap> auto& gap) {
    archive(gap.cause, gap.path, gap.detail);
}
template <typename Archive>
void fields(Archive& archive, Some<AcceptedGap> auto& accepted) {
    archive(accepted.gap, accepted.reason, accepted.expires);
}
template <typename Archive>
void fields(Archive& archive, Some<ObjectCounts> auto& counts) {
    archive(counts.present, counts.commits, counts.trees, counts.blobs, counts.tags, counts.bytes,
            counts.left_out, counts.outside_range, counts.submodule_links);
}
template <typename Archive>
void fields(Archive& archive, Some<Coverage> auto& coverage) {
    archive(coverage.files_seen, coverage.files_read, coverage.files_skipped, coverage.bytes_read,
            coverage.members_read, coverage.windowed_files, coverage.objects, coverage.gaps,
            coverage.accepted);
}
template <typename Archive>
void fields(Archive& archive, Some<Analysis> auto& analysis) {
    archive(analysis.tool, analysis.version, analysis.engine, analysis.program_digest,
            analysis.configuration_digest, analysis.ref, analysis.commit, analysis.scope,
            analysis.complete, analysis.incomplete_because, analysis.signature_versions);
}
template <typename Archive>
void fields(Archive& archive, Some<Report> auto& report) {
    archive(report.analysis, report.rules, report.findings, report.coverage, report.notices);
}
template <typename Archive>
void fields(Archive& archive, Some<OriginStep> auto& step) {
    archive(step.kind, step.name, step.symlink);
}
template <typename Archive>
void fields(Archive& archive, Some<text::LineOrigin> auto& line) {
    archive(line.name, line.source_offset, line.is_escaped);
}
// All but the bytes, which writer and reader hold differently.
template <typename Archive>
void fields(Archive& archive, Some<Document> auto& document) {
    archive(document.media_type, document.origin, document.encoding, document.first_line,
            document.first_column, document.first_offset, document.owned_begin, document.owned_end,
            document.line_origins, document.source);
}

class Writer {
  public:
    explicit Writer(MessageKind kind) {
        out_ = kMagic;
        out_ += static_cast<char>(kSerialVersion);
        out_ += static_cast<char>(kind);
        out_.append(sizeof(std::uint64_t), '\0');  // the size, known at the end
    }

    template <typename... Parts>
    void operator()(const Parts&... parts) {
        (put(parts), ...);
    }

    std::string finish() && {
        std::uint64_t size = out_.size() - kMessageHeaderBytes;
        for (std::size_t i = kMessageHeaderBytes - sizeof(size); i < kMessageHeaderBytes; ++i) {
            out_[i] = static_cast<char>(size & 0xFF);
            size >>= 8;
        }
        return std::move(out_);
    }

    void put(std::string_view text) {
        put(std::uint64_t{text.size()});
        out_ += text;
    }

  private:
    template <std::unsigned_integral Number>
    void put(Number number) {
        std::uint64_t rest = number;
        for (; rest >= 0x80; rest >>= 7) out_ += static_cast<char>(rest | 0x80);
        out_ += static_cast<char>(rest);
    }
    template <typename Enum>
        requires std::is_enum_v<Enum>
    void put(Enum name) {
        put(static_cast<std::uint64_t>(name));
    }
    template <typename Item>
    void put(const std::vector<Item>& items) {
        put(std::uint64_t{items.size()});
        for (const Item& item : items) put(item);
    }
    template <typename Item>
    void put(const std::optional<Item>& item) {
        put(item.has_value());
        if (item) put(*item);
    }
    void put(const std::map<std::string, std::string>& entries) {
        put(std::uint64_t{entries.size()});
        for (const auto& [name, text] : entries) (*this)(name, text);
    }
    void put(const Location& location) {
        put(std::uint64_t{location.index()});
        std::visit([this](const auto& place) { put(place); }, location);
    }
    void put(const std::string& text) { put(std::string_view(text)); }
    template <typename Record>
        requires std::is_class_v<Record>
    void put(const Record& record) {
        fields(*this, record);
    }

    std::string out_;
};

// After the first fault every read gives nothing, so that callers need not look after each field.
class Reader {
  public:
    explicit Reader(std::string_view message) : message_(message), at_(kMessageHeaderBytes) {}

    template <typename... Parts>
    void operator()(Parts&... parts) {
        (get(parts), ...);
    }

    std::string_view text() {
        const std::uint64_t size = number();
        if (size > left()) {
            fail("a text is longer than the message");
            return {};
        }
        const std::string_view text = message_.substr(at_, size);
        at_ += size;
        return text;
    }

    Status finish() {
        if (what_ == nullptr && left() != 0) fail("bytes behind the end of the message");
        if (what_ == nullptr) return {};
        return Error{std::string("serialised form: ") + what_, fault_};
    }

  private:
    std::size_t left() const { return message_.size() - at_; }

    void fail(const char* what) {
        if (what_ != nullptr) return;
        what_ = what;
        fault_ = at_;
        at_ = message_.size();
    }

    // LEB128 in its shortest form.
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; left() > 0; shift += 7) {
            const auto byte = static_cast<std::uint8_t>(message_[at_]);
            if (shift == 63 && byte > 1) break;
            ++at_;
            value |= std::uint64_t{byte & 0x7Fu} << shift;
            if (byte >= 0x80) continue;
            if (byte == 0 && shift > 0) break;
            return value;
        }
        fail("not a number in its shortest form, or the message is cut short");
        return 0;
    }

    std::uint64_t number_up_to(std::uint64_t most) {
        const std::uint64_t value = number();
        if (value <= most) return value;
        fail("a number is outside its range");
        return 0;
    }

    template <std::unsigned_integral Number>
    void get(Number& value) {
        value = static_cast<Number>(number_up_to(std::numeric_limits<Number>::max()));
    }
    void get(bool& truth) { truth = number_up_to(1) == 1; }
    template <typename Enum>
        requires std::is_enum_v<Enum>
    void get(Enum& value) {
        static_assert(kNames<Enum> > 0);
        value = static_cast<Enum>(number_up_to(kNames<Enum> - 1));
    }
    void get(std::string& value) { value = text(); }
    template <typename Item>
    void get(std::vector<Item>& items) {
        // Each item takes a byte at least; memory is taken as items arrive, not as announced.
        const std::uint64_t count = number_up_to(left());
        for (std::uint64_t i = 0; i < count && what_ == nullptr; ++i) get(items.emplace_back());
    }
    template <typename Item>
    void get(std::optional<Item>& item) {
        bool has = false;
        get(has);
        if (has) get(item.emplace());
    }
    void get(std::map<std::string, std::string>& entries) {
        const std::uint64_t count = number_up_to(left());
        for (std::uint64_t i = 0; i < count && what_ == nullptr; ++i) {
            std::string name(text());
            if (!entries.empty() && name <= entries.rbegin()->first)
                return fail("keys in disorder");
            get(entries.emplace_hint(entries.end(), std::move(name), std::string())->second);
        }
    }
    template <std::size_t Index = 0>
    void get_alternative(Location& location, std::uint64_t index) {
        if constexpr (Index < std::variant_size_v<Location>) {
            if (index == Index) return get(location.emplace<Index>());
            get_alternative<Index + 1>(location, index);
        }
    }
    void get(Location& location) {
        get_alternative(location, number_up_to(std::variant_size_v<Location> - 1));
    }
    template <typename Record>
        requires std::is_class_v<Record>
    void get(Record& record) {
        fields(*this, record);
    }

    std::string_view message_;
    std::size_t at_;
    const char* what_ = nullptr;
    std::size_t fault_ = 0;
};

Status check_header(std::string_view message, MessageKind kind) {
    const MessageHeader header =
        MERLON_TRY(read_message_header(message.substr(0, kMessageHeaderBytes)));
    if (header.kind != kind) return Error{"serialised form: a message of another kind", 5};
    if (header.payload_bytes != message.size() - kMessageHeaderBytes) {
        return Error{"serialised form: the message is not as long as its header says", 6};
    }
    return {};
}

}  // namespace

Result<MessageHeader> read_message_header(std::string_view bytes) {
    if (bytes.size() != kMessageHeaderBytes || !bytes.starts_with(kMagic)) {
        return Error{"serialised form: this is no message of ours", 0};
    }
    if (static_cast<std::uint8_t>(bytes[4]) != kSerialVersion) {
        return Error{"serialised form: written by another version of this program", 4};
    }
    const auto kind = static_cast<std::uint8_t>(bytes[5]);
    if (kind != static_cast<std::uint8_t>(MessageKind::kDocument) &&
        kind != static_cast<std::uint8_t>(MessageKind::kReport)) {
        return Error{"serialised form: unknown kind of message", 5};
    }
    MessageHeader header{static_cast<MessageKind>(kind), 0};
    for (std::size_t i = kMessageHeaderBytes; i-- > kMessageHeaderBytes - 8;) {
        header.payload_bytes = header.payload_bytes << 8 | static_cast<std::uint8_t>(bytes[i]);
    }
    return header;
}

std::string serialize(const Document& document) {
    Writer writer(MessageKind::kDocument);
    writer.put(document.bytes);
    fields(writer, document);
    return std::move(writer).finish();
}

std::string serialize(const Report& report) {
    Writer writer(MessageKind::kReport);
    fields(writer, report);
    return std::move(writer).finish();
}

Result<Document> deserialize_document(std::string_view message) {
    if (Status status = check_header(message, MessageKind::kDocument); !status.ok()) {
        return std::move(status).error();
    }
    Reader reader(message);
    const std::string_view bytes = reader.text();
    Document document;
    fields(reader, document);
    if (Status status = reader.finish(); !status.ok()) return std::move(status).error();
    const std::shared_ptr<char[]> buffer(new char[bytes.size() + kPaddingBytes]());
    if (!bytes.empty()) std::memcpy(buffer.get(), bytes.data(), bytes.size());
    document.bytes = {buffer.get(), bytes.size()};
    document.owner = buffer;
    return document;
}

Result<Report> deserialize_report(std::string_view message) {
    if (Status status = check_header(message, MessageKind::kReport); !status.ok()) {
        return std::move(status).error();
    }
    Reader reader(message);
    Report report;
    fields(reader, report);
    if (Status status = reader.finish(); !status.ok()) return std::move(status).error();
    return report;
}

}  // namespace merlon::model
