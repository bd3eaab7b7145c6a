#include "evidence/signature.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/ascii.h"
#include "base/uri.h"
#include "crypto/digest.h"
#include "evidence/code_comment.h"
#include "evidence/decisions.h"
#include "model/fingerprint.h"

namespace merlon::evidence {
namespace {

// Fewer characters than this are in many places by chance: "eval(x)", "password:".
constexpr std::size_t kDistinctCharacters = 24;
constexpr std::size_t kDistinctBlock = 80;  // with the lines around
constexpr std::size_t kLeastFingerprint = 8;

std::array<char, kSignatureBytes> hash_of(std::string_view bytes) {
    const crypto::Digest digest = crypto::sha256(bytes);
    std::array<char, kSignatureBytes> value{};
    std::memcpy(value.data(), digest.bytes().data(), value.size());
    return value;
}

// Without the number of equals behind `mark`: "1f2e:2" is "1f2e".
std::string_view without_number(std::string_view value, char mark) {
    const std::size_t at = value.rfind(mark);
    if (at == std::string_view::npos || at == 0 || at + 1 == value.size()) return value;
    const std::string_view digits = value.substr(at + 1);
    const bool is_number = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    return is_number ? value.substr(0, at) : value;
}

struct NumberedFingerprint {
    std::string_view name;
    char mark;
};
constexpr std::array kNumbered{
    NumberedFingerprint{model::kLineHashAlgorithm, ':'},  // GitHub's, and those of its kind
    NumberedFingerprint{model::kLineHashAlgorithm, '_'},  // Bearer's
    NumberedFingerprint{"primaryLocationStartColumnFingerprint", ':'},
    NumberedFingerprint{"matchBasedId/v1", '_'},  // Semgrep's
};

// A digest with a number behind it counts equals, whatever the tool calls it.
std::string_view without_number_of_digest(std::string_view value) {
    constexpr std::size_t kLeastDigits = 32;  // MD5
    for (const char mark : {':', '_'}) {
        const std::string_view stem = without_number(value, mark);
        const bool is_digest =
            stem.size() >= kLeastDigits &&
            stem.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
        if (stem.size() < value.size() && is_digest) return stem;
    }
    return value;
}

// Whether it is the path and line of where it stands ("rule:src/a.c:10"), or the path alone: at
// that place something else may come to stand.
bool is_place(std::string_view value, const model::Location& location) {
    const auto* file = std::get_if<model::FileLocation>(&location);
    if (file == nullptr || file->path.empty()) return false;
    if (value == file->path) return true;
    const std::string line = std::to_string(file->region.start_line);
    const auto goes_on = [&](std::size_t at) {
        return at < value.size() &&
               (is_digit(value[at]) || (value[at] >= 'a' && value[at] <= 'z') ||
                (value[at] >= 'A' && value[at] <= 'Z'));
    };
    for (std::size_t at = value.find(file->path); at != std::string_view::npos;
         at = value.find(file->path, at + 1)) {
        const std::string_view behind = value.substr(at + file->path.size());
        if ((at > 0 && goes_on(at - 1)) || goes_on(at + file->path.size())) continue;
        for (std::size_t i = 0; i < behind.size(); ++i) {
            if (!is_digit(behind[i])) continue;
            const std::size_t end =
                std::min(behind.find_first_not_of("0123456789", i), behind.size());
            if (behind.substr(i, end - i) == line) return true;
            i = end - 1;
        }
    }
    return false;
}

// What names of commit data say of it: whose commit it was, when and which one, is the same of all
// that the commit brought in. gitleaks writes these.
bool is_of_commit(std::string_view name) {
    constexpr std::array<std::string_view, 21> kNames{
        "commit",     "commitsha", "commithash",    "commitid",       "commitmessage",
        "commitdate", "revision",  "author",        "authorname",     "authoremail",
        "authordate", "committer", "committername", "committeremail", "email",
        "mail",       "user",      "username",      "date",           "time",
        "timestamp"};
    std::string plain = lower_case(name);
    std::erase_if(plain, [](char c) { return c == '_' || c == '-' || c == ' '; });
    return std::ranges::find(kNames, plain) != kNames.end();
}

// "2026-01-01", alone or in front of a time of the day (RFC 3339).
bool is_date(std::string_view value) {
    constexpr std::string_view kShape = "0000-00-00";
    if (value.size() < kShape.size()) return false;
    for (std::size_t i = 0; i < kShape.size(); ++i)
        if (kShape[i] == '-' ? value[i] != '-' : !is_digit(value[i])) return false;
    return value.size() == kShape.size() || value[kShape.size()] == 'T';
}

// "dev@example.com": one '@', and behind it a host.
bool is_mail_address(std::string_view value) {
    const std::size_t at = value.find('@');
    if (at == 0 || at == std::string_view::npos || value.find('@', at + 1) != value.npos)
        return false;
    const std::string_view host = value.substr(at + 1);
    const std::size_t dot = host.find('.');
    return dot != 0 && dot != std::string_view::npos && !host.ends_with('.') &&
           value.find_first_of("/:") == std::string_view::npos;
}

// A place in its line is no identity: of itself it is the same in a hundred files; and neither is
// who has written it when.
bool is_weak(std::string_view name, std::string_view value) {
    return name == "primaryLocationStartColumnFingerprint" || value.size() < kLeastFingerprint ||
           value.find(' ') != std::string_view::npos || is_of_commit(name) || is_date(value) ||
           is_mail_address(value);
}

// The number that a server gave it: of a secret that it does not show, it knows which one it is.
constexpr std::string_view kServerFingerprint = "github/alert";

bool is_of_server(const model::Fingerprint& print) { return print.algorithm == kServerFingerprint; }

// All of a line whose comment is what the finding is about.
std::string_view code_of(std::string_view text, std::size_t line, const model::FileLocation& file) {
    const std::string_view code = without_comment(text, file.path);
    const bool is_in_comment = line == file.region.start_line &&
                               file.region.start_column > static_cast<std::int64_t>(code.size());
    return is_in_comment ? text : code;
}

// White space left out; `code` is `marked` without the comments behind its lines.
struct Lines {
    std::string marked, code, above, below;
};

Lines lines_of(const model::Finding& finding) {
    const model::Excerpt& excerpt = finding.excerpt;
    const auto* file = std::get_if<model::FileLocation>(&finding.location);
    if (excerpt.lines.empty() || file == nullptr) return {};
    const std::uint32_t first_marked = std::max(excerpt.mark_line, excerpt.first_line);
    const std::uint32_t last_marked = std::max(first_marked, file->region.end_line);
    Lines made;
    for (std::size_t i = 0; i < excerpt.lines.size(); ++i) {
        const std::size_t line = excerpt.first_line + i;
        const std::string text = without_space(excerpt.lines[i]);
        if (line < first_marked) {
            made.above += text;
        } else if (line > last_marked) {
            made.below += text;
        } else {
            made.marked += text;
            made.code += without_space(code_of(excerpt.lines[i], line, *file));
        }
    }
    return made;
}

class Collector {
  public:
    explicit Collector(const model::Finding& finding) : finding_(finding) {}

    Signatures collect() {
        if (is_told_by_place_only(finding_)) {
            add(Algorithm::kPlace, place());
            add_mask();
            std::ranges::sort(made_);
            return std::move(made_);
        }
        add_mask();
        add_package();
        if (!finding_.secret_id.empty() && !is_package_)
            add(Algorithm::kSecret, finding_.secret_id);
        for (const model::Fingerprint& print : finding_.fingerprints) add_fingerprint(print);
        if (const std::string_view object = property("object"); !object.empty())
            add(Algorithm::kResource, object);
        add_lines();
        if (made_.empty()) add(Algorithm::kMessage, finding_.message);
        std::ranges::sort(made_);
        made_.erase(std::unique(made_.begin(), made_.end()), made_.end());
        return std::move(made_);
    }

  private:
    void add(Algorithm algorithm, std::string_view text) {
        made_.push_back({algorithm, hash_of(text)});
    }

    std::string_view property(const std::string& name) const {
        const auto found = finding_.properties.find(name);
        return found == finding_.properties.end() ? std::string_view() : found->second;
    }

    // Only what is masked: a hash of the value without a key would tell it to who guesses.
    void add_mask() {
        const std::string_view key = property(std::string(kSecretKeyProperty));
        if (key.empty() || !finding_.secret.ends_with(kMask)) return;
        if (key != kNoSecretKey) add(Algorithm::kSecretKey, key);
        std::string look = finding_.secret + '\0';
        std::string shown = look;
        if (const auto* file = std::get_if<model::FileLocation>(&finding_.location)) {
            const auto& [line, column, end_line, end_column] = columns_of(*file);
            look += std::to_string(end_line - line) + ' ' + std::to_string(end_column - column);
            shown += std::to_string(column) + ' ' + std::to_string(end_line - line) + ' ' +
                     std::to_string(end_column);
        }
        shown += '\0' + finding_.match;
        for (const std::string& line : finding_.excerpt.lines) shown += '\n' + line;
        add(Algorithm::kMasked, shown);
        add(Algorithm::kMaskedLook, look);
    }

    struct Columns {
        std::int64_t line, column, end_line, end_column;
    };
    static Columns columns_of(const model::FileLocation& file) {
        return {file.region.start_line, file.region.start_column, file.region.end_line,
                file.region.end_column};
    }

    std::string place() const {
        const auto* file = std::get_if<model::FileLocation>(&finding_.location);
        if (file == nullptr) return model::to_string(finding_.location);
        return model::joined_path(*file) + '\0' + std::to_string(file->region.start_line);
    }

    void add_package() {
        std::string package(package_of(finding_));
        if (!package.empty()) {
            add(Algorithm::kPackage, package);
            is_package_ = true;
        } else if (!component_of(finding_).empty()) {
            package = property("object");  // without an address: as its ecosystem calls it
        }
        const std::string version = package_version_of(finding_);
        if (!package.empty() && !version.empty())
            add(Algorithm::kPackageVersion, package + '\0' + version);
    }

    void add_fingerprint(const model::Fingerprint& print) {
        if (is_weak(print.algorithm, print.value) || is_place(print.value, finding_.location))
            return;
        std::string_view value = without_number_of_digest(print.value);
        for (const NumberedFingerprint& known : kNumbered)
            if (known.name == print.algorithm) value = without_number(value, known.mark);
        const bool is_numbered = print.algorithm == model::kContextAlgorithm;
        if (is_numbered && is_package_) return;
        add(is_numbered ? Algorithm::kContext : Algorithm::kFingerprint,
            print.algorithm + '\0' + std::string(value));
    }

    void add_lines() {
        const Lines lines = lines_of(finding_);
        if (!lines.marked.empty())
            add(lines.marked.size() >= kDistinctCharacters ? Algorithm::kDistinctContent
                                                           : Algorithm::kContent,
                lines.marked);
        if (lines.code != lines.marked) add(Algorithm::kCode, lines.code);
        if (lines.above.empty() && lines.below.empty()) return;
        const std::string around = lines.above + '\n' + lines.below;
        add(Algorithm::kSurround, around);
        // The end of a file cuts off what would tell of that side.
        const bool is_whole = !lines.above.empty() && !lines.below.empty();
        if (is_whole && !lines.marked.empty() &&
            lines.marked.size() + around.size() > kDistinctBlock)
            add(Algorithm::kBlock, lines.marked + '\n' + around);
    }

    const model::Finding& finding_;
    Signatures made_;
    bool is_package_ = false;
};

// Where a package URL without its version ends.
std::size_t version_place(std::string_view purl) {
    const std::size_t end = std::min(purl.find_first_of("?#"), purl.size());
    purl = purl.substr(0, end);
    const std::size_t at = purl.rfind('@');
    return at != std::string_view::npos && at > purl.rfind('/') ? at : end;
}

}  // namespace

std::string without_space(std::string_view text) {
    std::string kept;
    kept.reserve(text.size());
    for (const char c : text)
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') kept += c;
    return kept;
}

std::string_view package_of(const model::Finding& finding) {
    const auto found = finding.properties.find("purl");
    if (found == finding.properties.end()) return {};
    const std::string_view purl = found->second;
    return purl.substr(0, version_place(purl));
}

std::string package_version_of(const model::Finding& finding) {
    const auto found = finding.properties.find("purl");
    if (found != finding.properties.end()) return purl_parts(found->second).version;
    const auto version = finding.properties.find("version");
    const bool is_package = finding.properties.contains("package");
    return is_package && version != finding.properties.end() ? version->second : std::string();
}

std::string component_of(const model::Finding& finding) {
    const auto found = finding.properties.find("package");
    return found == finding.properties.end() || found->second.empty()
               ? std::string()
               : std::string(kComponentPrefix) + found->second;
}

PurlParts purl_parts(std::string_view purl) {
    purl = purl.substr(0, purl.find_first_of("?#"));
    const std::size_t at = version_place(purl);
    return {.package = purl.substr(0, at),
            .version = at < purl.size() ? percent_decode(purl.substr(at + 1)) : std::string()};
}

bool is_looked_up(const Signature& one, const Signatures& all) {
    if (one.algorithm == Algorithm::kSurround) return false;
    if (one.algorithm != Algorithm::kContent && one.algorithm != Algorithm::kDistinctContent)
        return true;
    return std::ranges::find(all, Algorithm::kCode, &Signature::algorithm) == all.end();
}

bool is_told_by_place_only(const model::Finding& finding) {
    return !finding.secret.empty() && finding.secret_id.empty() &&
           std::ranges::none_of(finding.fingerprints, is_of_server);
}

std::string code_text(const model::Finding& finding) {
    std::string code = lines_of(finding).code;
    return code.find(kMask) == std::string::npos ? code : std::string();
}

Signatures signatures_of(const model::Finding& finding) { return Collector(finding).collect(); }

std::array<char, kSignatureBytes> print_of(std::string_view finding_as_json) {
    return hash_of(finding_as_json);
}

std::string packed(const Signatures& signatures) {
    std::string bytes;
    bytes.reserve(signatures.size() * (kSignatureBytes + 1));
    for (const Signature& signature : signatures) {
        bytes += static_cast<char>(signature.algorithm);
        bytes += signature.bytes();
    }
    return bytes;
}

Result<Signatures> unpacked(std::string_view bytes) {
    if (bytes.size() % (kSignatureBytes + 1) != 0)
        return Error{"the store has signatures that are cut short: run 'merlon store check'"};
    Signatures signatures(bytes.size() / (kSignatureBytes + 1));
    for (std::size_t i = 0; i < signatures.size(); ++i) {
        const std::string_view one = bytes.substr(i * (kSignatureBytes + 1), kSignatureBytes + 1);
        signatures[i].algorithm = static_cast<Algorithm>(one[0]);
        std::memcpy(signatures[i].value.data(), one.data() + 1, kSignatureBytes);
    }
    return signatures;
}

}  // namespace merlon::evidence
