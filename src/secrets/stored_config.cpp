#include "secrets/stored_config.h"

#include <bit>
#include <cstdint>

namespace merlon::secrets {
namespace {

constexpr std::string_view kMagic = "merlon-config-3";

class Writer {
  public:
    std::string take() { return std::move(out_); }

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
        if (value.has_value()) text(value->pattern());
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
        texts(extras.true_examples);
        texts(extras.false_examples);
    }

  private:
    std::string out_;
};

// Reads what Writer wrote. After the first thing that does not fit, ok() is false and everything is
// empty.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

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
        Result<match::Regex> compiled = match::Regex::compile(text());
        if (compiled.ok()) return std::move(compiled).value();
        fail();
        return std::nullopt;
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
        list.set_stopwords(texts());
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
        extras.true_examples = texts();
        extras.false_examples = texts();
        return rule;
    }

  private:
    std::size_t fail() {
        ok_ = false;
        bytes_ = {};
        return 0;
    }

    std::string_view bytes_;
    bool ok_ = true;
};

}  // namespace

std::string store_config(const Config& config) {
    Writer writer;
    writer.text(kMagic);
    writer.text(config.title);
    writer.number(config.rules.size());
    for (const Rule& rule : config.rules) writer.rule(rule);
    writer.number(config.allowlists.size());
    for (const Allowlist& list : config.allowlists) writer.allowlist(list);
    writer.texts(config.ordered_ids);
    return writer.take();
}

std::optional<Config> restore_config(std::string_view bytes) {
    Reader reader(bytes);
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
    if (!reader.ok() || !reader.at_end()) return std::nullopt;
    return config;
}

}  // namespace merlon::secrets
