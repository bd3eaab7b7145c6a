#include "scan/document_findings.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <span>
#include <string_view>

#include "model/fingerprint.h"
#include "scan/suppressions.h"
#include "secrets/checks.h"
#include "text/encoding.h"
#include "text/notebook.h"
#include "text/pointer.h"
#include "text/position.h"
#include "text/utf8.h"

namespace merlon::scan {
namespace {

constexpr std::size_t kMaxExcerptBytes = 240;                   // of a line, around the mark
constexpr std::size_t kLineHashBytes = 400;                     // 100 characters that are not blank
constexpr std::uint64_t kMaxMarkBytes = 4;                      // of a byte order mark
constexpr std::size_t kMaxPointerBytes = std::size_t{8} << 20;  // of a file that is read as a tree
// In a file with more findings than these, places have no names: each name is held against each
// secret.
constexpr std::size_t kMaxNamedFindings = 1000;
// What is shorter is no secret whose second place has to be hidden too.
constexpr std::size_t kLeastRepeatBytes = 4;

// Places of secrets in one document, so that no excerpt shows another finding's secret either.
struct SecretPlace {
    std::uint64_t begin;
    std::uint64_t end;
    std::uint64_t reach = 0;  // the furthest end of this place and those before it
};

// Sorts by begin and fills in `reach`, so that what overlaps a range is found by halving.
void prepare(std::vector<SecretPlace>& places) {
    std::sort(places.begin(), places.end(),
              [](const SecretPlace& a, const SecretPlace& b) { return a.begin < b.begin; });
    std::uint64_t reach = 0;
    for (SecretPlace& place : places) place.reach = reach = std::max(reach, place.end);
}

// The first place that may end behind `offset`.
std::size_t first_reaching(const std::vector<SecretPlace>& places, std::uint64_t offset) {
    const auto found =
        std::partition_point(places.begin(), places.end(),
                             [offset](const SecretPlace& place) { return place.reach <= offset; });
    return static_cast<std::size_t>(found - places.begin());
}

// `text` from `begin` to `end` with every secret in it masked; `mark` is where the wanted one went.
std::string masked_text(std::string_view text, std::uint64_t begin, std::uint64_t end,
                        const std::vector<SecretPlace>& places, ShowSecrets show) {
    if (show == ShowSecrets::kShown) return text::to_valid_utf8(text.substr(begin, end - begin));
    std::string out;
    std::uint64_t at = begin;
    for (std::size_t i = first_reaching(places, begin); i < places.size(); ++i) {
        const SecretPlace& place = places[i];
        if (place.begin >= end) break;
        if (place.end <= at) continue;
        const std::uint64_t from = std::max(place.begin, at);
        out += text::to_valid_utf8(text.substr(at, from - at));
        out += model::mask_secret(text.substr(from, std::min(place.end, end) - from));
        at = std::min(place.end, end);
    }
    if (at < end) out += text::to_valid_utf8(text.substr(at, end - at));
    return out;
}

// The secrets that stand at a finding or close to it: what may stand there once more, as a password
// that is written twice in one URL.
std::vector<std::string_view> secrets_near(std::string_view text, const secrets::Fact& fact,
                                           const std::vector<SecretPlace>& places) {
    std::vector<std::string_view> near{fact.secret};
    const std::uint64_t begin = fact.begin - std::min<std::uint64_t>(fact.begin, kMaxExcerptBytes);
    const std::uint64_t end = fact.end + kMaxExcerptBytes;
    for (std::size_t i = first_reaching(places, begin); i < places.size(); ++i) {
        if (places[i].begin >= end) break;
        if (places[i].end > text.size()) continue;
        near.push_back(text.substr(places[i].begin, places[i].end - places[i].begin));
    }
    std::erase_if(near, [](std::string_view secret) { return secret.size() < kLeastRepeatBytes; });
    std::sort(near.begin(), near.end(), [](std::string_view a, std::string_view b) {
        return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
    near.erase(std::unique(near.begin(), near.end()), near.end());
    return near;
}

// `text` with every one of `secrets` in it masked, the longest first.
std::string without_repeats(std::string text, const std::vector<std::string_view>& secrets) {
    for (const std::string_view secret : secrets) {
        const std::string mask = model::mask_secret(secret);
        for (std::size_t at = text.find(secret); at != std::string::npos;
             at = text.find(secret, at + mask.size())) {
            text.replace(at, secret.size(), mask);
        }
    }
    return text;
}

// As much masked text from `begin` on as the hash of a line reads: blanks do not count.
std::string line_hash_text(std::string_view text, std::uint64_t begin,
                           const std::vector<SecretPlace>& places) {
    for (std::uint64_t size = kLineHashBytes;; size *= 4) {
        const std::uint64_t end = std::min<std::uint64_t>(text.size(), begin + size);
        std::string masked = masked_text(text, begin, end, places, ShowSecrets::kMasked);
        const auto blanks = std::count_if(masked.begin(), masked.end(), [](char c) {
            return c == ' ' || c == '\t' || c == '\r' || c == '\n';
        });
        if (end == text.size() ||
            masked.size() - static_cast<std::size_t>(blanks) >= kLineHashBytes) {
            return masked;
        }
    }
}

// Of a source's encoding, where the document's bytes are not its own; else 0.
std::size_t unit_bytes_of(model::TextEncoding encoding) {
    switch (encoding) {
        case model::TextEncoding::kLatin1:
            return 1;
        case model::TextEncoding::kUtf16Le:
        case model::TextEncoding::kUtf16Be:
            return 2;
        case model::TextEncoding::kUtf32Le:
        case model::TextEncoding::kUtf32Be:
            return 4;
        default:
            return 0;
    }
}

// Where findings of one document stand in the file that a person has, which may be a notebook or an
// office file.
class Places {
  public:
    Places(const model::Document& document, std::string_view path,
           std::span<const secrets::SecretFinding> found)
        : document_(document),
          path_(path),
          found_(found),
          source_(document.source),
          begins_with_mark_(document.source.empty()
                                ? document.encoding == model::TextEncoding::kUtf8Bom &&
                                      document.first_offset == 0
                                : document.source.starts_with("\xEF\xBB\xBF")) {}

    model::TextRegion region(const secrets::Fact& fact, const text::LineIndex& lines) const {
        const std::uint64_t end = std::max(fact.secret_end, fact.secret_begin + 1);
        const std::uint64_t last = std::min<std::uint64_t>(end - 1, document_.bytes.size());
        if (!document_.source.empty()) {
            const auto from = source_offset(fact.secret_begin, lines);
            const auto to = source_offset(last, lines);
            if (from && to) return region_between(source_, *from, *to, *to + 1);
        }
        model::TextRegion region = region_between(lines, fact.secret_begin, last, fact.secret_end);
        const auto column_shift = static_cast<std::uint32_t>(document_.first_column - 1);
        if (region.start_line == 1) region.start_column += column_shift;
        if (region.end_line == 1) region.end_column += column_shift;
        region.start_line += static_cast<std::uint32_t>(document_.first_line - 1);
        region.end_line += static_cast<std::uint32_t>(document_.first_line - 1);
        region.start_offset = document_.first_offset + in_source(fact.secret_begin);
        region.end_offset = document_.first_offset + in_source(fact.secret_end);
        return region;
    }

    // "cell 3, line 2", "/data/password"; empty: the line says it all, or the name of the place
    // holds a secret itself, as a key of a JSON object may.
    std::string name(const secrets::Fact& fact, const text::LineIndex& lines) const {
        if (found_.size() > kMaxNamedFindings) return {};
        std::string place = plain_name(fact, lines);
        return tells_secret(place) ? std::string() : place;
    }

  private:
    std::string plain_name(const secrets::Fact& fact, const text::LineIndex& lines) const {
        if (const text::LineOrigin* line = line_at(fact.secret_begin, lines)) return line->name;
        const bool whole =
            document_.first_offset <= kMaxMarkBytes && document_.bytes.size() <= kMaxPointerBytes;
        if (!whole || !text::PointerIndex::fits(path_)) return {};
        if (!pointers_) pointers_ = text::PointerIndex::read(document_.bytes, path_);
        return pointers_->at(fact.secret_begin).value_or("");
    }

    bool tells_secret(std::string_view place) const {
        // RFC 6901, section 4: ~1 is a slash and ~0 a tilde.
        std::string plain(place);
        for (const auto& [escape, meant] : {std::pair("~1", "/"), std::pair("~0", "~")}) {
            for (std::size_t at = 0; (at = plain.find(escape, at)) != std::string::npos; ++at) {
                plain.replace(at, 2, meant);
            }
        }
        return std::any_of(found_.begin(), found_.end(), [&](const secrets::SecretFinding& other) {
            return !other.secret.empty() && plain.find(other.secret) != std::string::npos;
        });
    }

    model::TextRegion region_between(const text::LineIndex& lines, std::uint64_t begin,
                                     std::uint64_t last, std::uint64_t end) const {
        const auto position = [&](std::uint64_t offset) {
            text::Position at = lines.position(offset);
            if (begins_with_mark_ && at.line == 1 && at.column > 1) --at.column;
            return at;
        };
        const text::Position first = position(begin);
        const text::Position final = position(last);
        return {first.line, first.column, final.line, final.column, begin, end};
    }

    // What of the file the text up to `offset` was made from. Findings come by rule, then place: it
    // is counted on from the one before.
    std::uint64_t in_source(std::uint64_t offset) const {
        const std::size_t unit_bytes = unit_bytes_of(document_.encoding);
        if (unit_bytes == 0) return offset;
        if (offset < counted_) counted_ = counted_in_source_ = 0;
        counted_in_source_ +=
            text::encoded_bytes(document_.bytes.substr(counted_, offset - counted_), unit_bytes);
        counted_ = offset;
        return counted_in_source_;
    }

    const text::LineOrigin* line_at(std::uint64_t offset, const text::LineIndex& lines) const {
        const std::uint32_t line = lines.line_of(offset);
        const bool known = line <= document_.line_origins.size();
        return known ? &document_.line_origins[line - 1] : nullptr;
    }

    std::optional<std::uint64_t> source_offset(std::uint64_t offset,
                                               const text::LineIndex& lines) const {
        const text::LineOrigin* line = line_at(offset, lines);
        if (line == nullptr || line->source_offset == text::kNoSourceOffset) return std::nullopt;
        const std::uint64_t into = offset - lines.line_begin(lines.line_of(offset));
        if (!line->is_escaped) return line->source_offset + into;
        return text::json_source_offset(document_.source, line->source_offset, into);
    }

    const model::Document& document_;
    std::string_view path_;
    std::span<const secrets::SecretFinding> found_;
    text::LineIndex source_;
    bool begins_with_mark_;  // the text that positions are told of, a byte order mark
    mutable std::optional<text::PointerIndex> pointers_;  // made for the first that asks
    mutable std::uint64_t counted_ = 0;                   // of the document's bytes
    mutable std::uint64_t counted_in_source_ = 0;
};

bool is_doubtful(const secrets::SecretFinding& finding) {
    return finding.fact != nullptr && finding.fact->doubt != secrets::Doubt::kNone;
}

bool is_generic(const secrets::Rule& rule) { return rule.id.find("generic") != std::string::npos; }

// Of findings that overlap, the one of the specific and surer rule stays.
void drop_weaker(std::vector<secrets::SecretFinding>& found) {
    const auto rank = [](const secrets::SecretFinding& finding) {
        return std::pair(is_generic(*finding.rule) ? 0 : 1,
                         static_cast<int>(finding.rule->extras.confidence));
    };
    std::vector<std::uint8_t> drop(found.size(), 0);
    std::vector<std::size_t> by_place;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i].fact != nullptr) by_place.push_back(i);
    }
    const auto begin_of = [&found](std::size_t i) { return found[i].fact->secret_begin; };
    const auto end_of = [&found](std::size_t i) { return found[i].fact->secret_end; };
    std::stable_sort(by_place.begin(), by_place.end(),
                     [&](std::size_t a, std::size_t b) { return begin_of(a) < begin_of(b); });
    std::vector<SecretPlace> places;
    for (const std::size_t i : by_place) places.push_back({begin_of(i), end_of(i)});
    prepare(places);
    // Equal rank: the one that says more, then the first.
    const auto beats = [&](std::size_t j, std::size_t i) {
        const auto mine = rank(found[i]);
        const auto other = rank(found[j]);
        if (other != mine) return other > mine;
        const std::size_t my_size = found[i].fact->secret.size();
        const std::size_t other_size = found[j].fact->secret.size();
        return other_size != my_size ? other_size > my_size : j < i;
    };
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i].fact == nullptr) continue;
        for (std::size_t k = first_reaching(places, begin_of(i));
             k < places.size() && places[k].begin < end_of(i); ++k) {
            const std::size_t j = by_place[k];
            const bool overlaps = end_of(j) > begin_of(i);
            if (j != i && drop[j] == 0 && overlaps && beats(j, i)) {
                drop[i] = 1;
                break;
            }
        }
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (drop[i] != 0) continue;
        if (kept != i) found[kept] = std::move(found[i]);
        ++kept;
    }
    found.resize(kept);
}

class FindingMaker {
  public:
    FindingMaker(const FindingOptions& options, FileFindings& result)
        : options_(options), result_(result) {}

    void add(const model::Document& document, const secrets::SecretFinding& found,
             const std::vector<SecretPlace>& places, const text::LineIndex& lines,
             const Places& where) {
        model::Finding finding;
        finding.rule_id = found.rule->id;
        finding.severity = found.rule->extras.severity;
        finding.confidence = found.rule->extras.confidence;
        finding.message = description_of(*found.rule);
        finding.tags = found.tags;
        model::FileLocation location;
        location.path = document.origin.front().name;
        for (std::size_t i = 1; i < document.origin.size(); ++i) {
            location.members.push_back(document.origin[i].name);
        }
        FileFindings::Context context;
        std::string content;
        if (found.fact != nullptr) {
            const secrets::Fact& fact = *found.fact;
            content = fact.secret;
            location.region = where.region(fact, lines);
            const bool shown = options_.show_secrets == ShowSecrets::kShown;
            const std::vector<std::string_view> near = secrets_near(document.bytes, fact, places);
            fill_excerpt(document, fact, places, lines, near, finding.excerpt);
            if (!document.source.empty()) {
                finding.excerpt.first_line = location.region.start_line;
                finding.excerpt.mark_line = location.region.start_line;
            }
            if (std::string place = where.name(fact, lines); !place.empty()) {
                finding.message += " In " + place + ".";
                finding.properties["place"] = std::move(place);
            }
            finding.secret =
                shown ? text::to_valid_utf8(fact.secret) : model::mask_secret(fact.secret);
            // Another secret may stand in the match: two keys of one connection string.
            finding.match = !shown && fact.pass == 0
                                ? masked_text(document.bytes, fact.begin, fact.end, places,
                                              ShowSecrets::kMasked)
                                : masked_match(fact);
            if (!shown) finding.match = without_repeats(std::move(finding.match), near);
            const std::uint32_t line = lines.line_of(fact.begin);
            const std::uint64_t begin = lines.line_begin(line);
            const std::string tail =
                without_repeats(line_hash_text(document.bytes, begin, places), near);
            if (!tail.empty()) context.line_hash = model::line_hash_value(tail);
            context.line = tail.substr(0, tail.find('\n'));
            if (options_.key) finding.secret_id = model::secret_id(*options_.key, fact.secret);
            apply_check(*found.rule, fact, finding);
            apply_doubt(fact, location.path, finding);
            allow_inline(document, fact, lines, finding);
            if (!shown) {
                finding.suppression_reason =
                    without_repeats(std::move(finding.suppression_reason), near);
            }
        } else {
            finding.match = found.match;
            context.line = location.path;
            content = content_of_path(location.path);
            if (options_.key) finding.secret_id = model::secret_id(*options_.key, content);
        }
        finding.location = std::move(location);
        context.made = result_.reaches.size();
        result_.bytes += bytes_of(finding, context, content);
        if (result_.room != nullptr && !result_.room->take(result_.unit, result_.bytes)) {
            result_.is_full = true;
            return;
        }
        result_.reaches.push_back(result_.bytes);
        result_.findings.push_back(std::move(finding));
        result_.contexts.push_back(std::move(context));
        result_.contents.push_back(std::move(content));
    }

  private:
    // About what a finding needs in memory: what decides must be the same everywhere.
    static std::uint64_t bytes_of(const model::Finding& finding,
                                  const FileFindings::Context& context,
                                  const std::string& content) {
        std::uint64_t bytes = FindingRoom::kFindingBytes + finding.message.size() +
                              finding.match.size() + finding.secret.size() +
                              finding.suppression_reason.size() + context.line.size() +
                              content.size();
        for (const std::string& line : finding.excerpt.lines) bytes += line.size();
        for (const auto& [name, text] : finding.properties) bytes += text.size();
        if (const auto* file = std::get_if<model::FileLocation>(&finding.location)) {
            bytes += file->path.size();
            for (const std::string& member : file->members) bytes += member.size();
        }
        return bytes;
    }

    // What the token's own format says moves the confidence; the finding stays.
    void apply_check(const secrets::Rule& rule, const secrets::Fact& fact,
                     model::Finding& finding) const {
        const Timestamp now = options_.clock->now();
        const secrets::CheckResult check =
            secrets::check_secret(rule.extras.check, fact.secret, now);
        if (!check.remark.empty()) {
            finding.properties["checkRemark"] = check.remark;
            finding.message += " Checked: " + check.remark + ".";
        }
        if (check.verdict == secrets::CheckVerdict::kUnknown) return;
        const bool holds = check.verdict == secrets::CheckVerdict::kValid;
        finding.confidence = holds ? model::Confidence::kHigh : model::Confidence::kLow;
        finding.properties["check"] = secrets::name(check.verdict);
    }

    // Tests and documents hold real secrets too, but less often: there a finding is one step less
    // sure, unless its own checksum is right.
    static void apply_doubt(const secrets::Fact& fact, std::string_view path,
                            model::Finding& finding) {
        if (fact.doubt != secrets::Doubt::kNone) {
            finding.confidence = model::Confidence::kLow;
            finding.properties["doubt"] =
                fact.doubt == secrets::Doubt::kPlaceholder ? "placeholder" : "words";
        }
        if (!secrets::is_test_like(path)) return;
        finding.properties["testLikePath"] = "true";
        const auto check = finding.properties.find("check");
        const bool proven = check != finding.properties.end() && check->second == "valid";
        if (!proven && finding.confidence != model::Confidence::kLow) {
            finding.confidence =
                static_cast<model::Confidence>(static_cast<int>(finding.confidence) - 1);
        }
    }

    std::string masked_match(const secrets::Fact& fact) const {
        if (options_.show_secrets == ShowSecrets::kShown) return text::to_valid_utf8(fact.match);
        const std::size_t at = fact.match.find(fact.secret);
        if (at == std::string::npos || fact.secret.empty()) return model::mask_secret(fact.match);
        return text::to_valid_utf8(fact.match.substr(0, at)) + model::mask_secret(fact.secret) +
               text::to_valid_utf8(fact.match.substr(at + fact.secret.size()));
    }

    // The line that the secret begins on, cut to what fits around it, every secret masked.
    void fill_excerpt(const model::Document& document, const secrets::Fact& fact,
                      const std::vector<SecretPlace>& places, const text::LineIndex& lines,
                      const std::vector<std::string_view>& near, model::Excerpt& excerpt) const {
        const std::uint32_t line = lines.line_of(fact.secret_begin);
        std::uint64_t begin = lines.line_begin(line);
        std::uint64_t end = lines.line_end(line);
        if (end > begin && document.bytes[end - 1] == '\r') --end;
        const std::uint64_t secret_end = std::min(fact.secret_end, end);
        if (end - begin > kMaxExcerptBytes) {
            begin =
                std::max(begin, fact.secret_begin - std::min<std::uint64_t>(fact.secret_begin,
                                                                            kMaxExcerptBytes / 4));
            end = std::min(end, begin + kMaxExcerptBytes);
        }
        const auto shown_text = [&](std::uint64_t from, std::uint64_t to) {
            std::string text = masked_text(document.bytes, from, to, places, options_.show_secrets);
            if (options_.show_secrets == ShowSecrets::kShown) return text;
            return without_repeats(std::move(text), near);
        };
        const std::string before = shown_text(begin, std::max(begin, fact.secret_begin));
        const std::uint64_t mark_end = std::clamp(secret_end, begin, end);
        const std::string mark = shown_text(std::min(fact.secret_begin, mark_end), mark_end);
        const std::string after = shown_text(mark_end, end);
        const auto first_line = static_cast<std::uint32_t>(document.first_line - 1) + line;
        excerpt.first_line = first_line;
        excerpt.mark_line = first_line;
        excerpt.mark_start_column = static_cast<std::uint32_t>(text::count_code_points(before)) + 1;
        excerpt.mark_end_column =
            excerpt.mark_start_column +
            static_cast<std::uint32_t>(std::max<std::size_t>(text::count_code_points(mark), 1)) - 1;
        excerpt.lines.push_back(before + mark + after);
    }

    void allow_inline(const model::Document& document, const secrets::Fact& fact,
                      const text::LineIndex& lines, model::Finding& finding) const {
        if (!fact.line_allowed || options_.inline_comments == InlineComments::kDisregard) return;
        std::vector<std::string_view> texts;
        const std::uint32_t last = lines.line_of(
            std::min<std::uint64_t>(std::max(fact.end, fact.begin + 1) - 1, document.bytes.size()));
        for (std::uint32_t line = lines.line_of(fact.begin); line <= last; ++line) {
            texts.push_back(lines.line_text(line));
        }
        InlineAllowance allowance = inline_allowance(texts, finding.rule_id);
        if (allowance.reason) {
            finding.suppressed_by = "inline";
            finding.suppression_reason = std::move(*allowance.reason);
        } else if (allowance.names_no_rule) {
            finding.message +=
                " The `merlon:allow` in its line names no rule and allows nothing: "
                "write `merlon:allow " +
                finding.rule_id + " REASON`.";
        } else if (!allowance.other_rule.empty() &&
                   options_.program->config().find(allowance.other_rule) == nullptr) {
            finding.message +=
                " The `merlon:allow` in its line names no rule that there is and "
                "allows nothing: write `merlon:allow " +
                finding.rule_id + " REASON`.";
        }
    }

    const FindingOptions& options_;
    FileFindings& result_;
};

}  // namespace

// SARIF and its readers want a text.
std::string description_of(const secrets::Rule& rule) {
    return rule.description.empty() ? "Matches the rule " + rule.id + "." : rule.description;
}

std::string content_of_path(std::string_view path) { return "path:" + std::string(path); }

std::vector<secrets::SecretFinding> matches_of(const FindingOptions& options,
                                               const model::Document& document,
                                               const secrets::Facts& facts, const std::string& path,
                                               std::size_t& left_out) {
    model::DeniedHost host;
    const secrets::Inputs inputs{path, {}, static_cast<std::int64_t>(document.first_line)};
    std::vector<secrets::SecretFinding> found =
        options.program->conclude(std::span(&facts, 1), inputs, host);
    std::erase_if(found, [&document](const secrets::SecretFinding& finding) {
        return finding.fact != nullptr && (finding.fact->secret_begin < document.owned_begin ||
                                           finding.fact->secret_begin >= document.owned_end);
    });
    if (options.doubtful == DoubtfulMatches::kLeaveOut) {
        left_out += std::erase_if(found, is_doubtful);
    }
    if (!found.empty()) drop_weaker(found);
    return found;
}

void add_findings(const FindingOptions& options, const model::Document& document,
                  const std::string& path, const std::vector<secrets::SecretFinding>& found,
                  FileFindings& result) {
    const std::size_t count = std::min<std::size_t>(
        found.size(), options.max_findings_per_file -
                          std::min<std::uint64_t>(options.max_findings_per_file, result.counted));
    result.counted += count;
    if (count < found.size()) {
        result.coverage.gaps.push_back(
            {model::GapCause::kLimitReached, path,
             "more findings than the limit for one file; the rest is not shown"});
    }
    if (count == 0 || result.is_full) return;
    std::vector<SecretPlace> places;
    for (const secrets::SecretFinding& finding : found) {
        if (finding.fact != nullptr) {
            places.push_back({finding.fact->secret_begin, finding.fact->secret_end});
        }
    }
    prepare(places);
    const text::LineIndex lines(document.bytes);
    const Places where(document, path, found);
    FindingMaker maker(options, result);
    // Many are made room for at once: a vector that grows holds them twice for a while.
    constexpr std::size_t kMany = 1000;
    if (count >= kMany) {
        result.findings.reserve(result.findings.size() + count);
        result.contexts.reserve(result.findings.capacity());
        result.contents.reserve(result.findings.capacity());
        result.reaches.reserve(result.findings.capacity());
    }
    constexpr std::size_t kMadeWhenStopped = 1000;
    for (std::size_t made = 0; made < count; ++made) {
        const bool is_stopped = options.cancel != nullptr && options.cancel->cancelled();
        if (is_stopped && made >= kMadeWhenStopped) {
            result.counted -= count - made;
            return;
        }
        if (options.is_wanted && !options.is_wanted(found[made])) {
            --result.counted;
            continue;
        }
        maker.add(document, found[made], places, lines, where);
        if (result.is_full) return;
    }
}

void scan_document(const FindingOptions& options, const model::Document& document,
                   secrets::Program::Scratch& scratch, FileFindings& result) {
    const secrets::Program& program = *options.program;
    const std::string path = model::display_path(document.origin);
    if (program.allows(path, {})) {
        ++result.coverage.files_skipped;
        return;
    }
    const secrets::Facts facts = program.examine(document, program.kind(path), scratch);
    if (facts.too_many) {
        result.coverage.gaps.push_back(
            {model::GapCause::kLimitReached, path,
             "more matches than are looked at in one file; the rest was not looked at"});
    }
    MemoryBudget::Token token;
    if (result.room != nullptr) token = result.room->admit(facts.matches.size());
    const std::vector<secrets::SecretFinding> found =
        matches_of(options, document, facts, path, result.left_out);
    add_findings(options, document, path, found, result);
}

// Numbers equal contexts and, as GitHub does, lines of equal hash: two findings on one line share
// it.
void add_fingerprints(FileFindings& result) {
    std::vector<std::size_t> by_line(result.findings.size());
    std::iota(by_line.begin(), by_line.end(), std::size_t{0});
    std::stable_sort(by_line.begin(), by_line.end(), [&result](std::size_t a, std::size_t b) {
        return model::less(result.findings[a], result.findings[b]);
    });
    struct Lines {
        std::uint32_t count = 0;
        std::uint32_t last = 0;
    };
    // By rule and line; by path and hash. What the keys borrow does not move.
    std::map<std::pair<std::string_view, std::string_view>, std::uint32_t> contexts;
    std::map<std::string, std::unordered_map<std::uint64_t, Lines>> lines;
    for (const std::size_t i : by_line) {
        model::Finding& finding = result.findings[i];
        const FileFindings::Context& context = result.contexts[i];
        const std::uint32_t nth = contexts[{finding.rule_id, context.line}]++;
        finding.fingerprints.reserve(2);
        finding.fingerprints.push_back(
            model::context_fingerprint(finding.rule_id, context.line, nth));
        const auto* file = std::get_if<model::FileLocation>(&finding.location);
        if (!context.line_hash || file == nullptr) continue;
        Lines& equal = lines[model::joined_path(*file)][*context.line_hash];
        if (equal.last != file->region.start_line) ++equal.count;
        equal.last = file->region.start_line;
        finding.fingerprints.push_back({std::string(model::kLineHashAlgorithm),
                                        model::line_hash(*context.line_hash, equal.count)});
    }
    result.contexts = {};
}

std::string left_out_notice(std::size_t left_out) {
    if (left_out == 0) return {};
    return std::to_string(left_out) + (left_out == 1 ? " match was" : " matches were") +
           " left out as words or placeholders; --all-matches shows them";
}

}  // namespace merlon::scan
