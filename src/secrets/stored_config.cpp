#include "secrets/stored_config.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/blob.h"
#include "crypto/digest.h"
#include "secrets/rule_patterns.h"

namespace merlon::secrets {
namespace {

constexpr std::string_view kMagic = "merlon-config-6";

struct StoredHeader {
    std::array<char, 8> magic{};  // kBlockMagic
    std::uint32_t version = 1 | kBlobByteOrder;
    std::uint32_t size = 0;  // bytes, this header too
    BlobSection fields;      // char
    BlobSection blocks;      // u32 words
};
constexpr std::array<char, 8> kBlockMagic = {'M', 'C', 'O', 'N', 'F', 'I', 'G', '\0'};

// Whether blocks are written too, or only the fields that say what they were made of.
enum class Content : std::uint8_t { kAll, kFields };

class Writer {
  public:
    explicit Writer(Content content) : content_(content) {}

    std::string take() { return std::move(out_); }
    const std::vector<std::uint32_t>& blocks() const { return blocks_; }

    void number(std::uint64_t value) {
        // Seven bits a byte, the lowest first (as DWARF's ULEB128).
        for (; value >= 0x80; value >>= 7) out_ += static_cast<char>((value & 0x7F) | 0x80);
        out_ += static_cast<char>(value);
    }
    void text(std::string_view value) {
        number(value.size());
        out_ += value;
    }
    template <typename Texts>
    void texts(const Texts& values) {
        number(values.size());
        for (const std::string& value : values) text(value);
    }
    void regex(const std::optional<match::Regex>& value) {
        number(value.has_value() ? 1 : 0);
        if (!value.has_value()) return;
        text(value->pattern());
        if (content_ == Content::kFields) return;
        const std::vector<std::uint32_t> program = value->store();
        block(std::as_bytes(std::span(program)));
    }
    void block(std::span<const std::byte> bytes) {
        number(blocks_.size());
        number(bytes.size() / sizeof(std::uint32_t));
        const std::size_t at = blocks_.size();
        blocks_.resize(at + bytes.size() / sizeof(std::uint32_t));
        if (!bytes.empty()) std::memcpy(blocks_.data() + at, bytes.data(), bytes.size());
    }
    void optional(const std::optional<std::int64_t>& value) {
        number(value.has_value() ? 1 : 0);
        number(static_cast<std::uint64_t>(value.value_or(0)));
    }

    void allowlist(const Allowlist& list) {
        text(list.description);
        number(static_cast<std::uint64_t>(list.condition));
        number(static_cast<std::uint64_t>(list.target));
        texts(list.commits);
        regex(list.paths);
        regex(list.regexes);
        texts(list.stopwords);
        if (content_ == Content::kAll) block(list.stopword_view.block());
    }

    void rule(const Rule& rule) {
        text(rule.id);
        text(rule.description);
        regex(rule.regex);
        regex(rule.path);
        number(static_cast<std::uint64_t>(rule.secret_group));
        number(std::bit_cast<std::uint64_t>(rule.entropy));
        texts(rule.keywords);
        texts(rule.tags);
        number(rule.allowlists.size());
        for (const Allowlist& list : rule.allowlists) allowlist(list);
        number(rule.required.size());
        for (const Required& required : rule.required) {
            text(required.rule_id);
            optional(required.within_lines);
            optional(required.within_columns);
        }
        number(rule.skip_report ? 1 : 0);
        const RuleExtras& extras = rule.extras;
        number(static_cast<std::uint64_t>(extras.severity));
        number(static_cast<std::uint64_t>(extras.confidence));
        number(static_cast<std::uint64_t>(extras.precision));
        for (const std::string* part :
             {&extras.title, &extras.fix, &extras.url, &extras.source, &extras.check}) {
            text(*part);
        }
    }

  private:
    Content content_;
    std::string out_;
    std::vector<std::uint32_t> blocks_;
};

// Reads what Writer wrote. After the first thing that does not fit, ok() is false and everything is
// empty.
class Reader {
  public:
    Reader(std::string_view fields, StoredBlock blocks)
        : bytes_(fields), blocks_(std::move(blocks)) {}

    bool ok() const { return ok_; }
    bool at_end() const { return bytes_.empty(); }

    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (bytes_.empty()) break;
            const auto byte = static_cast<std::uint8_t>(bytes_[0]);
            bytes_.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80) return value;
        }
        return fail();
    }
    // How many things follow; each takes a byte at least.
    std::size_t count() {
        const std::uint64_t value = number();
        return value <= bytes_.size() ? static_cast<std::size_t>(value) : fail();
    }
    std::string text() {
        const std::size_t size = count();
        std::string value(bytes_.substr(0, size));
        bytes_.remove_prefix(size);
        return value;
    }
    std::vector<std::string> texts() {
        std::vector<std::string> values(count());
        for (std::string& value : values) value = text();
        return values;
    }
    template <typename Enum>
    Enum choice(Enum last) {
        const std::uint64_t value = number();
        if (value > static_cast<std::uint64_t>(last)) fail();
        return ok_ ? static_cast<Enum>(value) : Enum{};
    }
    std::optional<match::Regex> regex() {
        if (number() == 0) return std::nullopt;
        const std::string pattern = text();
        StoredBlock program = block();
        if (!ok_) return std::nullopt;
        return match::Regex::restore(pattern, std::move(program));
    }
    StoredBlock block() {
        const std::uint64_t begin = number();
        const std::uint64_t count = number();
        const std::uint64_t words = blocks_.size / sizeof(std::uint32_t);
        if (begin > words || count > words - begin) fail();
        if (!ok_) return {};
        return *blocks_.part(begin * sizeof(std::uint32_t), count * sizeof(std::uint32_t));
    }
    std::optional<std::int64_t> optional() {
        const bool held = number() != 0;
        const auto value = static_cast<std::int64_t>(number());
        return held ? std::optional(value) : std::nullopt;
    }

    Allowlist allowlist() {
        Allowlist list;
        list.description = text();
        list.condition = choice(Allowlist::Condition::kAnd);
        list.target = choice(Allowlist::Target::kLine);
        for (std::string& commit : texts()) list.commits.insert(std::move(commit));
        list.paths = regex();
        list.regexes = regex();
        std::vector<std::string> words = texts();
        const StoredBlock compiled = block();
        if (!words.empty()) {
            list.set_stopwords(std::move(words), compiled.read().value_or(SharedBytes{}));
        }
        return list;
    }

    Rule rule() {
        Rule rule;
        rule.id = text();
        rule.description = text();
        rule.regex = regex();
        rule.path = regex();
        rule.secret_group = static_cast<int>(number());
        rule.entropy = std::bit_cast<double>(number());
        rule.keywords = texts();
        rule.tags = texts();
        for (std::size_t left = count(); left > 0 && ok_; --left) {
            rule.allowlists.push_back(allowlist());
        }
        for (std::size_t left = count(); left > 0 && ok_; --left) {
            Required required;
            required.rule_id = text();
            required.within_lines = optional();
            required.within_columns = optional();
            rule.required.push_back(std::move(required));
        }
        rule.skip_report = number() != 0;
        RuleExtras& extras = rule.extras;
        extras.severity = choice(model::Severity::kCritical);
        extras.confidence = choice(model::Confidence::kHigh);
        extras.precision = choice(Precision::kPassword);
        for (std::string* part :
             {&extras.title, &extras.fix, &extras.url, &extras.source, &extras.check}) {
            *part = text();
        }
        return rule;
    }

  private:
    std::size_t fail() {
        ok_ = false;
        bytes_ = {};
        return 0;
    }

    std::string_view bytes_;
    StoredBlock blocks_;
    bool ok_ = true;
};

void write_fields(Writer& writer, const Config& config) {
    writer.text(kMagic);
    writer.text(config.title);
    writer.number(config.rules.size());
    for (const Rule& rule : config.rules) writer.rule(rule);
    writer.number(config.allowlists.size());
    for (const Allowlist& list : config.allowlists) writer.allowlist(list);
    writer.texts(config.ordered_ids);
}

// The set that was stored, where it is the one of these rules; else none, and a program makes it.
std::shared_ptr<const match::PatternSet> restore_patterns(const Config& config, StoredBlock block) {
    if (block.empty()) return nullptr;
    const std::vector<std::uint8_t> all(config.rules.size(), 1);
    auto set = match::PatternSet::load(expressions_of(config, rule_patterns(config, all)),
                                       std::move(block));
    if (!set.ok()) return nullptr;
    return std::make_shared<const match::PatternSet>(std::move(set).value());
}

}  // namespace

std::string digest_of(const Config& config) {
    if (!config.digest.empty()) return config.digest;
    Writer writer(Content::kFields);
    write_fields(writer, config);
    return crypto::sha256(writer.take()).to_string();
}

std::string store_config(const Config& config) {
    Writer writer(Content::kAll);
    write_fields(writer, config);
    writer.text(digest_of(config));
    const std::optional<SharedBytes> patterns =
        config.patterns ? config.patterns->block().read() : std::nullopt;
    writer.block(patterns ? patterns->bytes : std::span<const std::byte>());
    const std::string fields = writer.take();
    StoredHeader header;
    header.magic = kBlockMagic;
    BlobWriter blob(sizeof header);
    header.fields = blob.add(std::span<const char>(fields));
    header.blocks = blob.add(writer.blocks());
    header.size = static_cast<std::uint32_t>(blob.size_bytes());
    const std::vector<std::uint32_t> words = std::move(blob).finish(header);
    std::string bytes(words.size() * sizeof(std::uint32_t), '\0');
    std::memcpy(bytes.data(), words.data(), bytes.size());
    return bytes;
}

std::optional<Config> restore_config(const StoredBlock& stored) {
    StoredHeader header;
    const auto first = stored.part(0, sizeof header).value_or(StoredBlock{}).read();
    if (!first || !is_blob_aligned(first->bytes)) return std::nullopt;
    std::memcpy(&header, first->bytes.data(), sizeof header);
    if (header.magic != kBlockMagic || header.version != StoredHeader().version ||
        header.size != stored.size) {
        return std::nullopt;
    }
    const auto fields =
        stored.part(header.fields.offset, header.fields.count).value_or(StoredBlock{}).read();
    const auto blocks = stored.part(header.blocks.offset,
                                    header.blocks.count * std::uint64_t{sizeof(std::uint32_t)});
    if (!fields || !blocks || header.blocks.offset % kBlobAlignment != 0) return std::nullopt;
    const void* const text = fields->bytes.data();
    Reader reader({static_cast<const char*>(text), fields->bytes.size()}, *blocks);
    if (reader.text() != kMagic) return std::nullopt;
    Config config;
    config.title = reader.text();
    for (std::size_t left = reader.count(); left > 0 && reader.ok(); --left) {
        config.rules.push_back(reader.rule());
    }
    for (std::size_t left = reader.count(); left > 0 && reader.ok(); --left) {
        config.allowlists.push_back(reader.allowlist());
    }
    config.ordered_ids = reader.texts();
    config.digest = reader.text();
    StoredBlock patterns = reader.block();
    if (!reader.ok() || !reader.at_end()) return std::nullopt;
    config.patterns = restore_patterns(config, std::move(patterns));
    return config;
}

}  // namespace merlon::secrets
