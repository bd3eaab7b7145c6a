#include "scan/document_findings.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <span>
#include <string_view>

#include "crypto/digest.h"
#include "model/fingerprint.h"
#include "scan/finding_places.h"
#include "scan/many_matches.h"
#include "scan/masked_text.h"
#include "scan/suppressions.h"
#include "secrets/checks.h"
#include "secrets/place_index.h"
#include "text/position.h"
#include "text/utf8.h"

namespace merlon::scan {
namespace {

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
    secrets::PlaceIndex places;
    for (const std::size_t i : by_place) places.add(begin_of(i), end_of(i));
    places.finish();
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
        for (std::size_t k = places.first_reaching(begin_of(i));
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
             const secrets::PlaceIndex& places, const text::LineIndex& lines,
             const FindingPlaces& where) {
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
            // The file is the secret, under whatever name. Its size tells nobody what is in it.
            context.line = "a file of " + std::to_string(document.bytes.size()) + " bytes";
            content = content_of_path(location.path);
            if (options_.key) {
                finding.secret_id = model::secret_id(
                    *options_.key, "file:" + crypto::sha256(document.bytes).to_string());
            }
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
                      const secrets::PlaceIndex& places, const text::LineIndex& lines,
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
    secrets::PlaceIndex places;
    for (const secrets::SecretFinding& finding : found) {
        if (finding.fact != nullptr) {
            places.add(finding.fact->secret_begin, finding.fact->secret_end);
        }
    }
    places.finish();
    const text::LineIndex lines(document.bytes);
    const FindingPlaces where(document, path, found);
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
    const ManyMatches many(result.room != nullptr ? &result.room->many() : nullptr, scratch);
    const secrets::Facts facts = program.examine(document, program.kind(path), scratch);
    if (facts.too_many) {
        result.coverage.gaps.push_back(
            {model::GapCause::kLimitReached, path,
             "more matches than are looked at in one file; the rest was not looked at"});
    }
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
