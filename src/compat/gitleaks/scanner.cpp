#include "compat/gitleaks/scanner.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "text/magic.h"
#include "text/utf8.h"

namespace merlon::compat::gitleaks {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
// Above what a piece can reach: 100,000 read, 25,000 looked ahead, 4,096 in the small buffer.
constexpr std::size_t kLookAheadBytes = 132'000;
constexpr std::uint64_t kMaxArchiveBytes = std::uint64_t{2} << 30;
constexpr std::uint64_t kMaxSecretPercent = 100;
constexpr std::size_t kHeadBytes = 512;
constexpr std::string_view kMisnamed =
    "is plain text under the name of an archive or compressed file, which gitleaks passes over; "
    "rename it, name it in an allowlist's paths, or use `merlon scan secrets`";

// Go's strings.ReplaceAll: an empty `old` stands before each code point and at the end.
std::string replace_all(std::string_view text, std::string_view old, std::string_view by) {
    std::string out;
    if (old.empty()) {
        for (; !text.empty();) {
            const std::size_t width = text::decode_utf8(text).width;
            out += by;
            out += text.substr(0, width);
            text.remove_prefix(width);
        }
        return out += by;
    }
    for (;;) {
        const std::size_t at = text.find(old);
        out += text.substr(0, at);
        if (at == std::string_view::npos) return out;
        out += by;
        text.remove_prefix(at + old.size());
    }
}

std::string masked(const std::string& secret, std::uint64_t percent) {
    if (percent >= kMaxSecretPercent) return "REDACTED";
    if (secret.empty()) return secret;
    // Half to even, as Go's math.RoundToEven; the default rounding mode does that.
    const double kept =
        static_cast<double>(secret.size()) * static_cast<double>(kMaxSecretPercent - percent) / 100;
    return secret.substr(0, static_cast<std::size_t>(std::nearbyint(kept))) + "...";
}

bool is_application(const Chunk& chunk) {
    return text::classify_magic(chunk.text.substr(0, chunk.read_bytes)) ==
           text::MagicClass::kApplication;
}

// A reader that fails with its last bytes takes their piece along; one that fails behind them only
// a piece that went there.
bool runs_into_damage(Reach reach, const Chunk& chunk) {
    if (reach == Reach::kButOpenPiece) return chunk.end_met == EndMet::kBehind;
    return reach == Reach::kButLastPiece && chunk.end_met != EndMet::kNot;
}

// What a finding holds of its file, and the two texts that each finding has of its own.
std::uint64_t text_bytes(const Row& row) {
    return row.line.size() + row.match.size() + row.secret.size() + row.fingerprint.size() +
           row.description.size();
}

// Empty where it cannot be read.
std::string first_bytes(const std::string& path) {
    auto opened = FileReader::open(path);
    std::string head(kHeadBytes, '\0');
    std::size_t held = 0;
    if (!opened.ok()) return {};
    FileReader reader = std::move(opened.result).value();
    while (held < head.size()) {
        const auto got = reader.read(std::span(head).subspan(held));
        if (!got.ok() || got.result.value() == 0) break;
        held += got.result.value();
    }
    head.resize(held);
    return head;
}

}  // namespace

bool is_skipped_path(const secrets::Config& config, const std::string& path) {
    return std::ranges::any_of(
        config.allowlists, [&](const secrets::Allowlist& list) { return list.allows_path(path); });
}

void redact(Row& row, std::uint64_t percent) {
    const std::string mask = masked(row.secret, percent);
    row.line = replace_all(row.line, row.secret, mask);
    row.match = replace_all(row.match, row.secret, mask);
    row.secret = mask;
}

Scanner::Scanner(const secrets::Program& program, const ScanOptions& options)
    : program_(program), options_(options), buffer_(kBufferBytes + kReadPadding) {}

FileFindings Scanner::scan_file(const Target& target) {
    FileFindings findings;
    result_ = &findings;
    const Place place{target.path, {}, target.symlink, 0};
    const Content content{
        [&] { return first_bytes(target.path); },
        [&]() -> Result<FileBytes> { return read_file(target.path, kMaxArchiveBytes).result; },
        {}};
    if (!scan_by_name(content, place)) {
        auto opened = FileReader::open(target.path);
        if (opened.ok()) {
            FileReader reader = std::move(opened.result).value();
            scan_content([&](std::span<char> buffer) { return reader.read(buffer); }, place);
        } else {
            gap(place, opened.result.error().message);
        }
    }
    return findings;
}

FileFindings Scanner::scan_stream(const ReadMore& read) {
    FileFindings findings;
    result_ = &findings;
    scan_content(read, Place{});
    return findings;
}

// Slides the content through the buffer; a piece is cut only where what lies ahead is known.
void Scanner::scan_content(const ReadMore& read, const Place& place) {
    const std::string path = place.full();
    std::size_t held = 0;
    bool at_end = false;
    Chunker chunker({});
    while (!options_.stopped()) {
        while (!at_end && held < kBufferBytes) {
            const auto got = read(std::span(buffer_).subspan(held, kBufferBytes - held));
            if (!got.ok()) {
                gap(place, got.result.error().message);
                at_end = true;
            } else if (got.result.value() == 0) {
                at_end = true;
            } else {
                held += got.result.value();
            }
        }
        std::memset(buffer_.data() + held, 0, kReadPadding);
        chunker.slide_to(std::string_view(buffer_.data(), held));
        while (chunker.remaining() > (at_end ? 0 : kLookAheadBytes)) {
            const bool is_start = chunker.lines_before() == 0;
            const Chunk chunk = *chunker.next();
            // gitleaks asks for the magic while it has not seen a line end.
            if (is_start && is_application(chunk)) return;
            scan_piece(chunk.text, static_cast<std::int64_t>(chunk.first_line), path,
                       place.symlink);
            if (options_.stopped()) return;
        }
        if (at_end) return;
        held = chunker.remaining();
        std::memmove(buffer_.data(), buffer_.data() + (kBufferBytes - held), held);
    }
}

void Scanner::scan_bytes(const Member& member, const Place& place) {
    const std::string path = place.full();
    const bool is_exact = options_.compatibility == Compatibility::kExact;
    if (is_exact && member.reach == Reach::kNothing) return;
    const std::size_t most = is_exact ? member.reached_bytes : member.bytes.size();
    Chunker chunker(member.bytes.substr(0, most), member.blocks);
    while (chunker.remaining() > 0 && !options_.stopped()) {
        const bool is_start = chunker.lines_before() == 0;
        const Chunk chunk = *chunker.next();
        if (is_start && is_application(chunk)) return;
        if (is_exact && runs_into_damage(member.reach, chunk)) return;
        scan_piece(chunk.text, static_cast<std::int64_t>(chunk.first_line), path, place.symlink);
    }
}

// Nothing where the name does not make it an archive or a compressed file, which is then dealt
// with.
std::optional<Outcome> Scanner::scan_by_name(const Content& content, const Place& place) {
    if (packing_of(place.path).is_none()) return std::nullopt;
    if (place.depth + 1 > options_.max_archive_depth) {
        const std::string head = content.head();
        if (!head.empty() && begins_as_text(head)) gap(place, std::string(kMisnamed));
        return Outcome::kComplete;
    }
    const Result<FileBytes> loaded = content.load();
    if (loaded.ok()) return scan_archive(loaded.value().bytes, content.blocks, place);
    gap(place, loaded.error().message);
    return Outcome::kBroken;
}

Outcome Scanner::scan_archive(std::string_view bytes, const ReadBlocks& blocks,
                              const Place& place) {
    const Packing packing = packing_of(place.path);
    const bool is_text = begins_as_text(bytes.substr(0, kHeadBytes));
    bool has_member = false;
    const auto visit = [&](const Member& member) {
        has_member = true;
        if (!packing.container) {
            scan_bytes(member, place);
            return Outcome::kComplete;
        }
        Place inner{clean_path(member.name), place.full() + "!", place.symlink, place.depth + 1};
        // Only members of the outermost archive are held against the allowlists' paths.
        if (place.depth == 0 && is_skipped_path(program_.config(), inner.path)) {
            return Outcome::kComplete;
        }
        // gitleaks opens no archive of which it has not all, but for a tar, which it reads on the
        // way.
        const Packing inner_packing = packing_of(inner.path);
        const bool needs_all =
            !inner_packing.is_none() && inner_packing.container != text::ContainerKind::kTar;
        const bool has_not_all =
            member.reach == Reach::kNothing || (needs_all && member.reach != Reach::kWhole);
        if (has_not_all && options_.compatibility == Compatibility::kExact) {
            return Outcome::kComplete;
        }
        const Content content{
            [&] { return std::string(member.bytes.substr(0, kHeadBytes)); },
            [&]() -> Result<FileBytes> { return FileBytes{nullptr, member.bytes}; }, member.blocks};
        if (const std::optional<Outcome> opened = scan_by_name(content, inner)) return *opened;
        scan_bytes(member, inner);
        return Outcome::kComplete;
    };
    const auto failed = [&](std::string_view name, std::string reason) {
        if (options_.stopped()) return;
        // A program that unpacks itself may begin as text.
        if (is_text && !has_member) return gap(place, std::string(kMisnamed));
        Place inner = place;
        if (!name.empty()) inner = Place{clean_path(name), place.full() + "!", {}, place.depth + 1};
        gap(inner, std::move(reason));
    };
    return unpack(bytes, packing, blocks, visit, failed, options_.cancel);
}

Scanner::Seen Scanner::scan_hunk(std::string_view added, std::int64_t first_line,
                                 const std::string& path, const std::string& commit,
                                 FileFindings& findings) {
    result_ = &findings;
    commit_ = commit;
    return scan_piece(added, first_line, path, {});
}

bool Scanner::may_hold(std::string_view lines, const std::string& path) {
    return program_.may_hold(lines, kind_of(path), scratch_);
}

model::DocumentKind Scanner::kind_of(const std::string& path) {
    if (kind_ && kind_path_ == path) return *kind_;
    kind_path_ = path;
    const auto known = kinds_.find(path);
    if (known != kinds_.end()) return *(kind_ = known->second);
    kind_ = program_.kind(path);
    if (kinds_.size() >= kMostKinds) kinds_.clear();
    kinds_.emplace(path, *kind_);
    return *kind_;
}

bool Scanner::opens(const std::string& path) const {
    return options_.max_archive_depth > 0 && !packing_of(path).is_none();
}

void Scanner::scan_binary(const FileBytes& content, const std::string& path,
                          const std::string& commit, FileFindings& findings) {
    result_ = &findings;
    commit_ = commit;
    const Content all{[&] { return std::string(content.bytes.substr(0, kHeadBytes)); },
                      [&]() -> Result<FileBytes> { return content; },
                      {}};
    scan_by_name(all, Place{path, {}, {}, 0});
}

Scanner::Seen Scanner::scan_piece(std::string_view text, std::int64_t first_line,
                                  const std::string& path, const std::string& symlink) {
    result_->bytes += text.size();
    if (!path.empty() && std::ranges::find(options_.own_files, path) != options_.own_files.end())
        return Seen::kSomething;
    model::Document document;
    document.bytes = text;
    const secrets::Facts facts = program_.examine(document, kind_of(path), scratch_);
    if (facts.matches.empty() && facts.path_rules.empty()) return Seen::kNothing;
    model::DeniedHost host;
    const secrets::Inputs inputs{path, commit_, first_line};
    for (const auto& finding : program_.conclude(std::span(&facts, 1), inputs, host)) {
        Row row = make_row(finding, text, path, symlink);
        if (options_.redact_percent > 0) redact(row, options_.redact_percent);
        if (options_.room != nullptr && !options_.room->take(text_bytes(row))) break;
        result_->rows.push_back(std::move(row));
    }
    return Seen::kSomething;
}

Row Scanner::make_row(const secrets::SecretFinding& finding, std::string_view text,
                      const std::string& path, const std::string& symlink) const {
    Row row;
    row.rule_id = finding.rule->id;
    row.description = finding.rule->description;
    row.start_line = finding.start_line;
    row.end_line = finding.end_line;
    row.start_column = finding.start_column;
    row.end_column = finding.end_column;
    if (finding.fact != nullptr) {
        const auto& fact = *finding.fact;
        if (options_.lines == KeepLines::kYes) {
            row.line = text.substr(fact.line_begin, fact.line_end - fact.line_begin);
        }
        row.entropy = static_cast<float>(fact.entropy);
    }
    row.match = finding.match;
    row.secret = finding.secret;
    row.file = path;
    row.symlink_file = symlink;
    row.tags = finding.tags;
    row.commit = commit_;
    row.fingerprint = fmt::format("{}{}{}:{}:{}", commit_, commit_.empty() ? "" : ":", path,
                                  row.rule_id, row.start_line);
    for (const secrets::Companion& companion : finding.companions)
        row.required.push_back(
            fmt::format("{}:{}:{}", companion.rule->id, companion.start_line, companion.secret));
    return row;
}

void Scanner::gap(const Place& place, std::string reason) {
    result_->gaps.push_back({place.full(), std::move(reason)});
}

}  // namespace merlon::compat::gitleaks
