// Any bytes: the scanner's findings are those of a slow reference that lets each expression run
// over the whole text of each decoding pass. In our own dialect, which finds more, what is found in
// the text as it stands is there.

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "secrets/decode.h"
#include "secrets/entropy.h"
#include "secrets/program.h"
#include "text/utf8.h"

namespace {

using namespace merlon;
using namespace merlon::secrets;

constexpr std::string_view kRules = R"toml(
[[allowlists]]
regexes = ['(?i)^allowed', 'notme$']
stopwords = ["stopword"]
[[rules]]
id = "anchored"
regex = '(?m)^pre_([a-z]+)$'
[[rules]]
id = "bounded"
regex = '\bab_([0-9a-z]{4,8})\b'
keywords = ["AB_"]
[[rules]]
id = "companion"
regex = 'friend[0-9]'
skipReport = true
[[rules]]
id = "entropic"
regex = '(?i)key\s*=\s*"?(\S{3,12})'
entropy = 1.5
keywords = ["key"]
[[rules]]
id = "generic-any"
regex = '(?i)(?:pass|secret)[ =:]{1,3}([\w.-]{2,20})'
keywords = ["pass", "secret"]
[[rules]]
id = "grouped"
regex = '(a+)(b*)x'
secretGroup = 2
[[rules]]
id = "lines"
regex = '(?s)begin.{0,40}end\n'
[[rules]]
id = "with-friend"
regex = 'lonely[0-9]'
[[rules.required]]
id = "companion"
)toml";

using Found = std::tuple<std::string, std::uint32_t, bool, std::string, std::string>;

std::string go_lower(std::string_view text) {
    std::string lower;
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        char32_t value = point.value;
        if (value >= 'A' && value <= 'Z') value |= 0x20;
        if (value == 0x212A) value = 'k';
        if (value == 0x130) value = 'i';
        text::append_utf8(lower, value);
        text.remove_prefix(point.width);
    }
    return lower;
}

std::string_view trim_line_feeds(std::string_view text) {
    while (text.starts_with('\n')) text.remove_prefix(1);
    while (text.ends_with('\n')) text.remove_suffix(1);
    return text;
}

std::string secret_of(const Rule& rule, std::string_view match) {
    std::vector<match::Span> groups;
    if (rule.regex->group_count() == 0 || !rule.regex->captures(match, groups))
        return std::string(match);
    for (std::size_t i = 1; i < groups.size(); ++i) {
        const bool is_chosen = rule.secret_group > 0
                                   ? i == static_cast<std::size_t>(rule.secret_group)
                                   : groups[i].matched() && groups[i].end > groups[i].begin;
        if (!is_chosen) continue;
        if (!groups[i].matched()) return {};
        return std::string(match.substr(groups[i].begin, groups[i].end - groups[i].begin));
    }
    return std::string(match);
}

bool is_allowed(const std::string& secret) {
    static const auto expression = match::Regex::compile("(?:(?i)^allowed|notme$)");
    return go_lower(secret).find("stopword") != std::string::npos ||
           (!secret.empty() && expression.value().is_match(secret));
}

void scan_slowly(const Config& config, Decoder& decoder, std::vector<Found>& found) {
    const std::string lower = go_lower(decoder.text());
    for (const Rule& rule : config.rules) {
        if (!rule.keywords.empty() && std::ranges::none_of(rule.keywords, [&](const auto& word) {
                return lower.find(word) != std::string::npos;
            }))
            continue;
        std::vector<match::Span> spans;
        rule.regex->find_all(match::Subject(decoder.text()), spans);
        for (const match::Span& span : spans) {
            const Range range{static_cast<std::int64_t>(span.begin),
                              static_cast<std::int64_t>(span.end)};
            if (decoder.depth() > 0 && decoder.touched(range).empty()) continue;
            const std::string_view match =
                trim_line_feeds(decoder.text().substr(span.begin, span.end - span.begin));
            const std::string secret = secret_of(rule, match);
            if (rule.entropy != 0 && shannon_entropy(secret) <= rule.entropy) continue;
            if (is_allowed(secret)) continue;
            found.emplace_back(rule.id, static_cast<std::uint32_t>(decoder.depth()),
                               rule.skip_report, match, secret);
        }
    }
}

const Program& program(Dialect dialect) {
    const auto make = [](Dialect of) {
        model::Diagnostics diagnostics;
        LoadedConfig loaded =
            load_config(kRules, "fuzz.toml", ConfigSources{}, BadRules::kRefuse, diagnostics);
        if (!loaded.config.ok()) std::abort();
        ProgramOptions options;
        options.dialect = of;
        options.allow_comments = AllowComments::kIgnore;
        auto compiled = Program::compile(std::move(loaded.config).value(), options, diagnostics);
        if (!compiled.ok()) std::abort();
        return new Program(std::move(compiled).value());
    };
    static const Program* const as_gitleaks = make(Dialect::kGitleaks);
    static const Program* const own = make(Dialect::kMerlon);
    return dialect == Dialect::kMerlon ? *own : *as_gitleaks;
}

void check_own_dialect(const model::Document& document, Program::Scratch& scratch) {
    const Program& own = program(Dialect::kMerlon);
    const Facts facts = own.examine(document, own.kind("a/b.txt"), scratch);
    for (const Fact& fact : facts.matches) {
        if (fact.begin > fact.end || fact.secret_begin > fact.secret_end ||
            fact.secret_end > document.bytes.size()) {
            std::abort();
        }
        const std::size_t size = fact.secret_end - fact.secret_begin;
        if (fact.pass == 0 && document.bytes.substr(fact.secret_begin, size) != fact.secret) {
            std::abort();
        }
    }
}

void check_findings(const Program& used, const Facts& facts) {
    model::DeniedHost host;
    const bool has_friend = std::ranges::any_of(facts.matches, &Fact::companion);
    for (const SecretFinding& finding :
         used.conclude(std::span(&facts, 1), Inputs{"a/b.txt", {}, 1}, host)) {
        if (finding.start_line < 1 || finding.end_line < finding.start_line) std::abort();
        if (finding.rule->skip_report) std::abort();
        if (finding.rule->id == "with-friend" && !has_friend) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    const Program& used = program(Dialect::kGitleaks);
    model::Document document;
    document.bytes = std::string_view(reinterpret_cast<const char*>(data), size);
    Program::Scratch scratch;
    const Facts facts = used.examine(document, used.kind("a/b.txt"), scratch);

    std::vector<Found> fast, slow;
    for (const Fact& fact : facts.matches) {
        if (fact.begin > fact.end || fact.end > size || fact.line_end > size) std::abort();
        fast.emplace_back(used.config().rules[fact.rule].id, fact.pass, fact.companion, fact.match,
                          fact.secret);
    }
    Decoder decoder(document.bytes, padded_url(used.options().dialect));
    do {
        scan_slowly(used.config(), decoder, slow);
    } while (decoder.depth() < used.options().max_decode_depth && decoder.next_pass());
    std::ranges::sort(fast);
    std::ranges::sort(slow);
    if (fast != slow) std::abort();
    check_findings(used, facts);
    check_own_dialect(document, scratch);
    return 0;
}
